/** Where wires run and what stands beside them, as plain geometry in CSS pixels of the viewport. */
import { linkHorizontal, linkVertical } from 'd3';
import { BEAT_NAME, type Anchor, type Beat, type Travel, type ViewName, type Wire } from '../beats/types';
import { overlap, type Rect } from '../scene';
import { cutEnd, textWidth } from '../text';
import type { Place } from '../where';

export interface DrawnWire {
  readonly key: string;
  readonly d: string;
  readonly look: Wire['look'];
  readonly slot: number;
  /** When in its beat it begins, 0 to 1; −1: it was there before. */
  readonly at: number;
}

/** A word on a wire, or at its end. */
export interface Label {
  readonly key: string;
  readonly text: string;
  readonly x: number;
  /** Baseline. */
  readonly y: number;
  readonly anchor: 'start' | 'middle' | 'end';
  readonly slot: number;
  readonly tone: 'beat' | 'bad' | 'edge';
}

export interface DrawnTravel {
  readonly key: string;
  readonly from: Rect;
  readonly to: Rect;
  readonly slot: number;
  readonly tears: boolean;
}

export interface Drawing {
  readonly wires: readonly DrawnWire[];
  readonly labels: readonly Label[];
  readonly travels: readonly DrawnTravel[];
  /** Marks that a wire ends in. */
  readonly ends: readonly (Rect & { readonly key: string; readonly slot: number; readonly look: Wire['look'] })[];
}

/** What the page tells of itself. */
export interface Surroundings {
  readonly place: (anchor: Anchor) => Place | null;
  /** Texts that labels keep clear of. */
  readonly texts: readonly Rect[];
  readonly width: number;
  readonly height: number;
  /** Pictures from left to right: what is out of sight lies beyond the edge on its side. */
  readonly order: readonly ViewName[];
  readonly seen: (view: ViewName) => boolean;
  readonly scale: number;
}

type Point = [number, number];

interface End {
  readonly rect: Rect;
  /** What it is called, where it is out of sight. */
  readonly beyond: string;
  readonly side: 'left' | 'right' | '';
  /** The part of the page in which its picture is seen. */
  readonly pane: Rect;
}

const across = linkHorizontal<{ source: Point; target: Point }, Point>();
const downwards = linkVertical<{ source: Point; target: Point }, Point>();

/**
 * @param at the beat that lasts; the number of beats when all are over
 * @param all whether wires of beats that are over are shown too: nothing may move, and the numbers tell the order
 */
export function drawBeats(beats: readonly Beat[], at: number, page: Surroundings, all = false): Drawing {
  const over = at >= beats.length;
  const wires: DrawnWire[] = [];
  const labels: Label[] = [];
  const ends: Drawing['ends'][number][] = [];
  const taken = [...page.texts];
  const edges = new Map<End['side'], { end: End; slot: number }>();
  let seen: Rect | null = null;
  beats.slice(0, at + 1).forEach((beat, b) => {
    const now = b === at;
    let named = false;
    for (const wire of beat.wires) {
      // The way down is drawn by the tree itself when the step is over.
      if (!now && !(over ? wire.stays === 'rest' || (all && wire.down !== true) : all || wire.stays !== 'beat'))
        continue;
      const drawn = drawWire(wire, page);
      if (drawn === null) continue;
      const { from, to, d, points } = drawn;
      if (d !== '') wires.push({ key: wire.key, d, look: wire.look, slot: wire.slot, at: now ? wire.at : -1 });
      if (to.side === '') ends.push({ ...to.rect, key: wire.key, slot: wire.slot, look: wire.look });
      if (!named && d !== '') {
        const name = label(`beat-${b}`, `${b + 1} ${BEAT_NAME[beat.kind]}`, points, taken, page);
        if (name !== null) {
          named = true;
          labels.push({ ...name, slot: wire.slot, tone: wire.look === 'bad' ? 'bad' : 'beat' });
        }
      }
      if (wire.says !== undefined && wire.says !== '') {
        const says = note(`says-${wire.key}`, wire.says, to, taken, page);
        if (says !== null) labels.push({ ...says, slot: 0, tone: 'bad' });
      }
      if (from.side === '') seen = from.rect;
      if (to.side !== '') edges.set(to.side, { end: to, slot: wire.slot });
    }
  });
  // Of all that lies beyond an edge, the last is told: that is where the step ends.
  for (const [side, { end, slot }] of edges) {
    const at = seen === null ? end : { ...end, rect: { ...end.rect, y: middle(seen)[1] } };
    const edge = beyond(`edge-${side}`, at, taken, page);
    if (edge !== null) labels.push({ ...edge, slot, tone: 'edge' });
  }
  const travels = over ? [] : beats[at]!.travels.flatMap((travel) => drawTravel(travel, page));
  return { wires, labels, travels, ends: unique(ends) };
}

