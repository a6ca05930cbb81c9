/**
 * The page-table tree: a row for each level, tables at the places that places.ts keeps for them, entries within, the way
 * from the top to the entry in question drawn in its mapping's colour. Zooming makes tables wider, never the text larger.
 */
import type { EntryRun, Level, Ref, Slot, TableNode, TreePicture } from '../../history/picture';
import { fall } from '../paths';
import { Sheet } from '../sheet';
import { overlap, textRect, type Look, type Rect, type Scene } from '../scene';
import type { ViewContext } from '../view';
import { cutEnd, firstThatFits, grouped, textWidth } from '../text';
import { leafText, LEVEL_NAME } from './bits';
import { findFocus, focusWords, HINT, isLeaf, wayTo, type Focus } from './focus';
import { edgesOf, rowOf, type Row } from './entries';
import { foldLikeTables } from './fold';
import { placePlanned, placeTables, type Ground, type Plot } from './places';

/** Horizontal zoom: screen x is `k` times the fitted x, plus `x` pixels. */
export interface Zoom {
  readonly k: number;
  readonly x: number;
}

export type TreeRoom = Pick<ViewContext, 'width' | 'height' | 'scale' | 'hovered' | 'selected'>;

const MARGIN = 6;
/** Heights in pixels at a scale of 1: a row at least, the label above a table, the table, the line of text below it. */
interface Heights {
  readonly row: number;
  readonly label: number;
  readonly box: number;
  readonly below: number;
  /** The two lines at the foot, and where their text stands. */
  readonly foot: number;
  readonly first: number;
  readonly second: number;
}

const ROOMY: Heights = { row: 72, label: 20, box: 30, below: 15, foot: 44, first: 14, second: 34 };
/** For panes that are too low for the other. */
const LOW: Heights = { row: 51, label: 16, box: 22, below: 12, foot: 33, first: 13, second: 28 };

/**
 * Places of tables by id. They go by address; a table that went gives way to one that came to its address meanwhile, but
 * where places are planned: there it fades under the one that came.
 */
function placeKeys(tables: readonly TableNode[], planned: boolean): Map<number, string> {
  const keyOf = (table: TableNode): string => `${table.level}:${table.base}`;
  if (planned) return new Map(tables.map((table) => [table.id, keyOf(table)]));
  const alive = new Set(tables.filter((table) => table.mark !== 'gone').map(keyOf));
  return new Map(
    tables.map((table) => {
      const key = keyOf(table);
      return [table.id, table.mark === 'gone' && alive.has(key) ? `${key}:gone` : key];
    }),
  );
}

const stackKey = (table: TableNode, run: EntryRun): string => `${table.level - 1}:${run.address}:stack`;

/** Pixels between a table's edge and its entries, and that an entry is wide at most. */
const INSET = 3;
const WIDEST_ENTRY = 34;

/** Pixels that a table needs to be read as one. */
const READABLE = 24;

/** @param unfolded refs of tables whose like lower tables the person wants to see one by one */
export function layoutPageTables(
  whole: TreePicture,
  room: TreeRoom,
  zoom: Zoom,
  before: Ground,
  unfolded: ReadonlySet<string> = new Set(),
): { scene: Scene; ground: Ground } {
  const most = (room.width * zoom.k) / (READABLE * room.scale);
  const picture = foldLikeTables(whole, most, room.selected, unfolded);
  const kept = planned(whole, room, most / zoom.k) ?? before;
  const ground = placeTables(plotsOf(picture, kept.planned === true), kept, room.width - 2 * MARGIN, room.scale);
  const pen = new Pen(picture, room, zoom, ground, kept);
  pen.draw();
  const { count, leaves, hugeLeaves, hidden } = picture;
  const tables = `${count[4]} PGD, ${count[3]} PUD, ${count[2]} PMD and ${count[1]} PTE tables`;
  const folded = hidden > 0 ? ` ${grouped(hidden)} tables are folded.` : '';
  const scene = pen.scene({
    width: room.width,
    height: pen.height,
    title: 'Page tables',
    description: `${tables}; ${grouped(leaves)} entries for 4 KiB pages, ${grouped(hugeLeaves)} for larger ones.${folded}`,
  });
  return { scene, ground: { ...ground, rows: pen.rows } };
}

