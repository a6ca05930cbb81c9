/**
 * Page faults of ordinary memory (Linux: mm/memory.c handle_mm_fault and below). The rest of that file stands in memory_*.ts.
 * Left out: swapping, migration, NUMA hints, userfaultfd, KSM, DAX, sizes between 4 KiB and 2 MiB.
 */
import { PAGE_SIZE, PMD_SIZE } from '../../base/units';
import { ask } from '../designs/design';
import { Ev } from '../events';
import { R, WHY } from '../routines';
import { do_set_pmd, do_sync_mmap_readahead, filemap_fault, filemap_map_pages, folio_fits } from './filemap';
import { do_huge_pmd_anonymous_page, do_huge_pmd_wp_page, __split_huge_pmd, thp_vma_allowable } from './huge_memory';
import { leaf_fault } from './leaf_fault';
import {
  FAULT_FLAG_REMOTE,
  FAULT_FLAG_WRITE,
  type mm_struct,
  VM_FAULT_ERROR,
  VM_FAULT_FALLBACK,
  VM_FAULT_MAJOR,
  VM_FAULT_OOM,
  VM_FAULT_RETRY,
  VM_FAULT_SIGBUS,
  VM_FAULT_SIGSEGV,
  type vm_area_struct,
} from './mm_types';
import { PG_anon, PG_anon_exclusive, PG_dirty, PG_head, PG_tail, PG_uptodate, PG_written } from './page_alloc';
import { walk_page_range } from './pagewalk';
import {
  _PAGE_ACCESSED,
  _PAGE_DIRTY,
  _PAGE_RW,
  _PAGE_SPECIAL,
  get_and_clear_entry,
  has_room_for_tables,
  mk_pte,
  pmd_alloc,
  pmd_index,
  pte_alloc_under,
  pte_index,
  pte_pfn,
  PTE,
  PTE_MARKER_GUARD,
  PTRS_PER_TABLE,
  pud_alloc,
  pud_index,
  set_entry,
  type Table,
} from './pgtable';
import {
  add_mm_counter,
  alignDown,
  get_mapped,
  page_offset,
  put_unmapped,
  swapbacked,
  vm_page_prot,
  ZERO_PFN,
} from './prot';
import { anon_vma_prepare } from './rmap';
import { shmem_fault } from './shmem';
import { flush_tlb_range } from './tlb';
import { vdso_fault, vvar_fault } from './vdso';
import { VM_MAYSHARE, VM_PFNMAP, VM_SHARED, VM_WRITE } from './vm_flags';

export { copy_page_range } from './memory_copy';
export { change_protection_range } from './memory_protect';
export { free_pgtables } from './memory_tables';
export { madvise_free_range } from './memory_free';
export { unmap_vmas, zap_page_range_single } from './memory_zap';

/** Pages that one read fault of a file maps at most. Linux: fault_around_pages. */
const FAULT_AROUND_PAGES = 16;

/**
 * Linux: mm/memory.c handle_mm_fault. Resolves one fault at `address` of an area that allows the access; asks the design who
 * does it. Counts the minor fault. Returns VM_FAULT_* bits.
 */
export function handle_mm_fault(mm: mm_struct, vma: vm_area_struct, address: number, flags: number): number {
  const m = mm.machine;
  const rec = m.rec;
  m.meter.spend(2);
  if (rec !== null) rec.emit(Ev.Enter, R.handle_mm_fault, vma.id, address, flags);
  const fault = ask.fault(m, vma);
  let ret: number;
  if (!has_room_for_tables(mm, address)) ret = VM_FAULT_OOM;
  else ret = fault === undefined ? __handle_mm_fault(mm, vma, address, flags) : fault(mm, vma, address, flags);
  if ((ret & (VM_FAULT_ERROR | VM_FAULT_RETRY | VM_FAULT_MAJOR)) === 0) m.outcome.minflt++;
  if (rec !== null) rec.emit(Ev.Leave, R.handle_mm_fault, ret);
  return ret;
}

