/** The page tables of one process: which tables are listed within the budget, and what each holds as runs. */
import type { mm_struct } from '../../engine/mm/mm_types';
import { LEVEL_SIZE, PTE, PTRS_PER_TABLE, type Table } from '../../engine/mm/pgtable';
import type { Level, Mark, TableNode, TreePicture, TreeRequest } from '../picture';
import type { Scene } from '../run';
import { mmOf, titleOf } from './look';
import type { Place } from './place';
import { runsOf, type Owner } from './runs';

/** Tables looked at in one tree; more are only counted by their bytes. */
const MOST_TABLES = 20_000;

export function treePicture(scene: Scene, ask: TreeRequest): TreePicture {
  const now = mmOf(scene.now, ask.who);
  const was = scene.was === scene.now ? null : mmOf(scene.was, ask.who);
  const mm = now ?? was;
  const count: [number, number, number, number, number] = [0, 0, 0, 0, 0];
  if (mm === null) return { who: ask.who, tables: [], count, leaves: 0, hugeLeaves: 0, hidden: 0 };

  const total = { tables: 0, leaves: 0, huge: 0 };
  const top = now === null ? null : survey(now, count, total);
  const old = was === null ? null : survey(was, [0, 0, 0, 0, 0], { tables: 0, leaves: 0, huge: 0 });
  const tree = top === null ? old!.top : top.top;
  if (top === null) markAll(tree, 'gone');
  else if (old !== null) compare(top, old);

  const listed = choose(tree, ask);
  const owner = ownerOf(scene, mm);
  const tables = listed.map((place) => nodeOf(place, owner, namesBelow(scene, mm, place)));
  tables.sort((a, b) => b.level - a.level || a.base - b.base || a.id - b.id);
  const plan = scene.run.plan.tables(ask.who);
  const gone = listed.reduce((n, place) => n + (place.mark === 'gone' ? 1 : 0), 0);
  return {
    who: ask.who,
    tables,
    count,
    leaves: total.leaves,
    hugeLeaves: total.huge,
    hidden: Math.max(0, total.tables - (listed.length - gone)),
    ...(plan === undefined ? {} : { plan }),
  };
}

interface Survey {
  readonly top: Place;
  readonly byId: Map<number, Place>;
}

function survey(mm: mm_struct, count: number[], total: { tables: number; leaves: number; huge: number }): Survey {
  const byId = new Map<number, Place>();
  const visit = (table: Table, parent: Place | null, index: number, base: number): Place => {
    const place: Place = {
      table,
      parent,
      index,
      base,
      children: [],
      before: null,
      mark: 'same',
      weight: 0,
      chosen: false,
    };
    byId.set(table.id, place);
    total.tables++;
    count[table.level]!++;
    if (table.level === PTE) {
      total.leaves += table.used;
      return place;
    }
    const size = LEVEL_SIZE[table.level]!;
    let left = table.used;
    for (let i = 0; i < PTRS_PER_TABLE && left > 0; i++) {
      if (table.entries[i] !== 0) {
        total.huge++;
        left--;
        continue;
      }
      const lower = table.down![i]!;
      if (lower === null) continue;
      left--;
      if (byId.size < MOST_TABLES) place.children.push(visit(lower, place, i, base + i * size));
    }
    return place;
  };
  return { top: visit(mm.pgd, null, 0, 0), byId };
}

function markAll(place: Place, mark: Mark): void {
  place.mark = mark;
  for (const child of place.children) markAll(child, mark);
}

/** Marks what is new, changed or gone since the step before, and hangs tables that went where they were. */
function compare(now: Survey, was: Survey): void {
  for (const [id, place] of now.byId) {
    const before = was.byId.get(id);
    if (before === undefined) {
      place.mark = 'new';
      continue;
    }
    place.before = before;
    if (before.table.used !== place.table.used || !sameEntries(before.table, place.table)) place.mark = 'changed';
    else if (before.base !== place.base || before.table.share_count !== place.table.share_count) place.mark = 'changed';
  }
  for (const [id, before] of was.byId) {
    if (now.byId.has(id) || before.parent === null) continue;
    // Under a table that went too, it hangs by that one.
    const parent = now.byId.get(before.parent.table.id);
    if (parent !== undefined) parent.children.push(graft(before, parent, now.byId));
  }
}

/** A gone table with those below it that are gone too. */
function graft(place: Place, parent: Place, alive: ReadonlyMap<number, Place>): Place {
  const copy: Place = { ...place, parent, mark: 'gone', before: place, children: [] };
  for (const child of place.children) if (!alive.has(child.table.id)) copy.children.push(graft(child, copy, alive));
  return copy;
}

function sameEntries(a: Table, b: Table): boolean {
  const x = a.entries;
  const y = b.entries;
  if (x === y) return true;
  for (let i = 0; i < PTRS_PER_TABLE; i++) if (x[i] !== y[i]) return false;
  return true;
}

