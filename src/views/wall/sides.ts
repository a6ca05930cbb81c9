/** The two sides of the wall. */
export type SideName = 'left' | 'right';
export const SIDES: readonly SideName[] = ['left', 'right'];

/** Pixels of ground around the picture. */
export const MARGIN = 8;

/** Below this width, in pixels at a scale of 1, areas stand over their tables instead of beside them. */
const ROOMY = 560;

/** Where things stand across: areas, tables and frames, each as its left edge and width. */
export interface Columns {
  readonly area: Readonly<Record<SideName, readonly [number, number]>> | null;
  readonly table: Readonly<Record<SideName, readonly [number, number]>>;
  readonly middle: readonly [number, number];
}

/** Areas beside tables where there is room for both; the frames take what is left. */
export function columnsIn(width: number, scale: number): Columns {
  const w = width - 2 * MARGIN;
  const px = (n: number): number => Math.round(n * scale);
  if (width < ROOMY * scale) {
    const table = Math.floor(w * 0.25);
    const gap = Math.floor(w * 0.06);
    return {
      area: null,
      table: { left: [MARGIN + 5, table], right: [MARGIN + w - table - 5, table] },
      middle: [MARGIN + table + gap + 5, w - 2 * (table + gap + 5)],
    };
  }
  const area = Math.min(px(190), Math.floor(w * 0.15));
  const table = Math.min(px(150), Math.floor(w * 0.13));
  const near = Math.floor(w * 0.022);
  const far = Math.floor(w * 0.04);
  const inner = area + near + table;
  return {
    area: { left: [MARGIN, area], right: [MARGIN + w - area, area] },
    table: { left: [MARGIN + area + near, table], right: [MARGIN + w - area - near - table, table] },
    middle: [MARGIN + inner + far, w - 2 * (inner + far)],
  };
}
