/** The address space of one process: areas in descending order, gaps between, folded where there are too many. */
import { PAGE_SIZE } from '../../base/units';
import { get_vma_name, vma_kernel_pagesize, vmaPerms, vmFlagCodes } from '../../engine/fs/proc';
import type { vm_area_struct } from '../../engine/mm/mm_types';
import type { AddressRow, AreaRow, AreasPicture, AreasRequest, FoldRow, Mark } from '../picture';
import type { Scene } from '../run';
import { mmOf, promisedPages, tally, titleOf, touchedAddresses } from './look';
import { segmentsOf } from './segments';

interface Item {
  readonly vma: vm_area_struct;
  /** As it was before this step, where it has changed. */
  readonly old?: vm_area_struct;
  mark: Mark;
  /** Higher stays unfolded longer. */
  weight: number;
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
  const before = new Map<number, vm_area_struct>();
  if (was !== null && was !== now) for (const vma of was.mm_mt) before.set(vma.id, vma);
  const touched = new Set<number>();
  if (now !== null) {
    for (const address of touchedAddresses(scene, ask.who)) {
      const vma = now.mm_mt.lookup(address);
      if (vma !== null) touched.add(vma.id);
    }
  }
  const items: Item[] = [];
  const fresh = was === null || was === now;
  if (now !== null) {
    for (const vma of now.mm_mt) {
      const old = before.get(vma.id);
      if (old !== undefined) before.delete(vma.id);
      if (vma.vm_end <= low || vma.vm_start >= high) continue;
      const mark = fresh ? 'same' : markOf(vma, old, touched);
      items.push({ vma, ...(mark === 'changed' ? { old } : {}), mark, weight: weightOf(vma, mark, keep) });
    }
  }
  for (const vma of before.values()) {
    if (vma.vm_end <= low || vma.vm_start >= high) continue;
    // What took its place under another id is not a loss: only what is no longer mapped at all is listed as gone.
    const there = now?.mm_mt.find(vma.vm_start) ?? null;
    if (there !== null && there.vm_start < vma.vm_end) continue;
    items.push({ vma, mark: 'gone', weight: weightOf(vma, 'gone', keep) });
  }
  items.sort((a, b) => b.vma.vm_start - a.vma.vm_start);
  return items;
}

function markOf(vma: vm_area_struct, old: vm_area_struct | undefined, touched: ReadonlySet<number>): Mark {
  if (old === undefined) return 'new';
  const same =
    old.vm_start === vma.vm_start &&
    old.vm_end === vma.vm_end &&
    old.vm_flags === vma.vm_flags &&
    old.vm_pgoff === vma.vm_pgoff &&
    old.vm_mm.id === vma.vm_mm.id;
  return same && !touched.has(vma.id) ? 'same' : 'changed';
}

function weightOf(vma: vm_area_struct, mark: Mark, keep: ReadonlySet<number>): number {
  if (keep.has(vma.id)) return 1e9;
  const size = Math.log2(vma.vm_end - vma.vm_start);
  const name = vma.vm_file === null && vma.special_name === '' ? 8 : 0;
  return size + name + (mark === 'same' ? 0 : 1e6);
}

function rowsOf(scene: Scene, items: readonly Item[], ask: AreasRequest): AddressRow[] {
  const max = Math.max(8, ask.maxRows);
  let shown = new Set<Item>(items);
  if (items.length + gapsBetween(items) > max) {
    const byWeight = [...items].sort((a, b) => b.weight - a.weight);
    shown = new Set(byWeight.slice(0, Math.max(2, (max - 4) >> 1)));
  }
  // Gaps as wide as this stand between folds; wider and wider ones are taken into them until it fits.
  for (let gap = 2 ** 30; ; gap *= 64) {
    const plan = planRows(items, shown, gap);
    if (plan.length <= max || gap > 2 ** 48) return plan.map((row) => finish(scene, row, ask));
  }
}

const gapsBetween = (items: readonly Item[]): number =>
  items.reduce((n, item, i) => n + (i > 0 && items[i - 1]!.vma.vm_start > item.vma.vm_end ? 1 : 0), 0);

type Planned =
  { kind: 'area'; item: Item } | { kind: 'fold'; items: Item[] } | { kind: 'gap'; start: number; end: number };

function planRows(items: readonly Item[], shown: ReadonlySet<Item>, wide: number): Planned[] {
  const plan: Planned[] = [];
  let fold: Item[] | null = null;
  let above = Infinity;
  for (const item of items) {
    const { vm_start, vm_end } = item.vma;
    const gap = above - vm_end;
    const stays = shown.has(item);
    if (fold !== null && (stays || gap >= wide)) fold = null;
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
  if (row.items.length === 1 && row.items[0]!.weight >= 1e9) return areaRow(scene, row.items[0]!, ask.maxSegments);
  return foldRow(row.items);
}

export function areaRow(scene: Scene, item: Pick<Item, 'vma' | 'old' | 'mark'>, maxSegments: number): AreaRow {
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

function foldRow(items: readonly Item[]): FoldRow {
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
  };
}
