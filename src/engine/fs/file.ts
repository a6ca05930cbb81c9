/** Which kind of file does what, and the calls that take a path or a descriptor (Linux: fs/open.c, fs/namei.c). */
import { PAGE_SIZE, PMD_SIZE } from '../../base/units';
import { device_file_operations, driverOf } from '../drivers/drivers';
import { zero_file_operations } from '../drivers/mem';
import { EBADF, EEXIST, EFBIG, EINVAL, ENAMETOOLONG, ENODEV, ENOENT, EOPNOTSUPP } from '../errno';
import type { Machine } from '../machine';
import { shm_mmap } from '../ipc/segment';
import { EXT4_MAX_BYTES, generic_file_operations } from '../mm/filemap';
import type { file, inode, InodeKind, Task, vm_area_struct } from '../mm/mm_types';
import { shmem_file_operations } from '../mm/shmem';
import {
  FALLOC_FL_COLLAPSE_RANGE,
  FALLOC_FL_INSERT_RANGE,
  FALLOC_FL_KEEP_SIZE,
  FALLOC_FL_PUNCH_HOLE,
  FALLOC_FL_UNSHARE_RANGE,
  FALLOC_FL_WRITE_ZEROES,
  FALLOC_FL_ZERO_RANGE,
  O_CLOEXEC,
  O_CREAT,
  O_EXCL,
  O_TRUNC,
} from '../uapi';
import {
  f_can_read,
  f_can_write,
  fd_install,
  fd_uninstall,
  fget,
  type FileOperations,
  fput,
  new_file,
  new_inode,
} from './file_table';
import { hugetlbfs_file_operations } from './hugetlbfs';

const OPERATIONS_OF: Readonly<Record<InodeKind, () => FileOperations>> = {
  file: () => generic_file_operations,
  shmem: () => shmem_file_operations,
  hugetlb: () => hugetlbfs_file_operations,
  device: () => device_file_operations,
  zero: () => zero_file_operations,
};

/** The operations of a file's kind. */
export const f_op = (node: inode): FileOperations => OPERATIONS_OF[node.kind]();

/** A fresh area gets its operations from its file; a segment's are wrapped. Linux: include/linux/fs.h call_mmap. */
export const call_mmap = (m: Machine, f: file, vma: vm_area_struct): number =>
  f.inode.shmid >= 0 ? shm_mmap(m, f, vma, f_op(f.inode)) : f_op(f.inode).mmap(m, f, vma);

/** Lets the pages of nameless files go that the system call has let go of. Linux: kernel/task_work.c, fs/file_table.c ____fput. */
export function task_work_run(m: Machine): void {
  for (const node of m.dropped) f_op(node).evict?.(m, node);
  m.dropped.length = 0;
}

const REGULAR = 'file:';
/** Where files of shared memory have names. */
export const TMPFS = '/dev/shm/';
/** The device of zeroes (drivers/mem.ts). */
export const DEV_ZERO = '/dev/zero';

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
 * Opens `file:NAME` (an ordinary file), `/dev/shm/NAME` (shared memory with a name), the path of a character device
 * (drivers/drivers.ts, `/dev/zero`) or any other name (in a hugetlbfs mount).
 * Returns a descriptor or a negative errno. Linux: fs/open.c do_sys_open.
 */
export function do_open(m: Machine, task: Task, path: string, flags: number): number {
  if (path === '') return -ENOENT;
  if (path.length > 4095) return -ENAMETOOLONG;
  let node = m.names.get(path);
  const there = node !== undefined || kindOfPath(path) === 'device' || kindOfPath(path) === 'zero';
  if (!there && (flags & O_CREAT) === 0) return -ENOENT;
  if (there && (flags & (O_CREAT | O_EXCL)) === (O_CREAT | O_EXCL)) return -EEXIST;
  if (node === undefined) {
    const kind = kindOfPath(path);
    node = new_inode(m, kind, kind === 'device' || kind === 'hugetlb' ? PMD_SIZE : PAGE_SIZE);
    node.i_nlink = 1;
    node.on_mount = kind === 'hugetlb';
    m.names.set(path, node);
  } else if ((flags & O_TRUNC) !== 0) {
    // Also where it is opened for reading only.
    f_op(node).truncate?.(m, node, 0);
  }
  const f = new_file(m, node, shownName(path), flags);
  const fd = fd_install(task, f, (flags & O_CLOEXEC) !== 0);
  if (fd < 0) fput(m, f);
  return fd;
}

