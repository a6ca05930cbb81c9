/**
 * The page tables under huge mappings: finding, making, sharing, copying, changing, moving and clearing their entries, which
 * stand in PMD tables (Linux: mm/hugetlb.c). Left out: markers, migration, poison, userfaultfd.
 */
import { HPAGE_PMD_NR, PAGE_SIZE, PMD_SIZE, PUD_SIZE, roundDown } from '../../base/units';
import { Ev } from '../events';
import { R, WHY } from '../routines';
import {
  hugetlb_gather_begin,
  hugetlb_gather_end,
  hugetlb_gather_page,
  hugetlb_get,
  huge_page_size,
  restore_reservation,
  vma_hugecache_offset,
} from './hugetlb_pool';
import type { mm_struct, vm_area_struct } from './mm_types';
import { PG_anon, PG_anon_exclusive, PG_dirty } from './page_alloc';
import {
  _PAGE_ACCESSED,
  _PAGE_DIRTY,
  _PAGE_PRESENT,
  _PAGE_PROTNONE,
  _PAGE_PSE,
  _PAGE_RW,
  get_and_clear_entry,
  mk_pte,
  pmd_alloc,
  pmd_index,
  pmd_table,
  PMD,
  pte_pfn,
  pud_alloc,
  pud_index,
  pud_table,
  set_entry,
  type Table,
} from './pgtable';
import { is_cow_mapping, vm_page_prot } from './prot';
import { flush_tlb_range } from './tlb';
import { VM_LOCKED_MASK, VM_MAYSHARE, VM_WRITE } from './vm_flags';

/** The last 2 MiB page below the next 1 GiB boundary above `address`: where a walk goes on from that has found no table. */
const last_in_table = (address: number): number => roundDown(address, PUD_SIZE) + PUD_SIZE - PMD_SIZE;

// ---- entries -------------------------------------------------------------------------------------

/** A fresh entry; writable (and then dirty) only if the area is. Linux: make_huge_pte. */
export function make_huge_pte(vma: vm_area_struct, pfn: number, try_mkwrite: boolean): number {
  const write = try_mkwrite && (vma.vm_flags & VM_WRITE) !== 0 ? _PAGE_RW | _PAGE_DIRTY : 0;
  const present = vm_page_prot(vma) & (_PAGE_PRESENT | _PAGE_PROTNONE);
  return mk_pte(pfn, present | write | _PAGE_ACCESSED | _PAGE_PSE);
}

/** Maps a page at an address that has none, and counts it. `anon` as the area's own page. Linux: hugetlb_no_page's end. */
export function install_huge_pte(vma: vm_area_struct, table: Table, address: number, pfn: number, entry: number): void {
  const mm = vma.vm_mm;
  mm.machine.frames.addMapcount(pfn, 1);
  set_entry(mm, table, pmd_index(address), address, entry);
  mm.hugetlb_usage += HPAGE_PMD_NR;
}

/** Makes `pfn` the anonymous page of `index` in this area. Linux: hugetlb_add_new_anon_rmap, but for the count. */
export function set_huge_anon(vma: vm_area_struct, pfn: number, index: number, keep: number): void {
  const frames = vma.vm_mm.machine.frames;
  frames.clearFlags(pfn, keep);
  frames.setFlags(pfn, PG_anon | PG_anon_exclusive);
  frames.setMapping(pfn, vma.anon_vma!.id, index);
}

// ---- tables --------------------------------------------------------------------------------------

/** Whether the PMD table of `address` may be another area's too. Linux: want_pmd_share. */
function want_pmd_share(vma: vm_area_struct, address: number): boolean {
  if ((vma.vm_flags & VM_MAYSHARE) === 0 || vma.vm_file?.inode.kind !== 'hugetlb') return false;
  const start = roundDown(address, PUD_SIZE);
  return vma.vm_start <= start && start + PUD_SIZE <= vma.vm_end;
}

