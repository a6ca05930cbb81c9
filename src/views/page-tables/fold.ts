/** Lowest tables that look alike, drawn as one stack where there are more than can be read. */
import type { EntryRun, TableNode, TreePicture } from '../../history/picture';

/** Both hold one run, at the same indexes and of the same kind: nothing is lost if they are told as "so many of these". */
function alike(a: TableNode, b: TableNode): boolean {
  const [x, y] = [a.runs[0], b.runs[0]];
  if (a.runs.length !== 1 || b.runs.length !== 1 || x === undefined || y === undefined) return false;
  const place = x.from === y.from && x.to === y.to && a.mark === b.mark && a.shared === b.shared;
  return place && x.kind === y.kind && x.bits === y.bits && x.area === y.area && x.slot === y.slot && x.mark === y.mark;
}

/**
 * The picture with stacks in place of like lowest tables that lie side by side, if it has more than `most` of them. The
 * ends of a row of like tables stay; so does what `keeps` names by ref, and all below a table of `unfolded`.
 */
export function foldLikeTables(
  picture: TreePicture,
  most: number,
  keeps: ReadonlySet<string>,
  unfolded: ReadonlySet<string>,
): TreePicture {
  const lowest = picture.tables.filter((table) => table.level === 1);
  if (lowest.length <= most) return picture;
  const byId = new Map(lowest.map((table) => [table.id, table]));
  const kept = new Set([...keeps].map((ref) => Number(ref.split(':')[1])));
  const folded = new Set<number>();

  /** How many runs from `i` on point, side by side, to tables like `first`. */
  function likeFrom(runs: readonly EntryRun[], i: number, first: TableNode): number {
    for (let n = 1; ; n++) {
      const run = runs[i + n];
      const next = run === undefined ? undefined : byId.get(run.child);
      if (next === undefined || run!.from !== runs[i + n - 1]!.to || !alike(first, next)) return n;
    }
  }

  function withStacks(table: TableNode): TableNode {
    if (table.level !== 2 || unfolded.has(table.ref)) return table;
    const runs: EntryRun[] = [];
    for (let i = 0; i < table.runs.length;) {
      const first = byId.get(table.runs[i]!.child);
      const n = first === undefined ? 1 : likeFrom(table.runs, i, first);
      const inner = table.runs.slice(i + 1, i + n - 1);
      if (inner.length < 2 || inner.some((run) => kept.has(run.child))) runs.push(...table.runs.slice(i, i + n));
      else {
        for (const run of inner) folded.add(run.child);
        const leaves = inner.reduce((sum, run) => sum + byId.get(run.child)!.used, 0);
        const { slot, area } = first!.runs[0]!;
        runs.push(table.runs[i]!);
        runs.push({
          ...inner[0]!,
          to: inner.at(-1)!.to,
          kind: 'tables',
          child: 0,
          tables: inner.length,
          leaves,
          slot,
          area,
        });
        runs.push(table.runs[i + n - 1]!);
      }
      i += n;
    }
    return { ...table, runs };
  }

  const tables = picture.tables.map(withStacks).filter((table) => !folded.has(table.id));
  return { ...picture, tables, hidden: picture.hidden + folded.size };
}
