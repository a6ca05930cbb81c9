/** The operations of a run with their numbers, and what each came to, packed: 13 numbers an operation. */
import { OPERATIONS, type Operation, type OperationName, type Outcome } from '../engine/operation';
import { isRefused, type Refused } from './source';

const STRIDE = 13;
const ARGS = 6;
const OP = 0;
const WHO = 1;
const ARGC = 2;
const ARG = 3;
const RET = 9;
const ERR = 10;
const CODE = 11;
const MINFLT = 12;

const NUMBER_OF = new Map(OPERATIONS.map((name, i) => [name, i]));

export class OperationLog {
  private words = new Float64Array(1024 * STRIDE);
  private paths = new Map<number, string>();
  /** Operations with more arguments than fit (exec), as they are. */
  private long = new Map<number, Operation>();
  private refusals = new Map<number, string>();
  /** Operations in it. */
  length = 0;

  push(operation: Operation | Refused, outcome: Outcome): void {
    const k = this.length;
    const at = k * STRIDE;
    if (at === this.words.length) {
      const more = new Float64Array(this.words.length * 2);
      more.set(this.words);
      this.words = more;
    }
    this.length++;
    if (isRefused(operation)) {
      this.words.fill(0, at, at + STRIDE);
      this.refusals.set(k, operation.refused);
      return;
    }
    const w = this.words;
    const args = operation.args;
    if (args.length > ARGS) this.long.set(k, operation);
    w[at + OP] = NUMBER_OF.get(operation.op)!;
    w[at + WHO] = operation.who;
    w[at + ARGC] = args.length;
    for (let i = 0; i < args.length && i < ARGS; i++) w[at + ARG + i] = args[i]!;
    if (operation.path !== undefined) this.paths.set(k, operation.path);
    w[at + RET] = outcome.ret;
    w[at + ERR] = outcome.err * 256 + outcome.sig;
    w[at + CODE] = outcome.code;
    w[at + MINFLT] = outcome.minflt;
  }

  /** Forgets the operations from `length` on. */
  truncate(length: number): void {
    for (let k = length; k < this.length; k++) {
      this.paths.delete(k);
      this.refusals.delete(k);
      this.long.delete(k);
    }
    this.length = Math.min(this.length, length);
  }

  operation(k: number): Operation | Refused {
    const refused = this.refusals.get(k);
    if (refused !== undefined) return { refused };
    const long = this.long.get(k);
    if (long !== undefined) return long;
    const at = k * STRIDE;
    const w = this.words;
    const args: number[] = [];
    for (let i = 0; i < w[at + ARGC]!; i++) args.push(w[at + ARG + i]!);
    const path = this.paths.size === 0 ? undefined : this.paths.get(k);
    const op = OPERATIONS[w[at + OP]!]!;
    return path === undefined ? { who: w[at + WHO]!, op, args } : { who: w[at + WHO]!, op, args, path };
  }

  outcome(k: number): Outcome {
    const at = k * STRIDE;
    const w = this.words;
    const err = w[at + ERR]!;
    return {
      ret: w[at + RET]!,
      err: Math.floor(err / 256),
      sig: err % 256,
      code: w[at + CODE]!,
      minflt: w[at + MINFLT]!,
    };
  }

  /** What the timeline needs, without making objects. */
  op(k: number): OperationName {
    return OPERATIONS[this.words[k * STRIDE + OP]!]!;
  }

  who(k: number): number {
    return this.words[k * STRIDE + WHO]!;
  }

  ending(k: number): 'ok' | 'errno' | 'signal' {
    const err = this.words[k * STRIDE + ERR]!;
    if (err === 0) return this.refusals.has(k) ? 'errno' : 'ok';
    return err % 256 !== 0 ? 'signal' : 'errno';
  }
}
