/** The pool of huge pages: its four counters, was and now, and a cell for each page; a bar for each holder where many. */
import { ulongText } from '../../base/units';
import type { PoolCell, PoolPicture, Ref, WasNow } from '../../history/picture';
import { keepPlaces, type Places } from '../../base/places';
import type { Line, Look, Rect, Scene, Text } from '../scene';
import { stroke } from '../paths';
import { Sheet } from '../sheet';
import { cutEnd, firstThatFits, grouped, roundSize, textWidth } from '../text';
import type { Room } from '../scene-view';

const MARGIN = 5;
/** Side of a page's cell at least and at most, the gap between two, and up to how many pages that holds. */
const SIDES: readonly (readonly [number, number, number, number])[] = [
  [52, 64, 8, 24],
  [40, 52, 8, 64],
  [22, 34, 4, 200],
  [12, 16, 3, Infinity],
];

/** Up to this many pages are cells, however low the pane is. */
const FEW = 64;

const LOOK: Readonly<Record<PoolCell['state'], Look>> = { used: 'double', reserved: 'dashed', free: 'faint' };

/** Ref of a cell where it has one: only what exists can be pointed at. */
const refsOf = (cell: PoolCell): Ref[] => (cell.ref === null ? [] : [cell.ref]);

/** The cells to draw: as many as there are pages. What has gone fades where it was, under what took its place. */
function cellsOf({ cells, total }: PoolPicture): readonly PoolCell[] {
  return total.now < total.was ? cells : cells.filter((cell) => cell.mark !== 'gone');
}

export function layoutPool(picture: PoolPicture, { width, height, scale }: Room): Scene {
  const cells = cellsOf(picture);
  const pen = new Pen(width - 2 * MARGIN, scale);
  let y = pen.counters(picture);
  if (picture.total.now === 0 && cells.length === 0) y = pen.empty(y);
  else if (cells.some((cell) => cell.count > 1)) y = pen.bars(cells, y);
  else if (!pen.fits(cells.length, height - y)) y = pen.bars(joined(cells), y);
  else {
    const places = placesOf(cells, new Map(Object.entries(picture.places ?? {})));
    y = pen.cells(cells, places, y, height - y, picture.refused);
  }
  if (picture.refused !== undefined) y = pen.refusal(picture.refused, y);
  if (cells.length > 0) y = pen.line('summary', picture.summary, y);
  const { total, free, rsvd, surp } = picture;
  return pen.scene({
    width,
    height: Math.max(height, Math.ceil(y + MARGIN)),
    title: `Huge-page pool, pages of ${roundSize(picture.pageSize)}`,
    description: `Total ${total.now}, free ${free.now}, reserved ${ulongText(rsvd.now)}, surplus ${surp.now}${picture.summary === '' ? '' : `: ${picture.summary}`}.`,
  });
}

/** Like pages that follow one another as one. */
function joined(cells: readonly PoolCell[]): PoolCell[] {
  const runs: PoolCell[] = [];
  for (const cell of cells) {
    const last = runs.at(-1);
    const alike =
      last !== undefined &&
      last.state === cell.state &&
      last.mark === cell.mark &&
      last.area === cell.area &&
      last.file === cell.file &&
      last.surplus === cell.surplus &&
      last.who.join() === cell.who.join();
    if (alike)
      runs[runs.length - 1] = { ...last, label: last.label.replace(/\+.*$/, ''), count: last.count + cell.count };
    else runs.push(cell);
  }
  return runs;
}

const owned = (cells: readonly PoolCell[]): PoolCell[] => cells.filter((cell) => cell.state !== 'free');

/** Whoever has a page keeps its place; free pages fill what is left, for nobody can tell one of them from another. */
function placesOf(cells: readonly PoolCell[], before: Places): Places {
  const keys = owned(cells).map((cell) => cell.key);
  const free = cells.filter((cell) => cell.state === 'free').map((cell) => cell.key);
  return keepPlaces([...keys, ...free], before);
}

class Pen extends Sheet {
  private readonly x = MARGIN;

  constructor(
    private readonly w: number,
    scale: number,
  ) {
    super(scale);
  }

