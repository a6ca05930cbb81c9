/** Taking entries away and letting their pages go (Linux: mm/memory.c unmap_vmas, zap_*, unmap_mapping_range). */
import { PAGE_SIZE, PGDIR_SIZE, PMD_SIZE, PUD_SIZE } from '../../base/units';
import { ask } from '../designs/design';
import { Ev } from '../events';
import type { Machine } from '../machine';
import { R } from '../routines';
import { __split_huge_pmd, zap_huge_pmd } from './huge_memory';
import { hugetlb_gather_begin, hugetlb_gather_end } from './hugetlb_pool';
import type { address_space, mm_struct, vm_area_struct } from './mm_types';
import { PG_anon, PG_dirty, PG_swapbacked } from './page_alloc';
import {
  _PAGE_DIRTY,
  _PAGE_SPECIAL,
  free_table,
  own_entries,
  pgd_index,
  pmd_clear_bad,
  pmd_index,
  PTE,
  pte_index,
  pud_index,
  type Table,
} from './pgtable';
import { alignDown, put_unmapped, update_hiwater_rss } from './prot';
import { flush_tlb_range } from './tlb';

/** Linux: mm/memory.c unmap_vmas. Removes the entries of `[start, end)` of areas in ascending order. */
export function unmap_vmas(mm: mm_struct, vmas: readonly vm_area_struct[], start: number, end: number): void {
  const m = mm.machine;
  if (m.rec !== null) m.rec.emit(Ev.Enter, R.unmap_vmas, start, end);
  update_hiwater_rss(mm);
  hugetlb_gather_begin(m);
  for (let i = 0; i < vmas.length; i++) {
    const vma = vmas[i]!;
    const from = vma.vm_start > start ? vma.vm_start : start;
    const to = vma.vm_end < end ? vma.vm_end : end;
    if (from < to) unmap_single_vma(m, vma, from, to);
  }
  hugetlb_gather_end(m);
  if (m.rec !== null) m.rec.emit(Ev.Leave, R.unmap_vmas);
}

/** Linux: mm/memory.c unmap_single_vma: asks the design who unmaps. */
function unmap_single_vma(m: Machine, vma: vm_area_struct, start: number, end: number): void {
  const unmap = ask.unmap_page_range(m, vma);
  if (unmap !== undefined) unmap(vma, start, end, false);
  else unmap_page_range(vma, start, end, true, false);
}

/**
 * Linux: mm/memory.c zap_page_range_single, as madvise(MADV_DONTNEED) uses it: a range that covers whole 2 MiB blocks
 * gives their emptied PTE tables back, too.
 */
export function zap_page_range_single(vma: vm_area_struct, start: number, end: number): void {
  const m = vma.vm_mm.machine;
  if (m.rec !== null) m.rec.emit(Ev.Enter, R.zap_page_range_single, vma.id, start, end);
  update_hiwater_rss(vma.vm_mm);
  const unmap = ask.unmap_page_range(m, vma);
  if (unmap !== undefined) unmap(vma, start, end, true);
  else unmap_page_range(vma, start, end, true, true);
  if (m.rec !== null) m.rec.emit(Ev.Leave, R.zap_page_range_single);
}

/**
 * Linux: mm/memory.c unmap_mapping_range. Removes the entries of every area that maps `[holebegin, holebegin + holelen)`
 * bytes of a file (`holelen` 0: to its end); private copies only with `even_cows`.
 */
export function unmap_mapping_range(
  m: Machine,
  mapping: address_space,
  holebegin: number,
  holelen: number,
  even_cows: boolean,
): void {
  if (mapping.i_mmap.size === 0) return;
  const first = Math.floor(holebegin / PAGE_SIZE);
  const after = holelen === 0 ? Infinity : first + Math.ceil(holelen / PAGE_SIZE);
  if (m.rec !== null) m.rec.emit(Ev.Enter, R.unmap_mapping_range, holebegin, holelen, even_cows ? 1 : 0);
  for (const vma of mapping.i_mmap) {
    const from = Math.max(first, vma.vm_pgoff);
    const to = Math.min(after, vma.vm_pgoff + (vma.vm_end - vma.vm_start) / PAGE_SIZE);
    if (from >= to) continue;
    update_hiwater_rss(vma.vm_mm);
    const start = vma.vm_start + (from - vma.vm_pgoff) * PAGE_SIZE;
    unmap_page_range(vma, start, start + (to - from) * PAGE_SIZE, even_cows, false);
  }
  if (m.rec !== null) m.rec.emit(Ev.Leave, R.unmap_mapping_range);
}

