/** What lights up together: an area with its entries, frames and tables, a frame with every mapping of it, and so on. */
import { PAGE_SIZE, TASK_SIZE } from '../../base/units';
import type { Machine } from '../../engine/machine';
import type { mm_struct, vm_area_struct } from '../../engine/mm/mm_types';
import { walk_page_range } from '../../engine/mm/pagewalk';
import { LEVEL_SIZE, PGD, pte_pfn, table_index, type Table } from '../../engine/mm/pgtable';
import { textOfEvent } from '../event-text';
import type { Fellows, Ref } from '../picture';
import type { Scene } from '../run';
import { areaById } from './look';
import { namingOf } from './path';
import { walkTables } from './walk';

/** Items of one kind at most. */
const MOST = 160;

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer X)[] ? Loose<X>[] : T[K] };
type Loose<X> = X extends object ? { -readonly [K in keyof X]: X[K] } : X;

class Gathering {
  readonly all: Mutable<Fellows> = { areas: [], tables: [], entries: [], frames: [], processes: [], ranges: [] };
  private readonly seen = new Set<string>();

  private fresh(key: string, list: readonly unknown[]): boolean {
    if (list.length >= MOST || this.seen.has(key)) return false;
    this.seen.add(key);
    return true;
  }

  area(vma: vm_area_struct): void {
    if (this.fresh(`a${vma.id}`, this.all.areas)) this.all.areas.push(vma.id);
    this.process(vma.vm_mm.id);
  }

  process(who: number): void {
    if (this.fresh(`p${who}`, this.all.processes)) this.all.processes.push(who);
  }

  table(id: number): void {
    if (this.fresh(`t${id}`, this.all.tables)) this.all.tables.push(id);
  }

  entry(table: number, from: number, to: number): void {
    const { entries } = this.all;
    const last = entries[entries.length - 1];
    if (last !== undefined && last.table === table && last.to === from) last.to = to;
    else if (entries.length < MOST) entries.push({ table, from, to });
  }

  frames(from: number, to: number): void {
    const { frames } = this.all;
    const last = frames[frames.length - 1];
    if (last !== undefined && last.to === from) last.to = to;
    else if (last !== undefined && last.from <= from && to <= last.to) return;
    else if (frames.length < MOST) frames.push({ from, to });
  }

  range(who: number, start: number, end: number): void {
    const { ranges } = this.all;
    const last = ranges[ranges.length - 1];
    if (last !== undefined && last.who === who && last.end === start) last.end = end;
    else if (ranges.length < MOST) ranges.push({ who, start, end });
  }
}

export function fellowsOf(scene: Scene, refs: readonly Ref[]): Fellows {
  const g = new Gathering();
  for (const ref of refs.slice(0, 8)) gather(scene, ref, g);
  return g.all;
}

export function partsOfRef(ref: Ref): { kind: string; id: number; index: number } {
  const [kind = '', id = '0', index = '0'] = ref.split(':');
  return { kind, id: Number(id), index: Number(index) };
}

function gather(scene: Scene, ref: Ref, g: Gathering): void {
  const m = scene.now;
  const { kind, id, index } = partsOfRef(ref);
  if (kind === 'area') {
    const vma = areaById(m, id);
    if (vma === null) return;
    g.area(vma);
    spread(vma.vm_mm, vma.vm_start, vma.vm_end, g);
  } else if (kind === 'frame') byFrame(m, id, g);
  else if (kind === 'table') {
    for (const place of tablePlaces(m, id)) {
      const { mm, table, base } = place;
      g.table(id);
      g.process(mm.id);
      spread(mm, base, base + LEVEL_SIZE[table.level]! * 512, g);
    }
  } else if (kind === 'entry') {
    for (const { mm, table, base } of tablePlaces(m, id)) {
      const size = LEVEL_SIZE[table.level]!;
      g.entry(id, index, index + 1);
      spread(mm, base + index * size, base + (index + 1) * size, g);
      const entry = table.entries[index]!;
      if (entry !== 0) byFrame(m, pte_pfn(entry), g);
    }
  } else if (kind === 'process') {
    g.process(id);
    const mm = m.tasks.get(id)?.mm;
    if (mm !== undefined) for (const vma of mm.mm_mt) g.area(vma);
  } else if (kind === 'file') {
    for (const task of m.tasks.values()) {
      for (const vma of task.mm.mm_mt) {
        if (vma.vm_file?.inode.id !== id) continue;
        g.area(vma);
        spread(task.mm, vma.vm_start, vma.vm_end, g);
      }
    }
  } else if (kind === 'event' && id < scene.recording.kept) {
    const { refs } = textOfEvent(scene.recording.event(id), namingOf(scene));
    for (const other of refs) gather(scene, other, g);
  }
}

