/**
 * Copies of the machine along a run. They stand closer where operations take long, and are thinned out when they grow past
 * a budget of memory: every second one goes, and from then on they stand twice as far apart.
 */
import type { Machine } from '../engine/machine';
import { snapshot, type Snapshot } from '../engine/snapshot';

export interface Keyframe {
  /** Operations carried out. */
  readonly k: number;
  readonly snapshot: Snapshot;
}

export interface KeyframeLimits {
  /** Milliseconds of re-execution between two keyframes, to begin with. */
  readonly spacing: number;
  /** Bytes that all of them may take, roughly. */
  readonly bytes: number;
}

export const LIMITS: KeyframeLimits = { spacing: 0.75, bytes: 128 * 1024 * 1024 };

export class Keyframes {
  private frames: Keyframe[] = [];
  private bytes = 0;
  private spacing: number;
  /** Milliseconds that the last snapshot took: keyframes must not cost more than the run. */
  private cost = 0;

  constructor(
    private readonly limits: KeyframeLimits,
    private readonly now: () => number,
  ) {
    this.spacing = limits.spacing;
  }

  get length(): number {
    return this.frames.length;
  }

  /** Bytes, roughly. */
  get size(): number {
    return this.bytes;
  }

  /** Whether so many milliseconds after the last keyframe another should be kept. */
  due(elapsed: number): boolean {
    return elapsed >= this.spacing && elapsed >= 3 * this.cost;
  }

  /** Keeps a copy of a machine that has carried out `k` operations: more than at the last keyframe. */
  add(k: number, machine: Machine): void {
    const before = this.now();
    const copy = snapshot(machine);
    // One slow copy (another process had its turn) must not space the next ones out.
    this.cost = Math.min(this.now() - before, this.cost * 2 + 0.05);
    this.frames.push({ k, snapshot: copy });
    this.bytes += copy.bytes;
    if (this.bytes > this.limits.bytes && this.frames.length > 2) this.thin();
  }

  private thin(): void {
    const last = this.frames.length - 1;
    this.frames = this.frames.filter((_, i) => i % 2 === 0 || i === last);
    this.bytes = this.frames.reduce((sum, f) => sum + f.snapshot.bytes, 0);
    this.spacing *= 2;
  }

  /** The last keyframe at or before `k`. There is always one at 0. */
  at(k: number): Keyframe {
    let lo = 0;
    let hi = this.frames.length;
    while (lo < hi) {
      const mid = (lo + hi) >>> 1;
      if (this.frames[mid]!.k <= k) lo = mid + 1;
      else hi = mid;
    }
    return this.frames[lo - 1]!;
  }

  /** Forgets those after `k`. */
  truncate(k: number): void {
    this.frames = this.frames.filter((f) => f.k <= k);
    this.bytes = this.frames.reduce((sum, f) => sum + f.snapshot.bytes, 0);
  }
}
