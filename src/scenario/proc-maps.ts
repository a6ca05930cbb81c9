/**
 * `/proc/PID/maps` or `smaps` as a scenario: a program with the areas as they stand. `smaps` says how much of each is present, not
 * which pages; they are taken from its start.
 */
import { hex, PAGE_SIZE, PMD_SIZE } from '../base/units';
import { MAP_ANONYMOUS, MAP_FIXED, MAP_HUGETLB, MAP_PRIVATE, MAP_SHARED } from '../engine/uapi';
import { settingShape } from './head';
import { DIAGNOSTICS } from './limits';
import { plainPath } from './paths';
import type { Argument, Call, Scenario, Setting, Statement } from './scenario';

export interface MapsImport {
  readonly scenario: Scenario;
  /** What a person should know, a sentence each. */
  readonly notes: readonly string[];
  readonly lines: number;
  readonly areas: number;
  /** Lines that make no sense. */
  readonly unreadable: number;
}

interface Area {
  readonly start: number;
  readonly end: number;
  readonly perms: string;
  readonly offset: number;
  readonly name: string;
  /** Fields of `smaps`, KiB. */
  readonly fields: Map<string, number>;
  huge: boolean;
  /** Of the text, from 1. */
  readonly line: number;
}

const HEADER = /^([0-9a-f]{1,16})-([0-9a-f]{1,16}) ([r-][w-][x-][ps]) ([0-9a-f]{1,16}) [0-9a-f]+:[0-9a-f]+ \d+(?![^ ])/;
const FIELD = /^(\w+): +(\d+)(?: kB)?$/;
/** Fields of `smaps` that are taken over. */
const FIELDS = new Set(['Rss', 'KernelPageSize', 'Private_Hugetlb', 'Shared_Hugetlb', 'AnonHugePages']);
const TOP = 0x7ffffffff000;
/** Areas and frames that one scenario takes at most; more would not fit into the machine. */
const AREAS = 65_000;
const PRESENT = 16 * 2 ** 30;
/** Files beyond this are shown as memory without a file: every page of a file is in the cache. */
const FILE_BYTES = 2 ** 29;

function readAreas(text: string): {
  areas: Area[];
  lines: number;
  unreadable: number;
  findings: string[];
} {
  const areas: Area[] = [];
  let lines = 0;
  let unreadable = 0;
  let number = 0;
  for (const whole of text.split('\n')) {
    number++;
    if (whole.trim() === '') continue;
    lines++;
    const line = whole.length > 0 && whole.endsWith('\r') ? whole.slice(0, -1) : whole;
    const header = HEADER.exec(line.length > 5000 ? '' : line);
    const last = areas.at(-1);
    if (header !== null) {
      const [start, end, offset] = [header[1], header[2], header[4]].map((digits) => Number.parseInt(digits, 16));
      const aligned = (start % PAGE_SIZE) + (end % PAGE_SIZE) + (offset % PAGE_SIZE) === 0;
      const good = aligned && start < end && start >= (last?.end ?? 0) && offset <= TOP;
      if (!good) unreadable++;
      else if (end <= TOP && areas.length < AREAS) {
        const name = plainPath(line.slice(header[0].length));
        areas.push({ start, end, perms: header[3], offset, name, fields: new Map(), huge: false, line: number });
      }
      continue;
    }
    const field = FIELD.exec(line.length > 200 ? '' : line.trimEnd());
    if (field !== null && last !== undefined) {
      if (FIELDS.has(field[1])) last.fields.set(field[1], Number(field[2]));
    } else if (line.startsWith('VmFlags:') && last !== undefined) last.huge = / ht( |$)/.test(line);
    else unreadable++;
  }
  const findings: string[] = [];
  for (const area of areas) {
    area.huge ||= area.name.includes('anon_hugepage') || (area.fields.get('KernelPageSize') ?? 4) > 4;
    if (!area.huge || (area.start % PMD_SIZE === 0 && area.end % PMD_SIZE === 0)) continue;
    area.huge = false;
    if (findings.length < DIAGNOSTICS)
      findings.push(
        `Line ${area.line}, column 1: an area of huge pages begins and ends at a multiple of 2 MiB, and ` +
          `${hex(area.start)}-${hex(area.end)} does not: it is taken for ordinary memory. Copy the line whole.`,
      );
  }
  return { areas, lines, unreadable, findings };
}

const DELETED = / \(deleted\)$/;
/** Memory that several processes share, without a file that is there for everybody. */
const isSharedMemory = ({ perms, name }: Area): boolean =>
  perms[3] === 's' && /^(\/dev\/zero|\/memfd:|\/SYSV|\/dev\/shm\/|$)/.test(name);

const protOf = (perms: string): number => ['r', 'w', 'x'].reduce((sum, c, i) => sum + (perms[i] === c ? 1 << i : 0), 0);