/** Address in `svma` of the same page of the file, if its table fits; −1. Linux: page_table_shareable. */
function page_table_shareable(svma: vm_area_struct, vma: vm_area_struct, address: number, pgoff: number): number {
  const saddr = (pgoff - svma.vm_pgoff) * PAGE_SIZE + svma.vm_start;
  if (saddr < svma.vm_start || saddr >= svma.vm_end) return -1;
  if (pmd_index(saddr) !== pmd_index(address)) return -1;
  if (((svma.vm_flags ^ vma.vm_flags) & ~VM_LOCKED_MASK) !== 0) return -1;
  return want_pmd_share(svma, saddr) ? saddr : -1;
}

/**
 * Areas that may hold page `pgoff` of the same mapping, by offset and then by age: those of its file; where it has none, its
 * copies in other processes. Linux: vma_interval_tree_foreach.
 */
export function mapping_vmas(vma: vm_area_struct, pgoff: number): vm_area_struct[] {
  const found: vm_area_struct[] = [];
  if (vma.vm_file === null) {
    for (const { mm } of vma.vm_mm.machine.tasks.values())
      for (const v of mm.mm_mt) if (v.origin === vma.origin && v.vm_file === null) found.push(v);
    return found;
  }
  for (const v of vma.vm_file.inode.i_mapping.i_mmap) {
    if (v.vm_pgoff <= pgoff && pgoff < v.vm_pgoff + (v.vm_end - v.vm_start) / PAGE_SIZE) found.push(v);
  }
  return found.sort((a, b) => a.vm_pgoff - b.vm_pgoff);
}

/** Puts a forked area behind its parent's in the file's order, which says whose table is shared. Linux: vma_interval_tree_insert_after. */
export function link_after(vma: vm_area_struct, parent: vm_area_struct): void {
  const { i_mmap } = vma.vm_file!.inode.i_mapping;
  const others = [...i_mmap];
  i_mmap.clear();
  for (const v of others) {
    if (v !== vma) i_mmap.add(v);
    if (v === parent) i_mmap.add(vma);
  }
}

/** Takes another area's PMD table for this address, if one fits. Linux: want_pmd_share, huge_pmd_share. */
export function share_table(vma: vm_area_struct, pud: Table, address: number): void {
  if (!want_pmd_share(vma, address)) return;
  const mm = vma.vm_mm;
  const pgoff = vma.vm_pgoff + (address - vma.vm_start) / PAGE_SIZE;
  for (const svma of mapping_vmas(vma, pgoff)) {
    if (svma === vma) continue;
    const saddr = page_table_shareable(svma, vma, address, pgoff);
    const table = saddr < 0 ? null : pmd_table(svma.vm_mm, saddr);
    if (table === null) continue;
    table.share_count++;
    mm.has_shared_pmd = true;
    svma.vm_mm.has_shared_pmd = true;
    pud.down![pud_index(address)] = table;
    pud.used++;
    mm.pgtables_bytes += PAGE_SIZE;
    mm.machine.frames.tables--; // It was there before.
    const rec = mm.machine.rec;
    if (rec !== null) rec.emit(Ev.TableShare, mm.id, PMD, table.id, roundDown(address, PUD_SIZE));
    return;
  }
}

/** Lets go of a shared PMD table: all its entries vanish from this process. False if it is not shared. Linux: huge_pmd_unshare. */
export function unshare_table(mm: mm_struct, table: Table, address: number): boolean {
  if (table.share_count <= 1) return false;
  const pud = pud_table(mm, address)!;
  pud.down![pud_index(address)] = null;
  pud.used--;
  table.share_count--;
  mm.pgtables_bytes -= PAGE_SIZE;
  mm.machine.frames.tables++; // Others have it still.
  const base = roundDown(address, PUD_SIZE);
  const rec = mm.machine.rec;
  if (rec !== null) rec.emit(Ev.TableUnshare, mm.id, PMD, table.id, base);
  flush_tlb_range(mm, base, base + PUD_SIZE);
  return true;
}

/**
 * The table in which the entry of `address` belongs, made (or shared) where missing: a PMD table, for 1 GiB pages the PUD
 * table. Linux: arch/x86/mm/hugetlbpage.c huge_pte_alloc.
 */
