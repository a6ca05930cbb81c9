/** Physical frames in use, who maps them, and how often: one cell each, or runs of like neighbours where there are too many. */
import { PAGE_SIZE, TASK_SIZE } from '../../base/units';
import { Ev } from '../../engine/events';
import type { Machine } from '../../engine/machine';
import type { vm_area_struct } from '../../engine/mm/mm_types';
import { PG_anon, PG_head, PG_hugetlb, PG_mapping, PG_reserved, PG_tail, PG_used } from '../../engine/mm/page_alloc';
import { pte_pfn } from '../../engine/mm/pgtable';
import type { FrameCell, FramesPicture, FramesRequest, Mark } from '../picture';
import type { Scene } from '../run';
import { inodesOf, nameTime, ownedBy, stepEvents, titleOf, type Title } from './look';
import { walkTables } from './walk';

type Kind = FrameCell['kind'];

/** From this order on (2 MiB) a page is one cell. */
const HUGE_ORDER = 9;

interface Run {
  pfn: number;
  frames: number;
  /** Frames of one page: 1, or those of a huge page. */
  unit: number;
  kind: Kind;
  refcount: number;
  mapcount: number;
  area: number;
  mask: number;
  mark: Mark;
}

export function framesPicture(scene: Scene, ask: FramesRequest): FramesPicture {
  const m = scene.now;
  const maps = reverseMap(scene, m);
  const changed = changedFrames(scene);
  const { runs, small, huge, next } = gather(scene, ask, maps, changed);
  const cells = expand(runs, small + huge <= ask.maxCells).slice(0, ask.maxCells);
  const shown = cells.map((run) => cellOf(run, maps));
  for (const cell of goneCells(scene, ask)) shown.push(cell);
  shown.sort((a, b) => a.pfn - b.pfn);
  return { who: ask.who, cells: shown, small, huge, next };
}

export interface ReverseMap {
  /** By pfn: id of one area that maps it, 0 for none; and a bit for each process (the last bit for all from 31 on). */
  readonly area: Int32Array;
  readonly mask: Int32Array;
  title(area: number): Title | undefined;
  /** What the page of an area is called that these processes map. */
  label(area: number, sharers: readonly number[]): string;
}

export function reverseMap(scene: Scene, m: Machine): ReverseMap {
  const top = m.frames.top;
  const area = new Int32Array(top);
  const mask = new Int32Array(top);
  const titles = new Map<number, Title>();
  const owners = new Map<number, vm_area_struct>();
  for (const task of m.tasks.values()) {
    const bit = 1 << Math.min(31, task.who);
    let vma = task.mm.mm_mt.first();
    let last: vm_area_struct | null = null;
    const leaf = (address: number, entry: number): void => {
      while (vma !== null && vma.vm_end <= address) vma = task.mm.mm_mt.next(vma);
      const pfn = pte_pfn(entry);
      if (pfn >= top) return;
      mask[pfn]! |= bit;
      if (vma === null || area[pfn] !== 0) return;
      area[pfn] = vma.id;
      if (vma !== last) owners.set(vma.id, (last = vma));
    };
    walkTables(task.mm, 0, TASK_SIZE, {
      small(table, from, to, address) {
        const { entries } = table;
        for (let i = from; i < to; i++) {
          const entry = entries[i]!;
          if (entry !== 0) leaf(address + (i - from) * PAGE_SIZE, entry);
        }
      },
      huge: (table, index, address) => leaf(address, table.entries[index]!),
    });
  }
  const title = (id: number): Title | undefined => {
    const vma = owners.get(id);
    if (vma === undefined) return undefined;
    const known = titles.get(id) ?? titleOf(scene, vma, nameTime(scene, m));
    titles.set(id, known);
    return known;
  };
  const labels = new Map<string, string>();
  return {
    area,
    mask,
    title,
    label(id, sharers) {
      const vma = owners.get(id);
      if (vma === undefined) return '';
      const key = `${id} ${sharers.join()}`;
      const known = labels.get(key) ?? ownedBy(scene, vma, title(id)!.name, sharers, m);
      labels.set(key, known);
      return known;
    },
  };
}

