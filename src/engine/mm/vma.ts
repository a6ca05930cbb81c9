/** Areas: split, merge, unmap, grow (Linux: mm/vma.c). Left out: NUMA policies, userfaultfd, sealing, names of areas. */
import { PAGE_SIZE, roundDown, roundUp, TASK_SIZE } from '../../base/units';
import { EINVAL, ENOMEM, EPERM, EFAULT } from '../errno';
import { Ev } from '../events';
import { fput, get_file } from '../fs/file_table';
import type { Machine } from '../machine';
import { R, WHY } from '../routines';
import { vma_adjust_trans_huge } from './huge_memory';
import { hugetlb_gather_begin, hugetlb_gather_end } from './hugetlb_pool';
import { hugetlb_split } from './hugetlb_table';
import { free_pgtables, unmap_vmas } from './memory';
import { type anon_vma, type file, type mm_struct, vm_area_struct } from './mm_types';
import { anon_vma_clone, anon_vma_prepare, unlink_anon_vmas } from './rmap';
import { flush_tlb_range } from './tlb';
import {
  VM_ACCOUNT,
  VM_EXEC,
  VM_GROWSDOWN,
  VM_HUGETLB,
  VM_LOCKED,
  VM_READ,
  VM_SHARED,
  VM_SOFTDIRTY,
  VM_SPECIAL,
  VM_WRITE,
} from './vm_flags';

/** Pages kept free below an area that grows down. Linux: stack_guard_gap. */
const STACK_GUARD_GAP = 256 * PAGE_SIZE;
/** RLIMIT_STACK, bytes. */
const RLIMIT_STACK = 8 << 20;
/** `/proc/sys/vm/mmap_min_addr`. */
export const MMAP_MIN_ADDR = 4096;

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
  else if ((flags & (VM_WRITE | VM_SHARED | VM_GROWSDOWN)) === VM_WRITE) mm.data_vm += npages;
}

