/** Path data: how to write it, and which paths can turn into which. */

const shape = (d: string): string => d.replace(/-?[\d.]+(e-?\d+)?/g, '').replace(/[\s,]+/g, '');

/** Whether one path can move into another: both have the same commands. */
export const sameCommands = (a: string, b: string): boolean => shape(a) === shape(b);

const round = (x: number): number => Math.round(x * 10) / 10;

/** A curve that leaves downwards and arrives from above. */
export function fall(x0: number, y0: number, x1: number, y1: number): string {
  const middle = (y0 + y1) / 2;
  return `M${round(x0)},${round(y0)}C${round(x0)},${round(middle)} ${round(x1)},${round(middle)} ${round(x1)},${round(y1)}`;
}

/** A straight stroke. */
export const stroke = (x0: number, y0: number, x1: number, y1: number): string =>
  `M${round(x0)},${round(y0)}L${round(x1)},${round(y1)}`;

/** A curve that leaves sideways and arrives from the side. */
export function across(x0: number, y0: number, x1: number, y1: number): string {
  const middle = (x0 + x1) / 2;
  return `M${round(x0)},${round(y0)}C${round(middle)},${round(y0)} ${round(middle)},${round(y1)} ${round(x1)},${round(y1)}`;
}

/** The torn edge of a page, downwards: eight teeth, whatever its height. */
export function zigzag(x: number, y0: number, y1: number): string {
  const step = (y1 - y0) / 8;
  const points = Array.from({ length: 9 }, (_, i) => `${round(x + (i % 2 === 0 ? -3 : 3))},${round(y0 + i * step)}`);
  return `M${points.join('L')}`;
}
