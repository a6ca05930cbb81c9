/**
 * A device with several page sizes, `/dev/superpage`: what the mail of March 2007 calls variable page support entirely as a
 * device. A fault maps the largest leaf that alignment, room and memory allow: 1 GiB, 2 MiB, or 64 KiB as a run of sixteen
 * entries. Private mappings only. Pages come from the buddy allocator; none is reserved.
 */
import { PAGE_SIZE, PMD_SIZE, PUD_SIZE, roundDown } from '../../base/units';
import type { PagetableOperations } from '../designs/design';
import { EFAULT, EINVAL, ENOMEM } from '../errno';
import { Ev } from '../events';
import type { Machine } from '../machine';
import { type Found, is_empty, leaf_at, split_leaf, table_for } from '../mm/leaf';
import { free_pgd_range } from '../mm/memory_tables';
import {
  FAULT_FLAG_WRITE,
  type mm_struct,
  type vm_area_struct,
  VM_FAULT_ERROR,
  VM_FAULT_OOM,
  type vm_operations_struct,
} from '../mm/mm_types';
import type { LeafSize } from '../mm/page_source';
import {
  _PAGE_ACCESSED,
  _PAGE_DIRTY,
  _PAGE_PRESENT,
  _PAGE_PROTNONE,
  _PAGE_PSE,
  _PAGE_RW,
  LEVEL_SIZE,
  mk_pte,
  pte_pfn,
  PTE,
  set_entry,
  table_index,
  type Table,
} from '../mm/pgtable';
import { flush_tlb_range } from '../mm/tlb';
import { VM_ACCESS_FLAGS, VM_DONTEXPAND, VM_MAYSHARE, VM_MIXEDMAP, VM_SHARED, VM_WRITE } from '../mm/vm_flags';
import { R, WHY } from '../routines';
import { count_leaf, for_each_leaf, put_leaves, take_leaf } from './leaves';
import { copy_page, is_sole, new_page, RUN_SIZE, SIZES, superpage_pages } from './superpage-pages';

/** Where `leaf_at` puts what it found. */
const scratch: Found = { table: null as unknown as Table, index: 0 };

// ---- bringing pages in ---------------------------------------------------------------------------

/** Bits of a fresh or rewritten leaf; writable only with `write`. */
function leaf_bits(vma: vm_area_struct, level: number, write: boolean): number {
  const size = level === PTE ? 0 : _PAGE_PSE;
  if ((vma.vm_flags & VM_ACCESS_FLAGS) === 0) return size | _PAGE_PROTNONE;
  return size | _PAGE_PRESENT | (write && (vma.vm_flags & VM_WRITE) !== 0 ? _PAGE_RW : 0);
}

/** Maps a page of this size at `start`, where nothing is. */
function map_page(vma: vm_area_struct, size: LeafSize, start: number, pfn: number, bits: number): void {
  const table = table_for(vma, size.level, start);
  for (let n = 0; n < size.entries; n++) {
    count_leaf(vma, size.level, pfn + n, 1);
    const at = table_index(start, size.level) + n;
    set_entry(vma.vm_mm, table, at, start + n * PAGE_SIZE, mk_pte(pfn + n, bits));
  }
}

/** Nothing is there: the largest page that fits. */
function no_page(vma: vm_area_struct, address: number, write: boolean, clears: boolean): number {
  const mm = vma.vm_mm;
  for (const size of SIZES) {
    const start = roundDown(address, size.bytes);
    if (start < vma.vm_start || start + size.bytes > vma.vm_end) continue;
    if (!is_empty(mm, size.level, start, size.entries)) continue;
    const pfn = new_page(vma, size, start, clears);
    if (pfn < 0) continue;
    const dirty = write ? _PAGE_DIRTY : 0;
    map_page(vma, size, start, pfn, leaf_bits(vma, size.level, true) | _PAGE_ACCESSED | dirty);
    return 0;
  }
  return VM_FAULT_OOM;
}

