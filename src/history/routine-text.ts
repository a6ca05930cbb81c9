/** How the routines' operands are written: one letter for each. */
import { hex, sizeText } from '../base/units';
import { ROUTINES, type Routine } from '../engine/routines';

/**
 * v area, a address, l bytes, n number, f flags of a fault, w write or read, p frame, i inode, m process, o open file,
 * x not written.
 */
const OPERANDS: Partial<Record<Routine, string>> = {
  do_user_addr_fault: 'aw',
  handle_mm_fault: 'vaf',
  do_anonymous_page: 'vaf',
  do_fault: 'vaf',
  do_read_fault: 'va',
  do_cow_fault: 'va',
  do_shared_fault: 'va',
  do_fault_around: 'vxx',
  do_page_mkwrite: 'vp',
  do_wp_page: 'vap',
  wp_page_copy: 'vap',
  wp_page_reuse: 'va',
  wp_page_shared: 'va',
  copy_page_range: 'vv',
  copy_pte_range: 'vaa',
  unmap_vmas: 'aa',
  zap_pte_range: 'vaa',
  zap_page_range_single: 'vaa',
  unmap_mapping_range: 'll',
  free_pgtables: 'naa',
  get_unmapped_area: 'al',
  mmap_region: 'al',
  exit_mmap: 'm',
  dup_mmap: 'mm',
  do_vmi_align_munmap: 'aa',
  unmap_region: 'aa',
  change_protection: 'vaa',
  move_vma: 'aal',
  move_page_tables: 'aal',
  do_madvise: 'aan',
  do_mlock: 'al',
  do_mincore: 'al',
  mm_populate: 'al',
  populate_vma_page_range: 'vaa',
  faultin_page: 'vaf',
  filemap_fault: 'vn',
  filemap_map_pages: 'vnn',
  shmem_fault: 'vn',
  shmem_fallocate: 'ill',
  shmem_zero_setup: 'v',
  truncate_inode_pages_range: 'inn',
  truncate_pagecache: 'il',
  do_huge_pmd_anonymous_page: 'va',
  do_huge_pmd_wp_page: 'vap',
  copy_huge_pmd: 'vap',
  zap_huge_pmd: 'va',
  move_huge_pmd: 'aa',
  __split_huge_pmd: 'vap',
  madvise_free_huge_pmd: 'va',
  newseg: 'nl',
  do_shmat: 'na',
  shm_destroy: 'n',
  hugetlb_fault: 'vaf',
  hugetlb_no_page: 'vaf',
  hugetlb_wp: 'va',
  alloc_hugetlb_folio: 'vn',
  free_huge_folio: 'p',
  hugetlb_reserve_pages: 'inn',
  hugetlb_unreserve_pages: 'inn',
  hugetlb_acct_memory: 'n',
  copy_hugetlb_page_range: 'vv',
  __unmap_hugepage_range: 'vaa',
  hugetlb_change_protection: 'vaa',
  move_hugetlb_page_tables: 'aal',
  unmap_ref_private: 'vpa',
  set_max_huge_pages: 'n',
  hugetlb_vm_op_close: 'v',
  hugetlb_vm_op_open: 'v',
  hugetlb_split: 'va',
  hugetlbfs_file_mmap: 'ov',
  hugetlbfs_fallocate: 'ill',
  hugetlb_vmtruncate: 'il',
  remove_inode_hugepages: 'iaa',
  hugetlb_file_setup: 'll',
  follow_hugetlb_page: 'vaa',
  leaf_fault: 'vaf',
  wp_leaf: 'vap',
  zap_leaf: 'vap',
  copy_leaf: 'vap',
  change_leaf: 'vap',
  move_leaves: 'aal',
  page_mmap: 'ov',
  page_fault: 'vaf',
};

/** Names things of one moment for the texts of events. */
export interface Naming {
  area(id: number): string;
  address(address: number): string;
  process(who: number): string;
}

export const routineName = (number: number): string => ROUTINES[number]?.name ?? `routine ${number}`;
export const routineFile = (number: number): string => ROUTINES[number]?.file ?? '';

/** `hugetlb_fault(a, 0x7ffff7600000, write)`. */
export function routineCall(number: number, operands: readonly number[], naming: Naming): string {
  const name = ROUTINES[number]?.name;
  const kinds = name === undefined ? '' : (OPERANDS[name] ?? '');
  const said = kinds
    .split('')
    .flatMap((kind, i) => (kind === 'x' ? [] : [operandText(kind, operands[i] ?? 0, naming)]));
  return `${routineName(number)}(${said.join(', ')})`;
}

function operandText(kind: string, value: number, naming: Naming): string {
  switch (kind) {
    case 'v':
      return naming.area(value);
    case 'a':
      if (!Number.isFinite(value)) return 'the end';
      return value < 4096 ? String(value) : `0x${hex(value)}`;
    case 'l':
      return Number.isFinite(value) ? sizeText(value) : 'the end';
    case 'f':
      return (value & 1) !== 0 ? 'write' : 'read';
    case 'w':
      return value !== 0 ? 'write' : 'read';
    case 'p':
      return `pfn 0x${hex(value)}`;
    case 'i':
      return `inode ${value}`;
    case 'm':
      return naming.process(value);
    case 'o':
      return `file ${value}`;
    default:
      return String(value);
  }
}

/** Which operand names an area, −1 for none: what a routine is about. */
export function areaOperand(number: number): number {
  const name = ROUTINES[number]?.name;
  return name === undefined ? -1 : (OPERANDS[name] ?? '').indexOf('v');
}