/** Wires that say what belongs together, without words. */
export function drawLit(lit: readonly Wire[], page: Surroundings): Drawing {
  const wires = lit.flatMap((wire): DrawnWire[] => {
    const drawn = drawWire(wire, page);
    return drawn === null || drawn.d === ''
      ? []
      : [{ key: wire.key, d: drawn.d, look: wire.look, slot: wire.slot, at: -1 }];
  });
  return { wires, labels: [], travels: [], ends: [] };
}

const unique = <T extends Rect>(ends: readonly T[]): T[] => {
  const seen = new Map<string, T>();
  for (const end of ends) seen.set([end.x, end.y, end.w, end.h].map(Math.round).join(), end);
  return [...seen.values()];
};

/** Where a thing is seen: cut to its pane, or at the edge beyond which it lies. */
function endOf(anchor: Anchor, page: Surroundings): End | null {
  const place = page.place(anchor);
  if (place !== null) {
    const { rect, pane } = place;
    const x = Math.min(Math.max(rect.x, pane.x), pane.x + pane.w - 2);
    const y = Math.min(Math.max(rect.y, pane.y), pane.y + pane.h - 2);
    const w = Math.max(2, Math.min(rect.x + rect.w, pane.x + pane.w) - x);
    const h = Math.max(2, Math.min(rect.y + rect.h, pane.y + pane.h) - y);
    return { rect: { x, y, w, h }, beyond: '', side: '', pane };
  }
  if (page.seen(anchor.view)) return null;
  // Nothing of its picture is on the page: it lies beyond the edge.
  const shown = page.order.findIndex((view) => page.seen(view));
  const right = shown < 0 || page.order.indexOf(anchor.view) > shown;
  const rect = { x: right ? page.width - 2 : 0, y: page.height / 2 - 1, w: 2, h: 2 };
  return { rect, beyond: anchor.name, side: right ? 'right' : 'left', pane: rect };
}

const middle = ({ x, y, w, h }: Rect): Point => [x + w / 2, y + h / 2];
const round = (d: string): string => d.replace(/-?\d+\.\d+/g, (n) => String(Math.round(Number(n) * 10) / 10));

interface Run {
  readonly from: End;
  readonly to: End;
  readonly d: string;
  /** Places along the wire, from its beginning, at which a word may stand. */
  readonly points: readonly Point[];
}

function drawWire(wire: Wire, page: Surroundings): Run | null {
  const ends = [endOf(wire.from, page), endOf(wire.to, page)] as const;
  if (ends[0] === null || ends[1] === null) return null;
  const { from, to } = leveled(ends[0], ends[1]);
  const none = { from, to, d: '', points: [middle(to.rect)] };
  // Between two things beyond the same edge there is nothing to be seen.
  if (wire.from === wire.to || (from.side !== '' && to.side !== '')) return none;
  const [a, b] = [from.rect, to.rect];
  if (wire.down === true) {
    const source: Point = [a.x + a.w / 2, a.y + a.h];
    const target: Point = [b.x + b.w / 2, b.y];
    return { from, to, d: round(downwards({ source, target }) ?? ''), points: along(source, target) };
  }
  const right = middle(b)[0] >= middle(a)[0];
  const source: Point = [right ? a.x + a.w : a.x, middle(a)[1]];
  if (right && to.side === '' && to.pane.x > source[0])
    return { from, to, ...intoPane(source, b, to.pane, wire.to.view) };
  const target: Point = [right ? b.x : b.x + b.w, middle(b)[1]];
  return { from, to, d: round(across({ source, target }) ?? ''), points: along(source, target) };
}

/** Points of a curve that leaves and arrives level, the middle ones first. */
function along([x0, y0]: Point, [x1, y1]: Point): Point[] {
  return [0.5, 0.35, 0.65, 0.2, 0.8].map((t) => [x0 + (x1 - x0) * t, y0 + (y1 - y0) * t * t * (3 - 2 * t)]);
}

