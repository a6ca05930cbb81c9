/** What stands below the tables of the wall: what is not drawn, and what each process counts of its memory. */
import { sizeText } from '../../base/units';
import type { WallPicture, WasNow } from '../../history/picture';
import { stroke } from '../paths';
import type { Room } from '../scene-view';
import { Sheet } from '../sheet';
import { cutEnd, firstThatFits, grouped, textWidth } from '../text';
import { MARGIN, SIDES, type SideName } from './sides';

export class Foot extends Sheet {
  /** @param outer left edge and width of areas and tables of a side  @param y where it begins, and then ends */
  constructor(
    private readonly picture: WallPicture,
    private readonly room: Room,
    private readonly outer: Readonly<Record<SideName, readonly [number, number]>>,
    public y: number,
  ) {
    super(room.scale);
    this.program();
    this.memory();
  }

  private program(): void {
    const y = this.y;
    for (const name of SIDES) {
      const { program, alive } = this.picture[name];
      const key = `${name}:program`;
      const [x, w] = this.outer[name];
      if (!alive || program.areas === 0) continue;
      const what = `${program.areas} areas of the program`;
      const words = [`${what}, ${sizeText(program.bytes)}`, what, `${program.areas} areas`];
      this.boxes.push({ x, y, w, h: this.px(26), key, keys: [], layer: 0, look: 'outline', slot: 0, mark: 'same' });
      this.write(`${key}-says`, firstThatFits(words, w - 12, this.size), x + w / 2, y + this.px(17), {
        anchor: 'middle',
        tone: 'muted',
        box: key,
      });
    }
    this.y += this.px(26);
    if (this.picture.hidden > 0) {
      const says = `${grouped(this.picture.hidden)} more entries are not drawn`;
      const fits = firstThatFits([says], this.room.width - 2 * MARGIN, this.size);
      this.write('hidden', fits, this.room.width / 2, this.y + this.px(18), { anchor: 'middle', tone: 'muted' });
      this.y += this.px(26);
    }
  }

  /** What each counts of it: RSS counts a shared page in both, PSS shares it out. */
  private memory(): void {
    const { left, right } = this.picture;
    const huge = left.hugetlb.now + right.hugetlb.now + left.hugetlb.was + right.hugetlb.was > 0;
    const lines: (readonly [string, WasNow | null, WasNow | null, string])[] = [
      ['RSS', left.rss, right.rss, 'counts a shared page in both'],
      ['PSS', left.pss, right.pss, 'shares it out among its mappers'],
    ];
    if (huge) lines.push(['Hugetlb', left.hugetlb, right.hugetlb, 'huge pages: neither counts them']);
    const narrow = this.outer.left[1] < this.px(160);
    const w = Math.min(this.px(680), this.room.width - 2 * MARGIN);
    const x = (this.room.width - w) / 2;
    const line = this.px(24);
    this.y += this.px(8);
    const top = this.y;
    const words = this.px(16);
    const middle = narrow ? 0.26 : 0.12;
    const column = (w * (1 - middle)) / (narrow ? 2 : 3.4);
    for (const [i, name] of [left.name, right.name].entries())
      this.write(`memory:${i}`, cutEnd(name, column - 12, this.size), x + w * middle + i * column, this.y + words, {
        tone: 'muted',
      });
    this.y += line;
    for (const [name, a, b, says] of lines) {
      const base = this.y + this.px(16);
      const key = `memory:${name}`;
      this.write(`${key}-name`, name, x, base, { face: 'bold' });
      const at = x + w * middle;
      this.figure(`${key}-left`, a, at, base, column);
      this.figure(`${key}-right`, b, at + column, base, column);
      const rest = x + w - (at + 2 * column);
      this.write(`${key}-says`, firstThatFits([says], rest, this.size), at + 2 * column, base, { tone: 'muted' });
      this.y += line;
    }
    const rule = stroke(x, top - this.px(2), x + w, top - this.px(2));
    this.lines.push({ key: 'memory', keys: [], d: rule, look: 'rule', slot: 0, layer: 0 });
  }

  private figure(key: string, value: WasNow | null, x: number, y: number, room: number): void {
    if (value === null) {
      this.write(key, firstThatFits(['not counted', '–'], room - 8, this.size), x, y, { tone: 'muted' });
      return;
    }
    const { was, now } = value;
    const plain = `${grouped(now)} kB`;
    const told = was === now ? [plain] : [`${grouped(was)} → ${plain}`, plain];
    const says = firstThatFits(told, room - 14, this.size, 'mono');
    if (was !== now && says !== '')
      this.boxes.push({
        key: `${key}-changed`,
        keys: [],
        layer: 0,
        look: 'bright',
        slot: 0,
        mark: 'same',
        x: x - 4,
        y: y - this.size * 1.05,
        w: textWidth(says, this.size, 'mono') + 8,
        h: this.size * 1.45,
      });
    this.write(key, says, x, y, { face: 'mono', tone: was === now ? 'ink' : 'lit' });
  }
}
