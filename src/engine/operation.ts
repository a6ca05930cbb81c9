/** What a process can be asked to do, and what it gets back: the machine's front door. The vocabulary and the order of
 * arguments are those of the recorded traces, which are the system call's own. */

export const OPERATIONS = [
  'mmap',
  'munmap',
  'mprotect',
  'mremap',
  'madvise',
  'read',
  'write',
  'mlock',
  'mlock2',
  'munlock',
  'mlockall',
  'munlockall',
  'mincore',
  'msync',
  'brk',
  'fork',
  'exec',
  'exit',
  'open',
  'close',
  'ftruncate',
  'fallocate',
  'memfd',
  'pool',
  'unlink',
  'fcntl',
  'pread',
  'shmget',
  'shmat',
  'shmdt',
  'shmctl',
] as const;
export type OperationName = (typeof OPERATIONS)[number];

/**
 * One operation with resolved arguments.
 *
 * - `mmap` addr, length, prot, flags, fd, offset (bytes)
 * - `munmap` addr, length; `mprotect` addr, length, prot; `mremap` old, old_len, new_len, flags, new
 * - `madvise` addr, length, advice; `mlock`/`munlock`/`mincore` addr, length; `mlock2`/`msync` addr, length, flags
 * - `read`/`write` address, count, stride: touches one byte at address, address+stride, … until the first signal
 * - `fork` number of the new process; `exit` none; `mlockall` flags; `munlockall` none; `brk` address (raw call)
 * - `open` flags, mode with `path`; `memfd` flags with `path` its name; `close` fd; `ftruncate` fd, length;
 *   `fallocate` fd, mode, offset, length; `fcntl` fd, command (`F_ADD_SEALS`, `F_GET_SEALS`), seals; `unlink` nothing but `path`
 * - `pread` fd, length, offset (bytes): read(2) at a place of a file
 * - `shmget` key, size, flags; `shmat` number of a segment, address, flags; `shmdt` address; `shmctl` number of a segment, command
 * - `exec` mmap_base (0: the usual), start of the heap (0: behind the program), then for each area start, end, permissions
 *   (1 read, 2 write, 4 execute, 8 shared), offset, pages present; `path` holds the program's name and the areas' names as lines
 * - `pool` nr_hugepages, nr_overcommit_hugepages (no process)
 */
export interface Operation {
  /** The process that does it: 0 is the first. */
  readonly who: number;
  readonly op: OperationName;
  readonly args: readonly number[];
  readonly path?: string;
}

/** What an operation came to. */
export interface Outcome {
  /** The call's result; −1 with `err` for a failure. */
  ret: number;
  /** errno, 0 for none (`errnoName` gives its name). */
  err: number;
  /** The signal that a touch raised, 0 for none, and its si_code (for `mincore` the number of resident pages). */
  sig: number;
  code: number;
  /** Minor faults that the operation took. */
  minflt: number;
}
