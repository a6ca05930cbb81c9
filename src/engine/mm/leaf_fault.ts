/**
 * Faults of areas that say which sizes their leaves may have: the largest page that fits is mapped, and a write to a shared
 * one copies it at its own size (a walk that Linux does not have; it took parts of it over, one level at a time).
 */
import {
  LEVEL_SIZE,
  PTE,
  _PAGE_ACCESSED,
  _PAGE_DIRTY,
  _PAGE_PRESENT,
  _PAGE_PROTNONE,
  _PAGE_PSE,
  _PAGE_RW,
} from './pgtable';
import { PAGE_SIZE, roundDown } from '../../base/units';
import { Ev } from '../events';
import { R, WHY } from '../routines';
import { type Found, is_empty, leaf_at, split_leaf, table_for } from './leaf';
import { FAULT_FLAG_WRITE, type mm_struct, type vm_area_struct, VM_FAULT_OOM, VM_FAULT_SIGBUS } from './mm_types';
import { PG_anon, PG_anon_exclusive } from './page_alloc';
import type { LeafSize } from './page_source';
import { mk_pte, pte_pfn, set_entry, table_index, type Table } from './pgtable';
import { vm_page_prot } from './prot';
import { flush_tlb_range } from './tlb';
import { VM_MAYSHARE, VM_WRITE } from './vm_flags';

/** Where `leaf_at` puts what it found. */
const found: Found = { table: null as unknown as Table, index: 0 };

/** Resolves one fault of an area with a source of pages. Returns VM_FAULT_* bits. */
export function leaf_fault(mm: mm_struct, vma: vm_area_struct, address: number, flags: number): number {
  const m = mm.machine;
  const rec = m.rec;
  if (rec !== null) rec.emit(Ev.Enter, R.leaf_fault, vma.id, address, flags);
  const write = (flags & FAULT_FLAG_WRITE) !== 0;
  const entry = leaf_at(mm, address, found);
  if (entry !== 0 && rec !== null) m.probe.level(mm, vma.id, found.table.level, address);
  const ret = entry === 0 ? no_leaf(vma, address, write) : present(vma, found.table, found.index, address, write);
  if (rec !== null) rec.emit(Ev.Leave, R.leaf_fault, ret);
  return ret;
}

/** Something is mapped: marks it as used, or makes it writable. */
function present(vma: vm_area_struct, table: Table, index: number, address: number, write: boolean): number {
  const entry = table.entries[index]!;
  if (write && (entry & _PAGE_RW) === 0) return wp_leaf(vma, table, index, address);
  const marks = _PAGE_ACCESSED | (write ? _PAGE_DIRTY : 0);
  const start = roundDown(address, LEVEL_SIZE[table.level]!);
  set_entry(vma.vm_mm, table, index, start, (entry | marks) >>> 0);
  return 0;
}

/** Nothing is mapped: the largest page that fits. */
function no_leaf(vma: vm_area_struct, address: number, write: boolean): number {
  const mm = vma.vm_mm;
  const pages = vma.pages!;
  let ret = VM_FAULT_OOM;
  for (const size of pages.sizes(vma)) {
    const start = roundDown(address, size.bytes);
    if (start < vma.vm_start || start + size.bytes > vma.vm_end) continue;
    if (!is_empty(mm, size.level, start, size.entries)) continue;
    const table = table_for(vma, size.level, start);
    // A table that is shared may have the page already.
    const index = table_index(start, size.level);
    if (table.entries[index] !== 0) return present(vma, table, index, address, write);
    const pfn = pages.find(vma, start, size);
    if (pfn < 0) {
      ret = -pfn;
      continue;
    }
    map_leaf(vma, table, index, start, size, pfn, write);
    const at = table_index(address, size.level);
    return write && (table.entries[at]! & _PAGE_RW) === 0 ? wp_leaf(vma, table, at, address) : 0;
  }
  return ret;
}

