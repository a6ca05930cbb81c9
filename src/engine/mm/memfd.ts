/** Files that live in memory only, and their seals (Linux: mm/memfd.c). */
import { PAGE_SIZE } from '../../base/units';
import { EBADF, EBUSY, EINVAL, ENODEV, EPERM } from '../errno';
import { f_can_write, fd_install, fget, fput, new_file, new_inode } from '../fs/file_table';
import type { Machine } from '../machine';
import {
  F_ADD_SEALS,
  F_GET_SEALS,
  F_SEAL_EXEC,
  F_SEAL_FUTURE_WRITE,
  F_SEAL_GROW,
  F_SEAL_SEAL,
  F_SEAL_SHRINK,
  F_SEAL_WRITE,
  MAP_HUGE_MASK,
  MAP_HUGE_SHIFT,
  MFD_ALLOW_SEALING,
  MFD_CLOEXEC,
  MFD_EXEC,
  MFD_HUGETLB,
  MFD_NOEXEC_SEAL,
  O_RDWR,
} from '../uapi';
import { hstate_sizelog } from './hugetlb_types';
import type { file, inode, Task } from './mm_types';
import { VM_MAYWRITE, VM_SHARED, VM_WRITE } from './vm_flags';

const MFD_ALL_FLAGS = MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_HUGETLB | MFD_NOEXEC_SEAL | MFD_EXEC;
const F_ALL_SEALS = F_SEAL_SEAL | F_SEAL_EXEC | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_FUTURE_WRITE;
/** Longest name, bytes. */
const NAME_LENGTH = 249;

/** Linux: sanitize_flags. Sizes of huge pages are allowed only with MFD_HUGETLB. */
function flags_fit(flags: number): boolean {
  const sizes = (flags & MFD_HUGETLB) === 0 ? 0 : MAP_HUGE_MASK << MAP_HUGE_SHIFT;
  if ((flags & ~(MFD_ALL_FLAGS | sizes)) !== 0) return false;
  return (flags & (MFD_EXEC | MFD_NOEXEC_SEAL)) !== (MFD_EXEC | MFD_NOEXEC_SEAL);
}

/** Linux: memfd_create. Returns a descriptor or a negative errno. */
export function do_memfd_create(m: Machine, task: Task, name: string, flags: number): number {
  if (!flags_fit(flags) || name.length > NAME_LENGTH) return -EINVAL;
  const huge = (flags & MFD_HUGETLB) !== 0;
  const page_bytes = huge ? hstate_sizelog((flags >>> MAP_HUGE_SHIFT) & MAP_HUGE_MASK) : PAGE_SIZE;
  if (page_bytes === 0) return -ENODEV;
  const node = new_inode(m, huge ? 'hugetlb' : 'shmem', page_bytes);
  node.seals = (flags & MFD_NOEXEC_SEAL) !== 0 ? F_SEAL_EXEC : (flags & MFD_ALLOW_SEALING) !== 0 ? 0 : F_SEAL_SEAL;
  node.executable = (flags & MFD_NOEXEC_SEAL) === 0;
  const f = new_file(m, node, `/memfd:${name}`, O_RDWR);
  const fd = fd_install(task, f, (flags & MFD_CLOEXEC) !== 0);
  if (fd < 0) fput(m, f);
  return fd;
}

/** Files in memory that were not made by memfd_create cannot be sealed; all others have no seals. Linux: memfd_file_seals_ptr. */
const sealsOf = (node: inode): number | null =>
  node.kind === 'shmem' || node.kind === 'hugetlb' ? (node.seals ?? F_SEAL_SEAL) : null;

/** Whether any of the seals is on the file. */
const is_sealed = (node: inode, seals: number): boolean => ((node.seals ?? 0) & seals) !== 0;

/** Linux: fs/fcntl.c do_fcntl, for seals. */
export function do_fcntl(_m: Machine, task: Task, fd: number, command: number, seals: number): number {
  const f = fget(task, fd);
  if (f === null) return -EBADF;
  if (command === F_GET_SEALS) return sealsOf(f.inode) ?? -EINVAL;
  return command === F_ADD_SEALS ? memfd_add_seals(f, seals) : -EINVAL;
}

/** Linux: memfd_add_seals. */
function memfd_add_seals(f: file, seals: number): number {
  const node = f.inode;
  if (!f_can_write(f)) return -EPERM;
  if ((seals & ~F_ALL_SEALS) !== 0) return -EINVAL;
  const before = sealsOf(node);
  if (before === null) return -EINVAL;
  if ((before & F_SEAL_SEAL) !== 0) return -EPERM;
  if ((seals & F_SEAL_WRITE) !== 0 && (before & F_SEAL_WRITE) === 0) {
    const both = VM_SHARED | VM_MAYWRITE;
    for (const vma of node.i_mapping.i_mmap) if ((vma.vm_flags & both) === both) return -EBUSY;
  }
  // What can be executed may then not be written either.
  if ((seals & F_SEAL_EXEC) !== 0 && node.executable)
    seals |= F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_FUTURE_WRITE;
  node.seals = before | seals;
  return 0;
}

/** The flags of a new mapping of the file under its seals; null where they forbid it. Linux: memfd_check_seals_mmap. */
export function memfd_check_seals_mmap(node: inode, flags: number): number | null {
  if (!is_sealed(node, F_SEAL_WRITE | F_SEAL_FUTURE_WRITE) || (flags & VM_SHARED) === 0) return flags;
  return (flags & VM_WRITE) === 0 ? flags & ~VM_MAYWRITE : null;
}

/** Whether the seals let the file have another length. */
export const may_resize = (node: inode, size: number): boolean =>
  !(size < node.i_size && is_sealed(node, F_SEAL_SHRINK)) && !(size > node.i_size && is_sealed(node, F_SEAL_GROW));

/** Whether the seals let a hole be punched. */
export const may_punch = (node: inode): boolean => !is_sealed(node, F_SEAL_WRITE | F_SEAL_FUTURE_WRITE);
