/**
 * The areas of one address space in ascending order, with their gaps indexed (Linux: the maple tree of mm->mm_mt).
 *
 * Areas stand in blocks of at most 32, which keep their bounds in typed arrays; over the blocks stand the first address and
 * the largest gap of each, so that a find is two bisections and the search for a gap passes over whole blocks.
 */
import { assert } from '../../base/assert';
import type { vm_area_struct } from './mm_types';

const FULL = 32;
/** In `gaps`: must be computed anew. Larger than any length, so that a search stops there. */
const UNKNOWN = Infinity;
/** Blocks whose gaps are summed up in one number. */
const GROUP = 32;

export class VmaBlock {
  /** The first `count` places hold areas. */
  readonly vmas: (vm_area_struct | null)[] = new Array<vm_area_struct | null>(FULL + 1).fill(null);
  count = 0;
  /** Place looked at last: whoever finds an area soon asks for its neighbours. */
  hint = 0;
  readonly starts = new Float64Array(FULL + 1);
  readonly ends = new Float64Array(FULL + 1);
  /** Place in the list of blocks; kept by the tree. */
  at = 0;
}

/** Index of the first of `count` ascending `ends` that is above `address`. */
function firstAbove(ends: Float64Array, count: number, address: number): number {
  let lo = 0;
  let hi = count;
  while (lo < hi) {
    const mid = (lo + hi) >>> 1;
    if (ends[mid]! > address) hi = mid;
    else lo = mid + 1;
  }
  return lo;
}

/** What `findTouching` found last: the areas that touch the range, below and above. */
export const touching: { below: vm_area_struct | null; above: vm_area_struct | null } = { below: null, above: null };

export class VmaTree {
  private readonly blocks: VmaBlock[] = [];
  /** Start of each block's first area, and end of its last one: a neighbour's are asked for without looking at it. */
  private firsts = new Float64Array(16);
  private lasts = new Float64Array(16);
  /** Largest gap right below one of each block's areas, bytes. */
  private gaps = new Float64Array(16);
  /** Largest of `GROUP` such gaps. */
  private groups = new Float64Array(1);
  size = 0;

  /** The last block whose first area starts at or below the address; −1 if all start above. */
  private blockOf(address: number): number {
    return firstAbove(this.firsts, this.blocks.length, address) - 1;
  }

  /** The first area that ends above `address`: the one that holds it, or the next. Linux: find_vma. */
  find(address: number): vm_area_struct | null {
    if (this.size === 0) return null;
    const b = Math.max(0, this.blockOf(address));
    const block = this.blocks[b]!;
    const i = firstAbove(block.ends, block.count, address);
    if (i < block.count) {
      block.hint = i;
      return block.vmas[i]!;
    }
    return b + 1 < this.blocks.length ? this.blocks[b + 1]!.vmas[0]! : null;
  }

  /** Start of the area that `find(address)` gives, without looking at the area; Infinity for none. */
  startAbove(address: number): number {
    if (this.size === 0) return Infinity;
    const b = Math.max(0, this.blockOf(address));
    const block = this.blocks[b]!;
    const i = firstAbove(block.ends, block.count, address);
    if (i < block.count) return block.starts[i]!;
    return b + 1 < this.blocks.length ? this.firsts[b + 1]! : Infinity;
  }

  /** End of the area right below one of the tree, 0 for none; again without looking at it. */
  endBefore(vma: vm_area_struct): number {
    const block = vma.block!;
    const i = this.indexIn(block, vma);
    return i > 0 ? block.ends[i - 1]! : this.endBelow(block.at);
  }

  /** Start of the area right above one of the tree, 0 for none. */
  startAfter(vma: vm_area_struct): number {
    const block = vma.block!;
    const i = this.indexIn(block, vma) + 1;
    if (i < block.count) return block.starts[i]!;
    return block.at + 1 < this.blocks.length ? this.firsts[block.at + 1]! : 0;
  }

