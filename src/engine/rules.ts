/**
 * Whose rules: today's (Linux 6.18), or those of the time of the argument (2.6.20, of early 2007). Every point at which the
 * answers of huge pages differ is one question here; the core asks it by name where it matters. At which places each kernel asks
 * whether an area is huge stands in designs/sites.ts.
 *
 * The rules of 2.6.20 are those of huge pages and of what did not exist yet. Ordinary memory is placed, merged and counted
 * as today.
 */
export interface Rules {
  readonly name: RulesName;
  // ---- mapping
  /** A length that is no multiple of the page size is rounded up; else refused with EINVAL. */
  readonly roundsHugeLength: boolean;
  /** `MAP_HUGETLB` exists; else the bit is ignored and the memory is ordinary. */
  readonly hasMapHugetlb: boolean;
  /** Private mappings reserve their pages at mmap; else they always succeed. */
  readonly reservesPrivate: boolean;
  /** `MAP_NORESERVE` is honoured by huge mappings. */
  readonly honoursNoreserve: boolean;
  /** Huge mappings are placed as all others, from the top down; else by a search of their own, from the bottom up. */
  readonly placesHugeAsOthers: boolean;
  /** A misaligned offset is refused before the place is chosen, so that nothing has been unmapped. */
  readonly checksOffsetFirst: boolean;
  /** Large anonymous and file mappings are aligned to 2 MiB. */
  readonly alignsForThp: boolean;
  // ---- faults
  /** A fault without a page raises SIGBUS; else the process is killed for want of memory. */
  readonly exhaustionIsSigbus: boolean;
  /** The kernel brings pages in for writing where the mapping may be written; else always for reading. */
  readonly pinsForWrite: boolean;
  // ---- fork, move, advice, locks
  /** Huge mappings can be moved; else any growth or move is refused, after a fixed destination has been unmapped. */
  readonly movesHuge: boolean;
  /** `MADV_DONTNEED` and `MADV_REMOVE` work on huge mappings. */
  readonly advisesHuge: boolean;
  /** Locking counts and marks huge mappings; else it only brings their pages in. */
  readonly locksHuge: boolean;
  // ---- System V segments
  /** An area of a segment has a file of its own over the segment's: it is counted, and named by the key; else a huge segment's is hugetlbfs's. */
  readonly stacksSegmentFiles: boolean;
  /** Places for segments are taken in turn; else the lowest that is free, with a new sequence number each time. */
  readonly cyclesSegmentIds: boolean;
  // ---- files and the pool
  /** A mount's size counts what is promised, too, and gets back what is freed; else what came to life, and only from the page cache. */
  readonly countsMountPromises: boolean;
  /** A file of huge pages can be read by `read(2)`. */
  readonly readsHugeFiles: boolean;
  /** A file of huge pages can be made longer by truncation. */
  readonly growsHugeFiles: boolean;
  /** The pool may go beyond its size on demand. */
  readonly hasSurplus: boolean;
  /** A shared mapping takes a promise of its file at each fault, whether or not there is one; else by the file's own list. */
  readonly takesPromiseByFlag: boolean;
  /** A page enters the page cache where the mapping is VM_SHARED; else where it is VM_MAYSHARE (a file opened read-only is only that). */
  readonly cachesByShared: boolean;
  // ---- /proc and calls
  /** `/proc` prints today's lines; else those of the time. */
  readonly printsAsToday: boolean;
  /** `MAP_POPULATE` brings private memory in, too; else it was for shared files. */
  readonly populatesPrivate: boolean;
  // ---- the generic walks
  /** The generic walks know leaves of 2 MiB; else such an entry is “bad”: it is cleared, and its page is lost. */
  readonly walksKnowLeaves: boolean;
  /** `memfd_create`, `fallocate`, `mlock2`, today's flags and advice exist. */
  readonly hasNewCalls: boolean;
}

export const RULES_NAMES = ['6.18', '2.6.20'] as const;
export type RulesName = (typeof RULES_NAMES)[number];

const TODAY: Rules = {
  name: '6.18',
  roundsHugeLength: true,
  hasMapHugetlb: true,
  reservesPrivate: true,
  honoursNoreserve: true,
  placesHugeAsOthers: true,
  checksOffsetFirst: false,
  alignsForThp: true,
  exhaustionIsSigbus: true,
  pinsForWrite: true,
  movesHuge: true,
  advisesHuge: true,
  locksHuge: false,
  stacksSegmentFiles: true,
  cyclesSegmentIds: true,
  countsMountPromises: true,
  readsHugeFiles: true,
  growsHugeFiles: true,
  hasSurplus: true,
  takesPromiseByFlag: false,
  cachesByShared: false,
  printsAsToday: true,
  populatesPrivate: true,
  walksKnowLeaves: true,
  hasNewCalls: true,
};

const IN_2007: Rules = {
  name: '2.6.20',
  roundsHugeLength: false,
  hasMapHugetlb: false,
  reservesPrivate: false,
  honoursNoreserve: false,
  placesHugeAsOthers: false,
  checksOffsetFirst: true,
  alignsForThp: false,
  exhaustionIsSigbus: false,
  pinsForWrite: false,
  movesHuge: false,
  advisesHuge: false,
  locksHuge: true,
  stacksSegmentFiles: false,
  cyclesSegmentIds: false,
  countsMountPromises: false,
  readsHugeFiles: false,
  growsHugeFiles: false,
  hasSurplus: false,
  takesPromiseByFlag: true,
  cachesByShared: true,
  printsAsToday: false,
  populatesPrivate: false,
  walksKnowLeaves: false,
  hasNewCalls: false,
};

export const RULES: Readonly<Record<RulesName, Rules>> = { '6.18': TODAY, '2.6.20': IN_2007 };

export const isRulesName = (text: string): text is RulesName => Object.hasOwn(RULES, text);

/** Largest advice of 2.6.20 (`MADV_DOFORK`), but for `MADV_FREE`, which came with 4.5. */
const LAST_ADVICE_OF_2007 = 11;
const MADV_FREE = 8;

/** Whether a kernel of these rules knows the advice at all. */
export const knowsAdvice = (rules: Rules, advice: number): boolean =>
  rules.hasNewCalls || (advice <= LAST_ADVICE_OF_2007 && advice !== MADV_FREE);
