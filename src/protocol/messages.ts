/**
 * What page and worker say to one another. The page asks, each question with an id; the worker answers once, and may tell of
 * progress before. All of it is plain data and bounded by what the question asks for.
 */
import type { DesignName } from '../engine/designs/designs';
import type { Ledger } from '../history/ledger';
import type { TlbPicture } from '../history/tlb';
import type { Comparison, Fellows, Pictures, PicturesRequest, Ref, Timeline } from '../history/picture';
import type { Diagnostic } from '../scenario/scenario';
import type { TraceFile } from '../scenario/strace';
import type { ExportKind } from './export';
import type { Imported } from './import';

/** Which of two machines in lock-step: the scenario's own design, or the one compared with it. */
export type Side = 'left' | 'right';

/** A place in time: after `k` operations (`event` null), or inside operation `k` after that many of its events. */
export interface Place {
  readonly k: number;
  readonly event: number | null;
}

/** A move from a place. `next` and `back` go by the steps inside an operation, the others by whole operations. */
export type Move = 'next' | 'back' | 'nextOperation' | 'backOperation' | 'first' | 'last';

/** What a scenario came to when it was read. */
export interface Loaded {
  readonly text: string;
  readonly title: string;
  /** Operations that can run: those before the first error. */
  readonly n: number;
  /** At most ten. */
  readonly diagnostics: readonly Diagnostic[];
  /** Designs of the left and the right machine; right empty without comparison. */
  readonly design: string;
  readonly other: string;
  readonly rules: string;
  readonly branch: number;
  /** All futures that are known, this branch among them. */
  readonly futures: Timeline['branches'];
  /** Operations that are as they were before the edit; all of them for an unchanged run. */
  readonly common: number;
}

/** A future with its text, as it is loaded again. */
export type Future = Loaded['futures'][number] & { readonly text: string };

/** What a whole run came to. */
export interface Finish {
  /** Operations that ran. */
  readonly n: number;
  /** Of the state at the end, as `scenario/fingerprint.ts` counts it. */
  readonly fingerprint: number;
  /** Operations that came to something else than the scenario says. */
  readonly unexpected: number;
  /** The first 200 of them: after how many operations, the line of the text, and what was expected and found. */
  readonly differences: readonly { readonly k: number; readonly line: number; readonly text: string }[];
}

/** Every question and its answer. */
export interface Exchange {
  /**
   * Begins anew with a scenario. `design` empty: the one that its head names. `other` empty: no comparison. `futures` are
   * those that it had in a worker that has ended.
   */
  load: { ask: { text: string; design: string; other: string; futures?: readonly Future[] }; answer: Loaded };
  /**
   * The text has changed. Where that replaces operations that had a future, the future is kept as a branch; with `amend`
   * (typing goes on) it is not kept again.
   */
  edit: { ask: { text: string; amend: boolean }; answer: Loaded };
  /** Goes over to another future. */
  branch: { ask: { id: number }; answer: Loaded };
  /** Runs the same scenario under another design, or two. */
  designs: { ask: { design: string; other: string }; answer: Loaded };
  /**
   * Pictures of a moment: at a place, or a move away from it. The run goes on as far as needed, with progress. Answers with
   * the moment that was reached. A newer `show` for the same side makes an older one that still waits fail as `cancelled`.
   */
  show: { ask: { at: Place; move?: Move; side?: Side; pictures: PicturesRequest }; answer: Pictures };
  /** What lights up with these things at the moment shown last. */
  fellows: { ask: { refs: readonly Ref[]; side?: Side }; answer: Fellows };
  /** Runs up to an operation without looking (Infinity: all of them). Answers with the operations that are known. */
  run: { ask: { to: number }; answer: { reached: number } };
  /** Runs to the end, and tells what state that is and where the scenario expected something else. */
  finish: { ask: Record<string, never>; answer: Finish };
  /** Runs both designs to the end and lists where they differ. */
  compare: { ask: { other: string }; answer: Comparison };
  /** Runs the scenario to the end under each of these designs and counts what finding out cost. */
  ledger: { ask: { designs: readonly DesignName[] }; answer: Ledger };
  /** The first operation after which an invariant is broken, or the sides differ. Null for none. */
  find: { ask: { what: 'broken' | 'difference' }; answer: { k: number | null } };
  /** What the translation cache holds for a process at the moment shown last; null where none is modelled. */
  tlb: { ask: { who: number; side?: Side }; answer: { tlb: TlbPicture | null } };
  /** Text of a whole `/proc` file at the moment shown last, for copying. */
  proc: { ask: { who: number; file: 'maps' | 'smaps' | 'status' | 'meminfo' }; answer: { text: string } };
  /** The whole run of the left design as a file for other programs. */
  export: { ask: { as: ExportKind }; answer: { text: string } };
  /** Makes a scenario of texts from outside. What is loaded stays as it is. */
  import: { ask: { files: readonly TraceFile[] }; answer: Imported };
  /** Answers when the worker has time: is it alive? */
  ping: { ask: Record<string, never>; answer: Record<string, never> };
}
export type Question = keyof Exchange;
export type Ask<Q extends Question> = Exchange[Q]['ask'];
export type Answer<Q extends Question> = Exchange[Q]['answer'];

export type ToWorker =
  | {
      [Q in Question]: { readonly type: 'ask'; readonly id: number; readonly question: Q; readonly ask: Ask<Q> };
    }[Question]
  | { readonly type: 'cancel'; readonly id: number };

/** Why a question has no answer. */
export interface Problem {
  /** `cancelled` by the page or by a newer question; `invalid`: nothing is loaded, no such place; `mistake`: ours. */
  readonly kind: 'cancelled' | 'invalid' | 'mistake' | 'crash' | 'hang' | 'stopped';
  readonly message: string;
}

export type FromWorker =
  | { readonly type: 'answer'; readonly id: number; readonly answer: Answer<Question> }
  | {
      readonly type: 'progress';
      readonly id: number;
      readonly done: number;
      readonly of: number;
      /** Steps of work that the operation under way has taken; 0 between operations. */
      readonly steps: number;
    }
  | { readonly type: 'problem'; readonly id: number; readonly problem: Problem };
