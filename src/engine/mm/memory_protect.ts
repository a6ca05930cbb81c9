/** Rewriting entries for an area's new protection (Linux: mm/mprotect.c change_protection and below). */
import { PAGE_SIZE, PGDIR_SIZE, PMD_SIZE, PUD_SIZE } from '../../base/units';
import { Ev } from '../events';
import { R } from '../routines';
import { __split_huge_pmd, change_huge_pmd } from './huge_memory';
import type { vm_area_struct } from './mm_types';
import { PG_anon, PG_anon_exclusive } from './page_alloc';
import {
  _PAGE_DIRTY,
  _PAGE_PRESENT,
  _PAGE_PROTNONE,
  _PAGE_RW,
  _PAGE_SPECIAL,
  pgd_index,
  pmd_clear_bad,
  pmd_index,
  pte_index,
  pte_pfn,
  pud_index,
  set_entry,
  type Table,
} from './pgtable';
import { alignDown, vm_page_prot } from './prot';
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
  const pgd = mm.pgd.down!;
  let changed = false;
  for (let at = start; at < end;) {
    const pud = pgd[pgd_index(at)]!;
    if (pud === null) {
      at = alignDown(at, PGDIR_SIZE) + PGDIR_SIZE;
      continue;
    }
    const pmd = pud.down![pud_index(at)]!;
    if (pmd === null) {
      at = alignDown(at, PUD_SIZE) + PUD_SIZE;
      continue;
    }
    const next = Math.min(alignDown(at, PMD_SIZE) + PMD_SIZE, end);
    const index = pmd_index(at);
    if (pmd.entries[index] !== 0 && !m.rules.walksKnowLeaves) pmd_clear_bad(mm, pmd, index, at);
    if (pmd.entries[index] !== 0) {
      changed = true;
      if (next - at === PMD_SIZE) change_huge_pmd(vma, pmd, index, at);
      else __split_huge_pmd(vma, pmd, index, at);
    }
    const table = pmd.down![index]!;
    if (table !== null && change_pte_range(vma, table, at, next)) changed = true;
    at = next;
  }
  if (changed) flush_tlb_range(mm, start, end);
  if (m.rec !== null) m.rec.emit(Ev.Leave, R.change_protection);
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
