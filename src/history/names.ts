/** What the scenario calls each stretch of memory, and its colour: kept by address and time, so that any moment can ask. */
import type { Operation, Outcome } from '../engine/operation';
import type { Slot } from './picture';

/** A mapping that got a name (or at least a colour) from the operation that made it. */
export interface Binding {
  /** Operations carried out when it stands: the one that made it counted. */
  readonly k: number;
  readonly who: number;
  readonly start: number;
  readonly end: number;
  readonly name: string;
  readonly slot: Slot;
}

/** How many lower starts are looked at when the nearest does not reach the address. */
const REACH = 16;

export class Names {
  private byStart = new Map<number, Binding[]>();
  private starts: number[] = [];
  private slots = new Map<string, Slot>();
  private used = 0;
  /** Process → its parent and the operation that forked it. */
  /** Bytes of each System V segment, as it was asked for. */
  private readonly segments = new Map<number, number>();
  private births = new Map<number, { parent: number; k: number; name: string }>();

  private slotOf(name: string): Slot {
    const known = name === '' ? undefined : this.slots.get(name);
    if (known !== undefined) return known;
    const slot = ((this.used++ % 7) + 1) as Slot;
    if (name !== '') this.slots.set(name, slot);
    return slot;
  }

  /** Takes in operation `k` (counted from 1) and the name that its result got. */
  learn(k: number, operation: Operation, outcome: Outcome, name: string): void {
    const { op, args, who } = operation;
    if (outcome.err !== 0 || outcome.sig !== 0) return;
    if (op === 'fork') this.births.set(args[0]!, { parent: who, k, name });
    else if (op === 'shmget') this.segments.set(outcome.ret, Math.max(args[1]!, this.segments.get(outcome.ret) ?? 0));
    else if (op === 'shmat')
      this.bind(k, who, outcome.ret, this.segments.get(args[0]!) ?? 4096, name, this.slotOf(name));
    else if (op === 'mmap') this.bind(k, who, outcome.ret, args[1]!, name, this.slotOf(name));
    else if (op === 'mremap') {
      const old = this.lookup(args[0]!, who, k - 1);
      const shown = name === '' ? (old?.name ?? '') : name;
      const slot = name !== '' && name !== old?.name ? this.slotOf(name) : (old?.slot ?? this.slotOf(shown));
      const moved = outcome.ret !== args[0] || args[2]! > args[1]!;
      if (moved || name !== '') this.bind(k, who, outcome.ret, args[2]!, shown, slot);
    }
  }

  private bind(k: number, who: number, start: number, length: number, name: string, slot: Slot): void {
    const end = start + Math.ceil(length / 4096) * 4096;
    const binding = { k, who, start, end, name, slot };
    const there = this.byStart.get(start);
    if (there !== undefined) {
      there.push(binding);
      return;
    }
    this.byStart.set(start, [binding]);
    this.starts.splice(this.below(start), 0, start);
  }

  /** How many starts are below or at `address`. */
  private below(address: number): number {
    let lo = 0;
    let hi = this.starts.length;
    while (lo < hi) {
      const mid = (lo + hi) >>> 1;
      if (this.starts[mid]! <= address) lo = mid + 1;
      else hi = mid;
    }
    return lo;
  }

  /** The newest binding that covers `address` in process `who` after `k` operations, or null. */
  lookup(address: number, who: number, k: number): Binding | null {
    let best: Binding | null = null;
    const top = this.below(address) - 1;
    for (let i = top; i >= 0 && i > top - REACH; i--) {
      const list = this.byStart.get(this.starts[i]!)!;
      for (let j = lastUpTo(list, k); j >= 0; j--) {
        const b = list[j]!;
        if (!this.sees(b, who)) continue;
        if (b.end > address && (best === null || b.k > best.k)) best = b;
        break;
      }
    }
    return best;
  }

  /** Whether process `who` made the binding or was forked after it was made. */
  private sees(b: Binding, who: number): boolean {
    let seen = who;
    let until = Infinity;
    for (;;) {
      if (b.who === seen) return b.k < until;
      const birth = this.births.get(seen);
      if (birth === undefined) return false;
      seen = birth.parent;
      until = Math.min(until, birth.k);
    }
  }

  /** What the scenario calls a process: the name that its fork gave it; without one the first is `process 1`. */
  processName(who: number): string {
    const name = this.births.get(who)?.name ?? '';
    return name === '' ? `process ${who + 1}` : name;
  }

  parentOf(who: number): number | null {
    return this.births.get(who)?.parent ?? null;
  }
}

/** Index of the last binding of a list (ascending k) with `b.k` ≤ k; −1 for none. */
function lastUpTo(list: readonly Binding[], k: number): number {
  let lo = 0;
  let hi = list.length;
  while (lo < hi) {
    const mid = (lo + hi) >>> 1;
    if (list[mid]!.k <= k) lo = mid + 1;
    else hi = mid;
  }
  return lo - 1;
}
