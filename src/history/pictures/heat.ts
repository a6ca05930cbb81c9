/** One pixel for each page of a window, or for each part of it. */
import { PAGE_SIZE } from '../../base/units';
import type { mm_struct } from '../../engine/mm/mm_types';
import { walk_page_range } from '../../engine/mm/pagewalk';
import { _PAGE_DIRTY, _PAGE_RW, LEVEL_SIZE } from '../../engine/mm/pgtable';
import type { HeatPicture, HeatRequest } from '../picture';
import type { Scene } from '../run';
import { mmOf, titleOf } from './look';

const MOST_PIXELS = 262_144;
export const IN_AREA = 8;
export const PRESENT = 16;
export const WRITABLE = 32;
export const DIRTY = 64;
export const CHANGED = 128;

export function heatPicture(scene: Scene, ask: HeatRequest): HeatPicture {
  const most = Math.max(1, Math.min(MOST_PIXELS, ask.maxPixels));
  const start = ask.start - (ask.start % PAGE_SIZE);
  let bytesPerPixel = PAGE_SIZE;
  while ((ask.end - start) / bytesPerPixel > most) bytesPerPixel *= 2;
  const n = Math.max(0, Math.ceil((ask.end - start) / bytesPerPixel));
  const end = start + n * bytesPerPixel;
  const pixels = new Uint8Array(n);
  const fill = new Uint8Array(n);
  const answer = { who: ask.who, start, end, bytesPerPixel, pixels, fill };
  const now = mmOf(scene.now, ask.who);
  if (now === null) return answer;

  for (const vma of now.mm_mt.range(start, end)) {
    const code = IN_AREA | titleOf(scene, vma, scene.k).slot;
    const from = Math.floor((Math.max(start, vma.vm_start) - start) / bytesPerPixel);
    const to = Math.ceil((Math.min(end, vma.vm_end) - start) / bytesPerPixel);
    for (let i = from; i < to; i++) if (pixels[i] === 0) pixels[i] = code;
  }
  const entries = leavesIn(now, start, end, bytesPerPixel);
  const was = scene.was === scene.now ? null : mmOf(scene.was, ask.who);
  const before = was === null ? entries : leavesIn(was, start, end, bytesPerPixel);
  const perPixel = bytesPerPixel / PAGE_SIZE;
  for (let i = 0; i < n; i++) {
    const present = entries.pages[i]!;
    if (present > 0) {
      const bits = entries.bits[i]!;
      pixels[i]! |= PRESENT | ((bits & _PAGE_RW) !== 0 ? WRITABLE : 0) | ((bits & _PAGE_DIRTY) !== 0 ? DIRTY : 0);
      fill[i] = Math.max(1, Math.round((present / perPixel) * 255));
    }
    if (entries.sums[i] !== before.sums[i] || present !== before.pages[i]) pixels[i]! |= CHANGED;
  }
  return answer;
}

interface Leaves {
  /** Pages present, flags seen, and a sum over the entries that tells a change. */
  readonly pages: Float64Array;
  readonly bits: Uint8Array;
  readonly sums: Float64Array;
}

function leavesIn(mm: mm_struct, start: number, end: number, bytesPerPixel: number): Leaves {
  const n = (end - start) / bytesPerPixel;
  const pages = new Float64Array(n);
  const bits = new Uint8Array(n);
  const sums = new Float64Array(n);
  walk_page_range(mm, start, end, (address, entry, table) => {
    const size = LEVEL_SIZE[table.level]!;
    if (size <= bytesPerPixel) {
      const i = Math.floor((address - start) / bytesPerPixel);
      if (i < 0 || i >= n) return;
      pages[i]! += size / PAGE_SIZE;
      bits[i]! |= entry;
      sums[i]! += entry;
      return;
    }
    const from = Math.max(0, Math.floor((address - start) / bytesPerPixel));
    const to = Math.min(n, Math.ceil((address + size - start) / bytesPerPixel));
    for (let i = from; i < to; i++) {
      pages[i]! += bytesPerPixel / PAGE_SIZE;
      bits[i]! |= entry;
      sums[i]! += entry;
    }
  });
  return { pages, bits, sums };
}
