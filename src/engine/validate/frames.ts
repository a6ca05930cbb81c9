/** Physical frames: every reference and every mapping counted anew. */
import type { Machine } from '../machine';
import type { inode } from '../mm/mm_types';
import { PG_hugetlb, PG_reserved, PG_tail, PG_used } from '../mm/page_alloc';
import type { Table } from '../mm/pgtable';
import type { Findings } from './findings';
import { inodesOf } from './files';

/** What the page tables of all processes map. */
export interface FrameUse {
  /** Entries that map a 4 KiB frame, or a huge page of the pool, by pfn. */
  readonly entries: Map<number, number>;
  /** Upper-level entries that map a transparent huge page as a whole, by its head. */
  readonly entire: Map<number, number>;
  /** Anonymous pages that a private entry lets a process write; whether that is a large leaf of no pool. */
  readonly writable: Map<number, boolean>;
  /** Tables met so far. */
  readonly tables: Set<Table>;
}

/** Checks the counts of every frame against the entries and the page caches. */
export function validateFrames(m: Machine, use: FrameUse, found: Findings): void {
  const frames = m.frames;
  const cached = new Map<number, inode>();
  for (const node of inodesOf(m)) {
    node.i_mapping.i_pages.forEach(0, Infinity, (_index, value) => {
      const pfn = value - 1;
      if (cached.has(pfn)) found.add('cache-once', `frame ${pfn} is in two page caches`, { pfn });
      cached.set(pfn, node);
    });
  }
  const references = new Map<number, number>();
  const refer = (pfn: number, n: number): void => {
    const head = frames.compound_head(pfn);
    references.set(head, (references.get(head) ?? 0) + n);
  };
  for (const [pfn, n] of use.entries) refer(pfn, n);
  for (const [pfn, n] of use.entire) refer(pfn, n);
  for (const pfn of cached.keys()) refer(pfn, 1);
  for (const [pfn, entire] of use.writable) {
    const n = (entire ? use.entire : use.entries).get(pfn) ?? 0;
    if (n > 1)
      found.add('private-page', `private page ${pfn} is mapped ${n} times, and one of them may write it`, { pfn });
  }
  const pool = new Set(m.hstate.free);
  let used = 0;
  for (let pfn = 1; pfn < frames.top; pfn++) {
    const flags = frames.flags(pfn);
    const isUsed = (flags & PG_used) !== 0;
    if (isUsed) used++;
    if (!isUsed) {
      if (use.entries.has(pfn) || use.entire.has(pfn))
        found.add('frame-used', `frame ${pfn} is free, but mapped`, { pfn });
      if (cached.has(pfn)) found.add('frame-used', `frame ${pfn} is free, but in a page cache`, { pfn });
      continue;
    }
    found.equal('mapcount', `mapcount of frame ${pfn}`, frames.mapcount(pfn), use.entries.get(pfn) ?? 0, { pfn });
    if ((flags & PG_tail) !== 0) continue;
    found.equal(
      'entire-mapcount',
      `entire mapcount of frame ${pfn}`,
      frames.entireMapcount(pfn),
      use.entire.get(pfn) ?? 0,
      { pfn },
    );
    if ((flags & PG_reserved) !== 0 || pfn === m.huge_zero_pfn) continue;
    found.equal('refcount', `refcount of frame ${pfn}`, frames.refcount(pfn), references.get(pfn) ?? 0, { pfn });
    if (!references.has(pfn) && !((flags & PG_hugetlb) !== 0 && pool.has(pfn)))
      found.add('frame-leaked', `frame ${pfn} is allocated, but nobody holds it`, { pfn });
  }
  found.equal('frames-used', 'the number of frames in use', frames.used, used);
  found.equal('frames-total', 'the number of frames', frames.total, frames.countFree() + frames.used + KERNEL_FRAMES);
}

/** Block 0 is the kernel's and never handed out. */
const KERNEL_FRAMES = 512;