/** Areas, tables, entries and frames of a range. */
function spread(mm: mm_struct, start: number, end: number, g: Gathering): void {
  for (const vma of mm.mm_mt.range(start, end).slice(0, MOST)) g.area(vma);
  let done = false;
  const visit = (table: Table, base: number): void => {
    g.table(table.id);
    if (table.down === null || done) return;
    const size = LEVEL_SIZE[table.level]!;
    let i = table_index(Math.max(start, base), table.level);
    for (; i < 512 && base + i * size < end && !done; i++) {
      const lower = table.down[i]!;
      if (lower !== null) visit(lower, base + i * size);
      done = g.all.tables.length >= MOST;
    }
  };
  visit(mm.pgd, 0);
  walkTables(mm, start, end, {
    small(table, from, to, address) {
      const { entries } = table;
      for (let i = from; i < to;) {
        const first = i;
        const pfn = pte_pfn(entries[first]!);
        while (i < to && entries[i] !== 0 && pte_pfn(entries[i]!) === pfn + i - first) i++;
        if (i === first) {
          i++;
          continue;
        }
        const at = address + (first - from) * PAGE_SIZE;
        g.entry(table.id, first, i);
        g.frames(pfn, pfn + i - first);
        g.range(mm.id, at, at + (i - first) * PAGE_SIZE);
      }
    },
    huge(table, index, address, size) {
      const pfn = pte_pfn(table.entries[index]!);
      g.entry(table.id, index, index + 1);
      g.frames(pfn, pfn + size / PAGE_SIZE);
      g.range(mm.id, Math.max(start, address), Math.min(end, address + size));
    },
  });
}

/** Every mapping of the frame, or of the huge page that it belongs to. */
function byFrame(m: Machine, pfn: number, g: Gathering): void {
  const head = m.frames.compound_head(pfn);
  const last = head + 2 ** m.frames.order(pfn);
  g.frames(head, last);
  for (const task of m.tasks.values()) {
    walk_page_range(task.mm, 0, TASK_SIZE, (address, entry, table, index) => {
      const here = pte_pfn(entry);
      if (here < head || here >= last) return;
      g.entry(table.id, index, index + 1);
      g.table(table.id);
      g.range(task.who, address, address + LEVEL_SIZE[table.level]!);
      const vma = task.mm.mm_mt.lookup(address);
      if (vma !== null) g.area(vma);
    });
  }
}

export interface TablePlace {
  readonly mm: mm_struct;
  readonly table: Table;
  readonly parent: Table | null;
  readonly index: number;
  readonly base: number;
}

/** Where a table hangs: once, or once in each process that shares it. */
export function tablePlaces(m: Machine, id: number): TablePlace[] {
  const found: TablePlace[] = [];
  for (const { mm } of m.tasks.values()) {
    const visit = (table: Table, parent: Table | null, index: number, base: number): void => {
      if (table.id === id) found.push({ mm, table, parent, index, base });
      if (table.down === null) return;
      const size = LEVEL_SIZE[table.level]!;
      for (let i = 0; i < 512; i++) {
        const lower = table.down[i]!;
        if (lower !== null) visit(lower, table, i, base + i * size);
      }
    };
    if (mm.pgd.level === PGD) visit(mm.pgd, null, 0, 0);
  }
  return found;
}