/** Linux: mm/memory.c __handle_mm_fault. */
export function __handle_mm_fault(mm: mm_struct, vma: vm_area_struct, address: number, flags: number): number {
  if (vma.vm_ops === null && mm.cached_pte_table !== null) {
    // The table used last serves the next page as well: the walk would lead to it.
    const offset = address - mm.cached_pte_base;
    if (offset >= 0 && offset < PMD_SIZE && mm.cached_pte_table.entries[(offset / PAGE_SIZE) | 0] === 0)
      return do_anonymous_page(mm, vma, alignDown(address, PAGE_SIZE), flags, mm.cached_pte_table);
  }
  if (vma.pages !== null) return leaf_fault(mm, vma, address, flags);
  const pud = pud_alloc(mm, address);
  // A driver's leaf of 1 GiB: there is nothing below it.
  if (pud.entries[pud_index(address)] !== 0) return (flags & FAULT_FLAG_WRITE) === 0 ? 0 : VM_FAULT_SIGBUS;
  const pmd = pmd_alloc(mm, address);
  const index = pmd_index(address);
  const huge = pmd.entries[index]!;
  if (huge === 0) {
    if (pmd.down![index] === null && thp_vma_allowable(vma)) {
      const ret = do_huge_pmd_anonymous_page(vma, pmd, index, address, flags);
      if ((ret & VM_FAULT_FALLBACK) === 0) return ret;
    }
  } else if ((flags & FAULT_FLAG_WRITE) !== 0 && (huge & _PAGE_RW) === 0) {
    if (vma.vm_ops === null) {
      const ret = do_huge_pmd_wp_page(vma, pmd, index, address);
      if ((ret & VM_FAULT_FALLBACK) === 0) return ret;
    } else __split_huge_pmd(vma, pmd, index, address);
  } else {
    const dirty = (flags & FAULT_FLAG_WRITE) !== 0 ? _PAGE_DIRTY : 0;
    set_entry(mm, pmd, index, address, (huge | _PAGE_ACCESSED | dirty) >>> 0);
    return 0;
  }
  return handle_pte_fault(mm, vma, alignDown(address, PAGE_SIZE), flags, pmd, index);
}

/** Linux: mm/memory.c handle_pte_fault. */
function handle_pte_fault(
  mm: mm_struct,
  vma: vm_area_struct,
  address: number,
  flags: number,
  pmd: Table,
  index: number,
): number {
  const table = pmd.down![index]!;
  const entry = table === null ? 0 : table.entries[pte_index(address)]!;
  if (entry === 0)
    return vma.vm_ops === null
      ? do_anonymous_page(mm, vma, address, flags, table ?? pte_alloc_under(mm, pmd, index, address))
      : do_fault(vma, address, flags, pmd, index);
  if (entry === PTE_MARKER_GUARD) return VM_FAULT_SIGSEGV;
  const write = (flags & FAULT_FLAG_WRITE) !== 0;
  if (write && (entry & _PAGE_RW) === 0) return do_wp_page(vma, address, table!, entry);
  const young = (entry | _PAGE_ACCESSED | (write ? _PAGE_DIRTY : 0)) >>> 0;
  if (young !== entry) set_entry(mm, table!, pte_index(address), address, young);
  return 0;
}

/** Linux: mm/memory.c do_anonymous_page. */
function do_anonymous_page(mm: mm_struct, vma: vm_area_struct, address: number, flags: number, table: Table): number {
  if ((vma.vm_flags & VM_SHARED) !== 0) return VM_FAULT_SIGBUS;
  const m = mm.machine;
  const rec = m.rec;
  if (rec !== null) rec.emit(Ev.Enter, R.do_anonymous_page, vma.id, address, flags);
  let ret = 0;
  if ((flags & FAULT_FLAG_WRITE) === 0) {
    if (rec !== null) rec.emit(Ev.Decide, WHY.zero_page, vma.id, address);
    set_entry(mm, table, pte_index(address), address, mk_pte(ZERO_PFN, vm_page_prot(vma) | _PAGE_SPECIAL));
  } else {
    // What the kernel brings in ahead of a touch is zeroes until somebody writes.
    const written = (flags & FAULT_FLAG_REMOTE) === 0 ? PG_written : 0;
    if (written === 0) m.has_blank_pages = true;
    const pfn = anon_vma_prepare(vma) === 0 ? new_anon_page(vma, address, written) : -1;
    if (pfn < 0) ret = VM_FAULT_OOM;
    else {
      m.frames.zero(pfn, 0);
      set_anon_entry(vma, address, table, pfn);
      mm.rss_anon++;
    }
  }
  if (rec !== null) rec.emit(Ev.Leave, R.do_anonymous_page, ret);
  return ret;
}

