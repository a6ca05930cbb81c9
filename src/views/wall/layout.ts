/**
 * Two processes at once: areas and leaf tables of one at the left, of the other at the right, the frames between them. A row
 * is an address, the highest on top: what both map there stands at one height, and a copy stands beside what it was taken of.
 */
import { sizeText } from '../../base/units';
import type { WallEntry, WallFrame, WallPicture, WallSide, WallTable } from '../../history/picture';
import { LEVEL_NAME } from '../page-tables/bits';
import { across, stroke, zigzag } from '../paths';
import type { Room } from '../scene-view';
import type { Rect, Scene } from '../scene';
import { cutEnd, firstThatFits, grouped } from '../text';
import { Foot } from './foot';
import { MarkSheet } from './marks';
import { rowsOf, type Group, type Row } from './rows';
import { columnsIn, MARGIN, SIDES, type Columns, type SideName } from './sides';

/** @param open refs of the leaf tables whose upper levels are shown */
export function layoutWall(picture: WallPicture, room: Room, open: ReadonlySet<string> = new Set()): Scene {
  const groups = rowsOf(picture);
  const rows = groups.reduce((n, group) => n + group.rows.length, 0);
  const wanted = new Pen(picture, room, open, 52).draw(groups);
  const spare = rows === 0 ? 0 : (room.height - wanted.y) / rows;
  const pen = spare >= 0 ? wanted : new Pen(picture, room, open, 52 + spare / room.scale).draw(groups);
  const { left, right, frames } = picture;
  const shared = frames.filter(({ sharers }) => sharers.includes(left.who) && sharers.includes(right.who)).length;
  return pen.scene({
    width: room.width,
    height: Math.max(room.height, Math.ceil(pen.y + MARGIN)),
    title: `${left.name} and ${right.name}`,
    description: `${grouped(frames.length)} frames or runs of frames that ${left.name} or ${right.name} maps, ${grouped(shared)} of them both.`,
  });
}

class Pen extends MarkSheet {
  y = MARGIN;
  private readonly columns: Columns;
  private readonly rowHeight: number;
  private readonly framesAt = new Map<number, Rect>();
  private readonly frames: ReadonlyMap<number, WallFrame>;
  private readonly sources: ReadonlyMap<number, number>;

  /** @param pitch height of a row at most, at a scale of 1 */
  constructor(
    picture: WallPicture,
    private readonly room: Room,
    private readonly open: ReadonlySet<string>,
    pitch: number,
  ) {
    super(picture, room.scale);
    this.rowHeight = Math.round(Math.max(this.size * 1.9, Math.min(this.px(52), pitch * room.scale)));
    this.columns = columnsIn(room.width, room.scale);
    this.frames = new Map(picture.frames.map((frame) => [frame.pfn, frame]));
    this.sources = new Map(picture.copies.map(({ from, to }) => [to, from]));
  }

  draw(groups: readonly Group[]): this {
    this.names();
    if (groups.length === 0) this.nothing();
    for (const group of groups) this.group(group);
    const outer = { left: this.outer('left'), right: this.outer('right') };
    const below = new Foot(this.picture, this.room, outer, this.y);
    this.boxes.push(...below.boxes);
    this.texts.push(...below.texts);
    this.lines.push(...below.lines);
    this.y = below.y;
    return this;
  }

  private side(name: SideName): WallSide {
    return this.picture[name];
  }

  /** Whose side is which, as on the sides of a stage. */
  private names(): void {
    const base = this.y + this.px(14);
    const third = (this.room.width - 2 * MARGIN) / 3 - 8;
    const size = 14 * this.room.scale;
    const bold = { face: 'bold', size } as const;
    const { left, right } = this.picture;
    this.write('left:name', cutEnd(left.name, third, size, 'bold'), MARGIN, base, bold);
    const end = { ...bold, anchor: 'end' } as const;
    this.write('right:name', cutEnd(right.name, third, size, 'bold'), this.room.width - MARGIN, base, end);
    const middle = firstThatFits(['physical memory', 'frames'], third, this.size);
    this.write('middle:name', middle, this.room.width / 2, base, { anchor: 'middle', tone: 'muted' });
    this.y += this.px(30);
  }

  private nothing(): void {
    const says = firstThatFits(
      ['Neither of them has a page of the scenario yet: write to one before the fork.', 'No page of the scenario yet.'],
      this.room.width - 2 * MARGIN,
      this.size,
    );
    this.write('nothing', says, this.room.width / 2, this.y + this.px(40), { anchor: 'middle', tone: 'muted' });
    this.y += this.px(80);
  }

