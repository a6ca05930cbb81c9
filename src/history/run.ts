/**
 * One scenario run on one machine, of which any moment can be had: keyframes plus running again. The first pass goes in
 * order and keeps each operation with its numbers; every later look re-executes from the keyframe before it. Only the
 * operation that is looked at is recorded, by running that one again with a recorder.
 */
import { assert } from '../base/assert';
import type { Machine } from '../engine/machine';
import { Overspent } from '../engine/meter';
import type { Operation, OperationName, Outcome } from '../engine/operation';
import { restore, snapshot, twin, type Snapshot } from '../engine/snapshot';
import { Keyframes, LIMITS, type KeyframeLimits } from './keyframes';
import { OperationLog } from './log';
import { Names } from './names';
import { Plan } from './plan';
import { BoundedRecorder, Recording } from './recording';
import { isRefused, type OperationSource } from './source';
import { Touched } from './touched';

export interface RunOptions {
  /** A machine before its first operation; equal every time. */
  readonly create: () => Machine;
  /** Milliseconds of any clock. It decides where keyframes stand, never what a moment looks like. */
  readonly now: () => number;
  readonly limits?: KeyframeLimits;
}

/** A machine and where it stands. */
interface Cursor {
  readonly machine: Machine;
  /** Operations carried out; −1 when it stands inside one and can only be restored. */
  k: number;
}

/** A moment with everything that a picture is made of. The machines are the run's own: read them before the next `stand`. */
export interface Scene {
  readonly run: Run;
  readonly k: number;
  /** Events carried out of operation k; null when it stands complete. */
  readonly event: number | null;
  /** The machine at this moment, and at the step before (the same machine at k = 0). */
  readonly now: Machine;
  readonly was: Machine;
  /** The whole operation k, also when the moment is inside it. */
  readonly recording: Recording;
  readonly names: Names;
}

/** Operations that places are planned for, and steps of work that running them again for it may take. */
const PLANNED = 500;
const PLANNED_STEPS = 2 ** 22;

/** Operations whose results are names of memory or processes. */
const NAMING = new Set<OperationName>(['mmap', 'mremap', 'fork', 'shmget', 'shmat']);

export class Run<Env = unknown> {
  readonly log = new OperationLog();
  /** Operations after which an expectation did not hold, and what was found instead. */
  readonly unexpected = new Map<number, string>();
  /** What ended the run after this many operations: the next one cost more than it may, or a mistake of ours. */
  failed: { readonly k: number; readonly message: string; readonly overspent: boolean } | null = null;
  /** Changes with the source. */
  version = 0;
  /** The first operation after which an invariant is known to be broken. */
  firstBroken: number | null = null;
  names = new Names();
  private touches: Touched | null = null;
  private planned: Plan | null = null;
  private env: Env;
  private readonly frontier: Cursor;
  private readonly now: Cursor;
  private readonly was: Cursor;
  private readonly keyframes: Keyframes;
  private readonly recorder = new BoundedRecorder();
  /** Milliseconds of running since the last keyframe. */
  private sinceKeyframe = 0;
  /** The operation recorded last. */
  private recorded: { k: number; recording: Recording } | null = null;
  /** The state before the operation that is looked into. */
  private base: { k: number; snapshot: Snapshot } | null = null;

  constructor(
    public source: OperationSource<Env>,
    private readonly options: RunOptions,
  ) {
    this.env = source.start();
    this.frontier = { machine: options.create(), k: 0 };
    this.keyframes = new Keyframes(options.limits ?? LIMITS, options.now);
    this.keyframes.add(0, this.frontier.machine);
    this.now = this.another();
    this.was = this.another();
  }

  /** Another machine at the start. It shares with the first what neither has changed: files of a head may be large. */
  private another(): Cursor {
    const machine = twin(this.frontier.machine);
    restore(machine, this.keyframes.at(0).snapshot);
    return { machine, k: 0 };
  }

  /** Operations that can be looked at. */
  get reached(): number {
    return this.log.length;
  }

  /** Operations that the run has: as many as the source, or up to where it failed. */
  get length(): number {
    return this.failed === null ? this.source.length : this.failed.k;
  }