  counters(picture: PoolPicture): number {
    const all: [string, WasNow][] = [
      ['Total', picture.total],
      ['Free', picture.free],
      ['Rsvd', picture.rsvd],
      ['Surp', picture.surp],
    ];
    const fits = (says: string, face: Text['face']): boolean => textWidth(says, this.size, face) <= this.w / 4 - 4;
    const columns = all.every(([name, { now }]) => fits(name, 'sans') && fits(grouped(now), 'mono')) ? 4 : 2;
    const w = this.w / columns;
    const h = this.px(56);
    all.forEach(([name, value], i) => {
      const rect = { x: this.x + (i % columns) * w, y: MARGIN + Math.floor(i / columns) * h, w, h };
      this.counter(name, value, rect);
    });
    const rows = 4 / columns;
    this.lines.push({
      key: 'counters',
      keys: [],
      d: frame({ x: this.x, y: MARGIN, w: this.w, h: h * rows }),
      look: 'link',
      slot: 0,
      layer: 1,
    });
    for (let i = 1; i < columns; i++)
      this.lines.push(rule(`counters-${i}`, this.x + i * w, MARGIN, this.x + i * w, MARGIN + h * rows));
    if (rows > 1) this.lines.push(rule('counters-across', this.x, MARGIN + h, this.x + this.w, MARGIN + h));
    return MARGIN + h * rows + this.px(14);
  }

  private counter(name: string, { was, now }: WasNow, rect: Rect): void {
    const key = `counter:${name}`;
    const changed = was !== now;
    this.boxes.push({
      key,
      keys: [],
      layer: 0,
      look: changed ? 'bright' : 'blank',
      slot: 0,
      mark: 'same',
      r: 0,
      ...rect,
    });
    const middle = rect.x + rect.w / 2;
    const big = fitSize(grouped(now), rect.w - 4, 20 * this.scale);
    const nowWide = textWidth(grouped(now), big, 'mono');
    const wasWide = textWidth(grouped(was), this.size, 'mono');
    const together = nowWide + wasWide + this.px(4) <= rect.w - 4;
    const base = rect.y + this.px(27);
    const tone = changed ? 'lit' : 'ink';
    if (changed && together) {
      const left = middle - (nowWide + wasWide + this.px(4)) / 2;
      this.write(`${key}-was`, grouped(was), left, base, { face: 'mono', tone: 'was', box: key });
      this.write(`${key}-now`, grouped(now), left + wasWide + this.px(4), base, {
        face: 'mono',
        size: big,
        tone,
        box: key,
      });
    } else
      this.write(`${key}-now`, grouped(now), middle, base, {
        face: 'mono',
        size: big,
        anchor: 'middle',
        tone,
        box: key,
      });
    const label = firstThatFits([name], rect.w, this.size);
    this.write(`${key}-name`, label, middle, rect.y + this.px(45), {
      anchor: 'middle',
      tone: changed ? 'lit' : 'muted',
      box: key,
    });
  }

  /** How `n` cells stand in a height: in the largest size in which all do, or else in the smallest. */
  private grid(n: number, height: number): { columns: number; side: number; gap: number; h: number } {
    // A few pages have room for their names; of hundreds only what they are is wanted.
    for (let i = SIDES.findIndex(([, , , upTo]) => n <= upTo); ; i++) {
      const [small, most, gap] = SIDES[i]!;
      const columns = Math.max(1, Math.floor((this.w + gap) / (this.px(small) + gap)));
      const side = Math.min(this.px(most), (this.w - (columns - 1) * gap) / columns);
      const h = Math.ceil(n / columns) * (side + gap);
      if (h <= height || i === SIDES.length - 1) return { columns, side, gap, h };
    }
  }

  fits(n: number, height: number): boolean {
    return n <= FEW || this.grid(n, height).h <= height;
  }

