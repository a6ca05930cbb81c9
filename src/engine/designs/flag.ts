/**
 * Design `flag` (Linux 2.6.20, kept by Christoph Hellwig's argument of 2007): one bit of `vm_flags` says that an area is huge, each site
 * tests it and calls the hugetlb routine by its name. There is one special case, and no table for drivers to fill.
 */
import { hugetlbfs_pagetable_ops } from '../drivers/hugetlbfs';
import { page_fault, page_pagetable_ops } from '../drivers/page-huge';
import { ENODEV } from '../errno';
import { Ev } from '../events';
import { hugetlb_fault, hugetlb_pin_pages } from '../mm/hugetlb';
import { copy_hugetlb_page_range, hugetlb_change_protection, unmap_hugepage_range } from '../mm/hugetlb_table';
import { free_pgd_range } from '../mm/memory_tables';
import type { vm_area_struct } from '../mm/mm_types';
import { WHY } from '../routines';
import type { About, Design } from './design';
import type { Probe } from './probe';
import { is_vm_hugetlb_page } from './unconverted';

/** The one bit cannot tell two huge kinds apart: a kernel with the character device asks for it, too, behind the set bit. */
function huge_fault(vma: vm_area_struct, probe: Probe): typeof hugetlb_fault {
  const device = vma.vm_file?.inode.kind === 'device';
  if (device && probe.isDevice(device)) return probe.call('page_fault', page_fault);
  return probe.call('hugetlb_fault', hugetlb_fault);
}

/** What is known of it: plain data, which the page reads without the rest. */
export const about: About = {
  design: 'flag',
  place: 2,
  argued: 'flag: each area has one bit that means huge pages, and the kernel knows one special case by it.',
  title: 'One flag, one special case',
  who: 'Christoph Hellwig',
  when: 'March 2007; in Linux before and since',
  how: 'A bit of vm_flags says that an area is huge; each site tests it and calls the hugetlb routine by its name.',
  pro: 'It is plain that there is exactly one special case; it can be found by searching for a word; calls are direct.',
  contra:
    'A bit cannot tell two huge kinds apart, so each new kind adds an “and”; the tests are strewn over the whole of mm.',
  since:
    'Still how fault, fork, protection and unmapping find hugetlb in 6.18. MAP_HUGETLB (2.6.32) is nearly the flag that the mail asks for.',
  drivers: 'none',
  source: '“Re: pagetable_ops: Hugetlb character device example”, linux-kernel, 22 March 2007',
};

export const flag: Design = {
  name: 'flag',
  about,
  holder: 'vma->vm_flags',
  field: null,
  brings: [],
  touches: ['fault'],
  attach(m, vma, table) {
    if (table === hugetlbfs_pagetable_ops || table === page_pagetable_ops) return 0;
    if (m.rec !== null) m.rec.emit(Ev.Decide, WHY.one_special_case, vma.id);
    return -ENODEV;
  },
  fault: (vma, probe) => (probe.hugetlb(vma) ? huge_fault(vma, probe) : undefined),
  copy_vma: (vma, probe) =>
    probe.hugetlb(vma) ? probe.call('copy_hugetlb_page_range', copy_hugetlb_page_range) : undefined,
  pin_pages: (vma, probe) => (probe.hugetlb(vma) ? probe.call('follow_hugetlb_page', hugetlb_pin_pages) : undefined),
  change_protection: (vma, probe) =>
    probe.hugetlb(vma) ? probe.call('hugetlb_change_protection', hugetlb_change_protection) : undefined,
  unmap_page_range: (vma, probe) =>
    probe.hugetlb(vma) ? probe.call('unmap_hugepage_range', unmap_hugepage_range) : undefined,
  free_pgtable_range: (vma, probe) =>
    probe.hugetlb(vma) ? probe.call('hugetlb_free_pgd_range', free_pgd_range) : undefined,
  pin_fault: huge_fault,
  is_hugetlb: is_vm_hugetlb_page,
};
