/** The head of a scenario: its title, the design, the kernel's settings, and the programs and files that its calls name. */
import { hex, sizeText } from '../base/units';
import { DESIGN_NAMES } from '../engine/designs/designs';
import type { MachineConfig, Rlimits } from '../engine/machine';
import { BUDGET } from '../engine/meter';
import type { TlbShape } from '../engine/mm/tlb';
import type { Settings } from '../engine/process';
import { RULES_NAMES } from '../engine/rules';
import { TEXT_LENGTH } from './limits';
import { parseNumber } from './numbers';
import type { Setting } from './scenario';

/** An area of a program, as a line of `/proc/PID/maps` says it. */
export interface LayoutArea {
  readonly start: number;
  readonly end: number;
  /** As in `maps`: `r-xp`. */
  readonly perms: string;
  /** Bytes into the file. */
  readonly offset: number;
  /** Pages present, from the start of the area. */
  readonly present: number;
  /** A path, a name in brackets such as `[stack]`, or empty. */
  readonly name: string;
}

/** What `exec` gives a process. */
export interface Layout {
  readonly areas: readonly LayoutArea[];
  /** Top of the room for new mappings; 0 for the usual one. */
  readonly mmap_base: number;
  /** Where the heap starts; 0 for right behind the program. */
  readonly brk: number;
}

/** An ordinary file that can be opened and mapped: clean, wholly in the page cache. */
export interface LayoutFile {
  readonly path: string;
  readonly bytes: number;
}

/** What a head sets; a setting that it leaves out is the default machine's. */
export interface Head {
  readonly title: string;
  /** Name of the design; '' leaves the choice to whoever runs it. */
  readonly design: string;
  /** Whose rules: a kernel release; '' for the newest. */
  readonly rules: string;
  readonly config: Omit<Settings, 'design'>;
  readonly files: readonly LayoutFile[];
  /** By name. */
  readonly layouts: ReadonlyMap<string, Layout>;
}

export interface SettingShape {
  readonly meaning: string;
  /** How the value is written, for errors and completion. */
  readonly expected: string;
  /** Words that it can be, for completion; empty where anything goes. */
  readonly choices: readonly string[];
  /** May stand several times. */
  readonly many: boolean;
  /** Takes the line to its end: `#` begins no comment in it. */
  readonly whole: boolean;
  /** The value, or undefined where the text is none. */
  readonly read: (text: string) => string | number | undefined;
  readonly write: (value: string | number) => string;
}

const plain = (value: string | number): string => String(value);

function words(meaning: string, ...choices: string[]): SettingShape {
  const read = (text: string): string | undefined => (choices.includes(text) ? text : undefined);
  return { meaning, expected: choices.join(' or '), choices, many: false, whole: false, read, write: plain };
}

function number(meaning: string, least: number, most: number, asSize: boolean): SettingShape {
  const read = (text: string): number | undefined => {
    const value = parseNumber(text);
    return value !== undefined && value >= least && value <= most ? value : undefined;
  };
  const show = (n: number): string => (asSize ? sizeText(n) : String(n));
  const expected = `a ${asSize ? 'size' : 'number'} from ${show(least)} to ${show(most)}`;
  return { meaning, expected, choices: [], many: false, whole: false, read, write: (value) => show(Number(value)) };
}

/** Has nothing at its ends that would be cut off, and nothing in it that ends a line. */
const isPath = (text: string): boolean =>
  text !== '' && text.length <= TEXT_LENGTH && text.trim() === text && !/[\n\r\u2028\u2029]/.test(text);

function readFile(text: string): string | undefined {
  const gap = text.search(/\s/);
  const path = gap <= 0 ? '' : text.slice(gap).trimStart();
  const bytes = isPath(path) ? parseNumber(text.slice(0, gap)) : undefined;
  return bytes === undefined || bytes > 2 ** 40 ? undefined : `${sizeText(bytes)} ${path}`;
}

const AREA =
  /^([A-Za-z_][\w.+-]{0,63}) ([0-9a-f]{1,16})-([0-9a-f]{1,16}) ([r-][w-][x-][ps]) ([0-9a-f]{1,16}) (\d{1,9})(?: ([^\n\r\u2028\u2029]{1,4096}))?$/;