  /** What the whole run acts on, as far as that is known. */
  get touched(): Touched {
    this.touches ??= new Touched(this.source);
    this.touches.learn(this.log);
    return this.touches;
  }

  /** Where things stand in the pictures of any moment: a fact of the run's first operations, which are run for it. */
  get plan(): Plan {
    if (this.planned !== null) return this.planned;
    const plan = new Plan();
    const cursor = this.another();
    plan.learn(cursor.machine, null);
    let steps = 0;
    while (cursor.k < PLANNED && steps < PLANNED_STEPS && this.advance(cursor.k + 1) > cursor.k) {
      const operation = this.log.operation(cursor.k);
      this.go(cursor, cursor.k + 1);
      if (!isRefused(operation)) steps += cursor.machine.meter.spent;
      plan.learn(cursor.machine, isRefused(operation) ? null : operation.who);
    }
    this.planned = plan;
    return plan;
  }

  get keyframeCount(): number {
    return this.keyframes.length;
  }

  get keyframeBytes(): number {
    return this.keyframes.size;
  }

  /** Runs on until `to` operations are known or the clock passes `deadline`. Returns the operations known. */
  advance(to: number, deadline = Infinity): number {
    const { log, source, frontier, options } = this;
    const end = Math.min(to, this.length);
    let clock = options.now();
    let began = clock;
    while (log.length < end && clock < deadline) {
      const k = log.length;
      try {
        const operation = source.resolve(k, this.env);
        if (isRefused(operation)) {
          log.push(operation, frontier.machine.outcome);
        } else {
          const outcome = frontier.machine.execute(operation);
          log.push(operation, outcome);
          source.learn(k, this.env, operation, outcome);
          this.learnNames(k, operation, outcome);
        }
        const wrong = source.check(
          k,
          this.env,
          frontier.machine,
          isRefused(operation) ? operation : frontier.machine.outcome,
        );
        if (wrong !== '') this.unexpected.set(k + 1, wrong);
        if (this.firstBroken === null && frontier.machine.damage.length > 0) this.firstBroken = k + 1;
      } catch (e) {
        this.failed = { k, message: e instanceof Error ? e.message : String(e), overspent: e instanceof Overspent };
        log.truncate(k);
        // It stands inside the operation. Nothing can be said of the state there, so it goes back to before.
        frontier.k = -1;
        this.go(frontier, k);
        break;
      }
      frontier.k = k + 1;
      clock = options.now();
      const elapsed = this.sinceKeyframe + (clock - began);
      if (this.keyframes.due(elapsed)) {
        this.keyframes.add(k + 1, frontier.machine);
        clock = options.now();
        began = clock;
        this.sinceKeyframe = 0;
      }
    }
    this.sinceKeyframe += clock - began;
    return log.length;
  }

  private learnNames(k: number, operation: Operation, outcome: Outcome): void {
    if (!NAMING.has(operation.op)) return;
    const { source } = this;
    this.names.learn(k + 1, operation, outcome, source.name?.(k) ?? source.statement(k).name);
  }

  /** Moves a machine to where `k` operations are carried out. */
  private go(cursor: Cursor, k: number): void {
    const keyframe = this.keyframes.at(k);
    if (cursor.k < keyframe.k || cursor.k > k) {
      restore(cursor.machine, keyframe.snapshot);
      cursor.k = keyframe.k;
    }
    while (cursor.k < k) {
      const operation = this.log.operation(cursor.k);
      if (!isRefused(operation)) cursor.machine.execute(operation);
      cursor.k++;
    }
  }

  /**
   * The moment after `k` operations, or inside operation `k` after `event` of its events. The run must have reached it;
   * an event beyond the last one is the end of the operation.
   */
  stand(k: number, event: number | null = null): Scene {
    assert(k >= 0 && k <= this.log.length, 'a moment is looked at that the run has not reached');
    if (k === 0) {
      this.go(this.now, 0);
      return this.scene(0, null, this.now.machine, Recording.NONE);
    }
    const recording = this.record(k);
    if (event === null || event >= recording.total) {
      this.go(this.now, k);
      this.go(this.was, k - 1);
      return this.scene(k, null, this.was.machine, recording);
    }
    this.standInside(k, Math.max(1, event), recording);
    return this.scene(k, Math.max(1, event), this.was.machine, recording);
  }

