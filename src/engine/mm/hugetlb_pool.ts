/**
 * The pool of huge pages and who has a right to one (Linux: mm/hugetlb.c). Left out: nodes, cgroups,
 * boot-time pages, CMA, the vmemmap optimisation.
 */
import { PAGE_SIZE, PMD_SIZE } from '../../base/units';
import { EINVAL, ENOMEM, ENOSPC } from '../errno';
import { Ev } from '../events';
import type { Machine } from '../machine';
import { R, WHY } from '../routines';
import {
  hugepage_subpool_get_pages,
  hugepage_subpool_put_pages,
  hugetlb_folio_subpool_freed,
  hugetlb_set_folio_subpool,
} from './hugetlb_subpool';
import { region_add, region_chg, region_count, region_del } from './hugetlb_region';
import { type inode, resv_map, type vm_area_struct } from './mm_types';
import { PG_anon, PG_head, PG_hugetlb, PG_hugetlb_restore_reserve, PG_used } from './page_alloc';
import { VM_MAYSHARE, VM_NORESERVE } from './vm_flags';

/** log2 of the frames in a huge page. */
const HUGETLB_PAGE_ORDER = 9;
/** Flags that a page of the pool keeps through its life. */
const KEPT = PG_hugetlb | PG_head | PG_used;

function pool_moved(m: Machine): void {
  const h = m.hstate;
  if (m.rec !== null) m.rec.emit(Ev.Pool, h.nr_huge_pages, h.free_huge_pages, h.resv_huge_pages, h.surplus_huge_pages);
}

// ---- pages in and out of the pool ----------------------------------------------------------------

/** A huge page fresh from the buddy allocator, without references, not yet counted; −1 where there is none. */
function alloc_fresh_hugetlb_folio(m: Machine): number {
  const pfn = m.frames.alloc_pages(HUGETLB_PAGE_ORDER);
  if (pfn < 0) return -1;
  m.frames.setFlags(pfn, PG_hugetlb);
  m.frames.get_page(pfn, -1);
  return pfn;
}

/** A page beyond the pool's size, where overcommitting allows one; −1 otherwise. Linux: alloc_surplus_hugetlb_folio. */
function alloc_surplus_hugetlb_folio(m: Machine): number {
  const h = m.hstate;
  if (h.surplus_huge_pages >= h.nr_overcommit_huge_pages) return -1;
  const pfn = alloc_fresh_hugetlb_folio(m);
  if (pfn < 0) return -1;
  h.nr_huge_pages++;
  h.surplus_huge_pages++;
  if (m.rec !== null) m.rec.emit(Ev.Decide, WHY.surplus_page, pfn);
  pool_moved(m);
  return pfn;
}

/** Counts a page out of the pool and gives it to the buddy allocator. Linux: remove_hugetlb_folio, update_and_free_hugetlb_folio. */
function remove_and_free(m: Machine, pfn: number, surplus: boolean): void {
  const h = m.hstate;
  h.nr_huge_pages--;
  if (surplus) h.surplus_huge_pages--;
  pool_moved(m);
  m.frames.free_pages(pfn);
}

/** Takes one free page out of the pool; false where none is free. Linux: remove_pool_hugetlb_folio. */
function remove_pool_hugetlb_folio(m: Machine, surplus: boolean): boolean {
  const h = m.hstate;
  if (h.free.length === 0 || (surplus && h.surplus_huge_pages === 0)) return false;
  remove_and_free(m, h.free.pop()!, surplus);
  return true;
}