/** Where all that the run ever has will stand; null without a plan, or where it has more tables than can be read. */
function planned({ plan }: TreePicture, { width, scale }: TreeRoom, most: number): Ground | null {
  if (plan === undefined || plan.filter((table) => table.level === 1).length > most) return null;
  return placePlanned(plan, width - 2 * MARGIN, scale, (table, w) =>
    rowOf(table.uses, w - 2 * Math.min(Math.round(INSET * scale), w / 6), Math.round(WIDEST_ENTRY * scale)),
  );
}

/** Tables and stacks of folded tables, parents first. */
function plotsOf(picture: TreePicture, planned: boolean): Plot[] {
  const byId = new Map(picture.tables.map((table) => [table.id, table]));
  const keys = placeKeys(picture.tables, planned);
  const plots: Plot[] = [];
  for (const table of picture.tables) {
    const up = byId.get(table.parent);
    plots.push({
      key: keys.get(table.id)!,
      level: table.level,
      base: table.base,
      parent: up === undefined ? '' : keys.get(up.id)!,
      at: table.index / 512,
    });
    for (const run of table.runs)
      if (run.kind === 'tables')
        plots.push({
          key: stackKey(table, run),
          level: table.level - 1,
          base: run.address,
          parent: keys.get(table.id)!,
          at: run.from / 512,
        });
  }
  // A stack may stand before tables of its level that are listed later: left to right is by address.
  return plots.sort((a, b) => b.level - a.level || a.base - b.base);
}

interface Placed {
  readonly table: TableNode;
  readonly rect: Rect;
  /** Left edge of an entry on the screen. */
  readonly edge: (index: number) => number;
  /** Where the link from above arrives: in the middle, or beside the label where that is in the way. */
  arrival: number;
}

class Pen extends Sheet {
  readonly height: number;
  private readonly of: Heights;
  private readonly pitch: number;
  /** Where entries stand in each table ever seen. */
  readonly rows: Map<string, Row>;
  private readonly placed = new Map<number, Placed>();
  private readonly keys: ReadonlyMap<number, string>;
  /** The entry whose address is taken apart, and the tables on the way to it by id. */
  private readonly focus: Focus | null;
  private readonly way: ReadonlyMap<number, number>;

  constructor(
    private readonly picture: TreePicture,
    private readonly room: TreeRoom,
    private readonly zoom: Zoom,
    private readonly ground: Ground,
    private readonly before: Ground,
  ) {
    super(room.scale);
    this.rows = new Map(before.rows);
    this.keys = placeKeys(picture.tables, before.planned === true);
    this.focus = findFocus(picture, [room.hovered, room.selected]);
    this.way = this.focus === null ? new Map() : wayTo(picture, this.focus.table);
    this.of = room.height >= 4 * this.px(ROOMY.row) + this.px(ROOMY.foot) + MARGIN ? ROOMY : LOW;
    const foot = this.px(this.of.foot) + MARGIN;
    this.height = Math.max(room.height, 4 * this.px(this.of.row) + foot);
    this.pitch = Math.min((this.height - foot) / 4, this.px(130));
  }

  draw(): void {
    for (const table of this.picture.tables) {
      const rect = this.rectOf(this.keys.get(table.id)!, table.level);
      if (rect === null) continue;
      const inset = Math.min(this.px(INSET), rect.w / 6);
      const key = this.keys.get(table.id)!;
      const w = rect.w - 2 * inset;
      // Zooming widens everything alike: places are found as if it were not zoomed.
      const row = rowOf(
        table.runs,
        w / this.zoom.k,
        this.px(WIDEST_ENTRY),
        this.before.rows?.get(key),
        this.before.planned,
      );
      this.rows.set(key, row);
      const within = edgesOf(row, w);
      const edge = (index: number): number => rect.x + inset + within(index);
      this.placed.set(table.id, { table, rect, edge, arrival: rect.x + rect.w / 2 });
    }
    for (const placed of this.placed.values()) this.table(placed);
    for (const placed of this.placed.values()) for (const run of placed.table.runs) this.run(placed, run);
    for (const placed of this.placed.values()) this.remark(placed);
    this.foot();
  }

  /** Screen rectangle of a plot; null where it lies outside what the zoom shows. */
  private rectOf(key: string, level: number): Rect | null {
    const plot = this.ground.plots.get(key)!;
    const inner = this.room.width - 2 * MARGIN;
    const fit = (inner / this.ground.width) * this.zoom.k;
    const x = MARGIN + plot.x * fit + this.zoom.x;
    const w = plot.w * fit;
    if (x + w < 0 || x > this.room.width) return null;
    return { x, y: this.rowY(level) + this.px(this.of.label), w, h: this.px(this.of.box) };
  }

