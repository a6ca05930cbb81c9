/**
 * Design `core` (what Christoph Hellwig would have liked best, 2007): no special case at all. The generic walk understands
 * leaves of any size; a file or a device only says which sizes its mapping may have, and brings no routines.
 */
import { hugetlbfs_pagetable_ops } from '../drivers/hugetlbfs';
import { page_pagetable_ops } from '../drivers/page-huge';
import { superpage_pagetable_ops } from '../drivers/superpage';
import { ENODEV } from '../errno';
import { Ev } from '../events';
import type { vm_area_struct } from '../mm/mm_types';
import { VM_HUGETLB } from '../mm/vm_flags';
import { WHY } from '../routines';
import { everySite, type Design, type Handler, type PagetableOperations } from './design';
import type { HandlerSite } from './sites';

/** What the core's own walk does at leaves larger than 4 KiB, by what the mapping said of its pages. */
const WALKS: readonly PagetableOperations[] = [hugetlbfs_pagetable_ops, page_pagetable_ops, superpage_pagetable_ops];

/** Always the generic way: it looks at the page size of the mapping, as it looks at each entry. */
function walk<S extends HandlerSite>(vma: vm_area_struct, site: S): Handler<S> {
  const sizes = vma.pagetable_index;
  return sizes === 0 ? undefined : WALKS[sizes - 1]![site];
}

export const core: Design = {
  name: 'core',
  holder: '',
  attach(m, vma, table) {
    const known = WALKS.indexOf(table);
    if (known < 0) {
      if (m.rec !== null) m.rec.emit(Ev.Decide, WHY.hints_only, vma.id);
      return -ENODEV;
    }
    vma.pagetable_index = known + 1;
    return 0;
  },
  ...everySite(walk),
  pin_fault: (vma) => walk(vma, 'fault'),
  is_hugetlb: (vma) => (vma.vm_flags & VM_HUGETLB) !== 0,
};