  /** Fills `touching` for the free range `[start, end)`. */
  findTouching(start: number, end: number): void {
    touching.below = null;
    touching.above = null;
    if (this.size === 0) return;
    const b = Math.max(0, this.blockOf(start));
    const block = this.blocks[b]!;
    const { vmas, starts, ends, count } = block;
    const i = firstAbove(ends, count, start);
    if (i > 0) {
      if (ends[i - 1] === start) touching.below = vmas[i - 1]!;
    } else if (b > 0 && this.lasts[b - 1] === start) {
      const below = this.blocks[b - 1]!;
      touching.below = below.vmas[below.count - 1]!;
    }
    if (i < count) {
      if (starts[i] === end) touching.above = vmas[i]!;
    } else if (b + 1 < this.blocks.length && this.firsts[b + 1] === end) touching.above = this.blocks[b + 1]!.vmas[0]!;
  }

  /** The area that holds `address`, or null. Linux: vma_lookup. */
  lookup(address: number): vm_area_struct | null {
    const v = this.find(address);
    return v !== null && v.vm_start <= address ? v : null;
  }

  /** The area right below the one that `find(address)` gives, or null. */
  before(address: number): vm_area_struct | null {
    const v = this.find(address);
    return v === null ? this.last() : this.prev(v);
  }

  first(): vm_area_struct | null {
    return this.size === 0 ? null : this.blocks[0]!.vmas[0]!;
  }

  last(): vm_area_struct | null {
    if (this.size === 0) return null;
    const { vmas, count } = this.blocks[this.blocks.length - 1]!;
    return vmas[count - 1]!;
  }

  private indexIn(block: VmaBlock, vma: vm_area_struct): number {
    const { hint } = block;
    return block.vmas[hint] === vma ? hint : (block.hint = firstAbove(block.ends, block.count, vma.vm_start));
  }

  next(vma: vm_area_struct): vm_area_struct | null {
    const block = vma.block!;
    const i = this.indexIn(block, vma) + 1;
    if (i < block.count) return block.vmas[i]!;
    const b = block.at + 1;
    return b < this.blocks.length ? this.blocks[b]!.vmas[0]! : null;
  }

  prev(vma: vm_area_struct): vm_area_struct | null {
    const block = vma.block!;
    const i = this.indexIn(block, vma) - 1;
    if (i >= 0) return block.vmas[i]!;
    if (block.at === 0) return null;
    const { vmas, count } = this.blocks[block.at - 1]!;
    return vmas[count - 1]!;
  }

  /** Adds an area whose range is free. */
  insert(vma: vm_area_struct): void {
    this.size++;
    if (this.blocks.length === 0) this.addBlock(new VmaBlock(), 0);
    const b = Math.max(0, this.blockOf(vma.vm_start));
    const block = this.blocks[b]!;
    const { vmas, starts, ends } = block;
    const n = block.count;
    const i = firstAbove(ends, n, vma.vm_start);
    assert(i === n || starts[i]! >= vma.vm_end, 'an area is linked over another');
    for (let k = n; k > i; k--) {
      starts[k] = starts[k - 1]!;
      ends[k] = ends[k - 1]!;
      vmas[k] = vmas[k - 1]!;
    }
    vmas[i] = vma;
    block.count = n + 1;
    block.hint = i;
    starts[i] = vma.vm_start;
    ends[i] = vma.vm_end;
    vma.block = block;
    // The gap that the area stands in falls into two: the lower is its own, the upper belongs to the area above.
    const below = i > 0 ? ends[i - 1]! : this.endBelow(b);
    if (i === 0) this.firsts[b] = vma.vm_start;
    if (i === n) this.lasts[b] = vma.vm_end;
    if (i < n) this.shrink(b, starts[i + 1]! - below);
    else {
      this.raise(b, vma.vm_start - below);
      if (b + 1 < this.blocks.length) this.shrink(b + 1, this.firsts[b + 1]! - below);
    }
    if (n + 1 > FULL) this.split(block);
  }

  private addBlock(block: VmaBlock, at: number): void {
    const n = this.blocks.length;
    if (n === this.firsts.length) {
      this.firsts = grown(this.firsts);
      this.lasts = grown(this.lasts);
      this.gaps = grown(this.gaps);
      this.groups = new Float64Array(Math.ceil(this.gaps.length / GROUP));
    }
    this.groups.fill(UNKNOWN);
    this.blocks.splice(at, 0, block);
    this.firsts.copyWithin(at + 1, at, n);
    this.lasts.copyWithin(at + 1, at, n);
    this.gaps.copyWithin(at + 1, at, n);
    for (let i = at; i <= n; i++) this.blocks[i]!.at = i;
  }