/** A write to a leaf that is shared since a fork: used as it is by its last holder, else copied at its own size. */
function wp_page(vma: vm_area_struct, table: Table, index: number, address: number): number {
  const mm = vma.vm_mm;
  const m = mm.machine;
  const { level } = table;
  const entry = table.entries[index]!;
  const pfn = pte_pfn(entry);
  const start = roundDown(address, LEVEL_SIZE[level]!);
  if (is_sole(m, level, pfn)) {
    if (m.rec !== null) m.rec.emit(Ev.Decide, WHY.reuse_exclusive, pfn, start);
    set_entry(mm, table, index, start, (entry | _PAGE_RW | _PAGE_DIRTY | _PAGE_ACCESSED) >>> 0);
    return 0;
  }
  const copy = copy_page(vma, start, level, pfn);
  if (copy < 0) {
    // No page of that size: the leaf is broken up, and the next fault copies a smaller one.
    if (level === PTE) return VM_FAULT_OOM;
    split_leaf(mm, table, index, start);
    return 0;
  }
  const old = take_leaf(vma, table, index, start);
  flush_tlb_range(mm, start, start + LEVEL_SIZE[level]!);
  count_leaf(vma, level, copy, 1);
  set_entry(mm, table, index, start, mk_pte(copy, leaf_bits(vma, level, true) | _PAGE_ACCESSED | _PAGE_DIRTY));
  put_leaves(vma, [old]);
  return 0;
}

/** One fault. `clears` says whether a fresh page is cleared, which a driver had better do. */
export function superpage_fault(
  mm: mm_struct,
  vma: vm_area_struct,
  address: number,
  flags: number,
  clears = true,
): number {
  const rec = mm.machine.rec;
  if (rec !== null) rec.emit(Ev.Enter, R.superpage_fault, vma.id, address, flags);
  const write = (flags & FAULT_FLAG_WRITE) !== 0;
  const entry = leaf_at(mm, address, scratch);
  let ret = 0;
  if (entry === 0) ret = no_page(vma, address, write, clears);
  else if (write && (entry & _PAGE_RW) === 0) ret = wp_page(vma, scratch.table, scratch.index, address);
  else {
    const { table, index } = scratch;
    const marks = _PAGE_ACCESSED | (write ? _PAGE_DIRTY : 0);
    set_entry(mm, table, index, roundDown(address, LEVEL_SIZE[table.level]!), (entry | marks) >>> 0);
  }
  if (rec !== null) rec.emit(Ev.Leave, R.superpage_fault, ret);
  return ret;
}

// ---- the other five ------------------------------------------------------------------------------

/** Copies every leaf at its own size; both sides lose the right to write. */
function superpage_copy(dst_vma: vm_area_struct, src_vma: vm_area_struct): number {
  const src = src_vma.vm_mm;
  const dst = dst_vma.vm_mm;
  for_each_leaf(src_vma, src_vma.vm_start, src_vma.vm_end, false, (table, index, address) => {
    const entry = (table.entries[index]! & ~_PAGE_RW) >>> 0;
    if (entry !== table.entries[index]) set_entry(src, table, index, address, entry);
    const pfn = pte_pfn(entry);
    src.machine.frames.get_page(pfn);
    count_leaf(dst_vma, table.level, pfn, 1);
    set_entry(dst, table_for(dst_vma, table.level, address), index, address, entry);
  });
  return 0;
}

function superpage_pin(vma: vm_area_struct, start: number, end: number, flags: number): number {
  const mm = vma.vm_mm;
  for (let at = start; at < end;) {
    const entry = leaf_at(mm, at, scratch);
    if (entry === 0 || ((flags & FAULT_FLAG_WRITE) !== 0 && (entry & _PAGE_RW) === 0)) {
      const ret = superpage_fault(mm, vma, at, flags);
      if ((ret & VM_FAULT_ERROR) !== 0) return at > start ? at : (ret & VM_FAULT_OOM) !== 0 ? -ENOMEM : -EFAULT;
      continue;
    }
    const size = LEVEL_SIZE[scratch.table.level]!;
    at = roundDown(at, size) + size;
  }
  return end;
}

