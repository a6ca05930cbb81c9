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
import type { About, Design } from './design';
import { HANDLERS } from './sites';
import { is_vm_hugetlb_page } from './unconverted';

/** What is known of it: plain data, which the page reads without the rest. */
export const about: About = {
  design: 'anon-flag',
  place: 3,
  title: 'The flag of the mail',
  who: 'Christoph Hellwig',
  when: '22 March 2007',
  how: 'A bit of vm_flags means hugetlb backed anonymous memory: no file, no inode, no name; each site tests it and calls the hugetlb routine by its name.',
  pro: 'Nothing stands behind the memory but the pool; there is one special case, and no carte blanche for drivers.',
  contra: 'It is private and nameless: what is shared, what has a file and what a device maps cannot be said with it.',
  since:
    'Never written. In 2.6.20 every huge mapping has a hugetlbfs inode; MAP_HUGETLB (2.6.32) looks like it from outside, and still makes a hidden file.',
  drivers: 'none',
  source: '“Re: pagetable_ops: Hugetlb character device example”, linux-kernel, 22 March 2007',
};

export const anonFlag: Design = {
  name: 'anon-flag',
  about,
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
