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
import { free_pgd_range } from '../mm/memory_tables';
import {
  FAULT_FLAG_WRITE,
  type mm_struct,
  type vm_area_struct,
  VM_FAULT_ERROR,
  VM_FAULT_OOM,
  type vm_operations_struct,
} from '../mm/mm_types';
import { PG_anon, PG_swapbacked, PG_uptodate } from '../mm/page_alloc';
import {
  _PAGE_ACCESSED,
  _PAGE_DIRTY,
  _PAGE_PRESENT,
  _PAGE_PROTNONE,
  _PAGE_PSE,
  _PAGE_RW,
  LEVEL_SIZE,
  mk_pte,
  PMD,
  pmd_alloc,
  pmd_index,
  pte_alloc,
  pte_index,
  pte_pfn,
  PTE,
  PUD,
  pud_alloc,
  pud_index,
  set_entry,
  type Table,
} from '../mm/pgtable';
import { anon_vma_prepare, linear_page_index } from '../mm/rmap';
import { flush_tlb_range } from '../mm/tlb';
import { VM_ACCESS_FLAGS, VM_DONTEXPAND, VM_MAYSHARE, VM_MIXEDMAP, VM_SHARED, VM_WRITE } from '../mm/vm_flags';
import { R, WHY } from '../routines';
import { count_leaf, demote_pmd, for_each_leaf, leaf_at, put_leaves, take_leaf } from './leaves';

/** Smallest page of the device: sixteen base pages. */
const RUN_SIZE = 16 * PAGE_SIZE;
const RUN = RUN_SIZE / PAGE_SIZE;
/** Sizes that it tries, largest first: level of the leaf, bytes, order of the page. */
const SIZES = [
  { level: PUD, bytes: PUD_SIZE, order: 18 },
  { level: PMD, bytes: PMD_SIZE, order: 9 },
  { level: PTE, bytes: RUN_SIZE, order: 4 },
] as const;
type Size = (typeof SIZES)[number];

/** Where `leaf_at` puts what it found. */
const scratch: { table: Table; index: number } = { table: null as unknown as Table, index: 0 };

// ---- bringing pages in ---------------------------------------------------------------------------

/** The table of a level for `address`, made where missing. */
function alloc_table(mm: mm_struct, level: number, address: number): Table {
  if (level === PUD) return pud_alloc(mm, address);
  return level === PMD ? pmd_alloc(mm, address) : pte_alloc(mm, address);
}

const index_in = (level: number, address: number): number =>
  level === PUD ? pud_index(address) : level === PMD ? pmd_index(address) : pte_index(address);

/** Whether nothing of `[start, start + bytes)` is mapped, nor a table of a lower level in the way. */
function is_empty(mm: mm_struct, size: Size, start: number): boolean {
  const pud = mm.pgd.down![(start / LEVEL_SIZE[4]!) & 511] ?? null;
  if (pud === null) return true;
  const i = pud_index(start);
  if (pud.entries[i] !== 0) return false;
  const pmd = pud.down![i]!;
  if (pmd === null || size.level === PUD) return pmd === null;
  const j = pmd_index(start);
  if (pmd.entries[j] !== 0) return false;
  const table = pmd.down![j]!;
  if (table === null || size.level === PMD) return table === null;
  const k = pte_index(start);
  for (let n = 0; n < RUN; n++) if (table.entries[k + n] !== 0) return false;
  return true;
}

/** Bits of a fresh or rewritten leaf; writable only with `write`. */
function leaf_bits(vma: vm_area_struct, level: number, write: boolean): number {
  const size = level === PTE ? 0 : _PAGE_PSE;
  if ((vma.vm_flags & VM_ACCESS_FLAGS) === 0) return size | _PAGE_PROTNONE;
  return size | _PAGE_PRESENT | (write && (vma.vm_flags & VM_WRITE) !== 0 ? _PAGE_RW : 0);
}

/** A page of this size, zeroed; −1 where there is none. */
function new_page(vma: vm_area_struct, size: Size, start: number): number {
  const m = vma.vm_mm.machine;
  const pfn = m.frames.alloc_pages(size.order);
  if (pfn < 0) return -1;
  m.frames.setFlags(pfn, PG_anon | PG_swapbacked | PG_uptodate);
  m.frames.setMapping(pfn, vma.anon_vma!.id, linear_page_index(vma, start));
  if (size.level === PTE) m.frames.get_page(pfn, RUN - 1);
  return pfn;
}

/** Maps a page of this size at `start`, where nothing is. */
function map_page(vma: vm_area_struct, size: Size, start: number, pfn: number, bits: number): void {
  const mm = vma.vm_mm;
  const table = alloc_table(mm, size.level, start);
  const entries = size.level === PTE ? RUN : 1;
  for (let n = 0; n < entries; n++) {
    count_leaf(vma, size.level, pfn + n, 1);
    set_entry(mm, table, index_in(size.level, start) + n, start + n * PAGE_SIZE, mk_pte(pfn + n, bits));
  }
}

