/** The calls that a scenario can make: their parameters in the system call's own order, and what each is for. */
import type { OperationName } from '../engine/operation';
import {
  FALLOC,
  FCNTL,
  MADV,
  MAP,
  MCL,
  MFD,
  MLOCK,
  MREMAP,
  MS,
  OPEN,
  PROT,
  SEAL,
  SHM_KEY,
  SHMAT,
  SHMCTL,
  SHMGET,
  type FlagWord,
} from './flags';

/** How an argument is written: an address `0x7f…`, a size `2M`, a file (by its name), a count, an octal mode, quoted text, flags. */
export type ParameterKind = 'address' | 'size' | 'file' | 'count' | 'mode' | 'text' | FlagWord;

export interface Parameter {
  readonly name: string;
  readonly kind: ParameterKind;
  /** What a missing argument stands for. Missing ones are the last. */
  readonly default?: number;
}

/** What the result is, and so what a name for it may be used for. */
export type ResultKind = 'address' | 'file' | 'process' | 'count';

export interface CallShape {
  readonly op: OperationName;
  readonly parameters: readonly Parameter[];
  readonly result: ResultKind;
  /** Made by no process: no `child:` before it. */
  readonly global?: boolean;
  /** A sentence for a person. */
  readonly meaning: string;
}

const address = (name: string, initial?: number): Parameter => ({ name, kind: 'address', default: initial });
const size = (name: string, initial?: number): Parameter => ({ name, kind: 'size', default: initial });
const file = (name: string, initial?: number): Parameter => ({ name, kind: 'file', default: initial });
const count = (name: string, initial?: number): Parameter => ({ name, kind: 'count', default: initial });
const text = (name: string): Parameter => ({ name, kind: 'text' });
const flags = (name: string, kind: FlagWord, initial?: number): Parameter => ({ name, kind, default: initial });

const shape = (
  op: OperationName,
  result: ResultKind,
  parameters: readonly Parameter[],
  meaning: string,
  global = false,
): CallShape => ({ op, parameters, result, meaning, global });

const PAGE = 4096;

