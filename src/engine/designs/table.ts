/**
 * Design `table` (Mel Gorman, 2007): the area holds a small number, an index into a table that is fixed in the core. Several
 * kinds of huge mapping can stand side by side, and no driver can add one.
 */
import { hugetlbfs_pagetable_ops } from '../drivers/hugetlbfs';
import { page_pagetable_ops } from '../drivers/page-huge';
import { ENODEV } from '../errno';
import { Ev } from '../events';
import type { Machine } from '../machine';
import type { vm_area_struct } from '../mm/mm_types';
import { WHY } from '../routines';
import { everySite, testFlag, type Design, type HandlerSite, type PagetableOperations } from './design';

/** 0 DEFAULT, 1 HUGETLB_FS, 2 HUGETLB_CHAR. DEFAULT has no members: the generic way. */
const KINDS: readonly (PagetableOperations | null)[] = [null, hugetlbfs_pagetable_ops, page_pagetable_ops];

function member<S extends HandlerSite>(m: Machine, vma: vm_area_struct, site: S, at: number): PagetableOperations[S] {
  const index = vma.pagetable_index;
  const kind = KINDS[index]!;
  const handler = kind === null ? undefined : kind[site];
  if (m.rec !== null) {
    m.rec.emit(Ev.IndexLoad, at, vma.id, index);
    m.rec.emit(Ev.MemberLoad, at, vma.id, handler === undefined ? 0 : index);
    m.rec.emit(Ev.NullTest, at, vma.id, handler === undefined ? 1 : 0);
    m.rec.emit(handler === undefined ? Ev.GenericWay : Ev.IndirectCall, at, vma.id, index);
  }
  return handler;
}

export const table: Design = {
  name: 'table',
  attach(m, vma, wanted) {
    const index = KINDS.indexOf(wanted);
    if (index < 0) {
      if (m.rec !== null) m.rec.emit(Ev.Decide, WHY.not_in_core_table, vma.id, wanted.id);
      return -ENODEV;
    }
    vma.pagetable_index = index;
    return 0;
  },
  ...everySite(member),
  is_hugetlb: testFlag,
};
