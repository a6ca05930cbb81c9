/** What one table holds, as runs of like entries. */
import type { vm_area_struct } from '../../engine/mm/mm_types';
import { LEVEL_SIZE, PTE, pte_pfn, PTRS_PER_TABLE } from '../../engine/mm/pgtable';
import type { EntryRun, Mark, Slot } from '../picture';
import { bitsText } from './bits';
import type { Place } from './place';

/** Finds the area of an address, among those that stand (or stood, for what is gone). */
export interface Owner {
  find(address: number, gone: boolean): vm_area_struct | null;
  slot(vma: vm_area_struct, gone: boolean): Slot;
}

/** Runs of one lowest table that are drawn apart; more become `PARTS` mixed ones. */
const MOST_RUNS = 24;
const PARTS = 16;
/** Huge leaves that are drawn one by one in one table; more are joined. */
const MOST_LEAVES = 16;

type Open = { -readonly [K in keyof EntryRun]: EntryRun[K] };

const NOTHING = new Uint32Array(PTRS_PER_TABLE);

export function runsOf(place: Place, owner: Owner): EntryRun[] {
  const { table } = place;
  const gone = place.mark === 'gone';
  const entries = gone ? NOTHING : table.entries;
  let before: Uint32Array = NOTHING;
  if (gone) before = table.entries;
  else if (place.mark === 'same') before = entries;
  else if (place.before !== null) before = place.before.table.entries;
  const leaves = table.level === PTE ? lowest(place, entries, before, owner) : [];
  if (table.level !== PTE) {
    leaves.push(...hugeLeaves(place, entries, before, owner));
    leaves.push(...tablesBelow(place, owner));
    leaves.sort((a, b) => a.from - b.from);
  }
  return leaves;
}

function blank(place: Place, from: number, kind: EntryRun['kind']): Open {
  return {
    ref: `entry:${place.table.id}:${from}`,
    from,
    to: from + 1,
    kind,
    address: place.base + from * LEVEL_SIZE[place.table.level]!,
    bits: '',
    pfn: -1,
    contiguous: false,
    area: 0,
    slot: 0,
    child: 0,
    tables: 0,
    leaves: 0,
    mark: 'same',
    was: '',
  };
}

const markOf = (now: number, was: number): Mark => {
  if (now === was) return 'same';
  if (was === 0) return 'new';
  return now === 0 ? 'gone' : 'changed';
};

function leafRun(place: Place, i: number, now: number, was: number, owner: Owner): Open {
  const huge = place.table.level !== PTE;
  const run = blank(place, i, huge ? 'huge' : 'leaf');
  const shown = now === 0 ? was : now;
  run.mark = markOf(now, was);
  run.bits = bitsText(shown);
  run.was = run.mark === 'changed' ? bitsText(was) : '';
  run.pfn = pte_pfn(shown);
  run.leaves = 1;
  run.contiguous = true;
  const vma = owner.find(run.address, run.mark === 'gone');
  if (vma !== null) {
    run.area = vma.id;
    run.slot = owner.slot(vma, run.mark === 'gone');
  }
  return run;
}

/** Joins `b` to `a` where they look the same; `step` frames apart counts as going on. */
function joins(a: Open, b: Open, step: number): boolean {
  if (a.to !== b.from || a.bits !== b.bits || a.was !== b.was || a.mark !== b.mark || a.area !== b.area) return false;
  a.contiguous = a.contiguous && b.pfn === a.pfn + (b.from - a.from) * step;
  a.to = b.to;
  a.leaves++;
  return true;
}

function lowest(place: Place, entries: Uint32Array, before: Uint32Array, owner: Owner): EntryRun[] {
  const runs: Open[] = [];
  let last: Open | null = null;
  let end = -1;
  for (let i = 0; i < PTRS_PER_TABLE; i++) {
    const now = entries[i]!;
    const was = before[i]!;
    if (now === 0 && was === 0) continue;
    if (last !== null && last.to === i && i < end && now !== 0 && sameLook(place, last, i, now, was)) continue;
    const run = leafRun(place, i, now, was, owner);
    if (last !== null && joins(last, run, 1)) continue;
    const vma = owner.find(run.address, run.mark === 'gone');
    end = vma === null ? i + 1 : Math.ceil((vma.vm_end - place.base) / LEVEL_SIZE[PTE]);
    runs.push(run);
    last = run;
  }
  return runs.length <= MOST_RUNS ? runs : mixed(place, runs);
}

