/** Areas: split, merge, unmap, grow (Linux: mm/vma.c). Left out: NUMA policies, userfaultfd, sealing, names of areas. */
import { isAligned, PAGE_SIZE, roundDown, roundUp, TASK_SIZE } from '../../base/units';
import { is_hugetlb } from '../designs/design';
import { EINVAL, ENOMEM, EPERM, EFAULT } from '../errno';
import { Ev } from '../events';
import { fput, get_file } from '../fs/file_table';
import type { Machine } from '../machine';
import { R, WHY } from '../routines';
import { vma_adjust_trans_huge } from './huge_memory';
import { hugetlb_gather_begin, hugetlb_gather_end } from './hugetlb_pool';
import { hugetlb_split } from './hugetlb_table';
import { capable, is_data_mapping, may_expand_vm, mlock_future_ok } from './limits';
import { free_pgtables, unmap_vmas } from './memory';
import { type mm_struct, vm_area_struct } from './mm_types';
import { anon_vma_clone, anon_vma_prepare, unlink_anon_vmas } from './rmap';
import { flush_tlb_range } from './tlb';
import { VM_ACCOUNT, VM_EXEC, VM_GROWSDOWN, VM_LOCKED, VM_READ, VM_WRITE } from './vm_flags';

/** Pages kept free below an area that grows down. Linux: stack_guard_gap. */
export const STACK_GUARD_GAP = 256 * PAGE_SIZE;
/** Lowest address that a mapping is given unasked; hints below it are raised to it. Linux: mmap_min_addr. */
export const MMAP_MIN_ADDR = 65536;

export const vma_pages = (vma: vm_area_struct): number => (vma.vm_end - vma.vm_start) / PAGE_SIZE;
export const vma_is_anonymous = (vma: vm_area_struct): boolean => vma.vm_ops === null;
/** Where the gap that the area needs below it starts. Linux: vm_start_gap. */
export const vm_start_gap = (vma: vm_area_struct): number =>
  (vma.vm_flags & VM_GROWSDOWN) === 0 ? vma.vm_start : Math.max(0, vma.vm_start - STACK_GUARD_GAP);

/** Adds `npages` (negative: takes away) to the counters of the kind of mapping. Linux: mm/mmap.c vm_stat_account. */
export function vm_stat_account(mm: mm_struct, flags: number, npages: number): void {
  mm.total_vm += npages;
  if ((flags & (VM_EXEC | VM_WRITE | VM_GROWSDOWN)) === VM_EXEC) mm.exec_vm += npages;
  else if ((flags & VM_GROWSDOWN) !== 0) mm.stack_vm += npages;
  else if (is_data_mapping(flags)) mm.data_vm += npages;
}

/** `/proc/sys/vm/admin_reserve_kbytes`, in pages: kept for root. */
const ADMIN_RESERVE = (8 << 20) / PAGE_SIZE;

/** Charges `npages` to the commit limit; −ENOMEM where it refuses. Linux: mm/util.c __vm_enough_memory. */
export function vm_enough_memory(m: Machine, mm: mm_struct, npages: number): number {
  const mode = m.config.overcommit_memory;
  if (mode === 0 && npages > m.frames.total) return -ENOMEM;
  if (mode === 2) {
    const limit = Math.floor((m.frames.total - m.hstate.nr_huge_pages * 512) / 2);
    const userReserve = Math.min(Math.floor(mm.total_vm / 32), (128 << 20) / PAGE_SIZE);
    const adminReserve = capable(m) ? 0 : ADMIN_RESERVE;
    if (m.committed + npages >= limit - adminReserve - userReserve) return -ENOMEM;
  }
  m.committed += npages;
  return 0;
}

// ---- linking -----------------------------------------------------------------------------------

function link_file(vma: vm_area_struct): void {
  if (vma.vm_file !== null) vma.vm_file.inode.i_mapping.i_mmap.add(vma);
}

/** Adds an area to its address space. Linux: mm/vma.c vma_link. */
export function vma_link(mm: mm_struct, vma: vm_area_struct): void {
  mm.mm_mt.insert(vma);
  link_file(vma);
  const rec = mm.machine.rec;
  if (rec !== null) rec.emit(Ev.VmaLink, mm.id, vma.id, vma.vm_start, vma.vm_end, vma.vm_flags);
}

/** Areas kept for use again. */
const SPARE_VMAS = 64;

/** A fresh area, not linked. Linux: kernel/fork.c vm_area_alloc. */
export function vm_area_alloc(mm: mm_struct, start: number, end: number, pgoff: number, flags: number): vm_area_struct {
  const m = mm.machine;
  const id = m.next_vma_id++;
  const spare = m.spare_vmas.pop();
  if (spare === undefined) return new vm_area_struct(id, mm, start, end, pgoff, flags);
  spare.renew(id, mm, start, end, pgoff, flags);
  return spare;
}

