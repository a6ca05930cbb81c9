/**
 * Design `mainline` (what became of it: Linux 6.18): the flag at the hot sites, generic walks where they have learnt to see
 * large leaves, and members of `vm_ops` where a second user came: `may_split`, `pagesize`, `huge_fault`.
 */
import { hugetlbfs_pagetable_ops } from '../drivers/hugetlbfs';
import { ENODEV } from '../errno';
import { Ev } from '../events';
import { hugetlb_fault } from '../mm/hugetlb';
import { copy_hugetlb_page_range, hugetlb_change_protection, unmap_hugepage_range } from '../mm/hugetlb_table';
import type { vm_area_struct, vm_operations_struct } from '../mm/mm_types';
import { VM_HUGETLB, VM_MIXEDMAP } from '../mm/vm_flags';
import { WHY } from '../routines';
import type { About, Design, Handler, PagetableOperations } from './design';
import type { Probe } from './probe';
import { is_vm_hugetlb_page } from './unconverted';

/** create_huge_pmd, wp_huge_pmd: `if (vma->vm_ops->huge_fault) return vma->vm_ops->huge_fault(vmf, order);` */
function huge_fault(vma: vm_area_struct, probe: Probe): Handler<'fault'> {
  const ops = probe.load(vma.vm_ops);
  if (probe.isNull(ops)) return undefined;
  const fault = probe.member(ops, 'huge_fault');
  if (probe.isNull(fault)) return undefined;
  return probe.through(fault);
}

/** What a driver's mapping has anyway, with its fault as the one member more. */
const extended = new WeakMap<PagetableOperations, vm_operations_struct>();

function withHugeFault(ops: vm_operations_struct, table: PagetableOperations): vm_operations_struct {
  const made = extended.get(table) ?? { ...ops, huge_fault: table.fault };
  extended.set(table, made);
  return made;
}

/** What is known of it: plain data, which the page reads without the rest. */
export const about: About = {
  design: 'mainline',
  place: 9,
  title: 'What became of it',
  who: 'many, one second user at a time',
  when: 'Linux 6.18, 2025',
  how: 'The flag at the hot sites; generic code where it has learnt to see large leaves; members of vm_ops where a second user came.',
  pro: 'Each hook was added when somebody needed it, and is called where its user can do no harm.',
  contra: 'No one rule tells which site is asked how; some sixty lines still name the flag.',
  since: 'This is the kernel that the machine’s answers are checked against.',
  drivers: 'hints',
  source: 'Linux 6.18',
};

export const mainline: Design = {
  name: 'mainline',
  about,
  holder: 'vma->vm_ops',
  field: null,
  brings: ['huge_fault', 'may_split', 'pagesize'],
  touches: [],
  walks_leaves: true,
  attach(m, vma, table, pages) {
    if (table === hugetlbfs_pagetable_ops) return 0;
    if (pages === null) {
      if (m.rec !== null) m.rec.emit(Ev.Decide, WHY.one_special_case, vma.id);
      return -ENODEV;
    }
    // The flag is hugetlb's own; a driver with large leaves says that it maps frames of its own.
    vma.vm_flags = (vma.vm_flags & ~VM_HUGETLB) | VM_MIXEDMAP;
    vma.vm_ops = withHugeFault(vma.vm_ops!, table);
    vma.pages = pages;
    return 0;
  },
  fault: (vma, probe) => (probe.hugetlb(vma) ? probe.call('hugetlb_fault', hugetlb_fault) : huge_fault(vma, probe)),
  copy_vma: (vma, probe) =>
    probe.hugetlb(vma) ? probe.call('copy_hugetlb_page_range', copy_hugetlb_page_range) : undefined,
  // The common walk of GUP reads leaves of every size since 6.6.
  pin_pages: () => undefined,
  change_protection: (vma, probe) =>
    probe.hugetlb(vma) ? probe.call('hugetlb_change_protection', hugetlb_change_protection) : undefined,
  unmap_page_range: (vma, probe) =>
    probe.hugetlb(vma) ? probe.call('unmap_hugepage_range', unmap_hugepage_range) : undefined,
  // No test since 6.17.
  free_pgtable_range: () => undefined,
  pin_fault: () => undefined,
  is_hugetlb: is_vm_hugetlb_page,
};
