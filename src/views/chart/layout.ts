/** Bars side by side: one group for each thing counted, one bar for each design. Values are told in figures too. */
import type { Slot } from '../../history/picture';
import type { Box, Line, Look, Scene, Text } from '../scene';
import type { Room } from '../scene-view';
import { cutEnd, grouped, textWidth } from '../text';

export interface ChartBar {
  readonly key: string;
  readonly label: string;
  readonly value: number;
  readonly slot: Slot;
  /** The one that is compared with the others: drawn solid, those hatched. */
  readonly chosen: boolean;
}

export interface ChartGroup {
  readonly key: string;
  readonly label: string;
  /** What a value counts: `calls`, `bytes`. */
  readonly unit: string;
  readonly bars: readonly ChartBar[];
}

export interface ChartPicture {
  readonly title: string;
  readonly groups: readonly ChartGroup[];
}

const MARGIN = 5;
/** Heights at scale 1: a group's heading, a bar with the gap below it, the gap below a group. */
const HEADING = 22;
const BAR = 20;
const BELOW = 10;

/** What a chart needs at scale 1, pixels: nothing of it lies outside. */
export const chartHeight = ({ groups }: ChartPicture): number =>
  groups.reduce((sum, group) => sum + HEADING + BAR * group.bars.length + BELOW, 2 * MARGIN);

export function layoutChart(picture: ChartPicture, { width, height, scale }: Room): Scene {
  const size = 12 * scale;
  const px = (n: number): number => Math.round(n * scale);
  const w = width - 2 * MARGIN;
  const boxes: Box[] = [];
  const texts: Text[] = [];
  const lines: Line[] = [];
  const text = (key: string, says: string, x: number, y: number, given: Partial<Text> = {}): void => {
    if (says !== '')
      texts.push({ key, text: says, x, y, size, face: 'sans', anchor: 'start', tone: 'ink', slot: 0, ...given });
  };
  const bars = picture.groups.flatMap((group) => group.bars);
  const widest = bars.reduce((most, bar) => Math.max(most, textWidth(bar.label, size, 'mono')), 0);
  const gutter = Math.min(widest + px(8), w * 0.35);
  const figures = bars.reduce((most, bar) => Math.max(most, textWidth(figure(bar.value), size, 'mono')), 0) + px(6);
  const room = Math.max(10, w - gutter - figures);
  let y = MARGIN;
  for (const group of picture.groups) {
    // Each group has its own scale: bytes and calls have none in common.
    const most = Math.max(1e-9, ...group.bars.map((bar) => bar.value));
    const unit = group.unit === '' ? '' : ` (${group.unit})`;
    text(`${group.key}-label`, cutEnd(`${group.label}${unit}`, w, px(13), 'bold'), MARGIN, y + px(14), {
      size: px(13),
      face: 'bold',
    });
    y += px(HEADING);
    const top = y;
    for (const bar of group.bars) {
      const key = `${group.key}:${bar.key}`;
      const h = px(16);
      const long = Math.max(1, (room * bar.value) / most);
      const base = y + h / 2 + size * 0.35;
      const look: Look = bar.chosen ? 'solid' : 'hatched';
      text(`${key}-name`, cutEnd(bar.label, gutter - px(8), size, 'mono'), MARGIN, base, {
        face: 'mono',
        tone: 'muted',
      });
      if (bar.value > 0)
        boxes.push({
          key,
          keys: [],
          layer: 1,
          look,
          slot: bar.slot,
          mark: 'same',
          r: 2,
          x: MARGIN + gutter,
          y,
          w: long,
          h,
          cause: {
            x: MARGIN + gutter,
            y,
            w: 1,
            h,
          },
        });
      const right = MARGIN + gutter + (bar.value > 0 ? long : 0) + px(6);
      text(`${key}-value`, figure(bar.value), right, base, { face: 'mono' });
      y += px(BAR);
    }
    const axis = MARGIN + gutter - 0.5;
    lines.push({
      key: `${group.key}-axis`,
      keys: [],
      d: `M${axis},${top}L${axis},${y - px(4)}`,
      look: 'link',
      slot: 0,
      layer: 0,
    });
    y += px(BELOW);
  }
  return {
    width,
    height: Math.max(height, Math.ceil(y + MARGIN)),
    title: picture.title,
    description: picture.groups
      .map((group) => `${group.label}: ${group.bars.map((bar) => `${bar.label} ${figure(bar.value)}`).join(', ')}.`)
      .join(' '),
    boxes,
    texts,
    lines,
  };
}

const figure = (value: number): string =>
  Number.isInteger(value)
    ? grouped(value)
    : value >= 100
      ? grouped(Math.round(value))
      : String(Math.round(value * 100) / 100);