/** A page whose last reference went: back to the pool, or, while there are surplus pages, out of it. Linux: free_huge_folio. */
function free_huge_folio(m: Machine, pfn: number): void {
  const h = m.hstate;
  const rec = m.rec;
  if (rec !== null) rec.emit(Ev.Enter, R.free_huge_folio, pfn);
  const flags = m.frames.flags(pfn);
  m.frames.setMapping(pfn, 0, 0);
  m.frames.clearFlags(pfn, ~KEPT);
  hugetlb_folio_subpool_freed(m, flags, (flags & PG_hugetlb_restore_reserve) !== 0);
  if ((flags & PG_hugetlb_restore_reserve) !== 0) {
    h.resv_huge_pages++;
    if (rec !== null) rec.emit(Ev.Decide, WHY.reservation_restored, pfn);
  }
  if (h.surplus_huge_pages > 0) remove_and_free(m, pfn, true);
  else {
    h.free.push(pfn);
    pool_moved(m);
  }
  if (rec !== null) rec.emit(Ev.Leave, R.free_huge_folio);
}

/** One reference to a huge page less; at 0 it goes back to the pool. Linux: folio_put. */
export function hugetlb_put(m: Machine, pfn: number): void {
  m.frames.get_page(pfn, -1);
  if (m.rec !== null) m.rec.emit(Ev.FramePut, pfn, m.frames.refcount(pfn), m.frames.mapcount(pfn));
  if (m.frames.refcount(pfn) === 0) free_huge_folio(m, pfn);
}

/** One reference to a huge page more. Linux: folio_get. */
export function hugetlb_get(m: Machine, pfn: number): void {
  m.frames.get_page(pfn);
  if (m.rec !== null) m.rec.emit(Ev.FrameGet, pfn, m.frames.refcount(pfn), m.frames.mapcount(pfn));
}

/**
 * From here to the matching end, pages that are unmapped keep their last reference: whether a reservation is restored
 * depends on the surplus pages there were before any of them was freed. Linux: tlb_gather_mmu.
 */
export function hugetlb_gather_begin(m: Machine): void {
  m.hstate.gathering++;
}

/** Linux: tlb_remove_page_size. Called between begin and end. */
export function hugetlb_gather_page(m: Machine, pfn: number): void {
  (m.hstate.gathered ??= []).push(pfn);
}

/** Lets what was gathered go, if this is the outermost end. Linux: tlb_finish_mmu. */
export function hugetlb_gather_end(m: Machine): void {
  const h = m.hstate;
  const pages = h.gathered;
  if (--h.gathering > 0 || pages === null) return;
  h.gathered = null;
  for (let i = 0; i < pages.length; i++) hugetlb_put(m, pages[i]!);
}

// ---- how many pages are promised ------------------------------------------------------------------

/** Promises `delta` pages more, adding surplus pages where too few are free. 0 or −ENOMEM. Linux: gather_surplus_pages. */
function gather_surplus_pages(m: Machine, delta: number): number {
  const h = m.hstate;
  const needed = h.resv_huge_pages + delta - h.free_huge_pages;
  const got: number[] = [];
  while (got.length < needed) {
    const pfn = alloc_surplus_hugetlb_folio(m);
    if (pfn < 0) {
      for (const back of got) remove_and_free(m, back, true);
      return -ENOMEM;
    }
    got.push(pfn);
  }
  for (const pfn of got) h.free.push(pfn);
  h.resv_huge_pages += delta;
  return 0;
}

/** Takes `unused` promises back, and as many free surplus pages out of the pool. Linux: return_unused_surplus_pages. */
function return_unused_surplus_pages(m: Machine, unused: number): void {
  const h = m.hstate;
  h.resv_huge_pages -= unused;
  for (let n = Math.min(unused, h.surplus_huge_pages); n > 0; n--) if (!remove_pool_hugetlb_folio(m, true)) return;
}

