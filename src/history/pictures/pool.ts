/** The huge-page pool: every page in use with its holder, every promise with its owner, and what is free. */
import { PMD_SIZE } from '../../base/units';
import type { Machine } from '../../engine/machine';
import type { inode, vm_area_struct } from '../../engine/mm/mm_types';
import { walk_page_range } from '../../engine/mm/pagewalk';
import { pte_pfn } from '../../engine/mm/pgtable';
import { VM_MAYSHARE } from '../../engine/mm/vm_flags';
import type { PoolCell, PoolHolder, PoolPicture, PoolRequest } from '../picture';
import type { Scene } from '../run';
import { inodesOf, labelAt, nameTime, ownedBy, titleOf } from './look';
import { promises, promisesOf, usedPages, viewOf, type View } from './pool-keys';

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
    places: placesOf(scene),
    holders: joinHolders(holders, held),
    summary: summaryOf(now.m, holders),
  };
}

/** Places of all that has one at this moment or had one at the step before. */
function placesOf({ run, k }: Scene): PoolPicture['places'] {
  const { plan } = run;
  return Object.fromEntries([...plan.poolAt(k - 1), ...plan.poolAt(k)]);
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
  const holders = mappers(view);
  const cached = cachedPages(m);
  const cells: Draft[] = [];
  for (const pfn of usedPages(m)) {
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
    const listed = cells.length;
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
    for (const { key, address, offset } of promisesOf(holder, max)) {
      const label = title === null || address === null ? `file ${inode?.id ?? 0}` : labelAt(title, address);
      cells.push({ ...base, key, label, offset });
    }
    const n = cells.length - listed;
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
