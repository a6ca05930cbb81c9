/**
 * Memory that will not be needed for a while: marked as old, or taken away where it can be had again (Linux: mm/madvise.c
 * madvise_cold_or_pageout_pte_range; mm/vmscan.c reclaim_pages). There is no swap: private pages stay, unless they were given
 * up; pages of files go, and those that are dirty stay in the cache.
 */
import { PAGE_SIZE, PMD_SIZE } from '../../base/units';
import { Ev } from '../events';
import { R } from '../routines';
import { __split_huge_pmd, folio_mapped_by_others, split_folio, zap_huge_pmd } from './huge_memory';
import { capable } from './limits';
import { folio_mapcount, folio_pte_batch } from './memory_free';
import { unmap_mapping_range } from './memory_zap';
import type { inode, vm_area_struct } from './mm_types';
import { PG_anon, PG_dirty, PG_mapping, PG_reserved, PG_swapbacked, PG_uptodate } from './page_alloc';
import {
  _PAGE_ACCESSED,
  _PAGE_DIRTY,
  _PAGE_SPECIAL,
  get_and_clear_entry,
  pmd_index,
  pmd_table,
  pte_index,
  pte_pfn,
  pte_present,
  set_entry,
  type Table,
} from './pgtable';
import { alignDown, put_unmapped, update_hiwater_rss } from './prot';
import { flush_tlb_range } from './tlb';
import { truncate_inode_pages_range } from './truncate';
import { VM_DROPPABLE, VM_MAYSHARE } from './vm_flags';
import { vma_is_anonymous } from './vma';

/** Whether the process could write the file. Linux: can_do_file_pageout; ordinary files are root's. */
const can_do_file_pageout = (vma: vm_area_struct): boolean =>
  vma.vm_file !== null && (capable(vma.vm_mm.machine) || vma.vm_file.inode.kind !== 'file');

/** Linux: madvise_cold, madvise_pageout, for an area that allows it. */
export function madvise_cold_or_pageout(vma: vm_area_struct, start: number, end: number, pageout: boolean): void {
  const mm = vma.vm_mm;
  const m = mm.machine;
  const files = vma_is_anonymous(vma) || can_do_file_pageout(vma);
  if (pageout && !files && (vma.vm_flags & VM_MAYSHARE) !== 0) return;
  const work: Work = { vma, pageout, anon_only: pageout && !files };
  if (m.rec !== null) m.rec.emit(Ev.Enter, R.madvise_cold_or_pageout, vma.id, start, end);
  update_hiwater_rss(mm);
  for (let at = start; at < end;) {
    const next = Math.min(alignDown(at, PMD_SIZE) + PMD_SIZE, end);
    const pmd = pmd_table(mm, at);
    if (pmd !== null) {
      const index = pmd_index(at);
      const small = pmd.entries[index] === 0 || huge_leaf(work, pmd, index, at, next);
      const table = pmd.down![index]!;
      if (small && table !== null) small_entries(work, table, at, next);
    }
    at = next;
  }
  if (m.rec !== null) m.rec.emit(Ev.Leave, R.madvise_cold_or_pageout);
}

interface Work {
  readonly vma: vm_area_struct;
  readonly pageout: boolean;
  /** Pages of files are none of this process's business. */
  readonly anon_only: boolean;
}

/** A leaf of 2 MiB; true where it was split, and its small entries are to be looked at. */
function huge_leaf({ vma, pageout, anon_only }: Work, pmd: Table, index: number, start: number, end: number): boolean {
  const mm = vma.vm_mm;
  const { frames } = mm.machine;
  const entry = pmd.entries[index]!;
  if ((entry & _PAGE_SPECIAL) !== 0) return false;
  const head = pte_pfn(entry);
  const anon = (frames.flags(head) & PG_anon) !== 0;
  if (folio_mapped_by_others(mm, head) || (anon_only && !anon)) return false;
  if (end - start !== PMD_SIZE) {
    if (!anon) return split_file_folio(vma, head);
    __split_huge_pmd(vma, pmd, index, start);
    split_folio(mm, head);
    return true;
  }
  if (!pageout) {
    if ((entry & _PAGE_ACCESSED) !== 0) set_entry(mm, pmd, index, start, (entry & ~_PAGE_ACCESSED) >>> 0);
    return false;
  }
  if (!anon) {
    reclaim_file_folio(vma, head);
    return false;
  }
  if ((frames.flags(head) & PG_swapbacked) === 0) {
    if (stays(vma, head, entry)) return false;
    zap_huge_pmd(vma, pmd, index, start);
    return false;
  }
  // Without swap for all of it the page is split, and its parts find none either.
  __split_huge_pmd(vma, pmd, index, start);
  split_folio(mm, head);
  return false;
}