  private rowY(level: number): number {
    return MARGIN + (4 - level) * this.pitch;
  }

  private table(placed: Placed): void {
    const { table, rect } = placed;
    const { ref: key } = table;
    // That entries changed is told by the entries.
    const mark = table.mark === 'changed' ? 'same' : table.mark;
    this.boxes.push({
      ...this.clip(rect),
      key,
      keys: [key],
      layer: 0,
      look: 'table',
      slot: 0,
      mark,
      cause: this.causeOf(table),
    });
    this.label(placed);
  }

  /** A new table grows from the entry that points to it. */
  private causeOf(table: TableNode): Rect {
    const up = this.placed.get(table.parent);
    if (up === undefined) return this.rectOf(this.keys.get(table.id)!, table.level)!;
    const x = up.edge(table.index);
    return { x, y: up.rect.y + up.rect.h, w: 2, h: 2 };
  }

  private clip(rect: Rect): Rect {
    const left = Math.max(0, rect.x);
    const right = Math.min(this.room.width, rect.x + rect.w);
    return { ...rect, x: left, w: Math.max(0.1, right - left) };
  }

  private label(placed: Placed): void {
    const { table, rect } = placed;
    const seen = this.clip(rect);
    const name = LEVEL_NAME[table.level]!;
    const shared = table.shared > 1 ? ` ◇${table.shared}` : '';
    const base = rect.y - this.px(5);
    let left = seen.x;
    const lower = table.runs.filter((run) => run.kind === 'table' || run.kind === 'tables').length;
    if ((lower > 2 || (lower > 0 && !table.open)) && table.level < 4 && seen.w >= this.px(44)) {
      const side = this.px(14);
      const key = `fold:${table.id}`;
      const box = { x: left, y: base - side + this.px(3), w: side, h: side };
      this.boxes.push({
        ...box,
        key,
        keys: [table.ref],
        litBy: [],
        layer: 0,
        look: 'outline',
        slot: 0,
        mark: 'same',
        open: table.open,
        button: true,
      });
      const middle = left + side / 2;
      const sign = table.open ? '−' : '+';
      this.write(`${key}-sign`, sign, middle, base + this.px(0.5), { face: 'mono', anchor: 'middle', box: key });
      left += side + this.px(5);
    }
    const room = seen.x + seen.w - left;
    const wide = textWidth(`${name}${shared}`, this.size, 'bold');
    const used = `${table.used} of 512`;
    if (wide > room && table.level !== 1) return;
    const says = firstThatFits([`${name}${shared}`, name], Math.max(room, 0), this.size, 'bold');
    if (says === '') return;
    this.write(`${table.ref}-name`, says, left, base, { face: 'bold' });
    const end = left + textWidth(says, this.size, 'bold');
    const right = left + room;
    const usedWide = textWidth(used, this.size);
    if (end + usedWide + this.px(30) <= right) {
      this.write(`${table.ref}-used`, used, right, base, { tone: 'muted', anchor: 'end' });
      placed.arrival = Math.max(placed.arrival, end + this.px(10));
      placed.arrival = Math.min(placed.arrival, right - usedWide - this.px(10));
    } else placed.arrival = Math.min(Math.max(placed.arrival, end + this.px(8)), right - this.px(4));
  }

  private run(placed: Placed, run: EntryRun): void {
    const { table, rect, edge } = placed;
    const unit = edge(run.from + 1) - edge(run.from);
    const singles = isLeaf(run) && run.to - run.from > 1 && run.to - run.from <= 64 && unit >= this.px(5);
    if (!singles) {
      this.entry(placed, run, run.from, run.to);
      if (run.kind === 'table') this.edge(placed, run);
      if (run.kind === 'tables') this.stack(table, run, (edge(run.from) + edge(run.to)) / 2, rect.y + rect.h);
      return;
    }
    for (let i = run.from; i < run.to; i++) this.entry(placed, run, i, i + 1);
  }

