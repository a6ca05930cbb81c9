/** The grain between an operation and its events: what the kernel did in a few steps, each with its sentence. */
import type { Ref, Sentence } from './basics';

/**
 * `lookup` of an area or a gap; `ask` the design; `area` list changes; `promise` pages of the pool; `walk` down, making what
 * is missing; `allocate` a page; `copy` one; `map` and `unmap` entries; `free` pages; `fold` empty tables; `flush` the
 * translation cache; `process` made or ended; `again` the same for the rest; `refuse` and `signal`; `end` of the call.
 */
export type PhaseKind =
  | 'lookup'
  | 'ask'
  | 'area'
  | 'promise'
  | 'walk'
  | 'allocate'
  | 'copy'
  | 'map'
  | 'unmap'
  | 'free'
  | 'fold'
  | 'flush'
  | 'process'
  | 'again'
  | 'refuse'
  | 'signal'
  | 'end';

/** The design's answer to one question of the core. */
export interface Asked {
  /** Name of the design. */
  readonly design: string;
  /** Call site: `fault`, `copy_vma`, `split` … */
  readonly site: string;
  /** What it looked at: `vma->pagetable_ops->fault`, `vma->vm_flags & VM_HUGETLB`. */
  readonly looked: string;
  /** What came of it: `hugetlbfs_pagetable_ops.fault()`, `the generic way`, `set`. */
  readonly answer: string;
  /** Whether a driver's routine is called. */
  readonly special: boolean;
}

/** What was asked for and what there was, where a request was refused. */
export interface Refusal {
  /** What was compared: huge pages, areas, bytes of locked memory; `rule` where no number decided. */
  readonly of: 'pool' | 'areas' | 'locked' | 'addresses' | 'rule';
  readonly wanted: number;
  readonly has: number;
  /** The comparison in words: `8 wanted, 4 free and promised to nobody`. */
  readonly says: string;
  /** Where the thing would have been, half-open; null where no place was found. */
  readonly place: { readonly start: number; readonly end: number } | null;
}

export interface Phase {
  readonly kind: PhaseKind;
  readonly sentence: Sentence;
  /** Events of the operation, half-open: a moment at `event` e stands in it when `from` < e ≤ `to`. Empty where none is recorded. */
  readonly from: number;
  readonly to: number;
  /** Areas, tables, entries and frames that it acts on, in the order of the events; at most 32. */
  readonly refs: readonly Ref[];
  /** The stretch of a process's addresses that it is about. */
  readonly range: { readonly who: number; readonly start: number; readonly end: number } | null;
  readonly asked: Asked | null;
  readonly refused: Refusal | null;
}