/** Which tables are listed: the top one, then by weight while the budget lasts; a table never without those above it. */
function choose(top: Place, ask: TreeRequest): Place[] {
  const open = new Set(ask.open);
  const folded = new Set(ask.folded);
  const above = new Set<Place>();
  if (!ask.auto) aboveOpen(top, open, above);
  const candidates: Place[] = [];
  let order = 0;
  const gather = (place: Place): void => {
    if (folded.has(place.table.id)) return;
    const opened = open.has(place.table.id);
    if (!opened && !ask.auto && place.parent !== null && !above.has(place)) return;
    const likes = opened ? null : likeRuns(place);
    for (const child of place.children) {
      let weight = child.table.level * 1000 - order++ * 1e-6;
      if (opened) weight += 1e6;
      if (child.mark !== 'same') weight += 1e5;
      if (open.has(child.table.id)) weight += 1e7;
      // Inside a run of like tables only its ends stand for the rest.
      if (likes !== null && likes.has(child) && child.mark === 'same' && !open.has(child.table.id)) continue;
      child.weight = weight;
      candidates.push(child);
      gather(child);
    }
  };
  gather(top);
  candidates.sort((a, b) => b.weight - a.weight);

  const listed: Place[] = [top];
  top.chosen = true;
  let marks = 1 + Math.min(32, top.table.used);
  for (const place of candidates) {
    const path: Place[] = [];
    for (let p: Place | null = place; p !== null && !p.chosen; p = p.parent) path.push(p);
    const cost = path.reduce((sum, p) => sum + costOf(p), 0);
    if (marks + cost > ask.maxMarks) continue;
    for (const p of path) {
      p.chosen = true;
      listed.push(p);
    }
    marks += cost;
  }
  return listed;
}

/** Collects the tables below which one is open: they are shown, or nobody could see it. */
function aboveOpen(place: Place, open: ReadonlySet<number>, above: Set<Place>): boolean {
  let found = open.has(place.table.id);
  for (const child of place.children) if (child.table.level > PTE && aboveOpen(child, open, above)) found = true;
  if (found) above.add(place);
  return found;
}

/** Marks that a table takes, at most: itself and its runs. */
const costOf = (place: Place): number => 1 + Math.min(place.table.level === PTE ? 12 : 20, place.table.used);

/** Lowest tables that look like both neighbours: full, side by side, unchanged. */
function likeRuns(place: Place): ReadonlySet<Place> {
  const inner = new Set<Place>();
  const list = place.children;
  for (let i = 1; i + 1 < list.length; i++) {
    if (like(list[i - 1]!, list[i]!) && like(list[i]!, list[i + 1]!)) inner.add(list[i]!);
  }
  return inner;
}

const like = (a: Place, b: Place): boolean =>
  a.table.level === PTE && a.index + 1 === b.index && a.table.used === b.table.used && a.table.used === PTRS_PER_TABLE;

function nodeOf(place: Place, owner: Owner, names: readonly string[]): TableNode {
  const { table, parent, mark } = place;
  return {
    ref: `table:${table.id}`,
    id: table.id,
    level: table.level as Level,
    parent: parent === null ? 0 : parent.table.id,
    index: place.index,
    base: place.base,
    used: table.used,
    shared: table.share_count,
    runs: runsOf(place, owner),
    open: table.level === PTE || place.children.some((child) => child.chosen),
    mark,
    ...(names.length === 0 ? {} : { names }),
  };
}

/** Up to three names of areas that a lowest table, or the huge leaves of a higher one, map: the highest first. */
function namesBelow(scene: Scene, mm: mm_struct, place: Place): string[] {
  const { table, base, mark } = place;
  if (table.level > PTE + 1 || mark === 'gone') return [];
  const end = base + LEVEL_SIZE[table.level]! * PTRS_PER_TABLE;
  const names: string[] = [];
  let vma = mm.mm_mt.lookup(end - 1) ?? mm.mm_mt.before(end);
  for (let looked = 0; vma !== null && vma.vm_end > base && names.length < 3 && looked < 16; looked++) {
    const { name } = titleOf(scene, vma, scene.k);
    if (!names.includes(name)) names.push(name);
    vma = mm.mm_mt.prev(vma);
  }
  return names;
}

/** Whose address it is: the area there now, else the one that was there. */
function ownerOf(scene: Scene, mm: mm_struct): Owner {
  const was = mmOf(scene.was, mm.id);
  return {
    find(address, gone) {
      const order = gone ? [was, mm] : [mm, was];
      for (const space of order) {
        const vma = space?.mm_mt.find(address) ?? null;
        if (vma !== null && vma.vm_start <= address) return vma;
      }
      return null;
    },
    slot: (vma, gone) => {
      const binding = scene.names.lookup(vma.vm_start, mm.id, gone ? scene.k - 1 : scene.k);
      return binding?.slot ?? 0;
    },
  };
}