  private entry({ table, rect, edge }: Placed, run: EntryRun, from: number, to: number): void {
    const inset = this.px(3);
    const next = table.runs.find((one) => one.from >= to)?.from ?? 512;
    const before = table.runs.findLast((one) => one.to <= from)?.to ?? 0;
    const own = edge(to) - edge(from);
    const gap = own > 4 * (to - from) ? 1 : 0;
    const spare = Math.min(edge(next) - edge(to), edge(from) - edge(before));
    const least = Math.min(3, own + 0.8 * Math.max(0, spare));
    // A pointer needs no width: it stands in the middle of its entry's place.
    const most = run.kind === 'table' ? this.px(10) : Infinity;
    const w = Math.max(least, Math.min(most, own - gap));
    const x = Math.min((edge(from) + edge(to) - w) / 2, edge(512) - w);
    const whole = { x, y: rect.y + inset, w, h: rect.h - 2 * inset };
    if (whole.x + whole.w < 0 || whole.x > this.room.width) return;
    const seen = this.clip(whole);
    const ref: Ref = `entry:${table.id}:${from}`;
    // What has gone may have left its place to another entry: the place keeps its mark, what went is another.
    const key = run.mark === 'gone' ? `${ref}~gone` : ref;
    const onWay = this.way.get(table.id) === from;
    const slot: Slot = onWay && run.slot === 0 && this.focus !== null ? this.focus.run.slot : run.slot;
    const pfn =
      run.pfn < 0
        ? -1
        : run.contiguous
          ? run.pfn + (from - run.from) * framesOf(table.level)
          : from === run.from
            ? run.pfn
            : -1;
    const frames =
      pfn < 0 ? undefined : { from: pfn, to: pfn + framesOf(table.level) * (run.contiguous ? to - from : 1) };
    const size = isLeaf(run) ? [leafText(table.level)] : [];
    const count = grouped(to - from);
    const several = to - from > 1 ? [...size.map((one) => `${count} × ${one}`), `×${count}`] : size;
    const plain = lookOf(run);
    const mute = run.mark === 'gone' || run.awaited === true || plain === 'hatched' || run.kind === 'table';
    const says = mute ? '' : firstThatFits(several, seen.w - 4, this.size, 'mono');
    // A narrow mark has no room for both its size and the inner border: the size tells more.
    const look = plain === 'double' && says !== '' && seen.w < this.px(30) ? 'solid' : plain;
    const keys: Ref[] = [ref, ...(frames !== undefined && to - from === 1 ? [`frame:${pfn}` as const] : [])];
    this.boxes.push({
      ...seen,
      key,
      keys,
      litBy: [...keys, ...(run.area > 0 ? [`area:${run.area}` as const] : [])],
      // What came to a place that something has just left stands over what is left of it.
      layer:
        run.mark !== 'gone' && table.runs.some((one) => one.mark === 'gone' && one.from < to && from < one.to) ? 2 : 1,
      look,
      slot,
      mark: run.mark,
      r: Math.min(2, seen.w / 3),
      extent: {
        entries: {
          table: table.id,
          from,
          to,
        },
        ...(frames === undefined ? {} : { frames }),
      },
      ...(run.kind === 'mixed' ? { fill: run.leaves / (to - from) } : {}),
      cause: {
        ...seen,
        x: seen.x + seen.w / 2,
        w: 1,
      },
    });
    if (says === '') return;
    const tone = look === 'solid' || look === 'double' ? 'on' : 'ink';
    this.write(`${key}-says`, says, seen.x + seen.w / 2, seen.y + seen.h / 2 + this.size * 0.35, {
      face: 'mono',
      anchor: 'middle',
      tone,
      slot,
      box: key,
    });
  }

  private edge({ table, rect, edge }: Placed, run: EntryRun): void {
    const child = this.placed.get(run.child);
    if (child === undefined) return;
    const onWay = this.way.get(table.id) === run.from;
    const x0 = (edge(run.from) + edge(run.from + 1)) / 2;
    const x1 = child.arrival;
    const d = fall(x0, rect.y + rect.h - this.px(3), x1, child.rect.y);
    const look = onWay ? 'way' : 'link';
    const slot = onWay ? this.focus!.run.slot : 0;
    this.lines.push({ key: `link:${child.table.ref}`, keys: [child.table.ref], d, look, slot, layer: 1 });
  }

