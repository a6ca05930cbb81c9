/** Design `ops` (Adam Litke, 2007): a pointer on each area to a table of page-table handlers; NULL means the generic way. */
import { Ev } from '../events';
import type { Machine } from '../machine';
import type { vm_area_struct } from '../mm/mm_types';
import { everySite, testFlag, type Design, type HandlerSite, type PagetableOperations } from './design';

/** has_pt_op and pt_op of the series: table there? member there? then call it through the pointer. */
function member<S extends HandlerSite>(m: Machine, vma: vm_area_struct, site: S, at: number): PagetableOperations[S] {
  const ops = vma.pagetable_ops;
  if (m.rec === null) return ops === null ? undefined : ops[site];
  m.rec.emit(Ev.TableLoad, at, vma.id, ops === null ? 0 : ops.id);
  m.rec.emit(Ev.NullTest, at, vma.id, ops === null ? 1 : 0);
  if (ops === null) {
    m.rec.emit(Ev.GenericWay, at, vma.id);
    return undefined;
  }
  const handler = ops[site];
  m.rec.emit(Ev.MemberLoad, at, vma.id, handler === undefined ? 0 : ops.id);
  m.rec.emit(Ev.NullTest, at, vma.id, handler === undefined ? 1 : 0);
  m.rec.emit(handler === undefined ? Ev.GenericWay : Ev.IndirectCall, at, vma.id, ops.id);
  return handler;
}

export const ops: Design = {
  name: 'ops',
  attach(_m, vma, table) {
    vma.pagetable_ops = table;
    return 0;
  },
  ...everySite(member),
  is_hugetlb: testFlag,
};