/** A fresh frame, this area's alone; `written` is PG_written or 0. −1 where memory is out. Linux: folio_prealloc, folio_add_new_anon_rmap. */
function new_anon_page(vma: vm_area_struct, address: number, written: number): number {
  return vma.vm_mm.machine.frames.alloc_mapped(
    PG_anon | swapbacked(vma) | PG_anon_exclusive | PG_uptodate | written,
    vma.anon_vma!.id,
    page_offset(vma, address),
  );
}

/** Maps a private page, writable if the area is. Linux: maybe_mkwrite(pte_mkdirty(mk_pte)). */
function set_anon_entry(vma: vm_area_struct, address: number, table: Table, pfn: number): void {
  const write = (vma.vm_flags & VM_WRITE) !== 0 ? _PAGE_RW : 0;
  const bits = vm_page_prot(vma) | _PAGE_DIRTY | write;
  set_entry(vma.vm_mm, table, pte_index(address), address, mk_pte(pfn, bits));
}

/** The frame behind a page of the file, or −VM_FAULT_*. Linux: mm/memory.c __do_fault. */
function __do_fault(vma: vm_area_struct, index: number): number {
  switch (vma.vm_ops!.backing) {
    case 'file':
      return filemap_fault(vma, index);
    case 'shmem':
      return shmem_fault(vma, index);
    case 'special':
      return vdso_fault(vma, index);
    default:
      return -VM_FAULT_SIGBUS;
  }
}

/**
 * Brings the page into the cache where it must come from the disk: then the fault starts again, as a major one (MAJOR), or
 * as it was where the page stood in the cache without its contents (RETRY). 0 for nothing to be done.
 */
function read_in(vma: vm_area_struct, index: number): number {
  if (vma.vm_ops!.backing !== 'file') return 0;
  const node = vma.vm_file!.inode;
  if (index * PAGE_SIZE >= node.i_size) return 0;
  const cached = node.i_mapping.i_pages.get(index);
  if (cached === 0) return do_sync_mmap_readahead(vma, index) ? VM_FAULT_MAJOR : 0;
  const { frames } = vma.vm_mm.machine;
  const head = frames.compound_head(cached - 1);
  if ((frames.flags(head) & PG_uptodate) !== 0) return 0;
  frames.setFlags(head, PG_uptodate);
  return VM_FAULT_RETRY;
}

/** Linux: mm/memory.c do_fault: a page of a file that this process does not map yet. */
function do_fault(vma: vm_area_struct, address: number, flags: number, pmd: Table, index: number): number {
  const m = vma.vm_mm.machine;
  if (m.rec !== null) m.rec.emit(Ev.Enter, R.do_fault, vma.id, address, flags);
  let ret: number;
  if ((vma.vm_flags & VM_PFNMAP) !== 0)
    ret = vvar_fault(vma, address, pmd.down![index] ?? pte_alloc_under(vma.vm_mm, pmd, index, address));
  else if ((flags & FAULT_FLAG_WRITE) === 0) ret = do_read_fault(vma, address, pmd, index);
  else if ((vma.vm_flags & VM_SHARED) === 0) ret = do_cow_fault(vma, address, pmd, index);
  else ret = do_shared_fault(vma, address, pmd, index);
  if (m.rec !== null) m.rec.emit(Ev.Leave, R.do_fault, ret);
  return ret;
}

