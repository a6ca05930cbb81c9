import { hex } from '../../base/units';
import type { HeatPicture } from '../../history/picture';
import type { TwinTable } from '../twin';

const PARTS = 16;

/** The map as a table of sixteen equal parts: how much of each is inside areas, and how much is present. */
export function twinOfHeatMap(picture: HeatPicture): TwinTable {
  const { pixels, fill, start, bytesPerPixel } = picture;
  const each = Math.max(1, Math.ceil(pixels.length / PARTS));
  const rows = [];
  for (let from = 0; from < pixels.length; from += each) {
    const to = Math.min(pixels.length, from + each);
    let inside = 0;
    let present = 0;
    let changed = 0;
    for (let i = from; i < to; i++) {
      if ((pixels[i]! & 8) !== 0) inside++;
      present += fill[i]! / 255;
      if ((pixels[i]! & 128) !== 0) changed++;
    }
    const share = (n: number): string => `${Math.round((100 * n) / (to - from))} %`;
    rows.push({
      key: `part:${from}`,
      keys: [],
      cells: [hex(start + from * bytesPerPixel), share(inside), share(present)],
      ...(changed > 0 ? { change: `${changed} changed` } : {}),
    });
  }
  return { kind: 'table', label: 'Entries', columns: ['From', 'Mapped', 'Present'], rows };
}
