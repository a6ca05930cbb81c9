/**
 * Small pages of anonymous memory made one transparent huge page (Linux: mm/khugepaged.c). Left out: the kernel thread that
 * does it by itself, files and shared memory, limits on pages that are missing or shared.
 */
import { HPAGE_PMD_NR, PAGE_SIZE, PMD_SIZE, PUD_SIZE, roundDown, roundUp } from '../../base/units';
import { is_hugetlb } from '../designs/design';
import { EINVAL, ENOMEM } from '../errno';
import { Ev } from '../events';
import { R } from '../routines';
import type { vm_area_struct } from './mm_types';
import { PG_anon, PG_anon_exclusive, PG_swapbacked, PG_uptodate, PG_written } from './page_alloc';
import {
  _PAGE_DIRTY,
  _PAGE_PSE,
  _PAGE_RW,
  _PAGE_SPECIAL,
  free_table,
  get_and_clear_entry,
  mk_pte,
  pmd_index,
  pmd_table,
  pte_pfn,
  PTE_MARKER_GUARD,
  set_entry,
  type Table,
} from './pgtable';
import { HPAGE_PMD_ORDER, page_offset, put_unmapped, vm_page_prot } from './prot';
import { flush_tlb_range } from './tlb';
import { VM_NOHUGEPAGE, VM_SPECIAL, VM_WRITE } from './vm_flags';

/**
 * Makes each whole 2 MiB block of `[start, end)` a huge page. Returns 0 if all are now, −EINVAL if some cannot be,
 * −ENOMEM where no huge page is free. Linux: mm/khugepaged.c madvise_collapse.
 */
export function madvise_collapse(vma: vm_area_struct, start: number, end: number): number {
  // The area has no room for one. Linux: thp_vma_allowable_order.
  if (roundDown(vma.vm_end, PMD_SIZE) - PMD_SIZE < vma.vm_start) return -EINVAL;
  const mm = vma.vm_mm;
  if (vma.vm_ops !== null || (vma.vm_flags & (VM_NOHUGEPAGE | VM_SPECIAL)) !== 0) return -EINVAL;
  if (is_hugetlb(mm.machine, vma, 'thp')) return -EINVAL;
  const rec = mm.machine.rec;
  if (rec !== null) rec.emit(Ev.Enter, R.madvise_collapse, vma.id, start, end);
  const hend = roundDown(end, PMD_SIZE);
  let err = roundUp(start, PMD_SIZE) > hend ? -EINVAL : 0;
  for (let haddr = roundUp(start, PMD_SIZE); haddr < hend; haddr += PMD_SIZE) {
    const pmd = pmd_table(mm, haddr);
    const index = pmd_index(haddr);
    if (pmd !== null && pmd.entries[index] !== 0) continue;
    const table = pmd === null ? null : pmd.down![index]!;
    mm.machine.meter.spend(1);
    if (pmd === null) {
      err = -EINVAL;
      haddr = roundDown(haddr, PUD_SIZE) + PUD_SIZE - PMD_SIZE;
      continue;
    }
    // A guard cannot become part of a page.
    if (table === null || vma.anon_vma === null || table.entries.includes(PTE_MARKER_GUARD)) {
      err = -EINVAL;
      break;
    }
    err = collapse_huge_page(vma, pmd, index, table, haddr) || err;
    if (err === -ENOMEM) break;
  }
  if (rec !== null) rec.emit(Ev.Leave, R.madvise_collapse, err);
  return err;
}

/** Copies what `table` maps into a huge page and maps that instead. Linux: mm/khugepaged.c collapse_huge_page. */
function collapse_huge_page(vma: vm_area_struct, pmd: Table, index: number, table: Table, haddr: number): number {
  const mm = vma.vm_mm;
  const m = mm.machine;
  const frames = m.frames;
  const rec = m.rec;
  const head = frames.alloc_pages(HPAGE_PMD_ORDER);
  if (head < 0) return -ENOMEM;
  if (rec !== null) rec.emit(Ev.Enter, R.collapse_huge_page, vma.id, haddr, head);
  for (let i = 0; i < HPAGE_PMD_NR; i++) {
    if (table.entries[i] === 0) continue;
    const entry = get_and_clear_entry(mm, table, i, haddr + i * PAGE_SIZE);
    if ((entry & _PAGE_SPECIAL) !== 0) continue;
    const pfn = pte_pfn(entry);
    frames.copy(pfn, head + i, 0);
    frames.setFlags(head + i, frames.flags(pfn) & PG_written);
    mm.rss_anon--;
    frames.addMapcount(pfn, -1);
    put_unmapped(m, pfn);
  }
  free_table(mm, pmd, index);
  flush_tlb_range(mm, haddr, haddr + PMD_SIZE);
  frames.setFlags(head, PG_anon | PG_swapbacked | PG_uptodate | PG_anon_exclusive);
  frames.setMapping(head, vma.anon_vma!.id, page_offset(vma, haddr));
  frames.addEntireMapcount(head, 1);
  // The page table stays in reserve, to split the huge page one day.
  mm.pgtables_bytes += PAGE_SIZE;
  mm.rss_anon += HPAGE_PMD_NR;
  const writable = (vma.vm_flags & VM_WRITE) !== 0 ? _PAGE_RW : 0;
  set_entry(mm, pmd, index, haddr, mk_pte(head, vm_page_prot(vma) | _PAGE_PSE | _PAGE_DIRTY | writable));
  if (rec !== null) rec.emit(Ev.Leave, R.collapse_huge_page);
  return 0;
}
