/**
 * Transparent huge pages: a 2 MiB leaf in a PMD, with a page table kept in reserve for splitting it (Linux:
 * mm/huge_memory.c). Left out: khugepaged, migration, swapping, soft dirty, sizes between 4 KiB and 2 MiB.
 *
 * A huge leaf of anonymous memory counts its reserved table in `pgtables_bytes`. Flags and mapping of a huge page stand
 * on its head; "exclusive" stands on the head while a PMD maps it, on each frame once PTEs do.
 */
import { HPAGE_PMD_NR, PAGE_SIZE, PMD_SIZE } from '../../base/units';
import { Ev } from '../events';
import { R, WHY } from '../routines';
import { FAULT_FLAG_WRITE, type mm_struct, VM_FAULT_FALLBACK, VM_FAULT_OOM, type vm_area_struct } from './mm_types';
import {
  PG_anon,
  PG_anon_exclusive,
  PG_dirty,
  PG_reserved,
  PG_swapbacked,
  PG_uptodate,
  PG_written,
} from './page_alloc';
import {
  _PAGE_ACCESSED,
  _PAGE_DIRTY,
  _PAGE_PROTNONE,
  _PAGE_PRESENT,
  _PAGE_PSE,
  _PAGE_RW,
  _PAGE_SPECIAL,
  get_and_clear_entry,
  LEVEL_SIZE,
  mk_pte,
  pmd_index,
  pmd_table,
  pte_alloc_under,
  pte_index,
  pte_pfn,
  pte_present,
  set_entry,
  type Table,
  write_entry,
} from './pgtable';
import {
  add_mm_counter,
  alignDown,
  folio_test_anon,
  HPAGE_PMD_ORDER,
  page_offset,
  put_unmapped,
  swapbacked,
  vm_page_prot,
  ZERO_PFN,
} from './prot';
import { anon_vma_prepare } from './rmap';
import { flush_tlb_range } from './tlb';
import { VM_HUGEPAGE, VM_LOCKED, VM_NOHUGEPAGE, VM_SHARED, VM_SPECIAL, VM_WRITE } from './vm_flags';

const PROT_BITS = _PAGE_PRESENT | _PAGE_PROTNONE | _PAGE_RW;

/** Whether a fault of this area may bring in a 2 MiB page. Linux: mm/huge_memory.c __thp_vma_allowable_orders for a fault. */
export function thp_vma_allowable(vma: vm_area_struct): boolean {
  const flags = vma.vm_flags;
  if (vma.vm_ops !== null || (flags & (VM_NOHUGEPAGE | VM_SPECIAL)) !== 0) return false;
  const mode = vma.vm_mm.machine.config.thp;
  return mode === 'always' || (mode === 'madvise' && (flags & VM_HUGEPAGE) !== 0);
}

/** Linux: mm/huge_memory.c do_huge_pmd_anonymous_page. `pmd.entries[index]` and its table are empty. */
export function do_huge_pmd_anonymous_page(
  vma: vm_area_struct,
  pmd: Table,
  index: number,
  address: number,
  flags: number,
): number {
  const haddr = alignDown(address, PMD_SIZE);
  if (haddr < vma.vm_start || haddr + PMD_SIZE > vma.vm_end) return VM_FAULT_FALLBACK;
  const mm = vma.vm_mm;
  const m = mm.machine;
  if (m.rec !== null) m.rec.emit(Ev.Enter, R.do_huge_pmd_anonymous_page, vma.id, haddr);
  let ret = 0;
  if (anon_vma_prepare(vma) !== 0) ret = VM_FAULT_OOM;
  else if ((flags & FAULT_FLAG_WRITE) !== 0) {
    mm.pgtables_bytes += PAGE_SIZE;
    ret = map_anon_folio(vma, pmd, index, haddr);
    if (ret !== 0) mm.pgtables_bytes -= PAGE_SIZE;
  } else {
    const zero = huge_zero_folio(mm);
    if (zero < 0) ret = VM_FAULT_FALLBACK;
    else {
      mm.pgtables_bytes += PAGE_SIZE;
      if (m.rec !== null) m.rec.emit(Ev.Decide, WHY.zero_page, vma.id, haddr);
      set_entry(mm, pmd, index, haddr, mk_pte(zero, vm_page_prot(vma) | _PAGE_PSE | _PAGE_SPECIAL));
    }
  }
  if (m.rec !== null) m.rec.emit(Ev.Leave, R.do_huge_pmd_anonymous_page, ret);
  return ret;
}

