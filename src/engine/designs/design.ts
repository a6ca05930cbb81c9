/**
 * What a design is: how the core finds out that the page tables under an area are not ordinary.
 *
 * The call sites are one list, `SITES`. At the first six the core needs a routine, and asks the design for it: null means
 * the generic way. At the others it needs a yes or no. A design answers both; nothing else in the engine knows which
 * design runs.
 */
import { Ev } from '../events';
import type { Machine } from '../machine';
import type { mm_struct, vm_area_struct } from '../mm/mm_types';
import { VM_HUGETLB } from '../mm/vm_flags';

/** The routines that may replace the generic ones (2007: struct pagetable_operations_struct). Any may be missing. */
export interface PagetableOperations {
  readonly name: string;
  /** Number by which events name this table. */
  readonly id: number;
  /** Resolves one fault; `flags` FAULT_FLAG_*. Returns VM_FAULT_* bits. */
  readonly fault?: (mm: mm_struct, vma: vm_area_struct, address: number, flags: number) => number;
  /** Copies entries at fork, from `src_vma` to its copy `dst_vma`. Returns 0 or a negative errno. */
  readonly copy_vma?: (dst_vma: vm_area_struct, src_vma: vm_area_struct) => number;
  /** Brings the pages of `[start, end)` in for the kernel. Returns the address reached, or a negative errno. */
  readonly pin_pages?: (vma: vm_area_struct, start: number, end: number, flags: number) => number;
  /** Rewrites present entries of `[start, end)` for the area's present flags. */
  readonly change_protection?: (vma: vm_area_struct, start: number, end: number) => void;
  /** Removes the entries of `[start, end)` and lets their pages go. */
  readonly unmap_page_range?: (vma: vm_area_struct, start: number, end: number) => void;
  /** Frees table pages of `[start, end)` within the span `[floor, ceiling)`; ceiling 0 is the top. */
  readonly free_pgtable_range?: (mm: mm_struct, start: number, end: number, floor: number, ceiling: number) => void;
}

/** Every place at which the core must know what kind of mapping it holds. */
export const SITES = [
  'fault',
  'copy_vma',
  'pin_pages',
  'change_protection',
  'unmap_page_range',
  'free_pgtable_range',
  'copy_mask',
  'split',
  'mremap',
  'madvise',
  'mlock',
  'smaps',
  'merge',
  'mmap',
  'page_size',
] as const;
export type Site = (typeof SITES)[number];
/** The sites at which a routine is asked for. */
export type HandlerSite = Exclude<keyof PagetableOperations, 'name' | 'id'>;
/** The sites at which only yes or no is asked for. */
export type TestSite = Exclude<Site, HandlerSite>;

/** A way for the core to find out. */
export interface Design {
  readonly name: string;
  /** Hangs on a fresh area what this design hangs there; 0 or a negative errno where the design cannot express it. */
  attach(m: Machine, vma: vm_area_struct, ops: PagetableOperations): number;
  /** The routine for this area at a site, or undefined for the generic way. */
  fault(m: Machine, vma: vm_area_struct): PagetableOperations['fault'];
  copy_vma(m: Machine, vma: vm_area_struct): PagetableOperations['copy_vma'];
  pin_pages(m: Machine, vma: vm_area_struct): PagetableOperations['pin_pages'];
  change_protection(m: Machine, vma: vm_area_struct): PagetableOperations['change_protection'];
  unmap_page_range(m: Machine, vma: vm_area_struct): PagetableOperations['unmap_page_range'];
  free_pgtable_range(m: Machine, vma: vm_area_struct): PagetableOperations['free_pgtable_range'];
  /** Whether the area is of the special kind, at a site that needs only that. */
  is_hugetlb(m: Machine, vma: vm_area_struct, site: TestSite): boolean;
}

/** How a design finds the routine for a site, undefined for the generic way. `at` is the site's place in `SITES`. */
export type Find = <S extends HandlerSite>(
  m: Machine,
  vma: vm_area_struct,
  site: S,
  at: number,
) => PagetableOperations[S];

/** One way of finding for every site at which a routine is asked for. */
export const everySite = (find: Find): Pick<Design, HandlerSite> => ({
  fault: (m, vma) => find(m, vma, 'fault', 0),
  copy_vma: (m, vma) => find(m, vma, 'copy_vma', 1),
  pin_pages: (m, vma) => find(m, vma, 'pin_pages', 2),
  change_protection: (m, vma) => find(m, vma, 'change_protection', 3),
  unmap_page_range: (m, vma) => find(m, vma, 'unmap_page_range', 4),
  free_pgtable_range: (m, vma) => find(m, vma, 'free_pgtable_range', 5),
});

/** The sites that nobody converted in 2007: the flag is tested there under every design that has one. */
export function testFlag(m: Machine, vma: vm_area_struct, site: TestSite): boolean {
  const set = (vma.vm_flags & VM_HUGETLB) !== 0;
  if (m.rec !== null) m.rec.emit(Ev.FlagTest, SITES.indexOf(site), vma.id, set ? 1 : 0);
  return set;
}

/** Numbers by which events name what is no driver's table: the default one of `ops-always`, a `vm_ops` without members. */
export const DEFAULT_TABLE = 30;
export const PLAIN_VM_OPS = 31;
