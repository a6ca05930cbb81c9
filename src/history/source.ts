/** Where a run's operations come from. The scenario language has one; a test or a benchmark can write its own. */
import type { Machine } from '../engine/machine';
import type { Operation, Outcome } from '../engine/operation';

/** A step that cannot be carried out, and why. The run goes on with the next. */
export interface Refused {
  readonly refused: string;
}

/** What is known of a step before anything runs. */
export interface Statement {
  readonly text: string;
  /** The call's name: `mmap`, `touch` … */
  readonly call: string;
  /** Line of the scenario, from 1; 0 for none. */
  readonly line: number;
  /** First line that belongs to it (comments, a question), and last (expectations); `line` where they are missing. */
  readonly firstLine?: number;
  readonly lastLine?: number;
  /** Name that the result gets; empty for none. */
  readonly name: string;
  /** What the author says about it, and the heading that it stands under; empty for nothing. */
  readonly explanation: string;
  readonly heading: string;
  /** Asked before it. */
  readonly predict: { readonly question: string; readonly choices: readonly string[]; readonly answer: number } | null;
}

/**
 * Operations in order, by index from 0. `Env` is what names stand for; only the first pass needs it, in order, because a
 * run keeps each operation with its numbers once it is known.
 */
export interface OperationSource<Env = unknown> {
  readonly length: number;
  start(): Env;
  resolve(index: number, env: Env): Operation | Refused;
  /** Takes in what a step came to. */
  learn(index: number, env: Env, operation: Operation, outcome: Outcome): void;
  /** Expectations that do not hold after a step, in words; empty where all do. */
  check(index: number, env: Env, machine: Machine, outcome: Outcome | Refused): string;
  statement(index: number): Statement;
  /** `statement(index).name`, where that is to be had for less. */
  name?(index: number): string;
}

export const isRefused = (x: Operation | Outcome | Refused): x is Refused => 'refused' in x;
