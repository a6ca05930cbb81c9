/** The heat map: one pixel for each entry (or for several), a PTE table to a row; the lowest address is at the bottom left,
 * as in the address space beside it. */
import { hex } from '../../base/units';
import type { HeatPicture } from '../../history/picture';
import type { Room } from '../scene-view';
import { firstThatFits, roundSize } from '../text';

export interface HeatLayout {
  readonly columns: number;
  readonly rows: number;
  /** Screen pixels for each of the picture's, across and down. */
  readonly side: number;
  readonly width: number;
  readonly height: number;
  readonly caption: string;
}

export const MARGIN = 5;

export function layoutHeatMap(picture: HeatPicture, { width, height, scale }: Room): HeatLayout {
  const room = Math.max(64, width - 2 * MARGIN);
  const columns = [512, 256, 128, 64].find((n) => n <= room) ?? 64;
  const rows = Math.max(1, Math.ceil(picture.pixels.length / columns));
  const captionHeight = 24 * scale;
  const tall = Math.max(64, height - 2 * MARGIN - captionHeight);
  const side = Math.max(1, Math.min(8, Math.floor(room / columns), Math.floor(tall / rows)));
  const row = roundSize(columns * picture.bytesPerPixel);
  const pixel = roundSize(picture.bytesPerPixel);
  return {
    columns,
    rows,
    side,
    width: columns * side,
    height: rows * side,
    caption: firstThatFits(
      [
        `One pixel is ${pixel}, a row ${row}; ${hex(picture.start)} at the bottom`,
        `One pixel is ${pixel}, a row ${row}; from ${hex(picture.start)} up`,
        `One pixel is ${pixel}, a row ${row}`,
        `Pixel ${pixel}, row ${row}`,
      ],
      room,
      12 * scale,
    ),
  };
}

/** The addresses of the pixel at a place within the map; null beside it. */
export function rangeAt(
  picture: HeatPicture,
  layout: HeatLayout,
  x: number,
  y: number,
): { start: number; end: number } | null {
  const column = Math.floor(x / layout.side);
  const row = layout.rows - 1 - Math.floor(y / layout.side);
  const pixel = row * layout.columns + column;
  if (column < 0 || column >= layout.columns || row < 0 || row >= layout.rows || pixel >= picture.pixels.length)
    return null;
  const start = picture.start + pixel * picture.bytesPerPixel;
  return { start, end: Math.min(picture.end, start + picture.bytesPerPixel) };
}

/** A colour as red, green, blue. */
export type Colour = readonly [number, number, number];

export interface HeatColours {
  /** Outside of every area. */
  readonly nothing: Colour;
  /** Inside an area of this slot, nothing present; and all present. */
  readonly absent: readonly Colour[];
  readonly present: readonly Colour[];
  readonly changed: Colour;
}

/** Writes the picture as RGBA into `rgba`, which has room for `columns` × `rows` pixels, the last row first. */
export function colourPixels(
  picture: HeatPicture,
  { columns, rows }: Pick<HeatLayout, 'columns' | 'rows'>,
  colours: HeatColours,
  rgba: Uint8ClampedArray,
): void {
  const { pixels, fill } = picture;
  for (let i = 0; i < columns * rows; i++) {
    const row = Math.floor(i / columns);
    const o = 4 * (i + (rows - 1 - 2 * row) * columns);
    const bits = i < pixels.length ? pixels[i]! : 0;
    const slot = bits & 7;
    const colour = (bits & 8) === 0 ? colours.nothing : colours.absent[slot]!;
    let share = 0;
    if ((bits & 16) !== 0) {
      // Even one page in a pixel must be told from none; what may not be written is paler.
      share = 0.35 + (0.65 * fill[i]!) / 255;
      if ((bits & 32) === 0) share *= 0.6;
    }
    const full = colours.present[slot]!;
    // What changed is nearer to the ink, and still of its mapping's colour: all of a gigabyte may have changed.
    const ink = (bits & 128) !== 0 ? 0.45 : 0;
    for (let channel = 0; channel < 3; channel++) {
      const plain = colour[channel]! + (full[channel]! - colour[channel]!) * share;
      rgba[o + channel] = plain + (colours.changed[channel]! - plain) * ink;
    }
    rgba[o + 3] = i < pixels.length ? 255 : 0;
  }
}
