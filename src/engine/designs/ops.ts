/** Design `ops` (Adam Litke, 2007): a pointer on each area to a table of page-table handlers; NULL means the generic way. */
import type { vm_area_struct } from '../mm/mm_types';
import { everySite, type Design, type Handler } from './design';
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

export const ops: Design = {
  name: 'ops',
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
