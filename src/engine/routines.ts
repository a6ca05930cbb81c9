/**
 * Every kernel routine that the machine carries out under its Linux name, with the file it stands in. Events name a
 * routine by its place in this list (`R.handle_mm_fault`), so new ones go to the end of their file's row.
 */
const BY_FILE = {
  'arch/x86/mm/fault.c': ['do_user_addr_fault', 'bad_area', 'do_sigbus'],
  'mm/memory.c': [
    'handle_mm_fault', 'handle_pte_fault', 'do_anonymous_page', 'do_fault', 'do_read_fault', 'do_cow_fault',
    'do_shared_fault', 'do_fault_around', 'do_wp_page', 'wp_page_copy', 'wp_page_reuse', 'wp_page_shared',
    'copy_page_range', 'copy_pte_range', 'unmap_vmas', 'unmap_page_range', 'zap_pte_range', 'free_pgtables',
    'free_pgd_range', 'unmap_mapping_range', 'zap_page_range_single', 'pte_alloc', 'pmd_alloc', 'pud_alloc',
    'finish_fault', 'do_page_mkwrite',
  ],
  'mm/mmap.c': ['ksys_mmap_pgoff', 'do_mmap', 'get_unmapped_area', 'do_brk_flags', 'brk', 'exit_mmap', 'dup_mmap'],
  'mm/vma.c': [
    'mmap_region', 'vma_merge_new_range', 'vma_merge_existing_range', 'split_vma', 'do_vmi_align_munmap',
    'unmapped_area_topdown', 'unmapped_area', 'expand_downwards', 'vma_modify', 'unmap_region', 'copy_vma',
  ],
  'mm/mprotect.c': ['do_mprotect_pkey', 'mprotect_fixup', 'change_protection'],
  'mm/mremap.c': ['do_mremap', 'move_vma', 'move_page_tables', 'expand_vma', 'shrink_vma'],
  'mm/madvise.c': ['do_madvise', 'madvise_dontneed_free', 'madvise_remove', 'madvise_populate', 'madvise_vma_behavior'],
  'mm/mlock.c': ['do_mlock', 'do_munlock', 'mlock_fixup', 'apply_mlockall_flags'],
  'mm/gup.c': ['populate_vma_page_range', 'mm_populate', 'faultin_page'],
  'mm/mincore.c': ['do_mincore'],
  'mm/msync.c': ['msync'],
  'mm/rmap.c': ['anon_vma_prepare', 'anon_vma_clone', 'anon_vma_fork', 'unlink_anon_vmas'],
  'mm/filemap.c': ['filemap_fault', 'filemap_map_pages', 'filemap_add_folio'],
  'mm/shmem.c': ['shmem_fault', 'shmem_undo_range', 'shmem_fallocate', 'shmem_zero_setup', 'memfd_create'],
  'mm/truncate.c': ['truncate_pagecache', 'truncate_inode_pages_range'],
  'mm/huge_memory.c': [
    'do_huge_pmd_anonymous_page', 'do_huge_pmd_wp_page', 'copy_huge_pmd', 'zap_huge_pmd', 'change_huge_pmd',
    'move_huge_pmd', '__split_huge_pmd', 'hugepage_madvise', 'thp_get_unmapped_area', 'madvise_free_huge_pmd',
  ],
  'mm/hugetlb.c': [
    'hugetlb_fault', 'hugetlb_no_page', 'hugetlb_wp', 'alloc_hugetlb_folio', 'free_huge_folio', 'hugetlb_reserve_pages',
    'hugetlb_unreserve_pages', 'hugetlb_acct_memory', 'gather_surplus_pages', 'return_unused_surplus_pages',
    'copy_hugetlb_page_range', '__unmap_hugepage_range', 'hugetlb_change_protection', 'huge_pte_alloc', 'huge_pmd_share',
    'huge_pmd_unshare', 'move_hugetlb_page_tables', 'unmap_ref_private', 'set_max_huge_pages', 'hugetlb_vm_op_close',
    'hugetlb_vm_op_open', 'hugetlb_split', 'restore_reserve_on_error', 'hugetlb_add_to_page_cache',
  ],
  'fs/hugetlbfs/inode.c': ['hugetlbfs_file_mmap', 'hugetlbfs_fallocate', 'hugetlb_vmtruncate', 'remove_inode_hugepages', 'hugetlb_file_setup'],
  'fs/open.c': ['do_sys_open', 'ksys_ftruncate', 'ksys_fallocate', 'filp_close'],
  'kernel/fork.c': ['kernel_clone', 'mmput'],
  'kernel/exit.c': ['do_exit'],
  'drivers/char/page.c': ['page_mmap', 'page_fault'],
} as const;

type ByFile = typeof BY_FILE;
export type Routine = ByFile[keyof ByFile][number];

/** Name and Linux file of each routine, by number. */
export const ROUTINES: readonly { readonly name: Routine; readonly file: string }[] = Object.entries(BY_FILE).flatMap(
  ([file, names]) => names.map((name) => ({ name, file })),
);

/** The number of each routine, by name. */
export const R = Object.fromEntries(ROUTINES.map((r, i) => [r.name, i])) as Readonly<Record<Routine, number>>;

/** Why the machine did what it did, where the state alone does not tell: one short reason each. */
export const REASONS = [
  'gap_found', 'gap_not_found', 'hint_used', 'hint_taken', 'thp_aligned', 'huge_aligned', 'zero_page', 'reuse_exclusive',
  'copy_shared', 'no_merge_special', 'no_merge_flags', 'no_merge_anon_vma', 'uses_reservation', 'needs_available',
  'surplus_page', 'pool_exhausted', 'beyond_file', 'steal_from_children', 'unmapped_by_owner', 'no_reservation',
  'reservation_restored', 'table_kept', 'stack_guard_gap', 'over_limit', 'access_denied', 'no_mapping', 'split_refused',
  'around_fault', 'old_mapping_gone', 'already_mapped', 'locked_populates', 'cow_from_owner', 'two_faults',
] as const;
export type Reason = (typeof REASONS)[number];
export const WHY = Object.fromEntries(REASONS.map((r, i) => [r, i])) as Readonly<Record<Reason, number>>;
