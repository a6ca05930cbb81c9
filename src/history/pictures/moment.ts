/** Where a moment stands, what it came to, and what it changed. */
import { PAGE_SIZE } from '../../base/units';
import type { Machine } from '../../engine/machine';
import { validate } from '../../engine/validate';
import type { Counter, Lamp, Mark, Moment, Ref } from '../picture';
import type { Run, Scene } from '../run';
import { phaseAt, phasesOf } from '../phases/phases';
import { sentenceOf } from '../sentence';
import { endingOf } from './ending';
import { kindOfCall } from './timeline';

/** Frames in use, and areas, up to which every look counts the whole machine anew. */
const VALIDATED_FRAMES = 12_000;
const VALIDATED_AREAS = 2_000;

export interface MomentContext {
  readonly branch: number;
}

export function momentOf(scene: Scene, context: MomentContext): Moment {
  const { run, k, event, recording } = scene;
  const statement = k === 0 ? null : run.source.statement(k - 1);
  const next = k < run.source.length ? run.source.statement(k) : null;
  const phases = phasesOf(scene);
  return {
    k,
    n: run.length,
    event,
    events: recording.total,
    branch: context.branch,
    statement:
      statement === null
        ? null
        : {
            text: statement.text,
            line: statement.line,
            who: run.log.who(k - 1),
            kind: kindOfCall(statement.call),
          },
    ending: k === 0 || event !== null ? null : endingOf(run, k),
    unexpected: event === null ? (run.unexpected.get(k) ?? '') : '',
    explanation: statement?.explanation ?? '',
    heading: statement?.heading ?? '',
    linesAbove: linesAbove(run, k),
    predict: event === null ? (next?.predict ?? null) : null,
    sentence: sentenceOf(scene),
    phases,
    phase: event === null ? null : phaseAt(phases, event),
    counters: countersOf(scene),
    lamp: lampOf(scene),
    processes: processesOf(scene),
    design: scene.now.design.name,
  };
}

/** Lines of the text above what follows operation k, its expectations counted to it. */
function linesAbove(run: Run, k: number): number {
  const { source } = run;
  if (k > 0) {
    const own = source.statement(k - 1);
    return own.lastLine ?? own.line;
  }
  const first = source.length > 0 ? source.statement(0) : null;
  return first === null ? Infinity : Math.max(0, (first.firstLine ?? first.line) - 1);
}

function lampOf(scene: Scene): Lamp {
  const { run, now: m, names } = scene;
  // The validator counts processes from 0; what a person reads names them.
  const told = (text: string): string =>
    text.replace(/process (\d+)\b/g, (_, who: string) => names.processName(Number(who)));
  if (run.failed !== null && run.failed.k === scene.k) {
    const text = run.failed.overspent
      ? `The run ends here, before the next operation. ${run.failed.message}`
      : `mmscope could not carry out the next operation: ${run.failed.message}`;
    return { ok: false, broken: [{ text, ref: null }], firstBroken: scene.k };
  }
  // Inside an operation the books are open: counts agree again when it is done.
  if (scene.event !== null) return { ok: true, broken: [], firstBroken: run.firstBroken };
  let areas = 0;
  for (const task of m.tasks.values()) areas += task.mm.map_count;
  if (m.frames.used > VALIDATED_FRAMES || areas > VALIDATED_AREAS) {
    const broken = m.damage.slice(0, 8).map(({ text, vma, pfn }) => ({ text: told(text), ref: refOf(vma, pfn) }));
    return { ok: broken.length === 0, broken, firstBroken: run.firstBroken };
  }
  const found = validate(m);
  if (found.length > 0 && (run.firstBroken === null || run.firstBroken > scene.k)) run.firstBroken = scene.k;
  const broken = found.slice(0, 8).map(({ text, vma, pfn }) => ({ text: told(text), ref: refOf(vma, pfn) }));
  return { ok: found.length === 0, broken, firstBroken: run.firstBroken };
}

function refOf(vma: number | undefined, pfn: number | undefined): Ref | null {
  if (vma !== undefined) return `area:${vma}`;
  return pfn === undefined ? null : `frame:${pfn}`;
}

function processesOf(scene: Scene): Moment['processes'] {
  const { now, was, names } = scene;
  const all = new Set([...was.tasks.keys(), ...now.tasks.keys()]);
  return [...all]
    .sort((a, b) => a - b)
    .slice(0, 64)
    .map((who) => {
      const mark: Mark = !now.tasks.has(who) ? 'gone' : was.tasks.has(who) ? 'same' : 'new';
      return { who, name: names.processName(who), parent: names.parentOf(who), mark };
    });
}

type Figure = readonly [name: string, unit: Counter['unit'], value: number];

function machineFigures(m: Machine): Figure[] {
  const h = m.hstate;
  return [
    ['HugePages_Total', 'pages', h.nr_huge_pages],
    ['HugePages_Free', 'pages', h.free_huge_pages],
    ['HugePages_Rsvd', 'pages', h.resv_huge_pages],
    ['HugePages_Surp', 'pages', h.surplus_huge_pages],
    ['nr_overcommit_hugepages', 'pages', h.nr_overcommit_huge_pages],
  ];
}

const KIB = PAGE_SIZE / 1024;

function processFigures(m: Machine, who: number): Figure[] {
  const mm = m.tasks.get(who)?.mm;
  if (mm === undefined) return [];
  return [
    ['map_count', 'count', mm.map_count],
    ['VmSize', 'kB', mm.total_vm * KIB],
    ['VmRSS', 'kB', (mm.rss_anon + mm.rss_file + mm.rss_shmem) * KIB],
    ['HugetlbPages', 'kB', mm.hugetlb_usage * KIB],
    ['VmLck', 'kB', mm.locked_vm * KIB],
    ['VmPTE', 'kB', mm.pgtables_bytes / 1024],
  ];
}

/** Figures that this step changed: the pool's, then those of each process. */
function countersOf(scene: Scene): Counter[] {
  const { was, now } = scene;
  if (was === now) return [];
  const out: Counter[] = [];
  const compare = (who: number | null, before: readonly Figure[], after: readonly Figure[]): void => {
    const figures = after.length > 0 ? after : before;
    for (let i = 0; i < figures.length && out.length < 40; i++) {
      const [name, unit] = figures[i]!;
      const a = before[i]?.[2] ?? 0;
      const b = after[i]?.[2] ?? 0;
      if (a !== b) out.push({ name, unit, was: a, now: b, who });
    }
  };
  compare(null, machineFigures(was), machineFigures(now));
  for (const who of new Set([...was.tasks.keys(), ...now.tasks.keys()]))
    compare(who, processFigures(was, who), processFigures(now, who));
  return out;
}
