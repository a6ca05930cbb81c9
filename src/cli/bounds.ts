/** How long the command line works, and how it says how far it is. */
import type { Machine } from '../engine/machine';
import { Overspent } from '../engine/meter';
import { warn } from './files';

/** Exit codes besides 0: something is wrong; asked wrongly, or a text that cannot be read; not wholly run or checked. */
export const FAILED = 1;
export const UNREAD = 2;
export const OVERSPENT = 3;

/** The code of several files together: what could not be read counts most, then what is wrong. */
export const worst = (codes: readonly number[]): number =>
  [UNREAD, FAILED, OVERSPENT].find((c) => codes.includes(c)) ?? 0;

/** Milliseconds between two words about progress. */
const TELL = 1000;

/** Seconds that a command may take: Infinity for any. */
export class Deadline {
  private readonly end: number;
  private told = performance.now();

  constructor(private readonly seconds: number) {
    this.end = performance.now() + seconds * 1000;
  }

  /** Throws `Overspent` when the time is over. */
  check(): void {
    if (performance.now() > this.end)
      throw new Overspent('seconds', `It takes longer than ${this.seconds} s, as --limit asks.`);
  }

  /** Has a machine keep to it, also inside an operation, and tell a person how far it is. */
  watch(machine: Machine): Machine {
    machine.meter.tell = (spent) => {
      this.check();
      if (!process.stderr.isTTY || performance.now() - this.told < TELL) return;
      this.told = performance.now();
      warn(`operation ${machine.operations + 1}: ${spent.toLocaleString('en')} steps so far`);
    };
    return machine;
  }
}