/** A fresh zeroed huge page, mapped. Linux: mm/huge_memory.c vma_alloc_anon_folio_pmd, map_anon_folio_pmd. */
function map_anon_folio(vma: vm_area_struct, pmd: Table, index: number, haddr: number): number {
  const mm = vma.vm_mm;
  const frames = mm.machine.frames;
  const head = frames.alloc_pages(HPAGE_PMD_ORDER);
  if (head < 0) return VM_FAULT_FALLBACK;
  frames.zero(head, HPAGE_PMD_ORDER);
  frames.setFlags(head, PG_anon | swapbacked(vma) | PG_uptodate | PG_anon_exclusive);
  mm.machine.has_blank_pages = true;
  frames.setMapping(head, vma.anon_vma!.id, page_offset(vma, haddr));
  frames.addEntireMapcount(head, 1);
  let bits = vm_page_prot(vma) | _PAGE_PSE | _PAGE_DIRTY;
  if ((vma.vm_flags & VM_WRITE) !== 0) bits |= _PAGE_RW;
  set_entry(mm, pmd, index, haddr, mk_pte(head, bits));
  mm.rss_anon += HPAGE_PMD_NR;
  return 0;
}

/** Head of the shared huge zero page, made at its first use; −1 where memory is out. Linux: mm_get_huge_zero_folio. */
export function huge_zero_folio(mm: mm_struct): number {
  const m = mm.machine;
  if (m.huge_zero_pfn === 0) {
    const head = m.frames.alloc_pages(HPAGE_PMD_ORDER);
    if (head < 0) return -1;
    m.frames.zero(head, HPAGE_PMD_ORDER);
    m.frames.setFlags(head, PG_uptodate | PG_reserved);
    m.huge_zero_pfn = head;
  }
  return m.huge_zero_pfn;
}

/** Linux: mm/huge_memory.c do_huge_pmd_wp_page. A write to a huge leaf that is not writable; FALLBACK after a split. */
export function do_huge_pmd_wp_page(vma: vm_area_struct, pmd: Table, index: number, address: number): number {
  const mm = vma.vm_mm;
  const m = mm.machine;
  const frames = m.frames;
  const haddr = alignDown(address, PMD_SIZE);
  const entry = pmd.entries[index]!;
  const head = pte_pfn(entry);
  if (m.rec !== null) m.rec.emit(Ev.Enter, R.do_huge_pmd_wp_page, vma.id, haddr, head);
  let ret = 0;
  if ((entry & _PAGE_SPECIAL) !== 0) {
    if (anon_vma_prepare(vma) !== 0) ret = VM_FAULT_OOM;
    else {
      get_and_clear_entry(mm, pmd, index, haddr);
      flush_tlb_range(mm, haddr, haddr + PMD_SIZE);
      ret = map_anon_folio(vma, pmd, index, haddr);
      if (ret !== 0) {
        write_entry(mm, pmd, index, entry);
        __split_huge_pmd(vma, pmd, index, haddr);
      }
    }
  } else if ((frames.flags(head) & PG_anon_exclusive) !== 0 || frames.refcount(head) === 1) {
    if (m.rec !== null) m.rec.emit(Ev.Decide, WHY.reuse_exclusive, head, frames.refcount(head), vma.id);
    if ((frames.flags(head) & PG_anon_exclusive) === 0) {
      frames.setMapping(head, vma.anon_vma!.id, page_offset(vma, haddr));
      frames.setFlags(head, PG_anon_exclusive);
    }
    const writable = (vma.vm_flags & VM_WRITE) !== 0 ? _PAGE_RW : 0;
    set_entry(mm, pmd, index, haddr, entry | _PAGE_ACCESSED | _PAGE_DIRTY | writable);
  } else {
    __split_huge_pmd(vma, pmd, index, haddr);
    ret = VM_FAULT_FALLBACK;
  }
  if (m.rec !== null) m.rec.emit(Ev.Leave, R.do_huge_pmd_wp_page, ret);
  return ret;
}

