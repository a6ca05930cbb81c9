/**
 * Design `anon-flag`, the proposal of the mail of 22 March 2007 (Christoph Hellwig): one flag that means hugetlb backed
 * anonymous memory, and no file behind it. Exactly one special case and nothing for drivers to fill: what it cannot express
 * (files of huge pages, shared memory, devices) is refused.
 */
import { ENODEV, EINVAL } from '../errno';
import { Ev } from '../events';
import { hugetlb_fault, hugetlb_pin_pages, map_hugetlb_anonymous } from '../mm/hugetlb';
import { copy_hugetlb_page_range, hugetlb_change_protection, unmap_hugepage_range } from '../mm/hugetlb_table';
import { free_pgd_range } from '../mm/memory_tables';
import { VM_SHARED } from '../mm/vm_flags';
import { WHY } from '../routines';
import type { Design } from './design';
import { HANDLERS } from './sites';
import { is_vm_hugetlb_page } from './unconverted';

export const anonFlag: Design = {
  name: 'anon-flag',
  holder: 'vma->vm_flags',
  field: null,
  brings: [],
  touches: HANDLERS,
  attach(m, vma) {
    if (m.rec !== null) m.rec.emit(Ev.Decide, WHY.anonymous_only, vma.id);
    return -ENODEV;
  },
  map_anonymous(m, vma) {
    if ((vma.vm_flags & VM_SHARED) === 0) return map_hugetlb_anonymous(vma);
    if (m.rec !== null) m.rec.emit(Ev.Decide, WHY.private_only, vma.id);
    return -EINVAL;
  },
  fault: (vma, probe) => (probe.hugetlb(vma) ? probe.call('hugetlb_fault', hugetlb_fault) : undefined),
  copy_vma: (vma, probe) =>
    probe.hugetlb(vma) ? probe.call('copy_hugetlb_page_range', copy_hugetlb_page_range) : undefined,
  pin_pages: (vma, probe) => (probe.hugetlb(vma) ? probe.call('follow_hugetlb_page', hugetlb_pin_pages) : undefined),
  change_protection: (vma, probe) =>
    probe.hugetlb(vma) ? probe.call('hugetlb_change_protection', hugetlb_change_protection) : undefined,
  unmap_page_range: (vma, probe) =>
    probe.hugetlb(vma) ? probe.call('unmap_hugepage_range', unmap_hugepage_range) : undefined,
  free_pgtable_range: (vma, probe) =>
    probe.hugetlb(vma) ? probe.call('hugetlb_free_pgd_range', free_pgd_range) : undefined,
  pin_fault: (_vma, probe) => probe.call('hugetlb_fault', hugetlb_fault),
  is_hugetlb: is_vm_hugetlb_page,
};
