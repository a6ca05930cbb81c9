/**
 * Physical memory: a cell for each frame at the place its number gives it, so many to a row; rows in which nothing is used are
 * left out. Huge pages and runs of like frames are bars. A frame that several processes map tells how many.
 */
import type { FrameCell, FramesPicture } from '../../history/picture';
import { hex, sizeText } from '../../base/units';
import type { Box, Line, Look, Rect, Scene, Text } from '../scene';
import type { Room } from '../scene-view';
import { stroke } from '../paths';
import { firstThatFits, grouped, textWidth } from '../text';

const MARGIN = 5;
const GAP = 3;

/** Frames of one row; a cell that reaches beyond its row has one to itself. */
interface Row {
  readonly first: number;
  readonly cells: readonly FrameCell[];
  readonly wide: boolean;
}

/** Cells by rows of `columns` frames, in order of their numbers. */
export function rowsOf(cells: readonly FrameCell[], columns: number): Row[] {
  const rows: { first: number; cells: FrameCell[]; wide: boolean }[] = [];
  for (const cell of cells) {
    const first = cell.pfn - (cell.pfn % columns);
    const wide = cell.pfn + cell.frames > first + columns;
    const last = rows.at(-1);
    if (last !== undefined && last.first === first && !last.wide && !wide) last.cells.push(cell);
    else rows.push({ first: wide ? cell.pfn : first, cells: [cell], wide });
  }
  return rows;
}

const alike = (a: FrameCell, b: FrameCell): boolean =>
  a.kind === b.kind &&
  a.frames === b.frames &&
  !b.run &&
  a.slot === b.slot &&
  a.area === b.area &&
  a.mark === b.mark &&
  (a.slot !== 0 || a.label === b.label) &&
  a.sharers.join() === b.sharers.join();

/** How many cells from `i` on follow one another and are alike. */
function runFrom(cells: readonly FrameCell[], i: number, same: (a: FrameCell, b: FrameCell) => boolean): number {
  const first = cells[i]!;
  let n = 1;
  while (cells[i + n]?.pfn === first.pfn + n * first.frames && same(first, cells[i + n]!)) n++;
  return n;
}

/**
 * Cells with long runs of like ones drawn as one: whole rows of frames that are not the scenario's own (a program's text in
 * the page cache), at least two; huge pages of one mapping, more than four.
 */
export function foldLike(cells: readonly FrameCell[], columns: number): FrameCell[] {
  const folded: FrameCell[] = [];
  for (let i = 0; i < cells.length;) {
    const cell = cells[i]!;
    const huge = cell.frames > 1 && !cell.run;
    const n = cell.run || (cell.slot !== 0 && !huge) ? 1 : runFrom(cells, i, alike);
    const lead = huge ? 0 : (columns - (cell.pfn % columns)) % columns;
    const whole = huge ? n : Math.max(0, Math.floor((n - lead) / columns)) * columns;
    if (whole > (huge ? 4 : 2 * columns - 1)) {
      const first = cells[i + lead]!;
      folded.push(...cells.slice(i, i + lead), { ...first, frames: whole * first.frames, run: true });
      folded.push(...cells.slice(i + lead + whole, i + n));
    } else folded.push(...cells.slice(i, i + n));
    i += n;
  }
  return folded;
}

const lookOf = (cell: FrameCell): Look =>
  cell.kind === 'kernel' || cell.kind === 'zero'
    ? 'outline'
    : cell.kind === 'file' || cell.kind === 'shmem'
      ? 'hatched'
      : cell.frames > 1
        ? 'double'
        : 'solid';

/** Sides of a frame's cell at least, at a scale of 1: a figure fits into the first only. */
const SIDES = [17, 13, 10, 8] as const;
/** Of more single frames than this only the colour is wanted. */
const MANY = 256;

export interface FramesScene extends Scene {
  /** Place in `SIDES`. */
  readonly density: number;
}

/** @param density the least that it may have: what once had to become dense stays so, or every frame would move for little */
export function layoutFrames(picture: FramesPicture, room: Room, density = 0): FramesScene {
  const singles = picture.cells.reduce((n, cell) => n + (cell.frames > 1 ? 0 : 1), 0);
  for (let dense = singles > MANY ? Math.max(density, 2) : density; ; dense++) {
    const { scene, below } = drawFrames(picture, room, SIDES[dense]!);
    if (below <= room.height || dense >= SIDES.length - 1) return { ...scene, density: dense };
  }
}

