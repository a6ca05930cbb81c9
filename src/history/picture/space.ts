/** The address space of a process: areas, gaps, a heat map. */
import type { Mark, Ref, Slot } from './basics';

export interface AreasRequest {
  readonly who: number;
  /** Rows at most, gaps included (at least 8). Folds are made until it fits. */
  readonly maxRows: number;
  /** Segments at most within one area. */
  readonly maxSegments: number;
  /** Only areas and gaps that touch this window; absent for all. */
  readonly window?: { readonly start: number; readonly end: number };
  /** Areas that no operation of the whole run acts on, and that were there before it, are folded: neighbours to one row. */
  readonly foldUntouched?: boolean;
  /** Areas that must not be folded (selected, hovered). */
  readonly keep?: readonly number[];
}

/** A stretch of one area. */
export interface AreaSegment {
  readonly start: number;
  readonly end: number;
  /** `reserved`: promised from the pool, not yet taken. `mixed`: aggregated, `present` of `pages` are there. */
  readonly state: 'present' | 'absent' | 'reserved' | 'mixed';
  /** Pages of `pageSize` in the stretch, and how many of them are present. */
  readonly pages: number;
  readonly present: number;
  /** Size of the leaves here: 4096, 2097152 …; of the area where nothing is present. */
  readonly pageSize: number;
  readonly mark: Mark;
}

export interface AreaRow {
  readonly row: 'area';
  readonly ref: Ref;
  readonly id: number;
  /** Variable of the scenario (`a`), `[heap]`, `[stack]`, `text`, a file's name, or `anon`. */
  readonly name: string;
  readonly slot: Slot;
  readonly start: number;
  readonly end: number;
  /** Address that offsets within the name count from (`a+2M`); after a split that may lie below `start`. */
  readonly base?: number;
  /** As in `/proc/PID/maps`: `rw-p`. */
  readonly perms: string;
  /** Two-letter codes as in smaps' VmFlags. */
  readonly flags: readonly string[];
  /** Path as `/proc/PID/maps` prints it, empty for none. */
  readonly path: string;
  readonly pageSize: number;
  /** In pages of `pageSize`: the whole area, those present (huge leaves of THP count as 512), those promised. */
  readonly pages: number;
  readonly present: number;
  readonly reserved: number;
  /** Ascending addresses, without holes between them. */
  readonly segments: readonly AreaSegment[];
  readonly mark: Mark;
  /** Where `changed`: how it was before this step. */
  readonly was?: { readonly start: number; readonly end: number; readonly perms: string };
}

/** Nothing is mapped here. */
export interface GapRow {
  readonly row: 'gap';
  readonly start: number;
  readonly end: number;
}

/** Several neighbouring areas (and the gaps between them) as one row. */
export interface FoldRow {
  readonly row: 'fold';
  /** Highest end and lowest start of the folded areas. */
  readonly start: number;
  readonly end: number;
  readonly areas: number;
  /** Bytes mapped, and bytes present. */
  readonly bytes: number;
  readonly presentBytes: number;
  /** How many of them are new, changed or gone. */
  readonly changed: number;
  /** Id of the highest folded area: the key of the row. */
  readonly first: number;
  /** They belong to the program, and nothing in the whole run acts on them; otherwise there were too many rows. */
  readonly untouched: boolean;
  /** Names of the highest and the lowest of them. */
  readonly names: readonly [string, string];
}
export type AddressRow = AreaRow | GapRow | FoldRow;

export interface AreasPicture {
  readonly who: number;
  readonly name: string;
  /** Descending addresses; adjoining. */
  readonly rows: readonly AddressRow[];
  /** Of the whole process, whatever is folded. */
  readonly areas: number;
  readonly bytes: number;
  readonly presentBytes: number;
  readonly folded: boolean;
  /** An area that was asked for in this step and not made: where it would have been, and what it would have been called. */
  readonly ghost?: { readonly start: number; readonly end: number; readonly name: string };
}

export interface HeatRequest {
  readonly who: number;
  readonly start: number;
  readonly end: number;
  /** Pixels at most (65,536 by default, 262,144 at most). */
  readonly maxPixels: number;
}

/** One pixel for each page, or for each `bytesPerPixel` of address space. */
export interface HeatPicture {
  readonly who: number;
  readonly start: number;
  readonly end: number;
  readonly bytesPerPixel: number;
  /** Bits 0–2 slot, 3 inside an area, 4 any page present, 5 any writable, 6 any dirty, 7 changed since the step before. */
  readonly pixels: Uint8Array<ArrayBuffer>;
  /** Present share of the pixel, 0 to 255. */
  readonly fill: Uint8Array<ArrayBuffer>;
}
