/** A scenario made ready to run: which operation is step k, given what the machine answered so far. */
import type { Machine } from '../engine/machine';
import type { Operation, Outcome } from '../engine/operation';
import type { Head } from './head';
import type { Call, Expect, Predict, Scenario } from './scenario';

/**
 * What the names stand for at a moment of a run: a plain object of plain values, cheap to copy (`structuredClone`, or
 * `{ ...env }` with copies of its members). `learn` changes it, nothing else does.
 */
export interface Env {
  /** Addresses, file numbers, process numbers by name. A call that failed leaves −1, as in C. */
  values: Record<string, number>;
  /** Number that the next fork's process gets. */
  nextProcess: number;
  /** The pool's setting that `pool(n)` leaves as it is. */
  overcommit: number;
}

/** A step that cannot be carried out, and why. The run goes on with the next. */
export interface Refusal {
  readonly refused: string;
}

/** One operation of the program. */
export interface Step {
  /** Index into `scenario.statements`. */
  readonly statement: number;
  readonly call: Call;
  /** What the comment directly above says about it; '' for nothing. */
  readonly explanation: string;
  /** Heading (`## …`) that starts here; '' for none. */
  readonly heading: string;
  /** Asked before the step. */
  readonly predict: Predict | null;
  /** Checked after the step. */
  readonly expects: readonly { readonly statement: number; readonly expect: Expect }[];
}

/** An expectation, looked at after its step. */
export interface Finding {
  /** Step whose end was looked at. */
  readonly step: number;
  /** Index of the statement that holds the expectation. */
  readonly statement: number;
  readonly holds: boolean;
  /** What was expected and what came, as text: `→ ENOMEM`, `→ 0x7ffff7600000`. */
  readonly expected: string;
  readonly found: string;
}

export interface Program {
  readonly scenario: Scenario;
  readonly head: Head;
  /** The operations, in order: what the scrubber counts. */
  readonly steps: readonly Step[];
  /** The names before the first step. */
  start(): Env;
  /** Step k as an operation with numbers only. */
  resolve(k: number, env: Env): Operation | Refusal;
  /** Takes in what step k came to. Call it once after each step that ran, in order. */
  learn(k: number, env: Env, operation: Operation, outcome: Outcome): void;
  /** The expectations that belong to step k, held against the machine as it stands after it. */
  check(k: number, env: Env, machine: Machine, outcome: Outcome | Refusal): Finding[];
}