  private split(block: VmaBlock): void {
    const half = FULL >> 1;
    const upper = new VmaBlock();
    for (let i = half; i < block.count; i++) {
      const v = block.vmas[i]!;
      const k = upper.count++;
      upper.vmas[k] = v;
      upper.starts[k] = v.vm_start;
      upper.ends[k] = v.vm_end;
      v.block = upper;
      block.vmas[i] = null;
    }
    block.count = half;
    this.addBlock(upper, block.at + 1);
    this.touch(upper.at);
    this.touch(block.at);
  }

  /** Takes an area out. */
  erase(vma: vm_area_struct): void {
    const block = vma.block!;
    const { vmas, starts, ends } = block;
    const n = block.count;
    const i = this.indexIn(block, vma);
    assert(vmas[i] === vma, 'an area is unlinked that is not in the tree');
    for (let k = i + 1; k < n; k++) {
      starts[k - 1] = starts[k]!;
      ends[k - 1] = ends[k]!;
      vmas[k - 1] = vmas[k]!;
    }
    vmas[n - 1] = null;
    block.count = n - 1;
    vma.block = null;
    this.size--;
    const b = block.at;
    if (n > 1) {
      // The gap below the area joins the one above it, which belongs to the area above.
      const below = i > 0 ? ends[i - 1]! : this.endBelow(b);
      if (i === 0) this.firsts[b] = starts[0]!;
      if (i === n - 1) this.lasts[b] = ends[n - 2]!;
      if (i < n - 1) this.raise(b, starts[i]! - below);
      else {
        this.shrink(b, vma.vm_start - below);
        if (b + 1 < this.blocks.length) this.raise(b + 1, this.firsts[b + 1]! - below);
      }
      return;
    }
    const last = this.blocks.length;
    this.blocks.splice(b, 1);
    this.firsts.copyWithin(b, b + 1, last);
    this.lasts.copyWithin(b, b + 1, last);
    this.gaps.copyWithin(b, b + 1, last);
    this.groups.fill(UNKNOWN);
    for (let k = b; k < last - 1; k++) this.blocks[k]!.at = k;
    if (b < last - 1) this.touch(b);
  }

  /** To be called when an area in the tree has changed its `vm_start` or `vm_end` (order kept). */
  changed(vma: vm_area_struct): void {
    const block = vma.block!;
    const i = block.vmas[block.hint] === vma ? block.hint : block.vmas.indexOf(vma);
    block.starts[i] = vma.vm_start;
    block.ends[i] = vma.vm_end;
    this.touch(block.at);
  }

  /** A gap of block `b` has become this large. */
  private raise(b: number, gap: number): void {
    if (this.gaps[b]! >= gap) return;
    this.gaps[b] = gap;
    const g = Math.floor(b / GROUP);
    if (this.groups[g]! < gap) this.groups[g] = gap;
  }

  /** A gap of block `b` was this large, and is smaller now. */
  private shrink(b: number, gap: number): void {
    if (this.gaps[b]! > gap && this.gaps[b] !== UNKNOWN) return;
    this.gaps[b] = UNKNOWN;
    this.groups[Math.floor(b / GROUP)] = UNKNOWN;
  }

  private touch(b: number): void {
    const { starts, ends, count } = this.blocks[b]!;
    this.firsts[b] = starts[0]!;
    this.lasts[b] = ends[count - 1]!;
    this.gaps[b] = UNKNOWN;
    this.groups[Math.floor(b / GROUP)] = UNKNOWN;
    if (b + 1 === this.blocks.length) return;
    this.gaps[b + 1] = UNKNOWN;
    this.groups[Math.floor((b + 1) / GROUP)] = UNKNOWN;
  }

  /** End of the area right below block `b`, 0 if there is none. */
  private endBelow(b: number): number {
    return b === 0 ? 0 : this.lasts[b - 1]!;
  }

  private maxGap(b: number): number {
    const known = this.gaps[b]!;
    if (known !== UNKNOWN) return known;
    const { starts, ends, count } = this.blocks[b]!;
    let end = this.endBelow(b);
    let max = 0;
    for (let i = 0; i < count; i++) {
      const gap = starts[i]! - end;
      if (gap > max) max = gap;
      end = ends[i]!;
    }
    return (this.gaps[b] = max);
  }

