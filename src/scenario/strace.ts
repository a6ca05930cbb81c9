/**
 * Output of strace as a scenario in which every call about memory runs, and its recorded result is an expectation. Files are
 * opaque mappings of sufficient size. What strace cannot show, where a program's own areas lie, is inferred: the top of the room for mappings
 * from the first mapping, the heap from the first brk, and areas from calls that succeeded on memory that nobody mapped.
 */
import { hex, roundUp } from '../base/units';
import { settingShape } from './head';
import { FILES_BYTES, IMPORTED } from './limits';
import type { Call, Scenario, Setting } from './scenario';
import { EXECS, take, WANTED } from './strace-calls';
import { LineReader, LONGEST_LINE, type TracedCall } from './strace-lines';
import { inOrder } from './strace-order';
import { scenarioPath, World } from './strace-world';

/** One file of strace's output. With `-ff` there is one for each process, its number behind the last dot of the name. */
export interface TraceFile {
  readonly name: string;
  readonly text: string;
}

export interface TraceImport {
  readonly scenario: Scenario;
  /** What a person should know about what was and was not taken over, a sentence each. */
  readonly notes: readonly string[];
  readonly lines: number;
  /** Calls that the scenario repeats. */
  readonly calls: number;
  /** Calls that are no business of memory, by name. */
  readonly other: ReadonlyMap<string, number>;
  readonly unreadable: number;
}

export interface Progress {
  readonly done: number;
  readonly of: number;
}

/** Calls that change the address space and that the machine does not have. */
const MISSING = ['shmat', 'shmdt', 'remap_file_pages', 'process_madvise', 'userfaultfd', 'mseal', 'map_shadow_stack'];

/** The pid of the lines that name none. */
const ONLY = 1;
const LINES_AT_ONCE = 1000;

/** Reads traces. Yields from time to time; never throws on any text. */
export function* importStrace(files: readonly TraceFile[]): Generator<Progress, TraceImport> {
  const of = files.reduce((sum, file) => sum + file.text.length, 0);
  const readers: LineReader[] = [];
  let read = 0;
  for (const file of files) {
    const reader = new LineReader(
      WANTED,
      Number(/\.(\d+)(?:\.gz)?$/.exec(file.name)?.[1] ?? ONLY),
      IMPORTED.operations,
    );
    readers.push(reader);
    for (let at = 0; at < file.text.length;) {
      let end = file.text.indexOf('\n', at);
      if (end < 0) end = file.text.length;
      reader.read(file.text.slice(at, Math.min(end, at + LONGEST_LINE)));
      at = end + 1;
      if (reader.counts.lines % LINES_AT_ONCE === 0) yield { done: (read + at) * READING, of };
    }
    read += file.text.length;
  }
  const calls = inOrder(readers);
  const world = new World();
  const title = titleOf(calls);
  let n = 0;
  for (const call of calls) {
    if (world.script.calls.length >= IMPORTED.operations) break;
    take(world, call);
    if (++n % LINES_AT_ONCE === 0) yield { done: (READING + (1 - READING) * (n / calls.length)) * of, of };
  }
  return finish(world, title, readers, n < calls.length || readers.some(({ full }) => full));
}

/** Part of the work that reading the lines is. */
const READING = 0.7;

/** Carries an import through at once. */
export function importStraceNow(files: readonly TraceFile[]): TraceImport {
  const work = importStrace(files);
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}

/** What stands in quotes; a last one that does not end counts. */
function wordsIn(text: string): string[] {
  const words: string[] = [];
  let word: string | null = null;
  for (let i = 0; i < text.length; i++) {
    const c = text[i];
    if (c === '"') {
      if (word !== null) words.push(word);
      word = word === null ? '' : null;
    } else if (word !== null) word += c === '\\' && i + 1 < text.length ? c + text[++i] : c;
  }
  return word === null ? words : [...words, word];
}

function titleOf(calls: readonly TracedCall[]): string {
  const first = calls.find((call) => EXECS.includes(call.name) && call.result === '0');
  const command = wordsIn((first?.args[1] ?? '').slice(0, 1000))
    .join(' ')
    .replace(/[\p{Cc}\u2028\u2029]/gu, ' ')
    .slice(0, 150)
    .trim();
  return command === '' ? 'A traced program' : `Traced: ${command}`;
}