/** Replaces the huge leaf by a table of small entries for the same page. Linux: mm/huge_memory.c __split_huge_pmd_locked. */
export function __split_huge_pmd(vma: vm_area_struct, pmd: Table, index: number, address: number): void {
  const mm = vma.vm_mm;
  const m = mm.machine;
  const frames = m.frames;
  const haddr = alignDown(address, PMD_SIZE);
  const entry = pmd.entries[index]!;
  const head = pte_pfn(entry);
  if (m.rec !== null) m.rec.emit(Ev.Enter, R.__split_huge_pmd, vma.id, haddr, head);
  get_and_clear_entry(mm, pmd, index, haddr);
  flush_tlb_range(mm, haddr, haddr + PMD_SIZE);
  if (vma.vm_ops !== null) {
    // A file's huge page is simply mapped again by later faults.
    drop_huge(mm, entry, head, HPAGE_PMD_NR, true);
    if (m.rec !== null) m.rec.emit(Ev.Leave, R.__split_huge_pmd);
    return;
  }
  mm.pgtables_bytes -= PAGE_SIZE; // The table in reserve goes into use, and counts as that.
  const table = pte_alloc_under(mm, pmd, index, haddr);
  if ((entry & _PAGE_SPECIAL) !== 0) {
    const zero = mk_pte(ZERO_PFN, vm_page_prot(vma) | _PAGE_SPECIAL);
    for (let i = 0; i < HPAGE_PMD_NR; i++) set_entry(mm, table, i, haddr + i * PAGE_SIZE, zero);
  } else {
    const exclusive = frames.flags(head) & PG_anon_exclusive;
    const bits = entry & 0xff & ~_PAGE_PSE;
    frames.get_page(head, HPAGE_PMD_NR - 1);
    frames.clearFlags(head, PG_anon_exclusive);
    for (let i = 0; i < HPAGE_PMD_NR; i++) {
      frames.addMapcount(head + i, 1);
      if (exclusive !== 0) frames.setFlags(head + i, PG_anon_exclusive);
      set_entry(mm, table, i, haddr + i * PAGE_SIZE, mk_pte(head + i, bits));
    }
    frames.addEntireMapcount(head, -1);
  }
  if (m.rec !== null) m.rec.emit(Ev.Leave, R.__split_huge_pmd);
}

/** Uncounts and lets go of a huge page of `nr` frames whose leaf is gone. */
function drop_huge(mm: mm_struct, entry: number, head: number, nr: number, of_file: boolean): void {
  const frames = mm.machine.frames;
  add_mm_counter(mm, head, -nr);
  if (of_file && (entry & _PAGE_DIRTY) !== 0) frames.setFlags(head, PG_dirty);
  frames.addEntireMapcount(head, -1);
  put_unmapped(mm.machine, head);
}

/** Linux: mm/huge_memory.c zap_huge_pmd; zap_huge_pud for a leaf of 1 GiB. */
export function zap_huge_pmd(vma: vm_area_struct, pmd: Table, index: number, haddr: number): void {
  const mm = vma.vm_mm;
  const m = mm.machine;
  if (m.rec !== null) m.rec.emit(Ev.Enter, R.zap_huge_pmd, vma.id, haddr);
  const size = LEVEL_SIZE[pmd.level]!;
  const entry = get_and_clear_entry(mm, pmd, index, haddr);
  flush_tlb_range(mm, haddr, haddr + size);
  if (vma.vm_ops === null) mm.pgtables_bytes -= PAGE_SIZE;
  if ((entry & _PAGE_SPECIAL) === 0) drop_huge(mm, entry, pte_pfn(entry), size / PAGE_SIZE, vma.vm_ops !== null);
  if (m.rec !== null) m.rec.emit(Ev.Leave, R.zap_huge_pmd);
}

