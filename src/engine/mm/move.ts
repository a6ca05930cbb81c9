/** Moving entries from one place of an address space to another (Linux: mm/mremap.c move_page_tables and below). */
import { PAGE_SIZE, PMD_SIZE, PUD_SIZE } from '../../base/units';
import { Ev } from '../events';
import { R } from '../routines';
import { __split_huge_pmd, move_huge_pmd } from './huge_memory';
import { unshare_table } from './hugetlb_table';
import { Leaves, table_for } from './leaf';
import { cut_leaf } from './memory_zap';
import type { mm_struct, vm_area_struct } from './mm_types';
import {
  get_and_clear_entry,
  PMD,
  pmd_alloc,
  pmd_index,
  PTE,
  pte_alloc,
  pte_alloc_under,
  pte_index,
  pud_alloc,
  pud_index,
  pud_table,
  set_entry,
  table_index,
  type Table,
} from './pgtable';
import { alignDown } from './prot';
import { flush_tlb_range } from './tlb';

/** Bytes that one step may move: to the next boundary of `size` on either side, or the end. Linux: get_extent. */
function get_extent(old_addr: number, new_addr: number, old_end: number, size: number): number {
  const extent = Math.min(alignDown(old_addr, size) + size, old_end) - old_addr;
  return Math.min(extent, alignDown(new_addr, size) + size - new_addr);
}

/** Whether nothing of `vma` or another area stands between `address` and the boundary below it. Linux: can_align_down. */
function can_align_down(vma: vm_area_struct, address: number): boolean {
  if (vma.vm_start !== address) return false;
  const found = vma.vm_mm.mm_mt.find(alignDown(address, PMD_SIZE));
  return found === null || found.vm_start >= vma.vm_start;
}

/** Linux: mm/mremap.c can_realign_addr: starting lower costs nothing, and whole tables can move. */
function can_realign(
  vma: vm_area_struct,
  old_addr: number,
  new_vma: vm_area_struct,
  new_addr: number,
  len: number,
): boolean {
  const old_align = old_addr - alignDown(old_addr, PMD_SIZE);
  if (old_align === 0 || len < PMD_SIZE - old_align) return false;
  if (old_align !== new_addr - alignDown(new_addr, PMD_SIZE)) return false;
  return can_align_down(vma, old_addr) && can_align_down(new_vma, new_addr);
}

/**
 * Linux: mm/mremap.c move_page_tables, for an area of ordinary pages. Moves the entries of `[old_addr, old_addr + len)` of
 * `vma` to `new_addr` of `new_vma`, whole tables where both ends are aligned alike. Returns the bytes done.
 */
export function move_page_tables(
  vma: vm_area_struct,
  old_addr: number,
  new_vma: vm_area_struct,
  new_addr: number,
  len: number,
): number {
  if (len === 0) return 0;
  const mm = vma.vm_mm;
  const m = mm.machine;
  if (m.rec !== null) m.rec.emit(Ev.Enter, R.move_page_tables, old_addr, new_addr, len);
  const old_end = old_addr + len;
  if (vma.pages !== null) {
    move_leaves(vma, old_addr, new_vma, new_addr, len);
    if (m.rec !== null) m.rec.emit(Ev.Leave, R.move_page_tables, len);
    return len;
  }
  let from = old_addr;
  let to = new_addr;
  if (can_realign(vma, old_addr, new_vma, new_addr, len)) {
    from = alignDown(from, PMD_SIZE);
    to = alignDown(to, PMD_SIZE);
  }
  while (from < old_end) {
    m.meter.spend(1);
    let extent = get_extent(from, to, old_end, PUD_SIZE);
    const old_pud = pud_table(mm, from);
    const from_pud = pud_index(from);
    if (old_pud !== null && old_pud.down![from_pud] !== null) {
      const new_pud = pud_alloc(mm, to);
      if (extent !== PUD_SIZE || !move_table(mm, PMD, old_pud, from_pud, from, new_pud, pud_index(to), to)) {
        extent = get_extent(from, to, old_end, PMD_SIZE);
        move_pmd(vma, old_pud.down![from_pud]!, from, to, extent);
      }
    }
    from += extent;
    to += extent;
  }
  flush_tlb_range(mm, old_addr, old_end);
  if (m.rec !== null) m.rec.emit(Ev.Leave, R.move_page_tables, len);
  return len;
}

