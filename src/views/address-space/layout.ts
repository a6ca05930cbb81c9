/**
 * The address space: areas from the highest address down, heights and gaps on a log scale, what is present or promised
 * inside them. Areas of the scenario's own with few pages show each page as a row; others show a strip, low addresses left.
 */
import { hex, sizeText } from '../../base/units';
import type { AddressRow, AreaRow, AreaSegment, AreasPicture, FoldRow, Mark } from '../../history/picture';
import type { Look, Rect, Scene } from '../scene';
import { stroke } from '../paths';
import { Sheet } from '../sheet';
import { cutEnd, cutMiddle, firstThatFits, grouped, offsetText, roundSize, textWidth } from '../text';

export interface AddressLayout {
  readonly width: number;
  readonly height: number;
  readonly scale: number;
}

/** Where the rows were: what is new grows from there. */
export type Rows = ReadonlyMap<string, { readonly start: number; readonly end: number; readonly rect: Rect }>;

/** What a layout leaves to the next one in the same room. */
export interface AddressMemory {
  readonly rows: Rows;
  readonly room: AddressLayout;
  /** Place in `DENSITIES`. */
  readonly density: number;
}

/** How much room an area takes; all in pixels at a scale of 1. */
interface Density {
  /** Name and address on lines of their own. */
  readonly twoLines: boolean;
  readonly head: number;
  /** Height of the strip that shows what is present, and of what is below it. */
  readonly strip: number;
  readonly below: number;
  /** Most that an area grows with its size. */
  readonly growth: number;
  readonly gap: number;
  readonly gapGrowth: number;
  /** Areas with more pages than this show a strip instead of a row for each page; and areas of huge pages. */
  readonly pageRows: number;
  readonly hugeRows: number;
  readonly pageRow: number;
}

const DENSITIES: readonly Density[] = [
  {
    twoLines: true,
    head: 41,
    strip: 8,
    below: 7,
    growth: 24,
    gap: 17,
    gapGrowth: 0.9,
    pageRows: 8,
    hugeRows: 8,
    pageRow: 25,
  },
  {
    twoLines: true,
    head: 36,
    strip: 4,
    below: 3,
    growth: 8,
    gap: 15,
    gapGrowth: 0.5,
    pageRows: 4,
    hugeRows: 8,
    pageRow: 21,
  },
  {
    twoLines: false,
    head: 20,
    strip: 3,
    below: 2,
    growth: 0,
    gap: 16,
    gapGrowth: 0.2,
    pageRows: 0,
    hugeRows: 0,
    pageRow: 0,
  },
];
/** More rows than this are set in one line each. */
const MOST_TWO_LINED = 60;
const MARGIN = 5;

const log2 = (bytes: number, unit: number): number => Math.max(0, Math.log2(bytes / unit));

/** Key of a row: an area's ref; a gap's by the address that it starts at, for what is mapped takes its upper end. */
export function rowKey(row: AddressRow): string {
  return row.row === 'area' ? row.ref : row.row === 'gap' ? `gap:${row.start}` : `fold:${row.first}`;
}

export function layoutAddressSpace(
  picture: AreasPicture,
  room: AddressLayout,
  before: AddressMemory | null = null,
): { scene: Scene; memory: AddressMemory } {
  const { width, height, scale } = room;
  const known =
    before !== null && before.room.width === width && before.room.height === height && before.room.scale === scale;
  // A picture may become denser from step to step, when it must; never roomier, or everything would move for little.
  let density = known ? before.density : 0;
  let pen: Pen;
  let y: number;
  for (; ; density++) {
    pen = new Pen(picture, width, scale, DENSITIES[density]!, before?.rows ?? new Map());
    y = pen.draw();
    if (density === DENSITIES.length - 1) break;
    const most = density > 0 ? 2.5 : known ? 1 : 0.8;
    if (y <= most * height && picture.rows.length <= MOST_TWO_LINED) break;
  }
  const says =
    `${count(picture.areas, 'area')}, ${roundSize(picture.bytes)} mapped, ` +
    `${roundSize(picture.presentBytes)} present`;
  const scene = pen.scene({
    width,
    height: Math.max(height, Math.ceil(y + MARGIN)),
    title: `Address space of ${picture.name}`,
    description: `${says}, highest address first.`,
  });
  return { scene, memory: { rows: pen.rows, room: { width, height, scale }, density } };
}

