/** Who acts in a step: the area, the entry and the page that it is about, and every entry whose page came or went. */
import { hex } from '../../base/units';
import type { EntryRun, Phase, Pictures, Ref, Slot, TableNode, TreePicture } from '../../history/picture';
import type { Anchor, Step } from './types';

/** Entries that are looked at one by one, at most. */
const MOST = 64;
const LEVEL = ['', 'PTE', 'PMD', 'PUD', 'PGD'] as const;

export interface Pair {
  readonly entry: Anchor;
  readonly page: Anchor;
  readonly slot: Slot;
}

export interface Actors {
  readonly who: number;
  readonly slot: Slot;
  readonly area: Anchor | null;
  /** The entry that the step is about, and the page that it maps after it. */
  readonly entry: Anchor | null;
  readonly page: Anchor | null;
  /** The page that was copied. */
  readonly source: Anchor | null;
  /** Entries that came or went, with their pages. */
  readonly pairs: readonly Pair[];
  /** Entries that keep their page in another place. */
  readonly moves: readonly { readonly from: Anchor; readonly to: Anchor; readonly slot: Slot }[];
  /** The pages of the pool that were promised in this step. */
  readonly promised: Anchor | null;
  readonly tablesMoved: boolean;
  readonly memoryMoved: boolean;
}

interface Leaf {
  readonly table: TableNode;
  readonly run: EntryRun;
  readonly index: number;
  readonly pfn: number;
}

const isLeaf = (run: EntryRun): boolean => run.kind === 'leaf' || run.kind === 'huge';

/** Leaves with a mark, entry by entry. */
function touchedLeaves(tree: TreePicture | undefined): Leaf[] {
  const found: Leaf[] = [];
  for (const table of tree?.tables ?? [])
    for (const run of table.runs) {
      if (run.mark === 'same' || !isLeaf(run)) continue;
      for (let index = run.from; index < run.to && found.length < MOST; index++) found.push(leafAt(table, run, index));
    }
  return found;
}

function leafAt(table: TableNode, run: EntryRun, index: number): Leaf {
  const step = 512 ** (table.level - 1);
  const pfn =
    run.pfn < 0 ? -1 : run.contiguous ? run.pfn + (index - run.from) * step : index === run.from ? run.pfn : -1;
  return { table, run, index, pfn };
}

const entryAnchor = ({ table, index }: { table: TableNode; index: number }): Anchor => ({
  view: 'tables',
  refs: [`entry:${table.id}:${index}`, `table:${table.id}`],
  name: `${LEVEL[table.level]} entry ${index}`,
});

/** Where a frame is drawn: in the pool if it is one of its pages, otherwise among the frames. */
function memoryOf({ before, after }: Step, pfn: number): Anchor | null {
  if (pfn < 0) return null;
  for (const pool of [after.pool, before.pool]) {
    const cell = pool?.cells.find((one) => one.pfn >= 0 && one.pfn <= pfn && pfn < one.pfn + 512 * one.count);
    if (cell === undefined) continue;
    const name = cell.label === '' ? 'a page of the pool' : `${cell.label} in the pool`;
    return { view: 'pool', refs: [`frame:${pfn}`], frames: { from: pfn, to: pfn + 1 }, name };
  }
  return { view: 'frames', refs: [`frame:${pfn}`], frames: { from: pfn, to: pfn + 1 }, name: `frame 0x${hex(pfn)}` };
}

/** Entries from the top down to one: each points to the table that the next stands in. */
export function wayDown({ before, after }: Step, entry: Anchor | null): Anchor[] {
  const [, id, index] = (entry?.refs[0] ?? '').split(':');
  if (id === undefined || index === undefined) return [];
  for (const tree of [after.tree, before.tree]) {
    const byId = new Map(tree?.tables.map((table) => [table.id, table]));
    let table = byId.get(Number(id));
    if (table === undefined) continue;
    const way = [entryAnchor({ table, index: Number(index) })];
    for (let up = byId.get(table.parent); up !== undefined; up = byId.get(table.parent)) {
      way.unshift(entryAnchor({ table: up, index: table.index }));
      table = up;
    }
    return way;
  }
  return [];
}

const OF_ENTRIES = new Set<Phase['kind']>(['map', 'unmap', 'again']);

/** The entry that the phases are about, if it is drawn: of what is mapped the first, otherwise of what is cleared. */
function actingEntry(step: Step, leaves: readonly Leaf[]): Leaf | null {
  const { phases } = step.after.moment;
  const wanted = phases.filter(({ kind }) => OF_ENTRIES.has(kind)).flatMap(({ refs }) => refs);
  for (const ref of wanted) {
    const [kind, id, index] = ref.split(':');
    if (kind !== 'entry') continue;
    for (const tree of [step.after.tree, step.before.tree]) {
      const table = tree?.tables.find((one) => one.id === Number(id));
      const run = table?.runs.find((one) => one.from <= Number(index) && Number(index) < one.to);
      if (table !== undefined && run !== undefined && isLeaf(run)) return leafAt(table, run, Number(index));
    }
  }
  return leaves[0] ?? null;
}

