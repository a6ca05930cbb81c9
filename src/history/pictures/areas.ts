/** The address space of one process: areas in descending order, gaps between, folded where there are too many. */
import { PAGE_SIZE } from '../../base/units';
import { get_vma_name, vma_kernel_pagesize, vmaPerms, vmFlagCodes } from '../../engine/fs/proc';
import type { mm_struct, vm_area_struct } from '../../engine/mm/mm_types';
import type { AddressRow, AreaRow, AreasPicture, AreasRequest, FoldRow, Mark } from '../picture';
import type { Scene } from '../run';
import { isUntouched, mmOf, promisedPages, tally, titleOf, touchedAddresses } from './look';
import { segmentsOf } from './segments';

interface Item {
  readonly vma: vm_area_struct;
  /** As it was before this step, where it has changed. */
  readonly old?: vm_area_struct;
  mark: Mark;
  /** Higher stays unfolded longer. */
  weight: number;
  /** Nothing in the whole run acts on it. */
  readonly untouched: boolean;
}

export function areasPicture(scene: Scene, ask: AreasRequest): AreasPicture {
  const { who } = ask;
  const now = mmOf(scene.now, who);
  const was = mmOf(scene.was, who);
  const items = itemsOf(scene, ask);
  const rows = rowsOf(scene, items, ask);
  const mm = now ?? was;
  const gone = now === null;
  return {
    who,
    name: scene.names.processName(who),
    rows,
    areas: gone ? 0 : now.map_count,
    bytes: gone ? 0 : now.total_vm * PAGE_SIZE,
    presentBytes: gone || mm === null ? 0 : (mm.rss_anon + mm.rss_file + mm.rss_shmem + mm.hugetlb_usage) * PAGE_SIZE,
    folded: rows.some((row) => row.row === 'fold'),
  };
}

/** Areas of now and those that went in this step, descending. */
function itemsOf(scene: Scene, ask: AreasRequest): Item[] {
  const now = mmOf(scene.now, ask.who);
  const was = mmOf(scene.was, ask.who);
  const low = ask.window?.start ?? 0;
  const high = ask.window?.end ?? Infinity;
  const keep = new Set(ask.keep ?? []);
  const folds = ask.foldUntouched === true && ask.window === undefined;
  const items: Item[] = [];
  const put = (vma: vm_area_struct, mark: Mark, old?: vm_area_struct): void => {
    if (vma.vm_end <= low || vma.vm_start >= high) return;
    const weight = weightOf(vma, mark, keep);
    const differs = mark === 'changed' && old !== undefined;
    const untouched = folds && !differs && !keep.has(vma.id) && isUntouched(scene, vma);
    items.push(differs ? { vma, old, mark, weight, untouched } : { vma, mark, weight, untouched });
  };
  if (now === null) {
    if (was !== null) for (const vma of was.mm_mt) put(vma, 'gone');
    return items.reverse();
  }
  const touched = touchedAreas(scene, now);
  if (was === null || was === now) {
    for (const vma of now.mm_mt) put(vma, 'same');
    return items.reverse();
  }
  const { old, gone } = pair(now, was);
  for (const vma of now.mm_mt) put(vma, markOf(vma, old.get(vma.id), touched, old.has(vma.id)), old.get(vma.id));
  for (const vma of gone) put(vma, 'gone');
  return gone.length === 0 ? items.reverse() : items.sort((a, b) => b.vma.vm_start - a.vma.vm_start);
}

/**
 * The areas whose state before differs from now: by id, as they were (undefined for a new one); and those that went. What
 * another area took the place of is not lost, and not listed as gone.
 */