  // ---- a table of each side, and what they map ----------------------------------------------

  private group(group: Group): void {
    const top = this.y;
    const one = group.left !== null && group.left.id === group.right?.id;
    const heads = SIDES.map((name) => this.head(name, group, top, one));
    const head = Math.max(...heads);
    this.y = top + head;
    const body = this.y;
    let foot = body;
    for (const row of group.rows) foot = this.row(row, one);
    const h = foot - body;
    if (one) this.sharedBox(group.left!, top, head, h);
    else
      for (const name of SIDES) {
        const table = group[name];
        if (table !== null) this.tableBox(name, table, { y: body, h });
      }
    // Of a table in the middle the area stands beside the entry that points to it.
    if (one) this.areas(group, body - this.px(22), this.px(50));
    else this.areas(group, body, h);
    this.y += this.px(20);
  }

  /** The line above a table: its level, and on demand the tables above it. Returns its height. */
  private head(name: SideName, group: Group, y: number, one: boolean): number {
    const table = group[name];
    if (table === null) return 0;
    const [x, w] = this.columns.table[name];
    const key = `${name}:table:${table.id}`;
    const label = this.px(18);
    const isOpen = this.open.has(table.ref);
    let used = 0;
    if (table.above.length > 0) {
      const words = isOpen
        ? ['levels above ▴', 'above ▴']
        : [`${table.above.length} tables above ▾`, `${table.above.length} above ▾`];
      const rect = { x, y, w, h: this.px(20) };
      this.boxes.push({
        ...rect,
        key: `${key}:above`,
        keys: [table.ref],
        litBy: [],
        layer: 1,
        look: 'blank',
        slot: 0,
        mark: 'same',
        open: isOpen,
        button: true,
      });
      this.write(`${key}:above-says`, firstThatFits(words, w - 4, this.size), x + w / 2, y + this.px(14), {
        anchor: 'middle',
        tone: 'muted',
        box: `${key}:above`,
      });
      used += this.px(24);
    }
    if (isOpen)
      for (const [i, upper] of table.above.entries()) {
        const rect = { x, y: y + used, w, h: this.px(24) };
        const box = `${key}:level:${upper.level}`;
        this.boxes.push({ ...rect, key: box, keys: [upper.ref], layer: 1, look: 'table', slot: 0, mark: 'same' });
        const says = [`${LEVEL_NAME[upper.level]} [${upper.index}]`, LEVEL_NAME[upper.level]];
        this.write(`${box}-says`, firstThatFits(says, w - 8, this.size, 'mono'), x + w / 2, rect.y + this.px(16), {
          face: 'mono',
          anchor: 'middle',
          box,
        });
        const foot = rect.y + rect.h;
        const last = i === table.above.length - 1;
        if (!(one && last))
          this.lines.push({
            key: `${box}:down`,
            keys: [upper.ref],
            d: stroke(x + w / 2, foot, x + w / 2, foot + (last ? this.px(6) + label : this.px(8))),
            look: 'link',
            slot: 0,
            layer: 0,
          });
        used += this.px(last ? 30 : 32);
      }
    if (one) return used + label + this.px(12);
    const what = LEVEL_NAME[table.level];
    const sharers = table.shared > 1 ? ` · shared by ${table.shared}` : '';
    const says = firstThatFits([`${what}${sharers}`, what], w, this.size, 'bold');
    if (!isOpen) this.write(`${key}-name`, says, x, y + used + this.px(13), { face: 'bold' });
    return used + label;
  }

  private tableBox(name: SideName, table: WallTable, at: Pick<Rect, 'y' | 'h'>): void {
    const [x, w] = this.columns.table[name];
    this.boxes.push({
      x: x - 5,
      w: w + 10,
      y: at.y,
      h: at.h,
      key: `${name}:table:${table.id}`,
      keys: [table.ref],
      layer: 0,
      look: 'table',
      slot: 0,
      mark: 'same',
      r: 4,
    });
  }

