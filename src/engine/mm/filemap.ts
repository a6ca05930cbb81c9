/**
 * The page cache, and mappings of ordinary files (Linux: mm/filemap.c, with what ext4 adds). Files begin clean and wholly
 * in the cache, in pages as large as one write of the whole file makes them; what truncation takes out is read again around the
 * first touch. Left out: writeback on its own account, blocks on the disk.
 */
import { HPAGE_PMD_NR, PAGE_SIZE, PMD_SIZE, roundUp } from '../../base/units';
import { EFBIG, EINVAL, ENOMEM, EOPNOTSUPP } from '../errno';
import { Ev } from '../events';
import { bytes_there, type FileOperations, new_inode } from '../fs/file_table';
import type { Machine } from '../machine';
import { R, WHY } from '../routines';
import {
  type inode,
  VM_FAULT_NOPAGE,
  VM_FAULT_OOM,
  VM_FAULT_SIGBUS,
  type vm_area_struct,
  type vm_operations_struct,
} from './mm_types';
import { PG_dirty, PG_head, PG_mapping, PG_swapbacked, PG_uptodate } from './page_alloc';
import { walk_page_range } from './pagewalk';
import { _PAGE_DIRTY, _PAGE_PSE, _PAGE_RW, mk_pte, pte_alloc_under, pte_index, set_entry, type Table } from './pgtable';
import { add_mm_counter, alignDown, get_mapped, HPAGE_PMD_ORDER, vm_page_prot } from './prot';
import { flush_tlb_range } from './tlb';
import { truncate_inode_pages_range, truncate_pagecache, truncate_pagecache_range } from './truncate';
import {
  FALLOC_FL_COLLAPSE_RANGE,
  FALLOC_FL_INSERT_RANGE,
  FALLOC_FL_KEEP_SIZE,
  FALLOC_FL_PUNCH_HOLE,
  FALLOC_FL_ZERO_RANGE,
} from '../uapi';
import { VM_EXEC, VM_NOHUGEPAGE, VM_SHARED, VM_SYNC } from './vm_flags';

/** Pages that one fault on a page outside the cache reads, half of them before it (Linux: ra->ra_pages). */
const READ_AHEAD = 2048;

/** Length of the largest file of ext4, bytes. */
export const EXT4_MAX_BYTES = 2 ** 44 - PAGE_SIZE;

/** Largest page of the cache. Linux: MAX_PAGECACHE_ORDER. */
const MAX_PAGECACHE_ORDER = HPAGE_PMD_ORDER;

/** Linux: fs/ext4/file.c ext4_file_vm_ops. */
const generic_file_vm_ops: vm_operations_struct = { name: 'ext4_file_vm_ops', backing: 'file' };

export const generic_file_operations: FileOperations = {
  mmap(_m, _f, vma) {
    // Only persistent memory can promise what MAP_SYNC asks for. Linux: include/linux/dax.h daxdev_mapping_supported.
    if ((vma.vm_flags & VM_SYNC) !== 0) return -EOPNOTSUPP;
    vma.vm_ops = generic_file_vm_ops;
    return 0;
  },
  truncate(m, node, size) {
    const before = node.i_size;
    node.i_size = size;
    truncate_pagecache(m, node, size);
    // The end of a page that is cut is zeroed, on the disk too; where a file grows, that of its last page.
    zero_rest_of_page(m, node, Math.min(size, before), size <= before);
    return 0;
  },
  fallocate(m, node, mode, offset, len) {
    if ((mode & (FALLOC_FL_COLLAPSE_RANGE | FALLOC_FL_INSERT_RANGE)) !== 0)
      return shift_range(m, node, mode, offset, len);
    if ((mode & FALLOC_FL_ZERO_RANGE) !== 0) truncate_pagecache_range(m, node, offset, offset + len);
    else if ((mode & ~(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE)) !== 0) return -EOPNOTSUPP;
    if ((mode & FALLOC_FL_KEEP_SIZE) === 0) node.i_size = Math.max(node.i_size, offset + len);
    // A hole that reaches beyond the file's end takes its last page whole. Linux: fs/ext4/inode.c ext4_punch_hole.
    if ((mode & FALLOC_FL_PUNCH_HOLE) !== 0 && offset < node.i_size)
      truncate_pagecache_range(m, node, offset, Math.min(offset + len, roundUp(node.i_size, PAGE_SIZE)));
    return 0;
  },
  read: filemap_read,
  fsync: filemap_fdatawrite_range,
  evict: (m, node) => truncate_inode_pages_range(m, node, 0, Infinity),
};

