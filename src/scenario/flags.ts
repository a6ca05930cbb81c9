/** Flag words of the calls: names, values, meanings; their canonical text, and what spellings are understood. */
import * as U from '../engine/uapi';

export interface Flag {
  readonly name: string;
  readonly value: number;
  /** A sentence for a person. */
  readonly meaning: string;
}

/** One argument's words. */
export interface FlagWord {
  /** `PROT_`: may be left out when writing. */
  readonly prefix: string;
  /** Text of 0. */
  readonly zero: string;
  /** One of the names only, not several joined by `|`. */
  readonly one: boolean;
  /** What has no name is written in octal: a mode. */
  readonly octal?: boolean;
  readonly flags: readonly Flag[];
}

const f = (name: string, value: number, meaning: string): Flag => ({ name, value, meaning });

export const PROT: FlagWord = {
  prefix: 'PROT_',
  zero: 'PROT_NONE',
  one: false,
  flags: [
    f('PROT_NONE', U.PROT_NONE, 'The pages may not be touched at all.'),
    f('PROT_READ', U.PROT_READ, 'The pages may be read.'),
    f('PROT_WRITE', U.PROT_WRITE, 'The pages may be written.'),
    f('PROT_EXEC', U.PROT_EXEC, 'The pages may be executed.'),
    f('PROT_GROWSDOWN', U.PROT_GROWSDOWN, 'Apply the change down to the start of an area that grows down.'),
    f('PROT_GROWSUP', U.PROT_GROWSUP, 'Apply the change up to the end of an area that grows up.'),
  ],
};

/** Sizes in `MAP_HUGE_…` and `MFD_HUGE_…`: log2 of the size, in bits 26 to 31. */
const HUGE_SIZES: readonly (readonly [string, number])[] = [
  ['64KB', 16],
  ['512KB', 19],
  ['1MB', 20],
  ['2MB', 21],
  ['8MB', 23],
  ['16MB', 24],
  ['32MB', 25],
  ['256MB', 28],
  ['512MB', 29],
  ['1GB', 30],
  ['2GB', 31],
  ['16GB', 34],
];
const HUGE_UNIT = 2 ** U.MAP_HUGE_SHIFT;

export const MAP: FlagWord = {
  prefix: 'MAP_',
  zero: '0',
  one: false,
  flags: [
    f('MAP_SHARED_VALIDATE', U.MAP_SHARED_VALIDATE, 'As MAP_SHARED, but unknown flags are refused.'),
    f('MAP_SHARED', U.MAP_SHARED, 'Writes are seen by every process that maps the same pages.'),
    f('MAP_PRIVATE', U.MAP_PRIVATE, 'Writes go to a copy of the process’s own.'),
    f('MAP_DROPPABLE', U.MAP_DROPPABLE, 'The kernel may drop the pages when memory is short.'),
    f('MAP_ANONYMOUS', U.MAP_ANONYMOUS, 'No file behind it: the pages start as zeros.'),
    f('MAP_HUGETLB', U.MAP_HUGETLB, 'Made of huge pages from the pool.'),
    f('MAP_FIXED', U.MAP_FIXED, 'Exactly at the address; what stood there is unmapped first.'),
    f('MAP_FIXED_NOREPLACE', U.MAP_FIXED_NOREPLACE, 'Exactly at the address, or EEXIST where something stands there.'),
    f('MAP_32BIT', U.MAP_32BIT, 'In the first 2 GiB of the address space.'),
    f('MAP_GROWSDOWN', U.MAP_GROWSDOWN, 'The area grows down when the page below it is touched, like a stack.'),
    f('MAP_DENYWRITE', U.MAP_DENYWRITE, 'Ignored.'),
    f('MAP_EXECUTABLE', U.MAP_EXECUTABLE, 'Ignored.'),
    f('MAP_LOCKED', U.MAP_LOCKED, 'Pages are brought in and kept in memory.'),
    f('MAP_NORESERVE', U.MAP_NORESERVE, 'Nothing is reserved or charged in advance: a touch may fail later.'),
    f('MAP_POPULATE', U.MAP_POPULATE, 'Pages are brought in by the call itself.'),
    f('MAP_NONBLOCK', U.MAP_NONBLOCK, 'With MAP_POPULATE: bring nothing in.'),
    f('MAP_STACK', U.MAP_STACK, 'Meant for a thread’s stack: not made of transparent huge pages.'),
    f('MAP_SYNC', U.MAP_SYNC, 'With MAP_SHARED_VALIDATE, for persistent memory.'),
  ],
};

