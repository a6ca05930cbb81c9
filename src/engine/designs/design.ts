/**
 * What a design is: how the core finds out that the page tables under an area are not ordinary.
 *
 * The call sites are one list (sites.ts). At the first six the core needs a routine and asks the design for it: `undefined`
 * means the generic way. At the others it needs a yes or no. Nothing else in the engine knows which design runs.
 */
import type { Machine } from '../machine';
import type { mm_struct, vm_area_struct } from '../mm/mm_types';
import type { PageSource } from '../mm/page_source';
import type { Probe } from './probe';
import type { HandlerSite, TestSite } from './sites';

/** The routines that may replace the generic ones (2007: struct pagetable_operations_struct). Any may be missing. */
export interface PagetableOperations {
  readonly name: string;
  /** Resolves one fault; `flags` FAULT_FLAG_*. Returns VM_FAULT_* bits. */
  readonly fault?: (mm: mm_struct, vma: vm_area_struct, address: number, flags: number) => number;
  /** Copies entries at fork, from `src_vma` to its copy `dst_vma`. Returns 0 or a negative errno. */
  readonly copy_vma?: (dst_vma: vm_area_struct, src_vma: vm_area_struct) => number;
  /**
   * Brings the pages of `[start, end)` in for the kernel. Returns the address reached, or a negative errno. `force`: although
   * the area forbids it; `unlockable`: a fault that read from the disk is begun again.
   */
  readonly pin_pages?: (
    vma: vm_area_struct,
    start: number,
    end: number,
    flags: number,
    force: boolean,
    unlockable: boolean,
  ) => number;
  /** Rewrites present entries of `[start, end)` for the area's present flags. */
  readonly change_protection?: (vma: vm_area_struct, start: number, end: number) => void;
  /** Removes the entries of `[start, end)` and lets their pages go; with `reclaim_pt` emptied PTE tables, too. */
  readonly unmap_page_range?: (vma: vm_area_struct, start: number, end: number, reclaim_pt: boolean) => void;
  /** Frees table pages of `[start, end)` within the span `[floor, ceiling)`; ceiling 0 is the top. */
  readonly free_pgtable_range?: (mm: mm_struct, start: number, end: number, floor: number, ceiling: number) => void;
}

/** What an area says of itself at mmap: the routines that it brings, where the design takes any. */
export type Handler<S extends HandlerSite> = PagetableOperations[S];

/** The six sites, each with its way of finding the routine. */
export type Finders = {
  readonly [S in HandlerSite]: (vma: vm_area_struct, probe: Probe) => Handler<S>;
};

/** What is known of one design, in our own words. */
export interface About {
  readonly design: string;
  /** Its place in lists. */
  readonly place: number;
  /** One of the two ways out that were argued for in 2007, which the page holds side by side: what its switch says of it. */
  readonly argued?: string;
  readonly title: string;
  readonly who: string;
  readonly when: string;
  /** How the core finds out, in a sentence. */
  readonly how: string;
  readonly pro: string;
  readonly contra: string;
  /** What became of it. */
  readonly since: string;
  /** Drivers that may stand behind a mapping under it. */
  readonly drivers: 'any' | 'hints' | 'none';
  /** Subject of the mail or series, and its list. */
  readonly source: string;
}

