/** What each traced call does to the processes of the trace, and how the scenario says it. */
import { PAGE_SIZE, PMD_SIZE, roundDown, roundUp } from '../base/units';
import { MAP_32BIT, MAP_ANONYMOUS, MAP_FIXED, MAP_FIXED_NOREPLACE, MAP_HUGETLB, MAP_NORESERVE } from '../engine/uapi';
import { callShape } from './calls';
import { flagValue, FALLOC, MADV, MAP, MCL, MFD, MLOCK, MREMAP, MS, PROT, type FlagWord } from './flags';
import { parseNumber } from './numbers';
import { plainPath } from './paths';
import type { Argument, Expected } from './scenario';
import type { TracedCall } from './strace-lines';
import { mayAlign, nameOf, setFile, type Proc, type Space, type World } from './strace-world';

const OPENS = ['open', 'openat', 'openat2', 'creat'];
export const CLONES = ['clone', 'clone3', 'fork', 'vfork'];
export const EXECS = ['execve', 'execveat'];
const FILES = ['close', 'dup', 'dup2', 'dup3', 'fcntl', 'memfd_create', 'ftruncate', 'fallocate'];
const MEMORY = [
  'mmap',
  'munmap',
  'mprotect',
  'pkey_mprotect',
  'mremap',
  'madvise',
  'brk',
  'mlock',
  'mlock2',
  'munlock',
  'mlockall',
  'munlockall',
  'mincore',
  'msync',
];
/** The calls that matter. */
export const WANTED: ReadonlySet<string> = new Set([
  ...OPENS,
  ...CLONES,
  ...EXECS,
  ...FILES,
  ...MEMORY,
  'exit_group',
  'exit',
]);

/** Bytes of one file that are put behind its mappings. */
const LARGEST_FILE = 64 * 2 ** 20;

/** What strace remarks between `/*` and `*` + `/`, left out. */
function withoutRemarks(text: string): string {
  let plain = '';
  let from = 0;
  for (;;) {
    const begin = text.indexOf('/*', from);
    const end = begin < 0 ? -1 : text.indexOf('*/', begin + 2);
    if (end < 0) return plain + text.slice(from);
    plain += text.slice(from, begin).trimEnd();
    from = end + 2;
  }
}

/** A number as strace writes it, NaN where it is none. */
export function number(text: string | undefined): number {
  const [plain] = withoutRemarks(text ?? '')
    .trim()
    .split('<', 1);
  if (plain === 'NULL') return 0;
  const n = plain.startsWith('-') ? parseNumber(plain.slice(1)) : parseNumber(plain);
  return n === undefined ? Number.NaN : plain.startsWith('-') ? 0 - n : n;
}

/** Flags as strace writes them; what has no value here counts as 0. */
function flags(text: string | undefined, word: FlagWord): number {
  let value = 0;
  for (const part of withoutRemarks(text ?? '').split('|')) {
    const [name, shift] = part.trim().split('<<');
    const n =
      shift === undefined ? (flagValue(word, name) ?? parseNumber(name) ?? 0) : (parseNumber(name) ?? 0) * 2 ** 26;
    value = (value | n) >>> 0;
  }
  return value;
}

const annotation = (text: string | undefined): string => plainPath(/^-?\d+<([^>]*)>$/.exec(text ?? '')?.[1] ?? '');

/** Text in strace's quotes; '' where there is none. */
function quoted(text: string | undefined): string {
  const found = /^"((?:[^"\\]|\\[^])*)"/.exec(text ?? '');
  return found === null ? '' : plainPath(found[1].slice(0, 2000).replace(/\\([^])/g, '$1'));
}

/** Arguments that must be numbers, by their places. */
const NUMBERS: Readonly<Record<string, readonly number[]>> = {
  mmap: [0, 1, 4, 5],
  munmap: [0, 1],
  mprotect: [0, 1],
  pkey_mprotect: [0, 1],
  mremap: [0, 1, 2],
  madvise: [0, 1],
  brk: [0],
  mlock: [0, 1],
  mlock2: [0, 1],
  munlock: [0, 1],
  mincore: [0, 1],
  msync: [0, 1],
  ftruncate: [0, 1],
  fallocate: [0, 2, 3],
};

/** What is wrong with a call's arguments, and how it is mended; '' for nothing. */
function argumentTrouble({ name, args }: TracedCall): string {
  const shape = callShape(name === 'pkey_mprotect' ? 'mprotect' : name);
  for (const i of NUMBERS[name] ?? []) {
    if (!Number.isNaN(number(args[i]))) continue;
    const parameter = shape?.parameters[i]?.name ?? `argument ${i + 1}`;
    const written = shape?.parameters.map((one) => one.name).join(', ') ?? '';
    const what = args[i] === undefined ? 'is missing' : `is “${args[i].slice(0, 40)}”, which is no number`;
    return `of ${name} the ${parameter} ${what}: the call was left out. It is written ${name}(${written}).`;
  }
  return '';
}

