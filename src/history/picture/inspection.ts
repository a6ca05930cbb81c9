/** Everything about one thing. */
import type { Ref, Sentence, Slot } from './basics';

export interface InspectionRow {
  /** Linux's name: `vm_start`, `_refcount`, `HugePages_Rsvd`. */
  readonly name: string;
  readonly value: string;
  /** What it means, in a sentence. */
  readonly meaning: string;
  readonly changed: boolean;
}

/** What lights up together with a thing. Bounded: at most 512 items in all. */
export interface Fellows {
  readonly areas: readonly number[];
  readonly tables: readonly number[];
  readonly entries: readonly { readonly table: number; readonly from: number; readonly to: number }[];
  /** Frames, half-open; pool cells light by these too. */
  readonly frames: readonly { readonly from: number; readonly to: number }[];
  readonly processes: readonly number[];
  /** Byte ranges of address space, for segments within areas. */
  readonly ranges: readonly { readonly who: number; readonly start: number; readonly end: number }[];
}

export interface Inspection {
  readonly ref: Ref;
  /** False when the thing is not there at this moment; the rows are empty then. */
  readonly found: boolean;
  /** `area a`, `PMD entry 444`, `frame 0x1234`. */
  readonly title: string;
  readonly slot: Slot;
  readonly sentence: Sentence;
  readonly rows: readonly InspectionRow[];
  readonly links: readonly { readonly label: string; readonly ref: Ref }[];
  readonly fellows: Fellows;
}
