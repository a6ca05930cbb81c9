/** Changing what a mapping allows (Linux: mm/mprotect.c). Left out: protection keys. */
import { PAGE_SIZE, roundUp } from '../../base/units';
import { EACCES, EINVAL, ENOMEM } from '../errno';
import { ask, is_hugetlb } from '../designs/design';
import { Ev } from '../events';
import { R } from '../routines';
import { PROT_GROWSDOWN, PROT_GROWSUP } from '../uapi';
import { populate_vma_page_range } from './gup';
import { change_protection_range } from './memory';
import { may_expand_vm } from './limits';
import { calc_vm_prot_bits } from './mmap';
import type { mm_struct, vm_area_struct } from './mm_types';
import { flush_tlb_range } from './tlb';
import {
  VM_ACCESS_FLAGS,
  VM_ACCOUNT,
  VM_GROWSDOWN,
  VM_LOCKED,
  VM_NORESERVE,
  VM_SHARED,
  VM_STICKY,
  VM_WRITE,
} from './vm_flags';
import { vm_enough_memory, vm_flags_reset, vm_stat_account, vma_is_anonymous } from './vma';
import { vma_modify_flags } from './vma_merge';

/** Rewrites the present entries of a range for the area's flags, the way its design finds. Linux: change_protection. */
function change_protection(vma: vm_area_struct, start: number, end: number): void {
  const m = vma.vm_mm.machine;
  const rec = m.rec;
  if (rec !== null) rec.emit(Ev.Enter, R.change_protection, start, end);
  const special = ask.change_protection(m, vma);
  if (special !== undefined) special(vma, start, end);
  else {
    change_protection_range(vma, start, end);
    flush_tlb_range(vma.vm_mm, start, end);
  }
  if (rec !== null) rec.emit(Ev.Leave, R.change_protection);
}

/** Gives `[start, end)` of an area other flags; returns the area that covers it or a negative errno. Linux: mprotect_fixup. */
function mprotect_fixup(vma: vm_area_struct, start: number, end: number, newflags: number): vm_area_struct | number {
  const mm = vma.vm_mm;
  const m = mm.machine;
  const oldflags = vma.vm_flags;
  if (newflags === oldflags) return vma;
  const npages = (end - start) / PAGE_SIZE;
  let charged = 0;
  if ((newflags & VM_WRITE) !== 0) {
    // The limits count what becomes data.
    if (!may_expand_vm(mm, newflags, npages) && may_expand_vm(mm, oldflags, npages)) return -ENOMEM;
    const exempt = VM_ACCOUNT | VM_WRITE | VM_SHARED | VM_NORESERVE;
    if ((oldflags & exempt) === 0 && !is_hugetlb(m, vma, 'charge')) {
      if (vm_enough_memory(m, mm, npages) !== 0) return -ENOMEM;
      charged = npages;
      newflags |= VM_ACCOUNT;
    }
  } else if ((oldflags & VM_ACCOUNT) !== 0 && vma_is_anonymous(vma) && vma.anon_vma === null) newflags &= ~VM_ACCOUNT;
  const target = vma_modify_flags(vma, start, end, newflags);
  if (typeof target === 'number') {
    m.committed -= charged;
    return target;
  }
  newflags |= target.vm_flags & VM_STICKY;
  vm_flags_reset(target, newflags);
  change_protection(target, start, end);
  if ((oldflags & VM_ACCOUNT) !== 0 && (newflags & VM_ACCOUNT) === 0) m.committed -= npages;
  if ((oldflags & (VM_WRITE | VM_SHARED | VM_LOCKED)) === VM_LOCKED && (newflags & VM_WRITE) !== 0)
    populate_vma_page_range(target, start, end);
  vm_stat_account(mm, oldflags, -npages);
  vm_stat_account(mm, newflags, npages);
  return target;
}

/** The system call. Returns 0 or a negative errno. Linux: do_mprotect_pkey. */
export function do_mprotect(mm: mm_struct, start: number, len: number, prot: number): number {
  const grows = prot & (PROT_GROWSDOWN | PROT_GROWSUP);
  prot &= ~(PROT_GROWSDOWN | PROT_GROWSUP);
  if (grows === (PROT_GROWSDOWN | PROT_GROWSUP)) return -EINVAL;
  if (start % PAGE_SIZE !== 0) return -EINVAL;
  if (len === 0) return 0;
  const end = start + roundUp(len, PAGE_SIZE);
  if (end >= 2 ** 64) return -ENOMEM;
  if ((prot & ~0xf) !== 0) return -EINVAL;
  let vma = mm.mm_mt.find(start);
  if (vma === null || vma.vm_start >= end) return -ENOMEM;
  if ((grows & PROT_GROWSDOWN) !== 0) {
    start = vma.vm_start;
    if ((vma.vm_flags & VM_GROWSDOWN) === 0) return -EINVAL;
  } else if (vma.vm_start > start) return -ENOMEM;
  // No stack grows up here.
  else if ((grows & PROT_GROWSUP) !== 0) return -EINVAL;
  let nstart = start;
  let tmp = vma.vm_start;
  while (vma !== null && vma.vm_start < end) {
    if (vma.vm_start !== tmp) return -ENOMEM;
    const newflags = calc_vm_prot_bits(prot) | (vma.vm_flags & ~VM_ACCESS_FLAGS);
    if ((newflags & ~(newflags >> 4) & VM_ACCESS_FLAGS) !== 0) return -EACCES;
    const done = mprotect_fixup(vma, nstart, Math.min(vma.vm_end, end), newflags);
    if (typeof done === 'number') return done;
    tmp = done.vm_end;
    nstart = tmp;
    vma = mm.mm_mt.next(done);
  }
  return tmp < end ? -ENOMEM : 0;
}