const PLACE = /^([A-Za-z_][\w.+-]{0,63}) (mmap_base|brk) ([0-9a-f]{1,16})$/;
const PAGE = 4096;
const TOP = 0x7ffffffff000;

const address = (text: string): number => {
  const value = Number.parseInt(text, 16);
  return value % PAGE === 0 && value <= TOP ? value : Number.NaN;
};

function readLayout(text: string): string | undefined {
  const line = text.replace(/[ \t]+/g, ' ');
  const place = PLACE.exec(line);
  if (place) {
    const at = place[2] === 'brk' ? Number.parseInt(place[3], 16) : address(place[3]);
    return at < TOP ? `${place[1]} ${place[2]} ${hex(at)}` : undefined;
  }
  const found = AREA.exec(line);
  if (!found) return undefined;
  const [, program, from, to, perms, offset, present, name = ''] = found;
  const [start, end, off] = [address(from), address(to), address(offset)];
  if (Number.isNaN(start + end + off) || start >= end || Number(present) > (end - start) / PAGE) return undefined;
  const tail = name === '' ? '' : ` ${name}`;
  return `${program} ${hex(start)}-${hex(end)} ${perms} ${hex(off).padStart(8, '0')} ${Number(present)}${tail}`;
}

/** `4x4+1x8` as a shape; null for what is none or too large. */
function readTlb(text: string): TlbShape | null {
  const found = /^(\d{1,3})x(\d{1,2})\+(\d{1,3})x(\d{1,2})$/.exec(text);
  if (!found) return null;
  const [sets, ways, largeSets, largeWays] = found.slice(1).map(Number);
  return sets > 0 && ways > 0 && largeSets > 0 && largeWays > 0 ? { sets, ways, largeSets, largeWays } : null;
}

const GIB = 2 ** 30;

/** Every line that a head can have, by name. */
export const SETTINGS: Readonly<Record<string, SettingShape>> = {
  title: {
    meaning: 'What the scenario is called.',
    expected: 'a text of at most 200 characters',
    choices: [],
    many: false,
    whole: true,
    read: (text) => (text.length > 0 && text.length <= 200 ? text : undefined),
    write: plain,
  },
  design: words('The kernel’s design: how the core finds out what a mapping needs.', ...DESIGN_NAMES),
  rules: words('Whose rules huge pages follow: a kernel release.', ...RULES_NAMES),
  memory: number('Physical memory.', 2 ** 24, 256 * GIB, true),
  thp: words('/sys/kernel/mm/transparent_hugepage/enabled', 'always', 'madvise', 'never'),
  overcommit_memory: number('/proc/sys/vm/overcommit_memory', 0, 2, false),
  max_map_count: number('/proc/sys/vm/max_map_count: most areas of a process.', 1, 2 ** 31 - 1, false),
  user: words(
    'Whose processes: root is above RLIMIT_MEMLOCK and may map address 0. Left out: nobody where memlock is set, else root.',
    'root',
    'nobody',
  ),
  memlock: number('RLIMIT_MEMLOCK: most memory that a process may lock.', 0, 2 ** 46, true),
  stack: number('RLIMIT_STACK: how far an area that grows down may grow.', 0, 2 ** 46, true),
  as: number('RLIMIT_AS: the largest address space.', 0, 2 ** 47, true),
  data: number('RLIMIT_DATA: most private memory that a process may write.', 0, 2 ** 47, true),
  most_steps: number('Most steps of work that one operation may take: entries, tables, faults.', 1000, 2 ** 40, false),
  most_bytes: number(
    'Most bytes of the computer’s own memory that the machine’s state may take.',
    2 ** 24,
    2 ** 32,
    true,
  ),
  faulty_device: words('Whether /dev/page-huge has the faults that it had in 2007.', 'on', 'off'),
  hugetlbfs_size: number('The size of the mount of /dev/hugepages: most that its files may hold.', 0, 2 ** 40, true),
  tlb: {
    meaning: 'A translation cache is modelled: rows x entries of each for small pages, + the same for large ones.',
    expected: 'such as 4x4+1x8',
    choices: [],
    many: false,
    whole: false,
    read: (text) => (readTlb(text) === null ? undefined : text),
    write: plain,
  },
  file: {
    meaning: 'An ordinary file that can be opened: its size and path.',
    expected: 'a size and a path',
    choices: [],
    many: true,
    whole: true,
    read: readFile,
    write: plain,
  },
  layout: {
    meaning:
      'An area of a program that exec starts, as /proc/PID/maps writes it, with the pages present; or its mmap_base or brk.',
    expected: 'NAME START-END PERMS OFFSET PAGES PATH, NAME mmap_base ADDRESS, or NAME brk ADDRESS',
    choices: [],
    many: true,
    whole: true,
    read: readLayout,
    write: plain,
  },
};