/**
 * Zeroes what follows `size` in its page. For that the page comes into the cache, but is not read before somebody looks at it.
 * Linux: fs/ext4/inode.c ext4_block_truncate_page.
 */
function zero_rest_of_page(m: Machine, node: inode, size: number, dirty: boolean): void {
  if (size % PAGE_SIZE === 0) return;
  const index = Math.floor(size / PAGE_SIZE);
  const cached = node.i_mapping.i_pages.get(index);
  if (cached === 0) filemap_add_folio(m, node, index, 0);
  else if (dirty) m.frames.setFlags(m.frames.compound_head(cached - 1), PG_dirty);
}

/**
 * Takes `len` bytes out of the file or puts a gap into it: what comes behind moves on the disk, and its pages are written
 * back and leave the cache. Linux: fs/ext4/extents.c ext4_collapse_range, ext4_insert_range.
 */
function shift_range(m: Machine, node: inode, mode: number, offset: number, len: number): number {
  const out = (mode & FALLOC_FL_COLLAPSE_RANGE) !== 0;
  if (offset % PAGE_SIZE !== 0 || len % PAGE_SIZE !== 0) return -EINVAL;
  if (out ? offset + len >= node.i_size : offset >= node.i_size) return -EINVAL;
  if (!out && node.i_size + len > EXT4_MAX_BYTES) return -EFBIG;
  filemap_fdatawrite_range(m, node, offset, node.i_size);
  if (!out) node.i_size += len;
  truncate_pagecache(m, node, offset);
  if (out) node.i_size -= len;
  return 0;
}

/** An ordinary file of `bytes` bytes under `path`, clean and wholly in the page cache. */
export function createRegularFile(m: Machine, path: string, bytes: number): inode {
  const node = new_inode(m, 'file');
  node.i_size = bytes;
  node.i_nlink = 1;
  m.names.set(path, node);
  const pages = Math.ceil(bytes / PAGE_SIZE);
  for (let i = 0; i < pages;) {
    const order = write_order(i, bytes - i * PAGE_SIZE);
    if (filemap_add_folio(m, node, i, PG_uptodate, order) < 0) break;
    i += 2 ** order;
  }
  return node;
}

/** The order of the page that a write of `bytes` at page `index` brings into the cache. Linux: __filemap_get_folio, fgf_set_order. */
function write_order(index: number, bytes: number): number {
  let order = 0;
  while (order < MAX_PAGECACHE_ORDER && 2 ** (order + 1) * PAGE_SIZE <= bytes && index % 2 ** (order + 1) === 0)
    order++;
  return order;
}

/**
 * Puts a fresh page of 2^order frames into a file's cache, which holds one reference for each. Returns its first frame, −1
 * where memory is out. Linux: mm/filemap.c filemap_add_folio.
 */
export function filemap_add_folio(m: Machine, node: inode, index: number, flags: number, order = 0): number {
  const frames = m.frames;
  const head = frames.alloc_pages(order);
  if (head < 0) return -1;
  frames.setFlags(head, PG_mapping | flags);
  if (order > 0) frames.get_page(head, 2 ** order - 1);
  m.meter.spend(2 ** order);
  for (let i = 0; i < 2 ** order; i++) {
    frames.setMapping(head + i, node.id, index + i);
    node.i_mapping.i_pages.set(index + i, head + i + 1);
    if (m.rec !== null) m.rec.emit(Ev.CacheAdd, node.id, index + i, head + i);
  }
  return head;
}

/**
 * Reads missing pages from the disk: those around `index`, of code those from it to the end of the area. False where memory is
 * out. Linux: mm/filemap.c do_sync_mmap_readahead.
 */
export function do_sync_mmap_readahead(vma: vm_area_struct, index: number): boolean {
  const m = vma.vm_mm.machine;
  const node = vma.vm_file!.inode;
  const code = (vma.vm_flags & VM_EXEC) !== 0;
  const first = code ? index : Math.max(0, index - READ_AHEAD / 2);
  const end = code ? vma.vm_pgoff + (vma.vm_end - vma.vm_start) / PAGE_SIZE : Infinity;
  const after = Math.min(first + READ_AHEAD, end, Math.ceil(node.i_size / PAGE_SIZE));
  for (let i = first; i < after; i++)
    if (node.i_mapping.i_pages.get(i) === 0 && filemap_add_folio(m, node, i, PG_uptodate) < 0) return false;
  return true;
}

