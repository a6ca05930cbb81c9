/** Keeping pages in memory (Linux: mm/mlock.c). */
import { PAGE_SIZE, roundDown, roundUp, TASK_SIZE } from '../../base/units';
import { is_hugetlb } from '../designs/design';
import { EAGAIN, EFAULT, EINVAL, ENOMEM, EPERM } from '../errno';
import { Ev } from '../events';
import { R } from '../routines';
import { MCL_CURRENT, MCL_FUTURE, MCL_ONFAULT, MLOCK_ONFAULT } from '../uapi';
import { mm_populate, populate_range } from './gup';
import { can_do_mlock, within_memlock } from './limits';
import type { mm_struct, vm_area_struct } from './mm_types';
import { VM_DROPPABLE, VM_LOCKED, VM_LOCKED_MASK, VM_LOCKONFAULT, VM_SPECIAL, VM_STICKY } from './vm_flags';
import { vm_flags_reset } from './vma';
import { vma_modify_flags } from './vma_merge';

/** Linux: mlock_fixup. Returns the area that covers the range, or a negative errno. */
function mlock_fixup(vma: vm_area_struct, start: number, end: number, newflags: number): vm_area_struct | number {
  const mm = vma.vm_mm;
  const m = mm.machine;
  const oldflags = vma.vm_flags;
  if (newflags === oldflags) return vma;
  const never = VM_SPECIAL | VM_DROPPABLE;
  if (!m.rules.locksHuge && ((oldflags & never) !== 0 || is_hugetlb(m, vma, 'mlock'))) return vma;
  const target = vma_modify_flags(vma, start, end, newflags);
  if (typeof target === 'number') return target;
  const npages = (end - start) / PAGE_SIZE;
  if ((newflags & VM_LOCKED) === 0) mm.locked_vm -= npages;
  else if ((oldflags & VM_LOCKED) === 0) mm.locked_vm += npages;
  vm_flags_reset(target, newflags | (target.vm_flags & VM_STICKY));
  return target;
}

/** Linux: apply_vma_lock_flags. */
function apply_lock_flags(mm: mm_struct, start: number, len: number, flags: number): number {
  const end = start + len;
  if (end >= 2 ** 64) return -EINVAL;
  if (end === start) return 0;
  let vma = mm.mm_mt.lookup(start);
  if (vma === null) return -ENOMEM;
  let nstart = start;
  let tmp = vma.vm_start;
  while (vma !== null && vma.vm_start < end) {
    if (vma.vm_start !== tmp) return -ENOMEM;
    const newflags = (vma.vm_flags & ~VM_LOCKED_MASK) | flags;
    const done = mlock_fixup(vma, nstart, Math.min(vma.vm_end, end), newflags);
    if (typeof done === 'number') return done;
    tmp = done.vm_end;
    nstart = tmp;
    vma = mm.mm_mt.next(done);
  }
  return tmp < end ? -ENOMEM : 0;
}

/** The whole pages of a range; its length may wrap around to 0. */
const pageLength = (start: number, len: number): number => roundUp(len + (start % PAGE_SIZE), PAGE_SIZE) % 2 ** 64;

/** Pages of the range that are locked already: they count once. Linux: count_mm_mlocked_page_nr. */
function count_mlocked(mm: mm_struct, start: number, end: number): number {
  let bytes = 0;
  for (let vma = mm.mm_mt.find(start); vma !== null && vma.vm_start < end; vma = mm.mm_mt.next(vma))
    if ((vma.vm_flags & VM_LOCKED) !== 0) bytes += Math.min(vma.vm_end, end) - Math.max(vma.vm_start, start);
  return bytes / PAGE_SIZE;
}

/** Whether the limit lets the range be locked, too. */
function may_lock(mm: mm_struct, start: number, len: number): boolean {
  const locked = len / PAGE_SIZE + mm.locked_vm;
  return (
    within_memlock(mm.machine, locked) || within_memlock(mm.machine, locked - count_mlocked(mm, start, start + len))
  );
}

/** Linux: mlock, mlock2. Returns 0 or a negative errno. */
export function do_mlock(mm: mm_struct, start: number, len: number, mlock2_flags: number): number {
  if ((mlock2_flags & ~MLOCK_ONFAULT) !== 0) return -EINVAL;
  if (!can_do_mlock(mm.machine)) return -EPERM;
  const rec = mm.machine.rec;
  if (rec !== null) rec.emit(Ev.Enter, R.do_mlock, start, len);
  len = pageLength(start, len);
  start = roundDown(start, PAGE_SIZE);
  const flags = VM_LOCKED | ((mlock2_flags & MLOCK_ONFAULT) !== 0 ? VM_LOCKONFAULT : 0);
  let err = may_lock(mm, start, len) ? apply_lock_flags(mm, start, len, flags) : -ENOMEM;
  if (err === 0) {
    err = populate_range(mm, start, len);
    if (err === -EFAULT) err = -ENOMEM;
    else if (err === -ENOMEM) err = -EAGAIN;
  }
  if (rec !== null) rec.emit(Ev.Leave, R.do_mlock, err);
  return err;
}

/** Linux: munlock. Returns 0 or a negative errno. */
export function do_munlock(mm: mm_struct, start: number, len: number): number {
  return apply_lock_flags(mm, roundDown(start, PAGE_SIZE), pageLength(start, len), 0);
}

/** Linux: apply_mlockall_flags. */
function apply_mlockall_flags(mm: mm_struct, flags: number): void {
  const onfault = (flags & MCL_ONFAULT) !== 0 ? VM_LOCKONFAULT : 0;
  mm.def_flags &= ~VM_LOCKED_MASK;
  if ((flags & MCL_FUTURE) !== 0) {
    mm.def_flags |= VM_LOCKED | onfault;
    if ((flags & MCL_CURRENT) === 0) return;
  }
  const add = (flags & MCL_CURRENT) !== 0 ? VM_LOCKED | onfault : 0;
  for (let vma = mm.mm_mt.first(); vma !== null;) {
    const done = mlock_fixup(vma, vma.vm_start, vma.vm_end, (vma.vm_flags & ~VM_LOCKED_MASK) | add);
    vma = mm.mm_mt.next(typeof done === 'number' ? vma : done);
  }
}

/** Linux: mlockall. Returns 0 or a negative errno. */
export function do_mlockall(mm: mm_struct, flags: number): number {
  const known = MCL_CURRENT | MCL_FUTURE | (mm.machine.rules.hasNewCalls ? MCL_ONFAULT : 0);
  if (flags === 0 || (flags & ~known) !== 0 || flags === MCL_ONFAULT) return -EINVAL;
  if (!can_do_mlock(mm.machine)) return -EPERM;
  if ((flags & MCL_CURRENT) !== 0 && !within_memlock(mm.machine, mm.total_vm)) return -ENOMEM;
  apply_mlockall_flags(mm, flags);
  if ((flags & MCL_CURRENT) !== 0) mm_populate(mm, 0, TASK_SIZE);
  return 0;
}

/** Linux: munlockall. */
export function do_munlockall(mm: mm_struct): number {
  apply_mlockall_flags(mm, 0);
  return 0;
}