/** Linux: mm/huge_memory.c copy_huge_pmd, at fork. A file's huge page is left to faults. */
export function copy_huge_pmd(
  dst_vma: vm_area_struct,
  src_vma: vm_area_struct,
  dst_pmd: Table,
  src_pmd: Table,
  index: number,
  haddr: number,
): void {
  if (dst_vma.vm_ops !== null) return;
  const m = src_vma.vm_mm.machine;
  const frames = m.frames;
  const entry = src_pmd.entries[index]!;
  const head = pte_pfn(entry);
  if (m.rec !== null) m.rec.emit(Ev.Enter, R.copy_huge_pmd, dst_vma.id, haddr, head);
  if ((entry & _PAGE_SPECIAL) === 0) {
    frames.get_page(head);
    frames.addEntireMapcount(head, 1);
    frames.clearFlags(head, PG_anon_exclusive);
    if (m.rec !== null) m.rec.emit(Ev.FrameGet, head, frames.refcount(head), frames.entireMapcount(head));
    dst_vma.vm_mm.rss_anon += HPAGE_PMD_NR;
  }
  dst_vma.vm_mm.pgtables_bytes += PAGE_SIZE;
  if ((entry & _PAGE_RW) !== 0) set_entry(src_vma.vm_mm, src_pmd, index, haddr, entry & ~_PAGE_RW);
  set_entry(dst_vma.vm_mm, dst_pmd, index, haddr, (entry & ~(_PAGE_RW | _PAGE_ACCESSED)) >>> 0);
  if (m.rec !== null) m.rec.emit(Ev.Leave, R.copy_huge_pmd);
}

/** Linux: mm/huge_memory.c change_huge_pmd. */
export function change_huge_pmd(vma: vm_area_struct, pmd: Table, index: number, haddr: number): void {
  const mm = vma.vm_mm;
  const m = mm.machine;
  const before = pmd.entries[index]!;
  let entry = ((before & ~PROT_BITS) | vm_page_prot(vma)) >>> 0;
  if ((entry & (_PAGE_RW | _PAGE_SPECIAL | _PAGE_PROTNONE)) === 0 && (vma.vm_flags & VM_WRITE) !== 0) {
    const head = pte_pfn(entry);
    const may =
      (vma.vm_flags & VM_SHARED) !== 0
        ? (entry & _PAGE_DIRTY) !== 0
        : folio_test_anon(m, head) && (m.frames.flags(head) & PG_anon_exclusive) !== 0;
    if (may) entry = (entry | _PAGE_RW) >>> 0;
  }
  set_entry(mm, pmd, index, haddr, entry);
}

/** Moves a huge leaf and its table in reserve to an empty place. Linux: mm/huge_memory.c move_huge_pmd. */
export function move_huge_pmd(
  mm: mm_struct,
  old_pmd: Table,
  old_addr: number,
  new_pmd: Table,
  new_addr: number,
): boolean {
  const to = pmd_index(new_addr);
  if (new_pmd.entries[to] !== 0 || new_pmd.down![to] !== null) return false;
  const m = mm.machine;
  if (m.rec !== null) m.rec.emit(Ev.Enter, R.move_huge_pmd, old_addr, new_addr);
  const entry = get_and_clear_entry(mm, old_pmd, pmd_index(old_addr), old_addr);
  set_entry(mm, new_pmd, to, new_addr, entry);
  if (m.rec !== null) m.rec.emit(Ev.Leave, R.move_huge_pmd);
  return true;
}

/**
 * Turns a huge page that only small entries of one process map into single frames; those that nothing maps are free then, and
 * those with nothing but zeroes give way to the shared zero page. Linux: mm/huge_memory.c __folio_split.
 */