/** Carries one call over. */
export function take(world: World, call: TracedCall): void {
  const trouble = argumentTrouble(call);
  if (trouble !== '') {
    world.report(call, trouble);
    return;
  }
  if (EXECS.includes(call.name)) {
    if (call.result === '0') world.exec(call.pid, quoted(call.args[call.name === 'execve' ? 0 : 1]));
  } else if (CLONES.includes(call.name)) {
    const flagsText = call.name === 'vfork' ? 'CLONE_VM' : call.args.join(',');
    if (Number(call.result) > 0) world.clone(call.pid, Number(call.result), flagsText);
  } else if (call.name === '+++' || call.name.startsWith('exit')) {
    if (call.name !== 'exit_group') world.leave(call.pid);
  } else {
    const proc = world.proc(call.pid, call.name === 'brk' && number(call.args[0]) === 0);
    if (OPENS.includes(call.name)) open(proc, call);
    else if (FILES.includes(call.name)) fileCall(world, proc, call);
    else memoryCall(world, proc, call);
  }
}

function open(proc: Proc, call: TracedCall): void {
  const fd = Number(call.result);
  if (!(fd >= 0)) return;
  const at = call.name.startsWith('openat');
  let path = quoted(call.args[at ? 1 : 0]);
  const folder = at ? annotation(call.args[0]) : '';
  if (call.path !== '') path = plainPath(call.path);
  else if (!path.startsWith('/') && folder !== '') path = `${folder}/${path}`;
  const text = call.args.slice(at ? 2 : 1).join(',');
  const cloexec = text.includes('O_CLOEXEC');
  if (path !== '') setFile(proc.files, fd, { path, writable: text.includes('O_RDWR'), cloexec, name: '', numbers: 0 });
}

function fileCall(world: World, proc: Proc, call: TracedCall): void {
  const { script } = world;
  const fd = number(call.args[0]);
  const file = proc.files.get(fd);
  const { who } = proc.space;
  if (call.name === 'close') world.close(proc, fd);
  else if (call.name.startsWith('dup') || call.name === 'fcntl') {
    const to = Number(call.result);
    const copies = call.name !== 'fcntl' || (call.args[1] ?? '').startsWith('F_DUPFD');
    if (file !== undefined && to >= 0 && copies) setFile(proc.files, to, file);
  } else if (call.name === 'memfd_create') {
    const made = Number(call.result);
    if (!(made >= 0)) return;
    const path = quoted(call.args[0]) || 'memfd';
    const name = script.nameLike(path);
    const cloexec = (call.args[1] ?? '').includes('CLOEXEC');
    setFile(proc.files, made, { path, writable: true, cloexec, name, numbers: 0 });
    script.add(who, 'memfd_create', [path, flags(call.args[1], MFD)], null, name);
  } else if (file !== undefined && file.name !== '') {
    const numbers = call.args.slice(...(call.name === 'ftruncate' ? [1, 2] : [2, 4])).map(number);
    const mode = call.name === 'ftruncate' ? [] : [flags(call.args[1], FALLOC)];
    script.add(who, call.name, [nameOf(file.name), ...mode, ...numbers], script.expected(call.result, call.error));
  }
}

/** Kinds of the arguments behind address and length, by call. */
const BEHIND: Readonly<Record<string, FlagWord>> = { mprotect: PROT, madvise: MADV, msync: MS, mlock2: MLOCK };

function memoryCall(world: World, proc: Proc, call: TracedCall): void {
  const { script } = world;
  const { space } = proc;
  const expected = script.expected(call.result, call.error);
  const done = expected?.kind === 'value';
  const name = call.name === 'pkey_mprotect' ? 'mprotect' : call.name;
  if (name === 'mmap') return mmap(world, proc, call, expected);
  if (name === 'mlockall' || name === 'munlockall')
    return script.add(space.who, name, name === 'mlockall' ? [flags(call.args[0], MCL)] : [], expected);
  const [address, length] = call.args.map(number);
  if (name === 'brk') return brk(world, proc, address, expected);
  const end = address + roundUp(length, PAGE_SIZE);
  if (name === 'mremap') {
    mremap(world, space, call, expected);
    return;
  }
  const word = BEHIND[name];
  script.add(
    space.who,
    name,
    word === undefined ? [address, length] : [address, length, flags(call.args[2], word)],
    expected,
  );
  if (!done) return;
  if (name !== 'munmap') prove(space, address, end);
  else {
    space.mapped.remove(address, end);
    space.huge.remove(address, end);
  }
}

