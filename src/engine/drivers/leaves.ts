/**
 * Leaves of several sizes in one mapping, as a driver handles them that does variable page size by itself: visiting, mapping and
 * dropping. Walking and splitting are the core's (mm/leaf.ts).
 */
import { PAGE_SIZE } from '../../base/units';
import { Leaves, split_leaf } from '../mm/leaf';
import type { vm_area_struct } from '../mm/mm_types';
import { get_and_clear_entry, LEVEL_SIZE, pte_index, pte_pfn, PTE, type Table } from '../mm/pgtable';
import { alignDown, put_unmapped } from '../mm/prot';

/** A present leaf: the table it stands in, its place there, the address that it maps from. */
export type VisitLeaf = (table: Table, index: number, address: number) => void;

/**
 * Visits every leaf of `[start, end)`, ascending. With `cut`, a leaf that reaches over a bound is broken up first; without,
 * it is visited whole.
 */
export function for_each_leaf(vma: vm_area_struct, start: number, end: number, cut: boolean, visit: VisitLeaf): void {
  for (const step = new Leaves(vma, start, end, null, true); step.next();) {
    if (step.level === PTE) {
      for (let p = step.from; p < step.to; p += PAGE_SIZE)
        if (step.table.entries[pte_index(p)] !== 0) visit(step.table, pte_index(p), p);
      continue;
    }
    const whole = alignDown(step.from, LEVEL_SIZE[step.level]!);
    if (cut && !step.whole) {
      split_leaf(vma.vm_mm, step.table, step.index, whole);
      step.again();
    } else visit(step.table, step.index, whole);
  }
}

/** One leaf maps the page at `pfn` more (or, `by` −1, fewer). */
export function count_leaf(vma: vm_area_struct, level: number, pfn: number, by: number): void {
  const frames = vma.vm_mm.machine.frames;
  if (level === PTE) frames.addMapcount(pfn, by);
  else frames.addEntireMapcount(pfn, by);
  vma.vm_mm.rss_anon += by * (LEVEL_SIZE[level]! / PAGE_SIZE);
}

/** Takes a leaf away and returns the frame whose reference is now the caller's to give back. */
export function take_leaf(vma: vm_area_struct, table: Table, index: number, address: number): number {
  const pfn = pte_pfn(get_and_clear_entry(vma.vm_mm, table, index, address));
  count_leaf(vma, table.level, pfn, -1);
  return pfn;
}

/** Gives back what `take_leaf` took. */
export function put_leaves(vma: vm_area_struct, pfns: readonly number[]): void {
  for (const pfn of pfns) put_unmapped(vma.vm_mm.machine, pfn);
}
