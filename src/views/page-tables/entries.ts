/**
 * Where entries stand within their table, which they keep. 512 entries do not fit side by side, so the table is drawn in groups of eight:
 * groups in which something is set have room for all their eight entries, empty stretches between them are short. A new
 * entry in a group that is already drawn moves nothing; one in an empty stretch gets its room out of that stretch.
 */
import type { EntryRun } from '../../history/picture';

/** What of a run says where it stands. */
type Used = Pick<EntryRun, 'from' | 'to' | 'kind'>;

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
function greater(before: Use, run: Used): Use {
  if (before === 'huge' || run.kind === 'huge') return 'huge';
  return before === 'leaves' || (run.kind !== 'table' && run.kind !== 'tables') ? 'leaves' : 'tables';
}

/** What each group holds. */
function uses(runs: readonly Used[]): Use[] {
  const groups = new Array<Use>(GROUPS).fill('empty');
  runs.forEach((run, r) => {
    for (let g = Math.floor(run.from / GROUP); g * GROUP < run.to; g++) {
      if (run.from <= g * GROUP && run.to >= (g + 1) * GROUP) groups[g] = r;
      else groups[g] = greater(groups[g]!, run);
    }
  });
  return groups;
}

function stretches(runs: readonly Used[]): Stretch[] {
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
    const weight = empty ? 1.5 + 0.8 * Math.log2(n) : use === 'tables' ? 2.5 : room + 2 * Math.log2(n);
    found.push({ from: g * GROUP, to: end * GROUP, weight, empty });
    g = end;
  }
  return found;
}

/** A stretch of a table where it stands: its left and right edge as shares of the table's width. */
interface Placed {
  readonly from: number;
  readonly to: number;
  readonly left: number;
  readonly right: number;
  readonly empty: boolean;
}

/** The stretches of one table, from index 0 to 512. */
export type Row = readonly Placed[];

/** What comes into an empty stretch may be so much narrower than it would be if the table were drawn anew. */
const NARROWER = 0.3;

/**
 * The stretches of a table of this width; no entry is wider than `most`, if anything can stretch. What stood somewhere
 * `before` stays there, unless what is new would be too narrow; in a row that was planned for all that comes it always stays.
 */
export function rowOf(runs: readonly Used[], width: number, most: number, before?: Row, planned = false): Row {
  const anew = tidy(stretches(runs), width, most);
  if (before === undefined) return anew;
  const kept = before.flatMap((one) => (one.empty ? filled(one, anew) : [one]));
  if (planned) return kept;
  const share = (row: Row, index: number): number => edgeIn(row, index + 1) - edgeIn(row, index);
  const narrow = runs.some((run) => share(kept, run.from) < NARROWER * share(anew, run.from));
  return narrow ? anew : kept;
}

function tidy(all: readonly Stretch[], width: number, most: number): Row {
  const weight = all.reduce((sum, one) => sum + one.weight, 0);
  const emptyWeight = all.reduce((sum, one) => sum + (one.empty ? one.weight : 0), 0);
  const fullWeight = weight - emptyWeight;
  const densest = all.reduce((most, one) => (one.empty ? most : Math.max(most, one.weight / (one.to - one.from))), 0);
  const capped = emptyWeight > 0 && (width / weight) * densest > most;
  const full = capped ? most / densest : width / weight;
  const empty = capped ? (width - full * fullWeight) / emptyWeight : width / weight;
  let x = 0;
  return all.map(({ from, to, weight: wide, empty: none }) => {
    const left = x / width;
    x += wide * (none ? empty : full);
    return { from, to, left, right: x / width, empty: none };
  });
}

/** An empty stretch with what now stands in it, as wide one beside the other as in a table that is drawn anew. */
function filled(hole: Placed, anew: Row): Row {
  const parts = anew
    .filter((one) => one.from < hole.to && hole.from < one.to)
    .map((one) => {
      const from = Math.max(one.from, hole.from);
      const to = Math.min(one.to, hole.to);
      return { from, to, empty: one.empty, wide: edgeIn(anew, to) - edgeIn(anew, from) };
    });
  if (parts.every(({ empty }) => empty)) return [hole];
  const scale = (hole.right - hole.left) / parts.reduce((sum, { wide }) => sum + wide, 0);
  let left = hole.left;
  return parts.map(({ from, to, empty, wide }) => {
    const right = left + wide * scale;
    const part = { from, to, left, right, empty };
    left = right;
    return part;
  });
}

/** Left edge of an index as a share of the table's width. */
function edgeIn(row: Row, index: number): number {
  if (index >= 512) return 1;
  const { from, to, left, right } = row.findLast((one) => one.from <= index)!;
  return left + ((right - left) * (index - from)) / (to - from);
}

/** Left edge of every index 0 to 512 in a table `width` wide. */
export const edgesOf =
  (row: Row, width: number): ((index: number) => number) =>
  (index) =>
    edgeIn(row, index) * width;
