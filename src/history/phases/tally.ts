/** What the events of one stretch come to: counted once, told from and pointed at by its phase. */
import { Ev } from '../../engine/events';
import type { Machine } from '../../engine/machine';
import { _PAGE_RW, LEVEL_SIZE, PGD, pte_pfn, table_index, type Table } from '../../engine/mm/pgtable';
import { REASONS, type Reason } from '../../engine/routines';
import type { Ref } from '../picture';
import type { Event, PoolFigures } from '../recording';
import type { Scene } from '../run';

/** Things that one phase points at, at most. */
const MOST_REFS = 32;

export interface Tally {
  /** How often each kind happened, and its first and last. */
  readonly count: (kind: Ev) => number;
  readonly first: (kind: Ev) => Event | null;
  readonly last: (kind: Ev) => Event | null;
  readonly reasons: ReadonlySet<Reason>;
  /** Entries that lost the right to write, and that gained it. */
  readonly protectedEntries: number;
  readonly writableEntries: number;
  /** Different areas that were copied, cut or changed, by id, in order. */
  readonly areas: readonly number[];
  /** Missing tables by level that were made, or empty ones freed. */
  readonly levels: readonly number[];
  /** Frames taken or freed, in 4 KiB. */
  readonly frames: number;
  readonly refs: readonly Ref[];
  /** The pool as it was when the stretch began. */
  readonly poolBefore: PoolFigures;
  /** Lowest and highest address that an event of the stretch names, in whose space. */
  readonly range: { readonly who: number; readonly start: number; readonly end: number } | null;
}

export function tallyOf(scene: Scene, from: number, to: number, poolBefore: PoolFigures): Tally {
  const { recording } = scene;
  const counts = new Map<Ev, number>();
  const firsts = new Map<Ev, Event>();
  const lasts = new Map<Ev, number>();
  const reasons = new Set<Reason>();
  const areas = new Set<number>();
  const levels: number[] = [];
  const refs = new Set<Ref>();
  let protectedEntries = 0;
  let writableEntries = 0;
  let frames = 0;
  let who = -1;
  let start = Infinity;
  let end = 0;
  const point = (ref: Ref | null): void => {
    if (ref !== null && refs.size < MOST_REFS) refs.add(ref);
  };
  const reach = (mm: number, low: number, high: number): void => {
    if (who >= 0 && who !== mm) return;
    who = mm;
    start = Math.min(start, low);
    end = Math.max(end, high);
  };
  const area = (id: number): void => {
    if (id <= 0) return;
    if (areas.size < 4096) areas.add(id);
    point(`area:${id}`);
  };
  for (let i = from; i < Math.min(to, recording.kept); i++) {
    const event = recording.event(i);
    const { kind, a, b, c, d, e } = event;
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
    if (!firsts.has(kind)) firsts.set(kind, event);
    lasts.set(kind, i);
    switch (kind) {
      case Ev.Decide:
        reasons.add(REASONS[a]!);
        break;
      case Ev.TableLoad:
      case Ev.FlagTest:
      case Ev.IndexLoad:
      case Ev.GenericWay:
      case Ev.IndirectCall:
      case Ev.DirectCall:
        area(b);
        break;
      case Ev.VmaLink:
      case Ev.VmaUnlink:
      case Ev.VmaResize:
        area(b);
        reach(a, c, d);
        break;
      case Ev.VmaMerge:
        area(b);
        reach(a, d, e);
        break;
      case Ev.VmaSplit:
        area(b);
        area(c);
        break;
      case Ev.VmaFlags:
        area(b);
        break;
      case Ev.TableAlloc:
      case Ev.TableFree:
      case Ev.TableShare:
        if (levels.length < 4096) levels.push(b);
        point(`table:${c}`);
        reach(a, d, d + LEVEL_SIZE[b]!);
        break;
      case Ev.EntrySet:
      case Ev.EntryClear: {
        point(entryAt(scene, a, b, c));
        const entry = d;
        if (entry !== 0) point(`frame:${pte_pfn(entry)}`);
        reach(a, c, c + LEVEL_SIZE[b]!);
        if (kind === Ev.EntrySet && e !== 0) {
          const was = (e & _PAGE_RW) !== 0;
          const now = (d & _PAGE_RW) !== 0;
          if (was && !now) protectedEntries++;
          else if (now && !was) writableEntries++;
        }
        break;
      }
      case Ev.FrameAlloc:
      case Ev.FrameFree:
        frames += 2 ** b;
        point(`frame:${a}`);
        break;
      case Ev.FrameZero:
        point(`frame:${a}`);
        break;
      case Ev.FrameCopy:
        point(`frame:${a}`);
        point(`frame:${b}`);
        break;
      case Ev.CacheAdd:
      case Ev.CacheDel:
        point(`frame:${c}`);
        break;
      case Ev.Fault:
        area(d);
        reach(a, b, b + 1);
        break;
      case Ev.Signal:
        reach(a, d, d + 1);
        break;
      case Ev.Fork:
        point(`process:${a}`);
        point(`process:${b}`);
        break;
      case Ev.Exit:
        point(`process:${a}`);
        break;
    }
  }
  return {
    count: (kind) => counts.get(kind) ?? 0,
    first: (kind) => firsts.get(kind) ?? null,
    last: (kind) => (lasts.has(kind) ? recording.event(lasts.get(kind)!) : null),
    reasons,
    protectedEntries,
    writableEntries,
    areas: [...areas],
    levels,
    frames,
    refs: [...refs],
    poolBefore,
    range: who < 0 || end <= start ? null : { who, start, end: Number.isFinite(end) ? end : start },
  };
}

/** The entry of an address at a level, now or before the step; null where neither has a table there. */
function entryAt(scene: Scene, who: number, level: number, address: number): Ref | null {
  return entryIn(scene.now, who, level, address) ?? entryIn(scene.was, who, level, address);
}

function entryIn(m: Machine, who: number, level: number, address: number): Ref | null {
  let table: Table | null | undefined = m.tasks.get(who)?.mm.pgd;
  for (let at = PGD; at > level && table != null; at--) table = table.down?.[table_index(address, at)];
  return table == null ? null : `entry:${table.id}:${table_index(address, level)}`;
}
