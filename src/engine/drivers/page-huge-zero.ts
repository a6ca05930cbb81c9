/**
 * `/dev/page-huge-zero`, the variant that its author of 2007 mentions: a read maps one huge page of zeroes that everybody
 * shares, so that nothing is allocated or cleared until the first write. hugetlbfs could not do that without changing what
 * programs had come to rely on.
 */
import { PMD_SIZE, PUD_SIZE, roundDown } from '../../base/units';
import type { PagetableOperations } from '../designs/design';
import { EFAULT, ENOMEM } from '../errno';
import { Ev } from '../events';
import { huge_zero_folio } from '../mm/huge_memory';
import { FAULT_FLAG_WRITE, type mm_struct, VM_FAULT_ERROR, VM_FAULT_OOM, type vm_area_struct } from '../mm/mm_types';
import {
  _PAGE_ACCESSED,
  _PAGE_PRESENT,
  _PAGE_PROTNONE,
  _PAGE_PSE,
  _PAGE_RW,
  _PAGE_SPECIAL,
  get_and_clear_entry,
  mk_pte,
  pmd_alloc,
  pmd_index,
  pmd_table,
  set_entry,
  type Table,
} from '../mm/pgtable';
import { flush_tlb_range } from '../mm/tlb';
import { VM_ACCESS_FLAGS } from '../mm/vm_flags';
import { WHY } from '../routines';
import { page_fault, page_pagetable_ops } from './page-huge';

/** Every entry of the zero page in `[start, end)`. */
function for_each_zero(
  mm: mm_struct,
  start: number,
  end: number,
  visit: (table: Table, index: number, address: number) => void,
): void {
  for (let at = start; at < end; at += PMD_SIZE) {
    mm.machine.meter.spend(1);
    const table = pmd_table(mm, at);
    if (table === null) at = roundDown(at, PUD_SIZE) + PUD_SIZE - PMD_SIZE;
    else if ((table.entries[pmd_index(at)]! & _PAGE_SPECIAL) !== 0) visit(table, pmd_index(at), at);
  }
}

function clear_zeroes(vma: vm_area_struct, start: number, end: number): void {
  let any = false;
  for_each_zero(vma.vm_mm, start, end, (table, index, address) => {
    get_and_clear_entry(vma.vm_mm, table, index, address);
    any = true;
  });
  if (any) flush_tlb_range(vma.vm_mm, start, end);
}

/** A read of nothing maps the zero page; a write to it makes room for the device's own page. */
function zero_fault(mm: mm_struct, vma: vm_area_struct, address: number, flags: number): number {
  const at = roundDown(address, PMD_SIZE);
  const table = pmd_alloc(mm, at);
  const entry = table.entries[pmd_index(at)]!;
  if ((flags & FAULT_FLAG_WRITE) === 0) {
    if (entry !== 0) return 0;
    const zero = huge_zero_folio(mm);
    if (zero < 0) return VM_FAULT_OOM;
    const rec = mm.machine.rec;
    if (rec !== null) rec.emit(Ev.Decide, WHY.zero_page, vma.id, at);
    const bits = _PAGE_PRESENT | _PAGE_ACCESSED | _PAGE_PSE | _PAGE_SPECIAL;
    set_entry(mm, table, pmd_index(at), at, mk_pte(zero, bits));
    return 0;
  }
  if ((entry & _PAGE_SPECIAL) !== 0) clear_zeroes(vma, at, at + PMD_SIZE);
  return page_fault(mm, vma, address, flags);
}

/** Entries of the zero page stay behind: the child reads it anew. */
function zero_copy(dst_vma: vm_area_struct, src_vma: vm_area_struct): number {
  clear_zeroes(src_vma, src_vma.vm_start, src_vma.vm_end);
  return page_pagetable_ops.copy_vma!(dst_vma, src_vma);
}

function zero_pin(vma: vm_area_struct, start: number, end: number, flags: number): number {
  const mm = vma.vm_mm;
  let at = start;
  for (let tries = 0; at < end && tries < 4; tries++) {
    const table = pmd_table(mm, at);
    const entry = table === null ? 0 : table.entries[pmd_index(at)]!;
    if (entry !== 0 && ((flags & FAULT_FLAG_WRITE) === 0 || (entry & _PAGE_RW) !== 0)) {
      at = roundDown(at, PMD_SIZE) + PMD_SIZE;
      tries = -1;
      continue;
    }
    const ret = zero_fault(mm, vma, at, flags);
    if ((ret & VM_FAULT_ERROR) !== 0) return at > start ? at : (ret & VM_FAULT_OOM) !== 0 ? -ENOMEM : -EFAULT;
  }
  return Math.min(at, end);
}

function zero_protect(vma: vm_area_struct, start: number, end: number): void {
  const mm = vma.vm_mm;
  const zeroes: number[] = [];
  for_each_zero(mm, start, end, (table, index, address) => {
    zeroes.push(address, get_and_clear_entry(mm, table, index, address));
  });
  page_pagetable_ops.change_protection!(vma, start, end);
  const rights = (vma.vm_flags & VM_ACCESS_FLAGS) !== 0 ? _PAGE_PRESENT : _PAGE_PROTNONE;
  for (let i = 0; i < zeroes.length; i += 2) {
    const at = zeroes[i]!;
    const kept = zeroes[i + 1]! & ~(_PAGE_PRESENT | _PAGE_PROTNONE | _PAGE_RW);
    set_entry(mm, pmd_table(mm, at)!, pmd_index(at), at, (kept | rights) >>> 0);
  }
}

function zero_unmap(vma: vm_area_struct, start: number, end: number): void {
  clear_zeroes(vma, start, end);
  page_pagetable_ops.unmap_page_range!(vma, start, end, false);
}

/** Made when it is first asked for: its parts come from modules that need one another. */
let made: PagetableOperations | null = null;
export function page_zero_pagetable_ops(): PagetableOperations {
  return (made ??= {
    ...page_pagetable_ops,
    name: 'page_zero_pagetable_ops',
    fault: zero_fault,
    copy_vma: zero_copy,
    pin_pages: zero_pin,
    change_protection: zero_protect,
    unmap_page_range: zero_unmap,
  });
}