/** Brings what is read into the cache. Left out: reading ahead of it. Linux: mm/filemap.c filemap_read. */
function filemap_read(m: Machine, node: inode, offset: number, len: number): number {
  const bytes = bytes_there(node, offset, len);
  const end = offset + bytes;
  for (let index = Math.floor(offset / PAGE_SIZE); index * PAGE_SIZE < end; index++) {
    m.meter.spend(1);
    const cached = node.i_mapping.i_pages.get(index);
    if (cached > 0) m.frames.setFlags(m.frames.compound_head(cached - 1), PG_uptodate);
    else if (filemap_add_folio(m, node, index, PG_uptodate) < 0) {
      const read = index * PAGE_SIZE - offset;
      return read > 0 ? read : -ENOMEM;
    }
  }
  return bytes;
}

/** The frame behind page `index` of the file, or −VM_FAULT_*. Linux: mm/filemap.c filemap_fault. */
export function filemap_fault(vma: vm_area_struct, index: number): number {
  const m = vma.vm_mm.machine;
  const node = vma.vm_file!.inode;
  if (m.rec !== null) m.rec.emit(Ev.Enter, R.filemap_fault, vma.id, index);
  let result: number;
  if (index * PAGE_SIZE >= node.i_size) {
    if (m.rec !== null) m.rec.emit(Ev.Decide, WHY.beyond_file, node.id, index);
    result = -VM_FAULT_SIGBUS;
  } else {
    const cached = node.i_mapping.i_pages.get(index);
    result = cached > 0 ? cached - 1 : -VM_FAULT_OOM;
    // A page that is in the cache without its contents is read now.
    if (cached > 0) m.frames.setFlags(m.frames.compound_head(cached - 1), PG_uptodate);
  }
  if (m.rec !== null) m.rec.emit(Ev.Leave, R.filemap_fault, result);
  return result;
}

/**
 * Maps every page of `[start_pgoff, end_pgoff]` that is in the cache and not mapped yet, and all of a large page that begins or
 * ends beyond; NOPAGE if the faulting one is among them. Shared memory has it, too. Linux: mm/filemap.c filemap_map_pages.
 */
export function filemap_map_pages(
  vma: vm_area_struct,
  address: number,
  pmd: Table,
  pmd_at: number,
  start_pgoff: number,
  end_pgoff: number,
): number {
  const mm = vma.vm_mm;
  const m = mm.machine;
  const node = vma.vm_file!.inode;
  const pages = node.i_mapping.i_pages;
  const frames = m.frames;
  const file_end = Math.ceil(node.i_size / PAGE_SIZE) - 1;
  const last = Math.min(end_pgoff, file_end);
  const prot = vm_page_prot(vma);
  let table = pmd.down![pmd_at]!;
  let ret = 0;
  let mapped = 0;
  if (m.rec !== null) m.rec.emit(Ev.Enter, R.filemap_map_pages, vma.id, start_pgoff, end_pgoff);
  for (let pgoff = start_pgoff; pgoff <= last; pgoff++) {
    const cached = pages.get(pgoff);
    if (cached === 0) continue;
    let pfn = cached - 1;
    const head = frames.compound_head(pfn);
    const flags = frames.flags(head);
    if ((flags & PG_uptodate) === 0) continue;
    // A page that reaches the file's last one is not mapped whole; found first, 6.18 does not even make a missing table for it.
    const whole = (flags & PG_swapbacked) !== 0 || file_end >= frames.index(head) + 2 ** frames.order(head);
    if (!whole && table === null) break;
    let n = 1;
    if (whole && (flags & PG_head) !== 0) {
      if (table === null && do_set_pmd(vma, pmd, pmd_at, address, head, prot)) {
        ret = VM_FAULT_NOPAGE;
        break;
      }
      if (folio_fits(vma, address, head)) {
        n = 2 ** frames.order(head);
        pfn = head;
        pgoff = frames.index(head);
      }
    }
    // A writable entry of a page that is dirty anyway need not tell once more.
    const dirty = (prot & _PAGE_RW) !== 0 && (flags & PG_dirty) !== 0 ? _PAGE_DIRTY : 0;
    for (let k = 0; k < n; k++) {
      const at = vma.vm_start + (pgoff + k - vma.vm_pgoff) * PAGE_SIZE;
      if (table === null) table = pte_alloc_under(mm, pmd, pmd_at, at);
      const i = pte_index(at);
      if (table.entries[i] !== 0) continue;
      get_mapped(m, pfn + k);
      set_entry(mm, table, i, at, mk_pte(pfn + k, prot | dirty));
      if ((flags & PG_swapbacked) !== 0) mm.rss_shmem++;
      else mm.rss_file++;
      mapped++;
      if (at === address) ret = VM_FAULT_NOPAGE;
    }
    pgoff += n - 1;
  }
  if (m.rec !== null) {
    if (mapped > 1) m.rec.emit(Ev.Decide, WHY.around_fault, mapped, start_pgoff, end_pgoff);
    m.rec.emit(Ev.Leave, R.filemap_map_pages, ret);
  }
  return ret;
}

