/**
 * Design `table` (Mel Gorman, 2007): the area holds a small number, an index into a table that is fixed in the core. Several
 * kinds of huge mapping can stand side by side, and no driver can add one. Row 0 is ordinary memory's and filled like the
 * others, on the assumption that the table is always used: nothing is tested.
 */
import { hugetlbfs_pagetable_ops } from '../drivers/hugetlbfs';
import { page_pagetable_ops } from '../drivers/page-huge';
import { ENODEV } from '../errno';
import { Ev } from '../events';
import { default_pagetable_ops } from '../mm/default_ops';
import type { vm_area_struct } from '../mm/mm_types';
import { WHY } from '../routines';
import { type About, everySite, type Design, type Handler, type PagetableOperations } from './design';
import type { Probe } from './probe';
import type { HandlerSite } from './sites';
import { is_vm_hugetlb_page } from './unconverted';

/** 0 DEFAULT, 1 HUGETLB_FS, 2 HUGETLB_CHAR. */
let rows: readonly PagetableOperations[] | null = null;
const ROWS = (): readonly PagetableOperations[] =>
  (rows ??= [default_pagetable_ops(), hugetlbfs_pagetable_ops, page_pagetable_ops]);

/** `pagetable_ops[vma->pt_index].op(…)` */
function pt_op<S extends HandlerSite>(vma: vm_area_struct, op: S, probe: Probe): Handler<S> {
  const index = probe.index(vma.pagetable_index);
  const handler = probe.member(ROWS()[index]!, op);
  return probe.through(handler);
}

/** What is known of it: plain data, which the page reads without the rest. */
export const about: About = {
  design: 'table',
  place: 6,
  title: 'A number into a fixed table',
  who: 'Mel Gorman',
  when: '23 March 2007',
  how: 'The area holds a small number; the core has the table that it indexes: ordinary, hugetlbfs, the character device.',
  pro: 'Several kinds can be told apart, and nobody outside the core can add one.',
  contra: 'Look-up and call are still indirect, and each new kind changes the core.',
  since: 'Shelved by its author once a device on top of hugetlbfs had been shown. No descendants.',
  drivers: 'none',
  source: '“Re: pagetable_ops: Hugetlb character device example”, linux-kernel, 23 March 2007',
};

export const table: Design = {
  name: 'table',
  about,
  holder: 'pagetable_ops[vma->pt_index]',
  field: { declares: 'unsigned int pt_index', bytes: 4 },
  brings: [],
  touches: ['a row of pagetable_ops[]'],
  attach(m, vma, wanted) {
    const index = ROWS().indexOf(wanted);
    if (index < 0) {
      if (m.rec !== null) m.rec.emit(Ev.Decide, WHY.not_in_core_table, vma.id);
      return -ENODEV;
    }
    vma.pagetable_index = index;
    return 0;
  },
  ...everySite(pt_op),
  pin_fault: (vma, probe) => pt_op(vma, 'fault', probe),
  is_hugetlb: is_vm_hugetlb_page,
};
