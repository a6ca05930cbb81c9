/**
 * Design `ops-always` (Arjan van de Ven and William Irwin, 2007): the pointer is never NULL. An ordinary area has a default
 * table whose members are the generic routines, so that nothing is tested and everything is called through a pointer.
 */
import { default_pagetable_ops } from '../mm/default_ops';
import type { vm_area_struct } from '../mm/mm_types';
import { type About, everySite, type Design, type Handler, type PagetableOperations } from './design';
import type { Probe } from './probe';
import { HANDLERS, type HandlerSite } from './sites';
import { is_vm_hugetlb_page } from './unconverted';

/** No test: load the table, load the member, call it. */
function pt_op<S extends HandlerSite>(vma: vm_area_struct, op: S, probe: Probe): Handler<S> {
  const ops = probe.load(vma.pagetable_ops ?? default_pagetable_ops())!;
  const handler = probe.member(ops, op);
  return probe.through(handler);
}

/** A driver's table with the default's member wherever it leaves one out: no member is NULL either. */
const completed = new WeakMap<PagetableOperations, PagetableOperations>();

/** What is known of it: plain data, which the page reads without the rest. */
export const about: About = {
  design: 'ops-always',
  place: 4,
  title: 'A pointer that is never NULL',
  who: 'Arjan van de Ven, William Lee Irwin',
  when: 'February and March 2007',
  how: 'Ordinary areas have a table, too, whose members are the generic routines; nothing is tested, everything is called through it.',
  pro: 'No special case is left to see at any site: one way of calling for all memory.',
  contra: 'Every ordinary fault pays for an indirect call.',
  since: 'Never written.',
  drivers: 'any',
  source: 'replies to both versions of the series, linux-mm, 19 February and 20–21 March 2007',
};

export const opsAlways: Design = {
  name: 'ops-always',
  about,
  holder: 'vma->pagetable_ops',
  field: { declares: 'const struct pagetable_operations_struct *pagetable_ops', bytes: 8 },
  brings: HANDLERS,
  touches: [],
  attach(_m, vma, table) {
    const given = Object.entries(table).filter(([, member]) => member !== undefined);
    const whole = completed.get(table) ?? { ...default_pagetable_ops(), ...Object.fromEntries(given) };
    completed.set(table, whole);
    vma.pagetable_ops = whole;
    return 0;
  },
  ...everySite(pt_op),
  pin_fault: (vma, probe) => pt_op(vma, 'fault', probe),
  is_hugetlb: is_vm_hugetlb_page,
};
