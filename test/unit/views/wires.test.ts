import { describe, expect, test } from 'vitest';
import type { Anchor, Beat, ViewName, Wire } from '../../../src/views/beats/types';
import { overlap, type Rect } from '../../../src/views/scene';
import { textWidth } from '../../../src/views/text';
import { drawBeats, type Label, type Surroundings } from '../../../src/views/wires/geometry';

const PANES: Readonly<Record<ViewName, Rect>> = {
  scenario: { x: 0, y: 50, w: 260, h: 500 },
  areas: { x: 270, y: 50, w: 220, h: 500 },
  tables: { x: 500, y: 50, w: 500, h: 300 },
  pool: { x: 1010, y: 50, w: 250, h: 300 },
  frames: { x: 1010, y: 360, w: 250, h: 200 },
};
const MARKS: Readonly<Record<ViewName, Rect>> = {
  scenario: { x: 0, y: 300, w: 260, h: 30 },
  areas: { x: 280, y: 200, w: 200, h: 22 },
  tables: { x: 800, y: 240, w: 14, h: 22 },
  pool: { x: 1080, y: 120, w: 50, h: 50 },
  frames: { x: 1020, y: 420, w: 17, h: 17 },
};

/** A page on which these pictures are seen. */
const page = (seen: readonly ViewName[], texts: readonly Rect[] = []): Surroundings => ({
  place: ({ view }) => (seen.includes(view) ? { rect: MARKS[view], pane: PANES[view] } : null),
  seen: (view) => seen.includes(view),
  texts,
  width: 1280,
  height: 720,
  order: ['scenario', 'areas', 'tables', 'pool', 'frames'],
  scale: 1,
});
const ALL: readonly ViewName[] = ['scenario', 'areas', 'tables', 'pool', 'frames'];

const anchor = (view: ViewName, name: string = view): Anchor => ({ view, refs: [], name });
const wire = (from: ViewName, to: ViewName, given: Partial<Wire> = {}): Wire => ({
  key: `${from}-${to}`,
  from: anchor(from),
  to: anchor(to, `the ${to}`),
  look: 'plain',
  slot: 1,
  stays: 'rest',
  at: 0,
  ...given,
});
const beat = (kind: Beat['kind'], ...wires: Wire[]): Beat => ({
  kind,
  wires,
  travels: [],
  shown: { areas: true, tables: 'after', memory: true },
});
const FAULT = [
  beat('ask', wire('scenario', 'areas')),
  beat('walk', wire('areas', 'tables')),
  beat('give', wire('tables', 'pool')),
];

const rectOf = ({ text, x, y, anchor: at }: Label): Rect => {
  const w = textWidth(text, 12, 'bold');
  return { x: at === 'start' ? x : at === 'end' ? x - w : x - w / 2, y: y - 12, w, h: 15 };
};

describe('wires', () => {
  test('come beat by beat, and stay numbered when the step is over', () => {
    const keys = [0, 1, 2, 3].map((at) => drawBeats(FAULT, at, page(ALL)).wires.map(({ key }) => key));
    expect(keys.map((one) => one.length)).toEqual([1, 2, 3, 3]);
    expect(drawBeats(FAULT, 3, page(ALL)).labels.map(({ text }) => text)).toEqual(['1 ask', '2 walk', '3 give']);
  });

  test('of one beat go with it, unless nothing may move: then the numbers tell the order', () => {
    const beats = [beat('ask', wire('scenario', 'areas', { stays: 'beat' })), beat('walk', wire('areas', 'tables'))];
    expect(drawBeats(beats, 1, page(ALL)).wires.map(({ key }) => key)).toEqual(['areas-tables']);
    expect(drawBeats(beats, 2, page(ALL), true).labels.map(({ text }) => text)).toEqual(['1 ask', '2 walk']);
  });

  test('end in what they point at, and name what lies beyond the edge of a small screen', () => {
    const drawn = drawBeats(FAULT, 3, page(['areas']));
    expect(drawn.labels.map(({ text }) => text)).toContain('→ the pool');
    expect(drawn.labels.filter(({ tone }) => tone === 'edge').length).toBe(1);
    for (const label of drawn.labels) {
      const { x, w } = rectOf(label);
      expect(x).toBeGreaterThanOrEqual(0);
      expect(x + w).toBeLessThanOrEqual(1280);
    }
  });

  test('have words that lie over no other text, or none', () => {
    const texts = Array.from({ length: 40 }, (_, i) => ({
      x: 250 + (i % 8) * 120,
      y: 100 + Math.floor(i / 8) * 60,
      w: 100,
      h: 14,
    }));
    const { labels } = drawBeats(FAULT, 3, page(ALL, texts));
    labels.forEach((label, i) => {
      for (const text of texts) expect(overlap(rectOf(label), text), label.text).toBe(false);
      for (const other of labels.slice(0, i)) expect(overlap(rectOf(label), rectOf(other))).toBe(false);
    });
    const full = Array.from({ length: 72 }, (_, i) => ({ x: 0, y: i * 10, w: 1280, h: 10 }));
    expect(drawBeats(FAULT, 3, page(ALL, full)).labels).toEqual([]);
  });

  test('are not drawn to what is scrolled out of its picture or not there', () => {
    const gone = { ...page(ALL), place: () => null };
    expect(drawBeats(FAULT, 3, gone).wires).toEqual([]);
  });
});
