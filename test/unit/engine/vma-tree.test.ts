import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../src/base/random';
import { createMachine } from '../../../src/engine/process';
import { vm_area_struct } from '../../../src/engine/mm/mm_types';
import { VmaTree } from '../../../src/engine/mm/vma_tree';

const m = createMachine();
const mm = m.newMm(7);
const area = (start: number, end: number): vm_area_struct => new vm_area_struct(start, mm, start, end, 0, 0);

/** The slow and obvious way: every gap of a sorted list, clipped. */
function gaps(areas: vm_area_struct[], low: number, high: number): [number, number][] {
  const found: [number, number][] = [];
  let from = low;
  for (const v of areas) {
    const to = Math.min(v.vm_start, high);
    if (to > from) found.push([from, to]);
    from = Math.max(from, v.vm_end);
  }
  if (high > from) found.push([from, high]);
  return found;
}

describe('the tree of areas agrees with a sorted list', () => {
  it('in finding, neighbours and gaps, through thousands of changes', () => {
    const random = seededRandom(11);
    const pick = (n: number): number => Math.floor(random() * n);
    const tree = new VmaTree();
    let list: vm_area_struct[] = [];
    for (let round = 0; round < 6000; round++) {
      const start = pick(40_000);
      const end = start + 1 + pick(6);
      if (random() < (list.length > 3000 ? 0.3 : 0.6)) {
        if (list.every((v) => v.vm_end <= start || v.vm_start >= end)) {
          const v = area(start, end);
          tree.insert(v);
          list.push(v);
          list.sort((a, b) => a.vm_start - b.vm_start);
        }
      } else if (list.length > 0) {
        const v = list[pick(list.length)]!;
        if (random() < 0.3 && v.vm_end - v.vm_start > 1) {
          v.vm_end--;
          tree.changed(v);
        } else {
          tree.erase(v);
          list = list.filter((one) => one !== v);
        }
      }
      if (round % 10 !== 0) continue;
      const at = pick(41_000);
      const i = list.findIndex((v) => v.vm_end > at);
      expect(tree.find(at)).toBe(i < 0 ? null : list[i]);
      if (i >= 0) {
        expect(tree.next(list[i]!)).toBe(list[i + 1] ?? null);
        expect(tree.prev(list[i]!)).toBe(list[i - 1] ?? null);
      }
      const low = pick(20_000);
      const high = low + pick(25_000);
      const length = 1 + pick(12);
      const fitting = gaps(list, low, high).filter(([a, b]) => b - a >= length);
      expect(tree.gapBelow(low, high, length)).toBe(fitting.at(-1)?.[1] ?? -1);
      expect(tree.gapAbove(low, high, length)).toBe(fitting[0]?.[0] ?? -1);
      expect(tree.size).toBe(list.length);
    }
    expect([...tree]).toEqual(list);
  });
});

it('an area that is used again is like a new one in every field', () => {
  const used = m.tasks.get(0)!.mm.mm_mt.first()!;
  const copy = Object.assign(area(1, 2), used);
  copy.renew(9, mm, 4096, 8192, 1, 3);
  expect({ ...copy, vm_mm: null }).toEqual({ ...new vm_area_struct(9, mm, 4096, 8192, 1, 3), vm_mm: null });
});