/** From another pane to the edge of this one, and on to the mark without running over its neighbours. */
function intoPane(source: Point, mark: Rect, pane: Rect, view: ViewName): Pick<Run, 'd' | 'points'> {
  const edge = pane.x + 4;
  const [x, y] = middle(mark);
  // Entries stand in a row with room between them, wide bars begin at the edge; cells have a gap below them.
  const level = (view !== 'pool' && view !== 'frames') || mark.w > pane.w / 2;
  const height = level ? y : Math.min(mark.y + mark.h + 2, pane.y + pane.h - 2);
  const curve = across({ source, target: [edge, height] }) ?? '';
  const d = level ? `${curve}H${mark.x}` : `${curve}H${x}V${mark.y + mark.h}`;
  return { d: round(d), points: [...along(source, [edge, height]), [(edge + mark.x) / 2, height]] };
}

/** An end beyond the edge lies at the height of the other end. */
function leveled(from: End, to: End): { from: End; to: End } {
  const at = (end: End, other: End): End =>
    end.side === '' ? end : { ...end, rect: { ...end.rect, y: middle(other.rect)[1] - 1 } };
  return { from: at(from, to), to: at(to, from) };
}

const SIZE = 12;

function free(rect: Rect, taken: readonly Rect[], page: Surroundings): boolean {
  const inside = rect.x >= 2 && rect.y >= 2 && rect.x + rect.w <= page.width - 2 && rect.y + rect.h <= page.height - 2;
  return inside && !taken.some((one) => overlap(rect, one));
}

/** The first of some places at which a text lies over no other; it is taken then. */
function put(
  key: string,
  text: string,
  face: 'bold' | 'sans',
  places: readonly (readonly [x: number, y: number, anchor: Label['anchor']])[],
  taken: Rect[],
  page: Surroundings,
): Omit<Label, 'slot' | 'tone'> | null {
  const size = SIZE * page.scale;
  const w = textWidth(text, size, face);
  for (const [x, y, anchor] of places) {
    const left = anchor === 'start' ? x : anchor === 'end' ? x - w : x - w / 2;
    const rect = { x: left - 2, y: y - size, w: w + 4, h: size * 1.3 };
    if (!free(rect, taken, page)) continue;
    taken.push(rect);
    return { key, text, x, y, anchor };
  }
  return null;
}

function label(
  key: string,
  text: string,
  points: readonly Point[],
  taken: Rect[],
  page: Surroundings,
): Omit<Label, 'slot' | 'tone'> | null {
  const places = ([-5, 16, -20, 32] as const).flatMap((dy) =>
    points.flatMap(([x, y]) => [
      [x, y + dy, 'middle'] as const,
      [x + 6, y + dy, 'start'] as const,
      [x - 6, y + dy, 'end'] as const,
    ]),
  );
  return put(key, text, 'bold', places, taken, page);
}

function note(
  key: string,
  says: string,
  to: End,
  taken: Rect[],
  page: Surroundings,
): Omit<Label, 'slot' | 'tone'> | null {
  const { x, y, w, h } = to.rect;
  const size = SIZE * page.scale;
  for (const most of [420, 260, 170]) {
    const text = cutEnd(says, Math.min(most, page.width - 12), size, 'bold');
    const beside = [0, 16, -16, 32, -32, 48, -48, 64, 80, 96].flatMap((dy) => [
      [x, y + h + 16 + dy, 'start'] as const,
      [x + w / 2, y + h + 16 + dy, 'middle'] as const,
      [x + w, y + h + 16 + dy, 'end'] as const,
      [x + w + 8, y + h / 2 + 4 + dy, 'start'] as const,
    ]);
    const found = put(key, text, 'bold', beside, taken, page);
    if (found !== null) return found;
  }
  return null;
}

/** What lies beyond the edge, by name. */
function beyond(key: string, to: End, taken: Rect[], page: Surroundings): Omit<Label, 'slot' | 'tone'> | null {
  const right = to.side === 'right';
  const text = right ? `→ ${to.beyond}` : `← ${to.beyond}`;
  const x = right ? page.width - 6 : 6;
  const steps = Array.from({ length: 24 }, (_, i) => (i % 2 === 0 ? -6 - 8 * i : 12 + 8 * i));
  const places = steps.map((dy) => [x, to.rect.y + dy, right ? 'end' : 'start'] as const);
  return put(key, text, 'bold', places, taken, page);
}

function drawTravel({ key, from, to, slot, tears }: Travel, page: Surroundings): DrawnTravel[] {
  const a = endOf(from, page);
  const b = endOf(to, page);
  if (a === null || b === null || (a.side !== '' && b.side !== '')) return [];
  const level = leveled(a, b);
  return [{ key, from: level.from.rect, to: level.to.rect, slot, tears: tears === true }];
}
