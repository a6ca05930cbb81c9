/**
 * Design `vm_ops` (Christoph Hellwig in February, Nick Piggin in March 2007): no second vector. The table that an area has
 * anyway gets the six members; anonymous memory has no table, and most tables leave the members out.
 */
import { Ev } from '../events';
import type { Machine } from '../machine';
import type { vm_area_struct, vm_operations_struct } from '../mm/mm_types';
import { everySite, PLAIN_VM_OPS, testFlag, type Design, type HandlerSite, type PagetableOperations } from './design';

/** Table there? member there? Areas of ordinary files come to the second test, too. */
function member<S extends HandlerSite>(m: Machine, vma: vm_area_struct, site: S, at: number): PagetableOperations[S] {
  const ops = vma.vm_ops;
  const members = ops === null ? undefined : ops.pagetable;
  const handler = members === undefined ? undefined : members[site];
  if (m.rec === null) return handler;
  const id = members === undefined ? PLAIN_VM_OPS : members.id;
  m.rec.emit(Ev.TableLoad, at, vma.id, ops === null ? 0 : id);
  m.rec.emit(Ev.NullTest, at, vma.id, ops === null ? 1 : 0);
  if (ops !== null) {
    m.rec.emit(Ev.MemberLoad, at, vma.id, handler === undefined ? 0 : id);
    m.rec.emit(Ev.NullTest, at, vma.id, handler === undefined ? 1 : 0);
  }
  m.rec.emit(handler === undefined ? Ev.GenericWay : Ev.IndirectCall, at, vma.id, id);
  return handler;
}

/** One table for each pair of a mapping's own members and the six: constant, as tables are. */
const extended = new WeakMap<PagetableOperations, Map<vm_operations_struct | null, vm_operations_struct>>();

function withMembers(ops: vm_operations_struct | null, table: PagetableOperations): vm_operations_struct {
  let made = extended.get(table);
  if (made === undefined) extended.set(table, (made = new Map()));
  let both = made.get(ops);
  if (both === undefined) {
    both = { ...(ops ?? { name: table.name, backing: 'special' }), pagetable: table };
    made.set(ops, both);
  }
  return both;
}

export const vmOps: Design = {
  name: 'vm_ops',
  attach(_m, vma, table) {
    vma.vm_ops = withMembers(vma.vm_ops, table);
    return 0;
  },
  ...everySite(member),
  is_hugetlb: testFlag,
};
