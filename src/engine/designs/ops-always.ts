/**
 * Design `ops-always` (Arjan van de Ven and William Irwin, 2007): the pointer is never NULL. An ordinary area has a default
 * table whose members are the generic routines, so that nothing is tested and everything is called through a pointer.
 */
import { Ev } from '../events';
import type { Machine } from '../machine';
import type { vm_area_struct } from '../mm/mm_types';
import { DEFAULT_TABLE, everySite, testFlag, type Design, type HandlerSite, type PagetableOperations } from './design';

/** No test: load the table, load the member, call it. The default table's members are where the core's own text goes on. */
function member<S extends HandlerSite>(m: Machine, vma: vm_area_struct, site: S, at: number): PagetableOperations[S] {
  const table = vma.pagetable_ops;
  const handler = table === null ? undefined : table[site];
  if (m.rec !== null) {
    const called = table === null || handler === undefined ? DEFAULT_TABLE : table.id;
    m.rec.emit(Ev.TableLoad, at, vma.id, table === null ? DEFAULT_TABLE : table.id);
    m.rec.emit(Ev.MemberLoad, at, vma.id, called);
    m.rec.emit(Ev.IndirectCall, at, vma.id, called);
  }
  return handler;
}

export const opsAlways: Design = {
  name: 'ops-always',
  attach(_m, vma, table) {
    // A member that the driver leaves out is the default table's.
    vma.pagetable_ops = table;
    return 0;
  },
  ...everySite(member),
  is_hugetlb: testFlag,
};
