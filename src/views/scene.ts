/**
 * A scene: all that is drawn of one picture, as plain geometry in CSS pixels. Layouts make scenes, `stage.ts` shows them;
 * in between a test can ask whether anything overlaps, sticks out, or does not fit.
 */
import type { Mark, Ref, Slot } from '../history/picture';
import { textWidth, type Face } from './text';

export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

/**
 * How a box looks. `solid` is there; `dashed` promised or absent; `soft` a ground in its mapping's colour; `hatched` there but
 * refused to writes, or of a file; `ghost` what was asked for and refused; `double` a huge leaf; `outline` a container; `faint` nobody's; `stack` several as one;
 * `table` a page table; `blank` and `bright` the ground of a figure, as it was and just changed.
 */
export type Look =
  | 'solid'
  | 'dashed'
  | 'soft'
  | 'hatched'
  | 'ghost'
  | 'double'
  | 'outline'
  | 'faint'
  | 'stack'
  | 'ground'
  | 'diamond'
  | 'table'
  | 'blank'
  | 'bright';

/** What a mark stands for beyond its keys: lights of other views are told in these. Ranges half-open. */
export interface Extent {
  readonly entries?: { readonly table: number; readonly from: number; readonly to: number };
  readonly frames?: { readonly from: number; readonly to: number };
  readonly range?: { readonly who: number; readonly start: number; readonly end: number };
}

export interface Box extends Rect {
  /** Unique in the scene; an identity of the machine, so that a thing is the same mark in the next picture. */
  readonly key: string;
  /** What the picture calls the thing, where the mark is a place and the thing is who has it. */
  readonly alias?: string;
  /** What pointing at it means, its own ref first; none: it cannot be pointed at. */
  readonly keys: readonly Ref[];
  /** What lights it up when pointed at elsewhere; its keys if not given. */
  readonly litBy?: readonly Ref[];
  readonly extent?: Extent;
  /** Higher is nearer. Boxes of one layer do not overlap. */
  readonly layer: 0 | 1 | 2 | 3;
  readonly look: Look;
  readonly slot: Slot;
  readonly mark: Mark;
  /** Where it comes from, if it is new. */
  readonly cause?: Rect;
  /** Corner radius; 3 if not given. */
  readonly r?: number;
  /** Share that is filled, from the left, 0 to 1; for `outline` boxes that are partly there. */
  readonly fill?: number;
  /** Can be opened or folded, by a double click; set to what it is now. A folded stretch of addresses has a range. */
  readonly open?: boolean;
  /** Opens or folds by a single click: it is nothing else. */
  readonly button?: boolean;
}

export interface Text {
  readonly key: string;
  readonly text: string;
  /** Baseline. */
  readonly x: number;
  readonly y: number;
  readonly size: number;
  readonly face: Face;
  readonly anchor: 'start' | 'middle' | 'end';
  /** `on` stands on a solid mark, `tinted` is text in its mapping's colour, `was` a value that is past: struck through; `bad` a refusal. */
  readonly tone: 'ink' | 'muted' | 'on' | 'tinted' | 'was' | 'lit' | 'bad';
  readonly slot: Slot;
  /** Key of the box that it must fit into. */
  readonly box?: string;
}

export interface Line {
  readonly key: string;
  readonly keys: readonly Ref[];
  /** Path data; lines of one key keep one structure of commands. */
  readonly d: string;
  readonly look: 'link' | 'way' | 'gap' | 'rule' | 'track' | 'done' | 'thread' | 'tear';
  readonly slot: Slot;
  readonly layer: 0 | 1 | 2 | 3;
}

export interface Scene {
  readonly width: number;
  readonly height: number;
  /** Name of the picture, and what it shows now in a sentence: for whoever meets it as one image. */
  readonly title: string;
  readonly description: string;
  readonly boxes: readonly Box[];
  readonly texts: readonly Text[];
  readonly lines: readonly Line[];
}

/** The marks by which a scene tells what the step changed. */
export const changedMarks = (scene: Scene): Box[] =>
  scene.boxes.filter(
    ({ mark, look, alias }) => mark !== 'same' || look === 'bright' || look === 'ghost' || alias === 'missing',
  );

/** The rectangle that a text covers, from its ascenders to its descenders. */
export function textRect(text: Text): Rect {
  const w = textWidth(text.text, text.size, text.face);
  const x = text.anchor === 'start' ? text.x : text.anchor === 'middle' ? text.x - w / 2 : text.x - w;
  return { x, y: text.y - text.size * 0.8, w, h: text.size };
}

export const overlap = (a: Rect, b: Rect, slack = 0.01): boolean =>
  a.x + a.w > b.x + slack && b.x + b.w > a.x + slack && a.y + a.h > b.y + slack && b.y + b.h > a.y + slack;

/** `inner` lies within `outer`, give or take `slack` pixels. */
const within = (inner: Rect, outer: Rect, slack = 0.01): boolean =>
  inner.x >= outer.x - slack &&
  inner.y >= outer.y - slack &&
  inner.x + inner.w <= outer.x + outer.w + slack &&
  inner.y + inner.h <= outer.y + outer.h + slack;

/** Everything that is wrong with a scene as a picture, in words; empty when it can be shown. Slow: for tests. */
export function flaws(scene: Scene): string[] {
  const found: string[] = [];
  const page = { x: 0, y: 0, w: scene.width, h: scene.height };
  const boxes = new Map<string, Box>();
  for (const box of scene.boxes) {
    if (boxes.has(box.key)) found.push(`two boxes are called ${box.key}`);
    boxes.set(box.key, box);
    if (!(box.w > 0 && box.h > 0)) found.push(`${box.key} is ${box.w} by ${box.h}`);
    if (!within(box, page)) found.push(`${box.key} sticks out`);
  }
  for (let layer = 0; layer < 4; layer++) {
    const same = scene.boxes.filter((box) => box.layer === layer).sort((a, b) => a.y - b.y);
    for (let i = 0; i < same.length; i++)
      for (let j = i + 1; j < same.length && same[j]!.y < same[i]!.y + same[i]!.h; j++)
        if (overlap(same[i]!, same[j]!)) found.push(`${same[i]!.key} and ${same[j]!.key} overlap`);
  }
  const texts = new Set<string>();
  const rects = scene.texts.map(textRect);
  scene.texts.forEach((text, i) => {
    if (texts.has(text.key)) found.push(`two texts are called ${text.key}`);
    texts.add(text.key);
    if (text.text === '') found.push(`${text.key} says nothing`);
    if (text.size < 12) found.push(`${text.key} is set in ${text.size} pixels`);
    const home = text.box === undefined ? page : boxes.get(text.box);
    if (home === undefined) found.push(`${text.key} is in no box`);
    else if (!within(rects[i]!, home, 1)) found.push(`"${text.text}" (${text.key}) does not fit`);
    for (let j = 0; j < i; j++)
      if (overlap(rects[i]!, rects[j]!, 1)) found.push(`"${text.text}" lies over "${scene.texts[j]!.text}"`);
  });
  return found;
}
