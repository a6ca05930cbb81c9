/** Two processes at once: the leaf tables of both, and the frames between them. */
import type { Mark, Ref, Slot } from './basics';
import type { FrameCell, WasNow } from './memory';
import type { Level } from './tables';

export interface WallRequest {
  /** Process at the left and at the right. */
  readonly left: number;
  readonly right: number;
  /** Entries of both sides together, runs counted as one; what is beyond is counted. */
  readonly maxEntries: number;
}

/** A leaf entry, or a run of like ones side by side whose frames follow one another too. */
export interface WallEntry {
  readonly ref: Ref;
  readonly table: number;
  readonly index: number;
  /** Entries of the run. */
  readonly count: number;
  /** First address that it maps, and bytes that one entry maps. */
  readonly address: number;
  readonly pageSize: number;
  /** `a+4K`. */
  readonly label: string;
  readonly area: number;
  readonly slot: Slot;
  /** Letters as in the tree's runs, now and, where they changed, before. */
  readonly bits: string;
  readonly was: string;
  /** Frame of the first entry. */
  readonly pfn: number;
  readonly mark: Mark;
}

/** A table with leaves in it, and the tables above it from the top. */
export interface WallTable {
  readonly ref: Ref;
  readonly id: number;
  readonly level: Level;
  readonly base: number;
  /** Address spaces that share it. */
  readonly shared: number;
  /** Descending addresses. */
  readonly entries: readonly WallEntry[];
  readonly above: readonly { readonly ref: Ref; readonly level: Level; readonly index: number }[];
}

export interface WallArea {
  readonly ref: Ref;
  readonly id: number;
  readonly name: string;
  readonly slot: Slot;
  readonly start: number;
  readonly end: number;
  readonly perms: string;
  readonly mark: Mark;
}

export interface WallSide {
  readonly who: number;
  readonly name: string;
  /** False where there is no such process at this moment. */
  readonly alive: boolean;
  /** Areas that the scenario maps or touches, highest first, and the tables that map them. */
  readonly areas: readonly WallArea[];
  readonly tables: readonly WallTable[];
  /** Areas that it does not touch, and what is present in them; counted only. */
  readonly program: { readonly areas: number; readonly bytes: number };
  /** In kB as Linux counts them: VmRSS, Pss of smaps (null where that would take too long), HugetlbPages. */
  readonly rss: WasNow;
  readonly pss: WasNow | null;
  readonly hugetlb: WasNow;
}

/** A frame that an entry of either side points to, or a run of them. */
export interface WallFrame {
  readonly ref: Ref;
  readonly pfn: number;
  /** Pages of the run, and bytes of one. */
  readonly count: number;
  readonly pageSize: number;
  readonly kind: FrameCell['kind'];
  /** Entries that point to it, in whichever process; 0 for what is not counted (the zero page). */
  readonly mapcount: number;
  /** Processes that map it, by number, at most 16, and their names. */
  readonly sharers: readonly number[];
  readonly names: readonly string[];
  /** What it holds, by its owner's name where others have a page of that name: `child's a`. */
  readonly label: string;
  readonly slot: Slot;
  readonly mark: Mark;
}

export interface WallPicture {
  readonly left: WallSide;
  readonly right: WallSide;
  /** In the order in which their entries come. */
  readonly frames: readonly WallFrame[];
  /** Pages that this step copied: one became two. */
  readonly copies: readonly { readonly from: number; readonly to: number; readonly bytes: number }[];
  /** Entries that were left out. */
  readonly hidden: number;
}
