/** Holds one line of a trace against another: the rules of test/oracle/compare.py. */
import type { AreaState, ProcessState, TraceLine } from '../engine/trace';

/** One field in which two lines differ, and both sides of it. */
export interface Difference {
  readonly field: string;
  readonly kernel: unknown;
  readonly machine: unknown;
}

const ANSWER_FIELDS = ['op', 'args', 'who', 'ret', 'err', 'sig', 'code', 'minflt'] as const;
const POOL_FIELDS = ['total', 'free', 'rsvd', 'surp'] as const;
const PROCESS_FIELDS = ['size', 'locked', 'data', 'pagetables', 'hugetlb'] as const;
const AREA_FIELDS = [
  'perms',
  'off',
  'name',
  'flags',
  'pagesize',
  'rss',
  'anon',
  'locked',
  'thp',
  'private_hugetlb',
  'shared_hugetlb',
] as const;

const same = (a: unknown, b: unknown): boolean => a === b || (!a && !b) || JSON.stringify(a) === JSON.stringify(b);

/** The fields in which the machine's line differs from the kernel's. Frame ids count only by who shares what with whom. */
export function differences(kernel: TraceLine, machine: TraceLine): Difference[] {
  const found: Difference[] = [];
  const note = (field: string, a: unknown, b: unknown): void => {
    if (!same(a, b)) found.push({ field, kernel: a, machine: b });
  };
  for (const k of ANSWER_FIELDS) note(k, kernel[k], machine[k]);
  for (const k of POOL_FIELDS) note(`pool.${k}`, kernel.pool[k], machine.pool[k]);
  const whos = Object.keys(kernel.state).sort((a, b) => Number(a) - Number(b));
  const others = Object.keys(machine.state).sort((a, b) => Number(a) - Number(b));
  note('processes', whos, others);
  if (found.some((d) => d.field === 'processes')) return found;
  const ids = new Renumbering();
  for (const who of whos) compareProcess(kernel.state[who]!, machine.state[who]!, ids, note);
  return found;
}

type Note = (field: string, a: unknown, b: unknown) => void;

const span = (a: AreaState): string => `${a.start.toString(16)}-${a.end.toString(16)}`;

const sameSpan = (a: AreaState, b: AreaState): boolean => a.start === b.start && a.end === b.end;

function compareProcess(a: ProcessState, b: ProcessState, ids: Renumbering, note: Note): void {
  for (const k of PROCESS_FIELDS) note(k, a[k], b[k]);
  if (a.areas.length !== b.areas.length || !a.areas.every((x, i) => sameSpan(x, b.areas[i]!))) {
    note('areas', a.areas.map(span), b.areas.map(span));
    return;
  }
  for (let i = 0; i < a.areas.length; i++) {
    const x = a.areas[i]!;
    const y = b.areas[i]!;
    for (const k of AREA_FIELDS) note(`area.${k}`, x[k], y[k]);
    if (!samePresent(x, y, ids))
      note('area.present', { at: span(x), runs: x.present }, { at: span(y), runs: y.present });
  }
}

function samePresent(x: AreaState, y: AreaState, ids: Renumbering): boolean {
  const a = x.present;
  const b = y.present;
  if (!a || !b) return a === b;
  if (a.length !== b.length) return false;
  return a.every((run, i) => {
    const [address, pages, marks, frames] = run;
    const other = b[i]!;
    return (
      address === other[0] &&
      pages === other[1] &&
      marks === other[2] &&
      frames.length === other[3].length &&
      frames.every((f, k) => ids.match(f, other[3][k]!))
    );
  });
}

/** Two sets of frame ids that agree as long as each id always meets the same one on the other side. */
class Renumbering {
  private readonly there = new Map<number, number>();
  private readonly back = new Map<number, number>();

  match(a: number, b: number): boolean {
    if (a === 0 || b === 0) return a === b;
    const known = this.there.get(a);
    if (known !== undefined) return known === b;
    if (this.back.has(b)) return false;
    this.there.set(a, b);
    this.back.set(b, a);
    return true;
  }
}
