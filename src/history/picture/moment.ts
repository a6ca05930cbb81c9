/** Where one moment stands, and what it came to. */
import type { Counter, Mark, Ref, Sentence } from './basics';
import type { Phase } from './phases';

/** Whether everything counted agrees with itself at this moment. */
export interface Lamp {
  readonly ok: boolean;
  /** Broken invariants in words, at most 8, each with the thing that it broke on. */
  readonly broken: readonly { readonly text: string; readonly ref: Ref | null }[];
  /** First operation after which one is broken, as far as the run is known; null for none. */
  readonly firstBroken: number | null;
}

/** Kinds of operation by the shape of their mark. */
export type OperationKind =
  'map' | 'unmap' | 'touch' | 'protect' | 'move' | 'advise' | 'lock' | 'fork' | 'exit' | 'file' | 'pool' | 'other';

/** How an operation ended. */
export interface Ending {
  readonly kind: 'ok' | 'errno' | 'signal';
  /** `→ 0x7ffff7600000`, `ENOMEM`, `SIGBUS`, or empty where there is nothing to say. */
  readonly text: string;
}

/** One place in time: after `k` of `n` operations, or inside operation `k` (counted from 1) after `event` of `events`. */
export interface Moment {
  /** 0 before the first operation; otherwise the operation done or under way, counted from 1. */
  readonly k: number;
  readonly n: number;
  /** Events carried out of operation `k`, or null when it stands complete. */
  readonly event: number | null;
  /** Events that operation `k` has (0 for k = 0). */
  readonly events: number;
  readonly branch: number;
  /** The statement: its text, its line in the scenario (from 1, 0 for none), its process and kind. Null at k = 0. */
  readonly statement: {
    readonly text: string;
    readonly line: number;
    readonly who: number;
    readonly kind: OperationKind;
  } | null;
  /** How the operation ended; null before the first operation and inside one. */
  readonly ending: Ending | null;
  /** What the scenario expected instead, where an `expect` failed; empty otherwise. */
  readonly unexpected: string;
  /** What the scenario's author says about the operation, and the heading that it stands under; empty for nothing. */
  readonly explanation: string;
  readonly heading: string;
  /** Lines of the scenario's text that stand before what comes after this moment: where a new statement goes. */
  readonly linesAbove: number;
  /** To be asked before the next operation; null for nothing. */
  readonly predict: { readonly question: string; readonly choices: readonly string[]; readonly answer: number } | null;
  /** What just happened, and why. */
  readonly sentence: Sentence;
  /** What operation `k` did in a few steps, in order: at most 8; none before the first operation. */
  readonly phases: readonly Phase[];
  /** Place in `phases` of the one that this moment, inside the operation, stands in; null where it stands complete. */
  readonly phase: number | null;
  /** Figures that changed since the step before. */
  readonly counters: readonly Counter[];
  readonly lamp: Lamp;
  /** Every process that is alive, and those that went in this step. */
  readonly processes: readonly {
    readonly who: number;
    readonly name: string;
    readonly parent: number | null;
    readonly mark: Mark;
  }[];
  /** Name of the design that the machine runs under. */
  readonly design: string;
}
