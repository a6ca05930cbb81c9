/**
 * The areas of one address space in ascending order, with their gaps indexed (Linux: the maple tree of mm->mm_mt).
 *
 * Areas stand in blocks of at most 64; each block knows the largest gap below one of its areas, computed when asked
 * after a change. Find, insert and erase cost a bisection; the search for a gap skips whole blocks.
 */
import { assert } from '../../base/assert';
import type { vm_area_struct } from './mm_types';

const FULL = 64;

export class VmaBlock {
  vmas: vm_area_struct[] = [];
  /** Place in the list of blocks; kept by the tree. */
  at = 0;
  /** Largest gap right below one of the areas, bytes; −1 when it must be computed anew. */
  max_gap = -1;
}

export class VmaTree {
  private blocks: VmaBlock[] = [];
  size = 0;

  private blockOf(address: number): number {
    // The last block whose first area starts at or below the address.
    const blocks = this.blocks;
    let lo = 0;
    let hi = blocks.length;
    while (lo < hi) {
      const mid = (lo + hi) >>> 1;
      if (blocks[mid]!.vmas[0]!.vm_start <= address) lo = mid + 1;
      else hi = mid;
    }
    return lo - 1;
  }

  /** Index in `vmas` of the first area with `vm_end` > address. */
  private static within(vmas: vm_area_struct[], address: number): number {
    let lo = 0;
    let hi = vmas.length;
    while (lo < hi) {
      const mid = (lo + hi) >>> 1;
      if (vmas[mid]!.vm_end > address) hi = mid;
      else lo = mid + 1;
    }
    return lo;
  }

  /** The first area that ends above `address`: the one that holds it, or the next. Linux: find_vma. */
  find(address: number): vm_area_struct | null {
    if (this.size === 0) return null;
    let b = this.blockOf(address);
    if (b < 0) b = 0;
    const vmas = this.blocks[b]!.vmas;
    const i = VmaTree.within(vmas, address);
    if (i < vmas.length) return vmas[i]!;
    return b + 1 < this.blocks.length ? this.blocks[b + 1]!.vmas[0]! : null;
  }

  /** The area that holds `address`, or null. Linux: vma_lookup. */
  lookup(address: number): vm_area_struct | null {
    const v = this.find(address);
    return v !== null && v.vm_start <= address ? v : null;
  }

  /** The last area that ends at or below `address`, or null. */
  before(address: number): vm_area_struct | null {
    const v = this.find(address);
    if (v === null) return this.last();
    if (v.vm_end <= address) return v;
    return v.vm_start < address ? this.prev(v) : this.prev(v);
  }

  first(): vm_area_struct | null {
    return this.size === 0 ? null : this.blocks[0]!.vmas[0]!;
  }

  last(): vm_area_struct | null {
    if (this.size === 0) return null;
    const vmas = this.blocks[this.blocks.length - 1]!.vmas;
    return vmas[vmas.length - 1]!;
  }

  private indexIn(vma: vm_area_struct): number {
    const vmas = vma.block!.vmas;
    let lo = 0;
    let hi = vmas.length;
    while (lo < hi) {
      const mid = (lo + hi) >>> 1;
      if (vmas[mid]!.vm_start < vma.vm_start) lo = mid + 1;
      else hi = mid;
    }
    return lo;
  }

  next(vma: vm_area_struct): vm_area_struct | null {
    const block = vma.block!;
    const i = this.indexIn(vma) + 1;
    if (i < block.vmas.length) return block.vmas[i]!;
    const b = block.at + 1;
    return b < this.blocks.length ? this.blocks[b]!.vmas[0]! : null;
  }

  prev(vma: vm_area_struct): vm_area_struct | null {
    const block = vma.block!;
    const i = this.indexIn(vma) - 1;
    if (i >= 0) return block.vmas[i]!;
    if (block.at === 0) return null;
    const vmas = this.blocks[block.at - 1]!.vmas;
    return vmas[vmas.length - 1]!;
  }

  /** Adds an area whose range is free. */
  insert(vma: vm_area_struct): void {
    this.size++;
    if (this.blocks.length === 0) {
      const block = new VmaBlock();
      block.vmas.push(vma);
      vma.block = block;
      this.blocks.push(block);
      return;
    }
    const b = Math.max(0, this.blockOf(vma.vm_start));
    const block = this.blocks[b]!;
    const vmas = block.vmas;
    const i = VmaTree.within(vmas, vma.vm_start);
    assert(i === vmas.length || vmas[i]!.vm_start >= vma.vm_end, 'an area is linked over another');
    if (i === vmas.length) vmas.push(vma);
    else vmas.splice(i, 0, vma);
    vma.block = block;
    this.touch(block);
    if (vmas.length > FULL) this.split(block);
  }