/**
 * Linux: mm/memory.c unmap_page_range.
 * @param even_cows private copies of a file's pages go, too
 * @param reclaim_pt PTE tables that are emptied whole are freed
 */
export function unmap_page_range(
  vma: vm_area_struct,
  start: number,
  end: number,
  even_cows: boolean,
  reclaim_pt: boolean,
): void {
  const mm = vma.vm_mm;
  const pgd = mm.pgd.down!;
  for (let at = start; at < end;) {
    const pud = pgd[pgd_index(at)]!;
    if (pud === null) {
      at = alignDown(at, PGDIR_SIZE) + PGDIR_SIZE;
      continue;
    }
    const pmd = pud.down![pud_index(at)]!;
    if (pmd === null) {
      at = alignDown(at, PUD_SIZE) + PUD_SIZE;
      continue;
    }
    const block = alignDown(at, PMD_SIZE);
    const next = block + PMD_SIZE < end ? block + PMD_SIZE : end;
    zap_pmd(vma, pmd, at, next, even_cows, reclaim_pt);
    at = next;
  }
}

function zap_pmd(
  vma: vm_area_struct,
  pmd: Table,
  start: number,
  end: number,
  even_cows: boolean,
  reclaim_pt: boolean,
): void {
  const index = pmd_index(start);
  if (pmd.entries[index] !== 0 && !vma.vm_mm.machine.rules.walksKnowLeaves) pmd_clear_bad(vma.vm_mm, pmd, index, start);
  if (pmd.entries[index] !== 0) {
    if (end - start === PMD_SIZE) {
      zap_huge_pmd(vma, pmd, index, start);
      return;
    }
    __split_huge_pmd(vma, pmd, index, start);
  }
  const table = pmd.down![index]!;
  if (table === null) return;
  zap_pte_range(vma, table, start, end, even_cows);
  if (reclaim_pt && end - start === PMD_SIZE && table.used === 0) free_table(vma.vm_mm, pmd, index);
}

/** Entries taken out of one table whose pages are let go once no processor can reach them. Linux: struct mmu_gather. */
const gathered = new Int32Array(512);

/** Linux: mm/memory.c zap_pte_range. `[start, end)` lies within one table. */
function zap_pte_range(vma: vm_area_struct, table: Table, start: number, end: number, even_cows: boolean): void {
  const mm = vma.vm_mm;
  const m = mm.machine;
  const frames = m.frames;
  const rec = m.rec;
  if (rec !== null) rec.emit(Ev.Enter, R.zap_pte_range, vma.id, start, end);
  const entries = own_entries(mm, table);
  const first = pte_index(start);
  const last = first + (end - start) / PAGE_SIZE;
  const before = table.used;
  let n = 0;
  let anon = 0;
  let file = 0;
  let shmem = 0;
  let left = before;
  for (let i = first; i < last && left > 0; i++) {
    const entry = entries[i]!;
    if (entry === 0) continue;
    left--;
    if ((entry & _PAGE_SPECIAL) === 0) {
      const pfn = entry >>> 8;
      if (!even_cows && (frames.folio_flags(pfn) & PG_anon) !== 0) continue;
      const flags = frames.remove_mapped(pfn);
      if ((flags & PG_anon) !== 0) anon++;
      else {
        if ((flags & PG_swapbacked) !== 0) shmem++;
        else file++;
        if ((entry & _PAGE_DIRTY) !== 0) frames.setFlags(frames.compound_head(pfn), PG_dirty);
      }
      gathered[n++] = pfn;
    }
    if (rec !== null) rec.emit(Ev.EntryClear, mm.id, PTE, start + (i - first) * PAGE_SIZE, entry);
    entries[i] = 0;
    table.used--;
  }
  mm.rss_anon -= anon;
  mm.rss_file -= file;
  mm.rss_shmem -= shmem;
  if ((rec !== null || m.tlb !== null) && table.used !== before) flush_tlb_range(mm, start, end);
  for (let i = 0; i < n; i++) put_unmapped(m, gathered[i]!);
  if (rec !== null) rec.emit(Ev.Leave, R.zap_pte_range, before - table.used);
}
