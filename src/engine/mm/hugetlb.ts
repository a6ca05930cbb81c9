/**
 * Faults in huge mappings (Linux: mm/hugetlb.c). Left out: markers, poison, migration, userfaultfd, pinned pages, the
 * locks.
 */
import { PAGE_SIZE, PMD_SIZE, roundDown } from '../../base/units';
import { pin_begins, pin_fault } from '../designs/design';
import { EFAULT, EINVAL, ENOMEM } from '../errno';
import { Ev } from '../events';
import type { Machine } from '../machine';
import { R, WHY } from '../routines';
import {
  alloc_hugetlb_folio,
  copy_huge_page,
  hugetlb_acct_memory,
  huge_page_size,
  hugetlb_get,
  hugetlb_put,
  hugetlb_vm_op_close,
  hugetlb_vm_op_open,
  hugetlb_vm_op_split,
  take_promise,
  vma_hugecache_offset,
  zero_huge_page,
} from './hugetlb_pool';
import {
  huge_pte_alloc,
  install_huge_pte,
  make_huge_pte,
  mapping_vmas,
  set_huge_anon,
  __unmap_hugepage_range,
} from './hugetlb_table';
import { hugepage_subpool_get_pages, hugepage_subpool_put_pages } from './hugetlb_subpool';
import { zap_page } from './memory_zap';
import { pinned_nothing } from './gup';
import {
  type address_space,
  FAULT_FLAG_WRITE,
  type mm_struct,
  resv_map,
  type vm_area_struct,
  VM_FAULT_ERROR,
  VM_FAULT_OOM,
  VM_FAULT_SIGBUS,
  type vm_operations_struct,
} from './mm_types';
import { PG_anon, PG_anon_exclusive, PG_hugetlb_restore_reserve, PG_mapping, PG_uptodate } from './page_alloc';
import { _PAGE_ACCESSED, _PAGE_DIRTY, _PAGE_RW, pmd_index, pmd_table, pte_pfn, set_entry, type Table } from './pgtable';
import { anon_vma_prepare } from './rmap';
import { flush_tlb_range } from './tlb';
import { VM_MAYSHARE, VM_NORESERVE, VM_SHARED, VM_WRITE } from './vm_flags';

/** Linux: mm/hugetlb.c hugetlb_vm_ops. */
export const hugetlb_vm_ops: vm_operations_struct = {
  name: 'hugetlb_vm_ops',
  backing: 'hugetlb',
  may_split: hugetlb_vm_op_split,
  pagesize: huge_page_size,
  open: hugetlb_vm_op_open,
  close: hugetlb_vm_op_close,
};

/**
 * Makes a fresh private area without a file one of huge pages, and promises them to it unless it waives that. 0, −EINVAL where
 * a bound lies inside a huge page, or −ENOMEM. No kernel has it: the flag of the mail of 22 March 2007, as written.
 */
export function map_hugetlb_anonymous(vma: vm_area_struct): number {
  const m = vma.vm_mm.machine;
  const size = huge_page_size(vma);
  if (vma.vm_start % size !== 0 || vma.vm_end % size !== 0) return -EINVAL;
  vma.vm_ops = hugetlb_vm_ops;
  if ((vma.vm_flags & VM_NORESERVE) !== 0) return 0;
  const err = hugetlb_acct_memory(m, (vma.vm_end - vma.vm_start) / size);
  if (err !== 0) return err;
  vma.resv_map = new resv_map();
  vma.resv_owner = true;
  return 0;
}

/** A zeroed page enters the file's page cache, which takes a reference of its own. Linux: hugetlb_add_to_page_cache. */
export function hugetlb_add_to_page_cache(
  vma: vm_area_struct,
  mapping: address_space,
  pfn: number,
  index: number,
): void {
  const m = vma.vm_mm.machine;
  const inode = vma.vm_file!.inode;
  mapping.i_pages.set(index, pfn + 1);
  if (m.rules.takesPromiseByFlag) take_promise(m, 1);
  hugetlb_get(m, pfn);
  m.frames.clearFlags(pfn, PG_hugetlb_restore_reserve);
  m.frames.setFlags(pfn, PG_mapping);
  m.frames.setMapping(pfn, inode.id, index);
  if (m.rec !== null) m.rec.emit(Ev.CacheAdd, inode.id, index, pfn);
}

