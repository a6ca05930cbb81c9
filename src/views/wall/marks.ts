/** How the marks of the wall are drawn: an entry, a frame with whose it is and how many entries point to it, an area. */
import { hex, sizeText } from '../../base/units';
import type { Ref, WallArea, WallEntry, WallFrame, WallPicture } from '../../history/picture';
import type { Look, Rect, Text } from '../scene';
import { Sheet } from '../sheet';
import { cutEnd, firstThatFits, grouped, textWidth } from '../text';
import type { SideName } from './sides';

export class MarkSheet extends Sheet {
  constructor(
    protected readonly picture: WallPicture,
    scale: number,
  ) {
    super(scale);
  }

  protected entry(name: SideName, entry: WallEntry, rect: Rect): void {
    const key = `${name}:${entry.ref}`;
    const writable = entry.bits.includes('W');
    const look: Look = writable ? (entry.pageSize > 4096 ? 'double' : 'solid') : 'hatched';
    const area: Ref = `area:${entry.area}`;
    // Words cannot be read on strokes: a sample of them stands before the words.
    const sample = look === 'hatched' ? Math.min(this.px(14), rect.w * 0.2) : 0;
    this.boxes.push({
      ...rect,
      key,
      keys: [entry.ref],
      litBy: [entry.ref, area],
      extent: { entries: { table: entry.table, from: entry.index, to: entry.index + entry.count } },
      layer: 1,
      look: look === 'hatched' ? 'soft' : look,
      slot: entry.slot,
      mark: entry.mark,
    });
    if (sample > 0)
      this.boxes.push({
        x: rect.x + 4,
        y: rect.y + 4,
        w: sample,
        h: rect.h - 8,
        key: `${key}:sample`,
        keys: [],
        layer: 2,
        look: 'hatched',
        slot: entry.slot,
        mark: 'same',
        r: 1,
      });
    const what = entry.count > 1 ? `${grouped(entry.count)} × ${sizeText(entry.pageSize)}` : entry.label;
    const may = writable ? 'rw' : entry.bits.includes('N') ? 'no access' : 'r';
    const left = rect.x + 6 + (sample > 0 ? sample + 2 : 0);
    const inner = rect.x + rect.w - 6 - left;
    const tone = look === 'hatched' ? 'ink' : 'on';
    const base = rect.y + rect.h / 2 + this.size * 0.35;
    const options = { face: 'mono', tone, slot: entry.slot, box: key } as const;
    const room = inner - textWidth(may, this.size, 'mono') - this.size * 0.6;
    const label = firstThatFits([what, entry.count > 1 ? `×${grouped(entry.count)}` : ''], room, this.size, 'mono');
    this.write(`${key}-label`, label, left, base, options);
    this.write(`${key}-may`, firstThatFits([may, may[0]!], inner, this.size, 'mono'), rect.x + rect.w - 6, base, {
      ...options,
      anchor: 'end',
    });
  }

  /** @param cause where it comes from, if it is a copy */
  protected frame(frame: WallFrame, rect: Rect, cause: Rect | undefined): void {
    const key = frame.ref;
    const look: Look =
      frame.kind === 'zero'
        ? 'outline'
        : frame.kind === 'file' || frame.kind === 'shmem'
          ? 'soft'
          : frame.pageSize > 4096
            ? 'double'
            : 'solid';
    const pages = (frame.count * frame.pageSize) / 4096;
    this.boxes.push({
      ...rect,
      key,
      keys: [frame.ref],
      litBy: [frame.ref, ...frame.sharers.map((who): Ref => `process:${who}`)],
      extent: { frames: { from: frame.pfn, to: frame.pfn + pages } },
      layer: 1,
      look,
      slot: frame.slot,
      mark: frame.mark,
      ...(cause === undefined ? {} : { cause }),
    });
    const tone = look === 'outline' || look === 'soft' ? 'ink' : 'on';
    const options = { tone, slot: frame.slot, box: key } as const;
    const tight = rect.w < this.px(90);
    const left = rect.x + (tight ? 5 : 8);
    const side = Math.min(this.px(32), rect.h - 2);
    // A single mapper needs no figure where there is no room for one.
    const counted = frame.mapcount > 0 && !(tight && frame.mapcount === 1);
    const inner = rect.w - 2 * (left - rect.x) - (counted ? side : 0);
    const number = frame.count > 1 ? `${hex(frame.pfn)} +${grouped(pages - 1)}` : hex(frame.pfn);
    const owner = frame.count > 1 ? `${grouped(frame.count)} × ${sizeText(frame.pageSize)}` : frame.label;
    const two = rect.h >= this.size * 2.7;
    const first = rect.y + (two ? rect.h / 2 - this.size * 0.3 : rect.h / 2 + this.size * 0.35);
    const words = [this.whose(frame), owner, owner.replace(/^.*’s /, '')];
    if (two) {
      this.write(`${key}-pfn`, firstThatFits([number, hex(frame.pfn)], inner, this.size, 'mono'), left, first, {
        ...options,
        face: 'mono',
      });
      const second = firstThatFits(words, inner, this.size) || cutEnd(owner, inner, this.size);
      this.write(`${key}-whose`, second, left, first + this.size * 1.3, options);
    } else {
      const together = words.map((word) => `${hex(frame.pfn)} ${word}`);
      const says =
        firstThatFits([...together, owner, hex(frame.pfn)], inner, this.size) || cutEnd(owner, inner, this.size);
      this.write(`${key}-pfn`, says, left, first, options);
    }
    if (counted) this.mappers(frame, rect, side, tone);
  }

