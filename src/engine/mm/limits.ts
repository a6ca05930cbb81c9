/**
 * What a process may lock and map (Linux: mm/mmap.c may_expand_vm, mlock_future_ok; mm/mlock.c can_do_mlock;
 * security/commoncap.c). The limits are those of every process and never change.
 */
import { PAGE_SIZE } from '../../base/units';
import type { Machine } from '../machine';
import type { mm_struct } from './mm_types';
import { VM_GROWSDOWN, VM_LOCKED, VM_SHARED, VM_WRITE } from './vm_flags';

/** CAP_IPC_LOCK, CAP_SYS_RAWIO and CAP_SYS_ADMIN, which root has and nobody else. Linux: capable. */
export const capable = (m: Machine): boolean => m.config.user === 'root';

/** Whole pages of a limit in bytes. */
const limitPages = (bytes: number): number => Math.floor(bytes / PAGE_SIZE);

/** Whether the process may lock anything at all. Linux: mm/mlock.c can_do_mlock. */
export const can_do_mlock = (m: Machine): boolean => m.config.rlimit.memlock !== 0 || capable(m);

/** Whether so many pages may be locked in all. */
export const within_memlock = (m: Machine, npages: number): boolean =>
  npages <= limitPages(m.config.rlimit.memlock) || capable(m);

/** Whether `bytes` more of memory with these flags may be had: locked memory counts. Linux: mlock_future_ok. */
export const mlock_future_ok = (mm: mm_struct, flags: number, bytes: number): boolean =>
  (flags & VM_LOCKED) === 0 || within_memlock(mm.machine, mm.locked_vm + bytes / PAGE_SIZE);

/** Private memory that can be written. Linux: mm/internal.h is_data_mapping. */
export const is_data_mapping = (flags: number): boolean => (flags & (VM_WRITE | VM_SHARED | VM_GROWSDOWN)) === VM_WRITE;

/** Whether the address space may grow by `npages` of memory with these flags. Linux: mm/mmap.c may_expand_vm. */
export function may_expand_vm(mm: mm_struct, flags: number, npages: number): boolean {
  const { as, data } = mm.machine.config.rlimit;
  if (mm.total_vm + npages > limitPages(as)) return false;
  return !is_data_mapping(flags) || mm.data_vm + npages <= limitPages(data);
}
