/** The scrubber, and two runs in lock-step. */
import type { Sentence } from './basics';
import type { OperationKind } from './moment';

/** One operation on the scrubber, or `count` of them in one bucket. */
export interface TimeMark {
  /** First operation of the bucket, counted from 1. */
  readonly k: number;
  readonly count: number;
  /** Kind of the operation; of the most telling one in a bucket (failures first, then the rarest). */
  readonly kind: OperationKind;
  readonly ending: 'ok' | 'errno' | 'signal' | 'unknown';
  readonly who: number;
  /** The statement, or `37 operations`. */
  readonly text: string;
  /** Line of the scenario, from 1, and what the operation came to in a word (`ENOMEM`); 0 and empty for a bucket. */
  readonly line: number;
  readonly came: string;
  /** Whether the run has reached it yet. */
  readonly reached: boolean;
}

export interface TimelineRequest {
  readonly maxMarks: number;
}

export interface Timeline {
  readonly n: number;
  /** Operations that are known to the end (run ahead); seeking further runs first. */
  readonly reached: number;
  readonly marks: readonly TimeMark[];
  /** All futures of this scenario; the current one among them. */
  readonly branches: readonly {
    readonly id: number;
    /** The branch that it left, after how many operations; −1 and 0 for the first. */
    readonly from: number;
    readonly at: number;
    readonly n: number;
    readonly label: string;
    readonly current: boolean;
  }[];
}

/** One difference between two runs at the same operation. */
export interface Difference {
  readonly k: number;
  readonly kind: 'outcome' | 'areas' | 'entries' | 'frames' | 'pool' | 'path' | 'proc';
  readonly sentence: Sentence;
  readonly left: string;
  readonly right: string;
}

export interface Comparison {
  readonly leftDesign: string;
  readonly rightDesign: string;
  /** Operations compared so far, of n. */
  readonly compared: number;
  readonly n: number;
  /** First difference in the state or outcome, and in the way there; null where there is none. */
  readonly firstState: Difference | null;
  readonly firstPath: Difference | null;
  /** At most 200, in order of k. */
  readonly differences: readonly Difference[];
  readonly total: number;
  readonly sentence: Sentence;
}