/** Whether all of a large page lies within the area, and within the page table of `address`. Linux: folio_within_vma. */
export function folio_fits(vma: vm_area_struct, address: number, head: number): boolean {
  const frames = vma.vm_mm.machine.frames;
  const start = vma.vm_start + (frames.index(head) - vma.vm_pgoff) * PAGE_SIZE;
  const end = start + 2 ** frames.order(head) * PAGE_SIZE;
  const block = alignDown(address, PMD_SIZE);
  return start >= vma.vm_start && end <= vma.vm_end && start >= block && end <= block + PMD_SIZE;
}

/**
 * Maps a 2 MiB page of the cache by one entry, where the area and the file allow it. Linux: mm/memory.c do_set_pmd, with what
 * its callers ask about the end of the file.
 */
export function do_set_pmd(
  vma: vm_area_struct,
  pmd: Table,
  index: number,
  address: number,
  head: number,
  prot: number,
): boolean {
  const mm = vma.vm_mm;
  const frames = mm.machine.frames;
  if (frames.order(head) !== HPAGE_PMD_ORDER || (vma.vm_flags & VM_NOHUGEPAGE) !== 0) return false;
  if (frames.index(head) + HPAGE_PMD_NR > Math.ceil(vma.vm_file!.inode.i_size / PAGE_SIZE)) return false;
  const haddr = alignDown(address, PMD_SIZE);
  if (haddr < vma.vm_start || haddr + PMD_SIZE > vma.vm_end) return false;
  if ((vma.vm_start / PAGE_SIZE - vma.vm_pgoff) % HPAGE_PMD_NR !== 0) return false;
  if (pmd.entries[index] !== 0 || pmd.down![index] !== null) return false;
  frames.get_page(head);
  const mapcount = frames.addEntireMapcount(head, 1);
  if (mm.machine.rec !== null) mm.machine.rec.emit(Ev.FrameGet, head, frames.refcount(head), mapcount);
  add_mm_counter(mm, head, HPAGE_PMD_NR);
  set_entry(mm, pmd, index, haddr, mk_pte(head, prot | _PAGE_PSE));
  return true;
}

/**
 * Writes the file's dirty pages of `[start, end)` bytes back: they are clean again, and their next write must fault.
 * Linux: mm/filemap.c filemap_fdatawrite_range with mm/rmap.c folio_mkclean.
 */
function filemap_fdatawrite_range(m: Machine, node: inode, start: number, end: number): void {
  const frames = m.frames;
  node.i_mapping.i_pages.forEach(Math.floor(start / PAGE_SIZE), Math.ceil(end / PAGE_SIZE), (_index, value) => {
    const head = frames.compound_head(value - 1);
    if ((frames.flags(head) & PG_dirty) === 0) return;
    frames.clearFlags(head, PG_dirty);
    const first = frames.index(head);
    const after = first + 2 ** frames.order(head);
    for (const vma of node.i_mapping.i_mmap) {
      if ((vma.vm_flags & VM_SHARED) === 0) continue;
      const from = Math.max(vma.vm_start, vma.vm_start + (first - vma.vm_pgoff) * PAGE_SIZE);
      const to = Math.min(vma.vm_end, vma.vm_start + (after - vma.vm_pgoff) * PAGE_SIZE);
      if (from < to) mkclean(vma, from, to);
    }
  });
}

/** Takes the write permission from the entries of `[start, end)`. Linux: mm/rmap.c page_vma_mkclean_one. */
function mkclean(vma: vm_area_struct, start: number, end: number): void {
  const mm = vma.vm_mm;
  let found = false;
  walk_page_range(mm, start, end, (address, entry, table, index) => {
    if ((entry & (_PAGE_RW | _PAGE_DIRTY)) === 0) return;
    found = true;
    set_entry(mm, table, index, address, (entry & ~(_PAGE_RW | _PAGE_DIRTY)) >>> 0);
  });
  if (found) flush_tlb_range(mm, start, end);
}