/** Charges `npages` to the commit limit; −ENOMEM where it refuses. Linux: mm/util.c __vm_enough_memory. */
export function vm_enough_memory(m: Machine, mm: mm_struct, npages: number): number {
  const mode = m.config.overcommit_memory;
  if (mode === 0 && npages > m.frames.total) return -ENOMEM;
  if (mode === 2) {
    const limit = Math.floor((m.frames.total - m.hstate.nr_huge_pages * 512) / 2);
    const userReserve = Math.min(Math.floor(mm.total_vm / 32), (128 << 20) / PAGE_SIZE);
    if (m.committed + npages >= limit - userReserve) return -ENOMEM;
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
function set_range(vma: vm_area_struct, start: number, end: number, pgoff: number): void {
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
  if (rec !== null && flags !== vma.vm_flags) rec.emit(Ev.VmaFlags, vma.vm_mm.id, vma.id, vma.vm_flags, flags);
  vma.vm_flags = flags;
}

// ---- splitting ---------------------------------------------------------------------------------

/**
 * Cuts an area at `address`, without looking at the limit of areas. The new area is the lower part if `new_below`, else the upper.
 * Returns 0 or what the mapping's `may_split` refuses with. Linux: mm/vma.c __split_vma.
 */
export function __split_vma(vma: vm_area_struct, address: number, new_below: boolean): number {
  const mm = vma.vm_mm;
  const m = mm.machine;
  const rec = m.rec;
  if (vma.vm_ops !== null && vma.vm_ops.may_split !== undefined) {
    const err = vma.vm_ops.may_split(vma, address);
    if (err !== 0) {
      if (rec !== null) rec.emit(Ev.Decide, WHY.split_refused, vma.id, address);
      return err;
    }
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
  if ((vma.vm_flags & VM_HUGETLB) !== 0) hugetlb_split(vma, address);
  else vma_adjust_trans_huge(vma, vma.vm_start, address, null);
  if (new_below) {
    vma.vm_start = address;
    vma.vm_pgoff += delta;
  } else vma.vm_end = address;
  mm.mm_mt.changed(vma);
  mm.mm_mt.insert(fresh);
  link_file(fresh);
  if ((vma.vm_flags & VM_HUGETLB) !== 0) {
    // The file's order of areas says whose page table is shared: what is resized goes to its end.
    vma.vm_file!.inode.i_mapping.i_mmap.delete(vma);
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

// ---- merging -----------------------------------------------------------------------------------

/** What a merged range would be (Linux: struct vma_merge_struct). */
interface MergeRange {
  mm: mm_struct;
  prev: vm_area_struct | null;
  next: vm_area_struct | null;
  /** The existing area that changes, or null for a new range. */
  middle: vm_area_struct | null;
  /** The area that the range is a moved copy of. */
  copied_from: vm_area_struct | null;
  start: number;
  end: number;
  pgoff: number;
  flags: number;
  file: file | null;
  anon_vma: anon_vma | null;
  just_expand: boolean;
}

/** Linux: vma_had_uncowed_parents: the area came through a fork, and merging it would mix families. */
const had_uncowed_parents = (vma: vm_area_struct | null): boolean =>
  vma !== null && vma.anon_vma !== null && vma.anon_vma_chain.length !== 1;

/** Linux: mm/vma.c is_mergeable_vma and is_mergeable_anon_vma. */
function is_mergeable(r: MergeRange, target: vm_area_struct): boolean {
  if (((target.vm_flags ^ r.flags) & ~VM_SOFTDIRTY) !== 0 || target.vm_file !== r.file) return false;
  const theirs = target.anon_vma;
  if (theirs === null && r.anon_vma !== null) return !had_uncowed_parents(r.middle ?? r.copied_from);
  if (theirs !== null && r.anon_vma === null) return !had_uncowed_parents(target);
  return theirs === r.anon_vma;
}

function can_merge_left(r: MergeRange): boolean {
  const prev = r.prev;
  return (
    prev !== null && prev.vm_end === r.start && prev.vm_pgoff + vma_pages(prev) === r.pgoff && is_mergeable(r, prev)
  );
}

function can_merge_right(r: MergeRange, left: boolean): boolean {
  const next = r.next;
  if (next === null || next.vm_start !== r.end || next.vm_pgoff !== r.pgoff + (r.end - r.start) / PAGE_SIZE)
    return false;
  if (!is_mergeable(r, next)) return false;
  if (!left) return true;
  const a = r.prev!.anon_vma;
  const b = next.anon_vma;
  return a === null || b === null || a === b;
}

const can_merge_remove = (vma: vm_area_struct): boolean => vma.vm_ops === null || vma.vm_ops.close === undefined;

/** Linux: mm/vma.c dup_anon_vma. */
function dup_anon_vma(dst: vm_area_struct, src: vm_area_struct): void {
  if (src.anon_vma !== null && dst.anon_vma === null) {
    dst.anon_vma = src.anon_vma;
    anon_vma_clone(dst, src);
  }
}

/** Takes an area that a merge swallowed out of everything. */
function swallow(into: vm_area_struct, gone: vm_area_struct): void {
  const m = into.vm_mm.machine;
  unlink_anon_vmas(gone);
  if (gone.vm_file !== null) {
    gone.vm_file.inode.i_mapping.i_mmap.delete(gone);
    fput(m, gone.vm_file);
  }
}

/** Linux: mm/vma.c commit_merge: `target` becomes `[start, end)`; `gone` areas vanish; `shrunk` gives way at one side. */
function commit_merge(
  target: vm_area_struct,
  start: number,
  end: number,
  pgoff: number,
  gone: readonly vm_area_struct[],
  shrunk: vm_area_struct | null,
): void {
  const mm = target.vm_mm;
  const rec = mm.machine.rec;
  vma_adjust_trans_huge(target, start, end, shrunk);
  for (const g of gone) mm.mm_mt.erase(g);
  if (shrunk !== null) {
    if (shrunk.vm_start < target.vm_start) set_range(shrunk, shrunk.vm_start, start, shrunk.vm_pgoff);
    else set_range(shrunk, end, shrunk.vm_end, shrunk.vm_pgoff + (end - shrunk.vm_start) / PAGE_SIZE);
  }
  target.vm_start = start;
  target.vm_end = end;
  target.vm_pgoff = pgoff;
  mm.mm_mt.changed(target);
  if (rec !== null) {
    if (gone.length === 0) rec.emit(Ev.VmaMerge, mm.id, target.id, 0, start, end);
    for (const g of gone) rec.emit(Ev.VmaMerge, mm.id, target.id, g.id, start, end);
  }
  for (const g of gone) swallow(target, g);
  if (mm.cached_vma !== null && mm.cached_vma !== target) mm.cached_vma = null;
}

/** Tries to grow a neighbour over a new, empty range. Null: nothing fits. Linux: mm/vma.c vma_merge_new_range. */
function vma_merge_new_range(r: MergeRange): vm_area_struct | null {
  const { prev, next } = r;
  if ((r.flags & VM_SPECIAL) !== 0 || (prev === null && next === null)) return null;
  const left = can_merge_left(r);
  const right = !r.just_expand && can_merge_right(r, left);
  if (!left && !right) return null;
  let { start, end, pgoff } = r;
  let target = next!;
  const gone: vm_area_struct[] = [];
  if (right) {
    end = next!.vm_end;
    pgoff = next!.vm_pgoff - (r.end - r.start) / PAGE_SIZE;
  }
  if (left) {
    target = prev!;
    start = prev!.vm_start;
    pgoff = prev!.vm_pgoff;
    if (right) {
      if (can_merge_remove(next!)) {
        gone.push(next!);
        dup_anon_vma(prev!, next!);
      } else end = r.end;
    }
  }
  if (r.copied_from !== null) dup_anon_vma(target, r.copied_from);
  commit_merge(target, start, end, pgoff, gone, null);
  return target;
}

/** Merges an area, or one side of it, that takes other flags with its neighbours. Null: no merge. Linux: vma_merge_existing_range. */
function vma_merge_existing_range(r: MergeRange): vm_area_struct | null {
  const middle = r.middle!;
  const { start, end } = r;
  const left_side = start === middle.vm_start;
  const right_side = end === middle.vm_end;
  if ((r.flags & VM_SPECIAL) !== 0 || (!left_side && !right_side)) return null;
  const mt = middle.vm_mm.mm_mt;
  const prev = left_side ? mt.prev(middle) : null;
  r.prev = prev;
  const left = left_side && can_merge_left(r);
  const next = right_side ? mt.next(middle) : null;
  r.next = next;
  let right = right_side && can_merge_right(r, left);
  if (!left && !right) return null;
  const whole = left_side && right_side;
  if (whole && !can_merge_remove(middle)) return null;
  let both = left && right;
  if (both && !can_merge_remove(next!)) {
    both = false;
    right = false;
  }
  if (both) {
    dup_anon_vma(prev!, next!.anon_vma !== null ? next! : middle);
    commit_merge(prev!, prev!.vm_start, next!.vm_end, prev!.vm_pgoff, [middle, next!], null);
    return prev;
  }
  if (left) {
    dup_anon_vma(prev!, middle);
    commit_merge(prev!, prev!.vm_start, end, prev!.vm_pgoff, whole ? [middle] : [], whole ? null : middle);
    return prev;
  }
  dup_anon_vma(next!, middle);
  const pgoff = next!.vm_pgoff - (end - start) / PAGE_SIZE;
  commit_merge(next!, start, next!.vm_end, pgoff, whole ? [middle] : [], whole ? null : middle);
  return next;
}

/**
 * Prepares `[start, end)` of an area for other flags: merges it with a neighbour that has them, or cuts it out. Returns the
 * area that covers the range (its flags are still the caller's to set), or a negative errno. Linux: mm/vma.c vma_modify_flags.
 */
export function vma_modify_flags(
  vma: vm_area_struct,
  start: number,
  end: number,
  flags: number,
): vm_area_struct | number {
  const merged = vma_merge_existing_range({
    mm: vma.vm_mm,
    prev: null,
    next: null,
    middle: vma,
    copied_from: null,
    start,
    end,
    pgoff: vma.vm_pgoff + (start - vma.vm_start) / PAGE_SIZE,
    flags,
    file: vma.vm_file,
    anon_vma: vma.anon_vma,
    just_expand: false,
  });
  if (merged !== null) return merged;
  if (vma.vm_start < start) {
    const err = split_vma(vma, start, true);
    if (err !== 0) return err;
  }
  if (vma.vm_end > end) {
    const err = split_vma(vma, end, false);
    if (err !== 0) return err;
  }
  return vma;
}

/** Tries to let a new anonymous or file range grow out of its neighbours. Null: an area of its own is needed. */
export function merge_new_mapping(
  mm: mm_struct,
  start: number,
  end: number,
  flags: number,
  f: file | null,
  pgoff: number,
  prev: vm_area_struct | null,
  next: vm_area_struct | null,
): vm_area_struct | null {
  // The common quick no: neither neighbour touches the range.
  if ((prev === null || prev.vm_end !== start) && (next === null || next.vm_start !== end)) return null;
  return vma_merge_new_range({
    mm,
    prev,
    next,
    middle: null,
    copied_from: null,
    start,
    end,
    pgoff,
    flags,
    file: f,
    anon_vma: null,
    just_expand: false,
  });
}

/** Lets the heap's area grow over `[start, end)`, never joining what follows. Null: it does not fit. */
export function extend_heap(vma: vm_area_struct, start: number, end: number, flags: number): vm_area_struct | null {
  return vma_merge_new_range({
    mm: vma.vm_mm,
    prev: vma,
    next: null,
    middle: null,
    copied_from: null,
    start,
    end,
    pgoff: start / PAGE_SIZE,
    flags,
    file: null,
    anon_vma: null,
    just_expand: true,
  });
}

/** Grows an area at its end by `delta` bytes, joining a fitting neighbour. Null: it does not fit. Linux: vma_merge_extend. */
export function vma_merge_extend(vma: vm_area_struct, delta: number): vm_area_struct | null {
  return vma_merge_new_range({
    mm: vma.vm_mm,
    prev: vma,
    next: vma.vm_mm.mm_mt.next(vma),
    middle: null,
    copied_from: null,
    start: vma.vm_end,
    end: vma.vm_end + delta,
    pgoff: vma.vm_pgoff + vma_pages(vma),
    flags: vma.vm_flags,
    file: vma.vm_file,
    anon_vma: vma.anon_vma,
    just_expand: false,
  });
}

/** A copy of `vma` at `[address, address + len)`, merged into a neighbour where one fits. Linux: mm/vma.c copy_vma. */
export function copy_vma(vma: vm_area_struct, address: number, len: number, pgoff: number): vm_area_struct {
  const mm = vma.vm_mm;
  if (vma_is_anonymous(vma) && vma.anon_vma === null) pgoff = address / PAGE_SIZE;
  const merged = vma_merge_new_range({
    mm,
    prev: mm.mm_mt.before(address),
    next: mm.mm_mt.find(address),
    middle: null,
    copied_from: vma,
    start: address,
    end: address + len,
    pgoff,
    flags: vma.vm_flags,
    file: vma.vm_file,
    anon_vma: vma.anon_vma,
    just_expand: false,
  });
  if (merged !== null) return merged;
  const copy = vma_dup(vma, mm);
  copy.vm_start = address;
  copy.vm_end = address + len;
  copy.vm_pgoff = pgoff;
  anon_vma_clone(copy, vma);
  if (copy.vm_file !== null) get_file(copy.vm_file);
  if (copy.vm_ops !== null && copy.vm_ops.open !== undefined) copy.vm_ops.open(copy);
  vma_link(mm, copy);
  return copy;
}

// ---- unmapping ---------------------------------------------------------------------------------

/** Areas on their way out, and the span in which their tables may be freed (Linux: struct vma_munmap_struct). */
export interface MunmapRange {
  readonly start: number;
  readonly end: number;
  readonly vmas: vm_area_struct[];
  prev: vm_area_struct | null;
  next: vm_area_struct | null;
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
  r.prev = mt.prev(first);
  let vma: vm_area_struct | null = first;
  while (vma !== null && vma.vm_start < r.end) {
    if (vma.vm_end > r.end) {
      const err = __split_vma(vma, r.end, false);
      if (err !== 0) return err;
    }
    r.vmas.push(vma);
    const n = vma_pages(vma);
    r.nr_pages += n;
    if ((vma.vm_flags & VM_ACCOUNT) !== 0) r.nr_accounted += n;
    vma = mt.next(vma);
  }
  r.next = vma;
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
  free_pgtables(mm, vmas, r.prev === null ? 0 : r.prev.vm_end, r.next === null ? 0 : r.next.vm_start);
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
}

export const munmap_range = (start: number, end: number): MunmapRange => ({
  start,
  end,
  vmas: [],
  prev: null,
  next: null,
  nr_pages: 0,
  nr_accounted: 0,
  cleared: false,
});

/** Unmaps `[start, end)`, page aligned, of which `vma` is the first area. Linux: mm/vma.c do_vmi_align_munmap. */
export function do_align_munmap(mm: mm_struct, vma: vm_area_struct, start: number, end: number): number {
  const rec = mm.machine.rec;
  if (rec !== null) rec.emit(Ev.Enter, R.do_vmi_align_munmap, start, end);
  const r = munmap_range(start, end);
  const err = gather_munmap_vmas(mm, vma, r);
  if (err === 0) complete_munmap(mm, r, false);
  if (rec !== null) rec.emit(Ev.Leave, R.do_vmi_align_munmap, err);
  return err;
}

/** Unmaps whatever lies in `[start, start + len)`. Returns 0 or −EINVAL, −ENOMEM. Linux: mm/vma.c do_vmi_munmap. */
export function do_munmap(mm: mm_struct, start: number, len: number): number {
  if (start % PAGE_SIZE !== 0 || start > TASK_SIZE || len > TASK_SIZE - start) return -EINVAL;
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
  if (vma.vm_end - address > RLIMIT_STACK) return -ENOMEM;
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

// ---- where to put a mapping --------------------------------------------------------------------

/** Highest free place of `length` bytes below `high`, aligned as asked; −ENOMEM. Linux: mm/vma.c unmapped_area_topdown. */
export function unmapped_area_topdown(
  mm: mm_struct,
  len: number,
  low: number,
  high: number,
  align_mask: number,
  align_offset: number,
): number {
  const length = len + align_mask;
  const mt = mm.mm_mt;
  low = Math.max(low, MMAP_MIN_ADDR);
  for (;;) {
    const gap_end = mt.gapBelow(low, high, length);
    if (gap_end < 0) return -ENOMEM;
    let gap = gap_end - len;
    if (align_mask !== 0) gap -= mod(gap - align_offset, align_mask + PAGE_SIZE);
    const above = mt.find(gap_end);
    if (above !== null && (above.vm_flags & VM_GROWSDOWN) !== 0 && vm_start_gap(above) < gap_end) {
      high = vm_start_gap(above);
      continue;
    }
    return gap;
  }
}

/** Lowest free place within `[low, high)`; −ENOMEM. Linux: mm/vma.c unmapped_area. */
export function unmapped_area(
  mm: mm_struct,
  len: number,
  low: number,
  high: number,
  align_mask: number,
  align_offset: number,
): number {
  const length = len + align_mask;
  const mt = mm.mm_mt;
  low = Math.max(low, MMAP_MIN_ADDR);
  for (;;) {
    const start = mt.gapAbove(low, high, length);
    if (start < 0) return -ENOMEM;
    let gap = start;
    if (align_mask !== 0) gap += mod(align_offset - gap, align_mask + PAGE_SIZE);
    const above = mt.find(start);
    if (above !== null && (above.vm_flags & VM_GROWSDOWN) !== 0 && vm_start_gap(above) < gap + length - 1) {
      low = above.vm_end;
      continue;
    }
    return gap;
  }
}

const mod = (a: number, n: number): number => ((a % n) + n) % n;
