/** Open files and who holds them; nothing here knows the kinds of file (Linux: fs/file_table.c, fs/inode.c, fs/file.c). */
import { PAGE_SIZE } from '../../base/units';
import { EMFILE } from '../errno';
import type { Machine } from '../machine';
import { address_space, file, inode, type InodeKind, type Task, type vm_area_struct } from '../mm/mm_types';
import { XArray } from '../mm/xarray';
import { O_ACCMODE, O_RDONLY, O_WRONLY } from '../uapi';

/** What a kind of file does (Linux: struct file_operations and inode_operations). Results are 0 or a negative errno. */
export interface FileOperations {
  /** Gives a fresh area its operations; may refuse. */
  readonly mmap: (m: Machine, f: file, vma: vm_area_struct) => number;
  /** Sets the length, bytes. */
  readonly truncate?: (m: Machine, node: inode, size: number) => number;
  /** Allocates or punches `[offset, offset + len)`, bytes. */
  readonly fallocate?: (m: Machine, node: inode, mode: number, offset: number, len: number) => number;
  /** Writes `[start, end)` back to the disk, bytes. */
  readonly fsync?: (m: Machine, node: inode, start: number, end: number) => void;
  /** Reads up to `len` bytes at `offset`: how many there are. Absent: the kind cannot be read. */
  readonly read?: (m: Machine, node: inode, offset: number, len: number) => number;
  /** Lets all pages go: nobody holds the file any more. */
  readonly evict?: (m: Machine, node: inode) => void;
}

export const is_file_hugepages = (f: file | null): boolean => f !== null && f.inode.kind === 'hugetlb';
export const f_can_read = (f: file): boolean => (f.f_flags & O_ACCMODE) !== O_WRONLY;
export const f_can_write = (f: file): boolean => (f.f_flags & O_ACCMODE) !== O_RDONLY;

/** How many of `len` bytes at `offset` a file has. */
export const bytes_there = (node: inode, offset: number, len: number): number =>
  Math.max(0, Math.min(len, node.i_size - offset));

/** A new inode without a name. `page_bytes` is the size of a page of its cache. */
export const new_inode = (m: Machine, kind: InodeKind, page_bytes = PAGE_SIZE): inode =>
  new inode(m.next_inode_id++, kind, new address_space(new XArray(), new Set()), page_bytes);

/** Opens an inode: a file with one reference. */
export function new_file(m: Machine, node: inode, name: string, f_flags: number): file {
  node.refs++;
  return new file(m.next_file_id++, node, name, f_flags);
}

/** One more holder. */
export function get_file(f: file): file {
  f.f_count++;
  return f;
}

/**
 * One holder less; the last one closes the file, and the last file of a nameless inode lets its pages go: not at once, but
 * when the system call is done (what the file had reserved is still reserved while a new mapping in its place is populated).
 */
export function fput(m: Machine, f: file): void {
  if (--f.f_count > 0) return;
  const node = f.inode;
  if (--node.refs === 0 && node.i_nlink === 0) m.dropped.push(node);
}

/** The open file of a descriptor, or null. */
export const fget = (task: Task, fd: number): file | null => task.files[fd] ?? null;

/** Descriptors 0 to 2 are taken; the lowest free one above them. −EMFILE at 1024. */
export function fd_install(task: Task, f: file, close_on_exec: boolean): number {
  let fd = 3;
  while (fd < task.files.length && task.files[fd] !== null && task.files[fd] !== undefined) fd++;
  if (fd >= 1024) return -EMFILE;
  while (task.files.length < fd) task.files.push(null);
  task.files[fd] = f;
  if (close_on_exec) task.close_on_exec.add(fd);
  return fd;
}

/** Takes a descriptor away. Linux: fs/file.c file_close_fd. */
export function fd_uninstall(m: Machine, task: Task, fd: number, f: file): void {
  task.files[fd] = null;
  task.close_on_exec.delete(fd);
  fput(m, f);
}

/** Closes what another program shall not find open. Linux: fs/file.c do_close_on_exec. */
export function do_close_on_exec(m: Machine, task: Task): void {
  for (const fd of [...task.close_on_exec].sort((a, b) => a - b)) fd_uninstall(m, task, fd, fget(task, fd)!);
}
