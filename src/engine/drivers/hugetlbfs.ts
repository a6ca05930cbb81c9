/** Who stands behind a mapping of hugetlbfs: all six handlers of 2007's table, each the hugetlb routine of its name. */
import type { PagetableOperations } from '../designs/design';
import { hugetlb_fault, hugetlb_pin_pages } from '../mm/hugetlb';
import { copy_hugetlb_page_range, hugetlb_change_protection, unmap_hugepage_range } from '../mm/hugetlb_table';
import { free_pgd_range } from '../mm/memory_tables';

/** 2007: fs/hugetlbfs/inode.c hugetlbfs_pagetable_ops. */
export const hugetlbfs_pagetable_ops: PagetableOperations = {
  name: 'hugetlbfs_pagetable_ops',
  fault: hugetlb_fault,
  copy_vma: copy_hugetlb_page_range,
  pin_pages: hugetlb_pin_pages,
  change_protection: hugetlb_change_protection,
  unmap_page_range: unmap_hugepage_range,
  // On x86 hugetlb_free_pgd_range is the generic routine.
  free_pgtable_range: free_pgd_range,
};
