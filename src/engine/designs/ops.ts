/** Design `ops` (Adam Litke, 2007): a pointer on each area to a table of page-table handlers; NULL means the generic way. */
import type { vm_area_struct } from '../mm/mm_types';
import { type About, everySite, type Design, type Handler } from './design';
import type { Probe } from './probe';
import { HANDLERS, type HandlerSite } from './sites';
import { is_vm_hugetlb_page } from './unconverted';

/** `if (has_pt_op(vma, op)) return pt_op(vma, op)(…);` */
function pt_op<S extends HandlerSite>(vma: vm_area_struct, op: S, probe: Probe): Handler<S> {
  const ops = probe.load(vma.pagetable_ops);
  if (probe.isNull(ops)) return undefined;
  const handler = probe.member(ops, op);
  if (probe.isNull(handler)) return undefined;
  return probe.through(handler);
}

/** What is known of it: plain data, which the page reads without the rest. */
export const about: About = {
  design: 'ops',
  place: 1,
  argued: 'ops: each area points to a table of page-table handlers, and the kernel calls the one that is there.',
  title: 'A pointer on each area',
  who: 'Adam Litke',
  when: 'February and March 2007',
  how: 'Each area points to a constant table of six page-table handlers; NULL, or a missing member, means the generic way.',
  pro: 'All hooks stand together, several kinds of huge mapping fit side by side, and ordinary memory pays only for a test.',
  contra:
    'There was one user; each area grows by a pointer; the special case stays at every site; and whoever fills in a table runs the page tables.',
  since: 'Not merged. A table of its own for page-table handlers never came back.',
  drivers: 'any',
  source: '“[PATCH 0/7] [RFC] hugetlb: pagetable_operations API”, linux-mm, 19 February and 19 March 2007',
};

export const ops: Design = {
  name: 'ops',
  about,
  holder: 'vma->pagetable_ops',
  field: { declares: 'const struct pagetable_operations_struct *pagetable_ops', bytes: 8 },
  brings: HANDLERS,
  touches: [],
  attach(_m, vma, table) {
    vma.pagetable_ops = table;
    return 0;
  },
  ...everySite(pt_op),
  /** follow_hugetlb_page: `BUG_ON(!has_pt_op(vma, fault));` */
  pin_begins(vma, probe) {
    const ops = probe.load(vma.pagetable_ops);
    if (!probe.isNull(ops)) probe.isNull(probe.member(ops, 'fault'));
  },
  /** follow_hugetlb_page: `ret = pt_op(vma, fault)(mm, vma, vaddr, 0);` */
  pin_fault(vma, probe) {
    const ops = probe.load(vma.pagetable_ops)!;
    const fault = probe.member(ops, 'fault');
    return probe.through(fault);
  },
  is_hugetlb: is_vm_hugetlb_page,
};