export function huge_pte_alloc(vma: vm_area_struct, address: number): Table {
  const mm = vma.vm_mm;
  const pud = pud_alloc(mm, address);
  if (huge_page_size(vma) !== PMD_SIZE) return pud;
  if (pud.down![pud_index(address)] === null) share_table(vma, pud, address);
  return pmd_alloc(mm, address);
}

/** Unshares the table around `address`, at which the area is about to be split. Linux: hugetlb_split. */
export function hugetlb_split(vma: vm_area_struct, address: number): void {
  const floor = roundDown(address, PUD_SIZE);
  if (floor === address || floor < vma.vm_start || floor + PUD_SIZE > vma.vm_end) return;
  const mm = vma.vm_mm;
  const table = (vma.vm_flags & VM_MAYSHARE) === 0 ? null : pmd_table(mm, floor);
  if (table === null) return;
  const rec = mm.machine.rec;
  if (rec !== null) rec.emit(Ev.Enter, R.hugetlb_split, vma.id, address);
  unshare_table(mm, table, floor);
  if (rec !== null) rec.emit(Ev.Leave, R.hugetlb_split);
}

// ---- walks ---------------------------------------------------------------------------------------

/** Removes the entries of `[start, end)` and lets their pages go. Linux: unmap_hugepage_range. */
export const unmap_hugepage_range = (vma: vm_area_struct, start: number, end: number): void =>
  __unmap_hugepage_range(vma, start, end, -1);

/**
 * As `unmap_hugepage_range`; or, with `only`, the entry of that page alone, which its owner takes from this area: the area
 * is marked. Linux: __unmap_hugepage_range.
 */
export function __unmap_hugepage_range(vma: vm_area_struct, start: number, end: number, only: number): void {
  const mm = vma.vm_mm;
  const m = mm.machine;
  const frames = m.frames;
  const rec = m.rec;
  if (rec !== null) rec.emit(Ev.Enter, R.__unmap_hugepage_range, vma.id, start, end);
  hugetlb_gather_begin(m);
  let cleared = false;
  for (let address = start; address < end; address += PMD_SIZE) {
    mm.machine.meter.spend(1);
    const table = pmd_table(mm, address);
    if (table === null || unshare_table(mm, table, address)) {
      address = last_in_table(address);
      continue;
    }
    const index = pmd_index(address);
    const entry = table.entries[index]!;
    if (entry === 0) continue;
    const pfn = pte_pfn(entry);
    if (only >= 0) {
      if (pfn !== only) continue;
      vma.resv_unmapped = true;
      if (rec !== null) rec.emit(Ev.Decide, WHY.unmapped_by_owner, vma.id, address);
    }
    get_and_clear_entry(mm, table, index, address);
    cleared = true;
    if ((entry & _PAGE_DIRTY) !== 0) frames.setFlags(pfn, PG_dirty);
    mm.hugetlb_usage -= HPAGE_PMD_NR;
    frames.addMapcount(pfn, -1);
    restore_reservation(vma, pfn, vma_hugecache_offset(vma, address));
    hugetlb_gather_page(m, pfn);
    if (only >= 0) break;
  }
  if (cleared) flush_tlb_range(mm, start, end);
  hugetlb_gather_end(m);
  if (rec !== null) rec.emit(Ev.Leave, R.__unmap_hugepage_range);
}

/** Copies the entries of an area to its copy in a forked process; private ones become read-only in both. Returns 0. */
export function copy_hugetlb_page_range(dst_vma: vm_area_struct, src_vma: vm_area_struct): number {
  const src = src_vma.vm_mm;
  const m = src.machine;
  const frames = m.frames;
  const rec = m.rec;
  const cow = is_cow_mapping(src_vma.vm_flags);
  if (rec !== null) rec.emit(Ev.Enter, R.copy_hugetlb_page_range, dst_vma.id, src_vma.id);
  for (let address = src_vma.vm_start; address < src_vma.vm_end; address += PMD_SIZE) {
    m.meter.spend(1);
    const from = pmd_table(src, address);
    if (from === null) {
      address = last_in_table(address);
      continue;
    }
    const to = huge_pte_alloc(dst_vma, address);
    if (to.share_count > 1) {
      address = last_in_table(address);
      continue;
    }
    const index = pmd_index(address);
    let entry = from.entries[index]!;
    if (entry === 0) continue;
    const pfn = pte_pfn(entry);
    if ((frames.flags(pfn) & PG_anon) !== 0) frames.clearFlags(pfn, PG_anon_exclusive);
    hugetlb_get(m, pfn);
    if (cow && (entry & _PAGE_RW) !== 0) {
      entry = (entry & ~_PAGE_RW) >>> 0;
      set_entry(src, from, index, address, entry);
    }
    install_huge_pte(dst_vma, to, address, pfn, entry);
  }
  if (rec !== null) rec.emit(Ev.Leave, R.copy_hugetlb_page_range);
  return 0;
}