/** Frames that this step gave out or whose counts it changed, as far as its events were kept. */
export function changedFrames(scene: Scene): Map<number, Mark> {
  const found = new Map<number, Mark>();
  if (scene.was === scene.now) return found;
  const { from, to } = stepEvents(scene);
  const { recording } = scene;
  for (let i = from; i < to; i++) {
    const kind = recording.kind(i);
    const pfn = recording.operand(i, 0);
    if (kind === Ev.FrameAlloc) found.set(pfn, 'new');
    else if (kind === Ev.FrameGet || kind === Ev.FramePut || kind === Ev.FrameZero) {
      if (!found.has(pfn)) found.set(pfn, 'changed');
    }
  }
  return found;
}

function gather(scene: Scene, ask: FramesRequest, maps: ReverseMap, changed: ReadonlyMap<number, Mark>) {
  const m = scene.now;
  const { frames } = m;
  const kinds = inodeKinds(m);
  const want = ask.who === null ? -1 : 1 << Math.min(31, ask.who);
  const runs: Run[] = [];
  let small = 0;
  let huge = 0;
  let next: number | null = null;
  let last: Run | null = null;
  let lastFlags = -1;
  const top = frames.top;
  for (let pfn = 0; pfn < top; pfn++) {
    const flags = frames.flags(pfn);
    if ((flags & PG_used) === 0 || ((flags & PG_reserved) !== 0 && pfn !== 0)) continue;
    // Pages that come together but are mapped one by one (a file's) are cells of their own.
    const order = (flags & PG_head) !== 0 ? frames.order(pfn) : 0;
    const unit = order >= HUGE_ORDER ? 2 ** order : 1;
    const mask = unit === 1 ? maps.mask[pfn]! : anyMask(maps.mask, pfn, unit);
    const free = (flags & PG_hugetlb) !== 0 && frames.refcount(pfn) === 0;
    const idle = mask === 0 && (pfn === 0 || isCache(m, pfn, flags, kinds));
    if (free || idle || (want !== -1 && (mask & want) === 0)) {
      pfn += unit - 1;
      continue;
    }
    if (unit === 1) small++;
    else huge++;
    if (pfn >= ask.from && next === null) {
      // Neighbours of one anonymous mapping are of one kind.
      const kind: Kind =
        last !== null && flags === lastFlags && (flags & PG_anon) !== 0 ? last.kind : kindOf(m, pfn, flags, kinds);
      lastFlags = flags;
      const refcount = frames.refcount((flags & PG_tail) !== 0 ? frames.compound_head(pfn) : pfn);
      const mapcount = unit === 1 ? frames.mapcount(pfn) : Math.max(frames.mapcount(pfn), frames.entireMapcount(pfn));
      const area = maps.area[pfn]!;
      const mark = changed.size === 0 ? 'same' : (changed.get(pfn) ?? 'same');
      const joins: boolean =
        last !== null &&
        last.pfn + last.frames === pfn &&
        last.unit === unit &&
        last.kind === kind &&
        last.refcount === refcount &&
        last.mapcount === mapcount &&
        last.area === area &&
        last.mask === mask &&
        last.mark === mark;
      if (joins) last!.frames += unit;
      else if (runs.length >= ask.maxCells) next = pfn;
      else runs.push((last = { pfn, frames: unit, unit, kind, refcount, mapcount, area, mask, mark }));
    }
    pfn += unit - 1;
  }
  return { runs, small, huge, next };
}

/** Who maps any part of a huge page. */
function anyMask(mask: Int32Array, pfn: number, frames: number): number {
  let all = 0;
  for (let i = pfn; i < pfn + frames; i++) all |= mask[i]!;
  return all;
}

