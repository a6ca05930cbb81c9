/** The page tables of a process. */
import type { Mark, Ref, Slot } from './basics';

export type Level = 1 | 2 | 3 | 4;

export interface TreeRequest {
  readonly who: number;
  /** Tables (ids) that the person opened; their runs of like tables unfold as far as the budget goes. */
  readonly open: readonly number[];
  /** Tables (ids) that the person folded: shown, nothing below. */
  readonly folded: readonly number[];
  /** Marks at most: tables and runs together. */
  readonly maxMarks: number;
  /** Whether tables open by themselves while the budget lasts. */
  readonly auto: boolean;
}

/** Like entries side by side in one table: indexes `from` to `to` (half-open). Empty stretches are not listed. */
export interface EntryRun {
  readonly ref: Ref;
  readonly from: number;
  readonly to: number;
  /**
   * `leaf` 4 KiB pages; `huge` a leaf above the lowest level; `table` one lower table that is listed; `tables` lower tables
   * that are folded away; `mixed` unlike leaves drawn as one.
   */
  readonly kind: 'leaf' | 'huge' | 'table' | 'tables' | 'mixed';
  /** First address that the run maps. */
  readonly address: number;
  /** Bits as letters, in this order where set: P present, W writable, A accessed, D dirty, S huge, N no access, Z not counted. */
  readonly bits: string;
  /** Frame of the first entry, and whether the frames go on one by one. −1 for tables and mixed runs. */
  readonly pfn: number;
  readonly contiguous: boolean;
  /** Owner: area id (0 for none or several) and its colour. */
  readonly area: number;
  readonly slot: Slot;
  /** Listed lower table, 0 otherwise. */
  readonly child: number;
  /** For `tables`: lower tables, and leaf entries below them. For `mixed`: present entries. */
  readonly tables: number;
  readonly leaves: number;
  readonly mark: Mark;
  /** Bits before this step where they changed, else empty. */
  readonly was: string;
  /** Not set yet: the picture is of a moment within a step, and this is where its page is on the way to. */
  readonly awaited?: boolean;
}

export interface TableNode {
  readonly ref: Ref;
  readonly id: number;
  readonly level: Level;
  /** Id of the table above and this one's index in it; 0 and 0 for the top. */
  readonly parent: number;
  readonly index: number;
  /** First address that it covers. */
  readonly base: number;
  /** Entries and lower tables in use, of 512. */
  readonly used: number;
  /** Address spaces that share it (hugetlb PMD sharing), 1 otherwise. */
  readonly shared: number;
  /** Ascending indexes. */
  readonly runs: readonly EntryRun[];
  /** Whether what it holds below is listed. */
  readonly open: boolean;
  readonly mark: Mark;
  /** Names of the areas that it maps, highest address first, at most three. */
  readonly names?: readonly string[];
}

/** A table that the process has at some moment of the run, whether it is there now or not. */
export interface PlannedTable {
  /** Level and first address, `1:7fff00000000`, and that of the table above; empty for the top. */
  readonly key: string;
  readonly parent: string;
  readonly level: Level;
  readonly base: number;
  readonly index: number;
  /** Entries that are ever set: stretches of like ones, and one entry for each group of eight that is partly used. */
  readonly uses: readonly Pick<EntryRun, 'from' | 'to' | 'kind'>[];
}

export interface TreePicture {
  readonly who: number;
  /** The top table first, then by level and address. A parent always stands before its children. */
  readonly tables: readonly TableNode[];
  /** Of the whole tree: tables by level (index 1 to 4), leaves of 4 KiB and above. */
  readonly count: readonly [number, number, number, number, number];
  readonly leaves: number;
  readonly hugeLeaves: number;
  /** Tables that exist but are not listed. */
  readonly hidden: number;
  /** What needs a place at any moment of the run, parents first; missing where that is too much to stand side by side. */
  readonly plan?: readonly PlannedTable[];
}