/** Bits of a fresh leaf: a private page is writable once it has been written and is the area's own. */
function leaf_bits(vma: vm_area_struct, level: number, own: boolean): number {
  const prot = vm_page_prot(vma) & (_PAGE_PRESENT | _PAGE_PROTNONE | _PAGE_RW);
  const mine = own && (vma.vm_flags & VM_WRITE) !== 0 ? _PAGE_RW : 0;
  const dirty = ((prot | mine) & _PAGE_RW) !== 0 ? _PAGE_DIRTY : 0;
  return prot | mine | dirty | _PAGE_ACCESSED | (level === PTE ? 0 : _PAGE_PSE);
}

function map_leaf(
  vma: vm_area_struct,
  table: Table,
  index: number,
  start: number,
  size: LeafSize,
  pfn: number,
  write: boolean,
): void {
  const own = write && (vma.vm_mm.machine.frames.flags(pfn) & PG_anon) !== 0;
  const bits = leaf_bits(vma, size.level, own);
  for (let i = 0; i < size.entries; i++) {
    vma.pages!.count(vma, size.level, pfn + i, 1);
    set_entry(vma.vm_mm, table, index + i, start + i * PAGE_SIZE, mk_pte(pfn + i, bits));
  }
}

/** A write to a leaf that does not allow it: used as it is, or copied at its own size. */
function wp_leaf(vma: vm_area_struct, table: Table, index: number, address: number): number {
  const mm = vma.vm_mm;
  const m = mm.machine;
  const pages = vma.pages!;
  const { level } = table;
  const start = roundDown(address, LEVEL_SIZE[level]!);
  const old = pte_pfn(table.entries[index]!);
  if (m.rec !== null) m.rec.emit(Ev.Enter, R.wp_leaf, vma.id, start, old);
  let ret = 0;
  if ((vma.vm_flags & VM_MAYSHARE) !== 0) make_writable(vma, table, index, start);
  else if (pages.sole(m, level, old)) reuse(vma, table, index, start, old);
  else {
    pages.hold(m, old);
    const pfn = pages.copy(vma, start, level, old);
    if (pfn < 0) {
      pages.put(m, old);
      ret = without_copy(vma, table, index, start, old, -pfn);
    } else {
      pages.count(vma, level, old, -1);
      pages.count(vma, level, pfn, 1);
      set_entry(mm, table, index, start, mk_pte(pfn, leaf_bits(vma, level, true)));
      flush_tlb_range(mm, start, start + LEVEL_SIZE[level]!);
      pages.put(m, old);
      pages.put(m, old);
    }
  }
  if (m.rec !== null) m.rec.emit(Ev.Leave, R.wp_leaf, ret);
  return ret;
}

/** No page for the copy: the page is taken from the others, or the leaf is split and the next fault copies a smaller one. */
function without_copy(
  vma: vm_area_struct,
  table: Table,
  index: number,
  start: number,
  old: number,
  ret: number,
): number {
  const pages = vma.pages!;
  if (pages.reclaim?.(vma, start, old) === true) {
    // The area's own entry may be gone, too: it faults again.
    if (table.entries[index] === 0) return 0;
    if (!pages.sole(vma.vm_mm.machine, table.level, old)) return VM_FAULT_SIGBUS;
    reuse(vma, table, index, start, old);
    return 0;
  }
  if (pages.whole || table.level === PTE) return ret;
  split_leaf(vma.vm_mm, table, index, start);
  return 0;
}

/** The page is this area's alone. */
function reuse(vma: vm_area_struct, table: Table, index: number, start: number, pfn: number): void {
  const { frames, rec } = vma.vm_mm.machine;
  if (rec !== null) rec.emit(Ev.Decide, WHY.reuse_exclusive, pfn, start);
  if (table.level !== PTE && (frames.flags(pfn) & PG_anon_exclusive) === 0) {
    frames.setFlags(pfn, PG_anon_exclusive);
    frames.setMapping(pfn, vma.anon_vma!.id, frames.index(pfn));
  }
  make_writable(vma, table, index, start);
}

function make_writable(vma: vm_area_struct, table: Table, index: number, start: number): void {
  if ((vma.vm_flags & VM_WRITE) === 0) return;
  const entry = table.entries[index]! | _PAGE_RW | _PAGE_DIRTY | _PAGE_ACCESSED;
  set_entry(vma.vm_mm, table, index, start, entry >>> 0);
}