/** Resolves one fault in a huge mapping. Returns VM_FAULT_* bits. Linux: hugetlb_fault. */
export function hugetlb_fault(mm: mm_struct, vma: vm_area_struct, address: number, flags: number): number {
  const rec = mm.machine.rec;
  if (rec !== null) rec.emit(Ev.Enter, R.hugetlb_fault, vma.id, address, flags);
  const at = roundDown(address, huge_page_size(vma));
  const table = huge_pte_alloc(vma, at);
  const index = pmd_index(at);
  const entry = huge_page_size(vma) === PMD_SIZE ? table.entries[index]! : 0;
  let ret = 0;
  if (entry === 0) ret = hugetlb_no_page(vma, table, at, flags);
  else if ((flags & FAULT_FLAG_WRITE) !== 0 && (entry & _PAGE_RW) === 0) ret = hugetlb_wp(vma, table, at);
  else {
    const dirty = (flags & FAULT_FLAG_WRITE) !== 0 ? _PAGE_DIRTY : 0;
    set_entry(mm, table, index, at, (entry | _PAGE_ACCESSED | dirty) >>> 0);
  }
  if (rec !== null) rec.emit(Ev.Leave, R.hugetlb_fault, ret);
  return ret;
}

/** What a fault that got no page, but errno `err`, ends with. Linux: vmf_error; 2007: always VM_FAULT_OOM. */
const without_page = (m: Machine, err: number): number =>
  err === -ENOMEM || !m.rules.exhaustionIsSigbus ? VM_FAULT_OOM : VM_FAULT_SIGBUS;

/** Nothing is mapped at `address`: the file's page, or a new one. Linux: hugetlb_no_page. */
function hugetlb_no_page(vma: vm_area_struct, table: Table, address: number, flags: number): number {
  const m = vma.vm_mm.machine;
  const rec = m.rec;
  if (rec !== null) rec.emit(Ev.Enter, R.hugetlb_no_page, vma.id, address, flags);
  const ret = no_page(vma, table, address, flags);
  if (rec !== null) rec.emit(Ev.Leave, R.hugetlb_no_page, ret);
  return ret;
}

function no_page(vma: vm_area_struct, table: Table, address: number, flags: number): number {
  const pfn = find_huge_page(vma, address);
  if (pfn < 0) return -pfn;
  install_huge_pte(vma, table, address, pfn, make_huge_pte(vma, pfn, (vma.vm_flags & VM_SHARED) !== 0));
  // The copy is made without a second fault.
  if ((flags & FAULT_FLAG_WRITE) !== 0 && (vma.vm_flags & VM_SHARED) === 0) return hugetlb_wp(vma, table, address);
  return 0;
}

/** The page that belongs at `address`, the file's or a new one, with a reference for the entry; or −VM_FAULT_*. */
export function find_huge_page(vma: vm_area_struct, address: number): number {
  const m = vma.vm_mm.machine;
  const rec = m.rec;
  // A device's inode holds no pages, and memory with the bit alone has no file at all.
  const inode = vma.vm_file?.inode.kind === 'hugetlb' ? vma.vm_file.inode : null;
  const index = vma_hugecache_offset(vma, address);
  if (vma.resv_unmapped) {
    if (rec !== null) rec.emit(Ev.Decide, WHY.unmapped_by_owner, vma.id, address);
    return -VM_FAULT_SIGBUS;
  }
  if (inode !== null) {
    const cached = inode.i_mapping.i_pages.get(index);
    if (cached > 0) {
      hugetlb_get(m, cached - 1);
      return cached - 1;
    }
    if (index >= Math.floor(inode.i_size / inode.page_bytes)) {
      if (rec !== null) rec.emit(Ev.Decide, WHY.beyond_file, vma.id, index);
      return -VM_FAULT_SIGBUS;
    }
  }
  // A device's pages are in no cache, even where it is mapped shared (read-only, as that of 2007 lets itself).
  const shared = inode !== null && (vma.vm_flags & (m.rules.cachesByShared ? VM_SHARED : VM_MAYSHARE)) !== 0;
  if (!shared && anon_vma_prepare(vma) !== 0) return -VM_FAULT_OOM;
  const quota = !m.rules.countsMountPromises;
  if (quota && !hugepage_subpool_get_pages(m, inode, 1)) return -VM_FAULT_SIGBUS;
  const pfn = alloc_hugetlb_folio(vma, index, false);
  if (pfn < 0) {
    if (quota) hugepage_subpool_put_pages(m, inode, 1);
    return -without_page(m, pfn);
  }
  zero_huge_page(m, pfn);
  m.frames.setFlags(pfn, PG_uptodate);
  if (shared) hugetlb_add_to_page_cache(vma, inode.i_mapping, pfn, index);
  else set_huge_anon(vma, pfn, index, PG_hugetlb_restore_reserve);
  return pfn;
}

