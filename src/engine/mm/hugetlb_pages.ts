/**
 * What a mapping of huge pages of the pool says of its pages, to a core that walks leaves of every size: one size, whole pages;
 * they come from its file or, with a reservation or without one, from the pool.
 */
import { HPAGE_PMD_NR, PMD_SIZE, PUD_SIZE } from '../../base/units';
import { copy_private_page, find_huge_page, take_from_children } from './hugetlb';
import {
  huge_page_size,
  hugetlb_gather_page,
  hugetlb_get,
  hugetlb_put,
  restore_reservation,
  vma_hugecache_offset,
} from './hugetlb_pool';
import { PG_anon, PG_anon_exclusive, PG_dirty } from './page_alloc';
import type { LeafSize, PageSource } from './page_source';
import { _PAGE_DIRTY, PMD, PUD } from './pgtable';

const LARGE: readonly LeafSize[] = [{ level: PMD, bytes: PMD_SIZE, order: 9, entries: 1 }];
const GIANT: readonly LeafSize[] = [{ level: PUD, bytes: PUD_SIZE, order: 18, entries: 1 }];

export const pool_pages: PageSource = {
  name: 'pages of the pool',
  whole: true,
  sizes: (vma) => (huge_page_size(vma) === PMD_SIZE ? LARGE : GIANT),
  find: find_huge_page,
  copy: (vma, start, _level, old) => copy_private_page(vma, start, old),
  reclaim: take_from_children,
  sole: (m, _level, pfn) => (m.frames.flags(pfn) & PG_anon) !== 0 && m.frames.mapcount(pfn) === 1,
  count(vma, _level, pfn, by) {
    vma.vm_mm.machine.frames.addMapcount(pfn, by);
    vma.vm_mm.hugetlb_usage += by * HPAGE_PMD_NR;
  },
  hold(m, pfn) {
    hugetlb_get(m, pfn);
  },
  copied(m, pfn) {
    if ((m.frames.flags(pfn) & PG_anon) !== 0) m.frames.clearFlags(pfn, PG_anon_exclusive);
    hugetlb_get(m, pfn);
  },
  unmapped(vma, pfn, address, entry) {
    if ((entry & _PAGE_DIRTY) !== 0) vma.vm_mm.machine.frames.setFlags(pfn, PG_dirty);
    restore_reservation(vma, pfn, vma_hugecache_offset(vma, address));
  },
  put(m, pfn) {
    if (m.hstate.gathering > 0) hugetlb_gather_page(m, pfn);
    else hugetlb_put(m, pfn);
  },
};
