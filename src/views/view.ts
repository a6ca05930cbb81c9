/** What every view is: an object around one element, told what to show. See README.md. */
import type { Fellows } from '../history/picture';
import type { Rect } from './scene';

/** What a view needs to know beside the picture. */
export interface ViewContext {
  /** CSS pixels of the pane that the view may fill. A view may grow taller than `height`: its pane scrolls. */
  readonly width: number;
  readonly height: number;
  /** Milliseconds of motion. 0 (a jump, a resize, `prefers-reduced-motion`) draws the same end state at once. */
  readonly duration: number;
  /** How much larger than 16 pixels the page's text is set: 1 to 2. */
  readonly scale: number;
  /** Refs pointed at and selected, in whichever view: marks with one of them among their keys light up. */
  readonly hovered: ReadonlySet<string>;
  readonly selected: ReadonlySet<string>;
  /** Everything that belongs to the thing pointed at or selected (`Inspection.fellows`), when it is known. */
  readonly fellows?: Fellows | null;
  /** Refs of the things on which an invariant broke: ringed in red dashes. */
  readonly broken?: ReadonlySet<string>;
}

/** A stretch of one process's address space, half-open. */
export interface AddressRange {
  readonly who: number;
  readonly start: number;
  readonly end: number;
}

/** What a view reports. It changes nothing itself: the caller answers with `update`. */
export interface ViewHandlers {
  /** The pointer is on a mark of these keys (its own ref first); none: on no mark. */
  readonly point: (keys: readonly string[]) => void;
  /** A mark was chosen; with `add` beside those chosen before. Empty: the ground was. `range`: the addresses it stands for. */
  readonly select: (keys: readonly string[], add: boolean, range?: AddressRange) => void;
  /** The menu of a mark is asked for, at this place of the viewport. */
  readonly menu: (keys: readonly string[], x: number, y: number, range?: AddressRange) => void;
  /** A folded mark should open, or an open one fold. `key` is a table's ref. */
  readonly toggle: (key: string, open: boolean) => void;
  /** The picture should show only this window of the address space (a fold was opened). */
  readonly focus?: (start: number, end: number) => void;
}

export interface View<Picture> {
  /** Shows `picture`. Total: any call may follow any other. With the same picture and size only lights change. */
  update(picture: Picture, context: ViewContext): void;
  /** Shows all of a picture that was zoomed into. */
  fit?(): void;
  /** Where the marks of what this step changed are, in CSS pixels of the element; whoever tests asks whether they are in sight. */
  changed?(): readonly Rect[];
  /** Empties the element and stops all motion. */
  destroy(): void;
}