/** A touch that found its entry there: the leaf that maps an address. */
function leafOf(tree: TreePicture | undefined, address: number): Leaf | null {
  for (const table of tree?.tables ?? [])
    for (const run of table.runs) {
      const size = 4096 * 512 ** (table.level - 1);
      const index = run.from + Math.floor((address - run.address) / size);
      if (isLeaf(run) && run.mark !== 'gone' && run.from <= index && index < run.to) return leafAt(table, run, index);
    }
  return null;
}

/** The area, and the stretch of it, that a step is about: of the phase that names both first. */
function actingArea({ after }: Step, who: number): { anchor: Anchor; slot: Slot } | null {
  const { phases } = after.moment;
  const named = phases.find(({ refs, kind }) => kind !== 'again' && refs.some((ref) => ref.startsWith('area:')));
  const ranged = phases.find(({ range }) => range !== null && range.who === who);
  const ref = named?.refs.find((one) => one.startsWith('area:'));
  if (ref === undefined && ranged === undefined) return null;
  const row = after.areas?.rows.find((one) => one.row === 'area' && one.ref === ref);
  const range = ranged?.range ?? null;
  const anchor: Anchor = {
    view: 'areas',
    refs: ref === undefined ? [] : [ref],
    ...(range === null ? {} : { range }),
    name: row?.row === 'area' ? `area ${row.name}` : 'its area',
  };
  return { anchor, slot: row?.row === 'area' ? row.slot : 0 };
}

export function actorsOf(step: Step): Actors {
  const { before, after } = step;
  const who = after.moment.statement?.who ?? 0;
  const leaves = touchedLeaves(after.tree);
  const area = actingArea(step, who);
  const address = area?.anchor.range?.start;
  const touch = after.moment.statement?.kind === 'touch' && address !== undefined;
  const acting = (touch ? leafOf(after.tree, address) : null) ?? actingEntry(step, leaves);
  const copy = after.moment.phases.find(({ kind }) => kind === 'copy');
  const [from] = framesOf(copy?.refs ?? []);
  const pairs: Pair[] = [];
  for (const leaf of leaves) {
    const page = memoryOf(step, leaf.pfn);
    if (page !== null && leaf.pfn > 0) pairs.push({ entry: entryAnchor(leaf), page, slot: leaf.run.slot });
  }
  const promised = (after.pool?.cells ?? []).filter(
    (cell) => cell.state === 'reserved' && cell.mark !== 'same' && cell.mark !== 'gone',
  );
  const [first] = promised;
  return {
    who,
    slot: area?.slot || acting?.run.slot || 0,
    area: area?.anchor ?? null,
    entry: acting === null ? null : entryAnchor(acting),
    page: acting === null ? null : memoryOf(step, acting.pfn),
    source: from === undefined ? null : memoryOf(step, from),
    pairs,
    moves: movesOf(before.tree, leaves),
    promised:
      first === undefined
        ? null
        : { view: 'pool', refs: [first.key as Ref], name: `${promised.length} pages of the pool` },
    tablesMoved:
      leaves.length > 0 || (after.tree?.tables.some(({ mark }) => mark === 'new' || mark === 'gone') ?? false),
    memoryMoved: moved(after),
  };
}

const framesOf = (refs: readonly Ref[]): number[] =>
  refs.filter((ref) => ref.startsWith('frame:')).map((ref) => Number(ref.slice(6)));

const moved = ({ pool, frames }: Pictures): boolean =>
  [...(pool?.cells ?? []), ...(frames?.cells ?? [])].some(({ mark }) => mark !== 'same') ||
  (pool !== undefined && (pool.free.was !== pool.free.now || pool.rsvd.was !== pool.rsvd.now));

/** Entries that map after the step what others mapped before it. */
function movesOf(before: TreePicture | undefined, leaves: readonly Leaf[]): Actors['moves'] {
  const old = new Map<number, Anchor>();
  for (const table of before?.tables ?? [])
    for (const run of table.runs)
      if (isLeaf(run))
        for (let i = run.from; i < run.to && old.size < 4096; i++) {
          const leaf = leafAt(table, run, i);
          if (leaf.pfn > 0) old.set(leaf.pfn, entryAnchor(leaf));
        }
  const moves: { from: Anchor; to: Anchor; slot: Slot }[] = [];
  for (const leaf of leaves) {
    if (leaf.run.mark !== 'new') continue;
    const from = old.get(leaf.pfn);
    const to = entryAnchor(leaf);
    if (from !== undefined && from.refs[0] !== to.refs[0]) moves.push({ from, to, slot: leaf.run.slot });
  }
  return moves;
}
