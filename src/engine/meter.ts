/**
 * What an operation costs, and what it may cost. The machine is synchronous: what has begun goes to its end, unless it costs more
 * than it may. Then `Overspent` is thrown half-way, and the machine must be put back to a snapshot. The count depends on the
 * machine's state alone: the same operation stops at the same step everywhere.
 */

/** The most that one operation may cost. */
export interface Budget {
  /** Steps of work: entries, tables and faults that it looks at. */
  readonly steps: number;
  /** Bytes that the machine's state may take, about. */
  readonly bytes: number;
}

export const BUDGET: Budget = { steps: 2 ** 27, bytes: 192 * 2 ** 20 };

/** An operation costs more than it may. */
export class Overspent extends Error {
  constructor(
    readonly what: keyof Budget | 'seconds',
    message: string,
  ) {
    super(message);
  }
}

/** Steps after which the budget is looked at, and somebody told. */
const CHECK = 8192;

export class Meter {
  /** Steps that the operation under way has taken. */
  spent = 0;
  /** Told from time to time how many; may throw `Overspent` itself. */
  tell: ((spent: number) => void) | null = null;
  private due = CHECK;

  /** @param held bytes that the state takes, about */
  constructor(
    readonly budget: Budget,
    private readonly held: () => number,
  ) {}

  /** Another operation begins. */
  begin(): void {
    this.spent = 0;
    this.due = Math.min(CHECK, this.budget.steps);
  }

  /** Counts `steps`. Throws `Overspent`. */
  spend(steps: number): void {
    if ((this.spent += steps) >= this.due) this.look();
  }

  private look(): void {
    const { steps } = this.budget;
    if (this.spent >= steps)
      throw new Overspent(
        'steps',
        `It takes more than ${steps.toLocaleString('en')} steps, the most that one operation may.`,
      );
    this.due = Math.min(this.spent + CHECK, steps);
    this.weigh();
    this.tell?.(this.spent);
  }

  /** Throws `Overspent` where the state takes more than it may. */
  weigh(): void {
    const { bytes } = this.budget;
    if (this.held() > bytes)
      throw new Overspent(
        'bytes',
        `What it leaves in memory takes more than ${Math.floor(bytes / 2 ** 20)} MiB to keep, the most that a machine may.`,
      );
  }
}
