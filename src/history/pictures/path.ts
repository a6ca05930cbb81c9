/** The path of the operation: which routines ran, where the design was asked, and what it looked at. */
import { hex } from '../../base/units';
import { placeOfStep } from '../../engine/designs/probe';
import { SITES } from '../../engine/designs/sites';
import { Ev } from '../../engine/events';
import type { vm_area_struct } from '../../engine/mm/mm_types';
import { textOfEvent, type EventNaming } from '../event-text';
import type { PathPicture, PathRequest, PathStep, Slot, SourcePlace } from '../picture';
import type { Scene } from '../run';
import { areaById, titleOf } from './look';

const SHOWN_NOT = new Set([Ev.Leave, Ev.Return, Ev.FrameGet, Ev.FramePut]);

export function pathPicture(scene: Scene, ask: PathRequest): PathPicture {
  const { recording } = scene;
  const design = scene.now.design.name;
  const outline = outlineOf(scene);
  const at = scene.event === null ? -1 : currentOf(outline, scene.event);
  // Of a long operation, the steps around the present one; otherwise its beginning.
  const most = Math.max(16, ask.maxSteps);
  const from = outline.length <= most || at < 0 ? 0 : Math.max(0, Math.min(outline.length - most, at - (most >> 1)));
  const naming = namingOf(scene);
  const steps = outline.slice(from, from + most).map((line) => stepOf(scene, line, naming));
  const running = at < 0 ? -1 : at - from;
  return {
    design,
    steps,
    events: recording.total,
    left: outline.length - steps.length + (recording.total - recording.kept),
    current: running,
    source: sourceOf(scene),
  };
}

interface Line {
  readonly index: number;
  readonly depth: number;
  last: number;
}

/** The events that are shown, with the routines open around each. */
function outlineOf(scene: Scene): Line[] {
  const { recording } = scene;
  const lines: Line[] = [];
  const open: Line[] = [];
  for (let i = 0; i < recording.kept; i++) {
    const kind = recording.kind(i);
    if (kind === Ev.Leave) {
      const routine = open.pop();
      if (routine !== undefined) routine.last = i;
      continue;
    }
    if (SHOWN_NOT.has(kind)) continue;
    const line: Line = { index: i, depth: open.length, last: -1 };
    lines.push(line);
    if (kind === Ev.Enter) open.push(line);
  }
  for (const routine of open) routine.last = recording.kept - 1;
  return lines;
}

/** The last line whose event has been carried out. */
function currentOf(lines: readonly Line[], event: number): number {
  let at = -1;
  for (let i = 0; i < lines.length && lines[i]!.index < event; i++) at = i;
  return at;
}

function stepOf(scene: Scene, line: Line, naming: EventNaming & { slot(id: number): Slot }): PathStep {
  const event = scene.recording.event(line.index);
  const text = textOfEvent(event, naming);
  const about = text.refs.find((ref) => ref.startsWith('area:'));
  return {
    ref: `event:${line.index}`,
    index: line.index,
    depth: line.depth,
    kind: text.kind,
    code: text.code,
    note: text.note,
    where: text.where,
    last: line.last,
    refs: text.refs,
    slot: about === undefined ? 0 : naming.slot(Number(about.slice(5))),
  };
}

/** Areas that are looked up for the texts of one moment. */
const MOST_NAMES = 4_096;

/** Names of areas, processes and tables of handlers as the texts of this scene's events say them. */
export function namingOf(
  scene: Scene,
): EventNaming & { slot(id: number): Slot; vma(id: number): vm_area_struct | null } {
  const known = new Map<number, { vma: vm_area_struct; k: number } | null>();
  const find = (id: number): { vma: vm_area_struct; k: number } | null => {
    let there = known.get(id);
    if (there === undefined) {
      const now = areaById(scene.now, id);
      const was = now === null ? areaById(scene.was, id) : null;
      there = now !== null ? { vma: now, k: scene.k } : was !== null ? { vma: was, k: scene.k - 1 } : null;
      if (known.size < MOST_NAMES) known.set(id, there);
    }
    return there;
  };
  const title = (id: number) => {
    const there = find(id);
    return there === null ? null : titleOf(scene, there.vma, there.k);
  };
  return {
    holder: scene.now.design.holder,
    area: (id) => title(id)?.name ?? 'an area',
    slot: (id) => title(id)?.slot ?? 0,
    vma: (id) => find(id)?.vma ?? null,
    address: (address) => `0x${hex(address)}`,
    process: (who) => scene.names.processName(who),
  };
}

/** Steps of a design; the last operand of each is its place in the design's source. */
const STEPS: ReadonlySet<Ev> = new Set([
  Ev.TableLoad,
  Ev.NullTest,
  Ev.MemberLoad,
  Ev.FlagTest,
  Ev.FileTest,
  Ev.IndexLoad,
  Ev.IndirectCall,
  Ev.DirectCall,
  Ev.GenericWay,
]);

/** The line of the design's source that runs: of the last time it was asked, up to this moment. */
function sourceOf(scene: Scene): SourcePlace | null {
  const { recording } = scene;
  const end = Math.min(recording.kept, scene.event ?? recording.kept);
  // Only a moment inside an operation stands in the design; after it, the last place where it was asked is told.
  for (let i = end - 1; i >= 0; i--) {
    const kind = recording.kind(i);
    if (!STEPS.has(kind)) {
      if (scene.event !== null && kind === Ev.Enter) return null;
      continue;
    }
    const { a, d } = recording.event(i);
    const place = placeOfStep(d);
    return place === null ? null : { ...place, site: SITES[a] ?? '' };
  }
  return null;
}