  private split(block: VmaBlock): void {
    const upper = new VmaBlock();
    upper.vmas = block.vmas.splice(FULL >> 1);
    for (const v of upper.vmas) v.block = upper;
    this.blocks.splice(block.at + 1, 0, upper);
    for (let i = block.at + 1; i < this.blocks.length; i++) this.blocks[i]!.at = i;
  }

  /** Takes an area out. */
  erase(vma: vm_area_struct): void {
    const block = vma.block!;
    const i = this.indexIn(vma);
    assert(block.vmas[i] === vma, 'an area is unlinked that is not in the tree');
    this.touch(block);
    if (i === block.vmas.length - 1) block.vmas.pop();
    else block.vmas.splice(i, 1);
    vma.block = null;
    this.size--;
    if (block.vmas.length === 0) {
      this.blocks.splice(block.at, 1);
      for (let k = block.at; k < this.blocks.length; k++) this.blocks[k]!.at = k;
    }
  }

  /** To be called when an area in the tree has changed its `vm_start` or `vm_end` (order kept). */
  changed(vma: vm_area_struct): void {
    this.touch(vma.block!);
  }

  private touch(block: VmaBlock): void {
    block.max_gap = -1;
    const above = this.blocks[block.at + 1];
    if (above !== undefined) above.max_gap = -1;
  }

  private maxGap(b: number): number {
    const block = this.blocks[b]!;
    if (block.max_gap >= 0) return block.max_gap;
    let end = 0;
    if (b > 0) {
      const below = this.blocks[b - 1]!.vmas;
      end = below[below.length - 1]!.vm_end;
    }
    let max = 0;
    const vmas = block.vmas;
    for (let i = 0; i < vmas.length; i++) {
      const v = vmas[i]!;
      const gap = v.vm_start - end;
      if (gap > max) max = gap;
      end = v.vm_end;
    }
    return (block.max_gap = max);
  }

  /**
   * The end of the highest gap of at least `length` bytes within `[low, high)`, gaps clipped to those limits; −1 if
   * there is none. Linux: mas_empty_area_rev.
   */
  gapBelow(low: number, high: number, length: number): number {
    if (high - low < length) return -1;
    const last = this.last();
    if (last === null) return high;
    if (last.vm_end < high) {
      if (high - Math.max(low, last.vm_end) >= length) return high;
    }
    let b = Math.min(this.blocks.length - 1, Math.max(0, this.blockOf(high - 1)));
    for (; b >= 0; b--) {
      const vmas = this.blocks[b]!.vmas;
      if (vmas[vmas.length - 1]!.vm_end <= low) {
        // The gap above this block's last area was looked at with the block above, or is the last gap.
        return -1;
      }
      if (this.maxGap(b) < length && vmas[vmas.length - 1]!.vm_end <= high) continue;
      for (let i = vmas.length - 1; i >= 0; i--) {
        const v = vmas[i]!;
        // The gap above v, when v is the last area below `high`, is cut off by `high`.
        if (v.vm_end < high && i === vmas.length - 1) {
          const above = b + 1 < this.blocks.length ? this.blocks[b + 1]!.vmas[0]!.vm_start : Infinity;
          if (above >= high && high - Math.max(low, v.vm_end) >= length) return high;
        } else if (v.vm_end < high && i < vmas.length - 1 && vmas[i + 1]!.vm_start > high) {
          if (high - Math.max(low, v.vm_end) >= length) return high;
        }
        if (v.vm_start > high) continue;
        const below = i > 0 ? vmas[i - 1]!.vm_end : b > 0 ? lastEnd(this.blocks[b - 1]!) : 0;
        const gapStart = Math.max(low, below);
        if (v.vm_start - gapStart >= length) return v.vm_start;
        if (below < low) return -1;
      }
    }
    return -1;
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
    for (const block of this.blocks) yield* block.vmas;
  }

  /** The same tree with other areas: `other` gives each area's counterpart, which has the same bounds. */
  copy(other: (vma: vm_area_struct) => vm_area_struct): VmaTree {
    const tree = new VmaTree();
    tree.size = this.size;
    for (const block of this.blocks) {
      const twin = new VmaBlock();
      twin.at = block.at;
      twin.max_gap = block.max_gap;
      for (const vma of block.vmas) {
        const v = other(vma);
        v.block = twin;
        twin.vmas.push(v);
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

const lastEnd = (block: VmaBlock): number => block.vmas[block.vmas.length - 1]!.vm_end;