export const MREMAP: FlagWord = {
  prefix: 'MREMAP_',
  zero: '0',
  one: false,
  flags: [
    f('MREMAP_MAYMOVE', U.MREMAP_MAYMOVE, 'The mapping may move if it cannot grow in place.'),
    f('MREMAP_FIXED', U.MREMAP_FIXED, 'Move it exactly to the new address; what stood there is unmapped.'),
    f('MREMAP_DONTUNMAP', U.MREMAP_DONTUNMAP, 'Move the pages but leave the old area, empty.'),
  ],
};

export const MADV: FlagWord = {
  prefix: 'MADV_',
  zero: 'MADV_NORMAL',
  one: true,
  flags: [
    f('MADV_NORMAL', U.MADV_NORMAL, 'No special treatment.'),
    f('MADV_RANDOM', U.MADV_RANDOM, 'Pages will be touched in no order.'),
    f('MADV_SEQUENTIAL', U.MADV_SEQUENTIAL, 'Pages will be touched in order.'),
    f('MADV_WILLNEED', U.MADV_WILLNEED, 'Pages will be touched soon.'),
    f('MADV_DONTNEED', U.MADV_DONTNEED, 'Let the pages go now; the next touch finds zeros, or the file again.'),
    f('MADV_FREE', U.MADV_FREE, 'The kernel may take the pages when memory is short.'),
    f('MADV_REMOVE', U.MADV_REMOVE, 'Punch a hole in what is behind a shared mapping.'),
    f('MADV_DONTFORK', U.MADV_DONTFORK, 'A child does not get the area.'),
    f('MADV_DOFORK', U.MADV_DOFORK, 'Undoes MADV_DONTFORK.'),
    f('MADV_MERGEABLE', U.MADV_MERGEABLE, 'Equal pages may be merged by KSM.'),
    f('MADV_UNMERGEABLE', U.MADV_UNMERGEABLE, 'Undoes MADV_MERGEABLE.'),
    f('MADV_HUGEPAGE', U.MADV_HUGEPAGE, 'Use transparent huge pages here.'),
    f('MADV_NOHUGEPAGE', U.MADV_NOHUGEPAGE, 'Use no transparent huge pages here.'),
    f('MADV_DONTDUMP', U.MADV_DONTDUMP, 'Leave the area out of a core dump.'),
    f('MADV_DODUMP', U.MADV_DODUMP, 'Undoes MADV_DONTDUMP.'),
    f('MADV_WIPEONFORK', U.MADV_WIPEONFORK, 'A child finds the area empty.'),
    f('MADV_KEEPONFORK', U.MADV_KEEPONFORK, 'Undoes MADV_WIPEONFORK.'),
    f('MADV_COLD', U.MADV_COLD, 'The pages will not be touched for a while.'),
    f('MADV_PAGEOUT', U.MADV_PAGEOUT, 'Write the pages out and let them go.'),
    f('MADV_POPULATE_READ', U.MADV_POPULATE_READ, 'Bring the pages in as if each were read.'),
    f('MADV_POPULATE_WRITE', U.MADV_POPULATE_WRITE, 'Bring the pages in as if each were written.'),
    f('MADV_DONTNEED_LOCKED', U.MADV_DONTNEED_LOCKED, 'As MADV_DONTNEED, locked areas too.'),
    f('MADV_COLLAPSE', U.MADV_COLLAPSE, 'Collapse the pages into transparent huge pages now.'),
    f('MADV_GUARD_INSTALL', U.MADV_GUARD_INSTALL, 'Let the pages go and make every touch raise SIGSEGV.'),
    f('MADV_GUARD_REMOVE', U.MADV_GUARD_REMOVE, 'Undoes MADV_GUARD_INSTALL.'),
  ],
};

export const MS: FlagWord = {
  prefix: 'MS_',
  zero: '0',
  one: false,
  flags: [
    f('MS_ASYNC', U.MS_ASYNC, 'Start writing back, do not wait.'),
    f('MS_INVALIDATE', U.MS_INVALIDATE, 'Make other mappings see the data; refused on locked areas.'),
    f('MS_SYNC', U.MS_SYNC, 'Write back and wait.'),
  ],
};

export const MCL: FlagWord = {
  prefix: 'MCL_',
  zero: '0',
  one: false,
  flags: [
    f('MCL_CURRENT', U.MCL_CURRENT, 'Lock every area that there is.'),
    f('MCL_FUTURE', U.MCL_FUTURE, 'Lock every area made from now on.'),
    f('MCL_ONFAULT', U.MCL_ONFAULT, 'Lock pages when they are touched, bring nothing in.'),
  ],
};

export const MLOCK: FlagWord = {
  prefix: 'MLOCK_',
  zero: '0',
  one: false,
  flags: [f('MLOCK_ONFAULT', U.MLOCK_ONFAULT, 'Lock pages when they are touched, bring nothing in.')],
};

