/**
 * Two runs of one scenario in lock-step, under two designs: where outcome or state differ, and where the way there does.
 * State is held against state after every operation while the machines are small, and now and then when they are large.
 */
import { hex, ulongText } from '../base/units';
import { SITES } from '../engine/designs/sites';
import { errnoName } from '../engine/errno';
import { Ev, Recorder } from '../engine/events';
import { get_vma_name, vmaPerms } from '../engine/fs/proc';
import type { Machine } from '../engine/machine';
import type { mm_struct } from '../engine/mm/mm_types';
import { walk_page_range } from '../engine/mm/pagewalk';
import { TASK_SIZE } from '../base/units';
import type { Outcome } from '../engine/operation';
import { signalName } from './event-text';
import type { Comparison, Difference, Sentence } from './picture';
import { bitsText } from './pictures/bits';
import { code, say, together } from './sentences/say';
import { isRefused, type OperationSource } from './source';

/** What a machine runs under, as far as the two differ: its design, and whose rules. */
const underWhat = (m: Machine, other: Machine): string =>
  m.rules === other.rules ? m.design.name : `${m.design.name} by the rules of ${m.rules.name}`;

const LISTED = 200;
/** Frames in use up to which states are compared after every operation; beyond, after so many. */
const SMALL = 4_000;
const NOW_AND_THEN = 256;
/** Asks of one operation that are kept. */
const ASKS = 64;

/** One time that the core asked what to do with an area. */
interface Ask {
  readonly site: number;
  /** How it ended: a call through a pointer, a call by name, the generic way. */
  kind: Ev;
  /** What was looked at on the way. */
  looked: Ev;
}

/** Keeps only what a design was asked, of one operation. */
class AskRecorder extends Recorder {
  asks: Ask[] = [];
  private looked: Ev = Ev.GenericWay;

  override emit(kind: Ev, site = 0): void {
    switch (kind) {
      case Ev.TableLoad:
      case Ev.FlagTest:
      case Ev.IndexLoad:
        this.looked = kind;
        break;
      case Ev.IndirectCall:
      case Ev.DirectCall:
      case Ev.GenericWay:
        if (this.asks.length < ASKS) this.asks.push({ site, kind, looked: this.looked });
        break;
      default:
    }
  }

  override reset(): void {
    this.asks = [];
  }
}

interface Lane<Env> {
  readonly machine: Machine;
  readonly source: OperationSource<Env>;
  readonly env: Env;
  readonly recorder: AskRecorder;
  outcome: Outcome | null;
}

export class Comparer<Env> {
  private readonly lanes: readonly [Lane<Env>, Lane<Env>];
  private readonly found: Difference[] = [];
  private firstState: Difference | null = null;
  private firstPath: Difference | null = null;
  private firstAsk: Difference | null = null;
  private total = 0;
  private stateDiffers = false;
  /** Operations compared. */
  k = 0;

  constructor(
    private readonly source: OperationSource<Env>,
    left: Machine,
    right: Machine,
  ) {
    const lane = (machine: Machine): Lane<Env> => ({
      machine,
      source,
      env: source.start(),
      recorder: new AskRecorder(),
      outcome: null,
    });
    this.lanes = [lane(left), lane(right)];
  }

  /** Goes on until the end or until the clock passes `deadline`. True at the end. */
  advance(now: () => number, deadline: number): boolean {
    while (this.k < this.source.length && now() < deadline) this.step();
    return this.k >= this.source.length;
  }

  private step(): void {
    const index = this.k++;
    const [a, b] = this.lanes;
    for (const lane of this.lanes) {
      lane.recorder.reset();
      const operation = lane.source.resolve(index, lane.env);
      if (isRefused(operation)) {
        lane.outcome = null;
        continue;
      }
      lane.machine.executeUntil(operation, lane.recorder);
      lane.outcome = { ...lane.machine.outcome };
      lane.source.learn(index, lane.env, operation, lane.outcome);
    }
    this.compareOutcomes(a, b);
    this.compareStates(a.machine, b.machine);
    this.comparePaths(a, b);
  }

  private add(difference: Omit<Difference, 'k'>, isState: boolean): void {
    const made = { ...difference, k: this.k };
    this.total++;
    if (isState) this.firstState ??= made;
    if (this.found.length < LISTED) this.found.push(made);
  }