/** Linux: mm/memory.c do_read_fault. */
function do_read_fault(vma: vm_area_struct, address: number, pmd: Table, index: number): number {
  const m = vma.vm_mm.machine;
  const pgoff = page_offset(vma, address);
  if (m.rec !== null) m.rec.emit(Ev.Enter, R.do_read_fault, vma.id, address);
  let ret = can_map_around(vma) ? do_fault_around(vma, address, pgoff, pmd, index) : 0;
  if (ret === 0) {
    const again = read_in(vma, pgoff);
    if (again !== 0) ret = do_fault_around(vma, address, pgoff, pmd, index);
    if (ret === 0) {
      const pfn = __do_fault(vma, pgoff);
      ret = pfn < 0 ? -pfn : finish_fault(vma, address, pmd, index, pfn, vm_page_prot(vma));
    }
    ret |= again & VM_FAULT_MAJOR;
  }
  if (m.rec !== null) m.rec.emit(Ev.Leave, R.do_read_fault, ret);
  return ret;
}

/** Linux: mm/memory.c should_fault_around. The operations of a System V segment's areas have no map_pages. */
const can_map_around = (vma: vm_area_struct): boolean =>
  (vma.vm_ops!.backing === 'file' || vma.vm_ops!.backing === 'shmem') && vma.vm_file!.inode.shmid < 0;

/** Linux: mm/memory.c do_fault_around: the aligned window of 16 pages, within the area and the page table. */
function do_fault_around(vma: vm_area_struct, address: number, pgoff: number, pmd: Table, index: number): number {
  const m = vma.vm_mm.machine;
  const pte_off = pte_index(address);
  const vma_off = pgoff - vma.vm_pgoff;
  const vma_pages = (vma.vm_end - vma.vm_start) / PAGE_SIZE;
  const from = Math.max(alignDown(pte_off, FAULT_AROUND_PAGES), pte_off - Math.min(pte_off, vma_off));
  const to = Math.min(from + FAULT_AROUND_PAGES, PTRS_PER_TABLE, pte_off + vma_pages - vma_off) - 1;
  if (m.rec !== null) m.rec.emit(Ev.Enter, R.do_fault_around, vma.id, pgoff + from - pte_off, pgoff + to - pte_off);
  const ret = filemap_map_pages(vma, address, pmd, index, pgoff + from - pte_off, pgoff + to - pte_off);
  if (m.rec !== null) m.rec.emit(Ev.Leave, R.do_fault_around, ret);
  return ret;
}

/** Linux: mm/memory.c do_cow_fault: a write to a private mapping makes the copy at once. */
function do_cow_fault(vma: vm_area_struct, address: number, pmd: Table, index: number): number {
  const mm = vma.vm_mm;
  const m = mm.machine;
  const pgoff = page_offset(vma, address);
  if (m.rec !== null) m.rec.emit(Ev.Enter, R.do_cow_fault, vma.id, address);
  let ret = anon_vma_prepare(vma) === 0 ? 0 : VM_FAULT_OOM;
  if (ret === 0) {
    ret = read_in(vma, pgoff) & VM_FAULT_MAJOR;
    const from = __do_fault(vma, pgoff);
    const pfn = from < 0 ? from : new_anon_page(vma, address, PG_written);
    if (from < 0) ret = -from;
    else if (pfn < 0) ret = VM_FAULT_OOM;
    else {
      m.frames.copy(from, pfn, 0);
      const table = pmd.down![index] ?? pte_alloc_under(mm, pmd, index, address);
      set_anon_entry(vma, address, table, pfn);
      mm.rss_anon++;
    }
  }
  if (m.rec !== null) m.rec.emit(Ev.Leave, R.do_cow_fault, ret);
  return ret;
}

