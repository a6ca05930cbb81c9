/** Guard regions: ranges that no touch may reach, without an area of their own (Linux: mm/madvise.c madvise_guard_*). */
import { PAGE_SIZE, PMD_SIZE } from '../../base/units';
import { EINVAL, ENOMEM } from '../errno';
import { zap_page_range_single } from './memory';
import type { vm_area_struct } from './mm_types';
import {
  get_and_clear_entry,
  pmd_index,
  pmd_table,
  pte_alloc,
  pte_index,
  PTE_MARKER_GUARD,
  set_entry,
} from './pgtable';
import { alignDown } from './prot';
import { anon_vma_prepare } from './rmap';
import { VM_LOCKED, VM_MAYBE_GUARD, VM_SPECIAL } from './vm_flags';
import { vm_flags_reset, vma_is_anonymous } from './vma';

/** Makes every page of `[start, end)` a guard: what is there goes. Returns 0 or a negative errno. */
export function madvise_guard_install(vma: vm_area_struct, start: number, end: number): number {
  if ((vma.vm_flags & (VM_SPECIAL | VM_LOCKED)) !== 0) return -EINVAL;
  const mm = vma.vm_mm;
  vm_flags_reset(vma, vma.vm_flags | VM_MAYBE_GUARD);
  if (vma_is_anonymous(vma) && anon_vma_prepare(vma) !== 0) return -ENOMEM;
  zap_page_range_single(vma, start, end);
  for (let at = start; at < end; at += PAGE_SIZE) {
    const table = pte_alloc(mm, at);
    if (table.entries[pte_index(at)] === 0) set_entry(mm, table, pte_index(at), at, PTE_MARKER_GUARD);
  }
  return 0;
}

/** Takes the guards of `[start, end)` away: the next touch finds zeroes, or the file. Returns 0 or −EINVAL. */
export function madvise_guard_remove(vma: vm_area_struct, start: number, end: number): number {
  if ((vma.vm_flags & VM_SPECIAL) !== 0) return -EINVAL;
  const mm = vma.vm_mm;
  for (let at = start; at < end;) {
    const next = Math.min(alignDown(at, PMD_SIZE) + PMD_SIZE, end);
    const table = pmd_table(mm, at)?.down![pmd_index(at)] ?? null;
    if (table !== null)
      for (let a = at, i = pte_index(at); a < next; a += PAGE_SIZE, i++)
        if (table.entries[i] === PTE_MARKER_GUARD) get_and_clear_entry(mm, table, i, a);
    at = next;
  }
  return 0;
}
