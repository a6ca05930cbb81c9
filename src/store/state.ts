/**
 * What the page knows, one part for each owner of truth: the scenario's text is the page's own; moment and pictures are the
 * worker's, as last told; selection and requests are the person's. Plain values only.
 */
import type {
  AreasRequest,
  Comparison,
  Fellows,
  FramesRequest,
  HeatRequest,
  Inspection,
  Pictures,
  ProcFile,
  Ref,
} from '../history/picture';
import type { Loaded, Place } from '../protocol/messages';

/** Who owns it: the person who types. */
export interface ScenarioPart {
  readonly text: string;
  /** What the worker made of `text`; null until the first answer. `loaded.text` differs while an edit is on its way. */
  readonly loaded: Loaded | null;
  /** Texts to go back to (Ctrl-Z), newest last, and forward. At most 200. */
  readonly undo: readonly string[];
  readonly redo: readonly string[];
}

/** Who owns it: the player. */
export interface TimePart {
  /** Where the pictures stand. */
  readonly place: Place;
  readonly playing: boolean;
  /** 0.25, 0.5, 1, 2 or 4. */
  readonly speed: number;
  /** Whether playing goes by the steps inside operations. */
  readonly fine: boolean;
  /** How the pictures came here: one step on or back is animated, a jump is not. */
  readonly motion: 'on' | 'back' | 'jump';
}

/** Who owns it: the worker. `left` is the scenario's own machine; `right` the one beside it, null without comparison. */
export interface PicturesPart {
  readonly left: Pictures | null;
  readonly right: Pictures | null;
  readonly comparison: Comparison | null;
}

/** Who owns it: the person who points. */
export interface SelectionPart {
  readonly selected: readonly Ref[];
  readonly hovered: readonly Ref[];
  /** What lights up with them. */
  readonly selectedFellows: Fellows | null;
  readonly hoveredFellows: Fellows | null;
  /** The first selected thing in words, at the moment shown. */
  readonly inspection: Inspection | null;
}

/** How much of each picture is wanted; part of every `show`. */
export interface WantPart {
  /** Process that is looked at. */
  readonly who: number;
  readonly areas: Omit<AreasRequest, 'who' | 'keep'>;
  readonly tree: {
    readonly open: readonly number[];
    readonly folded: readonly number[];
    readonly maxMarks: number;
  };
  readonly heat: Omit<HeatRequest, 'who'> | null;
  readonly maxPoolCells: number;
  readonly frames: FramesRequest;
  /** Steps of the path at most; 0 while nobody looks at it. */
  readonly maxSteps: number;
  readonly proc: { readonly file: ProcFile; readonly maxLines: number } | null;
  /** Two processes at once; null while nobody looks at them. */
  readonly wall: { readonly left: number; readonly right: number; readonly maxEntries: number } | null;
  readonly maxTimeMarks: number;
}

/** Who owns it: the connection. */
export interface StatusPart {
  readonly state: 'starting' | 'ready' | 'busy' | 'ended';
  /** How far a long run is; null while none is shown. */
  readonly progress: { readonly done: number; readonly of: number; readonly steps: number } | null;
  /** What the person should be told, newest last, at most 5. */
  readonly notices: readonly { readonly id: number; readonly kind: 'told' | 'trouble'; readonly text: string }[];
}

export interface State {
  readonly scenario: ScenarioPart;
  readonly time: TimePart;
  readonly pictures: PicturesPart;
  readonly selection: SelectionPart;
  readonly want: WantPart;
  readonly status: StatusPart;
}
