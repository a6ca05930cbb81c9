/**
 * The page cache, and mappings of ordinary files (Linux: mm/filemap.c, with what ext4 adds). Files begin clean and wholly
 * in the cache; what truncation takes out of it is read again around the first touch. Left out: sizes of folios, writeback
 * on its own account, blocks on the disk.
 */
import { PAGE_SIZE } from '../../base/units';
import { Ev } from '../events';
import { type FileOperations, new_inode } from '../fs/file';
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
import { PG_dirty, PG_mapping, PG_swapbacked, PG_uptodate } from './page_alloc';
import {
  _PAGE_DIRTY,
  _PAGE_RW,
  mk_pte,
  pte_alloc_under,
  pte_index,
  pte_pfn,
  pte_table,
  set_entry,
  type Table,
} from './pgtable';
import { get_mapped, vm_page_prot } from './prot';
import { flush_tlb_range } from './tlb';
import { truncate_pagecache } from './truncate';
import { VM_SHARED } from './vm_flags';

/** Pages that one fault on a page outside the cache reads, half of them before it (Linux: ra->ra_pages). */
const READ_AHEAD = 2048;

/** Linux: fs/ext4/file.c ext4_file_vm_ops. */
const generic_file_vm_ops: vm_operations_struct = { name: 'ext4_file_vm_ops', backing: 'file' };

export const generic_file_operations: FileOperations = {
  mmap(_m, _f, vma) {
    vma.vm_ops = generic_file_vm_ops;
    return 0;
  },
  truncate(m, node, size) {
    node.i_size = size;
    truncate_pagecache(m, node, size);
    return 0;
  },
  fallocate(_m, node, mode, offset, len) {
    if (mode === 0) node.i_size = Math.max(node.i_size, offset + len);
    return 0;
  },
  fsync: filemap_fdatawrite_range,
};

/** An ordinary file of `bytes` bytes under `path`, clean and wholly in the page cache. */
export function createRegularFile(m: Machine, path: string, bytes: number): inode {
  const node = new_inode(m, 'file');
  node.i_size = bytes;
  node.i_nlink = 1;
  m.names.set(path, node);
  const pages = Math.ceil(bytes / PAGE_SIZE);
  for (let i = 0; i < pages; i++) filemap_add_folio(m, node, i, PG_uptodate);
  return node;
}

/** Puts a fresh page into a file's cache. Returns its frame, −1 where memory is out. Linux: mm/filemap.c filemap_add_folio. */
export function filemap_add_folio(m: Machine, node: inode, index: number, flags: number): number {
  const frames = m.frames;
  const pfn = frames.alloc_pages(0);
  if (pfn < 0) return -1;
  frames.setFlags(pfn, PG_mapping | flags);
  frames.setMapping(pfn, node.id, index);
  node.i_mapping.i_pages.set(index, pfn + 1);
  if (m.rec !== null) m.rec.emit(Ev.CacheAdd, node.id, index, pfn);
  return pfn;
}

/** Reads the missing pages around `index` from the disk. Linux: mm/filemap.c do_sync_mmap_readahead. */
export function do_sync_mmap_readahead(m: Machine, node: inode, index: number): boolean {
  const first = Math.max(0, index - READ_AHEAD / 2);
  const after = Math.min(first + READ_AHEAD, Math.ceil(node.i_size / PAGE_SIZE));
  for (let i = first; i < after; i++)
    if (node.i_mapping.i_pages.get(i) === 0 && filemap_add_folio(m, node, i, PG_uptodate) < 0) return false;
  return true;
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
  }
  if (m.rec !== null) m.rec.emit(Ev.Leave, R.filemap_fault, result);
  return result;
}

/**
 * Maps every page of `[start_pgoff, end_pgoff]` that is in the cache and not mapped yet; NOPAGE if the faulting one is among
 * them. Shared memory has it, too. Linux: mm/filemap.c filemap_map_pages.
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
  const last = Math.min(end_pgoff, Math.ceil(node.i_size / PAGE_SIZE) - 1);
  const prot = vm_page_prot(vma);
  let table = pmd.down![pmd_at]!;
  let ret = 0;
  let mapped = 0;
  if (m.rec !== null) m.rec.emit(Ev.Enter, R.filemap_map_pages, vma.id, start_pgoff, end_pgoff);
  for (let pgoff = start_pgoff; pgoff <= last; pgoff++) {
    const cached = pages.get(pgoff);
    if (cached === 0) continue;
    const pfn = cached - 1;
    const flags = m.frames.flags(pfn);
    if ((flags & PG_uptodate) === 0) continue;
    const at = vma.vm_start + (pgoff - vma.vm_pgoff) * PAGE_SIZE;
    if (table === null) table = pte_alloc_under(mm, pmd, pmd_at, at);
    const i = pte_index(at);
    if (table.entries[i] !== 0) continue;
    get_mapped(m, pfn);
    // A writable entry of a page that is dirty anyway need not tell once more.
    const dirty = (prot & _PAGE_RW) !== 0 && (flags & PG_dirty) !== 0 ? _PAGE_DIRTY : 0;
    set_entry(mm, table, i, at, mk_pte(pfn, prot | dirty));
    if ((flags & PG_swapbacked) !== 0) mm.rss_shmem++;
    else mm.rss_file++;
    mapped++;
    if (at === address) ret = VM_FAULT_NOPAGE;
  }
  if (m.rec !== null) {
    if (mapped > 1) m.rec.emit(Ev.Decide, WHY.around_fault, mapped, start_pgoff, end_pgoff);
    m.rec.emit(Ev.Leave, R.filemap_map_pages, ret);
  }
  return ret;
}

/**
 * Writes the file's dirty pages of `[start, end)` bytes back: they are clean again, and their next write must fault.
 * Linux: mm/filemap.c filemap_fdatawrite_range with mm/rmap.c folio_mkclean.
 */
function filemap_fdatawrite_range(m: Machine, node: inode, start: number, end: number): void {
  node.i_mapping.i_pages.forEach(Math.floor(start / PAGE_SIZE), Math.ceil(end / PAGE_SIZE), (index, value) => {
    const pfn = value - 1;
    if ((m.frames.flags(pfn) & PG_dirty) === 0) return;
    m.frames.clearFlags(pfn, PG_dirty);
    for (const vma of node.i_mapping.i_mmap) {
      const at = vma.vm_start + (index - vma.vm_pgoff) * PAGE_SIZE;
      if ((vma.vm_flags & VM_SHARED) === 0 || at < vma.vm_start || at >= vma.vm_end) continue;
      const table = pte_table(vma.vm_mm, at);
      if (table === null) continue;
      const i = pte_index(at);
      const entry = table.entries[i]!;
      if (pte_pfn(entry) !== pfn || (entry & (_PAGE_RW | _PAGE_DIRTY)) === 0) continue;
      set_entry(vma.vm_mm, table, i, at, (entry & ~(_PAGE_RW | _PAGE_DIRTY)) >>> 0);
      flush_tlb_range(vma.vm_mm, at, at + PAGE_SIZE);
    }
  });
}