/** The scene, and where its last row ends. */
function drawFrames(
  picture: FramesPicture,
  { width, height, scale }: Room,
  smallest: number,
): { scene: Scene; below: number } {
  const w = width - 2 * MARGIN;
  const size = 12 * scale;
  const px = (n: number): number => Math.round(n * scale);
  const boxes: Box[] = [];
  const texts: Text[] = [];
  const lines: Line[] = [];
  const text = (key: string, says: string, x: number, y: number, given: Partial<Text> = {}): void => {
    if (says !== '')
      texts.push({ key, text: says, x, y, size, face: 'sans', anchor: 'start', tone: 'muted', slot: 0, ...given });
  };

  const digits = picture.cells.reduce((most, cell) => Math.max(most, hex(cell.pfn).length), 1);
  const gutter = w >= px(200) ? textWidth('0'.repeat(digits), size, 'mono') + px(8) : 0;
  const room = w - gutter;
  const least = px(smallest);
  const columns = [64, 32, 16, 8, 4].find((n) => (room + GAP) / n >= least + GAP) ?? 4;
  const side = Math.min(px(30), (room - (columns - 1) * GAP) / columns);
  const across = columns * (side + GAP) - GAP;
  const x = MARGIN + gutter;
  let y = MARGIN;
  let expected = -1;
  for (const row of rowsOf(foldLike(picture.cells, columns), columns)) {
    if (expected >= 0 && row.first > expected) {
      // Frames between these rows are free, or not of this process.
      lines.push({
        key: `hole:${row.first}`,
        keys: [],
        d: stroke(x, y + 3.5, x + across, y + 3.5),
        look: 'gap',
        slot: 0,
        layer: 0,
      });
      y += px(8);
    }
    // A run is as high as its words, however small the cells are.
    const h = row.wide ? Math.max(side, Math.ceil(size * 1.3)) : side;
    if (gutter > 0)
      text(`row:${row.first}:${row.wide}`, hex(row.first), MARGIN + gutter - px(8), y + h / 2 + size * 0.35, {
        face: 'mono',
        anchor: 'end',
      });
    if (row.wide) bar(row.cells[0]!, { x, y, w: across, h });
    else {
      const used = new Map(row.cells.map((cell) => [cell.pfn, cell]));
      for (let i = 0; i < columns;) {
        const cell = used.get(row.first + i);
        const n = cell?.frames ?? 1;
        const rect = { x: x + i * (side + GAP), y, w: n * (side + GAP) - GAP, h: side };
        if (cell === undefined) {
          const key = `free:${row.first + i}`;
          boxes.push({ ...rect, key, keys: [], layer: 0, look: 'ground', slot: 0, mark: 'same', r: 2 });
        } else if (n > 1) bar(cell, rect);
        else single(cell, rect);
        i += n;
      }
    }
    y += h + GAP;
    expected = row.wide ? row.first + row.cells[0]!.frames : row.first + columns;
    if (row.wide) expected = -1;
  }

  function single(cell: FrameCell, rect: Rect): void {
    const { ref: key, slot, mark, sharers } = cell;
    const look = lookOf(cell);
    const shared = sharers.length > 1;
    const litBy = [
      key,
      ...(cell.area > 0 ? [`area:${cell.area}` as const] : []),
      ...sharers.map((who) => `process:${who}` as const),
    ];
    const extent = { frames: { from: cell.pfn, to: cell.pfn + 1 } };
    boxes.push({ key, keys: [key], litBy, extent, layer: 0, look, slot, mark, r: 2, ...rect });
    const letter = shared ? String(sharers.length) : LETTER[cell.kind];
    if (letter === '' || mark === 'gone' || rect.w < size * 1.3) return;
    const lone = { face: 'mono', anchor: 'middle', slot, box: key } as const;
    const middle = rect.x + rect.w / 2;
    const base = rect.y + rect.h / 2 + size * 0.35;
    if (!shared) return text(`${key}-letter`, letter, middle, base, { ...lone, tone: 'muted' });
    // A lozenge says shared; the figure in it, by how many.
    const side = Math.min(rect.w, rect.h) / Math.SQRT2;
    const inner = { x: middle - side / 2, y: rect.y + (rect.h - side) / 2, w: side, h: side };
    boxes.push({ ...inner, key: `${key}-shared`, keys: [], layer: 1, look: 'diamond', slot, mark: 'same', r: 1 });
    text(`${key}-letter`, letter, middle, base, { ...lone, tone: 'tinted' });
  }

  /** Several frames: a huge page, a folio, or a run of like ones. */
  function bar(cell: FrameCell, rect: Rect): void {
    const { ref: key, slot, mark } = cell;
    const plain = lookOf(cell);
    // Words cannot be read on strokes: a sample of them stands before the words.
    const hatched = plain === 'hatched' && mark !== 'gone';
    const look = hatched ? 'soft' : cell.run && plain === 'double' ? 'solid' : plain;
    const litBy = [key, ...(cell.area > 0 ? [`area:${cell.area}` as const] : [])];
    const extent = { frames: { from: cell.pfn, to: cell.pfn + cell.frames } };
    boxes.push({ ...rect, key, keys: [key], litBy, extent, layer: 0, look, slot, mark, r: 2 });
    const sample = Math.min(rect.h - 8, rect.w / 4);
    const left = rect.x + 6 + (hatched ? sample + 4 : 0);
    if (hatched)
      boxes.push({
        key: `${key}-sample`,
        keys: [],
        layer: 1,
        look: 'hatched',
        slot,
        mark: 'same',
        r: 1,
        x: rect.x + 4,
        y: rect.y + 4,
        w: sample,
        h: rect.h - 8,
      });
    const hugeRun = cell.run && cell.kind === 'hugetlb';
    const what = hugeRun
      ? `${grouped(cell.frames / 512)} × 2M`
      : cell.run
        ? `${grouped(cell.frames)} frames`
        : sizeText(cell.frames * 4096);
    const named = cell.label === '' ? '' : ` · ${cell.label}`;
    const shared = cell.sharers.length > 1 ? ` · ${cell.sharers.length} processes` : '';
    const label = firstThatFits(
      [
        `${what} ${KIND[cell.kind]}${named}${shared}`,
        `${what}${named}${shared}`,
        `${what}${named}`,
        what,
        `×${grouped(cell.frames)}`,
      ],
      rect.x + rect.w - 4 - left,
      size,
    );
    if (rect.h < size * 1.2) return;
    const tone = mark === 'gone' ? 'muted' : look === 'outline' || look === 'soft' ? 'ink' : 'on';
    text(`${key}-letter`, label, left, rect.y + rect.h / 2 + size * 0.35, { tone, slot, box: key });
  }

  const below = y;
  y += px(4);
  const summary = `${grouped(picture.small)} small ${picture.small === 1 ? 'frame' : 'frames'}`;
  const huge = picture.huge > 0 ? `${grouped(picture.huge)} huge` : '';
  const more = picture.next === null ? '' : 'more follow';
  const say = [summary, huge, more].filter(Boolean);
  text('summary', firstThatFits([say.join(' · '), say.slice(0, 2).join(' · '), summary], w, size), MARGIN, y + size);
  y += size * 1.5;
  for (const [key, sample, says] of legend(picture.cells, side >= size * 1.3)) {
    const box = `legend:${key}`;
    const fits = firstThatFits([says], w - px(22), size);
    if (fits === '') continue;
    const rect = { x: MARGIN, y: y + 1, w: px(14), h: px(14) };
    boxes.push({ key: box, keys: [], layer: 0, look: sample, slot: 0, mark: 'same', r: 2, ...rect });
    text(`${box}-says`, fits, MARGIN + px(22), y + size);
    y += px(19);
  }
  const whose = picture.who === null ? 'Frames in use' : 'Frames of one process';
  const scene = {
    width,
    height: Math.max(height, Math.ceil(y + MARGIN)),
    title: whose,
    description: `${say.join(', ')}.`,
    boxes,
    texts,
    lines,
  };
  return { scene, below };
}