export const MFD: FlagWord = {
  prefix: 'MFD_',
  zero: '0',
  one: false,
  flags: [
    f('MFD_CLOEXEC', U.MFD_CLOEXEC, 'Closed when another program is started.'),
    f('MFD_ALLOW_SEALING', U.MFD_ALLOW_SEALING, 'The file may be sealed.'),
    f('MFD_HUGETLB', U.MFD_HUGETLB, 'The file is made of huge pages from the pool.'),
    f('MFD_NOEXEC_SEAL', U.MFD_NOEXEC_SEAL, 'The file can never be executed.'),
    f('MFD_EXEC', U.MFD_EXEC, 'The file can be executed.'),
  ],
};

export const FALLOC: FlagWord = {
  prefix: 'FALLOC_FL_',
  zero: '0',
  one: false,
  flags: [
    f('FALLOC_FL_KEEP_SIZE', U.FALLOC_FL_KEEP_SIZE, 'The file’s size stays as it is.'),
    f('FALLOC_FL_PUNCH_HOLE', U.FALLOC_FL_PUNCH_HOLE, 'Give the pages of the range back.'),
    f('FALLOC_FL_COLLAPSE_RANGE', U.FALLOC_FL_COLLAPSE_RANGE, 'Take the range out: what comes behind moves up.'),
    f('FALLOC_FL_ZERO_RANGE', U.FALLOC_FL_ZERO_RANGE, 'Make the range zeroes.'),
    f('FALLOC_FL_INSERT_RANGE', U.FALLOC_FL_INSERT_RANGE, 'Put a gap in: what comes behind moves down.'),
    f('FALLOC_FL_UNSHARE_RANGE', U.FALLOC_FL_UNSHARE_RANGE, 'Give the range blocks of its own.'),
    f('FALLOC_FL_WRITE_ZEROES', U.FALLOC_FL_WRITE_ZEROES, 'Write zeroes to the disk.'),
  ],
};

export const FCNTL: FlagWord = {
  prefix: 'F_',
  zero: '0',
  one: true,
  flags: [
    f('F_ADD_SEALS', U.F_ADD_SEALS, 'Put seals on a file made by memfd_create; they never come off.'),
    f('F_GET_SEALS', U.F_GET_SEALS, 'Answer with the seals that are on the file.'),
  ],
};

export const SEAL: FlagWord = {
  prefix: 'F_SEAL_',
  zero: '0',
  one: false,
  flags: [
    f('F_SEAL_SEAL', U.F_SEAL_SEAL, 'No further seals.'),
    f('F_SEAL_SHRINK', U.F_SEAL_SHRINK, 'The file can no longer be cut.'),
    f('F_SEAL_GROW', U.F_SEAL_GROW, 'The file can no longer grow.'),
    f('F_SEAL_WRITE', U.F_SEAL_WRITE, 'Nobody can write to it; refused while a shared mapping could.'),
    f('F_SEAL_FUTURE_WRITE', U.F_SEAL_FUTURE_WRITE, 'No new mapping can write to it.'),
    f('F_SEAL_EXEC', U.F_SEAL_EXEC, 'Its permission to be executed cannot change.'),
  ],
};

export const OPEN: FlagWord = {
  prefix: 'O_',
  zero: 'O_RDONLY',
  one: false,
  flags: [
    f('O_RDONLY', U.O_RDONLY, 'Open for reading.'),
    f('O_WRONLY', U.O_WRONLY, 'Open for writing.'),
    f('O_RDWR', U.O_RDWR, 'Open for reading and writing.'),
    f('O_CREAT', U.O_CREAT, 'Make the file if it is not there.'),
    f('O_EXCL', U.O_EXCL, 'With O_CREAT: refuse a file that is there.'),
    f('O_TRUNC', U.O_TRUNC, 'Cut the file to nothing.'),
    f('O_CLOEXEC', U.O_CLOEXEC, 'Closed when another program is started.'),
  ],
};

/** The spellings understood besides the names themselves, upper case without the prefix. */
const ALSO: Readonly<Record<string, string>> = { ANON: 'ANONYMOUS' };

export const SHM_KEY: FlagWord = {
  prefix: 'IPC_',
  zero: 'IPC_PRIVATE',
  one: true,
  flags: [f('IPC_PRIVATE', U.IPC_PRIVATE, 'A new segment, which nobody finds by a key.')],
};

export const SHMGET: FlagWord = {
  prefix: 'SHM_',
  zero: '0',
  one: false,
  octal: true,
  flags: [
    f('IPC_CREAT', U.IPC_CREAT, 'Make the segment where there is none with this key.'),
    f('IPC_EXCL', U.IPC_EXCL, 'With IPC_CREAT: EEXIST where there is one.'),
    f('SHM_HUGETLB', U.SHM_HUGETLB, 'Made of huge pages from the pool.'),
    f('SHM_NORESERVE', U.SHM_NORESERVE, 'Nothing is reserved or charged in advance: a touch may fail later.'),
  ],
};