function pair(
  now: mm_struct,
  was: mm_struct,
): { old: Map<number, vm_area_struct | undefined>; gone: vm_area_struct[] } {
  const old = new Map<number, vm_area_struct | undefined>();
  const left = new Map<number, vm_area_struct>();
  const befores = was.mm_mt[Symbol.iterator]();
  let before = befores.next();
  for (const vma of now.mm_mt) {
    while (before.done !== true && before.value.vm_start < vma.vm_start && before.value.id !== vma.id) {
      left.set(before.value.id, before.value);
      before = befores.next();
    }
    if (before.done === true || before.value.id !== vma.id) {
      old.set(vma.id, undefined);
      continue;
    }
    if (!alike(before.value, vma)) old.set(vma.id, before.value);
    before = befores.next();
  }
  for (; before.done !== true; before = befores.next()) left.set(before.value.id, before.value);
  // An area that moved past others is met out of order.
  for (const id of old.keys()) {
    const found = left.get(id);
    if (found === undefined || old.get(id) !== undefined) continue;
    old.set(id, found);
    left.delete(id);
  }
  const gone = [...left.values()].filter((vma) => {
    const there = now.mm_mt.find(vma.vm_start);
    return there === null || there.vm_start >= vma.vm_end;
  });
  return { old, gone };
}

const alike = (a: vm_area_struct, b: vm_area_struct): boolean =>
  a.vm_start === b.vm_start && a.vm_end === b.vm_end && a.vm_flags === b.vm_flags && a.vm_pgoff === b.vm_pgoff;

function touchedAreas(scene: Scene, now: mm_struct): Set<number> {
  const touched = new Set<number>();
  let vma: vm_area_struct | null = null;
  for (const address of touchedAddresses(scene, now.id)) {
    if (vma === null || address < vma.vm_start || address >= vma.vm_end) vma = now.mm_mt.lookup(address);
    if (vma !== null) touched.add(vma.id);
  }
  return touched;
}

function markOf(
  vma: vm_area_struct,
  old: vm_area_struct | undefined,
  touched: ReadonlySet<number>,
  differs: boolean,
): Mark {
  if (differs) return old === undefined ? 'new' : 'changed';
  return touched.has(vma.id) ? 'changed' : 'same';
}

/** Small whole numbers: what is kept, then what changed, then mappings of the scenario, then by size. */
function weightOf(vma: vm_area_struct, mark: Mark, keep: ReadonlySet<number>): number {
  const size = Math.floor(Math.log2((vma.vm_end - vma.vm_start) / PAGE_SIZE));
  const named = vma.vm_file === null && vma.special_name === '' ? 8 : 0;
  return size + named + (keep.has(vma.id) ? KEPT : mark === 'same' ? 0 : CHANGED);
}

const CHANGED = 128;
const KEPT = 256;
const WEIGHTS = 384;

function rowsOf(scene: Scene, items: readonly Item[], ask: AreasRequest): AddressRow[] {
  const max = Math.max(8, ask.maxRows);
  const few = items.length + gapsBetween(items) <= max;
  const shown = few ? new Uint8Array(items.length).fill(1) : heaviest(items, Math.max(2, (max - 4) >> 1));
  for (let i = 0; i < items.length; i++)
    if (items[i]!.untouched && (untouchedAt(items, i - 1) || untouchedAt(items, i + 1))) shown[i] = 0;
  // Gaps as wide as this stand between folds; wider and wider ones are taken into them until it fits.
  for (let gap = 2 ** 30; ; gap *= 64) {
    const plan = planRows(items, shown, gap);
    if (plan.length <= max || gap > 2 ** 48) return plan.map((row) => finish(scene, row, ask));
  }
}

const untouchedAt = (items: readonly Item[], i: number): boolean => i in items && items[i]!.untouched;

/** 1 for each of the `most` heaviest items; of equals the higher addresses. */
function heaviest(items: readonly Item[], most: number): Uint8Array {
  const counts = new Int32Array(WEIGHTS);
  for (const item of items) counts[item.weight]!++;
  let cut = WEIGHTS - 1;
  let left = most;
  for (; cut > 0 && counts[cut]! <= left; cut--) left -= counts[cut]!;
  const shown = new Uint8Array(items.length);
  for (let i = 0; i < items.length; i++) {
    const { weight } = items[i]!;
    if (weight > cut || (weight === cut && left-- > 0)) shown[i] = 1;
  }
  return shown;
}