/** Promises `delta` pages more (fewer, if negative). 0 or −ENOMEM. Linux: hugetlb_acct_memory. */
export function hugetlb_acct_memory(m: Machine, delta: number): number {
  if (delta === 0) return 0;
  const rec = m.rec;
  const h = m.hstate;
  if (rec !== null) rec.emit(Ev.Enter, R.hugetlb_acct_memory, delta);
  let err = 0;
  if (delta < 0 && !m.rules.hasSurplus && h.resv_huge_pages + delta < 0) {
    // What would go below 0 is more than is free, and is refused; nobody looks at the answer.
    h.lost -= delta;
    err = -ENOMEM;
  } else if (delta < 0) return_unused_surplus_pages(m, -delta);
  else if (gather_surplus_pages(m, delta) < 0) err = -ENOMEM;
  else if (delta > m.hstate.free_huge_pages) {
    return_unused_surplus_pages(m, delta);
    err = -ENOMEM;
  }
  if (err === 0) pool_moved(m);
  else if (rec !== null) rec.emit(Ev.Decide, WHY.pool_exhausted, delta);
  if (rec !== null) rec.emit(Ev.Leave, R.hugetlb_acct_memory, err);
  return err;
}

// ---- whose promise ----------------------------------------------------------------------------------

/** Index of `address` in its file, in huge pages. Linux: vma_hugecache_offset. */
export function vma_hugecache_offset(vma: vm_area_struct, address: number): number {
  const size = huge_page_size(vma);
  return Math.floor((address - vma.vm_start) / size) + Math.floor((vma.vm_pgoff * PAGE_SIZE) / size);
}

/** Bytes of one page of a huge mapping. Linux: huge_page_size(hstate_vma(vma)). */
export const huge_page_size = (vma: vm_area_struct): number =>
  vma.vm_file === null ? PMD_SIZE : vma.vm_file.inode.page_bytes;

/** The map in which the area's reservations stand: its file's, its own, or none. Linux: vma_resv_map. */
const vma_resv_map = (vma: vm_area_struct): resv_map | null =>
  (vma.vm_flags & VM_MAYSHARE) !== 0 ? vma.vm_file!.inode.resv : vma.resv_map;

/** Who holds a map, as events name it: the area's id for a private owner's, minus the inode's id for a file's. */
const holder = (vma: vm_area_struct): number => ((vma.vm_flags & VM_MAYSHARE) !== 0 ? -vma.vm_file!.inode.id : vma.id);

/** Whether a page at `index` needs more than what is promised to this area. Linux: vma_needs_reservation. */
function vma_needs_reservation(vma: vm_area_struct, index: number): boolean {
  if (vma.vm_mm.machine.rules.takesPromiseByFlag) return (vma.vm_flags & VM_MAYSHARE) === 0;
  const map = vma_resv_map(vma);
  if (map === null) return true;
  const absent = region_chg(map, index, index + 1) === 1;
  return (vma.vm_flags & VM_MAYSHARE) !== 0 ? absent : !absent;
}

/**
 * In 2007 a shared mapping's fault takes a promise from the pool whether or not one was made, and does not give it back where no
 * page comes of it; only a page that enters the page cache answers for it (`by` 1). Below 0 the count has wrapped.
 */
export function take_promise(m: Machine, by: 1 | -1): void {
  const h = m.hstate;
  if (by < 0) h.resv_huge_pages--;
  h.lost += by;
  pool_moved(m);
}

/** Notes that the page at `index` is there: reserved (shared) or consumed (private owner). Linux: vma_commit_reservation. */
function vma_commit_reservation(vma: vm_area_struct, index: number): void {
  const map = vma_resv_map(vma);
  if (map === null || region_add(map, index, index + 1) === 0) return;
  const rec = vma.vm_mm.machine.rec;
  if (rec !== null) rec.emit(Ev.ReserveAdd, holder(vma), index, index + 1);
}

/**
 * Gives a private owner's reservation back whole when its page is unmapped. True if the page, once free, is to be promised
 * again. Linux: the end of __unmap_hugepage_range, vma_add_reservation.
 */
