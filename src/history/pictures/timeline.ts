/** The scrubber: a mark for each operation, or for some of them together where there are too many. */
import { OPERATIONS, type OperationName } from '../../engine/operation';
import type { OperationKind, TimeMark, Timeline, TimelineRequest } from '../picture';
import type { Run } from '../run';
import { endingOf } from './ending';

const KINDS: Readonly<Record<string, OperationKind>> = {
  mmap: 'map',
  brk: 'map',
  exec: 'map',
  munmap: 'unmap',
  read: 'touch',
  write: 'touch',
  touch: 'touch',
  mprotect: 'protect',
  mremap: 'move',
  madvise: 'advise',
  mlock: 'lock',
  mlock2: 'lock',
  munlock: 'lock',
  mlockall: 'lock',
  munlockall: 'lock',
  fork: 'fork',
  exit: 'exit',
  open: 'file',
  close: 'file',
  ftruncate: 'file',
  fallocate: 'file',
  fcntl: 'file',
  pread: 'file',
  unlink: 'file',
  memfd: 'file',
  memfd_create: 'file',
  pool: 'pool',
  shmget: 'file',
  shmctl: 'file',
  shmat: 'map',
  shmdt: 'unmap',
};

export const kindOfCall = (call: string): OperationKind => KINDS[call] ?? 'other';

/** In a bucket the rarer kinds speak for the others. */
const TELLING: readonly OperationKind[] = [
  'fork',
  'exit',
  'pool',
  'move',
  'protect',
  'unmap',
  'map',
  'lock',
  'advise',
  'file',
  'other',
  'touch',
];

/** Marks made last for each run: they change only when the run goes further or its operations do. */
const made = new WeakMap<Run, { n: number; reached: number; max: number; version: number; marks: TimeMark[] }>();

export function timelineOf(run: Run, ask: TimelineRequest, branches: Timeline['branches']): Timeline {
  const n = run.length;
  const { reached, version } = run;
  const max = Math.max(1, ask.maxMarks);
  const last = made.get(run);
  if (last !== undefined && last.n === n && last.reached === reached && last.max === max && last.version === version)
    return { n, reached, marks: last.marks, branches };
  const per = Math.max(1, Math.ceil(n / max));
  const marks: TimeMark[] = [];
  for (let from = 0; from < n; from += per) marks.push(markOf(run, from, Math.min(n, from + per)));
  made.set(run, { n, reached, max, version, marks });
  return { n, reached, marks, branches };
}

function markOf(run: Run, from: number, to: number): TimeMark {
  const { log } = run;
  const known = Math.min(to, run.reached);
  let at = from;
  let rank = Infinity;
  for (let i = from; i < known; i++) {
    const one = ENDING_RANK[log.ending(i)] * 100 + KIND_RANK[log.op(i)]!;
    if (one >= rank) continue;
    rank = one;
    at = i;
  }
  const reached = to <= run.reached;
  const seen = known > from;
  const count = to - from;
  const single = count === 1;
  return {
    k: from + 1,
    count,
    kind: kindOfCall(seen ? log.op(at) : run.source.statement(from).call),
    ending: seen ? log.ending(at) : 'unknown',
    who: seen ? log.who(at) : 0,
    text: single ? run.source.statement(from).text : `${count} operations`,
    line: single ? run.source.statement(from).line : 0,
    came: single && reached ? endingOf(run, from + 1).text : '',
    reached,
  };
}

const ENDING_RANK = { signal: 0, errno: 1, ok: 2 } as const;
const KIND_RANK = Object.fromEntries(OPERATIONS.map((op) => [op, TELLING.indexOf(kindOfCall(op))])) as Record<
  OperationName,
  number
>;