/** Rewrites the leaves for the area's flags; what is shared since a fork stays read-only. */
function superpage_protect(vma: vm_area_struct, start: number, end: number): void {
  const mm = vma.vm_mm;
  for_each_leaf(vma, start, end, true, (table, index, address) => {
    const entry = table.entries[index]!;
    const pfn = pte_pfn(entry);
    const bits = leaf_bits(vma, table.level, is_sole(mm.machine, table.level, pfn));
    set_entry(mm, table, index, address, mk_pte(pfn, bits | (entry & (_PAGE_ACCESSED | _PAGE_DIRTY))));
  });
  flush_tlb_range(mm, start, end);
}

function superpage_unmap(vma: vm_area_struct, start: number, end: number): void {
  const rec = vma.vm_mm.machine.rec;
  if (rec !== null) rec.emit(Ev.Enter, R.superpage_unmap, vma.id, start, end);
  const pfns: number[] = [];
  for_each_leaf(vma, start, end, true, (table, index, address) => {
    pfns.push(take_leaf(vma, table, index, address));
  });
  flush_tlb_range(vma.vm_mm, start, end);
  put_leaves(vma, pfns);
  if (rec !== null) rec.emit(Ev.Leave, R.superpage_unmap, pfns.length);
}

export const superpage_pagetable_ops: PagetableOperations = {
  name: 'superpage_pagetable_ops',
  fault: (mm, vma, address, flags) => superpage_fault(mm, vma, address, flags),
  copy_vma: superpage_copy,
  pin_pages: superpage_pin,
  change_protection: superpage_protect,
  unmap_page_range: superpage_unmap,
  free_pgtable_range: free_pgd_range,
};

// ---- mapping -------------------------------------------------------------------------------------

/** A mapping is cut between runs; a larger leaf that reaches over the cut is broken up. */
function may_split(vma: vm_area_struct, address: number): number {
  if (address % RUN_SIZE !== 0) return -EINVAL;
  const entry = leaf_at(vma.vm_mm, address, scratch);
  if (entry !== 0 && address % LEVEL_SIZE[scratch.table.level]! !== 0) {
    const unit = address % PMD_SIZE === 0 ? PMD_SIZE : RUN_SIZE;
    for_each_leaf(vma, address, address + unit, true, () => {});
  }
  return 0;
}

const superpage_vm_ops: vm_operations_struct = {
  name: 'superpage_vm_ops',
  backing: 'special',
  may_split,
  pagesize: () => RUN_SIZE,
  mremap: () => -EINVAL,
};

/** Where an area of `len` bytes should start: at a multiple of the largest leaf that it can hold. */
export function superpage_alignment(len: number): number {
  return len >= PUD_SIZE ? PUD_SIZE : len >= PMD_SIZE ? PMD_SIZE : RUN_SIZE;
}

/** Gives an area the device's members, or others. Refuses with −EINVAL what is shared, misaligned or at an offset. */
export function superpage_mmap(m: Machine, vma: vm_area_struct, table: PagetableOperations): number {
  if ((vma.vm_flags & (VM_SHARED | VM_MAYSHARE)) !== 0 || vma.vm_pgoff !== 0) return -EINVAL;
  if (vma.vm_start % RUN_SIZE !== 0 || vma.vm_end % RUN_SIZE !== 0) return -EINVAL;
  vma.vm_flags |= VM_MIXEDMAP | VM_DONTEXPAND;
  vma.vm_ops = superpage_vm_ops;
  return m.design.attach(m, vma, table, table === superpage_pagetable_ops ? superpage_pages : null);
}