/** The layout line's name: what the kernel gives a name in brackets, and files; nothing for memory that only has a label. */
function layoutName(area: Area, bytes: ReadonlyMap<string, number>): string {
  const { name } = area;
  if (/^\[(heap|stack|vdso|vvar\w*)\]$/.test(name)) return name;
  if (!name.startsWith('/') || (bytes.get(name) ?? 0) > FILE_BYTES) return '';
  return name.replace(DELETED, '');
}

/** Reads a `/proc` file. Never throws on any text. */
export function importMaps(text: string): MapsImport {
  const { areas, lines, unreadable, findings } = readAreas(text);
  const notes = [...findings];
  const bytes = new Map<string, number>();
  for (const { name, offset, end, start } of areas)
    bytes.set(name, Math.max(bytes.get(name) ?? 0, offset + end - start));
  const code = areas.find(({ perms, name }) => perms.includes('x') && name.startsWith('/')) ?? areas[0];
  const path = code?.name.replace(DELETED, '') ?? '';
  const program =
    (path.split('/').pop() ?? '')
      .replace(/[^\w.+-]/g, '_')
      .replace(/^[^A-Za-z_]/, '_')
      .slice(0, 40) || 'program';
  const settings: Setting[] = [];
  const set = (name: string, value: string): void => {
    const read = settingShape(name)?.read(value);
    if (read !== undefined) settings.push({ kind: 'setting', name, value: read, above: [], behind: '' });
  };
  set('title', `The areas of ${program}`);
  const laid = areas.filter((area) => !area.huge && !isSharedMemory(area));
  const made = areas.filter((area) => area.huge || isSharedMemory(area));
  let room = PRESENT / PAGE_SIZE;
  const base = laid.findLast(({ name, end }) => name !== '[stack]' && end < TOP - 2 ** 24)?.end ?? 0;
  if (base > 0) set('layout', `${program} mmap_base ${hex(base)}`);
  for (const area of laid) {
    const { start, end, perms, offset } = area;
    const name = layoutName(area, bytes);
    const rss = Math.floor((area.fields.get('Rss') ?? 0) / 4);
    const present = name.startsWith('[v') ? 0 : Math.min(rss, (end - start) / PAGE_SIZE, room);
    room -= present;
    const shown = name === '' ? perms.replace('s', 'p') : perms;
    const where = name === '' || name.startsWith('[') ? '0' : hex(offset);
    set('layout', `${program} ${hex(start)}-${hex(end)} ${shown} ${where} ${present}${name === '' ? '' : ` ${name}`}`);
  }
  if (room <= 0) notes.push(`Only the first ${PRESENT / 2 ** 30} GiB that are present were taken over.`);
  if ([...bytes.values()].some((n) => n > FILE_BYTES))
    notes.push('Very large files are shown as memory without a file.');
  if (laid.some(({ fields }) => (fields.get('AnonHugePages') ?? 0) > 0))
    notes.push('Transparent huge pages are shown as pages of 4 KiB.');
  const statements: Statement[] = [...settings, ...callsOf(laid.length > 0 ? program : '', made)];
  if (laid.length > 0)
    statements.push({
      kind: 'expect',
      process: '',
      field: 'areas',
      args: [],
      value: areas.length,
      above: [],
      behind: '',
    });
  return { scenario: { statements, below: [] }, notes, lines, areas: areas.length, unreadable };
}

const call = (name: string, ...args: Argument[]): Call => ({
  kind: 'call',
  process: '',
  result: '',
  call: name,
  args,
  expected: null,
  above: [],
  behind: '',
});

/** Starts the program, if there is anything of it, then maps what is not a program's: huge pages and shared memory. */
function callsOf(program: string, made: readonly Area[]): Call[] {
  const calls: Call[] = [];
  const pages = made.reduce((sum, { huge, start, end }) => sum + (huge ? Math.ceil((end - start) / PMD_SIZE) : 0), 0);
  if (pages > 0) calls.push(call('pool', pages));
  if (program !== '') calls.push({ ...call('exec', program), expected: { kind: 'value', value: 0 } });
  for (const { start, end, perms, fields, huge } of made) {
    const kind = perms[3] === 's' ? MAP_SHARED : MAP_PRIVATE;
    const flags = kind | MAP_ANONYMOUS | MAP_FIXED | (huge ? MAP_HUGETLB : 0);
    calls.push({
      ...call('mmap', start, end - start, protOf(perms), flags),
      expected: { kind: 'value', value: start },
    });
    const unit = huge ? PMD_SIZE : PAGE_SIZE;
    const kib = huge
      ? (fields.get('Private_Hugetlb') ?? 0) + (fields.get('Shared_Hugetlb') ?? 0)
      : (fields.get('Rss') ?? 0);
    const present = Math.min(Math.floor((kib * 1024) / unit), (end - start) / unit);
    if (present >= 1 && perms[0] === 'r') calls.push(call(perms[1] === 'w' ? 'write' : 'read', start, present, unit));
  }
  return calls;
}
