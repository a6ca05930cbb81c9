/**
 * Where entries stand within their table. 512 entries do not fit side by side, so the table is drawn in groups of eight:
 * groups in which something is set have room for all their eight entries, empty stretches between them are short. A new
 * entry in a group that is already drawn moves nothing.
 */
import type { EntryRun } from '../../history/picture';

const GROUP = 8;
const GROUPS = 512 / GROUP;
/** A huge entry is so many times as wide as others: its size is written in it. */
const HUGE_ROOM = 2.2;

/** How wide a stretch is drawn, in entries, at least and (if room is left over) as a share of what is left. */
interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly weight: number;
  readonly empty: boolean;
}

/** `leaves`: some pages, of which `huge` ones carry their size as text; `tables`: lower tables only, which need little room; a number: the inside of that run only. */
type Use = 'empty' | 'leaves' | 'huge' | 'tables' | number;

/** The use of a group that needs more room: what it had, or what this run needs. */
function greater(before: Use, run: EntryRun): Use {
  if (before === 'huge' || run.kind === 'huge') return 'huge';
  return before === 'leaves' || (run.kind !== 'table' && run.kind !== 'tables') ? 'leaves' : 'tables';
}

/** What each group holds. */
function uses(runs: readonly EntryRun[]): Use[] {
  const groups = new Array<Use>(GROUPS).fill('empty');
  runs.forEach((run, r) => {
    for (let g = Math.floor(run.from / GROUP); g * GROUP < run.to; g++) {
      if (run.from <= g * GROUP && run.to >= (g + 1) * GROUP) groups[g] = r;
      else groups[g] = greater(groups[g]!, run);
    }
  });
  return groups;
}

function stretches(runs: readonly EntryRun[]): Stretch[] {
  const groups = uses(runs);
  const found: Stretch[] = [];
  for (let g = 0; g < GROUPS;) {
    const use = groups[g]!;
    let end = g + 1;
    if (use === 'empty' || typeof use === 'number') while (end < GROUPS && groups[end] === use) end++;
    const n = end - g;
    const empty = use === 'empty';
    const kind = typeof use === 'number' ? runs[use]!.kind : use;
    const room = kind === 'huge' ? HUGE_ROOM * GROUP : GROUP;
    const weight = empty ? 0.7 + 0.4 * Math.log2(n) : use === 'tables' ? 2.5 : room + 2 * Math.log2(n);
    found.push({ from: g * GROUP, to: end * GROUP, weight, empty });
    g = end;
  }
  return found;
}

/** Left edge of every index 0 to 512 in a table `width` wide; no entry is wider than `most`, if anything can stretch. */
export function edgesOf(runs: readonly EntryRun[], width: number, most: number): (index: number) => number {
  const all = stretches(runs);
  const weight = all.reduce((sum, one) => sum + one.weight, 0);
  const emptyWeight = all.reduce((sum, one) => sum + (one.empty ? one.weight : 0), 0);
  const fullWeight = weight - emptyWeight;
  const densest = all.reduce((most, one) => (one.empty ? most : Math.max(most, one.weight / (one.to - one.from))), 0);
  const capped = emptyWeight > 0 && (width / weight) * densest > most;
  const full = capped ? most / densest : width / weight;
  const empty = capped ? (width - full * fullWeight) / emptyWeight : width / weight;
  const starts: number[] = [];
  let x = 0;
  for (const one of all) {
    starts.push(x);
    x += one.weight * (one.empty ? empty : full);
  }
  return (index) => {
    if (index >= 512) return width;
    let i = all.length - 1;
    while (all[i]!.from > index) i--;
    const one = all[i]!;
    const wide = one.weight * (one.empty ? empty : full);
    return starts[i]! + (wide * (index - one.from)) / (one.to - one.from);
  };
}