export const SHMAT: FlagWord = {
  prefix: 'SHM_',
  zero: '0',
  one: false,
  flags: [
    f('SHM_RDONLY', U.SHM_RDONLY, 'Only to be read.'),
    f('SHM_RND', U.SHM_RND, 'Round the address down to a page.'),
    f('SHM_REMAP', U.SHM_REMAP, 'In place of what stands there.'),
    f('SHM_EXEC', U.SHM_EXEC, 'The pages may be executed.'),
  ],
};

export const SHMCTL: FlagWord = {
  prefix: 'IPC_',
  zero: 'IPC_RMID',
  one: true,
  flags: [f('IPC_RMID', U.IPC_RMID, 'Give the segment up: it goes when nobody has it attached any more.')],
};

/** The value of one name of a word, as written; null for none. Understands the name, the name without its prefix, and `rw`. */
export function flagValue(word: FlagWord, text: string): number | null {
  if (word === PROT && text === 'none') return 0;
  if (word === PROT && /^(r?w?x?)$/.test(text) && text !== '')
    return (text.includes('r') ? 1 : 0) + (text.includes('w') ? 2 : 0) + (text.includes('x') ? 4 : 0);
  let short = text.startsWith(word.prefix) ? text.slice(word.prefix.length) : text;
  if (Object.hasOwn(ALSO, short)) short = ALSO[short];
  const name = word.prefix + short;
  for (const flag of word.flags) if (flag.name === name || flag.name === text) return flag.value;
  if ((word === MAP || word === MFD) && short.startsWith('HUGE_')) {
    const size = HUGE_SIZES.find(([label]) => short === `HUGE_${label}`);
    if (size) return size[1] * HUGE_UNIT;
  }
  return null;
}

/** Every name that may stand in a word, for completion and for the nearest spelling. */
export function flagNames(word: FlagWord): string[] {
  const names = word.flags.map((flag) => flag.name);
  if (word === MAP || word === MFD) for (const [label] of HUGE_SIZES) names.push(`${word.prefix}HUGE_${label}`);
  return names;
}

/** The canonical text of a word's value: its names in the table's order, joined by `|`, what has no name in hexadecimal. */
export function flagText(word: FlagWord, value: number): string {
  if (value === 0) return word.zero;
  if (!Number.isInteger(value) || value < 0 || value > 0xffffffff) return String(value);
  if (word.one) return word.flags.find((flag) => flag.value === value)?.name ?? String(value);
  const names: string[] = [];
  let rest = value;
  if (word === MAP || word === MFD) {
    const log = Math.floor(value / HUGE_UNIT);
    rest = value % HUGE_UNIT;
    for (const flag of word.flags) {
      // The low four bits of mmap's flags are one number, the kind of mapping.
      const kind = word === MAP && flag.value <= U.MAP_TYPE;
      if (kind ? (rest & U.MAP_TYPE) === flag.value : (rest & flag.value) === flag.value) {
        names.push(flag.name);
        rest -= flag.value;
      }
    }
    const size = HUGE_SIZES.find(([, bits]) => bits === log);
    if (log > 0) names.push(size ? `${word.prefix}HUGE_${size[0]}` : `${log}<<${word.prefix}HUGE_SHIFT`);
  } else if (word === OPEN) {
    const access = value & U.O_ACCMODE;
    if (access < 3) names.push(['O_RDONLY', 'O_WRONLY', 'O_RDWR'][access]);
    else names.push('0x3');
    rest = value - access;
    for (const flag of word.flags)
      if (flag.value > 3 && (rest & flag.value) !== 0) {
        names.push(flag.name);
        rest -= flag.value;
      }
  } else {
    for (const flag of word.flags)
      if (flag.value !== 0 && (rest & flag.value) === flag.value) {
        names.push(flag.name);
        rest -= flag.value;
      }
  }
  if (rest > 0) names.push(word.octal === true ? `0${rest.toString(8)}` : `0x${rest.toString(16)}`);
  return names.join('|');
}

/** The same without prefixes, `rw` for permissions: shorter, and understood as well. */
export function shortFlagText(word: FlagWord, value: number): string {
  if (word === PROT && Number.isInteger(value) && value >= 0 && value < 8)
    return value === 0 ? 'none' : ['r', 'w', 'x'].filter((_, i) => (value & (1 << i)) !== 0).join('');
  return flagText(word, value)
    .split('|')
    .map((name) => {
      const short = name.startsWith(word.prefix) ? name.slice(word.prefix.length) : name;
      // What begins with a digit would be read as a number.
      return /^\d/.test(short) ? name : short === 'ANONYMOUS' ? 'ANON' : short;
    })
    .join('|');
}