const count = (n: number, what: string): string => `${grouped(n)} ${what}${n === 1 ? '' : 's'}`;

class Pen extends Sheet {
  readonly rows = new Map<string, { start: number; end: number; rect: Rect }>();
  private readonly x = MARGIN;
  private readonly w: number;
  private readonly name: number;
  private readonly pad: number;

  constructor(
    private readonly picture: AreasPicture,
    width: number,
    scale: number,
    private readonly density: Density,
    private readonly before: Rows,
  ) {
    super(scale);
    this.w = width - 2 * MARGIN;
    this.name = 13 * scale;
    this.pad = Math.min(10 * scale, this.w * 0.05 + 2);
  }

  /** Draws all rows and returns where they end. */
  draw(): number {
    let y = MARGIN;
    for (const row of this.picture.rows) {
      if (row.row === 'area') y = this.area(row, y);
      else if (row.row === 'gap') y = this.gap(row.start, row.end, y);
      else y = this.fold(row, y);
    }
    if (this.picture.rows.length === 0) this.empty();
    return y;
  }

  private gap(start: number, end: number, y: number): number {
    const { gap, gapGrowth } = this.density;
    const h = this.px(gap + log2(end - start, 4096) * gapGrowth);
    const key = `gap:${start}`;
    const unmapped = this.wasMapped(start, end);
    if (unmapped !== null) {
      const rect = { x: this.x, y, w: this.w, h };
      this.boxes.push({
        ...rect,
        key: `${key}-gone`,
        keys: [],
        layer: 0,
        look: 'outline',
        slot: unmapped.slot,
        mark: 'gone',
      });
    }
    const x = this.x + this.px(12) + 0.5;
    this.lines.push({ key, keys: [], d: stroke(x, y + 3, x, y + h - 3), look: 'gap', slot: 0, layer: 0 });
    const ghost = this.ghostIn(start, end);
    if (ghost !== null) {
      this.ghost(ghost, key, { x: this.x, y, w: this.w, h });
      this.rows.set(key, { start, end, rect: { x: this.x, y, w: this.w, h } });
      return y + h;
    }
    const size = roundSize(end - start);
    const told = unmapped === null ? [size] : [`${size}, was ${unmapped.name}`, size];
    const text = firstThatFits(told, this.w - this.px(28), this.size);
    this.write(`${key}-size`, text, x + this.px(10), y + h / 2 + this.size * 0.35, { tone: 'muted' });
    this.rows.set(key, { start, end, rect: { x: this.x, y, w: this.w, h } });
    return y + h;
  }

  private ghostIn(start: number, end: number): NonNullable<AreasPicture['ghost']> | null {
    const { ghost } = this.picture;
    if (ghost === undefined || ghost.start < start || end < ghost.end) return null;
    return ghost;
  }

  /** What was asked for and not made, in the gap that it would have stood in: nothing makes room for it. */
  private ghost(ghost: NonNullable<AreasPicture['ghost']>, key: string, gap: Rect): void {
    const box = `${key}-ghost`;
    const left = this.px(24);
    const rect = { x: gap.x + left, y: gap.y + 1.5, w: gap.w - left, h: gap.h - 3 };
    const range = { who: this.picture.who, start: ghost.start, end: ghost.end };
    this.boxes.push({ ...rect, key: box, keys: [], layer: 0, look: 'ghost', slot: 0, mark: 'same', extent: { range } });
    const size = sizeText(ghost.end - ghost.start);
    const says = firstThatFits(
      [`${ghost.name} ${size} not made`.trim(), `${size} not made`, 'not made'],
      rect.w - 8,
      this.size,
      'bold',
    );
    const base = rect.y + rect.h / 2 + this.size * 0.35;
    this.write(`${box}-says`, says, rect.x + rect.w / 2, base, { face: 'bold', tone: 'bad', anchor: 'middle', box });
  }