export function split_folio(mm: mm_struct, head: number): void {
  const m = mm.machine;
  const frames = m.frames;
  if (m.rec !== null) m.rec.emit(Ev.Enter, R.split_folio, head);
  const places = folio_entries(mm, head);
  const mapping = frames.mapping(head);
  const index = frames.index(head);
  const kept = frames.flags(head) & (PG_anon | PG_swapbacked | PG_uptodate | PG_dirty);
  frames.split_compound(head, kept, (pfn) => frames.mapcount(pfn));
  for (let i = 0; i < HPAGE_PMD_NR; i++) {
    if (frames.refcount(head + i) === 0) frames.free_pages(head + i);
    else frames.setMapping(head + i, mapping, index + i);
  }
  for (const { vma, table, index: at, address } of places) {
    const pfn = pte_pfn(table.entries[at]!);
    if ((frames.flags(pfn) & PG_written) !== 0 || (vma.vm_flags & VM_LOCKED) !== 0) continue;
    set_entry(mm, table, at, address, mk_pte(ZERO_PFN, vm_page_prot(vma) | _PAGE_SPECIAL));
    mm.rss_anon--;
    frames.addMapcount(pfn, -1);
    put_unmapped(m, pfn);
  }
  if (m.rec !== null) m.rec.emit(Ev.Leave, R.split_folio);
}

/** An entry of a page table, and the address and area that it is for. */
interface EntryPlace {
  readonly vma: vm_area_struct;
  readonly table: Table;
  readonly index: number;
  readonly address: number;
}

/** Every small entry of the process that maps a frame of the large page `head`. Linux: rmap_walk, within one process. */
function folio_entries(mm: mm_struct, head: number): EntryPlace[] {
  const frames = mm.machine.frames;
  const mapping = frames.mapping(head);
  const first = frames.index(head);
  const n = 2 ** frames.order(head);
  const anon = folio_test_anon(mm.machine, head);
  const places: EntryPlace[] = [];
  for (const vma of mm.mm_mt) {
    if (anon ? !vma.anon_vma_chain.some((av) => av.id === mapping) : vma.vm_file?.inode.id !== mapping) continue;
    const from = Math.max(first, vma.vm_pgoff);
    const to = Math.min(first + n, vma.vm_pgoff + (vma.vm_end - vma.vm_start) / PAGE_SIZE);
    for (let k = from; k < to; k++) {
      const address = vma.vm_start + (k - vma.vm_pgoff) * PAGE_SIZE;
      const table = pmd_table(mm, address)?.down![pmd_index(address)] ?? null;
      if (table === null) continue;
      const entry = table.entries[pte_index(address)]!;
      if (pte_present(entry) && (entry & _PAGE_SPECIAL) === 0 && pte_pfn(entry) === head + k - first)
        places.push({ vma, table, index: pte_index(address), address });
    }
  }
  return places;
}

/** Whether another process maps a frame of the page, too. Linux: folio_maybe_mapped_shared, which is nearly as exact. */
export function folio_mapped_by_others(mm: mm_struct, head: number): boolean {
  const frames = mm.machine.frames;
  const order = frames.order(head);
  if (order === 0) return frames.mapcount(head) > 1;
  let total = 0;
  for (let i = 0; i < 2 ** order; i++) total += frames.mapcount(head + i);
  const entire = frames.entireMapcount(head);
  if (entire > 0) return entire > 1 || total > 0;
  return total > folio_entries(mm, head).length;
}

/** Linux: mm/huge_memory.c split_huge_pmd_if_needed: before an area is cut at `address`. */
function split_huge_pmd_if_needed(vma: vm_area_struct, address: number): void {
  const haddr = alignDown(address, PMD_SIZE);
  if (haddr === address || haddr < vma.vm_start || haddr + PMD_SIZE > vma.vm_end) return;
  const pmd = pmd_table(vma.vm_mm, haddr);
  if (pmd === null) return;
  const index = pmd_index(haddr);
  if (pmd.entries[index] !== 0) __split_huge_pmd(vma, pmd, index, haddr);
}

/** Linux: mm/huge_memory.c vma_adjust_trans_huge: before `vma` becomes `[start, end)` and `next` starts at `end`. */
export function vma_adjust_trans_huge(
  vma: vm_area_struct,
  start: number,
  end: number,
  next: vm_area_struct | null,
): void {
  split_huge_pmd_if_needed(vma, start);
  split_huge_pmd_if_needed(vma, end);
  if (next !== null) split_huge_pmd_if_needed(next, end);
}