  /** `child’s a`, `a, and 3 others: c, d, e`. */
  private whose(frame: WallFrame): string {
    // By a table that is shared, one entry maps it for several.
    if (frame.count === 1 && frame.mapcount > 0 && frame.sharers.length > frame.mapcount)
      return `${frame.label} · ${frame.sharers.length} processes by one entry`;
    const own = [this.picture.left.who, this.picture.right.who];
    const others = frame.names.filter((_, i) => !own.includes(frame.sharers[i]!));
    if (frame.count > 1 || others.length === 0)
      return frame.count > 1 ? `${grouped(frame.count)} × ${sizeText(frame.pageSize)} · ${frame.label}` : frame.label;
    return `${frame.label} · also ${others.join(', ')}`;
  }

  /** The number of entries that point here; where they are several, in a lozenge, as wherever something is shared. */
  private mappers(frame: WallFrame, rect: Rect, side: number, tone: Text['tone']): void {
    const key = `${frame.ref}:mappers`;
    const middle = rect.x + rect.w - side / 2 - 5;
    const base = rect.y + rect.h / 2 + this.size * 0.35;
    // In a low row the lozenge would be smaller than its figure.
    const shared = frame.mapcount > 1 && side >= this.size * 1.9;
    if (shared) {
      const inner = side / Math.SQRT2;
      this.boxes.push({
        key,
        keys: [frame.ref],
        litBy: [],
        layer: 2,
        look: 'diamond',
        slot: frame.slot,
        mark: 'same',
        r: 1,
        x: middle - inner / 2,
        y: rect.y + (rect.h - inner) / 2,
        w: inner,
        h: inner,
      });
    }
    const says = frame.mapcount > 1 && !shared ? `×${frame.mapcount}` : String(frame.mapcount);
    this.write(`${key}-says`, says, middle, base, {
      face: 'bold',
      anchor: 'middle',
      tone: shared ? 'tinted' : tone,
      slot: frame.slot,
      box: frame.ref,
    });
  }

  protected area(name: SideName, area: WallArea, rect: Rect, of: string): void {
    const key = `${name}:${area.ref}:${of}`;
    const look: Look = area.slot === 0 ? 'outline' : 'soft';
    this.boxes.push({ ...rect, key, keys: [area.ref], layer: 1, look, slot: area.slot, mark: area.mark });
    const inner = rect.w - 16;
    const left = rect.x + 8;
    const two = rect.h >= this.size * 2.7;
    const first = rect.y + (two ? rect.h / 2 - this.size * 0.3 : rect.h / 2 + this.size * 0.35);
    const perms = textWidth(area.perms, this.size, 'mono');
    const called = cutEnd(area.name, inner - perms - 8, this.size, 'bold');
    this.write(`${key}-name`, called, left, first, { face: 'bold', box: key });
    if (called !== '')
      this.write(`${key}-perms`, area.perms, left + inner, first, { face: 'mono', anchor: 'end', box: key });
    const size = sizeText(area.end - area.start);
    const where = firstThatFits([`${hex(area.start)} ${size}`, size], inner, this.size, 'mono');
    if (two)
      this.write(`${key}-where`, where, left, first + this.size * 1.3, { face: 'mono', tone: 'muted', box: key });
  }
}