export const CALLS: Readonly<Record<string, CallShape>> = {
  mmap: shape(
    'mmap',
    'address',
    [address('addr'), size('length'), flags('prot', PROT), flags('flags', MAP), file('fd', -1), size('offset', 0)],
    'Makes a new mapping in the address space and returns its address.',
  ),
  munmap: shape('munmap', 'count', [address('addr'), size('length')], 'Removes the mappings of a range.'),
  mprotect: shape(
    'mprotect',
    'count',
    [address('addr'), size('length'), flags('prot', PROT)],
    'Changes what may be done with the pages of a range.',
  ),
  mremap: shape(
    'mremap',
    'address',
    [address('old_address'), size('old_size'), size('new_size'), flags('flags', MREMAP, 0), address('new_address', 0)],
    'Grows, shrinks or moves a mapping and returns its address.',
  ),
  madvise: shape(
    'madvise',
    'count',
    [address('addr'), size('length'), flags('advice', MADV)],
    'Tells the kernel how a range will be used, or asks for something to be done with it.',
  ),
  read: shape(
    'read',
    'count',
    [address('addr'), count('count', 1), size('stride', PAGE)],
    'Reads one byte at the address, and again every stride bytes, count times, until a signal stops it.',
  ),
  write: shape(
    'write',
    'count',
    [address('addr'), count('count', 1), size('stride', PAGE)],
    'Writes one byte at the address, and again every stride bytes, count times, until a signal stops it.',
  ),
  touch: shape(
    'write',
    'count',
    [address('addr'), size('length'), size('stride', PAGE)],
    'Writes one byte every stride bytes of the range, until a signal stops it.',
  ),
  mlock: shape('mlock', 'count', [address('addr'), size('length')], 'Brings the pages of a range in and keeps them.'),
  mlock2: shape(
    'mlock2',
    'count',
    [address('addr'), size('length'), flags('flags', MLOCK, 0)],
    'As mlock; with MLOCK_ONFAULT pages are locked when they are touched.',
  ),
  munlock: shape('munlock', 'count', [address('addr'), size('length')], 'Undoes mlock.'),
  mlockall: shape('mlockall', 'count', [flags('flags', MCL)], 'Locks every area of the process.'),
  munlockall: shape('munlockall', 'count', [], 'Undoes mlockall and every mlock.'),
  mincore: shape(
    'mincore',
    'count',
    [address('addr'), size('length')],
    'Counts the pages of a range that are in memory.',
  ),
  msync: shape(
    'msync',
    'count',
    [address('addr'), size('length'), flags('flags', MS)],
    'Writes the changes of a shared file mapping back.',
  ),
  brk: shape('brk', 'address', [address('addr', 0)], 'Moves the end of the heap and returns where it is then.'),
  fork: shape('fork', 'process', [], 'Makes a new process with a copy of the address space.'),
  exec: shape(
    'exec',
    'count',
    [text('program')],
    'Replaces the address space by that of a program which the head lays out.',
  ),
  exit: shape('exit', 'count', [], 'Ends the process.'),
  open: shape(
    'open',
    'file',
    [text('path'), flags('flags', OPEN, 2), { name: 'mode', kind: 'mode', default: 0o600 }],
    'Opens a file or device and returns its number.',
  ),
  memfd_create: shape(
    'memfd',
    'file',
    [text('name'), flags('flags', MFD, 0)],
    'Makes a file that lives in memory only and returns its number.',
  ),
  close: shape('close', 'count', [file('fd')], 'Closes a file; its mappings stay.'),
  ftruncate: shape('ftruncate', 'count', [file('fd'), size('length')], 'Cuts or extends a file.'),
  fallocate: shape(
    'fallocate',
    'count',
    [file('fd'), flags('mode', FALLOC), size('offset'), size('length')],
    'Makes room in a file, or punches a hole in it.',
  ),
  fcntl: shape(
    'fcntl',
    'count',
    [file('fd'), flags('cmd', FCNTL), flags('seals', SEAL, 0)],
    'Seals a file that memfd_create made, or tells its seals.',
  ),
  pread: shape(
    'pread',
    'count',
    [file('fd'), size('length'), size('offset', 0)],
    'Reads a file by read(2), without a mapping, and returns how many bytes there were.',
  ),
  unlink: shape('unlink', 'count', [text('path')], 'Takes a file’s name away; it goes when nobody holds it any more.'),
  shmget: shape(
    'shmget',
    'count',
    [flags('key', SHM_KEY), size('size'), flags('flags', SHMGET, 0o1600)],
    'Makes a System V segment of shared memory, or finds the one with this key, and returns its number.',
  ),
  shmat: shape(
    'shmat',
    'address',
    [count('shmid'), address('addr', 0), flags('flags', SHMAT, 0)],
    'Maps a segment and returns its address.',
  ),
  shmdt: shape('shmdt', 'count', [address('addr')], 'Unmaps the segment that is attached at the address.'),
  shmctl: shape(
    'shmctl',
    'count',
    [count('shmid'), flags('cmd', SHMCTL, 0), address('buf', 0)],
    'With IPC_RMID, gives a segment up: it goes when nobody has it attached any more.',
  ),
  pool: shape(
    'pool',
    'count',
    [count('nr_hugepages'), count('nr_overcommit_hugepages', -1)],
    'Sets how many huge pages the pool holds, and how many more it may borrow.',
    true,
  ),
};

export const CALL_NAMES: readonly string[] = Object.keys(CALLS);

/** The call of that name; undefined for names that only JavaScript knows. */
export const callShape = (name: string): CallShape | undefined =>
  Object.hasOwn(CALLS, name) ? CALLS[name] : undefined;

/** How many arguments must be there. */
export function leastArguments(call: CallShape): number {
  const first = call.parameters.findIndex((parameter) => parameter.default !== undefined);
  return first < 0 ? call.parameters.length : first;
}