  /** The area that reached over this gap before the step shown. */
  private wasMapped(start: number, end: number): AreaRow | null {
    for (const row of this.picture.rows)
      if (row.row === 'area' && row.was !== undefined && row.was.start <= start && end <= row.was.end) return row;
    return null;
  }

  /** What nothing in the scenario touches: one quiet line, which a click opens. */
  private untouched(row: FoldRow, y: number): number {
    const h = this.px(24);
    const key = rowKey(row);
    const rect = { x: this.x, y, w: this.w, h };
    this.boxes.push({
      key,
      keys: [`area:${row.first}`],
      litBy: [],
      layer: 0,
      look: 'outline',
      slot: 0,
      mark: row.changed > 0 ? 'changed' : 'same',
      ...rect,
      open: false,
      button: true,
    });
    const left = rect.x + this.pad;
    const base = y + h / 2 + this.size * 0.36;
    const inner = rect.w - 2 * this.pad - this.px(12);
    const what = `${count(row.areas, 'area')} of the program`;
    const said = firstThatFits([what, count(row.areas, 'area')], inner, this.size);
    this.write(`${key}-what`, said, left, base, { box: key });
    const room = inner - textWidth(said, this.size, 'sans') - this.size;
    const [highest, lowest] = row.names;
    const named = [`${highest} … ${lowest}`, roundSize(row.bytes)];
    this.write(`${key}-names`, firstThatFits(named, room, this.size), rect.x + rect.w - this.pad - this.px(12), base, {
      anchor: 'end',
      tone: 'muted',
      box: key,
    });
    this.write(`${key}-open`, '▾', rect.x + rect.w - this.pad, base, { anchor: 'end', tone: 'muted', box: key });
    this.rows.set(key, { start: row.start, end: row.end, rect });
    return y + h;
  }

  private fold(row: FoldRow, y: number): number {
    if (row.untouched) return this.untouched(row, y);
    const h = this.px(this.density.twoLines ? 40 : 24);
    const key = rowKey(row);
    const rect = { x: this.x, y: y + 3, w: this.w - 5, h };
    const mark: Mark = row.changed > 0 ? 'changed' : 'same';
    const range = { who: this.picture.who, start: row.start, end: row.end };
    this.boxes.push({
      key,
      keys: [`area:${row.first}`],
      litBy: [],
      extent: { range },
      layer: 0,
      look: 'stack',
      slot: 0,
      mark,
      ...rect,
      open: false,
      button: true,
    });
    const inner = rect.w - 2 * this.pad;
    const changed = row.changed > 0 ? ` · ${grouped(row.changed)} changed` : '';
    const what = `${count(row.areas, 'area')} · ${roundSize(row.bytes)}`;
    const first = firstThatFits([`${what}${changed}`, what, count(row.areas, 'area')], inner, this.name, 'bold');
    const left = rect.x + this.pad;
    this.write(`${key}-what`, first, left, rect.y + this.px(17), { face: 'bold', size: this.name, box: key });
    if (this.density.twoLines) {
      const where = firstThatFits([`${hex(row.start)}–${hex(row.end)}`, hex(row.start)], inner, this.size, 'mono');
      this.write(`${key}-where`, where, left, rect.y + this.px(33), { face: 'mono', tone: 'muted', box: key });
    }
    this.rows.set(key, { start: row.start, end: row.end, rect });
    return y + h + 8;
  }

  private area(row: AreaRow, y: number): number {
    const { ref: key, slot, mark } = row;
    const { head, strip, below, growth, pageRows, hugeRows, pageRow } = this.density;
    const gone = mark === 'gone';
    const byPage = slot !== 0 && !gone && row.pages <= (row.pageSize > 4096 ? hugeRows : pageRows);
    const size = row.end - row.start;
    const body = gone ? 0 : byPage ? row.pages * this.px(pageRow) + this.px(5) : this.px(strip) + this.px(below);
    const h = this.px(head) + body + (byPage ? 0 : this.px(Math.min(growth, log2(size, 65536))));
    const rect = { x: this.x, y, w: this.w, h };
    const look: Look = slot === 0 ? 'outline' : 'soft';
    this.boxes.push({ key, keys: [key], layer: 0, look, slot, mark, ...rect, cause: this.causeOf(row, rect) });
    this.head(row, rect);
    const inner = { x: rect.x + this.pad, w: rect.w - 2 * this.pad };
    if (byPage) this.pages(row, { ...inner, y: y + this.px(head), h: body });
    else if (!gone) this.strip(row, { ...inner, y: y + h - this.px(strip) - this.px(below), h: this.px(strip) });
    this.rows.set(key, { start: row.start, end: row.end, rect });
    return y + h;
  }

