/** The scrubber: a mark for each operation, or for some of them together where there are too many. */
import type { OperationKind, TimeMark, Timeline, TimelineRequest } from '../picture';
import type { Run } from '../run';

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
  memfd: 'file',
  pool: 'pool',
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
const ENDINGS = ['signal', 'errno', 'unknown', 'ok'] as const;

export function timelineOf(run: Run, ask: TimelineRequest, branches: Timeline['branches']): Timeline {
  const n = run.length;
  const max = Math.max(1, ask.maxMarks);
  const per = Math.max(1, Math.ceil(n / max));
  const marks: TimeMark[] = [];
  for (let from = 0; from < n; from += per) marks.push(markOf(run, from, Math.min(n, from + per)));
  return { n, reached: run.reached, marks, branches };
}

function markOf(run: Run, from: number, to: number): TimeMark {
  let best = TELLING.length;
  let ending = ENDINGS.length - 1;
  let at = from;
  const reached = to <= run.reached;
  for (let i = from; i < to; i++) {
    const known = i < run.reached;
    const kind = TELLING.indexOf(known ? kindOfCall(run.log.op(i)) : kindOfCall(run.source.statement(i).call));
    const end = known ? ENDINGS.indexOf(run.log.ending(i)) : 2;
    const fails = end < 2;
    if (end < ending) {
      ending = end;
      if (fails) {
        at = i;
        best = kind;
      }
    }
    if (ending >= 2 && kind < best) {
      best = kind;
      at = i;
    }
  }
  const count = to - from;
  const who = at < run.reached ? run.log.who(at) : 0;
  return {
    k: from + 1,
    count,
    kind: TELLING[best] ?? 'other',
    ending: ENDINGS[ending]!,
    who,
    text: count === 1 ? run.source.statement(from).text : `${count} operations`,
    reached,
  };
}