/** Nobody holds the area any more. Linux: kernel/fork.c vm_area_free. */
function vm_area_free(m: Machine, vma: vm_area_struct): void {
  if (m.spare_vmas.length < SPARE_VMAS) m.spare_vmas.push(vma);
}

/** A copy of all fields with an id of its own, not linked; no reference is taken. Linux: kernel/fork.c vm_area_dup. */
export function vma_dup(vma: vm_area_struct, mm: mm_struct): vm_area_struct {
  const copy = vm_area_alloc(mm, vma.vm_start, vma.vm_end, vma.vm_pgoff, vma.vm_flags);
  copy.vm_ops = vma.vm_ops;
  copy.pagetable_ops = vma.pagetable_ops;
  copy.pagetable_index = vma.pagetable_index;
  copy.pages = vma.pages;
  copy.vm_file = vma.vm_file;
  copy.anon_vma = vma.anon_vma;
  copy.resv_map = vma.resv_map;
  copy.resv_owner = vma.resv_owner;
  copy.resv_unmapped = vma.resv_unmapped;
  copy.special_name = vma.special_name;
  copy.driver_data = vma.driver_data;
  copy.origin = vma.origin;
  return copy;
}

/** Lets an unlinked area go: closes it, drops its file. Linux: mm/vma.c remove_vma. */
export function remove_vma(m: Machine, vma: vm_area_struct, closed: boolean): void {
  const ops = vma.vm_ops;
  if (!closed && ops !== null && ops.close !== undefined) ops.close(vma);
  unlink_anon_vmas(vma);
  if (vma.vm_file !== null) {
    vma.vm_file.inode.i_mapping.i_mmap.delete(vma);
    fput(m, vma.vm_file);
  }
  vm_area_free(m, vma);
}

/** Moves the bounds of a linked area. */
export function set_range(vma: vm_area_struct, start: number, end: number, pgoff: number): void {
  const mm = vma.vm_mm;
  vma.vm_start = start;
  vma.vm_end = end;
  vma.vm_pgoff = pgoff;
  mm.mm_mt.changed(vma);
  const rec = mm.machine.rec;
  if (rec !== null) rec.emit(Ev.VmaResize, mm.id, vma.id, start, end);
}

/** Gives an area other flags. Linux: vm_flags_reset. */
export function vm_flags_reset(vma: vm_area_struct, flags: number): void {
  const rec = vma.vm_mm.machine.rec;
  const before = vma.vm_flags;
  vma.vm_flags = flags;
  if (rec !== null && flags !== before) rec.emit(Ev.VmaFlags, vma.vm_mm.id, vma.id, before, flags);
}

// ---- splitting ---------------------------------------------------------------------------------

/** Whether the mapping lets itself be cut at `address`: 0 or a negative errno. The design tells which areas are asked. */
function may_split(m: Machine, vma: vm_area_struct, address: number): number {
  const ops = vma.vm_ops;
  const asked = is_hugetlb(m, vma, 'split') || (ops !== null && ops.may_split !== undefined);
  return asked ? (ops?.may_split?.(vma, address) ?? 0) : 0;
}

/**
 * Cuts an area at `address`, without looking at the limit of areas. The new area is the lower part if `new_below`, else the upper.
 * Returns 0 or what the mapping's `may_split` refuses with. Linux: mm/vma.c __split_vma.
 */
function __split_vma(vma: vm_area_struct, address: number, new_below: boolean): number {
  const mm = vma.vm_mm;
  const m = mm.machine;
  const rec = m.rec;
  const err = may_split(m, vma, address);
  if (err !== 0) {
    if (rec !== null) rec.emit(Ev.Decide, WHY.split_refused, vma.id, address);
    return err;
  }
  const fresh = vma_dup(vma, mm);
  const delta = (address - vma.vm_start) / PAGE_SIZE;
  if (new_below) fresh.vm_end = address;
  else {
    fresh.vm_start = address;
    fresh.vm_pgoff += delta;
  }
  anon_vma_clone(fresh, vma);
  if (fresh.vm_file !== null) get_file(fresh.vm_file);
  if (fresh.vm_ops !== null && fresh.vm_ops.open !== undefined) fresh.vm_ops.open(fresh);
  if (vma.pages !== null || is_hugetlb(m, vma, 'split_tables')) hugetlb_split(vma, address);
  else vma_adjust_trans_huge(vma, vma.vm_start, address, null);
  if (new_below) {
    vma.vm_start = address;
    vma.vm_pgoff += delta;
  } else vma.vm_end = address;
  mm.mm_mt.changed(vma);
  mm.mm_mt.insert(fresh);
  link_file(fresh);
  if (vma.vm_file !== null && vma.vm_file.inode.kind === 'hugetlb') {
    // The file's order of areas says whose page table is shared: what is resized goes to its end.
    vma.vm_file.inode.i_mapping.i_mmap.delete(vma);
    link_file(vma);
  }
  if (rec !== null) rec.emit(Ev.VmaSplit, mm.id, vma.id, fresh.id, address);
  return 0;
}

