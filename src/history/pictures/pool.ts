/** The huge-page pool: every page in use with its holder, every promise with its owner, and what is free. */
import { hex, PMD_SIZE } from '../../base/units';
import type { Machine } from '../../engine/machine';
import type { inode, vm_area_struct } from '../../engine/mm/mm_types';
import { PG_hugetlb } from '../../engine/mm/page_alloc';
import { walk_page_range } from '../../engine/mm/pagewalk';
import { pte_pfn } from '../../engine/mm/pgtable';
import { VM_MAYSHARE } from '../../engine/mm/vm_flags';
import type { PoolCell, PoolHolder, PoolPicture, PoolRequest } from '../picture';
import type { Scene } from '../run';
import { inodesOf, inRegions, isHugetlb, isPromised, labelAt, nameTime, ownedBy, promisedPages, titleOf } from './look';

/** A machine with its areas of huge pages: all that the pool's picture looks at. */
interface View {
  readonly m: Machine;
  readonly areas: readonly vm_area_struct[];
}

function viewOf(m: Machine): View {
  const areas: vm_area_struct[] = [];
  // Without pages nobody can have or be promised one.
  if (m.hstate.nr_huge_pages > 0)
    for (const task of m.tasks.values()) for (const vma of task.mm.mm_mt) if (isHugetlb(vma)) areas.push(vma);
  return { m, areas };
}

export function poolPicture(scene: Scene, ask: PoolRequest): PoolPicture {
  const now = viewOf(scene.now);
  const was = scene.was === scene.now ? now : viewOf(scene.was);
  const cells = cellsOf(scene, now, ask.maxCells);
  const before = was === now ? cells : cellsOf(scene, was, ask.maxCells);
  const holders = holdersOf(scene, now);
  const held = was === now ? holders : holdersOf(scene, was);
  const h = now.m.hstate;
  const o = was.m.hstate;
  return {
    wanted: scene.run.touched.pool || h.nr_huge_pages > 0 || h.nr_overcommit_huge_pages > 0,
    pageSize: PMD_SIZE,
    total: { was: o.nr_huge_pages, now: h.nr_huge_pages },
    free: { was: o.free_huge_pages, now: h.free_huge_pages },
    rsvd: { was: o.resv_huge_pages, now: h.resv_huge_pages },
    surp: { was: o.surplus_huge_pages, now: h.surplus_huge_pages },
    overcommit: { was: o.nr_overcommit_huge_pages, now: h.nr_overcommit_huge_pages },
    cells: marked(cells, before, ask.maxCells),
    holders: joinHolders(holders, held),
    summary: summaryOf(now.m, holders),
  };
}

/** Free pages that are promised to nobody; a count of promises below 0 makes no pages. */
const unpromised = ({ hstate: h }: Machine): number => Math.max(0, h.free_huge_pages - Math.max(0, h.resv_huge_pages));

type Draft = Omit<PoolCell, 'mark'>;

const plain = { surplus: false, count: 1, pfn: -1, label: '', who: [], area: 0, file: 0, offset: -1, slot: 0 } as const;

function cellsOf(scene: Scene, view: View, max: number): Draft[] {
  const { m } = view;
  const cells = usedCells(scene, view);
  const used = cells.length;
  // Linux does not say which pages are surplus; the ones allocated highest stand for them.
  for (let i = 0; i < Math.min(used, m.hstate.surplus_huge_pages); i++) {
    const at = used - 1 - i;
    cells[at] = { ...cells[at]!, surplus: true };
  }
  cells.push(...promisedCells(scene, view, max));
  const free = unpromised(m);
  if (cells.length + free <= max) {
    for (let i = 0; i < free; i++) cells.push({ ...plain, ref: null, key: `free:${i}`, state: 'free' });
  } else if (free > 0) cells.push({ ...plain, ref: null, key: 'free', state: 'free', count: free });
  return cells.length <= max ? cells : joined(cells);
}

