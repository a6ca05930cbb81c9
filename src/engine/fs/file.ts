/** Which kind of file does what, and the calls that take a path or a descriptor (Linux: fs/open.c, mm/memfd.c). */
import { PAGE_SIZE, PMD_SIZE } from '../../base/units';
import { device_file_operations, driverOf } from '../drivers/drivers';
import { EBADF, EFBIG, EINVAL, ENAMETOOLONG, ENODEV, ENOENT, EOPNOTSUPP } from '../errno';
import type { Machine } from '../machine';
import { generic_file_operations } from '../mm/filemap';
import { hstate_sizelog } from '../mm/hugetlb_types';
import type { file, inode, InodeKind, Task } from '../mm/mm_types';
import { shmem_file_operations } from '../mm/shmem';
import {
  FALLOC_FL_KEEP_SIZE,
  FALLOC_FL_PUNCH_HOLE,
  MAP_HUGE_MASK,
  MAP_HUGE_SHIFT,
  MFD_ALLOW_SEALING,
  MFD_CLOEXEC,
  MFD_HUGETLB,
  O_ACCMODE,
  O_CREAT,
  O_RDONLY,
  O_RDWR,
  O_TRUNC,
} from '../uapi';
import { f_can_write, fd_install, fget, type FileOperations, fput, new_file, new_inode } from './file_table';
import { hugetlbfs_file_operations } from './hugetlbfs';

const OPERATIONS_OF: Readonly<Record<InodeKind, () => FileOperations>> = {
  file: () => generic_file_operations,
  shmem: () => shmem_file_operations,
  hugetlb: () => hugetlbfs_file_operations,
  device: () => device_file_operations,
};

/** The operations of a file's kind. */
export const f_op = (node: inode): FileOperations => OPERATIONS_OF[node.kind]();

/** Lets the pages of nameless files go that the system call has let go of. Linux: kernel/task_work.c, fs/file_table.c ____fput. */
export function task_work_run(m: Machine): void {
  for (const node of m.dropped) f_op(node).evict?.(m, node);
  m.dropped.length = 0;
}

const REGULAR = 'file:';

/** As `/proc/PID/maps` shows a path: ordinary files below `/home`, huge ones below the hugetlbfs mount. */
const shownName = (path: string): string =>
  path.startsWith(REGULAR)
    ? path.startsWith(`${REGULAR}/`)
      ? path.slice(REGULAR.length)
      : `/home/${path.slice(REGULAR.length)}`
    : path.startsWith('/')
      ? path
      : `/dev/hugepages/${path}`;

/**
 * Opens `file:NAME` (an ordinary file), the path of a character device (drivers/drivers.ts) or any other name (in a hugetlbfs mount).
 * Returns a descriptor or a negative errno. Linux: fs/open.c do_sys_open.
 */
export function do_open(m: Machine, task: Task, path: string, flags: number): number {
  if (path === '') return -ENOENT;
  if (path.length > 4095) return -ENAMETOOLONG;
  let node = m.names.get(path);
  if (node === undefined) {
    if (driverOf(path) !== null) {
      node = new_inode(m, 'device', PMD_SIZE);
    } else {
      if ((flags & O_CREAT) === 0) return -ENOENT;
      node = new_inode(
        m,
        path.startsWith(REGULAR) ? 'file' : 'hugetlb',
        path.startsWith(REGULAR) ? PAGE_SIZE : PMD_SIZE,
      );
    }
    node.i_nlink = 1;
    m.names.set(path, node);
  } else if ((flags & O_TRUNC) !== 0 && (flags & O_ACCMODE) !== O_RDONLY) {
    f_op(node).truncate?.(m, node, 0);
  }
  const f = new_file(m, node, shownName(path), false, flags);
  const fd = fd_install(task, f);
  if (fd < 0) fput(m, f);
  return fd;
}

/** Linux: fs/open.c close. */
export function do_close(m: Machine, task: Task, fd: number): number {
  const f = fget(task, fd);
  if (f === null) return -EBADF;
  task.files[fd] = null;
  fput(m, f);
  return 0;
}

/** Linux: fs/open.c do_sys_ftruncate. */
export function do_ftruncate(m: Machine, task: Task, fd: number, length: number): number {
  if (length < 0) return -EINVAL;
  const f = fget(task, fd);
  if (f === null) return -EBADF;
  const truncate = f_op(f.inode).truncate;
  if (truncate === undefined || !f_can_write(f)) return -EINVAL;
  if (length > MAX_FILE_BYTES) return -EFBIG;
  return truncate(m, f.inode, length);
}

/** Largest file that Linux's ordinary file systems hold here. */
const MAX_FILE_BYTES = 2 ** 44;

/** Linux: fs/open.c vfs_fallocate. */
export function vfs_fallocate(m: Machine, f: file, mode: number, offset: number, len: number): number {
  if (offset < 0 || len <= 0) return -EINVAL;
  if ((mode & ~(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE)) !== 0) return -EOPNOTSUPP;
  if ((mode & FALLOC_FL_PUNCH_HOLE) !== 0 && (mode & FALLOC_FL_KEEP_SIZE) === 0) return -EOPNOTSUPP;
  if (!f_can_write(f)) return -EBADF;
  if (f.inode.kind === 'device') return -ENODEV;
  if (offset + len > MAX_FILE_BYTES) return -EFBIG;
  const fallocate = f_op(f.inode).fallocate;
  return fallocate === undefined ? -EOPNOTSUPP : fallocate(m, f.inode, mode, offset, len);
}

/** Linux: mm/memfd.c memfd_create. Returns a descriptor or a negative errno. */
export function do_memfd_create(m: Machine, task: Task, name: string, flags: number): number {
  if ((flags & ~(MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_HUGETLB | 0x18)) !== 0) {
    // Above the flags only MFD_HUGE_* size bits are allowed, and only with MFD_HUGETLB.
    if ((flags & MFD_HUGETLB) === 0 || (flags & 0x03ffffe0) !== 0) return -EINVAL;
  }
  if (name.length > 249) return -EINVAL;
  const huge = (flags & MFD_HUGETLB) !== 0;
  const page_bytes = huge ? hstate_sizelog((flags >>> MAP_HUGE_SHIFT) & MAP_HUGE_MASK) : PAGE_SIZE;
  if (page_bytes === 0) return -ENODEV;
  const node = new_inode(m, huge ? 'hugetlb' : 'shmem', page_bytes);
  const f = new_file(m, node, `/memfd:${name}`, true, O_RDWR);
  const fd = fd_install(task, f);
  if (fd < 0) fput(m, f);
  return fd;
}