/** Cuts an area at `address`; −ENOMEM at the limit of areas. Linux: mm/vma.c split_vma. */
export function split_vma(vma: vm_area_struct, address: number, new_below: boolean): number {
  const mm = vma.vm_mm;
  if (mm.map_count >= mm.machine.config.max_map_count) return -ENOMEM;
  return __split_vma(vma, address, new_below);
}

// ---- unmapping ---------------------------------------------------------------------------------

/** Areas on their way out, and the span in which their tables may be freed (Linux: struct vma_munmap_struct). */
export interface MunmapRange {
  start: number;
  end: number;
  readonly vmas: vm_area_struct[];
  /** End of the area below the list and start of the one above it; 0 for none. */
  floor: number;
  ceiling: number;
  nr_pages: number;
  nr_accounted: number;
  cleared: boolean;
}

/**
 * Cuts areas at the bounds of `[start, end)` and lists those inside, still linked. Returns 0 or a negative errno; a head
 * that was cut stays cut. Linux: mm/vma.c vms_gather_munmap_vmas.
 */
export function gather_munmap_vmas(mm: mm_struct, first: vm_area_struct, r: MunmapRange): number {
  const mt = mm.mm_mt;
  if (r.start > first.vm_start) {
    if (r.end < first.vm_end && mm.map_count >= mm.machine.config.max_map_count) return -ENOMEM;
    const err = __split_vma(first, r.start, true);
    if (err !== 0) return err;
  }
  r.floor = mt.endBefore(first);
  let vma: vm_area_struct | null = first;
  let count = 0;
  while (vma !== null) {
    if (vma.vm_end > r.end) {
      const err = __split_vma(vma, r.end, false);
      if (err !== 0) return err;
    }
    r.vmas[count++] = vma;
    const n = vma_pages(vma);
    r.nr_pages += n;
    if ((vma.vm_flags & VM_ACCOUNT) !== 0) r.nr_accounted += n;
    r.ceiling = mt.startAfter(vma);
    vma = r.ceiling !== 0 && r.ceiling < r.end ? mt.next(vma) : null;
  }
  // The list of the last time is written over; mostly it is as long.
  if (r.vmas.length !== count) r.vmas.length = count;
  return 0;
}

/** Takes the listed areas out of the address space, removes their pages, then frees tables. */
export function detach_and_clear(mm: mm_struct, r: MunmapRange): void {
  if (r.cleared) return;
  r.cleared = true;
  const rec = mm.machine.rec;
  const vmas = r.vmas;
  mm.cached_vma = null;
  for (let i = 0; i < vmas.length; i++) {
    const vma = vmas[i]!;
    mm.mm_mt.erase(vma);
    if (rec !== null) rec.emit(Ev.VmaUnlink, mm.id, vma.id, vma.vm_start, vma.vm_end);
  }
  if (rec !== null) rec.emit(Ev.Enter, R.unmap_region, r.start, r.end);
  const resident = mm.rss_anon + mm.rss_file + mm.rss_shmem;
  if (resident > mm.hiwater_rss) mm.hiwater_rss = resident;
  hugetlb_gather_begin(mm.machine);
  unmap_vmas(mm, vmas, r.start, r.end);
  flush_tlb_range(mm, r.start, r.end);
  free_pgtables(mm, vmas, r.floor, r.ceiling);
  hugetlb_gather_end(mm.machine);
  if (rec !== null) rec.emit(Ev.Leave, R.unmap_region);
}

/** Counts the listed areas out and lets them go. Linux: mm/vma.c vms_complete_munmap_vmas. */
export function complete_munmap(mm: mm_struct, r: MunmapRange, closed: boolean): void {
  const m = mm.machine;
  detach_and_clear(mm, r);
  if (mm.total_vm > mm.hiwater_vm) mm.hiwater_vm = mm.total_vm;
  for (let i = 0; i < r.vmas.length; i++) {
    const vma = r.vmas[i]!;
    const n = vma_pages(vma);
    if ((vma.vm_flags & VM_LOCKED) !== 0) mm.locked_vm -= n;
    vm_stat_account(mm, vma.vm_flags, -n);
    remove_vma(m, vma, closed);
  }
  m.committed -= r.nr_accounted;
  m.spare_munmap = r;
}

