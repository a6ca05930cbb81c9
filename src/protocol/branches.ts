/** The futures of a scenario: texts that share a beginning. A change in the past begins one and keeps the other. */
import type { Timeline } from '../history/picture';
import type { Future } from './messages';

export interface Branch {
  readonly id: number;
  /** The branch that it left, after how many operations. */
  readonly from: number;
  readonly at: number;
  text: string;
  n: number;
  label: string;
}

const MOST = 32;

export class Branches {
  private list: Branch[];
  private nextId = 2;
  current: Branch;

  constructor(text: string, n: number) {
    this.current = { id: 1, from: -1, at: 0, text, n, label: 'as opened' };
    this.list = [this.current];
  }

  /** Takes over the futures that a run of the same text had. */
  restore(futures: readonly Future[]): void {
    const current = futures.find((future) => future.current);
    if (current === undefined) return;
    const { text, n } = this.current;
    this.list = futures.map(({ current: _, ...branch }) => branch);
    this.nextId = Math.max(...this.list.map(({ id }) => id)) + 1;
    this.current = this.list.find(({ id }) => id === current.id)!;
    this.amend(text, n);
  }

  /** The branch's text has changed where it stands. */
  amend(text: string, n: number): void {
    this.current.text = text;
    this.current.n = n;
  }

  /** Leaves the current branch as it is after `at` operations, for a new one with another text. */
  leave(text: string, n: number, at: number, label: string): void {
    const branch: Branch = { id: this.nextId++, from: this.current.id, at, text, n, label };
    this.list.push(branch);
    this.current = branch;
    while (this.list.length > MOST) {
      const oldest = this.list.findIndex((b) => b !== this.current);
      this.list.splice(oldest, 1);
    }
  }

  find(id: number): Branch | undefined {
    return this.list.find((b) => b.id === id);
  }

  withText(text: string): Branch | undefined {
    return this.list.find((b) => b.text === text);
  }

  enter(branch: Branch): void {
    this.current = branch;
  }

  listed(): Timeline['branches'] {
    return this.list.map(({ id, from, at, n, label }) => ({ id, from, at, n, label, current: id === this.current.id }));
  }
}