/** What a path that is opened for the first time is. */
function kindOfPath(path: string): InodeKind {
  if (path.startsWith(REGULAR)) return 'file';
  if (path.startsWith(TMPFS)) return 'shmem';
  if (path === DEV_ZERO) return 'zero';
  return driverOf(path) === null ? 'hugetlb' : 'device';
}

/** Takes the name away; what is open or mapped stays until nobody holds it. Linux: fs/namei.c do_unlinkat. */
export function do_unlink(m: Machine, path: string): number {
  const node = m.names.get(path);
  if (node === undefined) return -ENOENT;
  m.names.delete(path);
  node.i_nlink = 0;
  if (node.refs === 0) m.dropped.push(node);
  return 0;
}

/** Linux: fs/open.c close. */
export function do_close(m: Machine, task: Task, fd: number): number {
  const f = fget(task, fd);
  if (f === null) return -EBADF;
  fd_uninstall(m, task, fd, f);
  return 0;
}

/** Linux: fs/open.c do_sys_ftruncate. */
export function do_ftruncate(m: Machine, task: Task, fd: number, length: number): number {
  if (length < 0) return -EINVAL;
  const f = fget(task, fd);
  if (f === null) return -EBADF;
  const truncate = f_op(f.inode).truncate;
  if (truncate === undefined || !f_can_write(f)) return -EINVAL;
  if (length > s_maxbytes(f.inode)) return -EFBIG;
  return truncate(m, f.inode, length);
}

/** Length of the largest file, bytes: on ext4 2^32 − 1 blocks, in memory all that an offset can say. */
const s_maxbytes = (node: inode): number => (node.kind === 'file' ? EXT4_MAX_BYTES : 2 ** 63 - 1);

/** The kinds of work that fallocate can do, one at a time; none of them is plain allocation. */
const FALLOC_FL_MODE_MASK =
  FALLOC_FL_PUNCH_HOLE |
  FALLOC_FL_COLLAPSE_RANGE |
  FALLOC_FL_ZERO_RANGE |
  FALLOC_FL_INSERT_RANGE |
  FALLOC_FL_UNSHARE_RANGE |
  FALLOC_FL_WRITE_ZEROES;
/** Those that say themselves what becomes of the size. */
const SIZE_CHANGING = [FALLOC_FL_COLLAPSE_RANGE, FALLOC_FL_INSERT_RANGE, FALLOC_FL_WRITE_ZEROES];
const SIZE_KEEPING = [0, FALLOC_FL_UNSHARE_RANGE, FALLOC_FL_ZERO_RANGE, FALLOC_FL_PUNCH_HOLE];

/** Most bytes that one call reads. Linux: include/linux/fs.h MAX_RW_COUNT. */
const MAX_RW_COUNT = 2 ** 31 - PAGE_SIZE;

/** Reads at a place of a file, into a buffer that nobody looks at. The number of bytes, or a negative errno. Linux: fs/read_write.c ksys_pread64. */
export function ksys_pread64(m: Machine, task: Task, fd: number, len: number, offset: number): number {
  if (offset < 0) return -EINVAL;
  const f = fget(task, fd);
  if (f === null || !f_can_read(f)) return -EBADF;
  const read = f_op(f.inode).read;
  return read === undefined ? -EINVAL : read(m, f.inode, offset, Math.min(len, MAX_RW_COUNT));
}

/** Linux: fs/open.c vfs_fallocate. */
export function vfs_fallocate(m: Machine, f: file, mode: number, offset: number, len: number): number {
  if (offset < 0 || len <= 0) return -EINVAL;
  if ((mode & ~(FALLOC_FL_MODE_MASK | FALLOC_FL_KEEP_SIZE)) !== 0) return -EOPNOTSUPP;
  const work = mode & FALLOC_FL_MODE_MASK;
  const keep = (mode & FALLOC_FL_KEEP_SIZE) !== 0;
  if (work === FALLOC_FL_PUNCH_HOLE && !keep) return -EOPNOTSUPP;
  if (!SIZE_KEEPING.includes(work) && (keep || !SIZE_CHANGING.includes(work))) return -EOPNOTSUPP;
  if (!f_can_write(f)) return -EBADF;
  if (f.inode.kind === 'device' || f.inode.kind === 'zero') return -ENODEV;
  // Not added up: a sum near 2^63 is no number here.
  if (len > s_maxbytes(f.inode) - offset || len >= 2 ** 63 - offset) return -EFBIG;
  const fallocate = f_op(f.inode).fallocate;
  return fallocate === undefined ? -EOPNOTSUPP : fallocate(m, f.inode, mode, offset, len);
}
