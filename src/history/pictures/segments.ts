/** The stretches of one area: present, absent, promised; drawn as a few equal parts where there are too many. */
import { PAGE_SIZE, PMD_SIZE } from '../../base/units';
import type { vm_area_struct } from '../../engine/mm/mm_types';
import type { AreaSegment, Mark } from '../picture';
import type { Scene } from '../run';
import { isHugetlb, isPromised, mmOf, promisedPages, tally } from './look';
import { walkTables } from './walk';

interface Stretch {
  start: number;
  end: number;
  state: 'present' | 'absent' | 'reserved';
  pageSize: number;
}

export function segmentsOf(scene: Scene, vma: vm_area_struct, pageSize: number, max: number): AreaSegment[] {
  const runs = stretches(vma, pageSize, max);
  if (runs !== null) {
    return runs.map((run) => {
      const pages = (run.end - run.start) / run.pageSize;
      const mark = markOf(scene, vma, run.start, run.end, run.state === 'present' ? run.end - run.start : 0);
      return { ...run, pages, present: run.state === 'present' ? pages : 0, mark };
    });
  }
  return parts(scene, vma, pageSize, max);
}

/** Huge pages of an area with no more than these stay apart: each is a thing of its own. */
const FEW_PAGES = 16;

/** Runs of like pages, ascending and adjoining; null when there are more than `limit`. */
function stretches(vma: vm_area_struct, pageSize: number, limit: number): Stretch[] | null {
  const runs: Stretch[] = [];
  const apart = vma.vm_end - vma.vm_start <= FEW_PAGES * PMD_SIZE;
  const promised = pageSize > PAGE_SIZE && isHugetlb(vma) && promisedPages(vma) > 0;
  let at = vma.vm_start;
  const push = (start: number, end: number, state: Stretch['state'], size: number): void => {
    const last = runs[runs.length - 1];
    const like = last !== undefined && last.state === state && last.pageSize === size && last.end === start;
    if (like && !(apart && size > PAGE_SIZE)) last.end = end;
    else if (runs.length <= limit) runs.push({ start, end, state, pageSize: size });
  };
  const fill = (to: number): void => {
    if (to <= at) return;
    if (!promised && !apart) push(at, to, 'absent', pageSize);
    else {
      const step = pageSize === PAGE_SIZE ? to - at : pageSize;
      for (let page = at; page < to; page += step)
        push(page, page + step, promised && isPromised(vma, page) ? 'reserved' : 'absent', pageSize);
    }
    at = to;
  };
  walkLeaves(vma, (address, bytes, size) => {
    if (runs.length > limit) return;
    fill(address);
    push(address, address + bytes, 'present', size);
    at = address + bytes;
  });
  if (runs.length <= limit) fill(vma.vm_end);
  return runs.length > limit ? null : runs;
}

/** Tells of every stretch of pages of one size that is there; neighbours may come one by one. */
function walkLeaves(vma: vm_area_struct, visit: (address: number, bytes: number, size: number) => void): void {
  const { vm_start, vm_end } = vma;
  walkTables(vma.vm_mm, vm_start, vm_end, {
    small(table, from, to, address) {
      const { entries } = table;
      if (table.used === entries.length) {
        visit(address, (to - from) * PAGE_SIZE, PAGE_SIZE);
        return;
      }
      for (let i = from; i < to;) {
        const first = i;
        while (i < to && entries[i] !== 0) i++;
        if (i > first) visit(address + (first - from) * PAGE_SIZE, (i - first) * PAGE_SIZE, PAGE_SIZE);
        while (i < to && entries[i] === 0) i++;
      }
    },
    huge(_table, _index, address, size) {
      const start = Math.max(address, vm_start);
      visit(start, Math.min(address + size, vm_end) - start, size);
    },
  });
}

/** `max` parts of equal size, each with its share. */
function parts(scene: Scene, vma: vm_area_struct, pageSize: number, max: number): AreaSegment[] {
  const unit = Math.max(pageSize, PAGE_SIZE);
  const size = vma.vm_end - vma.vm_start;
  const step = Math.max(unit, Math.ceil(size / max / unit) * unit);
  const out: AreaSegment[] = [];
  for (let start = vma.vm_start; start < vma.vm_end; start += step) {
    const end = Math.min(start + step, vma.vm_end);
    const { bytes } = tally(vma.vm_mm, start, end);
    const pages = (end - start) / unit;
    const present = Math.min(pages, Math.round(bytes / unit));
    let state: AreaSegment['state'] = bytes === 0 ? 'absent' : bytes >= end - start ? 'present' : 'mixed';
    if (bytes === 0 && unit === PMD_SIZE && isHugetlb(vma) && isPromised(vma, start)) state = 'reserved';
    out.push({ start, end, state, pages, present, pageSize: unit, mark: markOf(scene, vma, start, end, bytes) });
  }
  return out;
}

/** Compared with what was present at the step before. */
function markOf(scene: Scene, vma: vm_area_struct, start: number, end: number, bytes: number): Mark {
  if (scene.was === scene.now || vma.vm_mm.machine !== scene.now) return 'same';
  const was = mmOf(scene.was, vma.vm_mm.id);
  if (was === null) return 'same';
  const before = tally(was, start, end).bytes;
  if (before === bytes) return 'same';
  return before < bytes ? 'new' : 'changed';
}