  private scene(k: number, event: number | null, was: Machine, recording: Recording): Scene {
    return { run: this as Run, k, event, now: this.now.machine, was, recording, names: this.names };
  }

  /** What operation `k` (counted from 1) did: by running it again, where it is not the one looked at last. */
  record(k: number): Recording {
    if (this.recorded !== null && this.recorded.k === k) return this.recorded.recording;
    const recording = this.rerun(k);
    this.recorded = { k, recording };
    return recording;
  }

  /** Brings both machines to before operation `k`, with as little running again as may be. */
  private approach(k: number): void {
    const from = this.keyframes.at(k - 1).k;
    const near = (cursor: Cursor): boolean => cursor.k >= from && cursor.k < k;
    if (!near(this.now) && !near(this.was) && k - 1 - from > 4) {
      this.go(this.was, k - 1);
      restore(this.now.machine, snapshot(this.was.machine));
      this.now.k = k - 1;
      return;
    }
    this.go(this.now, k - 1);
    this.go(this.was, k - 1);
  }

  private rerun(k: number): Recording {
    this.approach(k);
    const operation = this.log.operation(k - 1);
    const { recorder, now } = this;
    recorder.reset();
    const { hstate: h } = now.machine;
    const pool = {
      total: h.nr_huge_pages,
      free: h.free_huge_pages,
      rsvd: h.resv_huge_pages,
      surp: h.surplus_huge_pages,
    };
    if (!isRefused(operation)) now.machine.executeUntil(operation, recorder);
    now.k = k;
    return Recording.of(recorder, pool);
  }

  private standInside(k: number, event: number, recording: Recording): void {
    if (this.base === null || this.base.k !== k - 1) {
      this.go(this.was, k - 1);
      this.base = { k: k - 1, snapshot: snapshot(this.was.machine) };
    }
    this.partly(this.now, event);
    const before = recording.stopBefore(event);
    if (before === null) this.go(this.was, k - 1);
    else this.partly(this.was, before);
  }

  /** Runs the first `event` events of the operation after `base`. */
  private partly(cursor: Cursor, event: number): void {
    const { k, snapshot } = this.base!;
    restore(cursor.machine, snapshot);
    const operation = this.log.operation(k);
    assert(!isRefused(operation), 'a step that was refused has no events');
    this.recorder.reset();
    this.recorder.stopAfter = event;
    cursor.machine.executeUntil(operation, this.recorder);
    cursor.k = -1;
  }

  /**
   * Goes on with another source whose first `common` operations are the same. What is known of them stays; the rest is
   * forgotten. Equal means: the operation, its name and its expectations.
   */
  change(source: OperationSource<Env>, common: number): void {
    const keep = Math.min(common, this.log.length);
    this.source = source;
    this.touches = null;
    this.planned = null;
    this.version++;
    this.failed = null;
    if (this.firstBroken !== null && this.firstBroken > keep) this.firstBroken = null;
    this.log.truncate(keep);
    this.keyframes.truncate(keep);
    for (const k of this.unexpected.keys()) if (k > keep) this.unexpected.delete(k);
    if (this.recorded !== null && this.recorded.k > keep) this.recorded = null;
    if (this.base !== null && this.base.k >= keep) this.base = null;
    if (this.now.k > keep) this.now.k = -1;
    if (this.was.k > keep) this.was.k = -1;
    this.names = new Names();
    this.env = source.start();
    for (let k = 0; k < keep; k++) {
      const operation = this.log.operation(k);
      if (isRefused(operation)) continue;
      const outcome = this.log.outcome(k);
      source.learn(k, this.env, operation, outcome);
      this.learnNames(k, operation, outcome);
    }
    this.frontier.k = -1;
    this.go(this.frontier, keep);
    this.sinceKeyframe = 0;
  }
}
