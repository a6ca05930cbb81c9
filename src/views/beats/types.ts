/** The words in which a choreography is told. */
import type { Pictures, Ref, Slot } from '../../history/picture';

/** One step of one operation: the pictures before and after it. */
export interface Step {
  readonly before: Pictures;
  readonly after: Pictures;
}

export type ViewName = 'scenario' | 'areas' | 'tables' | 'frames' | 'pool';

/** A thing in a picture: what a wire is tied to. */
export interface Anchor {
  readonly view: ViewName;
  /** The most telling first: the first that is drawn is taken; `missing` is what the pool does not have. None: the picture as a whole. */
  readonly refs: readonly (Ref | 'missing')[];
  /** Addresses, half-open, that it stands for. */
  readonly range?: { readonly who: number; readonly start: number; readonly end: number };
  /** Frames, half-open. */
  readonly frames?: { readonly from: number; readonly to: number };
  /** What it is called where it is out of sight: `3rd page of the pool`. */
  readonly name: string;
}

export interface Wire {
  readonly key: string;
  readonly from: Anchor;
  readonly to: Anchor;
  readonly look: 'plain' | 'promise' | 'bad' | 'lit';
  readonly slot: Slot;
  /** How long it stays: for its beat, for the step, or until the next step. */
  readonly stays: 'beat' | 'step' | 'rest';
  /** When in its beat it begins, 0 to 1. */
  readonly at: number;
  /** From the foot of one mark to the head of the other, within one picture. */
  readonly down?: boolean;
  /** What stands at its end. */
  readonly says?: string;
}

/** A page, or an entry, on its way. */
export interface Travel {
  readonly key: string;
  readonly from: Anchor;
  readonly to: Anchor;
  readonly slot: Slot;
  /** It tears off from what stays. */
  readonly tears?: boolean;
}

export type BeatKind =
  | 'ask'
  | 'walk'
  | 'give'
  | 'share'
  | 'copy'
  | 'promise'
  | 'letgo'
  | 'home'
  | 'close'
  | 'change'
  | 'move'
  | 'make'
  | 'compare'
  | 'stop';

/** What has arrived while a beat lasts: areas; tables without (`ways`) or with their new entries; frames and pool. */
export interface Shown {
  readonly areas: boolean;
  readonly tables: 'before' | 'ways' | 'after';
  readonly memory: boolean;
}

export interface Beat {
  readonly kind: BeatKind;
  readonly shown: Shown;
  /** Wires that come in this beat; those of earlier beats that stay are still there. */
  readonly wires: readonly Wire[];
  readonly travels: readonly Travel[];
}

/** What a beat is called on its wire. */
export const BEAT_NAME: Readonly<Record<BeatKind, string>> = {
  ask: 'ask',
  walk: 'walk',
  give: 'give',
  share: 'share',
  copy: 'copy',
  promise: 'promise',
  letgo: 'let go',
  home: 'give back',
  close: 'close',
  change: 'change',
  move: 'travel',
  make: 'make',
  compare: 'compare',
  stop: 'stop',
};