/** Rewrites the entries of `[start, end)` for what the area's flags allow now. Linux: hugetlb_change_protection. */
export function hugetlb_change_protection(vma: vm_area_struct, start: number, end: number): void {
  const mm = vma.vm_mm;
  const rec = mm.machine.rec;
  if (rec !== null) rec.emit(Ev.Enter, R.hugetlb_change_protection, vma.id, start, end);
  const prot = vm_page_prot(vma) & (_PAGE_PRESENT | _PAGE_PROTNONE | _PAGE_RW);
  for (let address = start; address < end; address += PMD_SIZE) {
    mm.machine.meter.spend(1);
    const table = pmd_table(mm, address);
    if (table === null || unshare_table(mm, table, address)) {
      address = last_in_table(address);
      continue;
    }
    const index = pmd_index(address);
    const entry = table.entries[index]!;
    if (entry === 0) continue;
    const kept = entry & (_PAGE_ACCESSED | _PAGE_DIRTY);
    set_entry(mm, table, index, address, mk_pte(pte_pfn(entry), kept | prot | _PAGE_PSE));
  }
  flush_tlb_range(mm, start, end);
  if (rec !== null) rec.emit(Ev.Leave, R.hugetlb_change_protection);
}

/**
 * Moves the entries of `[old_addr, old_addr + len)` of `vma` to `new_addr` in `new_vma`. Returns the bytes moved. Linux:
 * move_hugetlb_page_tables. Left out: where it passes over a 1 GiB stretch without a table, Linux rounds both addresses up by
 * themselves, and would put what follows in the wrong place.
 */
export function move_hugetlb_page_tables(
  vma: vm_area_struct,
  new_vma: vm_area_struct,
  old_addr: number,
  new_addr: number,
  len: number,
): number {
  const mm = vma.vm_mm;
  const rec = mm.machine.rec;
  if (rec !== null) rec.emit(Ev.Enter, R.move_hugetlb_page_tables, old_addr, new_addr, len);
  const by = new_addr - old_addr;
  const old_end = old_addr + len;
  for (let address = old_addr; address < old_end; address += PMD_SIZE) {
    mm.machine.meter.spend(1);
    const from = pmd_table(mm, address);
    if (from === null) {
      address = last_in_table(address);
      continue;
    }
    const index = pmd_index(address);
    if (from.entries[index] === 0) continue;
    if (unshare_table(mm, from, address)) {
      address = last_in_table(address);
      continue;
    }
    const to = huge_pte_alloc(new_vma, address + by);
    const entry = get_and_clear_entry(mm, from, index, address);
    set_entry(mm, to, pmd_index(address + by), address + by, entry);
  }
  flush_tlb_range(mm, old_addr, old_end);
  if (rec !== null) rec.emit(Ev.Leave, R.move_hugetlb_page_tables, len);
  return len;
}

/** Whether the area maps page `pfn` at `address`. Linux: fs/hugetlbfs/inode.c hugetlb_vma_maps_pfn. */
export function hugetlb_vma_maps_pfn(vma: vm_area_struct, address: number, pfn: number): boolean {
  const table = pmd_table(vma.vm_mm, address);
  const entry = table === null ? 0 : table.entries[pmd_index(address)]!;
  return entry !== 0 && pte_pfn(entry) === pfn;
}