/** An empty list for `[start, end)`: the one that was used last, where nobody uses it any more. */
export function munmap_range(mm: mm_struct, start: number, end: number): MunmapRange {
  const m = mm.machine;
  const r = m.spare_munmap;
  if (r === null) return { start, end, vmas: [], floor: 0, ceiling: 0, nr_pages: 0, nr_accounted: 0, cleared: false };
  m.spare_munmap = null;
  r.start = start;
  r.end = end;
  r.nr_pages = 0;
  r.nr_accounted = 0;
  r.cleared = false;
  return r;
}

/** Unmaps `[start, end)`, page aligned, of which `vma` is the first area. Linux: mm/vma.c do_vmi_align_munmap. */
export function do_align_munmap(mm: mm_struct, vma: vm_area_struct, start: number, end: number): number {
  const rec = mm.machine.rec;
  if (rec !== null) rec.emit(Ev.Enter, R.do_vmi_align_munmap, start, end);
  const r = munmap_range(mm, start, end);
  const err = gather_munmap_vmas(mm, vma, r);
  if (err === 0) complete_munmap(mm, r, false);
  if (rec !== null) rec.emit(Ev.Leave, R.do_vmi_align_munmap, err);
  return err;
}

/** Unmaps whatever lies in `[start, start + len)`. Returns 0 or −EINVAL, −ENOMEM. Linux: mm/vma.c do_vmi_munmap. */
export function do_munmap(mm: mm_struct, start: number, len: number): number {
  if (!isAligned(start, PAGE_SIZE) || start > TASK_SIZE || len > TASK_SIZE - start) return -EINVAL;
  const end = start + roundUp(len, PAGE_SIZE);
  if (end === start) return -EINVAL;
  const vma = mm.mm_mt.find(start);
  if (vma === null || vma.vm_start >= end) return 0;
  return do_align_munmap(mm, vma, start, end);
}

// ---- growing down ------------------------------------------------------------------------------

/** Whether a process can touch the area at all. Linux: vma_is_accessible. */
const vma_is_accessible = (vma: vm_area_struct): boolean => (vma.vm_flags & (VM_READ | VM_WRITE | VM_EXEC)) !== 0;

/** Grows a stack-like area down to `address`. Returns 0 or a negative errno. Linux: mm/vma.c expand_downwards. */
function expand_downwards(vma: vm_area_struct, address: number): number {
  const mm = vma.vm_mm;
  const m = mm.machine;
  if ((vma.vm_flags & VM_GROWSDOWN) === 0) return -EFAULT;
  address = roundDown(address, PAGE_SIZE);
  if (address < MMAP_MIN_ADDR) return -EPERM;
  const prev = mm.mm_mt.prev(vma);
  if (
    prev !== null &&
    (prev.vm_flags & VM_GROWSDOWN) === 0 &&
    vma_is_accessible(prev) &&
    address - prev.vm_end < STACK_GUARD_GAP
  ) {
    if (m.rec !== null) m.rec.emit(Ev.Decide, WHY.stack_guard_gap, vma.id, prev.id, address);
    return -ENOMEM;
  }
  anon_vma_prepare(vma);
  if (address >= vma.vm_start) return 0;
  const grow = (vma.vm_start - address) / PAGE_SIZE;
  if (grow > vma.vm_pgoff) return -ENOMEM;
  if (!may_expand_vm(mm, vma.vm_flags, grow)) return -ENOMEM;
  if (vma.vm_end - address > m.config.rlimit.stack) return -ENOMEM;
  if (!mlock_future_ok(mm, vma.vm_flags, grow * PAGE_SIZE)) return -ENOMEM;
  if (vm_enough_memory(m, mm, grow) !== 0) return -ENOMEM;
  if ((vma.vm_flags & VM_LOCKED) !== 0) mm.locked_vm += grow;
  vm_stat_account(mm, vma.vm_flags, grow);
  set_range(vma, address, vma.vm_end, vma.vm_pgoff - grow);
  return 0;
}

/** The area that holds `address`, grown down to it where one above can. Null: none. Linux: mm/mmap_lock.c lock_mm_and_find_vma. */
export function expand_stack(mm: mm_struct, address: number): vm_area_struct | null {
  const vma = mm.mm_mt.find(address);
  if (vma === null || vma.vm_start <= address) return vma;
  if ((vma.vm_flags & VM_GROWSDOWN) === 0) return null;
  return expand_downwards(vma, address) === 0 ? vma : null;
}
