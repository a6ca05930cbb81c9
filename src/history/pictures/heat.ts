/** One pixel for each page of a window, or for each part of it. */
import { PAGE_SIZE } from '../../base/units';
import type { mm_struct } from '../../engine/mm/mm_types';
import { _PAGE_DIRTY, _PAGE_RW } from '../../engine/mm/pgtable';
import type { HeatPicture, HeatRequest } from '../picture';
import type { Scene } from '../run';
import { mmOf, titleOf } from './look';
import { walkTables } from './walk';

const MOST_PIXELS = 262_144;
const IN_AREA = 8;
const PRESENT = 16;
const WRITABLE = 32;
const DIRTY = 64;
const CHANGED = 128;

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
  const was = scene.was === scene.now ? null : mmOf(scene.was, ask.who);
  if (bytesPerPixel === PAGE_SIZE) {
    const entries = entriesIn(now, start, n);
    const before = was === null ? entries : entriesIn(was, start, n);
    for (let i = 0; i < n; i++) {
      const entry = entries[i]!;
      if (entry !== 0) {
        pixels[i]! |= bitsOf(entry);
        fill[i] = 255;
      }
      if (entry !== before[i]) pixels[i]! |= CHANGED;
    }
    return answer;
  }
  const leaves = leavesIn(now, start, end, bytesPerPixel);
  const before = was === null ? leaves : leavesIn(was, start, end, bytesPerPixel);
  const perPixel = bytesPerPixel / PAGE_SIZE;
  for (let i = 0; i < n; i++) {
    const present = leaves.pages[i]!;
    if (present > 0) {
      pixels[i]! |= bitsOf(leaves.bits[i]!);
      fill[i] = Math.max(1, Math.round((present / perPixel) * 255));
    }
    if (leaves.sums[i] !== before.sums[i] || present !== before.pages[i]) pixels[i]! |= CHANGED;
  }
  return answer;
}

const bitsOf = (entry: number): number =>
  PRESENT | ((entry & _PAGE_RW) !== 0 ? WRITABLE : 0) | ((entry & _PAGE_DIRTY) !== 0 ? DIRTY : 0);

/** The entry of each of `n` pages from `start` on: what a pixel for each page is made of. */
function entriesIn(mm: mm_struct, start: number, n: number): Uint32Array {
  const found = new Uint32Array(n);
  walkTables(mm, start, start + n * PAGE_SIZE, {
    small: (table, from, to, address) => found.set(table.entries.subarray(from, to), (address - start) / PAGE_SIZE),
    huge(table, index, address, size) {
      const first = (address - start) / PAGE_SIZE;
      found.fill(table.entries[index]!, Math.max(0, first), Math.min(n, first + size / PAGE_SIZE));
    },
  });
  return found;
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
  walkTables(mm, start, end, {
    small(table, from, to, address) {
      const { entries } = table;
      const perPixel = bytesPerPixel / PAGE_SIZE;
      const first = (address - start) / PAGE_SIZE;
      for (let k = from; k < to; k++) {
        const entry = entries[k]!;
        if (entry === 0) continue;
        const i = Math.floor((first + k - from) / perPixel);
        pages[i]!++;
        bits[i]! |= entry;
        sums[i]! += entry;
      }
    },
    huge(table, index, address, size) {
      const entry = table.entries[index]!;
      const from = Math.max(0, Math.floor((address - start) / bytesPerPixel));
      const to = Math.min(n, Math.ceil((address + size - start) / bytesPerPixel));
      const each = Math.min(size, bytesPerPixel) / PAGE_SIZE;
      for (let i = from; i < to; i++) {
        pages[i]! += each;
        bits[i]! |= entry;
        sums[i]! += entry;
      }
    },
  });
  return { pages, bits, sums };
}