/** Pages of the pool that are in use, by frame. */
function usedCells(scene: Scene, view: View): Draft[] {
  const { m } = view;
  if (m.hstate.nr_huge_pages === 0) return [];
  const free = new Set(m.hstate.free);
  const holders = mappers(view);
  const cached = cachedPages(m);
  const cells: Draft[] = [];
  for (let pfn = 512; pfn < m.frames.top; pfn += 512) {
    if ((m.frames.flags(pfn) & PG_hugetlb) === 0 || free.has(pfn)) continue;
    const mapped = holders.get(pfn);
    const file = cached.get(pfn);
    let label = '';
    let slot: Draft['slot'] = 0;
    if (mapped !== undefined) {
      const title = titleOf(scene, mapped.vma, nameTime(scene, m));
      label = ownedBy(scene, mapped.vma, labelAt(title, mapped.address), mapped.who, m);
      slot = title.slot;
    } else if (file !== undefined) label = `file ${file.inode.id}`;
    cells.push({
      ...plain,
      ref: `frame:${pfn}`,
      key: `frame:${pfn}`,
      state: 'used',
      pfn,
      label,
      who: mapped === undefined ? [] : mapped.who,
      area: mapped?.vma.id ?? 0,
      file: file?.inode.id ?? 0,
      offset: mapped === undefined ? (file?.index ?? 0) * PMD_SIZE : mapped.address - mapped.vma.vm_start,
      slot,
    });
  }
  return cells;
}

interface Mapper {
  readonly vma: vm_area_struct;
  readonly address: number;
  readonly who: number[];
}

/** Who maps each huge page of the pool: the first mapping, and every process. */
function mappers({ areas }: View): Map<number, Mapper> {
  const found = new Map<number, Mapper>();
  for (const vma of areas) {
    const who = vma.vm_mm.id;
    walk_page_range(vma.vm_mm, vma.vm_start, vma.vm_end, (address, entry) => {
      const pfn = pte_pfn(entry);
      const there = found.get(pfn);
      if (there === undefined) found.set(pfn, { vma, address, who: [who] });
      else if (!there.who.includes(who) && there.who.length < 8) there.who.push(who);
    });
  }
  return found;
}

function cachedPages(m: Machine): Map<number, { inode: inode; index: number }> {
  const found = new Map<number, { inode: inode; index: number }>();
  for (const inode of inodesOf(m).values()) {
    if (inode.kind !== 'hugetlb') continue;
    inode.i_mapping.i_pages.forEach(0, Infinity, (index, value) => found.set(value - 1, { inode, index }));
  }
  return found;
}

/** One cell for each page that is promised and not taken, at most `max`. */
function promisedCells(scene: Scene, view: View, max: number): Draft[] {
  const { m } = view;
  const cells: Draft[] = [];
  for (const holder of promises(view)) {
    const { vma, inode } = holder;
    const title = vma === null ? null : titleOf(scene, vma, nameTime(scene, m));
    const own = vma !== null && (vma.vm_flags & VM_MAYSHARE) === 0;
    const base = {
      ...plain,
      state: 'reserved' as const,
      ref: own ? (`area:${vma.id}` as const) : (`file:${inode?.id ?? 0}` as const),
      who: vma === null ? [] : [vma.vm_mm.id],
      area: vma?.id ?? 0,
      file: inode?.id ?? 0,
      slot: title?.slot ?? plain.slot,
    };
    let n = 0;
    if (own) {
      for (let at = vma.vm_start; at < vma.vm_end && n < max; at += PMD_SIZE) {
        if (!isPromised(vma, at)) continue;
        n++;
        const offset = at - vma.vm_start;
        cells.push({ ...base, key: `rsvd:${vma.vm_mm.id}:${hex(at)}`, label: labelAt(title!, at), offset });
      }
    } else if (inode !== null && inode.resv !== null) {
      for (const r of inode.resv.regions) {
        for (let index = r.from; index < r.to && n < max; index++) {
          if (inode.i_mapping.i_pages.get(index) !== 0) continue;
          n++;
          const label = vma === null ? `file ${inode.id}` : labelAt(title!, fileAddress(vma, index));
          cells.push({ ...base, key: `rsvd:f${inode.id}:${index}`, label, offset: index * PMD_SIZE });
        }
      }
    }
    if (n < holder.pages) {
      cells.push({
        ...base,
        key: `rsvd:${own ? vma.id : `f${inode?.id ?? 0}`}:more`,
        label: title?.name ?? '',
        count: holder.pages - n,
      });
    }
  }
  if (m.hstate.lost > 0)
    cells.push({ ...plain, ref: null, key: 'rsvd:lost', state: 'reserved', label: 'nobody', count: m.hstate.lost });
  return cells;
}

/** Where huge page `index` of the file is mapped by the area. */
const fileAddress = (vma: vm_area_struct, index: number): number =>
  vma.vm_start + index * PMD_SIZE - vma.vm_pgoff * 4096;

interface Promised {
  readonly vma: vm_area_struct | null;
  readonly inode: inode | null;
  readonly pages: number;
}

