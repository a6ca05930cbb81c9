/** Free places in an address space (Linux: mm/vma.c unmapped_area_topdown, unmapped_area). */
import { PAGE_SIZE } from '../../base/units';
import { ENOMEM } from '../errno';
import type { mm_struct } from './mm_types';
import { VM_GROWSDOWN } from './vm_flags';
import { MMAP_MIN_ADDR, vm_start_gap } from './vma';

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