  /** Folded tables: a stack below their table, which opens. */
  private stack(table: TableNode, run: EntryRun, x0: number, y0: number): void {
    const rect = this.rectOf(stackKey(table, run), table.level - 1);
    if (rect === null || rect.w < 8) return;
    const key = stackKey(table, run);
    const box = { ...this.clip({ ...rect, w: rect.w - 5 }), h: rect.h - 5 };
    this.boxes.push({
      ...box,
      key,
      keys: [table.ref],
      litBy: [run.ref],
      layer: 0,
      look: 'stack',
      slot: 0,
      mark: run.mark,
      open: false,
      button: true,
    });
    const d = fall(x0, y0 - this.px(3), rect.x + rect.w / 2, rect.y);
    this.lines.push({ key: `link:${key}`, keys: [], d, look: 'link', slot: 0, layer: 1 });
    const what = LEVEL_NAME[table.level - 1]!;
    const says = firstThatFits(
      [`${grouped(run.tables)} ${what} tables`, `${grouped(run.tables)} ${what}`, grouped(run.tables)],
      box.w - 6,
      this.size,
    );
    this.write(`${key}-says`, says, box.x + box.w / 2, box.y + box.h / 2 + this.size * 0.35, {
      anchor: 'middle',
      box: key,
    });
    const below = firstThatFits([`${grouped(run.leaves)} entries`, grouped(run.leaves)], rect.w, this.size);
    this.write(`${key}-below`, below, box.x, rect.y + rect.h + this.px(this.of.below), { tone: 'muted' });
  }

  /** What stands below a table: the names of what a PTE table maps; that nothing is below a huge entry. */
  private remark(placed: Placed): void {
    const { table, rect, edge } = placed;
    const seen = this.clip(rect);
    const y = rect.y + rect.h + this.px(this.of.below);
    if (table.level === 1 && table.names !== undefined && table.names.length > 0) {
      const says = cutEnd(table.names.join(', '), seen.w, this.size);
      this.write(`${table.ref}-names`, says, seen.x, y, { tone: 'muted' });
    }
    const huge = table.runs.filter((run) => run.kind === 'huge');
    if (huge.length === 0 || table.level !== 2) return;
    const first = edge(huge[0]!.from);
    const last = edge(huge.at(-1)!.to);
    const taken = [
      ...this.boxes.filter((box) => box.layer === 0),
      ...this.texts.map(textRect),
      ...this.linksBelow(placed, y),
    ];
    for (const says of ['no PTE table under a huge entry', 'no PTE table below', 'no PTE table'])
      for (const [x, anchor] of [
        [first, 'start'],
        [last, 'end'],
      ] as const) {
        const text = this.text(`${table.ref}-none`, says, x, y, { tone: 'muted', anchor });
        const where = textRect(text);
        const fits = where.x >= MARGIN && where.x + where.w <= this.room.width - MARGIN;
        if (!fits || taken.some((one) => overlap(where, one))) continue;
        this.texts.push(text);
        return;
      }
  }

  /** Where the links of a table's pointers run at a line of text below it. */
  private linksBelow({ table, rect, edge }: Placed, y: number): Rect[] {
    const margin = this.px(6);
    const bottom = rect.y + rect.h;
    return table.runs
      .filter((run) => run.kind === 'table' || run.kind === 'tables')
      .map((run) => {
        const x = (edge(run.from) + edge(run.to)) / 2;
        const child = this.placed.get(run.child);
        if (child === undefined) return { x: x - margin, y: y - this.size, w: 2 * margin, h: this.size };
        // How far sideways the link has gone by the line's foot, as its curve goes.
        const down = Math.min(1, (y + this.px(2) - bottom) / (child.rect.y - bottom));
        const side = down * down * (3 - 2 * down) * (child.arrival - x);
        return { x: Math.min(x, x + side) - margin, y: y - this.size, w: Math.abs(side) + 2 * margin, h: this.size };
      });
  }

  /** The entry in words, and its address taken apart. */
  private foot(): void {
    const top = MARGIN + 4 * this.pitch;
    const room = this.room.width - 2 * MARGIN;
    const says = this.focus === null ? HINT : focusWords(this.focus);
    if (this.picture.tables.length === 0) return;
    says.forEach(({ candidates, tone, face }, i) => {
      const fits =
        firstThatFits(candidates, room, this.size, face) || cutEnd(candidates.at(-1)!, room, this.size, face);
      const y = top + this.px(i === 0 ? this.of.first : this.of.second);
      this.write(`foot-${i}`, fits, MARGIN, y, { tone, face });
    });
  }
}

const framesOf = (level: Level): number => 512 ** (level - 1);

function lookOf(run: EntryRun): Look {
  if (run.awaited === true) return 'dashed';
  if (run.kind === 'mixed') return 'outline';
  if (run.kind === 'table' || run.kind === 'tables') return 'solid';
  if (run.bits.includes('N')) return 'dashed';
  if (!run.bits.includes('W')) return 'hatched';
  return run.kind === 'huge' ? 'double' : 'solid';
}