  cells(
    cells: readonly PoolCell[],
    places: Places,
    y: number,
    height: number,
    refused?: PoolPicture['refused'],
  ): number {
    const { columns, side, gap } = this.grid(cells.length, height);
    for (const cell of cells) {
      const place = places.get(cell.key)!;
      const rect = {
        x: this.x + (place % columns) * (side + gap),
        y: y + Math.floor(place / columns) * (side + gap),
        w: side,
        h: side,
      };
      this.cell(cell, place, rect);
    }
    let last = cells.reduce((most, cell) => Math.max(most, places.get(cell.key)!), 0);
    const rows = Math.ceil((last + 2) / columns);
    if (refused !== undefined && side > this.size * 3 && rows * (side + gap) + 5 * this.size <= height) {
      // What was wanted and is not there, a row at most, where there is room for it.
      const missing = Math.min(refused.wanted - refused.has, columns - ((last + 1) % columns));
      for (let i = 0; i < missing; i++) this.missing(++last, { columns, side, gap, y });
    }
    return y + Math.ceil((last + 1) / columns) * (side + gap) + this.px(4);
  }

  /** A page that was asked for and is not there. */
  private missing(
    place: number,
    { columns, side, gap, y }: { columns: number; side: number; gap: number; y: number },
  ): void {
    const key = `missing:${place}`;
    const rect = { x: this.x + (place % columns) * (side + gap), y: y + Math.floor(place / columns) * (side + gap) };
    this.boxes.push({
      ...rect,
      w: side,
      h: side,
      key,
      keys: [],
      layer: 1,
      look: 'ghost',
      slot: 0,
      mark: 'same',
    });
    const says = firstThatFits(['none', '–'], side - 8, this.size);
    const base = rect.y + side / 2 + this.size * 0.35;
    this.write(`${key}-says`, says, rect.x + side / 2, base, { anchor: 'middle', tone: 'bad', box: key });
  }

  /** The two numbers that were compared. */
  refusal({ says }: NonNullable<PoolPicture['refused']>, y: number): number {
    const below = this.line('refused', says, y, { tone: 'bad', face: 'bold' });
    const box = { x: this.x, y, w: this.w, h: below - y };
    this.boxes.push({
      ...box,
      key: 'refused',
      alias: 'missing',
      keys: [],
      layer: 0,
      look: 'blank',
      slot: 0,
      mark: 'same',
    });
    return below;
  }

  /** A cell is a page of the pool, at its place for life: who has it, or was promised it, is how it looks. */
  private cell(cell: PoolCell, place: number, rect: Rect): void {
    const { slot, mark } = cell;
    const key = `cell:${place}`;
    const refs = refsOf(cell);
    this.boxes.push({
      key,
      alias: cell.key,
      keys: refs,
      litBy: [...refs, ...ownersOf(cell)],
      layer: 1,
      look: LOOK[cell.state],
      slot,
      mark,
      ...rect,
      ...(cell.pfn >= 0
        ? {
            extent: {
              frames: {
                from: cell.pfn,
                to: cell.pfn + 512,
              },
            },
          }
        : {}),
    });
    const tone = mark === 'gone' || cell.state === 'free' ? 'muted' : cell.state === 'used' ? 'on' : 'tinted';
    if (rect.h < this.size * 1.3) return;
    const room = rect.w - 8;
    const label =
      cell.state === 'free'
        ? ['free', 'f']
        : cell.state === 'used'
          ? usedLabels(cell)
          : [`for ${cell.label}`, cell.label];
    const says = firstThatFits(label, room, this.size, 'mono') || cutEnd(label.at(-1)!, room, this.size, 'mono');
    const shares = cell.surplus || cell.who.length > 1;
    const base = rect.y + rect.h / 2 + this.size * 0.35 - (shares && rect.h > 3 * this.size ? this.size * 0.55 : 0);
    const options = { anchor: 'middle', tone, slot, box: key } as const;
    this.write(`${key}-label`, says, rect.x + rect.w / 2, base, { ...options, face: 'mono' });
    if (!shares || rect.h <= 3 * this.size) return;
    const beside = [cell.surplus ? 'surplus' : '', cell.who.length > 1 ? `×${cell.who.length}` : '']
      .filter(Boolean)
      .join(' ');
    const second = firstThatFits([beside, cell.surplus ? 'S' : ''], room, this.size);
    this.write(`${key}-more`, second, rect.x + rect.w / 2, base + this.size * 1.2, options);
  }