export function restore_reservation(vma: vm_area_struct, pfn: number, index: number): void {
  const m = vma.vm_mm.machine;
  if (m.hstate.surplus_huge_pages !== 0 || !vma.resv_owner || vma.resv_map === null) return;
  if ((m.frames.flags(pfn) & PG_anon) === 0) return;
  m.frames.setFlags(pfn, PG_hugetlb_restore_reserve);
  if (region_del(vma.resv_map, index, index + 1) === 0) return;
  if (m.rec !== null) m.rec.emit(Ev.ReserveDel, holder(vma), index, index + 1);
}

/**
 * A page of the pool for `index` of the area's file, with one reference. −ENOSPC where none may be had.
 * `cow_from_owner`: the copy of a page that its owner's reservation has already paid for. Linux: alloc_hugetlb_folio.
 */
export function alloc_hugetlb_folio(vma: vm_area_struct, index: number, cow_from_owner: boolean): number {
  const m = vma.vm_mm.machine;
  const rec = m.rec;
  if (rec !== null) rec.emit(Ev.Enter, R.alloc_hugetlb_folio, vma.id, index, cow_from_owner ? 1 : 0);
  const needs = cow_from_owner || vma_needs_reservation(vma, index);
  if (!needs && m.rules.takesPromiseByFlag) take_promise(m, -1);
  const mount = vma.vm_file?.inode ?? null;
  const counts = needs && m.rules.countsMountPromises;
  const room = !counts || hugepage_subpool_get_pages(m, mount, 1);
  const pfn = room && huge_page_size(vma) === PMD_SIZE ? dequeue_hugetlb_folio(m, vma, needs) : -1;
  if (pfn < 0 && counts && room) hugepage_subpool_put_pages(m, mount, 1);
  if (pfn >= 0) {
    m.frames.get_page(pfn);
    if (!needs && !m.rules.takesPromiseByFlag) {
      m.frames.setFlags(pfn, PG_hugetlb_restore_reserve);
      m.hstate.resv_huge_pages--;
    }
    hugetlb_set_folio_subpool(m, mount, pfn);
    pool_moved(m);
    if (!cow_from_owner) vma_commit_reservation(vma, index);
  } else if (rec !== null && room) rec.emit(Ev.Decide, WHY.pool_exhausted, vma.id, index);
  const ret = pfn >= 0 ? pfn : -ENOSPC;
  if (rec !== null) rec.emit(Ev.Leave, R.alloc_hugetlb_folio, ret);
  return ret;
}

/** A count as the kernel compares it: what has gone below 0 is larger than any other. */
const unsigned = (n: number): number => (n < 0 ? Infinity : n);

/** A free page, promised or beyond what is promised, or a surplus page; −1. Linux: dequeue_hugetlb_folio_vma and its caller. */
function dequeue_hugetlb_folio(m: Machine, vma: vm_area_struct, needs: boolean): number {
  const h = m.hstate;
  const rec = m.rec;
  if (rec !== null) {
    rec.emit(
      Ev.Decide,
      needs ? WHY.needs_available : WHY.uses_reservation,
      vma.id,
      h.free_huge_pages,
      h.resv_huge_pages,
    );
  }
  // The kernel's difference is unsigned today: anything but equality counts as available.
  if (needs && !m.rules.hasSurplus && h.free_huge_pages <= unsigned(h.resv_huge_pages)) return -1;
  if (!needs && m.rules.takesPromiseByFlag) return h.free.pop() ?? -1;
  if ((!needs || h.free_huge_pages !== h.resv_huge_pages) && h.free.length > 0) return h.free.pop()!;
  return alloc_surplus_hugetlb_folio(m);
}

/** A huge page's new contents: all zero. Linux: folio_zero_user. */
export function zero_huge_page(m: Machine, pfn: number): void {
  m.frames.zero(pfn, HUGETLB_PAGE_ORDER);
}

/** A huge page's contents copied to another. Linux: copy_user_large_folio. */
export function copy_huge_page(m: Machine, from: number, to: number): void {
  m.frames.copy(from, to, HUGETLB_PAGE_ORDER);
}

// ---- reservations of mappings and files -----------------------------------------------------------

