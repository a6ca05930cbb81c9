/** Copying entries at fork (Linux: mm/memory.c copy_page_range and below). */
import { PAGE_SIZE } from '../../base/units';
import { ask, is_hugetlb } from '../designs/design';
import { ENOMEM } from '../errno';
import { Ev } from '../events';
import { R } from '../routines';
import { copy_huge_pmd } from './huge_memory';
import { Leaves, table_for } from './leaf';
import type { vm_area_struct } from './mm_types';
import { PG_anon, PG_swapbacked } from './page_alloc';
import {
  _PAGE_ACCESSED,
  _PAGE_DIRTY,
  _PAGE_RW,
  _PAGE_SPECIAL,
  has_room_for_tables,
  LEVEL_SIZE,
  own_entries,
  PMD,
  pmd_alloc,
  pmd_index,
  PTE,
  pte_alloc_under,
  pte_index,
  pte_pfn,
  PUD,
  pud_alloc,
  set_entry,
  type Table,
} from './pgtable';
import { alignDown, is_cow_mapping } from './prot';
import { VM_MAYBE_GUARD, VM_MIXEDMAP, VM_PFNMAP, VM_SHARED } from './vm_flags';

/** Whether the child cannot simply fault its entries in again. Linux: mm/memory.c vma_needs_copy. */
const vma_needs_copy = (vma: vm_area_struct): boolean =>
  vma.anon_vma !== null || (vma.vm_flags & (VM_PFNMAP | VM_MIXEDMAP | VM_MAYBE_GUARD)) !== 0;

/** Linux: mm/memory.c copy_page_range. Returns 0 or a negative errno. */
export function copy_page_range(dst_vma: vm_area_struct, src_vma: vm_area_struct): number {
  const m = src_vma.vm_mm.machine;
  // The mask of 2.6.20 stands before everything else.
  const masked = is_hugetlb(m, src_vma, 'copy_mask');
  if (!masked && !vma_needs_copy(src_vma)) return 0;
  const copy = ask.copy_vma(m, src_vma);
  return copy === undefined ? __copy_page_range(dst_vma, src_vma) : copy(dst_vma, src_vma);
}

/** The copying itself, for an area of ordinary pages. */
export function __copy_page_range(dst_vma: vm_area_struct, src_vma: vm_area_struct): number {
  const m = src_vma.vm_mm.machine;
  if (m.rec !== null) m.rec.emit(Ev.Enter, R.copy_page_range, dst_vma.id, src_vma.id);
  const dst_mm = dst_vma.vm_mm;
  const enter = (level: number, address: number): void => {
    if (src_vma.pages !== null) {
      // As far down as its largest leaves stand; a leaf makes what it needs itself.
      if (level === PMD) table_for(dst_vma, src_vma.pages.sizes(src_vma)[0]!.level, address);
    } else if (level === PUD) pud_alloc(dst_mm, address);
    else pmd_alloc(dst_mm, address);
  };
  for (const step = new Leaves(src_vma, src_vma.vm_start, src_vma.vm_end, enter); step.next();) {
    if (!has_room_for_tables(dst_mm, step.from)) return -ENOMEM;
    // A page table that other processes share serves the child as well.
    if (step.shared) continue;
    if (step.level === PTE) {
      m.meter.spend(16);
      const pmd = pmd_alloc(dst_mm, step.from);
      const i = pmd_index(step.from);
      const dst = pmd.down![i] ?? pte_alloc_under(dst_mm, pmd, i, step.from);
      copy_pte_range(dst_vma, src_vma, dst, step.table, step.from, step.to);
    } else if (src_vma.pages !== null) copy_leaf(dst_vma, src_vma, step);
    else copy_huge_pmd(dst_vma, src_vma, pmd_alloc(dst_mm, step.from), step.table, step.index, step.from);
  }
  if (m.rec !== null) m.rec.emit(Ev.Leave, R.copy_page_range);
  return 0;
}

/** Copies a leaf of any level, at its own size; private ones become read-only in both. */
function copy_leaf(dst_vma: vm_area_struct, src_vma: vm_area_struct, step: Leaves): void {
  const src = src_vma.vm_mm;
  const dst = dst_vma.vm_mm;
  const m = src.machine;
  const { table, index, level } = step;
  const to = table_for(dst_vma, level, step.from);
  if (to.share_count > 1) return;
  const start = alignDown(step.from, LEVEL_SIZE[level]!);
  const pfn = pte_pfn(step.entry);
  if (m.rec !== null) m.rec.emit(Ev.Enter, R.copy_leaf, dst_vma.id, start, pfn);
  let { entry } = step;
  src_vma.pages!.copied(m, pfn);
  if (is_cow_mapping(src_vma.vm_flags) && (entry & _PAGE_RW) !== 0) {
    entry = (entry & ~_PAGE_RW) >>> 0;
    set_entry(src, table, index, start, entry);
  }
  src_vma.pages!.count(dst_vma, level, pfn, 1);
  set_entry(dst, to, index, start, entry);
  if (m.rec !== null) m.rec.emit(Ev.Leave, R.copy_leaf);
}

/** Linux: mm/memory.c copy_pte_range. Left out: pages pinned for devices, which Linux copies at once. */
function copy_pte_range(
  dst_vma: vm_area_struct,
  src_vma: vm_area_struct,
  dst: Table,
  src: Table,
  start: number,
  end: number,
): void {
  const src_mm = src_vma.vm_mm;
  const dst_mm = dst_vma.vm_mm;
  const m = src_mm.machine;
  const frames = m.frames;
  const rec = m.rec;
  if (rec !== null) rec.emit(Ev.Enter, R.copy_pte_range, dst_vma.id, start, end);
  const cow = is_cow_mapping(src_vma.vm_flags);
  const clean = (src_vma.vm_flags & VM_SHARED) !== 0 ? _PAGE_DIRTY : 0;
  const from = own_entries(src_mm, src);
  const to = own_entries(dst_mm, dst);
  const first = pte_index(start);
  const last = first + (end - start) / PAGE_SIZE;
  let left = src.used;
  let anon = 0;
  let file = 0;
  let shmem = 0;
  for (let i = first; i < last && left > 0; i++) {
    let entry = from[i]!;
    if (entry === 0) continue;
    left--;
    if ((entry & _PAGE_SPECIAL) === 0) {
      const flags = frames.dup_mapped(pte_pfn(entry));
      if ((flags & PG_anon) !== 0) anon++;
      else if ((flags & PG_swapbacked) !== 0) shmem++;
      else file++;
    }
    if (cow && (entry & _PAGE_RW) !== 0) {
      const before = entry;
      entry = (entry & ~_PAGE_RW) >>> 0;
      from[i] = entry;
      if (rec !== null) rec.emit(Ev.EntrySet, src_mm.id, PTE, start + (i - first) * PAGE_SIZE, entry, before);
    }
    const copy = (entry & ~(_PAGE_ACCESSED | clean)) >>> 0;
    const before = to[i]!;
    if (before === 0) dst.used++;
    to[i] = copy;
    if (rec !== null) rec.emit(Ev.EntrySet, dst_mm.id, PTE, start + (i - first) * PAGE_SIZE, copy, before);
  }
  dst_mm.rss_anon += anon;
  dst_mm.rss_file += file;
  dst_mm.rss_shmem += shmem;
  if (rec !== null) rec.emit(Ev.Leave, R.copy_pte_range);
}