/** What a call did with memory that nobody mapped stood there before. */
function prove(space: Space, start: number, end: number): void {
  for (const [from, to] of space.mapped.missing(roundDown(start, PAGE_SIZE), end)) {
    space.program.before.add(from, to);
    space.mapped.add(from, to);
  }
}

function brk(world: World, proc: Proc, address: number, expected: Expected | null): void {
  // A heap that ends elsewhere than it did is another program's: the trace does not show how it was started.
  if (address === 0 && proc.space.brk !== 0 && expected?.kind === 'value' && expected.value !== proc.space.brk)
    world.exec(proc.pid, '');
  const { space } = proc;
  world.script.add(space.who, 'brk', address === 0 ? [] : [address], expected);
  if (expected?.kind !== 'value' || typeof expected.value !== 'number') return;
  const end = expected.value;
  if (space.program.brk === 0) space.program.brk = end;
  const before = space.brk === 0 ? end : space.brk;
  space.mapped.add(before, roundUp(end, PAGE_SIZE));
  space.mapped.remove(roundUp(end, PAGE_SIZE), roundUp(before, PAGE_SIZE));
  space.brk = end;
}

function mremap(world: World, space: Space, call: TracedCall, expected: Expected | null): void {
  const [old, oldSize, newSize] = call.args.map(number);
  const word = flags(call.args[3], MREMAP);
  const target = call.args.length > 4 ? [number(call.args[4]) || 0] : [];
  world.script.add(space.who, 'mremap', [old, oldSize, newSize, word, ...target], expected);
  if (expected?.kind !== 'value' || typeof expected.value !== 'number') return;
  prove(space, old, old + roundUp(oldSize, PAGE_SIZE));
  if (oldSize > 0 && (word & 4) === 0) space.mapped.remove(old, old + roundUp(oldSize, PAGE_SIZE));
  space.mapped.add(expected.value, expected.value + roundUp(newSize, PAGE_SIZE));
}

function mmap(world: World, proc: Proc, call: TracedCall, expected: Expected | null): void {
  const { script } = world;
  const { space } = proc;
  const [address, length] = call.args.map(number);
  const offset = number(call.args[5]);
  const fd = number(call.args[4]);
  const word = flags(call.args[3], MAP);
  const file = fd >= 0 && (word & MAP_ANONYMOUS) === 0;
  const fixed = (word & (MAP_FIXED | MAP_FIXED_NOREPLACE)) !== 0;
  let behind: Argument = fd;
  if (file) {
    behind = nameOf(world.fileName(proc, fd, annotation(call.args[4]), !fixed));
    const path = proc.files.get(fd)?.path ?? '';
    const bytes = script.files.get(path);
    if (bytes !== undefined) script.files.set(path, Math.min(LARGEST_FILE, Math.max(bytes, offset + length)));
  }
  const prot = flags(call.args[2], PROT);
  const rest = file ? [behind, offset] : fd === -1 && offset === 0 ? [] : [behind, offset];
  script.add(space.who, 'mmap', [address, length, prot, word, ...rest], expected);
  if (expected?.kind !== 'value' || typeof expected.value !== 'number') return;
  const start = expected.value;
  const end = start + roundUp(length, (word & MAP_HUGETLB) !== 0 ? PMD_SIZE : PAGE_SIZE);
  space.mapped.add(start, end);
  if ((word & MAP_HUGETLB) !== 0 && (word & MAP_NORESERVE) === 0) {
    space.huge.add(start, end);
    script.hugePages = Math.max(script.hugePages, space.huge.bytes / PMD_SIZE);
  } else if (prot !== 0) script.largest = Math.max(script.largest, length);
  if (address !== 0 && !fixed && start !== address) taken(space, address, end - start);
  if (address === 0 && !fixed && (word & MAP_32BIT) === 0)
    place(space, end, mayAlign(length, file) || (word & MAP_HUGETLB) !== 0);
}

/** A hint that was not followed although nobody mapped anything there: something stood there before. */
function taken(space: Space, hint: number, length: number): void {
  const start = roundDown(hint, PAGE_SIZE);
  const gaps = space.mapped.missing(start, start + length);
  if (gaps.length === 1 && gaps[0][1] - gaps[0][0] === length) prove(space, start, start + PAGE_SIZE);
}

/** The first mapping that says no place lies at the top of the room, unless it had to be aligned. */
function place({ program }: Space, end: number, rough: boolean): void {
  if (!program.rough) return;
  program.mmapBase = Math.max(program.mmapBase, end);
  program.rough = rough;
}