/** A private copy of page `old` at `address`, with a reference for its entry; or −VM_FAULT_*. */
export function copy_private_page(vma: vm_area_struct, address: number, old: number): number {
  const m = vma.vm_mm.machine;
  const index = vma_hugecache_offset(vma, address);
  const cow_from_owner = vma.resv_owner && (m.frames.flags(old) & PG_anon) !== 0;
  if (m.rec !== null) m.rec.emit(Ev.Decide, cow_from_owner ? WHY.cow_from_owner : WHY.copy_shared, old, address);
  const pfn = alloc_hugetlb_folio(vma, index, cow_from_owner);
  if (pfn < 0) return -without_page(m, pfn);
  anon_vma_prepare(vma);
  copy_huge_page(m, old, pfn);
  m.frames.setFlags(pfn, PG_uptodate);
  set_huge_anon(vma, pfn, index, PG_hugetlb_restore_reserve);
  return pfn;
}

/** An owner that got no page for its copy takes the page from its children. False for who is no owner. */
export function take_from_children(vma: vm_area_struct, address: number, old: number): boolean {
  if (!vma.resv_owner || (vma.vm_mm.machine.frames.flags(old) & PG_anon) === 0) return false;
  unmap_ref_private(vma, old, address);
  return true;
}

/** Makes the entry writable, if the area is. Linux: set_huge_ptep_maybe_writable. */
function set_huge_ptep_writable(vma: vm_area_struct, table: Table, address: number): void {
  if ((vma.vm_flags & VM_WRITE) === 0) return;
  const i = pmd_index(address);
  set_entry(vma.vm_mm, table, i, address, (table.entries[i]! | _PAGE_RW | _PAGE_DIRTY | _PAGE_ACCESSED) >>> 0);
}

/** A write to a page that is mapped read-only: used as it is, or copied. Linux: hugetlb_wp. */
export function hugetlb_wp(vma: vm_area_struct, table: Table, address: number): number {
  const rec = vma.vm_mm.machine.rec;
  if (rec !== null) rec.emit(Ev.Enter, R.hugetlb_wp, vma.id, address);
  const ret = wp(vma, table, address);
  if (rec !== null) rec.emit(Ev.Leave, R.hugetlb_wp, ret);
  return ret;
}

function wp(vma: vm_area_struct, table: Table, address: number): number {
  if ((vma.vm_flags & VM_MAYSHARE) !== 0) {
    set_huge_ptep_writable(vma, table, address);
    return 0;
  }
  const mm = vma.vm_mm;
  const m = mm.machine;
  const frames = m.frames;
  const i = pmd_index(address);
  const old = pte_pfn(table.entries[i]!);
  const anon = (frames.flags(old) & PG_anon) !== 0;
  if (frames.mapcount(old) === 1 && anon) {
    reuse(vma, table, address, old);
    return 0;
  }
  hugetlb_get(m, old);
  const pfn = copy_private_page(vma, address, old);
  if (pfn < 0) {
    hugetlb_put(m, old);
    if (!take_from_children(vma, address, old)) return -pfn;
    // The owner's own entry is gone, too: it faults again.
    if (table.entries[i] === 0) return 0;
    if (frames.mapcount(old) > 1) return VM_FAULT_SIGBUS;
    reuse(vma, table, address, old);
    return 0;
  }
  frames.addMapcount(old, -1);
  frames.addMapcount(pfn, 1);
  set_entry(mm, table, i, address, make_huge_pte(vma, pfn, true));
  flush_tlb_range(mm, address, address + PMD_SIZE);
  hugetlb_put(m, old);
  hugetlb_put(m, old);
  return 0;
}

