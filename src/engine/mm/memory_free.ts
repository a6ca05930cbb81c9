/** Pages that may go whenever memory is short (Linux: mm/madvise.c madvise_free_pte_range, mm/huge_memory.c). */
import { PAGE_SIZE, PMD_SIZE } from '../../base/units';
import { Ev } from '../events';
import { R } from '../routines';
import { __split_huge_pmd, split_folio } from './huge_memory';
import type { vm_area_struct } from './mm_types';
import { PG_anon, PG_dirty, PG_swapbacked } from './page_alloc';
import {
  _PAGE_ACCESSED,
  _PAGE_DIRTY,
  _PAGE_SPECIAL,
  pmd_index,
  pmd_table,
  pte_index,
  pte_pfn,
  set_entry,
} from './pgtable';
import { alignDown } from './prot';

/**
 * Marks the area's private pages of `[start, end)` as free to take: clean, and no longer worth swapping. They stay
 * present, for nothing here runs short of memory. Huge pages that are covered in part are split. Linux:
 * madvise_free_single_vma. Left out: reclaim.
 */
export function madvise_free_range(vma: vm_area_struct, start: number, end: number): void {
  const mm = vma.vm_mm;
  const m = mm.machine;
  const frames = m.frames;
  for (let at = start; at < end;) {
    const next = Math.min(alignDown(at, PMD_SIZE) + PMD_SIZE, end);
    const pmd = pmd_table(mm, at);
    if (pmd === null) {
      at = next;
      continue;
    }
    const index = pmd_index(at);
    const huge = pmd.entries[index]!;
    if (huge !== 0) {
      if (m.rec !== null) m.rec.emit(Ev.Enter, R.madvise_free_huge_pmd, vma.id, at);
      const head = pte_pfn(huge);
      const zero = (huge & _PAGE_SPECIAL) !== 0;
      const mine = !zero && frames.refcount(head) === 1;
      if (mine && next - at === PMD_SIZE) {
        frames.clearFlags(head, PG_swapbacked | PG_dirty);
        set_entry(mm, pmd, index, at, (huge & ~(_PAGE_ACCESSED | _PAGE_DIRTY)) >>> 0);
      } else if (mine) {
        __split_huge_pmd(vma, pmd, index, at);
        split_folio(m, head);
      }
      if (m.rec !== null) m.rec.emit(Ev.Leave, R.madvise_free_huge_pmd);
    }
    const table = pmd.down![index]!;
    if (table !== null) {
      for (let a = at, i = pte_index(at); a < next; a += PAGE_SIZE, i++) {
        const entry = table.entries[i]!;
        if (entry === 0 || (entry & _PAGE_SPECIAL) !== 0) continue;
        const pfn = pte_pfn(entry);
        if ((frames.flags(pfn) & PG_anon) === 0 || frames.mapcount(pfn) !== 1) continue;
        frames.clearFlags(pfn, PG_swapbacked | PG_dirty);
        const old = (entry & ~(_PAGE_ACCESSED | _PAGE_DIRTY)) >>> 0;
        if (old !== entry) set_entry(mm, table, i, a, old);
      }
    }
    at = next;
  }
}
