/** Taking entries away and letting their pages go (Linux: mm/memory.c unmap_vmas, zap_*, unmap_mapping_range). */
import { PAGE_SIZE, PMD_SIZE } from '../../base/units';
import { ask } from '../designs/design';
import { Ev } from '../events';
import type { Machine } from '../machine';
import { R } from '../routines';
import { __split_huge_pmd, zap_huge_pmd } from './huge_memory';
import { hugetlb_gather_begin, hugetlb_gather_end } from './hugetlb_pool';
import { unshare_table } from './hugetlb_table';
import { type Found, leaf_at, is_unmapped_block, Leaves, split_leaf } from './leaf';
import type { address_space, mm_struct, vm_area_struct } from './mm_types';
import { PG_anon, PG_dirty, PG_swapbacked } from './page_alloc';
import {
  _PAGE_DIRTY,
  _PAGE_SPECIAL,
  free_table,
  get_and_clear_entry,
  LEVEL_SIZE,
  own_entries,
  PMD,
  PTE,
  pte_index,
  pte_pfn,
  PTE_MARKER_GUARD,
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
  else unmap_page_range(vma, start, end, UNMAPPING);
  if (m.contents !== null) m.contents.forget(vma.vm_mm.id, start, end);
}

/**
 * Linux: mm/memory.c zap_page_range_single, as madvise(MADV_DONTNEED) uses it: a range that covers whole 2 MiB blocks
 * gives their emptied PTE tables back, too. Guard markers stay.
 */
export function zap_page_range_single(vma: vm_area_struct, start: number, end: number): void {
  const m = vma.vm_mm.machine;
  if (m.rec !== null) m.rec.emit(Ev.Enter, R.zap_page_range_single, vma.id, start, end);
  update_hiwater_rss(vma.vm_mm);
  const unmap = ask.unmap_page_range(m, vma);
  if (unmap !== undefined) unmap(vma, start, end, true);
  else unmap_page_range(vma, start, end, EMPTYING);
  if (m.contents !== null) m.contents.forget(vma.vm_mm.id, start, end);
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
    unmap_page_range(vma, start, start + (to - from) * PAGE_SIZE, {
      even_cows,
      reclaim_pt: false,
      drop_markers: false,
    });
  }
  if (m.rec !== null) m.rec.emit(Ev.Leave, R.unmap_mapping_range);
}

/** What goes, besides the pages that the range maps (Linux: struct zap_details). */
interface ZapDetails {
  /** Private copies of a file's pages. */
  readonly even_cows: boolean;
  /** PTE tables that are emptied whole. */
  readonly reclaim_pt: boolean;
  /** Guard markers. */
  readonly drop_markers: boolean;
}

/** An area that goes takes everything along; one that is emptied and stays keeps its guards, and frees emptied tables. */
export const UNMAPPING: ZapDetails = { even_cows: true, reclaim_pt: false, drop_markers: true };
export const EMPTYING: ZapDetails = { even_cows: true, reclaim_pt: true, drop_markers: false };

/** Linux: mm/memory.c unmap_page_range. */
export function unmap_page_range(vma: vm_area_struct, start: number, end: number, details: ZapDetails): void {
  const mm = vma.vm_mm;
  const m = mm.machine;
  const pages = vma.pages;
  if (pages === null && is_unmapped_block(mm, start, end)) return;
  const gone: number[] | null = pages === null ? null : [];
  if (gone !== null) hugetlb_gather_begin(m);
  for (const step = new Leaves(vma, start, end); step.next();) {
    if (step.shared) unshare_table(mm, step.table, step.from);
    else if (step.level === PTE) {
      zap_pte_range(vma, step.table, step.from, step.to, details);
      if (details.reclaim_pt && step.to - step.from === PMD_SIZE && step.table.used === 0)
        free_table(mm, step.up, step.up_index);
    } else if (!step.whole) cut_leaf(vma, step);
    else if (gone === null) zap_huge_pmd(vma, step.table, step.index, step.from);
    else gone.push(zap_leaf(vma, step.table, step.index, step.from));
  }
  if (gone === null) return;
  if (gone.length > 0) flush_tlb_range(mm, start, end);
  for (const pfn of gone) pages!.put(m, pfn);
  hugetlb_gather_end(m);
}

/** A walk stands at a part of a leaf: the leaf is split, and looked at again; one that stays whole is left as it is. */
export function cut_leaf(vma: vm_area_struct, step: Leaves): void {
  if (vma.pages?.whole === true) return;
  if (vma.pages === null && step.level === PMD) __split_huge_pmd(vma, step.table, step.index, step.from);
  else split_leaf(vma.vm_mm, step.table, step.index, alignDown(step.from, LEVEL_SIZE[step.level]!));
  step.again();
}

/** Takes a leaf away; the frame whose reference is now the caller's to give back. */
function zap_leaf(vma: vm_area_struct, table: Table, index: number, start: number): number {
  const mm = vma.vm_mm;
  const rec = mm.machine.rec;
  const pfn = pte_pfn(table.entries[index]!);
  if (rec !== null) rec.emit(Ev.Enter, R.zap_leaf, vma.id, start, pfn);
  const entry = get_and_clear_entry(mm, table, index, start);
  vma.pages!.count(vma, table.level, pfn, -1);
  vma.pages!.unmapped(vma, pfn, start, entry);
  if (rec !== null) rec.emit(Ev.Leave, R.zap_leaf);
  return pfn;
}

/** Takes page `pfn` away where the area's leaf at `address` maps it. False where it does not. */
export function zap_page(vma: vm_area_struct, address: number, pfn: number): boolean {
  const mm = vma.vm_mm;
  const found: Found = { table: mm.pgd, index: 0 };
  const entry = leaf_at(mm, address, found);
  if (entry === 0 || pte_pfn(entry) !== pfn) return false;
  const size = LEVEL_SIZE[found.table.level]!;
  const start = alignDown(address, size);
  zap_leaf(vma, found.table, found.index, start);
  flush_tlb_range(mm, start, start + size);
  vma.pages!.put(mm.machine, pfn);
  return true;
}

/** Entries taken out of one table whose pages are let go once no processor can reach them. Linux: struct mmu_gather. */
const gathered = new Int32Array(512);

/** Linux: mm/memory.c zap_pte_range. `[start, end)` lies within one table. */
function zap_pte_range(vma: vm_area_struct, table: Table, start: number, end: number, details: ZapDetails): void {
  const { even_cows, drop_markers } = details;
  const mm = vma.vm_mm;
  const m = mm.machine;
  const frames = m.frames;
  const rec = m.rec;
  if (rec !== null) rec.emit(Ev.Enter, R.zap_pte_range, vma.id, start, end);
  m.meter.spend(16);
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
    if (entry === PTE_MARKER_GUARD && !drop_markers) continue;
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
    entries[i] = 0;
    table.used--;
    if (rec !== null) rec.emit(Ev.EntryClear, mm.id, PTE, start + (i - first) * PAGE_SIZE, entry);
  }
  mm.rss_anon -= anon;
  mm.rss_file -= file;
  mm.rss_shmem -= shmem;
  if ((rec !== null || m.tlb !== null) && table.used !== before) flush_tlb_range(mm, start, end);
  for (let i = 0; i < n; i++) put_unmapped(m, gathered[i]!);
  if (rec !== null) rec.emit(Ev.Leave, R.zap_pte_range, before - table.used);
}