  /** One table for both: in the middle, with the frames in it at the right, and a wire to each side. */
  private sharedBox(table: WallTable, top: number, head: number, h: number): void {
    const [x, w] = this.columns.middle;
    const key = `both:table:${table.id}`;
    const label = this.px(22);
    const rect = { x, y: top + head - label, w, h: h + label };
    this.boxes.push({ ...rect, key, keys: [table.ref], layer: 0, look: 'table', slot: 0, mark: 'same', r: 4 });
    const level = LEVEL_NAME[table.level];
    const words = [`one ${level} table, shared by ${table.shared} processes`, `one ${level} table for both`, level];
    this.write(`${key}-name`, firstThatFits(words, w - 16, this.size, 'bold'), x + w / 2, rect.y + this.px(15), {
      face: 'bold',
      anchor: 'middle',
      box: key,
    });
    for (const name of SIDES) {
      const [left, wide] = this.columns.table[name];
      const from = name === 'left' ? left + wide : left;
      const to = name === 'left' ? x : x + w;
      const upper = table.above.at(-1);
      const box = `${name}:entry-of:${table.id}`;
      const y = rect.y + label / 2;
      if (upper !== undefined) {
        const own = { x: left, y: y - this.px(12), w: wide, h: this.px(24) };
        this.boxes.push({ ...own, key: box, keys: [upper.ref], layer: 1, look: 'outline', slot: 0, mark: 'same' });
        const says = [`${LEVEL_NAME[upper.level]} entry ${upper.index}`, `${LEVEL_NAME[upper.level]} ${upper.index}`];
        this.write(`${box}-says`, firstThatFits(says, wide - 8, this.size), left + wide / 2, y + this.size * 0.35, {
          anchor: 'middle',
          box,
        });
      }
      this.lines.push({
        key: `wire:${box}`,
        keys: [table.ref],
        d: across(from, y, to, y),
        look: 'way',
        slot: 0,
        layer: 1,
      });
    }
  }

  // ---- one address --------------------------------------------------------------------------

  /** Draws the row and returns where it ends; what is said of a copy stands below that. */
  private row(row: Row, one: boolean): number {
    const { y } = this;
    const h = this.rowHeight;
    const gap = this.px(4);
    const boxes = SIDES.map((name) => {
      const entry = row[name];
      if (entry === null || (one && name === 'right')) return null;
      const [x, w] = one ? this.inShared() : this.columns.table[name];
      const rect = { x, y: y + gap, w, h: h - 2 * gap };
      this.entry(name, entry, rect);
      return { entry, rect, name };
    }).filter((found) => found !== null);
    const torn = this.tornIn(row);
    this.framesOf(row, { y: y + gap, h: h - 2 * gap }, one, torn);
    for (const { entry, rect, name } of boxes) this.wire(name, entry, rect, one);
    this.y += h;
    if (torn !== null) this.tear(torn);
    return y + h;
  }

  /** Room of an entry within a table that stands in the middle. */
  private inShared(): readonly [number, number] {
    const [x, w] = this.columns.middle;
    return [x + this.px(8), Math.min(this.px(110), w * 0.36)];
  }

  // ---- frames -------------------------------------------------------------------------------

  /** The copy of this row and what it was taken of, where both are drawn here. */
  private tornIn(row: Row): { from: number; to: number } | null {
    for (const name of SIDES) {
      const pfn = row[name]?.pfn;
      const from = pfn === undefined ? undefined : this.sources.get(pfn);
      if (pfn !== undefined && from !== undefined && from !== pfn) return { from, to: pfn };
    }
    return null;
  }

  private framesOf(row: Row, at: Pick<Rect, 'y' | 'h'>, one: boolean, torn: { from: number; to: number } | null): void {
    const [x, w] = one ? this.besideShared() : this.columns.middle;
    const left = row.left?.pfn;
    const right = row.right?.pfn;
    const both = left !== undefined && right !== undefined && left !== right;
    // A page that the other side no longer maps is still what the copy was taken of.
    const lone = torn !== null && !both ? torn : null;
    const gap = this.px(this.columns.area === null ? 14 : 28);
    const half = Math.min(this.px(150), (w - gap) / 2);
    const whole = Math.min(this.px(190), w);
    const put = (pfn: number | undefined, rect: Rect, cause?: Rect): void => {
      const frame = pfn === undefined ? undefined : this.frames.get(pfn);
      if (frame === undefined || this.framesAt.has(frame.pfn)) return;
      this.framesAt.set(frame.pfn, rect);
      this.frame(frame, rect, cause);
    };
    const middle = { ...at, x: x + (w - whole) / 2, w: whole };
    const leftHalf = { ...at, x: x + w / 2 - gap / 2 - half, w: half };
    const rightHalf = { ...at, x: x + w / 2 + gap / 2, w: half };
    if (!both && lone === null) put(left ?? right, middle);
    else {
      const copied = torn?.to;
      put(left ?? lone?.from, leftHalf, copied === left ? rightHalf : undefined);
      put(right ?? lone?.from, rightHalf, copied === right ? leftHalf : undefined);
    }
  }

