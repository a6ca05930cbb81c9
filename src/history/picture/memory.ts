/** The huge-page pool and physical frames. */
import type { Mark, Ref, Slot } from './basics';

/** One pool counter. */
export interface WasNow {
  readonly was: number;
  readonly now: number;
}

/** One huge page of the pool, or a run of like ones (`count` > 1) where there are too many. */
export interface PoolCell {
  /** The page's own for a single page in use or free; the holder's for a promised one. Null where it is nobody's. */
  readonly ref: Ref | null;
  /** Key for joins, unique in the picture: `frame:512`, `rsvd:7:2`, `free:3`. */
  readonly key: string;
  readonly state: 'used' | 'reserved' | 'free';
  /** Allocated beyond the persistent pool. */
  readonly surplus: boolean;
  readonly count: number;
  /** Head frame; −1 for pages that are only promised (which free page will serve is not decided). */
  readonly pfn: number;
  /** Who has or was promised it: `a+2M`, a file's name, empty for nobody. */
  readonly label: string;
  readonly who: readonly number[];
  readonly area: number;
  readonly file: number;
  /** Byte offset within the area or file, −1 for none. */
  readonly offset: number;
  readonly slot: Slot;
  readonly mark: Mark;
}

/** Somebody who was promised pages that are not taken yet. */
export interface PoolHolder {
  readonly ref: Ref;
  readonly label: string;
  readonly slot: Slot;
  readonly reserved: number;
  readonly was: number;
}

export interface PoolPicture {
  /** Whether anything in the whole run sets pages aside or asks for them. */
  readonly wanted: boolean;
  readonly pageSize: number;
  readonly total: WasNow;
  readonly free: WasNow;
  readonly rsvd: WasNow;
  readonly surp: WasNow;
  /** nr_overcommit_hugepages. */
  readonly overcommit: WasNow;
  /** In use first, then promised, then free. */
  readonly cells: readonly PoolCell[];
  /** Where pages that somebody has or was promised stand, by key, from 0: each keeps its place. */
  readonly places?: Readonly<Record<string, number>>;
  readonly holders: readonly PoolHolder[];
  /** One line such as `2 in use · 2 promised to a · 4 free`. */
  readonly summary: string;
  /** Pages that were asked for in this step and refused, and how many there were. */
  readonly refused?: { readonly wanted: number; readonly has: number; readonly says: string };
}

export interface PoolRequest {
  readonly maxCells: number;
}

export interface FramesRequest {
  /** Only frames that this process maps; null for all frames in use. */
  readonly who: number | null;
  readonly maxCells: number;
  /** First frame listed; 0 from the start. */
  readonly from: number;
}

export interface FrameCell {
  readonly ref: Ref;
  readonly pfn: number;
  /** Frames: 1 for one page; 512 for a huge page; more, with `run`, where like neighbours are one cell. */
  readonly frames: number;
  readonly run: boolean;
  readonly kind: 'anon' | 'file' | 'shmem' | 'hugetlb' | 'zero' | 'kernel';
  readonly refcount: number;
  /** Entries that map it (the whole page for a huge one). */
  readonly mapcount: number;
  /** Processes that map it, at most 8, ascending. */
  readonly sharers: readonly number[];
  /** One area that maps it, its name and colour; 0, empty and 0 for none. */
  readonly area: number;
  readonly label: string;
  readonly slot: Slot;
  readonly mark: Mark;
}

export interface FramesPicture {
  readonly who: number | null;
  /** Ascending pfn. */
  readonly cells: readonly FrameCell[];
  /** Frames in use that belong here, whatever is listed: single 4 KiB frames, huge pages. */
  readonly small: number;
  readonly huge: number;
  /** Where to go on, or null at the end. */
  readonly next: number | null;
}
