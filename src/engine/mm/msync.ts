/** Writing mapped files back (Linux: mm/msync.c). */
import { PAGE_SIZE, roundUp } from '../../base/units';
import { EBUSY, EINVAL, ENOMEM } from '../errno';
import { f_op } from '../fs/file';
import { MS_ASYNC, MS_INVALIDATE, MS_SYNC } from '../uapi';
import type { mm_struct } from './mm_types';
import { VM_LOCKED, VM_SHARED } from './vm_flags';

/** The system call. Returns 0 or a negative errno. Linux: msync. */
export function do_msync(mm: mm_struct, start: number, len: number, flags: number): number {
  if ((flags & ~(MS_ASYNC | MS_INVALIDATE | MS_SYNC)) !== 0) return -EINVAL;
  if (start % PAGE_SIZE !== 0) return -EINVAL;
  if ((flags & MS_ASYNC) !== 0 && (flags & MS_SYNC) !== 0) return -EINVAL;
  const end = start + roundUp(len, PAGE_SIZE);
  if (end >= 2 ** 64) return -ENOMEM;
  if (end === start) return 0;
  let hole = 0;
  let vma = mm.mm_mt.find(start);
  for (;;) {
    if (vma === null) return -ENOMEM;
    if (start < vma.vm_start) {
      if (flags === MS_ASYNC) return -ENOMEM;
      start = vma.vm_start;
      if (start >= end) return -ENOMEM;
      hole = -ENOMEM;
    }
    if ((flags & MS_INVALIDATE) !== 0 && (vma.vm_flags & VM_LOCKED) !== 0) return -EBUSY;
    const first = vma.vm_pgoff * PAGE_SIZE + (start - vma.vm_start);
    const last = Math.min(end, vma.vm_end) - start + first;
    const f = vma.vm_file;
    start = vma.vm_end;
    if ((flags & MS_SYNC) !== 0 && f !== null && (vma.vm_flags & VM_SHARED) !== 0)
      f_op(f.inode).fsync?.(mm.machine, f.inode, first, last);
    if (start >= end) return hole;
    vma = mm.mm_mt.find(start);
  }
}