  private besideShared(): readonly [number, number] {
    const [x, w] = this.columns.middle;
    const [, own] = this.inShared();
    const used = own + this.px(8) + this.px(36);
    return [x + used, w - used - this.px(8)];
  }

  /** Between a page and its copy: the edge along which one became two, and what that cost. */
  private tear({ from, to }: { from: number; to: number }): void {
    const [a, b] = [this.framesAt.get(from), this.framesAt.get(to)];
    if (a === undefined || b === undefined) return;
    const x = (Math.min(a.x + a.w, b.x + b.w) + Math.max(a.x, b.x)) / 2;
    const d = zigzag(x, Math.min(a.y, b.y) - 3, Math.max(a.y + a.h, b.y + b.h) + 3);
    this.lines.push({ key: `tear:${to}`, keys: [`frame:${from}`, `frame:${to}`], d, look: 'tear', slot: 0, layer: 2 });
    if (this.columns.area === null) {
      // Where frames are narrow, whose they are stands below them.
      for (const [pfn, anchor] of [a.x < b.x ? [from, to] : [to, from]].flatMap(([l, r]) => [
        [l!, 'end'] as const,
        [r!, 'start'] as const,
      ])) {
        const owner = /^(.*’s) /.exec(this.frames.get(pfn)?.label ?? '')?.[1] ?? '';
        const says = firstThatFits([owner, owner.replace(/^process /, '')], this.columns.middle[1] / 2 - 4, this.size);
        const at = x + (anchor === 'end' ? -4 : 4);
        this.write(`tear:${to}-${anchor}`, says, at, this.y + this.size, { anchor });
      }
      this.y += this.size * 1.4;
    }
    const bytes = this.picture.copies.find((copy) => copy.to === to)?.bytes ?? 4096;
    const [left, w] = this.columns.middle;
    const size = sizeText(bytes).replace('K', ' KiB').replace('M', ' MiB').replace('G', ' GiB');
    const words = [`one page becomes two: ${size} copied`, `one becomes two: ${size}`, `${size} copied`];
    this.write(`tear:${to}-says`, firstThatFits(words, w, this.size), left + w / 2, this.y + this.size, {
      anchor: 'middle',
    });
    this.y += this.size * 1.6;
  }

  private wire(name: SideName, entry: WallEntry, rect: Rect, one: boolean): void {
    const at = this.framesAt.get(entry.pfn);
    if (at === undefined) return;
    const rightwards = name === 'left';
    const from = rightwards || one ? rect.x + rect.w : rect.x;
    const to = rightwards || one ? at.x : at.x + at.w;
    this.lines.push({
      key: `wire:${name}:${entry.ref}`,
      keys: [entry.ref, `frame:${entry.pfn}`],
      d: across(from, rect.y + rect.h / 2, to, at.y + at.h / 2),
      look: entry.mark === 'same' ? 'thread' : 'way',
      slot: entry.slot,
      layer: 1,
    });
  }

  // ---- areas --------------------------------------------------------------------------------

  /** Areas and tables of a side together. */
  private outer(name: SideName): readonly [number, number] {
    const { area, table } = this.columns;
    const [tx, tw] = table[name];
    if (area === null) return [tx, tw];
    const [ax, aw] = area[name];
    return name === 'left' ? [ax, tx + tw - ax] : [tx, ax + aw - tx];
  }

  /** The areas of a group's rows, each as high as its rows, wired to the table; on a narrow wall entries carry their names. */
  private areas(group: Group, y: number, h: number): void {
    const { area } = this.columns;
    if (area === null) return;
    for (const name of SIDES) {
      const side = this.side(name);
      const ids = new Set(group.rows.flatMap((row) => row[name]?.area ?? []));
      const shown = side.areas.filter(({ id }) => ids.has(id));
      const each = h / Math.max(1, shown.length);
      shown.forEach((one, i) => {
        const [x, w] = area[name];
        const rect = { x, y: y + i * each, w, h: Math.min(this.px(46), each - this.px(4)) };
        this.area(name, one, rect, group.key);
        const [tx, tw] = this.columns.table[name];
        const middle = rect.y + rect.h / 2;
        const beside = group.left?.id === group.right?.id ? 0 : 5;
        const [from, to] = name === 'left' ? [x + w, tx - beside] : [x, tx + tw + beside];
        this.lines.push({
          key: `wire:${name}:area:${one.id}:${group.key}`,
          keys: [one.ref],
          d: across(from, middle, to, beside === 0 ? y + this.px(11) : middle),
          look: 'thread',
          slot: one.slot,
          layer: 0,
        });
      });
    }
  }
}