/** A file's page that nobody maps: it is only kept in case somebody asks. */
function isCache(m: Machine, pfn: number, flags: number, kinds: ReadonlyMap<number, Kind>): boolean {
  const head = (flags & PG_tail) !== 0 ? m.frames.compound_head(pfn) : pfn;
  const own = head === pfn ? flags : m.frames.flags(head);
  return (own & PG_mapping) !== 0 && (own & PG_hugetlb) === 0 && kinds.get(m.frames.mapping(head)) !== 'shmem';
}

function inodeKinds(m: Machine): Map<number, Kind> {
  const kinds = new Map<number, Kind>();
  for (const inode of inodesOf(m).values())
    kinds.set(inode.id, inode.kind === 'shmem' ? 'shmem' : inode.kind === 'hugetlb' ? 'hugetlb' : 'file');
  return kinds;
}

/** What a frame is used for. */
export function frameKinds(m: Machine): (pfn: number) => Kind {
  const kinds = inodeKinds(m);
  return (pfn) => kindOf(m, pfn, m.frames.flags(pfn), kinds);
}

function kindOf(m: Machine, pfn: number, flags: number, kinds: ReadonlyMap<number, Kind>): Kind {
  if (pfn === 0 || (pfn === m.huge_zero_pfn && pfn !== 0)) return 'zero';
  if ((flags & PG_hugetlb) !== 0) return 'hugetlb';
  if ((flags & PG_tail) !== 0)
    return kindOf(m, m.frames.compound_head(pfn), m.frames.flags(m.frames.compound_head(pfn)), kinds);
  if ((flags & PG_anon) !== 0) return 'anon';
  if ((flags & PG_mapping) !== 0) return kinds.get(m.frames.mapping(pfn)) ?? 'file';
  return 'kernel';
}

/** Runs as single cells where all of them fit. */
function expand(runs: readonly Run[], single: boolean): Run[] {
  if (!single) return [...runs];
  const out: Run[] = [];
  for (const run of runs) {
    for (let pfn = run.pfn; pfn < run.pfn + run.frames; pfn += run.unit) out.push({ ...run, pfn, frames: run.unit });
  }
  return out;
}

function cellOf(run: Run, maps: ReverseMap): FrameCell {
  const title = maps.title(run.area);
  const sharers: number[] = [];
  for (let who = 0; who < 32 && sharers.length < 8; who++) if ((run.mask & (1 << who)) !== 0) sharers.push(who);
  return {
    ref: `frame:${run.pfn}`,
    pfn: run.pfn,
    frames: run.frames,
    run: run.frames > run.unit,
    kind: run.kind,
    refcount: run.refcount,
    mapcount: run.mapcount,
    sharers,
    area: run.area,
    label: maps.label(run.area, sharers),
    slot: title?.slot ?? 0,
    mark: run.mark,
  };
}

/** Frames that this step freed and nobody took since, at most 64. */
function goneCells(scene: Scene, ask: FramesRequest): FrameCell[] {
  if (scene.was === scene.now) return [];
  const { from, to } = stepEvents(scene);
  const gone: FrameCell[] = [];
  const seen = new Set<number>();
  const kinds = inodeKinds(scene.was);
  for (let i = from; i < to && gone.length < 64; i++) {
    if (scene.recording.kind(i) !== Ev.FrameFree) continue;
    const pfn = scene.recording.operand(i, 0);
    const unit = 2 ** scene.recording.operand(i, 1);
    const flags = scene.was.frames.flags(pfn);
    if (seen.has(pfn) || pfn < ask.from || (scene.now.frames.flags(pfn) & PG_used) !== 0) continue;
    if ((flags & PG_used) === 0 || (ask.who !== null && scene.was.frames.refcount(pfn) === 0)) continue;
    seen.add(pfn);
    gone.push({
      ref: `frame:${pfn}`,
      pfn,
      frames: unit,
      run: false,
      kind: kindOf(scene.was, pfn, flags, kinds),
      refcount: 0,
      mapcount: 0,
      sharers: [],
      area: 0,
      label: '',
      slot: 0,
      mark: 'gone',
    });
  }
  return gone;
}
