/**
 * Design `vm_ops` (Christoph Hellwig in February, Nick Piggin in March 2007): no second vector. The table that an area has
 * anyway gets the six members; anonymous memory has no table, and most tables leave the members out.
 */
import type { vm_area_struct, vm_operations_struct } from '../mm/mm_types';
import { type About, everySite, type Design, type Handler, type PagetableOperations } from './design';
import type { Probe } from './probe';
import { HANDLERS, type HandlerSite } from './sites';
import { is_vm_hugetlb_page } from './unconverted';

/** Table there? member there? Areas of ordinary files come to the second test, too. */
function vm_op<S extends HandlerSite>(vma: vm_area_struct, op: S, probe: Probe): Handler<S> {
  const ops = probe.load(vma.vm_ops);
  if (probe.isNull(ops)) return undefined;
  const handler = probe.member(members(ops), op);
  if (probe.isNull(handler)) return undefined;
  return probe.through(handler);
}

const NONE: PagetableOperations = { name: 'vm_ops without members' };
const members = (ops: vm_operations_struct): PagetableOperations => ops.pagetable ?? NONE;

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

/** What is known of it: plain data, which the page reads without the rest. */
export const about: About = {
  design: 'vm_ops',
  place: 5,
  title: 'Members of the table there is',
  who: 'Christoph Hellwig, Nick Piggin',
  when: 'February and March 2007',
  how: 'The six handlers become members of vm_operations_struct, to which every mapping of a file points anyway.',
  pro: 'No area grows, and no second vector stands beside the first.',
  contra:
    'Every table grows for one user, drivers see the hooks and are tempted, and the name fault was promised to another.',
  since:
    'What happened, slowly: huge_fault (4.3), split (4.15) and pagesize (4.17) each became a member when a second user came.',
  drivers: 'any',
  source: 'replies to both versions of the series, linux-mm, 19 February and 21 March 2007',
};

export const vmOps: Design = {
  name: 'vm_ops',
  about,
  holder: 'vma->vm_ops',
  field: null,
  brings: HANDLERS,
  touches: [],
  attach(_m, vma, table) {
    vma.vm_ops = withMembers(vma.vm_ops, table);
    return 0;
  },
  ...everySite(vm_op),
  pin_fault(vma, probe) {
    const ops = probe.load(vma.vm_ops)!;
    const fault = probe.member(members(ops), 'fault');
    return probe.through(fault);
  },
  is_hugetlb: is_vm_hugetlb_page,
};
