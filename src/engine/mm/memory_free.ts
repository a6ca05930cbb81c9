/** Pages that may go whenever memory is short (Linux: mm/madvise.c madvise_free_pte_range, mm/huge_memory.c). */
import { PAGE_SIZE, PMD_SIZE, PUD_SIZE } from '../../base/units';
import { Ev } from '../events';
import { R } from '../routines';
import { __split_huge_pmd, folio_mapped_by_others, split_folio } from './huge_memory';
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
  pte_present,
  set_entry,
  type Table,
} from './pgtable';
import { alignDown } from './prot';

/**
 * How many entries from `index` on, `most` at most, map one after the other the frames that follow in the same large page; 1
 * for a single frame. Linux: madvise_folio_pte_batch.
 */
export function folio_pte_batch(vma: vm_area_struct, table: Table, index: number, most: number): number {
  const { frames } = vma.vm_mm.machine;
  const pfn = pte_pfn(table.entries[index]!);
  const left = frames.compound_head(pfn) + 2 ** frames.order(pfn) - pfn;
  let n = 1;
  while (n < Math.min(left, most)) {
    const entry = table.entries[index + n]!;
    if (!pte_present(entry) || pte_pfn(entry) !== pfn + n) break;
    n++;
  }
  return n;
}

/**
 * Marks the area's private pages of `[start, end)` as free to take: clean, and no longer worth swapping. They stay
 * present, for nothing here runs short of memory. Large pages that are covered in part are split. Linux:
 * madvise_free_single_vma.
 */
export function madvise_free_range(vma: vm_area_struct, start: number, end: number): void {
  const mm = vma.vm_mm;
  for (let at = start; at < end;) {
    const next = Math.min(alignDown(at, PMD_SIZE) + PMD_SIZE, end);
    const pmd = pmd_table(mm, at);
    mm.machine.meter.spend(2);
    if (pmd === null) {
      at = alignDown(at, PUD_SIZE) + PUD_SIZE;
      continue;
    }
    const index = pmd_index(at);
    if (pmd.entries[index] !== 0) madvise_free_huge_pmd(vma, pmd, index, at, next);
    const table = pmd.down![index]!;
    if (table !== null) madvise_free_pte_range(vma, table, at, next);
    at = next;
  }
}

/** Linux: mm/huge_memory.c madvise_free_huge_pmd. A leaf that is covered in part becomes a table of small entries. */
function madvise_free_huge_pmd(vma: vm_area_struct, pmd: Table, index: number, start: number, end: number): void {
  const mm = vma.vm_mm;
  const m = mm.machine;
  const huge = pmd.entries[index]!;
  if (m.rec !== null) m.rec.emit(Ev.Enter, R.madvise_free_huge_pmd, vma.id, start);
  const head = pte_pfn(huge);
  if ((huge & _PAGE_SPECIAL) === 0 && !folio_mapped_by_others(mm, head)) {
    if (end - start === PMD_SIZE) {
      m.frames.clearFlags(head, PG_swapbacked | PG_dirty);
      set_entry(mm, pmd, index, start, (huge & ~(_PAGE_ACCESSED | _PAGE_DIRTY)) >>> 0);
    } else {
      __split_huge_pmd(vma, pmd, index, start);
      split_folio(mm, head);
    }
  }
  if (m.rec !== null) m.rec.emit(Ev.Leave, R.madvise_free_huge_pmd);
}

/** Linux: madvise_free_pte_range, of one table. */
function madvise_free_pte_range(vma: vm_area_struct, table: Table, start: number, end: number): void {
  const mm = vma.vm_mm;
  const { frames } = mm.machine;
  let n: number;
  for (let at = start; at < end; at += n * PAGE_SIZE) {
    n = 1;
    const i = pte_index(at);
    const entry = table.entries[i]!;
    if (!pte_present(entry) || (entry & _PAGE_SPECIAL) !== 0) continue;
    const head = frames.compound_head(pte_pfn(entry));
    const pages = 2 ** frames.order(head);
    if (pages > 1) {
      n = folio_pte_batch(vma, table, i, (end - at) / PAGE_SIZE);
      if (n < pages) {
        if (folio_mapped_by_others(mm, head)) continue;
        split_folio(mm, head);
        n = 0; // The same entry again: it maps a single page now.
        continue;
      }
    }
    const flags = frames.flags(head);
    if ((flags & PG_anon) === 0) continue;
    if ((flags & PG_dirty) !== 0) {
      if (folio_mapcount(vma, head) !== pages) continue;
      frames.clearFlags(head, PG_dirty);
    }
    for (let k = 0; k < n; k++) {
      const before = table.entries[i + k]!;
      const old = (before & ~(_PAGE_ACCESSED | _PAGE_DIRTY)) >>> 0;
      if (old !== before) set_entry(mm, table, i + k, at + k * PAGE_SIZE, old);
    }
    frames.clearFlags(head, PG_swapbacked);
  }
}

/** Entries that map frames of the page, all processes together. Linux: folio_mapcount. */
export function folio_mapcount(vma: vm_area_struct, head: number): number {
  const { frames } = vma.vm_mm.machine;
  let count = frames.order(head) > 0 ? frames.entireMapcount(head) : 0;
  for (let i = 0; i < 2 ** frames.order(head); i++) count += frames.mapcount(head + i);
  return count;
}
