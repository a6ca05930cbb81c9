/**
 * The page sizes of `/dev/superpage` and where its pages come from: all that it says to a core that walks leaves of every
 * size by itself.
 */
import { PAGE_SIZE, PMD_SIZE, PUD_SIZE } from '../../base/units';
import { Ev } from '../events';
import type { Machine } from '../machine';
import { type vm_area_struct, VM_FAULT_OOM } from '../mm/mm_types';
import { PG_anon, PG_anon_exclusive, PG_swapbacked, PG_uptodate } from '../mm/page_alloc';
import type { LeafSize, PageSource } from '../mm/page_source';
import { LEVEL_SIZE, PMD, PTE, PTRS_PER_TABLE, PUD } from '../mm/pgtable';
import { put_unmapped } from '../mm/prot';
import { anon_vma_prepare, linear_page_index } from '../mm/rmap';
import { WHY } from '../routines';
import { count_leaf } from './leaves';

/** Smallest page of the device: sixteen base pages. */
export const RUN_SIZE = 16 * PAGE_SIZE;

/** Sizes that it tries, largest first; the last for a hole smaller than a run, left by advice. */
export const SIZES: readonly LeafSize[] = [
  { level: PUD, bytes: PUD_SIZE, order: 18, entries: 1 },
  { level: PMD, bytes: PMD_SIZE, order: 9, entries: 1 },
  { level: PTE, bytes: RUN_SIZE, order: 4, entries: RUN_SIZE / PAGE_SIZE },
  { level: PTE, bytes: PAGE_SIZE, order: 0, entries: 1 },
];

/** A page of this size, held once for each entry; −1 where there is none. `clears`: zeroed, which it had better be. */
export function new_page(vma: vm_area_struct, size: LeafSize, start: number, clears = true): number {
  const m = vma.vm_mm.machine;
  anon_vma_prepare(vma);
  const pfn = m.frames.alloc_pages(size.order);
  if (pfn < 0) return -1;
  if (m.rec !== null) m.rec.emit(Ev.Decide, WHY.driver_page_size, vma.id, start, size.bytes);
  if (clears) m.frames.zero(pfn, size.order);
  m.frames.setFlags(pfn, PG_anon | PG_swapbacked | PG_uptodate);
  m.frames.setMapping(pfn, vma.anon_vma!.id, linear_page_index(vma, start));
  if (size.entries > 1) m.frames.get_page(pfn, size.entries - 1);
  return pfn;
}

/** A copy of what the leaf at `start` maps, at its own size; −1 where no page of that size is free. */
export function copy_page(vma: vm_area_struct, start: number, level: number, old: number): number {
  const m = vma.vm_mm.machine;
  const order = Math.log2(LEVEL_SIZE[level]! / PAGE_SIZE);
  const pfn = m.frames.alloc_pages(order);
  if (pfn < 0) return -1;
  if (m.rec !== null) m.rec.emit(Ev.Decide, WHY.copy_shared, old, start);
  m.frames.copy(old, pfn, order);
  m.frames.setFlags(pfn, PG_anon | PG_swapbacked | PG_uptodate);
  m.frames.setMapping(pfn, vma.anon_vma!.id, linear_page_index(vma, start));
  return pfn;
}

/**
 * Whether no other process maps what this leaf maps, be it by leaves of another size: one side of a fork may have broken its
 * leaf up.
 */
export function is_sole(m: Machine, level: number, pfn: number): boolean {
  const { frames } = m;
  const head = frames.compound_head(pfn);
  const block = pfn - (pfn % PTRS_PER_TABLE);
  if (level === PTE)
    return frames.mapcount(pfn) === 1 && frames.entireMapcount(block) === 0 && frames.entireMapcount(head) === 0;
  if (frames.entireMapcount(pfn) !== 1 || (head !== pfn && frames.entireMapcount(head) > 0)) return false;
  // A leaf that maps the whole page holds its only reference.
  if (LEVEL_SIZE[level]! / PAGE_SIZE === 2 ** frames.order(head)) return frames.refcount(head) === 1;
  for (let i = 0; i < LEVEL_SIZE[level]! / PAGE_SIZE; i++) if (frames.mapcount(pfn + i) > 0) return false;
  return true;
}

const orOom = (pfn: number): number => (pfn < 0 ? -VM_FAULT_OOM : pfn);

export const superpage_pages: PageSource = {
  name: 'pages of several sizes',
  whole: false,
  sizes: () => SIZES,
  find: (vma, start, size) => orOom(new_page(vma, size, start)),
  copy: (vma, start, level, old) => orOom(copy_page(vma, start, level, old)),
  sole: is_sole,
  count: count_leaf,
  hold(m, pfn) {
    m.frames.get_page(pfn);
  },
  copied(m, pfn) {
    m.frames.clearFlags(pfn, PG_anon_exclusive);
    m.frames.get_page(pfn);
  },
  unmapped() {},
  put: put_unmapped,
};