/**
 * Reserves pages `[from, to)` of a file for a mapping (`vma` null: for the file itself). Returns 0 or −ENOMEM.
 * Linux: hugetlb_reserve_pages.
 */
export function hugetlb_reserve_pages(
  m: Machine,
  inode: inode,
  from: number,
  to: number,
  vma: vm_area_struct | null,
  vm_flags: number,
): number {
  const rec = m.rec;
  if (rec !== null) rec.emit(Ev.Enter, R.hugetlb_reserve_pages, inode.id, from, to);
  let err = 0;
  const own = vma !== null && (vma.vm_flags & VM_MAYSHARE) === 0;
  if ((vm_flags & VM_NORESERVE) !== 0 && m.rules.honoursNoreserve) {
    if (rec !== null) rec.emit(Ev.Decide, WHY.no_reservation, inode.id, from, to);
  } else {
    const chg = own ? to - from : region_chg(inode.resv!, from, to);
    // Of 1 GiB pages there are none, and they are never made while the machine runs.
    const counts = m.rules.countsMountPromises;
    if (chg > 0 && inode.page_bytes !== PMD_SIZE) err = -ENOMEM;
    else if (counts && !hugepage_subpool_get_pages(m, inode, chg)) err = -ENOMEM;
    else {
      err = hugetlb_acct_memory(m, chg);
      if (err !== 0 && counts) hugepage_subpool_put_pages(m, inode, chg);
    }
    if (err === 0) {
      if (own) {
        vma.resv_map = new resv_map();
        vma.resv_owner = true;
      } else {
        region_add(inode.resv!, from, to);
        if (rec !== null) rec.emit(Ev.ReserveAdd, -inode.id, from, to);
      }
    }
  }
  if (rec !== null) rec.emit(Ev.Leave, R.hugetlb_reserve_pages, err);
  return err;
}

/** Takes pages `[from, to)` out of a file's reservations; `freed` of them had come to life. Linux: hugetlb_unreserve_pages. */
export function hugetlb_unreserve_pages(m: Machine, inode: inode, from: number, to: number, freed: number): void {
  const rec = m.rec;
  if (rec !== null) rec.emit(Ev.Enter, R.hugetlb_unreserve_pages, inode.id, from, freed);
  const chg = inode.resv === null ? 0 : region_del(inode.resv, from, to);
  if (rec !== null && chg > 0) rec.emit(Ev.ReserveDel, -inode.id, from, to);
  if (m.rules.countsMountPromises) hugepage_subpool_put_pages(m, inode, chg - freed);
  hugetlb_acct_memory(m, freed - chg);
  if (rec !== null) rec.emit(Ev.Leave, R.hugetlb_unreserve_pages, chg);
}

/** An area of huge pages is cut between pages only. Returns 0 or −EINVAL. Linux: hugetlb_vm_op_split. */
export const hugetlb_vm_op_split = (vma: vm_area_struct, address: number): number =>
  address % huge_page_size(vma) === 0 ? 0 : -EINVAL;

/** A private area that was copied within its process holds its sibling's map too. Linux: hugetlb_vm_op_open. */
export function hugetlb_vm_op_open(vma: vm_area_struct): void {
  if (vma.resv_map !== null && vma.resv_owner) vma.resv_map.refs++;
}

/** Gives back what an owner had reserved and never used. Linux: hugetlb_vm_op_close. */
export function hugetlb_vm_op_close(vma: vm_area_struct): void {
  const map = vma.resv_map;
  if (map === null || !vma.resv_owner) return;
  const m = vma.vm_mm.machine;
  const rec = m.rec;
  if (rec !== null) rec.emit(Ev.Enter, R.hugetlb_vm_op_close, vma.id);
  const start = vma_hugecache_offset(vma, vma.vm_start);
  const end = vma_hugecache_offset(vma, vma.vm_end);
  const unused = end - start - region_count(map, start, end);
  hugepage_subpool_put_pages(m, vma.vm_file?.inode ?? null, unused);
  hugetlb_acct_memory(m, -unused);
  map.refs--;
  vma.resv_map = null;
  vma.resv_owner = false;
  if (rec !== null) rec.emit(Ev.Leave, R.hugetlb_vm_op_close);
}