/** Where the room for mappings ends without randomisation. */
const USUAL_BASE = 0x7ffff7fff000;
const STACK_START = 0x7ffffffde000;
const STACK_END = 0x7ffffffff000;

function finish(world: World, title: string, readers: readonly LineReader[], cut: boolean): TraceImport {
  const { script } = world;
  const settings: Setting[] = [];
  const set = (name: string, value: string | number): void => {
    // As it is read again; what cannot be written down (a path that ends a line) is left out.
    const read = typeof value === 'string' ? settingShape(name)?.read(value) : value;
    if (read !== undefined) settings.push({ kind: 'setting', name, value: read, above: [], behind: '' });
  };
  set('title', title);
  // A mapping beyond all memory would be refused: the traced machine had more.
  if (script.largest > 12 * 2 ** 30)
    set('memory', Math.min(256 * 2 ** 30, 2 ** Math.ceil(Math.log2(script.largest * 2))));
  let room = FILES_BYTES;
  for (const [path, bytes] of script.files) {
    room -= roundUp(bytes, 1024);
    if (room >= 0) set('file', `${bytesText(bytes)} ${scenarioPath(path)}`);
  }
  if (room < 0) world.findings.push(`Only files of ${FILES_BYTES / 2 ** 30} GiB together were taken over.`);
  for (const program of world.programs) {
    set('layout', `${program.name} mmap_base ${hex(program.mmapBase > 0 ? program.mmapBase : USUAL_BASE)}`);
    if (program.brk > 0) set('layout', `${program.name} brk ${hex(program.brk)}`);
    const { before } = program;
    const stack = before.missing(STACK_START, STACK_END);
    const areas = [...before].map(([start, end]) => ({ start, end, name: start < program.brk ? program.path : '' }));
    if (stack.length === 1 && stack[0][1] - stack[0][0] === STACK_END - STACK_START)
      areas.push({ start: STACK_START, end: STACK_END, name: '[stack]' });
    for (const { start, end, name } of areas)
      if (end <= STACK_END)
        set(
          'layout',
          `${program.name} ${hex(start)}-${hex(end)} rw-p 00000000 0${/^\S.*\S$/.test(name) ? ` ${name}` : ''}`,
        );
  }
  const pool: Call[] =
    script.hugePages === 0
      ? []
      : [
          {
            kind: 'call',
            process: '',
            result: '',
            call: 'pool',
            args: [script.hugePages],
            expected: null,
            above: [],
            behind: '',
          },
        ];
  const other = new Map<string, number>();
  for (const { counts } of readers) for (const [name, n] of counts.other) other.set(name, (other.get(name) ?? 0) + n);
  const unreadable = readers.reduce((sum, reader) => sum + reader.counts.unreadable, 0);
  return {
    scenario: { statements: [...settings, ...pool, ...script.calls], below: [] },
    notes: notesOf(world, other, unreadable, cut),
    lines: readers.reduce((sum, reader) => sum + reader.counts.lines, 0),
    calls: script.calls.length,
    other,
    unreadable,
  };
}

/** A size as the head writes it. */
const bytesText = (bytes: number): string => `${Math.ceil(bytes / 1024)}K`;

function notesOf(world: World, other: ReadonlyMap<string, number>, unreadable: number, cut: boolean): string[] {
  const notes = [...world.findings];
  const ignored = [...other.values()].reduce((sum, n) => sum + n, 0);
  if (ignored > 0) notes.push(`${ignored} calls that are no business of memory were left out.`);
  for (const name of MISSING)
    if (other.has(name))
      notes.push(`${name} is not in the machine: what it changed is missing, and later addresses may differ.`);
  for (const [error, n] of world.script.unsaid) notes.push(`${n} calls ended with ${error}, which is not checked.`);
  if (world.guessed > 0)
    notes.push(`${world.guessed} processes were taken for threads: the trace does not say how they were made.`);
  if (world.script.hugePages > 0)
    notes.push(`The pool is as large as the trace needs at least: ${world.script.hugePages} pages.`);
  if (unreadable > 0) notes.push(`${unreadable} lines could not be read.`);
  if (cut) notes.push(`Only the first ${IMPORTED.operations} calls were taken over.`);
  return notes;
}
