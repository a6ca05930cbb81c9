/** Taking pages out of a file's cache (Linux: mm/truncate.c). Huge pages of hugetlbfs go their own way. */
import { PAGE_SIZE, roundUp } from '../../base/units';
import { Ev } from '../events';
import type { Machine } from '../machine';
import { R } from '../routines';
import { unmap_mapping_range } from './memory_zap';
import type { inode } from './mm_types';
import { PG_dirty, PG_mapping, PG_uptodate } from './page_alloc';

/** Linux: mm/truncate.c truncate_inode_pages_range, whole pages `[first, after)` only: the rest of a cut page is zeroed. */
export function truncate_inode_pages_range(m: Machine, node: inode, first: number, after: number): void {
  const rec = m.rec;
  if (rec !== null) rec.emit(Ev.Enter, R.truncate_inode_pages_range, node.id, first, after);
  const frames = m.frames;
  node.i_mapping.i_pages.forEach(first, after, (index, value) => {
    const pfn = value - 1;
    node.i_mapping.i_pages.set(index, 0);
    if (rec !== null) rec.emit(Ev.CacheDel, node.id, index, pfn);
    if (frames.compound_head(pfn) === pfn) frames.clearFlags(pfn, PG_mapping);
    frames.setMapping(pfn, 0, 0);
    frames.put_page(pfn);
  });
  if (rec !== null) rec.emit(Ev.Leave, R.truncate_inode_pages_range);
}

/**
 * A large page of the cache across `size` bytes is unmapped and split there; a dirty one cannot be split and stays whole.
 * Returns the first page that goes. Linux: mm/truncate.c truncate_inode_partial_folio, try_folio_split_or_unmap.
 */
function truncate_inode_partial_folio(m: Machine, node: inode, size: number): number {
  const frames = m.frames;
  const first = Math.ceil(size / PAGE_SIZE);
  const index = Math.floor(size / PAGE_SIZE);
  const cached = node.i_mapping.i_pages.get(index);
  if (cached === 0) return first;
  const head = frames.compound_head(cached - 1);
  const start = frames.index(head);
  const order = frames.order(head);
  if (order === 0 || start * PAGE_SIZE === size) return first;
  const after = start + 2 ** order;
  unmap_mapping_range(m, node.i_mapping, start * PAGE_SIZE, (after - start) * PAGE_SIZE, false);
  if ((frames.flags(head) & PG_dirty) !== 0) return after;
  frames.split_compound_at(head, cached - 1, PG_mapping | PG_uptodate);
  return first;
}

/** Linux: mm/truncate.c truncate_pagecache: nobody maps and nothing caches a page at or beyond `size` bytes any more. */
export function truncate_pagecache(m: Machine, node: inode, size: number): void {
  const rec = m.rec;
  if (rec !== null) rec.emit(Ev.Enter, R.truncate_pagecache, node.id, size);
  const hole = roundUp(size, PAGE_SIZE);
  unmap_mapping_range(m, node.i_mapping, hole, 0, true);
  const from = truncate_inode_partial_folio(m, node, size);
  truncate_inode_pages_range(m, node, from, Infinity);
  if (rec !== null) rec.emit(Ev.Leave, R.truncate_pagecache);
}

/** Nobody maps and nothing caches a whole page of `[start, end)` bytes any more. Linux: mm/truncate.c truncate_pagecache_range. */
export function truncate_pagecache_range(m: Machine, node: inode, start: number, end: number): void {
  const first = Math.ceil(start / PAGE_SIZE);
  const after = Math.floor(end / PAGE_SIZE);
  if (first >= after) return;
  unmap_mapping_range(m, node.i_mapping, first * PAGE_SIZE, (after - first) * PAGE_SIZE, false);
  const low = splitForHole(m, node, first, first, after);
  const high = low !== null && low.after >= after ? low : splitForHole(m, node, after - 1, first, after);
  const from = low === null ? first : low.after;
  const to = high === null ? after : high.first;
  if (from < to) truncate_inode_pages_range(m, node, from, to);
}

/**
 * A large page of the cache that holds page `index` and reaches out of the hole `[first, after)` is unmapped and split at the
 * hole's edges. Returns its pages where it is dirty: then it stays whole. Linux: mm/truncate.c truncate_inode_partial_folio.
 */
function splitForHole(
  m: Machine,
  node: inode,
  index: number,
  first: number,
  after: number,
): { first: number; after: number } | null {
  const frames = m.frames;
  const cached = node.i_mapping.i_pages.get(index);
  if (cached === 0) return null;
  const head = frames.compound_head(cached - 1);
  const pages = { first: frames.index(head), after: frames.index(head) + 2 ** frames.order(head) };
  if (frames.order(head) === 0 || (pages.first >= first && pages.after <= after)) return null;
  unmap_mapping_range(m, node.i_mapping, pages.first * PAGE_SIZE, (pages.after - pages.first) * PAGE_SIZE, false);
  if ((frames.flags(head) & PG_dirty) !== 0) return pages;
  frames.split_compound_at(head, head + Math.max(first, pages.first) - pages.first, PG_mapping | PG_uptodate);
  if (after < pages.after) {
    const edge = head + after - pages.first;
    const rest = frames.compound_head(edge);
    if (frames.order(rest) > 0) frames.split_compound_at(rest, edge, PG_mapping | PG_uptodate);
  }
  return null;
}