  /** The last block at or before `b` with a gap of at least `length` below one of its areas; −1 if there is none. */
  private blockWithGap(b: number, length: number): number {
    const { gaps, groups } = this;
    while (b >= 0) {
      if (b % GROUP === GROUP - 1) {
        const g = (b / GROUP) | 0;
        if (groups[g] === UNKNOWN) {
          let max = 0;
          for (let k = b; k > b - GROUP; k--) max = Math.max(max, this.maxGap(k));
          groups[g] = max;
        }
        if (groups[g]! < length) {
          b -= GROUP;
          continue;
        }
      }
      if (gaps[b]! >= length && this.maxGap(b) >= length) return b;
      b--;
    }
    return -1;
  }

  /**
   * The end of the highest gap of at least `length` bytes within `[low, high)`, gaps clipped to those limits; −1 if
   * there is none. Linux: mas_empty_area_rev.
   */
  gapBelow(low: number, high: number, length: number): number {
    if (high - low < length) return -1;
    // The gap that `high` cuts off: it ends at `high`, above the last area that starts below it.
    let b = this.blockOf(high);
    if (b >= 0 && this.firsts[b] === high) b--;
    if (b < 0) return high;
    const block = this.blocks[b]!;
    let i = block.count - 1;
    while (i >= 0 && block.starts[i]! >= high) i--;
    if (high - Math.max(low, block.ends[i]!) >= length) return high;
    // Then the gaps below each area, downwards.
    for (;;) {
      const { starts, ends } = this.blocks[b]!;
      for (; i >= 0; i--) {
        const below = i > 0 ? ends[i - 1]! : this.endBelow(b);
        if (starts[i]! - Math.max(low, below) >= length) return starts[i]!;
        if (below < low) return -1;
      }
      b = this.blockWithGap(b - 1, length);
      if (b < 0) return -1;
      i = this.blocks[b]!.count - 1;
    }
  }

  /** The start of the lowest gap of at least `length` bytes within `[low, high)`; −1 if there is none. Linux: mas_empty_area. */
  gapAbove(low: number, high: number, length: number): number {
    if (high - low < length) return -1;
    let start = low;
    let v = this.find(low);
    while (v !== null) {
      if (Math.min(v.vm_start, high) - start >= length) return start;
      start = Math.max(start, v.vm_end);
      if (high - start < length) return -1;
      v = this.next(v);
    }
    return high - start >= length ? start : -1;
  }

  /** Areas in ascending order. The tree must not change meanwhile. */
  *[Symbol.iterator](): Iterator<vm_area_struct> {
    for (const { vmas, count } of this.blocks) for (let i = 0; i < count; i++) yield vmas[i]!;
  }

  /** The same tree with other areas: `other` gives each area's counterpart, which has the same bounds. */
  copy(other: (vma: vm_area_struct) => vm_area_struct): VmaTree {
    const tree = new VmaTree();
    tree.size = this.size;
    tree.firsts = this.firsts.slice();
    tree.lasts = this.lasts.slice();
    tree.gaps = this.gaps.slice();
    tree.groups = this.groups.slice();
    for (const block of this.blocks) {
      const twin = new VmaBlock();
      twin.at = block.at;
      twin.hint = block.hint;
      twin.starts.set(block.starts);
      twin.ends.set(block.ends);
      for (; twin.count < block.count; twin.count++) {
        const v = other(block.vmas[twin.count]!);
        v.block = twin;
        twin.vmas[twin.count] = v;
      }
      tree.blocks.push(twin);
    }
    return tree;
  }

  /** The areas that meet `[start, end)`, in ascending order, as a list of its own. */
  range(start: number, end: number): vm_area_struct[] {
    const found: vm_area_struct[] = [];
    for (let v = this.find(start); v !== null && v.vm_start < end; v = this.next(v)) found.push(v);
    return found;
  }
}

/** A copy with twice the room. */
function grown(values: Float64Array): Float64Array<ArrayBuffer> {
  const more = new Float64Array(values.length * 2);
  more.set(values);
  return more;
}
