/** The line of a scenario's head that asks for a translation cache. */

const LINE = /^tlb:[ \t]*(\S+)[^\n]*\n?/m;
const SHAPE = /^[1-9]\d{0,2}x[1-9]\d?\+[1-9]\d{0,2}x[1-9]\d?$/;

/** The shape that a scenario asks for; null for none. */
export const shapeOf = (text: string): string | null => LINE.exec(text)?.[1] ?? null;

/** The scenario with a cache of this shape, `4x4+1x8`; empty: without. Null for a shape that is none. */
export function withTlb(text: string, shape: string): string | null {
  const without = text.replace(LINE, '');
  if (shape === '') return without;
  if (!SHAPE.test(shape)) return null;
  const title = /^title:[^\n]*\n/.exec(without);
  const at = title === null ? 0 : title[0].length;
  return `${without.slice(0, at)}tlb: ${shape}\n${without.slice(at)}`;
}
