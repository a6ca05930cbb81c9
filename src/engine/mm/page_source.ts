/**
 * What a mapping says of its pages, and all that it says where the core walks leaves of every size by itself: which sizes its
 * leaves may have, and where their pages come from. An area without one has ordinary memory.
 */
import type { Machine } from '../machine';
import type { vm_area_struct } from './mm_types';

/** One size of page: the level of its leaf, and the entries that map it (a run of entries makes one page, too). */
export interface LeafSize {
  readonly level: number;
  readonly bytes: number;
  /** log2 of its frames. */
  readonly order: number;
  readonly entries: number;
}

export interface PageSource {
  readonly name: string;
  /** The sizes that a fault may map, largest first. */
  sizes(vma: vm_area_struct): readonly LeafSize[];
  /** Its pages stay whole: no leaf is split, and what covers only a part of one leaves it alone. */
  readonly whole: boolean;
  /** The page for `start`, the file's or a new one of zeroes, held once for each entry; or −VM_FAULT_*. */
  find(vma: vm_area_struct, start: number, size: LeafSize): number;
  /** A private copy of page `old` at `start`, held once; or −VM_FAULT_*. */
  copy(vma: vm_area_struct, start: number, level: number, old: number): number;
  /** No copy could be had: takes the page away from the others that map it. False where it has no right to. */
  reclaim?(vma: vm_area_struct, start: number, old: number): boolean;
  /** Whether the area is the only one that maps the page, and may write it. */
  sole(m: Machine, level: number, pfn: number): boolean;
  /** A leaf maps the page more (`by` 1) or less (−1). */
  count(vma: vm_area_struct, level: number, pfn: number, by: number): void;
  /** One more reference. */
  hold(m: Machine, pfn: number): void;
  /** As `hold`, for the leaf of a forked process: the page is no longer one process's alone. */
  copied(m: Machine, pfn: number): void;
  /** The leaf at `address` is gone, its page not yet let go. */
  unmapped(vma: vm_area_struct, pfn: number, address: number, entry: number): void;
  /** One reference less. */
  put(m: Machine, pfn: number): void;
}