/** Bytes of the file that a `file` line makes. */
export const fileBytes = (value: string | number): number => parseNumber(String(value).split(' ', 1)[0]) ?? 0;

export const SETTING_NAMES: readonly string[] = Object.keys(SETTINGS);

export const settingShape = (name: string): SettingShape | undefined =>
  Object.hasOwn(SETTINGS, name) ? SETTINGS[name] : undefined;

/** The program that a `layout` line belongs to. */
export const layoutProgram = (value: string | number): string => String(value).split(' ', 1)[0];

/** Takes the head's lines together. They come from `parse` and hold what `SETTINGS` reads. */
export function readHead(settings: readonly Setting[]): Head {
  const value = new Map<string, string | number>();
  const files: LayoutFile[] = [];
  const layouts = new Map<string, { areas: LayoutArea[]; mmap_base: number; brk: number }>();
  for (const setting of settings) {
    if (setting.name === 'file') {
      const [bytes] = String(setting.value).split(' ', 1);
      files.push({ path: String(setting.value).slice(bytes.length + 1), bytes: parseNumber(bytes) ?? 0 });
    } else if (setting.name === 'layout') addLayout(layouts, String(setting.value));
    else value.set(setting.name, setting.value);
  }
  const text = (name: string): string => String(value.get(name) ?? '');
  const config: { -readonly [K in keyof Head['config']]: Head['config'][K] } = {};
  for (const name of ['memory', 'max_map_count'] as const) if (value.has(name)) config[name] = Number(value.get(name));
  const rlimit: { -readonly [K in keyof Rlimits]?: number } = {};
  for (const name of ['memlock', 'stack', 'as', 'data'] as const)
    if (value.has(name)) rlimit[name] = Number(value.get(name));
  if (Object.keys(rlimit).length > 0) config.rlimit = rlimit;
  // Root does not feel a limit on locked memory: who sets one means somebody else.
  if (value.has('user') || value.has('memlock')) config.user = text('user') === 'root' ? 'root' : 'nobody';
  if (value.has('overcommit_memory')) config.overcommit_memory = Number(value.get('overcommit_memory')) as 0 | 1 | 2;
  if (value.has('most_steps') || value.has('most_bytes'))
    config.budget = {
      steps: Number(value.get('most_steps') ?? BUDGET.steps),
      bytes: Number(value.get('most_bytes') ?? BUDGET.bytes),
    };
  if (value.has('thp')) config.thp = text('thp') as MachineConfig['thp'];
  if (value.has('faulty_device')) config.faultyDevice = text('faulty_device') === 'on';
  if (value.has('hugetlbfs_size')) config.hugetlbfs_size = Number(value.get('hugetlbfs_size'));
  if (value.has('tlb')) config.tlb = readTlb(text('tlb'));
  return { title: text('title'), design: text('design'), rules: text('rules'), config, files, layouts };
}

function addLayout(layouts: Map<string, { areas: LayoutArea[]; mmap_base: number; brk: number }>, line: string): void {
  const program = layoutProgram(line);
  const layout = layouts.get(program) ?? { areas: [], mmap_base: 0, brk: 0 };
  layouts.set(program, layout);
  const place = PLACE.exec(line);
  if (place) {
    layout[place[2] as 'mmap_base' | 'brk'] = Number.parseInt(place[3], 16);
    return;
  }
  const [, , from, to, perms, offset, present, name = ''] = AREA.exec(line) ?? [];
  layout.areas.push({
    start: Number.parseInt(from, 16),
    end: Number.parseInt(to, 16),
    perms,
    offset: Number.parseInt(offset, 16),
    present: Number(present),
    name,
  });
}
