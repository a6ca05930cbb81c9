/**
 * Every place at which the core must know what kind of mapping it holds, and what two kernels had there. At a handler site it
 * needs a routine, at a test site a yes or no. The lists of other files are made from this one.
 */
import type { RulesName } from '../rules';

/** What a kernel's source has at a site. */
export interface Place {
  /** File and function. */
  readonly at: string;
  /** The test, as it is written there. */
  readonly test: string;
  /** The compiler is told that it mostly fails: what passes is moved out of the way, and ordinary memory jumps over nothing. */
  readonly unlikely?: true;
}

/** A site; null where a kernel asked nothing there. */
export type SitePlaces = Readonly<Record<RulesName, Place | null>>;

const HUGE = 'is_vm_hugetlb_page(vma)';
const place = (at: string, test = HUGE): Place => ({ at, test });
const unlikely = (at: string): Place => ({ at, test: `unlikely(${HUGE})`, unlikely: true });

/** Sites at which a routine is asked for: the six that the series of 2007 turns into members. */
export const HANDLER_SITES = {
  fault: { '2.6.20': unlikely('mm/memory.c __handle_mm_fault'), '6.18': unlikely('mm/memory.c handle_mm_fault') },
  copy_vma: { '2.6.20': place('mm/memory.c copy_page_range'), '6.18': place('mm/memory.c copy_page_range') },
  // From 6.6 on the common walk of GUP reads the leaf.
  pin_pages: { '2.6.20': place('mm/memory.c get_user_pages'), '6.18': null },
  change_protection: {
    '2.6.20': place('mm/mprotect.c mprotect_fixup'),
    '6.18': place('mm/mprotect.c change_protection'),
  },
  unmap_page_range: { '2.6.20': unlikely('mm/memory.c unmap_vmas'), '6.18': unlikely('mm/memory.c unmap_single_vma') },
  // Gone since 6.17.
  free_pgtable_range: { '2.6.20': place('mm/memory.c free_pgtables'), '6.18': null },
} as const satisfies Record<string, SitePlaces>;

/** Sites at which only yes or no is asked for. No proposal of 2007 converts them. */
export const TEST_SITES = {
  /** At fork, before anything is copied: areas that have nothing of their own are left out. */
  copy_mask: {
    '2.6.20': place('mm/memory.c copy_page_range', 'vm_flags & (VM_HUGETLB|VM_NONLINEAR|VM_PFNMAP|VM_INSERTPAGE)'),
    '6.18': null,
  },
  /** At fork: the copy has none of its parent's reservations. */
  dup: { '2.6.20': null, '6.18': place('mm/mmap.c dup_mmap') },
  /** An area may be cut between huge pages only. Since 4.15 the mapping's own may_split is asked. */
  split: { '2.6.20': place('mm/mmap.c split_vma'), '6.18': null },
  /** An area that is cut lets go of the page table that it shares around the cut. */
  split_tables: { '2.6.20': null, '6.18': place('mm/vma.c __split_vma') },
  mremap: { '2.6.20': place('mm/mremap.c do_mremap'), '6.18': place('mm/mremap.c check_prep_vma') },
  /** Whose routine moves the entries. */
  move: { '2.6.20': null, '6.18': place('mm/mremap.c move_page_tables') },
  madvise: {
    '2.6.20': place('mm/madvise.c madvise_dontneed', 'vm_flags & (VM_LOCKED|VM_HUGETLB|VM_PFNMAP)'),
    '6.18': place('mm/madvise.c madvise_dontneed_free_valid_vma'),
  },
  madvise_remove: {
    '2.6.20': place('mm/madvise.c madvise_remove', 'vm_flags & (VM_LOCKED|VM_NONLINEAR|VM_HUGETLB)'),
    '6.18': null,
  },
  mlock: { '2.6.20': null, '6.18': place('mm/mlock.c mlock_fixup') },
  /** Whether what is mapped under MCL_FUTURE or MAP_LOCKED is marked and counted. */
  mmap: { '2.6.20': null, '6.18': place('mm/vma.c __mmap_complete') },
  /** Whether making an area writable is charged as ordinary memory. */
  charge: {
    '2.6.20': null,
    '6.18': place('mm/mprotect.c mprotect_fixup', 'oldflags & (VM_ACCOUNT|VM_WRITE|VM_HUGETLB|…)'),
  },
  /** Whether the kernel may write through a mapping that forbids it. */
  force: { '2.6.20': null, '6.18': place('mm/gup.c check_vma_flags') },
  /** What may be detached as a System V segment: in 2007 huge areas were not told apart. */
  shmdt: { '2.6.20': place('ipc/shm.c sys_shmdt'), '6.18': null },
  mincore: { '2.6.20': null, '6.18': place('mm/pagewalk.c __walk_page_range') },
  smaps: { '2.6.20': place('fs/proc/task_mmu.c show_smap'), '6.18': place('mm/pagewalk.c __walk_page_range') },
  /** Whether small pages may be made a transparent huge one. */
  thp: { '2.6.20': null, '6.18': place('mm/huge_memory.c __thp_vma_allowable_orders', 'vm_flags & VM_NO_KHUGEPAGED') },
} as const satisfies Record<string, SitePlaces>;

export type HandlerSite = keyof typeof HANDLER_SITES;
export type TestSite = keyof typeof TEST_SITES;
export type Site = HandlerSite | TestSite;

export const SITE_PLACES: Readonly<Record<Site, SitePlaces>> = { ...HANDLER_SITES, ...TEST_SITES };

export const HANDLERS = Object.keys(HANDLER_SITES) as readonly HandlerSite[];
const TESTS = Object.keys(TEST_SITES) as readonly TestSite[];
export const isHandlerSite = (site: Site): site is HandlerSite => Object.hasOwn(HANDLER_SITES, site);
/** All sites by name; events name a site by its place in this list. */
export const SITES: readonly Site[] = [...HANDLERS, ...TESTS];

/** Which test sites the kernel of these rules had. */
export const TESTED: Readonly<Record<RulesName, Readonly<Record<TestSite, boolean>>>> = {
  '6.18': testedBy('6.18'),
  '2.6.20': testedBy('2.6.20'),
};

function testedBy(rules: RulesName): Readonly<Record<TestSite, boolean>> {
  return Object.fromEntries(TESTS.map((site) => [site, TEST_SITES[site][rules] !== null])) as Record<TestSite, boolean>;
}