const LETTER: Readonly<Record<FrameCell['kind'], string>> = {
  anon: '',
  file: '',
  shmem: '',
  hugetlb: 'H',
  zero: '0',
  kernel: 'K',
};
const KIND: Readonly<Record<FrameCell['kind'], string>> = {
  anon: 'anonymous',
  file: 'of a file',
  shmem: 'shared memory',
  hugetlb: 'of the pool',
  zero: 'the zero page',
  kernel: 'of the kernel',
};

/** What the looks in use mean; only those that need saying. */
function legend(cells: readonly FrameCell[], figures: boolean): [string, Look, string][] {
  const all: [string, Look, string, boolean][] = [
    ['anon', 'solid', 'anonymous', cells.some((cell) => cell.kind === 'anon')],
    ['file', 'hatched', 'page cache', cells.some((cell) => cell.kind === 'file' || cell.kind === 'shmem')],
    [
      'other',
      'outline',
      '0 the zero page, K the kernel',
      cells.some((cell) => cell.kind === 'kernel' || cell.kind === 'zero'),
    ],
    ['shared', 'diamond', 'mapped by so many processes', figures && cells.some((cell) => cell.sharers.length > 1)],
  ];
  return all.filter(([, , , used]) => used).map(([key, look, says]) => [key, look, says]);
}