  private compareOutcomes(a: Lane<Env>, b: Lane<Env>): void {
    const left = outcomeText(a.outcome);
    const right = outcomeText(b.outcome);
    if (left === right) return;
    const text = this.source.statement(this.k - 1).text;
    this.add(
      {
        kind: 'outcome',
        left,
        right,
        sentence: say`Step ${String(this.k)}: ${code(text)} comes to ${code(left)} under ${underWhat(a.machine, b.machine)} and to ${code(right)} under ${underWhat(b.machine, a.machine)}.`,
      },
      true,
    );
  }

  private compareStates(a: Machine, b: Machine): void {
    // Once they have parted, every later state differs: it was said.
    if (this.stateDiffers) return;
    const small = a.frames.used < SMALL && b.frames.used < SMALL;
    const last = this.k === this.source.length;
    const difference = counts(a, b) ?? (small || last || this.k % NOW_AND_THEN === 0 ? states(a, b) : null);
    if (difference === null) return;
    this.stateDiffers = true;
    const { kind, what, left, right } = difference;
    this.add(
      {
        kind,
        left,
        right,
        sentence: say`Step ${String(this.k)}: ${what} is ${code(left)} under ${underWhat(a, b)} and ${code(right)} under ${underWhat(b, a)}.`,
      },
      true,
    );
  }

  private comparePaths(a: Lane<Env>, b: Lane<Env>): void {
    const n = Math.max(a.recorder.asks.length, b.recorder.asks.length);
    const seen = new Set<number>();
    for (let i = 0; i < n; i++) {
      const left = a.recorder.asks[i];
      const right = b.recorder.asks[i];
      if (left !== undefined && right !== undefined && left.kind === right.kind && left.looked === right.looked)
        continue;
      const site = left?.site ?? right?.site ?? 0;
      if (seen.has(site)) continue;
      seen.add(site);
      const special = left?.kind !== Ev.GenericWay || right?.kind !== Ev.GenericWay;
      const made = { ...this.pathDifference(a, b, left, right, site, special), k: this.k };
      this.total++;
      this.firstAsk ??= made;
      if (special) this.firstPath ??= made;
      if (special && this.found.length < LISTED) this.found.push(made);
    }
  }

  private pathDifference(
    a: Lane<Env>,
    b: Lane<Env>,
    left: Ask | undefined,
    right: Ask | undefined,
    site: number,
    special: boolean,
  ): Omit<Difference, 'k'> {
    const call = this.source.statement(this.k - 1).call;
    const l = wayText(left, a.machine.design.holder);
    const r = wayText(right, b.machine.design.holder);
    const name = SITES[site] ?? '';
    const area = special ? 'the special area' : 'an ordinary area';
    return {
      kind: 'path',
      left: `${name}: ${l}`,
      right: `${name}: ${r}`,
      sentence: say`Step ${String(this.k)}: at ${code(name)}, ${call} reached ${area} ${l} under ${underWhat(a.machine, b.machine)}, and ${r} under ${underWhat(b.machine, a.machine)}.`,
    };
  }

  result(): Comparison {
    const [a, b] = this.lanes;
    const firstPath = this.firstPath ?? this.firstAsk;
    return {
      leftDesign: underWhat(a.machine, b.machine),
      rightDesign: underWhat(b.machine, a.machine),
      compared: this.k,
      n: this.source.length,
      firstState: this.firstState,
      firstPath,
      differences: this.found,
      total: this.total,
      sentence: this.summary(firstPath),
    };
  }

  private summary(firstPath: Difference | null): Sentence {
    const { firstState } = this;
    const state =
      firstState === null
        ? say`Outcomes and states are the same under both after ${this.k === 1 ? 'the one operation' : `all ${String(this.k)} operations`}.`
        : firstState.sentence;
    const way =
      firstPath === null ? say`So is the way there.` : say`The first difference on the way: ${firstPath.sentence}`;
    return together(state, way);
  }
}

function outcomeText(outcome: Outcome | null): string {
  if (outcome === null) return 'not carried out';
  if (outcome.sig !== 0) return signalName(outcome.sig);
  if (outcome.err !== 0) return errnoName(outcome.err);
  return outcome.ret >= 65_536 ? `0x${hex(outcome.ret)}` : String(outcome.ret);
}

