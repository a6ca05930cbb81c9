/** Taking pages out of a file's cache (Linux: mm/truncate.c). Huge pages of hugetlbfs go their own way. */
import { PAGE_SIZE, roundUp } from '../../base/units';
import { Ev } from '../events';
import type { Machine } from '../machine';
import { R } from '../routines';
import { unmap_mapping_range } from './memory_zap';
import type { inode } from './mm_types';
import { PG_mapping } from './page_alloc';

/** Linux: mm/truncate.c truncate_inode_pages_range, whole pages `[first, after)` only: the rest of a cut page is zeroed. */
export function truncate_inode_pages_range(m: Machine, node: inode, first: number, after: number): void {
  const rec = m.rec;
  if (rec !== null) rec.emit(Ev.Enter, R.truncate_inode_pages_range, node.id, first, after);
  const frames = m.frames;
  node.i_mapping.i_pages.forEach(first, after, (index, value) => {
    const pfn = value - 1;
    node.i_mapping.i_pages.set(index, 0);
    if (rec !== null) rec.emit(Ev.CacheDel, node.id, index, pfn);
    frames.clearFlags(pfn, PG_mapping);
    frames.setMapping(pfn, 0, 0);
    frames.put_page(pfn);
  });
  if (rec !== null) rec.emit(Ev.Leave, R.truncate_inode_pages_range);
}

/** Linux: mm/truncate.c truncate_pagecache: nobody maps and nothing caches a page at or beyond `size` bytes any more. */
export function truncate_pagecache(m: Machine, node: inode, size: number): void {
  const rec = m.rec;
  if (rec !== null) rec.emit(Ev.Enter, R.truncate_pagecache, node.id, size);
  const hole = roundUp(size, PAGE_SIZE);
  unmap_mapping_range(m, node.i_mapping, hole, 0, true);
  truncate_inode_pages_range(m, node, hole / PAGE_SIZE, Infinity);
  if (rec !== null) rec.emit(Ev.Leave, R.truncate_pagecache);
}
