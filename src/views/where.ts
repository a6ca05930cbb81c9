/** Where the marks of the pictures on the page stand: for what is drawn across panes. */
import type { Anchor, ViewName } from './beats/types';
import { stages } from './on-page';
import type { Box, Rect, Scene } from './scene';
import { textRect } from './scene';

const VIEW: Readonly<Record<string, ViewName>> = {
  'address-space': 'areas',
  'page-tables': 'tables',
  pool: 'pool',
  frames: 'frames',
};

/** Where a mark stands on the page, in CSS pixels of the viewport. */
export interface Place {
  readonly rect: Rect;
  /** The part of the page in which its picture is seen: what lies outside of it is scrolled away. */
  readonly pane: Rect;
}

const rectOf = ({ x, y, width: w, height: h }: DOMRect): Rect => ({ x, y, w, h });

/** The nearest element around a picture that cuts off what sticks out. */
function paneOf(svg: Element): Rect {
  for (let one = svg.parentElement; one !== null; one = one.parentElement)
    if (/auto|scroll|hidden|clip/.test(getComputedStyle(one).overflowY)) return rectOf(one.getBoundingClientRect());
  return { x: 0, y: 0, w: innerWidth, h: innerHeight };
}

/** Where a thing is drawn; null where its picture is not on the page, or does not show it. */
export function placeOf(anchor: Anchor): Place | null {
  for (const stage of stages) {
    const scene = stage.scene();
    if (VIEW[stage.name] !== anchor.view || scene === null) continue;
    const at = stage.svg.getBoundingClientRect();
    if (at.width === 0) continue;
    const box = markOf(scene, anchor);
    if (box === null) continue;
    return { rect: { x: at.x + box.x, y: at.y + box.y, w: box.w, h: box.h }, pane: paneOf(stage.svg) };
  }
  return null;
}

/** Whether a picture is on the page and seen. */
export const isSeen = (view: ViewName): boolean =>
  [...stages].some(({ name, svg }) => VIEW[name] === view && svg.getBoundingClientRect().width > 0);

/** What is drawn of a picture that is seen; null where none is. */
export function sceneOf(view: ViewName): Scene | null {
  for (const { name, svg, scene } of stages)
    if (VIEW[name] === view && svg.getBoundingClientRect().width > 0) return scene();
  return null;
}

/** Every text in sight, in CSS pixels of the viewport: what a label must not lie over. */
export function textsInSight(): Rect[] {
  const found: Rect[] = [];
  for (const { svg, scene } of stages) {
    const at = svg.getBoundingClientRect();
    if (at.width === 0) continue;
    for (const text of scene()?.texts ?? []) {
      const { x, y, w, h } = textRect(text);
      found.push({ x: at.x + x, y: at.y + y, w, h });
    }
  }
  return found;
}

const meets = (a: { from: number; to: number }, b: { from: number; to: number }): boolean =>
  a.from < b.to && b.from < a.to;

/** The mark of a thing in a scene: the smallest of those that stand for its frames or addresses, else by its name. */
function markOf(scene: Scene, anchor: Anchor): Rect | null {
  const { frames, range, refs } = anchor;
  if (refs.length === 0 && range === undefined && frames === undefined) return headOf(scene);
  const entry = /^entry:(\d+):(\d+)$/.exec(refs[0] ?? '');
  const index = Number(entry?.[2]);
  const stands = ({ extent, button }: Box): boolean => {
    if (extent === undefined || button === true) return false;
    if (frames !== undefined) return extent.frames !== undefined && meets(extent.frames, frames);
    if (range !== undefined)
      return extent.range?.who === range.who && extent.range.start < range.end && range.start < extent.range.end;
    return (
      entry !== null &&
      extent.entries?.table === Number(entry[1]) &&
      extent.entries.from <= index &&
      index < extent.entries.to
    );
  };
  const area = (box: Box): number => box.w * box.h;
  const found = scene.boxes
    .filter(stands)
    .reduce<Box | null>((a, b) => (a === null || area(b) < area(a) ? b : a), null);
  if (found !== null) return within(found, index);
  if (refs[0] === 'missing' && !scene.boxes.some(({ alias }) => alias === 'missing')) return headOf(scene);
  for (const ref of refs) {
    const box = scene.boxes.find((one) => one.button !== true && (one.keys[0] === ref || one.alias === ref));
    if (box !== undefined) return ref.startsWith('table:') && Number.isFinite(index) ? share(box, index / 512) : box;
  }
  return null;
}

/** Where a picture begins: what stands for it as a whole. */
const headOf = ({ width, height }: Scene): Rect => ({ x: 5, y: 5, w: width - 10, h: Math.min(height, 58) });

/** The part of a run's mark that one entry of it has. */
function within(box: Box, index: number): Rect {
  const entries = box.extent?.entries;
  if (entries === undefined || !Number.isFinite(index) || entries.to - entries.from < 2) return box;
  const w = box.w / (entries.to - entries.from);
  return { x: box.x + (index - entries.from) * w, y: box.y, w, h: box.h };
}

/** Where in a table an entry without a mark would stand. */
const share = (box: Rect, at: number): Rect => ({ x: box.x + at * box.w - 2, y: box.y + 3, w: 4, h: box.h - 6 });