/** The quick way for the usual case: one more entry that looks like the run before it, in the same area. */
function sameLook(place: Place, run: Open, i: number, now: number, was: number): boolean {
  if (run.mark !== markOf(now, was) || run.mark === 'changed') return false;
  const entries = place.table.entries;
  if ((entries[run.from]! & 0xff) !== (now & 0xff)) return false;
  run.contiguous = run.contiguous && pte_pfn(now) === run.pfn + (i - run.from);
  run.to = i + 1;
  run.leaves++;
  return true;
}

/** Unlike entries as a few equal parts. */
function mixed(place: Place, runs: readonly Open[]): EntryRun[] {
  const width = PTRS_PER_TABLE / PARTS;
  const parts: Open[] = [];
  for (const run of runs) {
    for (let from = run.from; from < run.to;) {
      const part = Math.floor(from / width);
      const to = Math.min(run.to, (part + 1) * width);
      const last = parts[parts.length - 1];
      const there = last !== undefined && Math.floor(last.from / width) === part ? last : null;
      const n = run.mark === 'gone' ? 0 : to - from;
      if (there === null) {
        const made = blank(place, from, 'mixed');
        made.to = to;
        made.leaves = n;
        made.area = run.area;
        made.slot = run.slot;
        made.mark = run.mark;
        parts.push(made);
      } else {
        there.to = to;
        there.leaves += n;
        if (there.area !== run.area) there.area = 0;
        if (there.slot !== run.slot) there.slot = 0;
        if (there.mark !== run.mark) there.mark = 'changed';
      }
      from = to;
    }
  }
  return parts;
}

function hugeLeaves(place: Place, entries: Uint32Array, before: Uint32Array, owner: Owner): Open[] {
  const runs: Open[] = [];
  for (let i = 0; i < PTRS_PER_TABLE; i++) {
    const now = entries[i]!;
    const was = before[i]!;
    if (now !== 0 || was !== 0) runs.push(leafRun(place, i, now, was, owner));
  }
  if (runs.length <= MOST_LEAVES) return runs;
  const joined: Open[] = [];
  const step = LEVEL_SIZE[place.table.level]! / LEVEL_SIZE[PTE];
  for (const run of runs) {
    const last = joined[joined.length - 1];
    if (last === undefined || !joins(last, run, step)) joined.push(run);
  }
  return joined.length <= MOST_RUNS * 2 ? joined : (mixed(place, joined) as Open[]);
}

/** Lower tables: those that are listed one by one, the others as folded runs. */
function tablesBelow(place: Place, owner: Owner): Open[] {
  const runs: Open[] = [];
  for (const child of place.children) {
    const leaves = leavesBelow(child);
    if (child.chosen) {
      const run = blank(place, child.index, 'table');
      run.child = child.table.id;
      run.tables = 1;
      run.leaves = leaves;
      run.mark = child.mark === 'changed' ? 'same' : child.mark;
      ownFrom(run, owner);
      runs.push(run);
      continue;
    }
    const last = runs[runs.length - 1];
    if (last !== undefined && last.kind === 'tables' && last.to === child.index) {
      last.to++;
      last.tables++;
      last.leaves += leaves;
      if (child.mark !== 'same') last.mark = 'changed';
      continue;
    }
    const run = blank(place, child.index, 'tables');
    run.tables = 1;
    run.leaves = leaves;
    run.mark = child.mark === 'same' ? 'same' : 'changed';
    ownFrom(run, owner);
    runs.push(run);
  }
  return runs;
}

function ownFrom(run: Open, owner: Owner): void {
  const vma = owner.find(run.address, run.mark === 'gone');
  if (vma === null) return;
  run.area = vma.id;
  run.slot = owner.slot(vma, run.mark === 'gone');
}

function leavesBelow(place: Place): number {
  let n = place.table.used - (place.table.level === PTE ? 0 : place.children.length);
  for (const child of place.children) if (child.mark !== 'gone') n += leavesBelow(child);
  return Math.max(0, n);
}
