/**
 * Design `core` (what Christoph Hellwig would have liked best, 2007): no special case at all. The generic walks understand
 * leaves of any size. A file or a device only says which sizes its mapping may have and where its pages come from, and
 * brings no routines: there is nothing to find out at the six sites. What it costs is a look at the level of each leaf.
 */
import { ENODEV } from '../errno';
import { Ev } from '../events';
import type { vm_area_struct } from '../mm/mm_types';
import { WHY } from '../routines';
import type { Design } from './design';
import type { Probe } from './probe';
import type { TestSite } from './sites';

const nothing = (): undefined => undefined;

/** What is left of the question: pages that stay whole bind what an operation may cut. Whose walk moves them is none. */
function stays_whole(vma: vm_area_struct, site: TestSite, probe: Probe): boolean {
  if (site === 'move') return false;
  const pages = probe.load(vma.pages);
  return !probe.isNull(pages) && pages.whole;
}

export const core: Design = {
  name: 'core',
  holder: 'vma->pages',
  field: null,
  brings: ['sizes', 'source of pages'],
  touches: [],
  walks_leaves: true,
  looks_at_levels: true,
  attach(m, vma, _table, pages) {
    if (pages === null) {
      if (m.rec !== null) m.rec.emit(Ev.Decide, WHY.hints_only, vma.id);
      return -ENODEV;
    }
    vma.pages = pages;
    return 0;
  },
  fault: nothing,
  copy_vma: nothing,
  pin_pages: nothing,
  change_protection: nothing,
  unmap_page_range: nothing,
  free_pgtable_range: nothing,
  pin_fault: nothing,
  is_hugetlb: stays_whole,
};
