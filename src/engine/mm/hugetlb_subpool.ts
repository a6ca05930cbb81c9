/**
 * A mount of hugetlbfs that was given a size: how many pages its files may have and be promised (Linux: mm/hugetlb.c,
 * hugepage_subpool_*). Left out: the least size of a mount.
 *
 * In 2007 it was a quota of pages that came to life (2.6.20: fs/hugetlbfs/inode.c hugetlb_get_quota): asked at the fault, and given
 * back only by what leaves the page cache, so that each private page was lost to the mount for good.
 */
import { PMD_SIZE } from '../../base/units';
import { Ev } from '../events';
import type { Machine } from '../machine';
import { WHY } from '../routines';
import type { inode } from './mm_types';
import { PG_hugetlb_subpool } from './page_alloc';

/** Pages of 2 MiB that the mount may have; Infinity without a size. */
const max_hpages = (m: Machine): number => Math.floor(m.config.hugetlbfs_size / PMD_SIZE);

const is_counted = (m: Machine, node: inode | null): boolean =>
  node !== null && node.on_mount && m.config.hugetlbfs_size !== Infinity;

/** Counts `delta` pages more against the mount of a file; false where that is full. Linux: hugepage_subpool_get_pages. */
export function hugepage_subpool_get_pages(m: Machine, node: inode | null, delta: number): boolean {
  if (!is_counted(m, node)) return true;
  const h = m.hstate;
  if (h.used_hpages + delta > max_hpages(m)) {
    if (m.rec !== null) m.rec.emit(Ev.Decide, WHY.mount_full, node!.id, h.used_hpages, delta);
    return false;
  }
  h.used_hpages += delta;
  return true;
}

/** Linux: hugepage_subpool_put_pages. */
export function hugepage_subpool_put_pages(m: Machine, node: inode | null, delta: number): void {
  if (is_counted(m, node)) m.hstate.used_hpages -= delta;
}

/** The page gives its place in the mount back when it is freed. Linux: hugetlb_set_folio_subpool. */
export function hugetlb_set_folio_subpool(m: Machine, node: inode | null, pfn: number): void {
  if (is_counted(m, node) && m.rules.countsMountPromises) m.frames.setFlags(pfn, PG_hugetlb_subpool);
}

/** A page is freed that had these flags: its place is free, unless it is promised again. */
export function hugetlb_folio_subpool_freed(m: Machine, flags: number, promised: boolean): void {
  if ((flags & PG_hugetlb_subpool) !== 0 && !promised) m.hstate.used_hpages--;
}