/** Linux: mm/memory.c do_shared_fault. */
function do_shared_fault(vma: vm_area_struct, address: number, pmd: Table, index: number): number {
  const m = vma.vm_mm.machine;
  const pgoff = page_offset(vma, address);
  if (m.rec !== null) m.rec.emit(Ev.Enter, R.do_shared_fault, vma.id, address);
  const major = read_in(vma, pgoff) & VM_FAULT_MAJOR;
  const pfn = __do_fault(vma, pgoff);
  let ret: number;
  if (pfn < 0) ret = -pfn;
  else {
    do_page_mkwrite(vma, pfn);
    ret = finish_fault(vma, address, pmd, index, pfn, vm_page_prot(vma) | _PAGE_RW | _PAGE_DIRTY) | major;
  }
  if (m.rec !== null) m.rec.emit(Ev.Leave, R.do_shared_fault, ret);
  return ret;
}

/** The file hears that a page of it is about to be written, and marks it dirty. Linux: mm/memory.c do_page_mkwrite, fault_dirty_shared_page. */
function do_page_mkwrite(vma: vm_area_struct, pfn: number): void {
  const m = vma.vm_mm.machine;
  const told = vma.vm_ops!.backing === 'file' && m.rec !== null;
  if (told) m.rec!.emit(Ev.Enter, R.do_page_mkwrite, vma.id, pfn);
  m.frames.setFlags(m.frames.compound_head(pfn), PG_dirty);
  if (told) m.rec!.emit(Ev.Leave, R.do_page_mkwrite);
}

/**
 * Maps a page of the file; a large page of the cache whole, where the area, the table and the file's end leave it room. Linux:
 * mm/memory.c finish_fault, for what is not copied.
 */
function finish_fault(
  vma: vm_area_struct,
  address: number,
  pmd: Table,
  index: number,
  pfn: number,
  prot: number,
): number {
  const mm = vma.vm_mm;
  const frames = mm.machine.frames;
  const head = frames.compound_head(pfn);
  if (do_set_pmd(vma, pmd, index, address, head, prot)) return 0;
  const table = pmd.down![index] ?? pte_alloc_under(mm, pmd, index, address);
  let first = pte_index(address);
  let n = 1;
  if (head !== pfn || frames.order(head) > 0) {
    const whole = large_fits(vma, address, table, pfn, head);
    if (whole > 0) {
      n = whole;
      first -= pfn - head;
    }
  }
  const from = n === 1 ? pfn : head;
  const at = address - (pfn - from) * PAGE_SIZE;
  for (let i = 0; i < n; i++) {
    get_mapped(mm.machine, from + i);
    set_entry(mm, table, first + i, at + i * PAGE_SIZE, mk_pte(from + i, prot));
  }
  add_mm_counter(mm, pfn, n);
  return 0;
}

/** Frames of the large page `head` if all of it can be mapped around `address`, else 0. */
function large_fits(vma: vm_area_struct, address: number, table: Table, pfn: number, head: number): number {
  const frames = vma.vm_mm.machine.frames;
  const n = 2 ** frames.order(head);
  if (frames.index(head) + n > Math.ceil(vma.vm_file!.inode.i_size / PAGE_SIZE)) return 0;
  if (!folio_fits(vma, address, head)) return 0;
  const first = pte_index(address) - (pfn - head);
  for (let i = first; i < first + n; i++) if (table.entries[i] !== 0) return 0;
  return n;
}

/** Linux: mm/memory.c do_wp_page: a write to a present page whose entry does not allow it. */
function do_wp_page(vma: vm_area_struct, address: number, table: Table, entry: number): number {
  const mm = vma.vm_mm;
  const m = mm.machine;
  const pfn = pte_pfn(entry);
  const i = pte_index(address);
  if (m.rec !== null) m.rec.emit(Ev.Enter, R.do_wp_page, vma.id, address, pfn);
  let ret = 0;
  if ((vma.vm_flags & (VM_SHARED | VM_MAYSHARE)) !== 0) {
    if (m.rec !== null) m.rec.emit(Ev.Enter, R.wp_page_shared, vma.id, address);
    do_page_mkwrite(vma, pfn);
    set_entry(mm, table, i, address, (entry | _PAGE_RW | _PAGE_DIRTY | _PAGE_ACCESSED) >>> 0);
    if (m.rec !== null) m.rec.emit(Ev.Leave, R.wp_page_shared);
  } else if ((entry & _PAGE_SPECIAL) === 0 && wp_can_reuse(vma, address, pfn)) {
    if (m.rec !== null) {
      m.rec.emit(Ev.Enter, R.wp_page_reuse, vma.id, address);
      m.rec.emit(Ev.Decide, WHY.reuse_exclusive, pfn, m.frames.refcount(m.frames.compound_head(pfn)), vma.id);
    }
    const write = (vma.vm_flags & VM_WRITE) !== 0 ? _PAGE_RW : 0;
    set_entry(mm, table, i, address, (entry | write | _PAGE_DIRTY | _PAGE_ACCESSED) >>> 0);
    if (m.rec !== null) m.rec.emit(Ev.Leave, R.wp_page_reuse);
  } else ret = wp_page_copy(vma, address, table, entry);
  if (m.rec !== null) m.rec.emit(Ev.Leave, R.do_wp_page, ret);
  return ret;
}

