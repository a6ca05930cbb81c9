/**
 * Design `core` (what Christoph Hellwig would have liked best, 2007): no special case at all. The generic walks understand
 * leaves of any size. A file or a device only says which sizes its mapping may have and where its pages come from, and
 * brings no routines: there is nothing to find out at the six sites. What it costs is a look at the level of each leaf.
 */
import { ENODEV } from '../errno';
import { Ev } from '../events';
import type { vm_area_struct } from '../mm/mm_types';
import { WHY } from '../routines';
import type { About, Design } from './design';
import type { Probe } from './probe';
import type { TestSite } from './sites';

const nothing = (): undefined => undefined;

/** What is left of the question: pages that stay whole bind what an operation may cut. Whose walk moves them is none. */
function stays_whole(vma: vm_area_struct, site: TestSite, probe: Probe): boolean {
  if (site === 'move') return false;
  const pages = probe.load(vma.pages);
  return !probe.isNull(pages) && pages.whole;
}

/** What is known of it: plain data, which the page reads without the rest. */
export const about: About = {
  design: 'core',
  place: 8,
  title: 'No special case',
  who: 'Christoph Hellwig',
  when: '22 March 2007',
  how: 'The generic walks understand leaves of every size; a file or driver may say which sizes it wants.',
  pro: 'The cleanest, if it can be had: there is nothing to find out.',
  contra:
    'Refused for the core the year before; and machines whose page sizes cannot share a range of addresses stand in the way.',
  since: 'Transparent huge pages (2.6.38) and several sizes of them (6.8): in the core after all.',
  drivers: 'hints',
  source: '“Re: pagetable_ops: Hugetlb character device example”, linux-kernel, 22 March 2007',
};

export const core: Design = {
  name: 'core',
  about,
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
