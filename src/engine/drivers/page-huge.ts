/**
 * The private character device of 2007, `/dev/page-huge` (Adam Litke's example of a second user of the table): huge pages
 * like `/dev/zero` gives small ones. No file size, no page cache, no reservation. Six handlers, five of them hugetlb's.
 */
import { HPAGE_PMD_NR, PMD_SIZE, roundDown } from '../../base/units';
import type { PagetableOperations } from '../designs/design';
import { EINVAL } from '../errno';
import { Ev } from '../events';
import type { Machine } from '../machine';
import { hugetlb_pin_pages, hugetlb_wp } from '../mm/hugetlb';
import { pool_pages } from '../mm/hugetlb_pages';
import {
  alloc_hugetlb_folio,
  huge_page_size,
  hugetlb_vm_op_split,
  vma_hugecache_offset,
  zero_huge_page,
} from '../mm/hugetlb_pool';
import {
  copy_hugetlb_page_range,
  huge_pte_alloc,
  hugetlb_change_protection,
  install_huge_pte,
  make_huge_pte,
  set_huge_anon,
  unmap_hugepage_range,
} from '../mm/hugetlb_table';
import { free_pgd_range } from '../mm/memory_tables';
import {
  FAULT_FLAG_WRITE,
  type file,
  type mm_struct,
  type vm_area_struct,
  VM_FAULT_OOM,
  type vm_operations_struct,
} from '../mm/mm_types';
import { PG_hugetlb_restore_reserve, PG_uptodate } from '../mm/page_alloc';
import { _PAGE_RW, pmd_index } from '../mm/pgtable';
import { anon_vma_prepare } from '../mm/rmap';
import { VM_DONTEXPAND, VM_HUGETLB, VM_SHARED } from '../mm/vm_flags';
import { R, WHY } from '../routines';

/** `driver_data` of the device's inode once a fault has left with the mutex held. */
const MUTEX_HELD = 1;

/** 2007: page_vm_ops, whose only member was a nopage that must never run. */
const page_vm_ops: vm_operations_struct = {
  name: 'page_vm_ops',
  backing: 'hugetlb',
  may_split: hugetlb_vm_op_split,
  pagesize: huge_page_size,
};

/**
 * One fault of the device. A first write takes two of them: the page is installed read-only whatever was asked.
 * `faultyDevice` shows the mistakes of 2007: without a page it leaves with its mutex held, so that every later fault waits
 * for ever (here: is refused), the pages it counts as resident are never counted off, and where another thread was first it
 * returns what happens to stand in a variable. 2007: drivers/char/page.c.
 */
export function page_fault(mm: mm_struct, vma: vm_area_struct, address: number, flags: number): number {
  const rec = mm.machine.rec;
  if (rec !== null) rec.emit(Ev.Enter, R.page_fault, vma.id, address, flags);
  const ret = fault(mm, vma, roundDown(address, PMD_SIZE), flags);
  if (rec !== null) rec.emit(Ev.Leave, R.page_fault, ret);
  return ret;
}

function fault(mm: mm_struct, vma: vm_area_struct, address: number, flags: number): number {
  const m = mm.machine;
  const node = vma.vm_file!.inode;
  const faulty = m.config.faultyDevice;
  const table = huge_pte_alloc(vma, address);
  if (faulty && node.driver_data === MUTEX_HELD) {
    if (m.rec !== null) m.rec.emit(Ev.Decide, WHY.mutex_held, vma.id, address);
    return VM_FAULT_OOM;
  }
  const entry = table.entries[pmd_index(address)]!;
  if (entry !== 0) {
    if ((flags & FAULT_FLAG_WRITE) === 0 || (entry & _PAGE_RW) !== 0) return faulty ? uninitialised(vma, address) : 0;
    return hugetlb_wp(vma, table, address) === 0 ? 0 : VM_FAULT_OOM;
  }
  anon_vma_prepare(vma);
  const index = vma_hugecache_offset(vma, address);
  const pfn = alloc_hugetlb_folio(vma, index, false);
  if (pfn < 0) {
    if (faulty) node.driver_data = MUTEX_HELD;
    return VM_FAULT_OOM;
  }
  zero_huge_page(m, pfn);
  m.frames.setFlags(pfn, PG_uptodate);
  if (faulty) mm.rss_file += HPAGE_PMD_NR;
  set_huge_anon(vma, pfn, index, PG_hugetlb_restore_reserve);
  install_huge_pte(vma, table, address, pfn, make_huge_pte(vma, pfn, false));
  if (m.rec !== null && (flags & FAULT_FLAG_WRITE) !== 0) m.rec.emit(Ev.Decide, WHY.two_faults, vma.id, address);
  return 0;
}

/**
 * Another thread has mapped the page meanwhile, and nothing is to be done: the routine of 2007 then returned what happened to
 * stand in `ret`. No number of a fault's answer, and the kernel stopped at BUG; here the process ends.
 */
function uninitialised(vma: vm_area_struct, address: number): number {
  const m = vma.vm_mm.machine;
  m.damaged('uninitialised', `page_fault of area ${vma.id} returned what happened to stand in its variable`, {
    mm: vma.vm_mm.id,
    vma: vma.id,
    address,
  });
  return VM_FAULT_OOM;
}

/** 2007: page_pagetable_ops. */
export const page_pagetable_ops: PagetableOperations = {
  name: 'page_pagetable_ops',
  fault: page_fault,
  copy_vma: copy_hugetlb_page_range,
  pin_pages: hugetlb_pin_pages,
  change_protection: hugetlb_change_protection,
  unmap_page_range: unmap_hugepage_range,
  free_pgtable_range: free_pgd_range,
};

/**
 * Refuses what the device cannot serve, with −EINVAL, in its order; else 0, and the area has `table` behind it.
 * 2007: page_mmap.
 */
export function page_mmap(m: Machine, f: file, vma: vm_area_struct, table = page_pagetable_ops): number {
  const rec = m.rec;
  if (rec !== null) rec.emit(Ev.Enter, R.page_mmap, f.id, vma.id);
  const refused =
    (vma.vm_flags & VM_SHARED) !== 0 ||
    vma.vm_pgoff !== 0 ||
    vma.vm_start % PMD_SIZE !== 0 ||
    vma.vm_end % PMD_SIZE !== 0 ||
    vma.vm_end - vma.vm_start < PMD_SIZE;
  let ret = -EINVAL;
  if (!refused) {
    vma.vm_flags |= VM_HUGETLB | VM_DONTEXPAND;
    vma.vm_ops = page_vm_ops;
    // What it says of its pages holds for its own routines only: variants of it do otherwise.
    ret = m.design.attach(m, vma, table, table === page_pagetable_ops ? pool_pages : null);
  }
  if (rec !== null) rec.emit(Ev.Leave, R.page_mmap, ret);
  return ret;
}
