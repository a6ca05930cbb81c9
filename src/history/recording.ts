/** The events of the one operation that somebody looks at, bounded however long the operation is. */
import { Ev, EVENT_STRIDE, Recorder, StoppedAtEvent } from '../engine/events';

/** Events of one operation that are kept; the rest is only counted. */
const KEPT_EVENTS = 65_536;

/** Counts every event and keeps the first `KEPT_EVENTS`. `stopAfter` counts all of them. */
export class BoundedRecorder extends Recorder {
  /** Events that happened. */
  total = 0;
  /** How often each kind happened, and each reason of `Ev.Decide`. */
  readonly kinds = new Float64Array(64);
  readonly reasons = new Float64Array(256);

  override reset(): void {
    super.reset();
    this.total = 0;
    this.kinds.fill(0);
    this.reasons.fill(0);
    this.stopAfter = Infinity;
  }

  override emit(kind: Ev, a = 0, b = 0, c = 0, d = 0, e = 0): void {
    this.kinds[kind]!++;
    if (kind === Ev.Decide) this.reasons[a]!++;
    if (this.count < KEPT_EVENTS) {
      const stop = this.stopAfter;
      this.stopAfter = Infinity;
      super.emit(kind, a, b, c, d, e);
      this.stopAfter = stop;
    }
    if (++this.total === this.stopAfter) throw new StoppedAtEvent();
  }
}

/** One event, unpacked. */
export interface Event {
  readonly kind: Ev;
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly d: number;
  readonly e: number;
}

/** Events at which a person does not stop: they only close or count what another one tells. */
const PASSED = new Set([Ev.Leave, Ev.Return, Ev.FrameGet, Ev.FramePut]);

/** The counters of the huge-page pool. */
export interface PoolFigures {
  readonly total: number;
  readonly free: number;
  readonly rsvd: number;
  readonly surp: number;
}

const NO_POOL: PoolFigures = { total: 0, free: 0, rsvd: 0, surp: 0 };

/** What one operation did. */
export class Recording {
  constructor(
    private readonly packed: Float64Array,
    /** Events kept, from the first on. */
    readonly kept: number,
    /** Events that happened. */
    readonly total: number,
    private readonly kinds: Float64Array,
    private readonly reasons: Float64Array,
    /** The pool before the operation. */
    readonly pool: PoolFigures,
  ) {}

  static of(recorder: BoundedRecorder, pool: PoolFigures): Recording {
    return new Recording(
      recorder.take(),
      recorder.count,
      recorder.total,
      recorder.kinds.slice(),
      recorder.reasons.slice(),
      pool,
    );
  }

  static readonly NONE = new Recording(new Float64Array(0), 0, 0, new Float64Array(64), new Float64Array(256), NO_POOL);

  kind(index: number): Ev {
    return this.packed[index * EVENT_STRIDE]!;
  }

  /** Operand `n` (0 to 4) of an event. */
  operand(index: number, n: number): number {
    return this.packed[index * EVENT_STRIDE + 1 + n]!;
  }

  event(index: number): Event {
    const i = index * EVENT_STRIDE;
    const p = this.packed;
    return { kind: p[i]!, a: p[i + 1]!, b: p[i + 2]!, c: p[i + 3]!, d: p[i + 4]!, e: p[i + 5]! };
  }

  /** How often a kind of event happened, kept or not. */
  count(kind: Ev): number {
    return this.kinds[kind]!;
  }

  /** How often a reason was given. */
  gave(reason: number): boolean {
    return this.reasons[reason]! > 0;
  }

  /** The first kept event of a kind, or null. */
  first(kind: Ev): Event | null {
    if (this.kinds[kind] === 0) return null;
    for (let i = 0; i < this.kept; i++) if (this.kind(i) === kind) return this.event(i);
    return null;
  }

  /** The next place (events carried out) after `event` at which a person stops; null when only the end is left. */
  nextStop(event: number): number | null {
    for (let i = event; i < this.kept; i++) if (!PASSED.has(this.kind(i))) return i + 1;
    return null;
  }

  /** The place before `event` at which a person stops; null for the state before the operation. */
  stopBefore(event: number): number | null {
    for (let i = Math.min(event - 1, this.kept) - 1; i >= 0; i--) if (!PASSED.has(this.kind(i))) return i + 1;
    return null;
  }
}
