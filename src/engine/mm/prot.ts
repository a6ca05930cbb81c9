/** What an area allows, as bits of an entry; and what the frame behind an entry is (Linux: mm/mmap.c, include/linux/mm.h). */
import { PAGE_SIZE } from '../../base/units';
import { Ev } from '../events';
import type { Machine } from '../machine';
import type { mm_struct, vm_area_struct } from './mm_types';
import { PG_anon, PG_swapbacked } from './page_alloc';
import { _PAGE_ACCESSED, _PAGE_PRESENT, _PAGE_PROTNONE, _PAGE_RW } from './pgtable';
import { VM_ACCESS_FLAGS, VM_DROPPABLE, VM_MAYWRITE, VM_SHARED, VM_WRITE } from './vm_flags';

/** Order of a 2 MiB page. */
export const HPAGE_PMD_ORDER = 9;
/** The frame of the shared zero page. */
export const ZERO_PFN = 0;

/** Whether the file wants to hear of the first write to each page. Linux: mm/vma.c vma_wants_writenotify. */
function vma_wants_writenotify(vma: vm_area_struct): boolean {
  return (
    (vma.vm_flags & (VM_WRITE | VM_SHARED)) === (VM_WRITE | VM_SHARED) &&
    vma.vm_ops !== null &&
    vma.vm_ops.backing === 'file'
  );
}

/** The protection bits of a fresh entry: never writable where a write must fault first. Linux: vma->vm_page_prot. */
export function vm_page_prot(vma: vm_area_struct): number {
  const flags = vma.vm_flags;
  if ((flags & VM_ACCESS_FLAGS) === 0) return _PAGE_PROTNONE | _PAGE_ACCESSED;
  if ((flags & (VM_WRITE | VM_SHARED)) === (VM_WRITE | VM_SHARED) && !vma_wants_writenotify(vma))
    return _PAGE_PRESENT | _PAGE_ACCESSED | _PAGE_RW;
  return _PAGE_PRESENT | _PAGE_ACCESSED;
}

/** Whether writes to the area make private copies. Linux: is_cow_mapping. */
export const is_cow_mapping = (flags: number): boolean => (flags & (VM_SHARED | VM_MAYWRITE)) === VM_MAYWRITE;

/** Whether the page that holds `pfn` is anonymous memory. */
export function folio_test_anon(m: Machine, pfn: number): boolean {
  return (m.frames.flags(m.frames.compound_head(pfn)) & PG_anon) !== 0;
}

/** Counts `by` base pages of the kind of page that holds `pfn`. Linux: add_mm_counter(mm, mm_counter(folio)). */
export function add_mm_counter(mm: mm_struct, pfn: number, by: number): void {
  const frames = mm.machine.frames;
  const flags = frames.flags(frames.compound_head(pfn));
  if ((flags & PG_anon) !== 0) mm.rss_anon += by;
  else if ((flags & PG_swapbacked) !== 0) mm.rss_shmem += by;
  else mm.rss_file += by;
}

/** Remembers the highest number of resident pages before some of them go. Linux: update_hiwater_rss. */
export function update_hiwater_rss(mm: mm_struct): void {
  const rss = mm.rss_file + mm.rss_anon + mm.rss_shmem;
  if (rss > mm.hiwater_rss) mm.hiwater_rss = rss;
}

/** One more entry maps the frame, and holds it. Linux: folio_get with folio_add_file_rmap_pte or a dup of the rmap. */
export function get_mapped(m: Machine, pfn: number): void {
  const frames = m.frames;
  frames.get_page(pfn);
  const mapcount = frames.addMapcount(pfn, 1);
  if (m.rec !== null) m.rec.emit(Ev.FrameGet, pfn, frames.refcount(frames.compound_head(pfn)), mapcount);
}

/** Lets go of a frame whose entry is gone already and no longer counted. Linux: free_page_and_swap_cache. */
export function put_unmapped(m: Machine, pfn: number): void {
  const frames = m.frames;
  if (m.rec !== null)
    m.rec.emit(Ev.FramePut, pfn, frames.refcount(frames.compound_head(pfn)) - 1, frames.mapcount(pfn));
  frames.put_page(pfn);
}

/** Whether a new page of the area would have to be swapped out to be taken away: PG_swapbacked or 0. Linux: folio_add_new_anon_rmap. */
export const swapbacked = (vma: vm_area_struct): number => ((vma.vm_flags & VM_DROPPABLE) === 0 ? PG_swapbacked : 0);

/** Page offset in the area's file or anonymous mapping, as whole pages. Linux: linear_page_index of a page's address. */
export const page_offset = (vma: vm_area_struct, address: number): number =>
  vma.vm_pgoff + Math.floor((address - vma.vm_start) / PAGE_SIZE);

/** Rounds down to a multiple of a power of two. */
export const alignDown = (x: number, unit: number): number => Math.floor(x / unit) * unit;