/** Nothing is there: the largest page that fits. */
function no_page(vma: vm_area_struct, address: number, write: boolean): number {
  const mm = vma.vm_mm;
  const m = mm.machine;
  if (anon_vma_prepare(vma) !== 0) return VM_FAULT_OOM;
  for (const size of SIZES) {
    const start = roundDown(address, size.bytes);
    if (start < vma.vm_start || start + size.bytes > vma.vm_end || !is_empty(mm, size, start)) continue;
    const pfn = new_page(vma, size, start);
    if (pfn < 0) continue;
    if (m.rec !== null) {
      m.rec.emit(Ev.Decide, WHY.driver_page_size, vma.id, start, size.bytes);
      m.rec.emit(Ev.FrameZero, pfn, size.order);
    }
    const dirty = write ? _PAGE_DIRTY : 0;
    map_page(vma, size, start, pfn, leaf_bits(vma, size.level, true) | _PAGE_ACCESSED | dirty);
    return 0;
  }
  return small_page(vma, address, write);
}

/** A hole smaller than a run, left by advice: one base page. */
function small_page(vma: vm_area_struct, address: number, write: boolean): number {
  const m = vma.vm_mm.machine;
  const start = roundDown(address, PAGE_SIZE);
  const pfn = m.frames.alloc_pages(0);
  if (pfn < 0) return VM_FAULT_OOM;
  m.frames.setFlags(pfn, PG_anon | PG_swapbacked | PG_uptodate);
  m.frames.setMapping(pfn, vma.anon_vma!.id, linear_page_index(vma, start));
  if (m.rec !== null) m.rec.emit(Ev.FrameZero, pfn, 0);
  const table = pte_alloc(vma.vm_mm, start);
  count_leaf(vma, PTE, pfn, 1);
  const bits = leaf_bits(vma, PTE, true) | _PAGE_ACCESSED | (write ? _PAGE_DIRTY : 0);
  set_entry(vma.vm_mm, table, pte_index(start), start, mk_pte(pfn, bits));
  return 0;
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
  const order = level === PUD ? 18 : level === PMD ? 9 : 0;
  const copy = m.frames.alloc_pages(order);
  if (copy < 0) {
    // No page of that size: the leaf is broken up, and the next fault copies a smaller one.
    if (level === PTE) return VM_FAULT_OOM;
    if (level === PMD) demote_pmd(mm, table, start);
    else for_each_leaf(mm, roundDown(address, PMD_SIZE), roundDown(address, PMD_SIZE) + PMD_SIZE, true, () => {});
    return 0;
  }
  if (m.rec !== null) {
    m.rec.emit(Ev.Decide, WHY.copy_shared, pfn, start);
    m.rec.emit(Ev.FrameCopy, pfn, copy, order);
  }
  m.frames.setFlags(copy, PG_anon | PG_swapbacked | PG_uptodate);
  m.frames.setMapping(copy, vma.anon_vma!.id, linear_page_index(vma, start));
  const old = take_leaf(vma, table, index, start);
  flush_tlb_range(mm, start, start + LEVEL_SIZE[level]!);
  count_leaf(vma, level, copy, 1);
  set_entry(mm, table, index, start, mk_pte(copy, leaf_bits(vma, level, true) | _PAGE_ACCESSED | _PAGE_DIRTY));
  put_leaves(vma, [old]);
  return 0;
}

/** Whether no other process maps what this leaf maps. */
function is_sole(m: Machine, level: number, pfn: number): boolean {
  return level === PTE ? m.frames.mapcount(pfn) === 1 : m.frames.entireMapcount(pfn) === 1;
}

function superpage_fault(mm: mm_struct, vma: vm_area_struct, address: number, flags: number): number {
  const rec = mm.machine.rec;
  if (rec !== null) rec.emit(Ev.Enter, R.superpage_fault, vma.id, address, flags);
  const write = (flags & FAULT_FLAG_WRITE) !== 0;
  const entry = leaf_at(mm, address, scratch);
  let ret = 0;
  if (entry === 0) ret = no_page(vma, address, write);
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
  for_each_leaf(src, src_vma.vm_start, src_vma.vm_end, false, (table, index, address) => {
    const entry = (table.entries[index]! & ~_PAGE_RW) >>> 0;
    if (entry !== table.entries[index]) set_entry(src, table, index, address, entry);
    const pfn = pte_pfn(entry);
    src.machine.frames.get_page(pfn);
    count_leaf(dst_vma, table.level, pfn, 1);
    set_entry(dst, alloc_table(dst, table.level, address), index, address, entry);
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
  for_each_leaf(mm, start, end, true, (table, index, address) => {
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
  for_each_leaf(vma.vm_mm, start, end, true, (table, index, address) => {
    pfns.push(take_leaf(vma, table, index, address));
  });
  flush_tlb_range(vma.vm_mm, start, end);
  put_leaves(vma, pfns);
  if (rec !== null) rec.emit(Ev.Leave, R.superpage_unmap, pfns.length);
}

export const superpage_pagetable_ops: PagetableOperations = {
  name: 'superpage_pagetable_ops',
  fault: superpage_fault,
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
    for_each_leaf(vma.vm_mm, address, address + unit, true, () => {});
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
  return m.design.attach(m, vma, table);
}