/** The page is this area's alone. */
function reuse(vma: vm_area_struct, table: Table, address: number, pfn: number): void {
  const m = vma.vm_mm.machine;
  if (m.rec !== null) m.rec.emit(Ev.Decide, WHY.reuse_exclusive, pfn, address);
  if ((m.frames.flags(pfn) & PG_anon_exclusive) === 0) {
    m.frames.setFlags(pfn, PG_anon_exclusive);
    m.frames.setMapping(pfn, vma.anon_vma!.id, m.frames.index(pfn));
  }
  set_huge_ptep_writable(vma, table, address);
}

/**
 * Takes page `pfn` from every private area that maps it without having reserved it. Linux: unmap_ref_private, which looks
 * at the owner's address in every process: in its own it may find the owner's entry, and it spins for ever where a process
 * has moved its mapping. There it is looked up where it maps the page.
 */
function unmap_ref_private(vma: vm_area_struct, pfn: number, address: number): void {
  const rec = vma.vm_mm.machine.rec;
  if (rec !== null) {
    rec.emit(Ev.Enter, R.unmap_ref_private, vma.id, pfn, address);
    rec.emit(Ev.Decide, WHY.steal_from_children, pfn, address);
  }
  const pgoff = vma.vm_pgoff + (address - vma.vm_start) / PAGE_SIZE;
  for (const other of mapping_vmas(vma, pgoff)) {
    if (other === vma || (other.vm_flags & VM_MAYSHARE) !== 0 || other.resv_owner) continue;
    take_page(other, address, pfn);
    const moved = other.vm_start + (pgoff - other.vm_pgoff) * PAGE_SIZE;
    if (moved !== address && other.vm_mm !== vma.vm_mm) take_page(other, moved, pfn);
  }
  if (rec !== null) rec.emit(Ev.Leave, R.unmap_ref_private);
}

/** Takes page `pfn` from an area that maps it at `address`, and marks the area. */
function take_page(vma: vm_area_struct, address: number, pfn: number): void {
  if (vma.pages === null) __unmap_hugepage_range(vma, address, address + PMD_SIZE, pfn);
  else if (zap_page(vma, address, pfn)) vma.resv_unmapped = true;
}

/**
 * Brings the pages of `[start, end)` in for the kernel. Returns the address reached, or −EFAULT, −ENOMEM if not even the
 * first page could be had. 2.6.20: mm/hugetlb.c follow_hugetlb_page; today the common walk does it.
 */
export function hugetlb_pin_pages(vma: vm_area_struct, start: number, end: number, flags: number): number {
  const mm = vma.vm_mm;
  const size = huge_page_size(vma);
  const m = mm.machine;
  if (!m.rules.pinsForWrite) flags &= ~FAULT_FLAG_WRITE;
  if (m.rec !== null) m.rec.emit(Ev.Enter, R.follow_hugetlb_page, vma.id, start, end);
  pin_begins(m, vma);
  const reached = pin_range(vma, start, end, flags, size);
  if (m.rec !== null) m.rec.emit(Ev.Leave, R.follow_hugetlb_page, reached);
  return reached;
}

function pin_range(vma: vm_area_struct, start: number, end: number, flags: number, size: number): number {
  const mm = vma.vm_mm;
  const m = mm.machine;
  let address = start;
  let tries = 0;
  while (address < end) {
    const table = size === PMD_SIZE ? pmd_table(mm, address) : null;
    const entry = table === null ? 0 : table.entries[pmd_index(address)]!;
    if (entry === 0 || ((flags & FAULT_FLAG_WRITE) !== 0 && (entry & _PAGE_RW) === 0)) {
      const ret = pin_fault(m, vma)?.(mm, vma, address, flags) ?? VM_FAULT_SIGBUS;
      if ((ret & VM_FAULT_ERROR) === 0) m.outcome.minflt++;
      else {
        if (address > start) return address;
        return (ret & VM_FAULT_OOM) !== 0 ? -ENOMEM : -EFAULT;
      }
      // The first fault of a write may have mapped the page read-only; then it takes one more.
      if (entry === 0) {
        if (++tries < 16) continue;
        return address > start ? address : pinned_nothing(mm, address);
      }
    }
    tries = 0;
    address = Math.min(end, roundDown(address, size) + size);
  }
  return address;
}