function wayText(ask: Ask | undefined, holder: string): string {
  if (ask === undefined) return 'without asking';
  const site = SITES[ask.site] ?? '';
  if (ask.kind === Ev.IndirectCall) return `through ${holder}->${site}`;
  if (ask.kind === Ev.DirectCall) return 'by testing VM_HUGETLB and calling by name';
  if (ask.looked === Ev.TableLoad) return `the generic way, because ${holder} has nothing for it`;
  if (ask.looked === Ev.FlagTest) return 'the generic way, because VM_HUGETLB is not set';
  return 'the generic way';
}

interface Found {
  readonly kind: Difference['kind'];
  readonly what: string;
  readonly left: string;
  readonly right: string;
}

/** The figures that cost nothing to compare. */
function counts(a: Machine, b: Machine): Found | null {
  const x = a.hstate;
  const y = b.hstate;
  const pool: readonly (readonly [string, number, number])[] = [
    ['HugePages_Total', x.nr_huge_pages, y.nr_huge_pages],
    ['HugePages_Free', x.free_huge_pages, y.free_huge_pages],
    ['HugePages_Rsvd', x.resv_huge_pages, y.resv_huge_pages],
    ['HugePages_Surp', x.surplus_huge_pages, y.surplus_huge_pages],
  ];
  for (const [what, l, r] of pool) if (l !== r) return { kind: 'pool', what, left: ulongText(l), right: ulongText(r) };
  if (a.tasks.size !== b.tasks.size)
    return { kind: 'proc', what: 'the number of processes', left: String(a.tasks.size), right: String(b.tasks.size) };
  for (const [who, task] of a.tasks) {
    const other = b.tasks.get(who);
    if (other === undefined) return { kind: 'proc', what: `process ${who}`, left: 'there', right: 'gone' };
    const [m, n] = [task.mm, other.mm];
    const figures: readonly (readonly [string, number, number])[] = [
      ['map_count', m.map_count, n.map_count],
      ['VmSize', m.total_vm * 4, n.total_vm * 4],
      ['VmRSS', rss(m), rss(n)],
      ['HugetlbPages', m.hugetlb_usage * 4, n.hugetlb_usage * 4],
      ['VmPTE', m.pgtables_bytes / 1024, n.pgtables_bytes / 1024],
      ['VmLck', m.locked_vm * 4, n.locked_vm * 4],
    ];
    for (const [what, l, r] of figures) if (l !== r) return { kind: 'proc', what, left: String(l), right: String(r) };
  }
  return null;
}

const rss = (mm: mm_struct): number => (mm.rss_anon + mm.rss_file + mm.rss_shmem) * 4;

/** Areas and entries, in full. */
function states(a: Machine, b: Machine): Found | null {
  for (const [who, task] of a.tasks) {
    const other = b.tasks.get(who)?.mm;
    if (other === undefined) continue;
    const found = areas(task.mm, other) ?? entries(task.mm, other);
    if (found !== null) return found;
  }
  return null;
}

function areas(a: mm_struct, b: mm_struct): Found | null {
  let other = b.mm_mt.first();
  for (const vma of a.mm_mt) {
    const left = `${hex(vma.vm_start)}-${hex(vma.vm_end)} ${vmaPerms(vma.vm_flags)} ${get_vma_name(vma)}`.trim();
    const right =
      other === null
        ? 'nothing'
        : `${hex(other.vm_start)}-${hex(other.vm_end)} ${vmaPerms(other.vm_flags)} ${get_vma_name(other)}`.trim();
    if (left !== right) return { kind: 'areas', what: 'an area', left, right };
    other = other === null ? null : b.mm_mt.next(other);
  }
  return null;
}

function entries(a: mm_struct, b: mm_struct): Found | null {
  const left = leaves(a);
  const right = leaves(b);
  const n = Math.max(left.length, right.length);
  for (let i = 0; i < n; i += 2) {
    if (left[i] === right[i] && left[i + 1] === right[i + 1]) continue;
    const at = Math.min(left[i] ?? Infinity, right[i] ?? Infinity);
    const text = (list: readonly number[]): string => (list[i] === at ? bitsText(list[i + 1]!) : 'empty');
    return { kind: 'entries', what: `the entry of 0x${hex(at)}`, left: text(left), right: text(right) };
  }
  return null;
}

/** Address and flags of every leaf. Frame numbers are nobody's business but the allocator's. */
function leaves(mm: mm_struct): number[] {
  const out: number[] = [];
  walk_page_range(mm, 0, TASK_SIZE, (address, entry) => out.push(address, entry & 0xff));
  return out;
}