/** Whether the page is anonymous and this process's alone, which it then is for good. Linux: wp_can_reuse_anon_folio. */
function wp_can_reuse(vma: vm_area_struct, address: number, pfn: number): boolean {
  const frames = vma.vm_mm.machine.frames;
  const flags = frames.flags(pfn);
  const head = frames.compound_head(pfn);
  if ((frames.flags(head) & PG_anon) === 0) return false;
  if ((flags & PG_anon_exclusive) !== 0) return true;
  if ((flags & (PG_head | PG_tail)) !== 0) {
    if (!large_folio_is_mine(vma.vm_mm, head)) return false;
  } else {
    if (frames.refcount(pfn) !== 1) return false;
    frames.setMapping(pfn, vma.anon_vma!.id, page_offset(vma, address));
  }
  frames.setFlags(pfn, PG_anon_exclusive);
  return true;
}

/**
 * Whether all references to a huge page are this process's entries, and more than one of them is left. Linux:
 * mm/memory.c __wp_can_reuse_large_anon_folio.
 */
function large_folio_is_mine(mm: mm_struct, head: number): boolean {
  const frames = mm.machine.frames;
  const refs = frames.refcount(head);
  if (refs <= 1) return false;
  const after = head + 2 ** frames.order(head);
  let mine = 0;
  for (const vma of mm.mm_mt) {
    if (vma.vm_ops !== null || vma.anon_vma === null) continue;
    walk_page_range(mm, vma.vm_start, vma.vm_end, (_address, entry, table) => {
      const pfn = pte_pfn(entry);
      if (table.level === PTE && pfn >= head && pfn < after) mine++;
    });
  }
  return mine === refs;
}

/** Linux: mm/memory.c wp_page_copy. */
function wp_page_copy(vma: vm_area_struct, address: number, table: Table, entry: number): number {
  const mm = vma.vm_mm;
  const m = mm.machine;
  const old = pte_pfn(entry);
  if (m.rec !== null) m.rec.emit(Ev.Enter, R.wp_page_copy, vma.id, address, old);
  const pfn = anon_vma_prepare(vma) === 0 ? new_anon_page(vma, address, PG_written) : -1;
  let ret = 0;
  if (pfn < 0) ret = VM_FAULT_OOM;
  else {
    const special = (entry & _PAGE_SPECIAL) !== 0;
    if (special) m.frames.zero(pfn, 0);
    else {
      if (m.rec !== null)
        m.rec.emit(Ev.Decide, WHY.copy_shared, old, m.frames.refcount(m.frames.compound_head(old)), vma.id);
      m.frames.copy(old, pfn, 0);
    }
    if (!special) add_mm_counter(mm, old, -1);
    mm.rss_anon++;
    get_and_clear_entry(mm, table, pte_index(address), address);
    flush_tlb_range(mm, address, address + PAGE_SIZE);
    set_anon_entry(vma, address, table, pfn);
    if (!special) {
      m.frames.addMapcount(old, -1);
      put_unmapped(m, old);
    }
  }
  if (m.rec !== null) m.rec.emit(Ev.Leave, R.wp_page_copy, ret);
  return ret;
}