  private head(row: AreaRow, rect: Rect): void {
    const { ref: key, slot, was } = row;
    const gone = row.mark === 'gone';
    const left = rect.x + this.pad;
    const right = rect.x + rect.w - this.pad;
    const inner = right - left;
    const space = this.size * 0.6;
    const soft = slot !== 0 && !gone;
    const { twoLines, head } = this.density;
    const base = rect.y + this.px(head > 36 ? 17 : 15);
    const mono = { face: 'mono', box: key } as const;
    const perms = textWidth(row.perms, this.size, 'mono');
    this.write(`${key}-perms`, row.perms, right, base, { ...mono, anchor: 'end', tone: gone ? 'muted' : 'ink' });
    let room = inner - perms - space;
    if (was !== undefined && was.perms !== row.perms && room > perms + 6 * space) {
      this.write(`${key}-perms-was`, was.perms, right - perms - space, base, { ...mono, anchor: 'end', tone: 'was' });
      room -= perms + space;
    }
    const origin = row.base ?? row.start;
    const called = slot !== 0 && origin < row.start ? offsetText(row.name, row.start, origin) : row.name;
    const title = cutEnd(called, room, this.name, soft ? 'bold' : 'sans');
    this.write(`${key}-name`, title, left, base, {
      face: soft ? 'bold' : 'sans',
      size: this.name,
      tone: gone ? 'was' : 'ink',
      box: key,
    });
    const size = sizeText(row.end - row.start);
    if (!twoLines) {
      const used = textWidth(title, this.name, soft ? 'bold' : 'sans') + 2 * space;
      const short = firstThatFits([`${hex(row.start)} ${size}`, size], room - used, this.size, 'mono');
      this.write(`${key}-where`, short, left + used, base, { ...mono, tone: 'muted', slot: 0 });
      return;
    }
    const below = base + this.px(16);
    const there = gone || row.pages === 0 ? '' : `${grouped(row.present)}/${grouped(row.pages)}`;
    const thereWide = there === '' ? 0 : textWidth(there, this.size, 'mono') + space;
    const flags = row.flags.filter((flag) => SHOWN_FLAGS.has(flag));
    const tail = flags.length > 0 ? ` · ${flags.join(' ')}` : '';
    const wasSize = was === undefined ? '' : sizeText(was.end - was.start);
    const resized = wasSize !== '' && wasSize !== size ? `${wasSize} → ${size}` : size;
    const texts = [`${hex(row.start)} ${resized}${tail}`, `${hex(row.start)} ${resized}`, `${hex(row.start)} ${size}`];
    const beside = firstThatFits(texts, inner - thereWide, this.size, 'mono');
    const where = beside || firstThatFits([...texts, hex(row.start)], inner, this.size, 'mono');
    this.write(`${key}-where`, where || cutMiddle(hex(row.start), inner, this.size, 'mono'), left, below, {
      ...mono,
      tone: soft ? 'ink' : 'muted',
    });
    if (beside !== '' && there !== '')
      this.write(`${key}-there`, there, right, below, {
        ...mono,
        anchor: 'end',
        tone: soft ? 'tinted' : 'muted',
        slot,
      });
  }