  /** Runs of like pages: one bar each, long as their number, at least as long as can be seen. */
  bars(cells: readonly PoolCell[], y: number): number {
    const total = cells.reduce((sum, cell) => sum + cell.count, 0);
    const h = this.px(24);
    for (const cell of cells) {
      const w = Math.max(3, (this.w * cell.count) / total);
      const key = cell.key;
      const rect = { x: this.x, y, w, h };
      const refs = refsOf(cell);
      this.boxes.push({
        key,
        keys: refs,
        litBy: [...refs, ...ownersOf(cell)],
        layer: 1,
        slot: cell.slot,
        mark: cell.mark,
        ...rect,
        look: cell.state === 'used' ? 'solid' : LOOK[cell.state],
        ...(cell.pfn >= 0
          ? {
              extent: {
                frames: {
                  from: cell.pfn,
                  to: cell.pfn + 512 * cell.count,
                },
              },
            }
          : {}),
      });
      const state = { used: 'in use by', reserved: 'promised to', free: 'free' }[cell.state];
      const surplus = cell.surplus ? ', surplus' : '';
      const who = cell.label === '' ? '' : ` ${cell.label}`;
      const number = grouped(cell.count);
      const label = [
        `${number} ${state}${who}${surplus}`,
        `${number} ${cell.state}${who}`,
        `${number} ${cell.state}`,
        number,
      ];
      const inside = firstThatFits(label.slice(0, 3), w - 12, this.size);
      const tone = cell.mark === 'gone' || cell.state === 'free' ? 'muted' : cell.state === 'used' ? 'on' : 'tinted';
      const base = y + h / 2 + this.size * 0.35;
      if (inside !== '') this.write(`${key}-label`, inside, this.x + 6, base, { tone, slot: cell.slot, box: key });
      else {
        const beside = firstThatFits(label, this.w - w - 8, this.size);
        this.write(`${key}-label`, beside, this.x + w + 6, base, { tone: 'ink' });
      }
      y += h + 4;
    }
    return y + this.px(4);
  }

  empty(y: number): number {
    y = this.line('empty', 'No huge pages are set aside.', y);
    return this.line('empty-do', 'Put pool(8) into the scenario.', y);
  }

  /** A line of text below what is there, broken where it must. */
  line(key: string, text: string, y: number, given: Partial<Text> = { tone: 'muted' }): number {
    let line = '';
    let n = 0;
    const flush = (): void => {
      const fits = cutEnd(line, this.w, this.size, given.face);
      this.write(`${key}-${n++}`, fits, this.x, y + this.size, given);
      y += this.size * 1.45;
    };
    for (const word of text.split(' ')) {
      const longer = line === '' ? word : `${line} ${word}`;
      if (line !== '' && textWidth(longer, this.size, given.face) > this.w) {
        flush();
        line = word;
      } else line = longer;
    }
    flush();
    return y;
  }
}

const ownersOf = (cell: PoolCell): Ref[] => [
  ...(cell.area > 0 ? [`area:${cell.area}` as const] : []),
  ...(cell.file > 0 ? [`file:${cell.file}` as const] : []),
];

function usedLabels(cell: PoolCell): string[] {
  const plus = cell.label.lastIndexOf('+');
  return plus > 0 ? [cell.label, cell.label.slice(plus)] : [cell.label];
}

/** The size, from `largest` down to 12, at which a figure fits. */
function fitSize(text: string, room: number, largest: number): number {
  const wide = textWidth(text, largest, 'mono');
  return wide <= room ? largest : Math.max(12, Math.floor((largest * room) / wide));
}

const rule = (key: string, x0: number, y0: number, x1: number, y1: number): Line => ({
  key,
  keys: [],
  look: 'rule',
  slot: 0,
  layer: 1,
  d: stroke(x0, y0, x1, y1),
});

const frame = ({ x, y, w, h }: Rect): string => `M${x},${y}H${x + w}V${y + h}H${x}Z`;
