/** Shared memory: memfd files and shared anonymous mappings (Linux: mm/shmem.c). Left out: swapping, huge pages in shared memory. */
import { PAGE_SIZE, roundDown, roundUp } from '../../base/units';
import { ENOMEM, EOPNOTSUPP, EPERM } from '../errno';
import { Ev } from '../events';
import { bytes_there, type FileOperations, new_file, new_inode } from '../fs/file_table';
import type { Machine } from '../machine';
import { R, WHY } from '../routines';
import { FALLOC_FL_KEEP_SIZE, FALLOC_FL_PUNCH_HOLE, O_RDWR } from '../uapi';
import { filemap_add_folio } from './filemap';
import { may_punch, may_resize } from './memfd';
import { unmap_mapping_range } from './memory_zap';
import { type inode, VM_FAULT_OOM, VM_FAULT_SIGBUS, type vm_area_struct, type vm_operations_struct } from './mm_types';
import { PG_dirty, PG_swapbacked, PG_uptodate } from './page_alloc';
import { truncate_inode_pages_range } from './truncate';

/** Linux: mm/shmem.c shmem_anon_vm_ops. */
const shmem_vm_ops: vm_operations_struct = { name: 'shmem_vm_ops', backing: 'shmem' };

export const shmem_file_operations: FileOperations = {
  mmap(_m, _f, vma) {
    vma.vm_ops = shmem_vm_ops;
    return 0;
  },
  truncate: shmem_setattr_size,
  fallocate: shmem_fallocate,
  // What no page stands behind reads as zeroes, and none is made for it.
  read: (_m, node, offset, len) => bytes_there(node, offset, len),
  evict: (m, node) => truncate_inode_pages_range(m, node, 0, Infinity),
};

/** Puts a nameless file of the area's size behind a shared anonymous area. Returns 0. Linux: mm/shmem.c shmem_zero_setup. */
export function shmem_zero_setup(m: Machine, vma: vm_area_struct): number {
  if (m.rec !== null) m.rec.emit(Ev.Enter, R.shmem_zero_setup, vma.id);
  const node = new_inode(m, 'shmem');
  node.i_size = vma.vm_end - vma.vm_start;
  vma.vm_file = new_file(m, node, '/dev/zero', O_RDWR);
  vma.vm_ops = shmem_vm_ops;
  if (m.rec !== null) m.rec.emit(Ev.Leave, R.shmem_zero_setup);
  return 0;
}

/** The frame behind page `index` of the file, made where missing, or −VM_FAULT_*. Linux: mm/shmem.c shmem_fault. */
export function shmem_fault(vma: vm_area_struct, index: number): number {
  const m = vma.vm_mm.machine;
  const node = vma.vm_file!.inode;
  if (m.rec !== null) m.rec.emit(Ev.Enter, R.shmem_fault, vma.id, index);
  let result: number;
  if (index * PAGE_SIZE >= node.i_size) {
    if (m.rec !== null) m.rec.emit(Ev.Decide, WHY.beyond_file, node.id, index);
    result = -VM_FAULT_SIGBUS;
  } else {
    const cached = node.i_mapping.i_pages.get(index);
    const pfn = cached > 0 ? cached - 1 : filemap_add_folio(m, node, index, PG_swapbacked);
    if (pfn >= 0 && (m.frames.flags(pfn) & PG_uptodate) === 0) {
      m.frames.zero(pfn, 0);
      m.frames.setFlags(pfn, PG_uptodate);
    }
    result = pfn >= 0 ? pfn : -VM_FAULT_OOM;
  }
  if (m.rec !== null) m.rec.emit(Ev.Leave, R.shmem_fault, result);
  return result;
}

/** Linux: mm/shmem.c shmem_setattr, for the size. */
function shmem_setattr_size(m: Machine, node: inode, size: number): number {
  if (!may_resize(node, size)) return -EPERM;
  const before = node.i_size;
  node.i_size = size;
  if (size > before) return 0;
  const hole = roundUp(size, PAGE_SIZE);
  if (before > hole) unmap_mapping_range(m, node.i_mapping, hole, 0, true);
  truncate_inode_pages_range(m, node, hole / PAGE_SIZE, Infinity);
  return 0;
}

/** Linux: mm/shmem.c shmem_fallocate. Pages allocated ahead are not zeroed, and not mapped around faults, before they are used. */
function shmem_fallocate(m: Machine, node: inode, mode: number, offset: number, len: number): number {
  if ((mode & ~(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE)) !== 0) return -EOPNOTSUPP;
  const punch = (mode & FALLOC_FL_PUNCH_HOLE) !== 0;
  const grows = !punch && offset + len > node.i_size;
  if (punch ? !may_punch(node) : grows && !may_resize(node, offset + len)) return -EPERM;
  const rec = m.rec;
  if (rec !== null) rec.emit(Ev.Enter, R.shmem_fallocate, node.id, offset, len);
  const end = offset + len;
  if (punch) {
    const from = roundUp(offset, PAGE_SIZE);
    const to = roundDown(end, PAGE_SIZE);
    if (to > from) {
      unmap_mapping_range(m, node.i_mapping, from, to - from, false);
      truncate_inode_pages_range(m, node, from / PAGE_SIZE, to / PAGE_SIZE);
    }
  } else {
    const first = Math.floor(offset / PAGE_SIZE);
    const after = Math.ceil(end / PAGE_SIZE);
    if (after - first > m.frames.total - m.frames.used) {
      if (rec !== null) rec.emit(Ev.Leave, R.shmem_fallocate, -ENOMEM);
      return -ENOMEM;
    }
    for (let i = first; i < after; i++) {
      const cached = node.i_mapping.i_pages.get(i);
      if (cached === 0) filemap_add_folio(m, node, i, PG_swapbacked | PG_dirty);
      // A page that was allocated ahead before is zeroed the second time.
      else m.frames.setFlags(cached - 1, PG_uptodate | PG_dirty);
    }
    if ((mode & FALLOC_FL_KEEP_SIZE) === 0 && end > node.i_size) node.i_size = end;
  }
  if (rec !== null) rec.emit(Ev.Leave, R.shmem_fallocate);
  return 0;
}
