/** Areas that join their neighbours, and areas that are cut because they no longer can (Linux: mm/vma.c vma_merge_*, vma_modify). */
import { PAGE_SIZE } from '../../base/units';
import { Ev } from '../events';
import { fput, get_file } from '../fs/file_table';
import { vma_adjust_trans_huge } from './huge_memory';
import type { anon_vma, file, mm_struct, vm_area_struct } from './mm_types';
import { anon_vma_clone, unlink_anon_vmas } from './rmap';
import { VM_SPECIAL, VM_STICKY } from './vm_flags';
import { set_range, split_vma, vm_flags_reset, vma_dup, vma_is_anonymous, vma_link, vma_pages } from './vma';

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
  if (((target.vm_flags ^ r.flags) & ~VM_STICKY) !== 0 || target.vm_file !== r.file) return false;
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

/**
 * Linux: mm/vma.c commit_merge: `target` becomes `[start, end)`; `gone` areas vanish; `shrunk` gives way at one side; `sticky`
 * flags of the range are the target's from now on, too.
 */
function commit_merge(
  target: vm_area_struct,
  start: number,
  end: number,
  pgoff: number,
  gone: readonly vm_area_struct[],
  shrunk: vm_area_struct | null,
  sticky: number,
): void {
  const mm = target.vm_mm;
  const rec = mm.machine.rec;
  for (const g of gone) sticky |= g.vm_flags & VM_STICKY;
  if (sticky !== 0) vm_flags_reset(target, target.vm_flags | sticky);
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
  commit_merge(target, start, end, pgoff, gone, null, r.flags & VM_STICKY);
  return target;
}

/** Merges an area, or one side of it, that takes other flags with its neighbours. Null: no merge. Linux: vma_merge_existing_range. */
function vma_merge_existing_range(r: MergeRange): vm_area_struct | null {
  const middle = r.middle!;
  const { start, end } = r;
  const sticky = r.flags & VM_STICKY;
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
    commit_merge(prev!, prev!.vm_start, next!.vm_end, prev!.vm_pgoff, [middle, next!], null, sticky);
    return prev;
  }
  if (left) {
    dup_anon_vma(prev!, middle);
    commit_merge(prev!, prev!.vm_start, end, prev!.vm_pgoff, whole ? [middle] : [], whole ? null : middle, sticky);
    return prev;
  }
  dup_anon_vma(next!, middle);
  const pgoff = next!.vm_pgoff - (end - start) / PAGE_SIZE;
  commit_merge(next!, start, next!.vm_end, pgoff, whole ? [middle] : [], whole ? null : middle, sticky);
  return next;
}

/**
 * Prepares `[start, end)` of an area for other flags: merges it with a neighbour that has them, or cuts it out. Returns the
 * area that covers the range, or a negative errno; its flags are still the caller's to set, and keep those that are sticky. Linux:
 * mm/vma.c vma_modify_flags.
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
