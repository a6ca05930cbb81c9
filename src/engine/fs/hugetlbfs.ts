/** Files of huge pages (Linux: fs/hugetlbfs/inode.c). Left out: the least size of a mount. */
import { assert } from '../../base/assert';
import { PAGE_SIZE, roundDown, roundUp } from '../../base/units';
import { hugetlbfs_pagetable_ops } from '../drivers/hugetlbfs';
import { EINVAL, EOPNOTSUPP, EPERM } from '../errno';
import { Ev } from '../events';
import type { Machine } from '../machine';
import { hugetlb_add_to_page_cache, hugetlb_vm_ops } from '../mm/hugetlb';
import {
  alloc_hugetlb_folio,
  hugetlb_put,
  hugetlb_reserve_pages,
  hugetlb_unreserve_pages,
  zero_huge_page,
} from '../mm/hugetlb_pool';
import { hugepage_subpool_put_pages } from '../mm/hugetlb_subpool';
import { pool_pages } from '../mm/hugetlb_pages';
import { hugetlb_vma_maps_pfn, unmap_hugepage_range } from '../mm/hugetlb_table';
import { hstate_sizelog } from '../mm/hugetlb_types';
import { unmap_page_range, UNMAPPING } from '../mm/memory_zap';
import { file, type inode, type mm_struct, resv_map, vm_area_struct } from '../mm/mm_types';
import { may_punch, may_resize } from '../mm/memfd';
import { PG_dirty, PG_mapping, PG_uptodate } from '../mm/page_alloc';
import { VM_DONTEXPAND, VM_HUGETLB, VM_MAYSHARE, VM_NORESERVE, VM_SHARED, VM_WRITE } from '../mm/vm_flags';
import { R } from '../routines';
import { FALLOC_FL_KEEP_SIZE, FALLOC_FL_PUNCH_HOLE, O_RDWR } from '../uapi';
import { bytes_there, type FileOperations, new_file, new_inode } from './file_table';

/**
 * A nameless file of `len` bytes, rounded up, on the internal mount, for memory that the process calls anonymous; nothing
 * is reserved. `code` is the page size as in `MAP_HUGE_*`; −EINVAL for one there is none of. Linux: hugetlb_file_setup.
 */
export function hugetlb_file_setup(m: Machine, name: string, len: number, code: number): file | number {
  const rec = m.rec;
  const size = hstate_sizelog(code);
  if (size === 0) return -EINVAL;
  if (rec !== null) rec.emit(Ev.Enter, R.hugetlb_file_setup, len, size);
  const node = new_inode(m, 'hugetlb', size);
  node.i_size = roundUp(len, size);
  const f = new_file(m, node, name, O_RDWR);
  if (rec !== null) rec.emit(Ev.Leave, R.hugetlb_file_setup, f.id);
  return f;
}

/** Makes a fresh area one of huge pages and reserves them. 0, −EINVAL or −ENOMEM. Linux: hugetlbfs_file_mmap. */
function hugetlbfs_file_mmap(m: Machine, f: file, vma: vm_area_struct): number {
  const rec = m.rec;
  const node = f.inode;
  if (rec !== null) rec.emit(Ev.Enter, R.hugetlbfs_file_mmap, f.id, vma.id);
  const ret = file_mmap(m, node, vma);
  if (rec !== null) rec.emit(Ev.Leave, R.hugetlbfs_file_mmap, ret);
  return ret;
}

function file_mmap(m: Machine, node: inode, vma: vm_area_struct): number {
  vma.vm_flags |= VM_HUGETLB | VM_DONTEXPAND;
  vma.vm_ops = hugetlb_vm_ops;
  node.resv ??= new resv_map();
  const attached = m.design.attach(m, vma, hugetlbfs_pagetable_ops, pool_pages);
  if (attached !== 0) return attached;
  const offset = vma.vm_pgoff * PAGE_SIZE;
  const end = offset + (vma.vm_end - vma.vm_start);
  if (offset % node.page_bytes !== 0 || end >= 2 ** 63) return -EINVAL;
  // A file's mapping was placed so; one that a device hands over may stand anywhere.
  if (vma.vm_start % node.page_bytes !== 0 || vma.vm_end % node.page_bytes !== 0) return -EINVAL;
  if ((vma.vm_flags & VM_MAYSHARE) !== 0 || m.rules.reservesPrivate) {
    // A segment's pages were reserved when it was made.
    const flags = vma.vm_flags | (node.shmid >= 0 ? VM_NORESERVE : 0);
    const err = hugetlb_reserve_pages(m, node, offset / node.page_bytes, end / node.page_bytes, vma, flags);
    if (err !== 0) return err;
  }
  if ((vma.vm_flags & VM_WRITE) !== 0 && node.i_size < end) node.i_size = end;
  return 0;
}