  /** One row for each page, the highest on top, as the areas themselves. */
  private pages(row: AreaRow, at: Rect): void {
    const pitch = this.px(this.density.pageRow);
    const h = pitch - this.px(3);
    for (let i = row.pages - 1; i >= 0; i--) {
      const start = row.start + i * row.pageSize;
      const segment = segmentAt(row.segments, start);
      const state = segment?.state ?? 'absent';
      // A page is known by its address: it stays the same mark when its area is cut or grows.
      const key = `page:${this.picture.who}:${start}`;
      const y = at.y + (row.pages - 1 - i) * pitch;
      const rect = { x: at.x, y, w: at.w, h };
      const solid = state === 'present';
      const mark = segment?.mark ?? 'same';
      this.boxes.push({
        key,
        keys: [row.ref],
        litBy: [],
        layer: 1,
        look: LOOK[state],
        slot: row.slot,
        mark,
        extent: {
          range: {
            who: this.picture.who,
            start,
            end: start + row.pageSize,
          },
        },
        ...rect,
        cause: {
          ...rect,
          w: 2,
        },
      });
      const tone = mark === 'gone' || state === 'absent' ? 'muted' : solid ? 'on' : 'tinted';
      const base = y + h / 2 + this.size * 0.35;
      const inner = rect.w - this.px(14);
      const label = firstThatFits(
        [offsetText(row.name, start, row.base ?? row.start), sizeText(start - (row.base ?? row.start))],
        inner,
        this.size,
        'mono',
      );
      const left = at.x + this.px(7);
      const options = { tone, slot: row.slot, box: key } as const;
      this.write(`${key}-name`, label, left, base, { ...options, face: 'mono' });
      const room = inner - textWidth(label, this.size, 'mono') - this.size;
      const says = firstThatFits(mark === 'gone' ? ['gone'] : SAYS[state], room, this.size);
      this.write(`${key}-state`, says, left + inner, base, { ...options, anchor: 'end' });
    }
  }

  private strip(row: AreaRow, at: Rect): void {
    const { segments, slot } = row;
    if (segments.length === 0) return;
    const least = Math.min(3, (at.w * 0.6) / segments.length);
    const free = at.w - least * segments.length;
    let x = at.x;
    for (const segment of segments) {
      const w = least + (free * (segment.end - segment.start)) / (row.end - row.start);
      const key = `segment:${this.picture.who}:${segment.start}`;
      const huge = segment.pageSize > row.pageSize && segment.state === 'present';
      this.boxes.push({
        key,
        keys: [row.ref],
        litBy: [],
        layer: 1,
        slot,
        mark: segment.mark,
        r: Math.min(2, at.h / 2),
        look: huge ? 'double' : LOOK[segment.state],
        extent: {
          range: {
            who: this.picture.who,
            start: segment.start,
            end: segment.end,
          },
        },
        x,
        y: at.y,
        w,
        h: at.h,
        ...(segment.state === 'mixed' ? { fill: segment.present / Math.max(1, segment.pages) } : {}),
        cause: {
          x,
          y: at.y,
          w: 1,
          h: at.h,
        },
      });
      x += w;
    }
  }

  /** What it comes from: the area that it was split off, or the gap that it was put into. */
  private causeOf(row: AreaRow, rect: Rect): Rect {
    for (const one of this.before.values())
      if (one.start <= row.start && row.end <= one.end)
        return { x: one.rect.x, y: one.rect.y + one.rect.h / 2, w: one.rect.w, h: Math.max(1, one.rect.h / 4) };
    return { ...rect, h: 1 };
  }

  private empty(): void {
    const text = firstThatFits(['Nothing is mapped here.', 'Nothing mapped.'], this.w, this.name);
    this.write('empty', text, this.x, MARGIN + this.px(20), { size: this.name, tone: 'muted' });
  }
}

/** Flags of smaps that tell a reader something that the permissions do not. */
const SHOWN_FLAGS = new Set(['ht', 'lo', 'gd', 'hg', 'nh']);

const LOOK: Readonly<Record<AreaSegment['state'], Look>> = {
  present: 'solid',
  absent: 'faint',
  reserved: 'dashed',
  mixed: 'outline',
};

const SAYS: Readonly<Record<AreaSegment['state'], readonly string[]>> = {
  present: ['present', 'in'],
  absent: ['not present', 'absent'],
  reserved: ['reserved', 'rsvd'],
  mixed: ['partly present', 'partly'],
};

const segmentAt = (segments: readonly AreaSegment[], address: number): AreaSegment | undefined =>
  segments.find((one) => one.start <= address && address < one.end);
