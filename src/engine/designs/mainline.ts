/**
 * Design `mainline` (what became of it: Linux 6.18): the flag at the hot sites, generic code where that has learnt to see
 * large leaves, and members of `vm_ops` where a second user came: `may_split`, `pagesize`, `huge_fault`.
 */
import { hugetlbfs_pagetable_ops } from '../drivers/hugetlbfs';
import { page_pagetable_ops } from '../drivers/page-huge';
import { superpage_pagetable_ops } from '../drivers/superpage';
import { ENODEV } from '../errno';
import { Ev } from '../events';
import type { vm_area_struct } from '../mm/mm_types';
import { WHY } from '../routines';
import { everySite, type Design, type Handler, type PagetableOperations } from './design';
import type { Probe } from './probe';
import type { HandlerSite } from './sites';
import { is_vm_hugetlb_page } from './unconverted';

/** Kinds whose large leaves the core can walk; the second and third bring nothing but a `huge_fault`. */
const KINDS: readonly PagetableOperations[] = [hugetlbfs_pagetable_ops, page_pagetable_ops, superpage_pagetable_ops];

function routine<S extends HandlerSite>(vma: vm_area_struct, site: S, probe: Probe): Handler<S> {
  const kind = vma.pagetable_index === 0 ? null : KINDS[vma.pagetable_index - 1]!;
  if (site === 'pin_pages' || site === 'free_pgtable_range') return kind?.[site];
  if (probe.hugetlb(vma)) return probe.call('hugetlb_fault', kind![site]);
  return kind?.[site];
}

export const mainline: Design = {
  name: 'mainline',
  holder: 'vma->vm_ops',
  attach(m, vma, table) {
    const known = KINDS.indexOf(table);
    if (known < 0) {
      if (m.rec !== null) m.rec.emit(Ev.Decide, WHY.one_special_case, vma.id);
      return -ENODEV;
    }
    vma.pagetable_index = known + 1;
    return 0;
  },
  ...everySite(routine),
  pin_fault: (vma, probe) => routine(vma, 'fault', probe),
  is_hugetlb: is_vm_hugetlb_page,
};
