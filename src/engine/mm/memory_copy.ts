/** Copying entries at fork (Linux: mm/memory.c copy_page_range and below). */
import { PAGE_SIZE, PGDIR_SIZE, PMD_SIZE, PUD_SIZE } from '../../base/units';
import { ask, is_hugetlb } from '../designs/design';
import { Ev } from '../events';
import { R } from '../routines';
import { copy_huge_pmd } from './huge_memory';
import type { vm_area_struct } from './mm_types';
import { PG_anon, PG_swapbacked } from './page_alloc';
import {
  _PAGE_ACCESSED,
  _PAGE_DIRTY,
  _PAGE_RW,
  _PAGE_SPECIAL,
  own_entries,
  pgd_index,
  pmd_alloc,
  pmd_clear_bad,
  pmd_index,
  PTE,
  pte_alloc_under,
  pte_index,
  pte_pfn,
  pud_alloc,
  pud_index,
  type Table,
} from './pgtable';
import { alignDown, is_cow_mapping } from './prot';
import { VM_MIXEDMAP, VM_PFNMAP, VM_SHARED } from './vm_flags';

/** Whether the child cannot simply fault its entries in again. Linux: mm/memory.c vma_needs_copy. */
const vma_needs_copy = (vma: vm_area_struct): boolean =>
  vma.anon_vma !== null || (vma.vm_flags & (VM_PFNMAP | VM_MIXEDMAP)) !== 0;

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
  const src_mm = src_vma.vm_mm;
  const dst_mm = dst_vma.vm_mm;
  const end = src_vma.vm_end;
  for (let at = src_vma.vm_start; at < end;) {
    const pud = src_mm.pgd.down![pgd_index(at)]!;
    if (pud === null) {
      at = alignDown(at, PGDIR_SIZE) + PGDIR_SIZE;
      continue;
    }
    pud_alloc(dst_mm, at);
    const pmd = pud.down![pud_index(at)]!;
    if (pmd === null) {
      at = alignDown(at, PUD_SIZE) + PUD_SIZE;
      continue;
    }
    const dst_pmd = pmd_alloc(dst_mm, at);
    const stop = Math.min(alignDown(at, PUD_SIZE) + PUD_SIZE, end);
    while (at < stop) {
      const next = Math.min(alignDown(at, PMD_SIZE) + PMD_SIZE, stop);
      const index = pmd_index(at);
      const src = pmd.down![index]!;
      if (pmd.entries[index] !== 0 && !m.rules.walksKnowLeaves) pmd_clear_bad(src_mm, pmd, index, at);
      else if (pmd.entries[index] !== 0) copy_huge_pmd(dst_vma, src_vma, dst_pmd, pmd, index, at);
      else if (src !== null) {
        const dst = dst_pmd.down![index] ?? pte_alloc_under(dst_mm, dst_pmd, index, at);
        copy_pte_range(dst_vma, src_vma, dst, src, at, next);
      }
      at = next;
    }
  }
  if (m.rec !== null) m.rec.emit(Ev.Leave, R.copy_page_range);
  return 0;
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
      if (rec !== null) rec.emit(Ev.EntrySet, src_mm.id, PTE, start + (i - first) * PAGE_SIZE, entry, before);
      from[i] = entry;
    }
    const copy = (entry & ~(_PAGE_ACCESSED | clean)) >>> 0;
    if (rec !== null) rec.emit(Ev.EntrySet, dst_mm.id, PTE, start + (i - first) * PAGE_SIZE, copy, to[i]!);
    if (to[i] === 0) dst.used++;
    to[i] = copy;
  }
  dst_mm.rss_anon += anon;
  dst_mm.rss_file += file;
  dst_mm.rss_shmem += shmem;
  if (rec !== null) rec.emit(Ev.Leave, R.copy_pte_range);
}
