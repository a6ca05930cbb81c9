/** What every picture is told in: names of things, marks, colours, sentences, figures. */

/** Names one thing of the machine in every view. An entry is table id and index; a pool cell is the frame of its head. */
export type Ref =
  | `area:${number}`
  | `table:${number}`
  | `entry:${number}:${number}`
  | `frame:${number}`
  | `process:${number}`
  | `file:${number}`
  | `event:${number}`
  | `operation:${number}`;

/** What became of a thing since the step before. `gone` things are still listed, at their old place, for one step. */
export type Mark = 'same' | 'new' | 'changed' | 'gone';

/** Colour of a mapping, the same in every view: 0 is neutral (text, heap, stack …), 1 to 7 are the seven hues. */
export type Slot = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7;

/** A sentence in parts. `area` parts carry the colour and the thing they name; `code` is monospaced (a Linux name). */
export interface SentencePart {
  readonly kind: 'plain' | 'area' | 'code' | 'number';
  readonly text: string;
  readonly slot?: Slot;
  readonly ref?: Ref;
}
export type Sentence = readonly SentencePart[];

/** A figure that changed in this step. */
export interface Counter {
  /** Linux's name where it has one: `HugePages_Free`, `VmRSS`, `VmPTE`. */
  readonly name: string;
  readonly was: number;
  readonly now: number;
  readonly unit: 'pages' | 'kB' | 'bytes' | 'count';
  /** The process that it belongs to, null for the whole machine. */
  readonly who: number | null;
}
