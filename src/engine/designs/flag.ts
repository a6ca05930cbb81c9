/**
 * Design `flag` (Christoph Hellwig, 2007; Linux to this day): one bit of `vm_flags` says that an area is huge, each site
 * tests it and calls the hugetlb routine by its name. There is one special case, and no table for drivers to fill.
 */
import { hugetlbfs_pagetable_ops } from '../drivers/hugetlbfs';
import { page_fault, page_pagetable_ops } from '../drivers/page-huge';
import { ENODEV } from '../errno';
import { Ev } from '../events';
import type { Machine } from '../machine';
import { hugetlb_fault, hugetlb_pin_pages } from '../mm/hugetlb';
import { copy_hugetlb_page_range, hugetlb_change_protection, unmap_hugepage_range } from '../mm/hugetlb_table';
import { free_pgd_range } from '../mm/memory_tables';
import type { vm_area_struct } from '../mm/mm_types';
import { VM_HUGETLB } from '../mm/vm_flags';
import { WHY } from '../routines';
import { SITES, type Design } from './design';

/** The bit is set: the routine of that name; it is not: the generic way. */
function direct<H>(m: Machine, vma: vm_area_struct, at: number, routine: H): H | undefined {
  const set = (vma.vm_flags & VM_HUGETLB) !== 0;
  if (m.rec !== null) {
    m.rec.emit(Ev.FlagTest, at, vma.id, set ? 1 : 0);
    if (set) m.rec.emit(Ev.DirectCall, at, vma.id, hugetlbfs_pagetable_ops.id);
    else m.rec.emit(Ev.GenericWay, at, vma.id);
  }
  return set ? routine : undefined;
}

/** The one bit cannot tell two huge kinds apart: behind it the device must be asked for, too. */
function fault(m: Machine, vma: vm_area_struct): typeof hugetlb_fault | undefined {
  if ((vma.vm_flags & VM_HUGETLB) === 0) return direct(m, vma, 0, hugetlb_fault);
  const device = vma.vm_file!.inode.kind === 'device';
  if (m.rec !== null) {
    m.rec.emit(Ev.FlagTest, 0, vma.id, 1);
    m.rec.emit(Ev.FlagTest, 0, vma.id, device ? 1 : 0);
    m.rec.emit(Ev.DirectCall, 0, vma.id, device ? page_pagetable_ops.id : hugetlbfs_pagetable_ops.id);
  }
  return device ? page_fault : hugetlb_fault;
}

export const flag: Design = {
  name: 'flag',
  attach(m, vma, table) {
    if (table === hugetlbfs_pagetable_ops || table === page_pagetable_ops) return 0;
    if (m.rec !== null) m.rec.emit(Ev.Decide, WHY.one_special_case, vma.id, table.id);
    return -ENODEV;
  },
  fault,
  copy_vma: (m, vma) => direct(m, vma, 1, copy_hugetlb_page_range),
  pin_pages: (m, vma) => direct(m, vma, 2, hugetlb_pin_pages),
  change_protection: (m, vma) => direct(m, vma, 3, hugetlb_change_protection),
  unmap_page_range: (m, vma) => direct(m, vma, 4, unmap_hugepage_range),
  free_pgtable_range: (m, vma) => direct(m, vma, 5, free_pgd_range),
  is_hugetlb(m, vma, site) {
    const set = (vma.vm_flags & VM_HUGETLB) !== 0;
    if (m.rec !== null) m.rec.emit(Ev.FlagTest, SITES.indexOf(site), vma.id, set ? 1 : 0);
    return set;
  },
};