/** Whether a page that was given up was written since: then it is an ordinary one again. Linux: mm/rmap.c try_to_unmap_one. */
function stays(vma: vm_area_struct, head: number, entry: number): boolean {
  const { frames } = vma.vm_mm.machine;
  if ((entry & _PAGE_DIRTY) !== 0) frames.setFlags(head, PG_dirty);
  if ((vma.vm_flags & VM_DROPPABLE) !== 0 || (frames.flags(head) & PG_dirty) === 0) return false;
  frames.setFlags(head, PG_swapbacked);
  return true;
}

/** The small entries of one table. */
function small_entries(work: Work, table: Table, start: number, end: number): void {
  const { vma, pageout, anon_only } = work;
  const mm = vma.vm_mm;
  const { frames } = mm.machine;
  let n: number;
  for (let at = start; at < end; at += n * PAGE_SIZE) {
    n = 1;
    const i = pte_index(at);
    const entry = table.entries[i]!;
    if (!pte_present(entry) || (entry & _PAGE_SPECIAL) !== 0) continue;
    const head = frames.compound_head(pte_pfn(entry));
    const flags = frames.flags(head);
    const anon = (flags & PG_anon) !== 0;
    const pages = 2 ** frames.order(head);
    if (pages > 1) {
      n = folio_pte_batch(vma, table, i, (end - at) / PAGE_SIZE);
      if (n < pages) {
        if (folio_mapped_by_others(mm, head) || (anon_only && !anon)) continue;
        if (anon) split_folio(mm, head);
        else if (!split_file_folio(vma, head)) continue;
        n = 0; // The same entry again.
        continue;
      }
    }
    if ((flags & PG_reserved) !== 0 || folio_mapcount(vma, head) !== pages || (anon_only && !anon)) continue;
    if (pageout) reclaim(work, table, i, at, head);
    else
      for (let k = 0; k < n; k++) {
        const young = table.entries[i + k]!;
        if ((young & _PAGE_ACCESSED) !== 0)
          set_entry(mm, table, i + k, at + k * PAGE_SIZE, (young & ~_PAGE_ACCESSED) >>> 0);
      }
  }
}

/** Takes away what can be had again of a page that only these entries map. Linux: mm/vmscan.c shrink_folio_list. */
function reclaim({ vma }: Work, table: Table, index: number, address: number, head: number): void {
  const mm = vma.vm_mm;
  const m = mm.machine;
  const { frames } = m;
  const flags = frames.flags(head);
  if ((flags & PG_anon) === 0) reclaim_file_folio(vma, head);
  else if ((flags & PG_swapbacked) !== 0) {
    if (frames.order(head) > 0) split_folio(mm, head);
  } else {
    let kept = false;
    for (let k = 0; k < 2 ** frames.order(head); k++) if (stays(vma, head, table.entries[index + k]!)) kept = true;
    for (let k = 0, n = kept ? 0 : 2 ** frames.order(head); k < n; k++) {
      const at = address + k * PAGE_SIZE;
      const pfn = pte_pfn(get_and_clear_entry(mm, table, index + k, at));
      flush_tlb_range(mm, at, at + PAGE_SIZE);
      mm.rss_anon--;
      frames.addMapcount(pfn, -1);
      put_unmapped(m, pfn);
    }
  }
}

/** The file that a page of the cache belongs to. */
const inodeOf = (vma: vm_area_struct): inode => vma.vm_file!.inode;

/** Nobody maps the page any more, and where it is clean it leaves the cache. */
function reclaim_file_folio(vma: vm_area_struct, head: number): void {
  const m = vma.vm_mm.machine;
  const { frames } = m;
  const node = inodeOf(vma);
  const first = frames.index(head);
  const n = 2 ** frames.order(head);
  if (m.rec !== null) m.rec.emit(Ev.Enter, R.reclaim_pages, head, n);
  unmap_mapping_range(m, node.i_mapping, first * PAGE_SIZE, n * PAGE_SIZE, false);
  if ((frames.flags(head) & PG_dirty) === 0) truncate_inode_pages_range(m, node, first, first + n);
  if (m.rec !== null) m.rec.emit(Ev.Leave, R.reclaim_pages);
}

/**
 * Makes single pages of a large page of the cache, for which everybody stops mapping it. False where it is dirty: then it
 * stays whole, and mapped.
 */
function split_file_folio(vma: vm_area_struct, head: number): boolean {
  const m = vma.vm_mm.machine;
  const { frames } = m;
  if ((frames.flags(head) & PG_dirty) !== 0) return false;
  const first = frames.index(head);
  const n = 2 ** frames.order(head);
  const node = inodeOf(vma);
  unmap_mapping_range(m, node.i_mapping, first * PAGE_SIZE, n * PAGE_SIZE, false);
  const kept = frames.flags(head) & (PG_mapping | PG_swapbacked | PG_uptodate | PG_dirty);
  frames.split_compound(head, kept, () => 1);
  return true;
}
