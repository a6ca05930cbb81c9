/** From boxes to rectangles: what stands around and inside a mark (halo, inner border, stacked copies, filled share). */
import type { Box, Scene } from './scene';

/** One rectangle to be drawn. `part` is empty for the mark itself. */
export interface Drawn {
  readonly key: string;
  readonly box: Box;
  readonly part: '' | 'halo' | 'behind' | 'inner' | 'fill';
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
  readonly r: number;
}

const HALO = 3;

const grown = (box: Box, part: Drawn['part'], by: number, dx = 0, dy = 0): Drawn => ({
  key: part === '' ? box.key : `${box.key}~${part}${dx || ''}`,
  box,
  part,
  x: box.x - by + dx,
  y: box.y - by + dy,
  w: Math.max(0.5, box.w + 2 * by),
  h: Math.max(0.5, box.h + 2 * by),
  r: Math.max(0, Math.min((box.r ?? 3) + by, (box.h + 2 * by) / 2)),
});

/** The rectangles of one layer, lowest first. */
export function drawnOf(scene: Scene, layer: number): Drawn[] {
  const halos: Drawn[] = [];
  const marks: Drawn[] = [];
  for (const box of scene.boxes) {
    if (box.layer !== layer) continue;
    if (box.mark === 'new' || box.mark === 'changed') halos.push(grown(box, 'halo', HALO));
    if (box.look === 'stack') marks.push(grown(box, 'behind', -1, 4, 4), grown(box, 'behind', -1, 2, 2));
    // The edge is drawn inside the box, so that neighbours touch and do not overlap.
    marks.push(grown(box, '', box.w > 3 && box.look !== 'ground' ? -0.5 : 0));
    if (box.fill !== undefined && box.fill > 0) {
      const whole = grown(box, 'fill', -0.5);
      marks.push({ ...whole, w: Math.max(1, whole.w * Math.min(1, box.fill)) });
    }
    if (box.look === 'double' && box.w > 12 && box.h > 15) marks.push(grown(box, 'inner', -3));
  }
  return [...halos, ...marks];
}