/** Each area that maps pages of `[start, end)` of the file (indexes of huge pages), and where it maps them. */
function for_each_mapping(
  node: inode,
  start: number,
  end: number,
  visit: (vma: vm_area_struct, from: number, to: number) => void,
): void {
  const huge = node.page_bytes;
  const vmas = [...node.i_mapping.i_mmap].sort((a, b) => a.vm_pgoff - b.vm_pgoff);
  for (const vma of vmas) {
    const first = (vma.vm_pgoff * PAGE_SIZE) / huge;
    const from = Math.max(start, first);
    const to = Math.min(end, first + (vma.vm_end - vma.vm_start) / huge);
    if (from < to) visit(vma, vma.vm_start + (from - first) * huge, vma.vm_start + (to - first) * huge);
  }
}

/** A file unmaps its own pages: by hugetlb's routine, or by the common walk where that knows them. */
function unmap(vma: vm_area_struct, start: number, end: number): void {
  if (vma.pages === null) unmap_hugepage_range(vma, start, end);
  else unmap_page_range(vma, start, end, UNMAPPING);
}

/** Unmaps pages of `[start, end)` from every area of the file, private copies, too. Linux: hugetlb_vmdelete_list. */
const hugetlb_vmdelete_list = (node: inode, start: number, end: number): void =>
  for_each_mapping(node, start, end, unmap);

/** Takes page `pfn` of the file out of every area. Linux: hugetlb_unmap_file_folio. */
function hugetlb_unmap_file_folio(node: inode, index: number, pfn: number): void {
  for_each_mapping(node, index, index + 1, (vma, from, to) => {
    if (hugetlb_vma_maps_pfn(vma, from, pfn)) unmap(vma, from, to);
  });
}

/** Removes pages `[start, end)` from the file; `end` Infinity: a truncation. Linux: remove_inode_hugepages. */
function remove_inode_hugepages(m: Machine, node: inode, start: number, end: number): void {
  const rec = m.rec;
  if (rec !== null) rec.emit(Ev.Enter, R.remove_inode_hugepages, node.id, start, end);
  const { i_pages } = node.i_mapping;
  const truncate = end === Infinity;
  let freed = 0;
  i_pages.forEach(start, end, (index, value) => {
    const pfn = value - 1;
    if (m.frames.mapcount(pfn) > 0) hugetlb_unmap_file_folio(node, index, pfn);
    i_pages.set(index, 0);
    m.frames.clearFlags(pfn, PG_mapping | PG_dirty);
    m.frames.setMapping(pfn, 0, 0);
    if (rec !== null) rec.emit(Ev.CacheDel, node.id, index, pfn);
    if (!truncate) hugetlb_unreserve_pages(m, node, index, index + 1, 1);
    if (!m.rules.countsMountPromises) hugepage_subpool_put_pages(m, node, 1);
    hugetlb_put(m, pfn);
    freed++;
  });
  if (truncate) hugetlb_unreserve_pages(m, node, start, Infinity, freed);
  if (rec !== null) rec.emit(Ev.Leave, R.remove_inode_hugepages, freed);
}

/** Sets the file's length: 0 or −EINVAL where it is no multiple of the page size. Linux: hugetlbfs_setattr, hugetlb_vmtruncate. */
function hugetlbfs_truncate(m: Machine, node: inode, size: number): number {
  if (size % node.page_bytes !== 0) return -EINVAL;
  if (!may_resize(node, size)) return -EPERM;
  if (size > node.i_size && !m.rules.growsHugeFiles) return -EINVAL;
  const rec = m.rec;
  if (rec !== null) rec.emit(Ev.Enter, R.hugetlb_vmtruncate, node.id, size);
  node.i_size = size;
  hugetlb_vmdelete_list(node, size / node.page_bytes, Infinity);
  remove_inode_hugepages(m, node, size / node.page_bytes, Infinity);
  if (rec !== null) rec.emit(Ev.Leave, R.hugetlb_vmtruncate);
  return 0;
}

