/** The path of an operation, and `/proc`. */
import type { Mark, Ref, Slot } from './basics';

/** One line of the path: a routine entered, or an event at its place. */
export interface PathStep {
  readonly ref: Ref;
  /** Event of the operation, from 0. A moment at `event` e shows steps with `index` < e as done. */
  readonly index: number;
  /** Routines that are open around it. */
  readonly depth: number;
  readonly kind: 'routine' | 'ask' | 'area' | 'table' | 'entry' | 'frame' | 'pool' | 'tlb' | 'process' | 'why';
  /** What is set in monospace: `hugetlb_fault(mm 0, 0x7ffff7800000, write)`, `has_pt_op(vma, fault)`. */
  readonly code: string;
  /** What came of it, or what was looked at: `pagetable_ops = hugetlbfs → call it`, `Rsvd 3 → 2`. Empty for nothing. */
  readonly note: string;
  /** For routines: Linux file. For `ask`: the call site. Empty otherwise. */
  readonly where: string;
  /** For routines: last event inside (inclusive), so that a branch can fold. −1 otherwise. */
  readonly last: number;
  /** Things that it is about. */
  readonly refs: readonly Ref[];
  readonly slot: Slot;
}

/** A place in the design's own source. */
export interface SourcePlace {
  /** File below `src/engine/designs`: `ops.ts`. */
  readonly file: string;
  /** Line that runs, from 1. */
  readonly line: number;
  /** Call site: `fault`, `copy_vma`, `smaps` … */
  readonly site: string;
}

export interface PathPicture {
  readonly design: string;
  readonly steps: readonly PathStep[];
  /** Events that the operation has, and how many were left out of `steps` (repeated touches are folded first). */
  readonly events: number;
  readonly left: number;
  /** The step that runs at this moment (place in `steps`), −1 for none. */
  readonly current: number;
  readonly source: SourcePlace | null;
}

export interface PathRequest {
  readonly maxSteps: number;
}

export type ProcFile = 'maps' | 'smaps' | 'status' | 'meminfo';

export interface ProcRequest {
  readonly who: number;
  readonly file: ProcFile;
  /** Lines at most; the rest is counted. */
  readonly maxLines: number;
}

export interface ProcPicture {
  readonly who: number;
  readonly file: ProcFile;
  /** Text exactly as Linux prints it, one string a line, and whether it changed since the step before. */
  readonly lines: readonly { readonly text: string; readonly mark: Mark }[];
  readonly left: number;
}