/** Everyone who was promised pages: private owners by area, shared ones by file. */
function promises({ m, areas }: View): Promised[] {
  const found: Promised[] = [];
  if (m.hstate.nr_huge_pages === 0) return found;
  const files = new Map<inode, vm_area_struct | null>();
  for (const inode of inodesOf(m).values()) if (inode.kind === 'hugetlb') files.set(inode, null);
  for (const vma of areas) {
    if ((vma.vm_flags & VM_MAYSHARE) !== 0) {
      const inode = vma.vm_file?.inode;
      if (inode !== undefined && (files.get(inode) ?? null) === null) files.set(inode, vma);
      continue;
    }
    const pages = promisedPages(vma);
    if (pages > 0) found.push({ vma, inode: null, pages });
  }
  for (const [inode, vma] of files) {
    const pages = promisedOfFile(inode);
    if (pages > 0) found.push({ vma, inode, pages });
  }
  return found;
}

function promisedOfFile(inode: inode): number {
  const map = inode.resv;
  if (map === null) return 0;
  let n = map.regions.reduce((sum, r) => sum + r.to - r.from, 0);
  inode.i_mapping.i_pages.forEach(0, Infinity, (index) => {
    if (inRegions(map, index)) n--;
  });
  return n;
}

/** Like neighbours as one cell. */
function joined(cells: readonly Draft[]): Draft[] {
  const out: Draft[] = [];
  for (const cell of cells) {
    const last = out[out.length - 1];
    const same =
      last !== undefined &&
      last.state === cell.state &&
      last.area === cell.area &&
      last.file === cell.file &&
      last.surplus === cell.surplus;
    if (same) out[out.length - 1] = { ...last, count: last.count + cell.count };
    else out.push(cell);
  }
  return out;
}

function marked(cells: readonly Draft[], before: readonly Draft[], max: number): PoolCell[] {
  const old = new Map(before.map((cell) => [cell.key, cell]));
  const out: PoolCell[] = [];
  for (const cell of cells.slice(0, max)) {
    const was = old.get(cell.key);
    old.delete(cell.key);
    if (was === undefined) out.push({ ...cell, mark: 'new' });
    else {
      const same = was.state === cell.state && was.count === cell.count && was.label === cell.label;
      out.push({ ...cell, mark: same && was.who.length === cell.who.length ? 'same' : 'changed' });
    }
  }
  for (const cell of old.values()) {
    if (out.length >= max * 1.25) break;
    // Free pages have no identity of their own: there are only more or fewer of them.
    if (cell.state !== 'free') out.push({ ...cell, mark: 'gone' });
  }
  return out;
}

function holdersOf(scene: Scene, view: View): PoolHolder[] {
  return promises(view)
    .slice(0, 200)
    .map(({ vma, inode, pages }) => {
      const title = vma === null ? null : titleOf(scene, vma, nameTime(scene, view.m));
      const own = vma !== null && inode === null;
      return {
        ref: own ? (`area:${vma.id}` as const) : (`file:${inode?.id ?? 0}` as const),
        label: title?.name ?? `file ${inode?.id ?? 0}`,
        slot: title?.slot ?? 0,
        reserved: pages,
        was: 0,
      };
    });
}

function joinHolders(now: readonly PoolHolder[], was: readonly PoolHolder[]): PoolHolder[] {
  const old = new Map(was.map((h) => [h.ref, h]));
  const all = now.map((h) => {
    const before = old.get(h.ref);
    old.delete(h.ref);
    return { ...h, was: before?.reserved ?? 0 };
  });
  for (const h of old.values()) all.push({ ...h, was: h.reserved, reserved: 0 });
  return all;
}

function summaryOf(m: Machine, holders: readonly PoolHolder[]): string {
  const h = m.hstate;
  if (h.nr_huge_pages === 0) return 'The pool is empty.';
  const used = h.nr_huge_pages - h.free_huge_pages;
  const parts = [`${used} in use`];
  if (h.resv_huge_pages > 0) {
    const names = holders.filter((x) => x.reserved > 0).map((x) => x.label);
    const to = names.length === 0 ? '' : ` to ${names.slice(0, 3).join(', ')}${names.length > 3 ? ' …' : ''}`;
    parts.push(`${h.resv_huge_pages} promised${to}`);
  }
  parts.push(`${unpromised(m)} free`);
  if (h.surplus_huge_pages > 0) parts.push(`${h.surplus_huge_pages} borrowed`);
  return parts.join(' · ');
}