/** Linux: hugetlbfs_punch_hole. Only whole pages go; parts of pages are zeroed, which nobody sees here. */
function hugetlbfs_punch_hole(m: Machine, node: inode, offset: number, len: number): number {
  const start = roundUp(offset, node.page_bytes) / node.page_bytes;
  const end = roundDown(offset + len, node.page_bytes) / node.page_bytes;
  if (!may_punch(node)) return -EPERM;
  if (end <= start) return 0;
  hugetlb_vmdelete_list(node, start, end);
  remove_inode_hugepages(m, node, start, end);
  return 0;
}

/** Brings pages of the file to life ahead of faults, or punches a hole. 0 or −ENOSPC. Linux: hugetlbfs_fallocate. */
function hugetlbfs_fallocate(m: Machine, node: inode, mode: number, offset: number, len: number): number {
  if ((mode & ~(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE)) !== 0) return -EOPNOTSUPP;
  const rec = m.rec;
  if (rec !== null) rec.emit(Ev.Enter, R.hugetlbfs_fallocate, node.id, offset, len);
  const punch = (mode & FALLOC_FL_PUNCH_HOLE) !== 0;
  const ret = punch ? hugetlbfs_punch_hole(m, node, offset, len) : preallocate(m, node, mode, offset, len);
  if (rec !== null) rec.emit(Ev.Leave, R.hugetlbfs_fallocate, ret);
  return ret;
}

function preallocate(m: Machine, node: inode, mode: number, offset: number, len: number): number {
  const { i_mapping, page_bytes } = node;
  const end = roundUp(offset + len, page_bytes) / page_bytes;
  if (offset + len > node.i_size && !may_resize(node, offset + len)) return -EPERM;
  node.resv ??= new resv_map();
  const vma = pseudo_vma(m, node);
  for (let index = Math.floor(offset / page_bytes); index < end; index++) {
    if (i_mapping.i_pages.get(index) !== 0) continue;
    const pfn = alloc_hugetlb_folio(vma, index, false);
    if (pfn < 0) return pfn;
    zero_huge_page(m, pfn);
    m.frames.setFlags(pfn, PG_uptodate);
    hugetlb_add_to_page_cache(vma, i_mapping, pfn, index);
    hugetlb_put(m, pfn);
  }
  if ((mode & FALLOC_FL_KEEP_SIZE) === 0 && offset + len > node.i_size) node.i_size = offset + len;
  return 0;
}

/** An area of nobody, as the routines that allocate pages want one. */
function pseudo_vma(m: Machine, node: inode): vm_area_struct {
  const nobody = { machine: m } as mm_struct;
  const vma = new vm_area_struct(0, nobody, 0, 0, 0, VM_HUGETLB | VM_MAYSHARE | VM_SHARED);
  vma.vm_file = new file(0, node, '', O_RDWR);
  return vma;
}

/**
 * Reads `len` bytes at `offset`: what no page stands behind reads as zeroes, and none is made for it. The number of bytes, or
 * −EINVAL in 2007. Linux: hugetlbfs_read_iter.
 */
const hugetlbfs_read_iter = (m: Machine, node: inode, offset: number, len: number): number =>
  m.rules.readsHugeFiles ? bytes_there(node, offset, len) : -EINVAL;

/** Nobody holds the file any more. Linux: hugetlbfs_evict_inode. */
function hugetlbfs_evict_inode(m: Machine, node: inode): void {
  assert(node.i_mapping.i_mmap.size === 0, 'a mapped file is evicted');
  remove_inode_hugepages(m, node, 0, Infinity);
}

export const hugetlbfs_file_operations: FileOperations = {
  mmap: hugetlbfs_file_mmap,
  truncate: hugetlbfs_truncate,
  fallocate: hugetlbfs_fallocate,
  read: hugetlbfs_read_iter,
  evict: hugetlbfs_evict_inode,
};