function gapsBetween(items: readonly Item[]): number {
  let n = 0;
  for (let i = 1; i < items.length; i++) if (items[i - 1]!.vma.vm_start > items[i]!.vma.vm_end) n++;
  return n;
}

type Planned =
  { kind: 'area'; item: Item } | { kind: 'fold'; items: Item[] } | { kind: 'gap'; start: number; end: number };

function planRows(items: readonly Item[], shown: Uint8Array, wide: number): Planned[] {
  const plan: Planned[] = [];
  let fold: Item[] | null = null;
  let above = Infinity;
  for (let i = 0; i < items.length; i++) {
    const item = items[i]!;
    const { vm_start, vm_end } = item.vma;
    const gap = above - vm_end;
    const stays = shown[i] === 1;
    if (fold !== null && (stays || gap >= wide || fold[0]!.untouched !== item.untouched)) fold = null;
    if (above !== Infinity && gap > 0 && fold === null) plan.push({ kind: 'gap', start: vm_end, end: above });
    if (stays) plan.push({ kind: 'area', item });
    else if (fold === null) {
      fold = [item];
      plan.push({ kind: 'fold', items: fold });
    } else fold.push(item);
    above = Math.min(above, vm_start);
  }
  return plan;
}

function finish(scene: Scene, row: Planned, ask: AreasRequest): AddressRow {
  if (row.kind === 'gap') return { row: 'gap', start: row.start, end: row.end };
  if (row.kind === 'area') return areaRow(scene, row.item, ask.maxSegments);
  return foldRow(scene, row.items);
}

function areaRow(scene: Scene, item: Pick<Item, 'vma' | 'old' | 'mark'>, maxSegments: number): AreaRow {
  const { vma, old, mark } = item;
  const title = titleOf(scene, vma, mark === 'gone' ? scene.k - 1 : scene.k);
  const pageSize = vma_kernel_pagesize(vma);
  const there = tally(vma.vm_mm, vma.vm_start, vma.vm_end);
  const size = vma.vm_end - vma.vm_start;
  return {
    row: 'area',
    ref: `area:${vma.id}`,
    id: vma.id,
    name: title.name,
    slot: title.slot,
    start: vma.vm_start,
    end: vma.vm_end,
    base: title.base,
    perms: vmaPerms(vma.vm_flags),
    flags: vmFlagCodes(vma.vm_flags)
      .split(' ')
      .filter((code) => code !== ''),
    path: get_vma_name(vma),
    pageSize,
    pages: size / pageSize,
    present: Math.ceil(there.bytes / pageSize),
    reserved: promisedPages(vma),
    segments: segmentsOf(scene, vma, pageSize, Math.max(1, maxSegments)),
    mark,
    ...(old === undefined ? {} : { was: { start: old.vm_start, end: old.vm_end, perms: vmaPerms(old.vm_flags) } }),
  };
}

function foldRow(scene: Scene, items: readonly Item[]): FoldRow {
  const nameOf = ({ vma, mark }: Item): string => titleOf(scene, vma, mark === 'gone' ? scene.k - 1 : scene.k).name;
  const start = items[items.length - 1]!.vma.vm_start;
  const end = items[0]!.vma.vm_end;
  let bytes = 0;
  let changed = 0;
  for (const { vma, mark } of items) {
    if (mark !== 'gone') bytes += vma.vm_end - vma.vm_start;
    if (mark !== 'same') changed++;
  }
  const mm = items[0]!.vma.vm_mm;
  return {
    row: 'fold',
    start,
    end,
    areas: items.length,
    bytes,
    presentBytes: tally(mm, start, end).bytes,
    changed,
    first: items[0]!.vma.id,
    untouched: items[0]!.untouched,
    names: [nameOf(items[0]!), nameOf(items[items.length - 1]!)],
  };
}