/** A copy of an area, not yet opened, has no reservation of its own: a forked child's. Linux: hugetlb_dup_vma_private. */
export function reset_vma_resv_huge_pages(vma: vm_area_struct): void {
  vma.resv_map = null;
  vma.resv_owner = false;
  vma.resv_unmapped = false;
}

/**
 * The area's reservations went with its moved copy. Linux 6.18 says so of the whole area even where only part of it moved:
 * what was promised to the rest is promised for good. `moved` is the copy. Linux: fixup_hugetlb_reservations,
 * clear_vma_resv_huge_pages.
 */
export function fixup_hugetlb_reservations(vma: vm_area_struct, moved: vm_area_struct): void {
  const map = vma.resv_map;
  if (map !== null && vma.resv_owner) {
    const m = vma.vm_mm.machine;
    const start = vma_hugecache_offset(vma, vma.vm_start);
    const end = vma_hugecache_offset(vma, vma.vm_end);
    const from = vma_hugecache_offset(moved, moved.vm_start);
    const to = vma_hugecache_offset(moved, moved.vm_end);
    const promised = end - start - region_count(map, start, end);
    const lost = promised - (to - from - region_count(map, from, to));
    if (lost > 0) {
      m.hstate.lost += lost;
      if (m.rec !== null) m.rec.emit(Ev.ReserveLost, vma.id, lost);
    }
    map.refs--;
  }
  if ((vma.vm_flags & VM_MAYSHARE) === 0) reset_vma_resv_huge_pages(vma);
}

// ---- settings -----------------------------------------------------------------------------------------

/** `/sys/kernel/mm/hugepages/hugepages-2048kB/nr_overcommit_hugepages`. */
export function set_overcommit(m: Machine, n: number): void {
  if (!m.rules.hasSurplus) return;
  m.hstate.nr_overcommit_huge_pages = n;
}

/** Brings the pool to `count` pages as far as that can be done now. Linux: set_max_huge_pages. */
export function set_max_huge_pages(m: Machine, count: number): void {
  const h = m.hstate;
  const rec = m.rec;
  if (rec !== null) rec.emit(Ev.Enter, R.set_max_huge_pages, count);
  const persistent = (): number => h.nr_huge_pages - h.surplus_huge_pages;
  while (h.surplus_huge_pages > 0 && count > persistent()) h.surplus_huge_pages--;
  while (count > persistent()) {
    const pfn = alloc_fresh_hugetlb_folio(m);
    if (pfn < 0) break;
    h.nr_huge_pages++;
    h.free.push(pfn);
  }
  if (!m.rules.hasSurplus) {
    const least = Math.max(count, unsigned(h.resv_huge_pages));
    while (h.nr_huge_pages > least && remove_pool_hugetlb_folio(m, false));
    pool_moved(m);
    if (rec !== null) rec.emit(Ev.Leave, R.set_max_huge_pages, h.nr_huge_pages);
    return;
  }
  let persistent_free = h.free_huge_pages;
  if (persistent_free > persistent()) persistent_free = Math.max(0, persistent_free - h.surplus_huge_pages);
  const needed = h.resv_huge_pages + persistent() - persistent_free;
  // Unsigned in the kernel: below 0 nothing may go.
  const min_count = needed < 0 ? Infinity : Math.max(count, needed);
  while (min_count < persistent()) if (!remove_pool_hugetlb_folio(m, false)) break;
  while (count < persistent() && h.surplus_huge_pages < h.nr_huge_pages) h.surplus_huge_pages++;
  pool_moved(m);
  if (rec !== null) rec.emit(Ev.Leave, R.set_max_huge_pages, h.nr_huge_pages);
}