/** A way for the core to find out. */
export interface Design extends Finders {
  readonly name: string;
  readonly about: About;
  /** Where it keeps what it looks at, in C; empty for nowhere. */
  readonly holder: string;
  /** What each area grows by, as C declares it, and its bytes; null for nothing. */
  readonly field: { readonly declares: string; readonly bytes: number } | null;
  /** What the driver of a new kind of mapping brings, member by member; empty where none may. */
  readonly brings: readonly string[];
  /** Places of the core that a new kind of mapping changes. */
  readonly touches: readonly string[];
  /** Its generic walks know leaves of every size, whatever the kernel of the time did. */
  readonly walks_leaves?: true;
  /** What it costs is a look at the level of each leaf: the walks record it. */
  readonly looks_at_levels?: true;
  /**
   * Hangs on a fresh area what this design hangs there: the routines that the mapping brings, or what it says of its pages
   * (null where it says nothing). 0, or a negative errno where the design cannot express it.
   */
  attach(m: Machine, vma: vm_area_struct, ops: PagetableOperations, pages: PageSource | null): number;
  /**
   * The flag is a mapping's own word, and no file stands behind it: makes a fresh anonymous area, whose bit is set, one of huge
   * pages. 0 or a negative errno. Absent where `MAP_HUGETLB` means a nameless file, as in Linux.
   */
  map_anonymous?(m: Machine, vma: vm_area_struct): number;
  /** A device of its own in the place of one that would bring `ops`: 0 or a negative errno, null where it has none. */
  map_device?(m: Machine, vma: vm_area_struct, ops: PagetableOperations): number | null;
  /** The fault that hugetlb's own pinning calls for an absent page: the site has been asked, and is not asked again. */
  pin_fault(vma: vm_area_struct, probe: Probe): Handler<'fault'>;
  /** Before the first page is pinned, where the design must see that there is a fault to be called. */
  pin_begins?(vma: vm_area_struct, probe: Probe): void;
  /** Whether the area is of the special kind, at a site that needs only that. */
  is_hugetlb(vma: vm_area_struct, site: TestSite, probe: Probe): boolean;
}

/** One way of finding for every site at which a routine is asked for. */
export const everySite = (
  find: <S extends HandlerSite>(vma: vm_area_struct, site: S, probe: Probe) => Handler<S>,
): Finders => ({
  fault: (vma, probe) => find(vma, 'fault', probe),
  copy_vma: (vma, probe) => find(vma, 'copy_vma', probe),
  pin_pages: (vma, probe) => find(vma, 'pin_pages', probe),
  change_protection: (vma, probe) => find(vma, 'change_protection', probe),
  unmap_page_range: (vma, probe) => find(vma, 'unmap_page_range', probe),
  free_pgtable_range: (vma, probe) => find(vma, 'free_pgtable_range', probe),
});

// ---- asking ----------------------------------------------------------------------------------------

/** As the functions of `ask`, with every step recorded. */
function recorded<S extends HandlerSite>(m: Machine, vma: vm_area_struct, site: S): Handler<S> {
  const { probe } = m;
  probe.begin(site, vma);
  const handler = (m.design as Finders)[site](vma, probe);
  if (handler === undefined) probe.generic();
  return handler;
}

/** The core asks the design, site by site: the routine for this area, or undefined for the generic way. */
export const ask: { readonly [S in HandlerSite]: (m: Machine, vma: vm_area_struct) => Handler<S> } = {
  fault: (m, vma) => (m.rec === null ? m.design.fault(vma, m.probe) : recorded(m, vma, 'fault')),
  copy_vma: (m, vma) => (m.rec === null ? m.design.copy_vma(vma, m.probe) : recorded(m, vma, 'copy_vma')),
  pin_pages: (m, vma) => (m.rec === null ? m.design.pin_pages(vma, m.probe) : recorded(m, vma, 'pin_pages')),
  change_protection: (m, vma) =>
    m.rec === null ? m.design.change_protection(vma, m.probe) : recorded(m, vma, 'change_protection'),
  unmap_page_range: (m, vma) =>
    m.rec === null ? m.design.unmap_page_range(vma, m.probe) : recorded(m, vma, 'unmap_page_range'),
  free_pgtable_range: (m, vma) =>
    m.rec === null ? m.design.free_pgtable_range(vma, m.probe) : recorded(m, vma, 'free_pgtable_range'),
};

/** Hugetlb's pinning is about to begin. */
export function pin_begins(m: Machine, vma: vm_area_struct): void {
  if (m.design.pin_begins === undefined) return;
  m.probe.begin('fault', vma);
  m.design.pin_begins(vma, m.probe);
}

/** The fault that hugetlb's pinning calls. */
export function pin_fault(m: Machine, vma: vm_area_struct): Handler<'fault'> {
  m.probe.begin('fault', vma);
  return m.design.pin_fault(vma, m.probe);
}

/** Whether the area is of the special kind, at a site that needs only that: no where the kernel of these rules asks nothing. */
export function is_hugetlb(m: Machine, vma: vm_area_struct, site: TestSite): boolean {
  if (!m.tested[site]) return false;
  if (m.rec !== null) m.probe.begin(site, vma);
  return m.design.is_hugetlb(vma, site, m.probe);
}
