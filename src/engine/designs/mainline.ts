/**
 * Design `mainline` (what became of it: Linux 6.18): the flag at the hot sites, generic code where that has learnt to see
 * large leaves, and members of `vm_ops` where a second user came: `may_split`, `pagesize`, `huge_fault`.
 */
import { hugetlbfs_pagetable_ops } from '../drivers/hugetlbfs';
import { page_pagetable_ops } from '../drivers/page-huge';
import { superpage_pagetable_ops } from '../drivers/superpage';
import { ENODEV } from '../errno';
import { Ev } from '../events';
import type { Machine } from '../machine';
import type { vm_area_struct } from '../mm/mm_types';
import { VM_HUGETLB } from '../mm/vm_flags';
import { WHY } from '../routines';
import {
  everySite,
  PLAIN_VM_OPS,
  SITES,
  testFlag,
  type Design,
  type HandlerSite,
  type PagetableOperations,
} from './design';

/** Kinds whose large leaves the core can walk; the second and third bring nothing but a `huge_fault`. */
const KINDS: readonly PagetableOperations[] = [hugetlbfs_pagetable_ops, page_pagetable_ops, superpage_pagetable_ops];
/** Sites that have lost their test: the generic routine serves every size. */
const GENERIC: ReadonlySet<HandlerSite> = new Set(['pin_pages', 'free_pgtable_range']);

function routine<S extends HandlerSite>(m: Machine, vma: vm_area_struct, site: S, at: number): PagetableOperations[S] {
  const kind = vma.pagetable_index === 0 ? null : KINDS[vma.pagetable_index - 1]!;
  if (m.rec !== null) tell(m, vma, site, at, kind);
  return kind === null ? undefined : kind[site];
}

function tell(m: Machine, vma: vm_area_struct, site: HandlerSite, at: number, kind: PagetableOperations | null): void {
  const rec = m.rec!;
  if (GENERIC.has(site)) {
    rec.emit(Ev.GenericWay, at, vma.id);
    return;
  }
  const hugetlb = kind === hugetlbfs_pagetable_ops;
  rec.emit(Ev.FlagTest, at, vma.id, hugetlb ? 1 : 0);
  if (hugetlb) rec.emit(Ev.DirectCall, at, vma.id, kind.id);
  else {
    rec.emit(Ev.GenericWay, at, vma.id);
    // Deep in the generic fault: vm_ops->huge_fault(vmf, order).
    if (site === 'fault' && kind !== null) {
      rec.emit(Ev.TableLoad, at, vma.id, kind.id);
      rec.emit(Ev.MemberLoad, at, vma.id, kind.id);
      rec.emit(Ev.NullTest, at, vma.id, 0);
      rec.emit(Ev.IndirectCall, at, vma.id, kind.id);
    }
  }
}

/** `split` and `page_size` are members of vm_ops by now. */
function isHugetlb(m: Machine, vma: vm_area_struct, site: Parameters<Design['is_hugetlb']>[2]): boolean {
  if (site !== 'split' && site !== 'page_size') return testFlag(m, vma, site);
  const set = (vma.vm_flags & VM_HUGETLB) !== 0;
  if (m.rec !== null) {
    const at = SITES.indexOf(site);
    const ops = vma.vm_ops;
    const member = ops === null ? undefined : site === 'split' ? ops.may_split : ops.pagesize;
    m.rec.emit(Ev.TableLoad, at, vma.id, ops === null ? 0 : PLAIN_VM_OPS);
    m.rec.emit(Ev.NullTest, at, vma.id, ops === null ? 1 : 0);
    if (ops !== null) {
      m.rec.emit(Ev.MemberLoad, at, vma.id, member === undefined ? 0 : PLAIN_VM_OPS);
      m.rec.emit(Ev.NullTest, at, vma.id, member === undefined ? 1 : 0);
    }
    m.rec.emit(member === undefined ? Ev.GenericWay : Ev.IndirectCall, at, vma.id, PLAIN_VM_OPS);
  }
  return set;
}

export const mainline: Design = {
  name: 'mainline',
  attach(m, vma, table) {
    const known = KINDS.indexOf(table);
    if (known < 0) {
      if (m.rec !== null) m.rec.emit(Ev.Decide, WHY.one_special_case, vma.id, table.id);
      return -ENODEV;
    }
    vma.pagetable_index = known + 1;
    return 0;
  },
  ...everySite(routine),
  is_hugetlb: isHugetlb,
};
