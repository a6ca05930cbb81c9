/** Rewriting entries for an area's new protection (Linux: mm/mprotect.c change_protection and below). */
import { PAGE_SIZE } from '../../base/units';
import { Ev } from '../events';
import { R } from '../routines';
import { change_huge_pmd } from './huge_memory';
import { unshare_table } from './hugetlb_table';
import { Leaves } from './leaf';
import { cut_leaf } from './memory_zap';
import type { vm_area_struct } from './mm_types';
import { PG_anon, PG_anon_exclusive } from './page_alloc';
import {
  _PAGE_DIRTY,
  _PAGE_PRESENT,
  _PAGE_PROTNONE,
  _PAGE_RW,
  _PAGE_SPECIAL,
  PTE,
  pte_index,
  pte_pfn,
  PTE_MARKER_GUARD,
  set_entry,
  type Table,
} from './pgtable';
import { vm_page_prot } from './prot';
import { flush_tlb_range } from './tlb';
import { VM_SHARED, VM_WRITE } from './vm_flags';

const PROT_BITS = _PAGE_PRESENT | _PAGE_PROTNONE | _PAGE_RW;

/**
 * Linux: mm/mprotect.c change_protection_range for an ordinary area whose `vm_flags` are the new ones already. An
 * anonymous page that is this process's alone, or a page of a shared file that is dirty, becomes writable without a fault.
 */
export function change_protection_range(vma: vm_area_struct, start: number, end: number): void {
  const mm = vma.vm_mm;
  const m = mm.machine;
  if (m.rec !== null) m.rec.emit(Ev.Enter, R.change_protection, vma.id, start, end);
  let changed = false;
  for (const step = new Leaves(vma, start, end); step.next();) {
    if (step.shared) {
      changed = true;
      unshare_table(mm, step.table, step.from);
    } else if (step.level === PTE) {
      if (change_pte_range(vma, step.table, step.from, step.to)) changed = true;
    } else {
      changed = true;
      if (!step.whole) cut_leaf(vma, step);
      else if (vma.pages === null) change_huge_pmd(vma, step.table, step.index, step.from);
      else change_leaf(vma, step.table, step.index, step.from);
    }
  }
  if (changed) flush_tlb_range(mm, start, end);
  if (m.rec !== null) m.rec.emit(Ev.Leave, R.change_protection);
}

/** A leaf of any level for what its area allows now. A write to a private one faults once more. */
function change_leaf(vma: vm_area_struct, table: Table, index: number, start: number): void {
  const mm = vma.vm_mm;
  const { rec } = mm.machine;
  const before = table.entries[index]!;
  if (rec !== null) rec.emit(Ev.Enter, R.change_leaf, vma.id, start, pte_pfn(before));
  const entry = ((before & ~PROT_BITS) | (vm_page_prot(vma) & PROT_BITS)) >>> 0;
  set_entry(mm, table, index, start, entry);
  if (rec !== null) rec.emit(Ev.Leave, R.change_leaf);
}

/** Linux: mm/mprotect.c change_pte_range with can_change_pte_writable. True if there was an entry. */
function change_pte_range(vma: vm_area_struct, table: Table, start: number, end: number): boolean {
  const mm = vma.vm_mm;
  const frames = mm.machine.frames;
  const prot = vm_page_prot(vma);
  const flags = vma.vm_flags;
  // Entries that `prot` leaves read-only although the area may be written: each is looked at.
  const upgrade = (flags & VM_WRITE) !== 0 && (prot & (_PAGE_RW | _PAGE_PROTNONE)) === 0;
  let left = table.used;
  if (left === 0) return false;
  let found = false;
  for (let at = start, i = pte_index(start); at < end && left > 0; at += PAGE_SIZE, i++) {
    const before = table.entries[i]!;
    if (before === 0) continue;
    left--;
    if (before === PTE_MARKER_GUARD) continue;
    found = true;
    let entry = ((before & ~PROT_BITS) | prot) >>> 0;
    if (upgrade) {
      if ((flags & VM_SHARED) !== 0) {
        if ((entry & _PAGE_DIRTY) !== 0) entry = (entry | _PAGE_RW) >>> 0;
      } else if ((entry & _PAGE_SPECIAL) === 0) {
        const pfn = pte_pfn(entry);
        const anon = (frames.flags(frames.compound_head(pfn)) & PG_anon) !== 0;
        if (anon && (frames.flags(pfn) & PG_anon_exclusive) !== 0) entry = (entry | _PAGE_RW) >>> 0;
      }
    }
    if (entry !== before) set_entry(mm, table, i, at, entry);
  }
  return found;
}