/** Moves leaves of every level, each at its own size; both ends are aligned alike. */
function move_leaves(
  vma: vm_area_struct,
  old_addr: number,
  new_vma: vm_area_struct,
  new_addr: number,
  len: number,
): void {
  const mm = vma.vm_mm;
  const { rec } = mm.machine;
  if (rec !== null) rec.emit(Ev.Enter, R.move_leaves, old_addr, new_addr, len);
  const by = new_addr - old_addr;
  for (const step = new Leaves(vma, old_addr, old_addr + len); step.next();) {
    const to = step.from + by;
    if (step.shared) unshare_table(mm, step.table, step.from);
    else if (step.level === PTE) {
      const dst = pte_alloc(mm, to);
      move_ptes(mm, step.table, step.from, dst, to, step.to - step.from);
    } else if (!step.whole) cut_leaf(vma, step);
    else {
      const table = table_for(new_vma, step.level, to);
      const entry = get_and_clear_entry(mm, step.table, step.index, step.from);
      set_entry(mm, table, table_index(to, step.level), to, entry);
    }
  }
  flush_tlb_range(mm, old_addr, old_addr + len);
  if (rec !== null) rec.emit(Ev.Leave, R.move_leaves);
}

/** One block of at most 2 MiB. */
function move_pmd(vma: vm_area_struct, old_pmd: Table, from: number, to: number, extent: number): void {
  const mm = vma.vm_mm;
  const i = pmd_index(from);
  if (old_pmd.entries[i] === 0 && old_pmd.down![i] === null) return;
  const new_pmd = pmd_alloc(mm, to);
  if (old_pmd.entries[i] !== 0) {
    if (extent === PMD_SIZE && move_huge_pmd(mm, old_pmd, from, new_pmd, to)) return;
    __split_huge_pmd(vma, old_pmd, i, from);
  } else if (extent === PMD_SIZE && move_table(mm, PTE, old_pmd, i, from, new_pmd, pmd_index(to), to)) return;
  const table = old_pmd.down![i]!;
  if (table === null) return;
  const dst = new_pmd.down![pmd_index(to)] ?? pte_alloc_under(mm, new_pmd, pmd_index(to), to);
  move_ptes(mm, table, from, dst, to, extent);
}

/** Hangs a whole table somewhere else, if there is one and its new place is empty. Linux: move_normal_pmd, move_normal_pud. */
function move_table(
  mm: mm_struct,
  level: number,
  old_up: Table,
  old_index: number,
  from: number,
  new_up: Table,
  new_index: number,
  to: number,
): boolean {
  const table = old_up.down![old_index]!;
  if (table === null || new_up.down![new_index] !== null || new_up.entries[new_index] !== 0) return false;
  old_up.down![old_index] = null;
  old_up.used--;
  new_up.down![new_index] = table;
  new_up.used++;
  rebase(table, to - from);
  mm.cached_pte_table = null;
  const rec = mm.machine.rec;
  if (rec !== null) rec.emit(Ev.TableMove, mm.id, level, table.id, from, to);
  return true;
}

function rebase(table: Table, by: number): void {
  table.base += by;
  if (table.down !== null) for (const lower of table.down) if (lower !== null) rebase(lower, by);
}

/** Linux: mm/mremap.c move_ptes. */
function move_ptes(mm: mm_struct, table: Table, from: number, dst: Table, to: number, extent: number): void {
  for (let done = 0; done < extent && table.used > 0; done += PAGE_SIZE) {
    const i = pte_index(from + done);
    if (table.entries[i] === 0) continue;
    const entry = get_and_clear_entry(mm, table, i, from + done);
    set_entry(mm, dst, pte_index(to + done), to + done, entry);
  }
}
