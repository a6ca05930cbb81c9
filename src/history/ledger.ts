/**
 * What each design costs: the same operations run under each of them, and every way of finding out counted from the events,
 * on ordinary and on huge mappings apart. Beside the counts stand figures that no run can give: bytes, places, members.
 */
import { PMD_SIZE, roundUp } from '../base/units';
import { DESIGNS, type DesignName } from '../engine/designs/designs';
import { ask, type Design, is_hugetlb } from '../engine/designs/design';
import { HANDLERS, isHandlerSite, type Site, SITE_PLACES, SITES } from '../engine/designs/sites';
import { Ev, Recorder } from '../engine/events';
import type { Machine } from '../engine/machine';
import type { RulesName } from '../engine/rules';
import { vm_area_struct } from '../engine/mm/mm_types';
import { VM_HUGETLB, VM_MIXEDMAP } from '../engine/mm/vm_flags';
import { createMachine } from '../engine/process';
import { isRefused, type OperationSource } from './source';

/** How often each thing was done, in one run, for one kind of mapping. */
export interface Counts {
  /** Times that the core had to find out. */
  asked: number;
  flagTests: number;
  /** Loads of a pointer: a table's address, a member of it, an index. */
  loads: number;
  nullTests: number;
  directCalls: number;
  indirectCalls: number;
  /** Conditional jumps that leave the straight path: to the generic way past a NULL, to the stub behind a set bit. */
  takenJumps: number;
  /** Leaves at whose level the generic walk looked. */
  levels: number;
}

/** What a run under one design came to. */
export interface LedgerColumn {
  readonly design: DesignName;
  readonly normal: Counts;
  readonly huge: Counts;
  /** Operations that ended otherwise than under the first design; the ledger counts them all the same. */
  readonly otherwise: number;
  readonly price: Price;
}

/** What a design costs without running. */
export interface Price {
  /** Bytes that each area grows by on a 64-bit machine, beyond the flag that was there before. */
  readonly bytesPerArea: number;
  /** Call sites at which the flag is tested, of those that the kernel of these rules has. */
  readonly sitesThatKnow: number;
  /** Members that a driver brings for a new kind of mapping; 0 where it cannot. */
  readonly membersToAdd: number;
  /** Places in the core that change for a new kind of mapping. */
  readonly placesToChange: number;
}

export interface Ledger {
  readonly columns: readonly LedgerColumn[];
  /** Operations run, of so many. */
  readonly operations: number;
  readonly of: number;
}

/** A field of `bytes` in a structure of pointers: its room, padded. */
const POINTER = 8;

/** What a design costs without running: read off what it declares, and found out by asking it at every site. */
function priceOf({ design, rules }: Machine): Price {
  return {
    bytesPerArea: design.field === null ? 0 : roundUp(design.field.bytes, POINTER),
    sitesThatKnow: sitesThatTest(design, rules.name).length,
    membersToAdd: design.brings.length,
    placesToChange: design.touches.length,
  };
}

/** The sites at which the flag is tested under a design, by the rules of a kernel. */
function sitesThatTest(design: Design, rules: RulesName): readonly Site[] {
  const m = createMachine({ design, rules });
  const vma = new vm_area_struct(0, m.tasks.get(0)!.mm, 0, PMD_SIZE, 0, VM_HUGETLB);
  let tests = 0;
  const recorder = new Recorder();
  recorder.emit = (kind) => {
    if (kind === Ev.FlagTest) tests++;
  };
  m.rec = recorder;
  const asks = (site: Site): unknown => (isHandlerSite(site) ? ask[site](m, vma) : is_hugetlb(m, vma, site));
  return SITES.filter((site) => {
    tests = 0;
    asks(site);
    return tests > 0;
  });
}

const zero = (): Counts => ({
  asked: 0,
  flagTests: 0,
  loads: 0,
  nullTests: 0,
  directCalls: 0,
  indirectCalls: 0,
  takenJumps: 0,
  levels: 0,
});

/** Counts the events of one run and forgets them. */
class CountingRecorder extends Recorder {
  readonly normal = zero();
  readonly huge = zero();
  private loaded = Ev.TableLoad;
  /** Areas of huge pages that have been. */
  private readonly special = new Set<number>();

  constructor(private readonly rules: RulesName) {
    super();
  }

  override emit(kind: Ev, a = 0, b = 0, c = 0, _d = 0, e = 0): void {
    switch (kind) {
      case Ev.VmaLink:
        if ((e & (VM_HUGETLB | VM_MIXEDMAP)) !== 0) this.special.add(b);
        break;
      case Ev.VmaSplit:
        if (this.special.has(b)) this.special.add(c);
        break;
      case Ev.TableLoad:
      case Ev.MemberLoad:
      case Ev.IndexLoad:
        this.of(b).loads++;
        this.loaded = kind;
        break;
      case Ev.NullTest:
        this.of(b).nullTests++;
        if (this.jumps(a, c === 1)) this.of(b).takenJumps++;
        break;
      case Ev.FlagTest:
      case Ev.FileTest:
        this.of(b).flagTests++;
        this.of(b).takenJumps += c;
        // At a site that asks for no routine, the test itself is the asking.
        if (a >= HANDLERS.length) this.of(b).asked++;
        break;
      case Ev.DirectCall:
        this.of(b).directCalls++;
        this.of(b).asked++;
        break;
      case Ev.IndirectCall:
        this.of(b).indirectCalls++;
        this.of(b).asked++;
        break;
      case Ev.GenericWay:
        this.of(b).asked++;
        break;
      case Ev.LevelLook:
        this.of(b).levels++;
        break;
      default:
    }
  }

  /**
   * Whether a test against NULL leaves the straight path. As a rule ordinary memory does, past the call; where the compiler is
   * told that there will mostly be nothing, the table that is there does, once, to what was moved out of the way.
   */
  private jumps(site: number, isNull: boolean): boolean {
    const unlikely = SITE_PLACES[SITES[site]!][this.rules]?.unlikely === true;
    return unlikely ? !isNull && this.loaded !== Ev.MemberLoad : isNull;
  }

  private of(vma: number): Counts {
    return this.special.has(vma) ? this.huge : this.normal;
  }
}

interface Lane<Env> {
  readonly design: DesignName;
  readonly machine: Machine;
  readonly recorder: CountingRecorder;
  readonly env: Env;
  readonly price: Price;
  otherwise: number;
}

/** A ledger under way. `machineFor` makes equal machines that differ in nothing but their design. */
export class LedgerRun<Env> {
  private readonly lanes: readonly Lane<Env>[];
  /** Operations run. */
  k = 0;

  constructor(
    private readonly source: OperationSource<Env>,
    designs: readonly DesignName[],
    machineFor: (design: DesignName) => Machine,
  ) {
    this.lanes = designs.map((design) => {
      const machine = machineFor(design);
      const recorder = new CountingRecorder(machine.rules.name);
      return { design, machine, recorder, env: source.start(), otherwise: 0, price: priceOf(machine) };
    });
  }

  /** Goes on until the end or until the clock passes `deadline`. True at the end. */
  advance(now: () => number, deadline: number): boolean {
    while (this.k < this.source.length && now() < deadline) this.step();
    return this.k >= this.source.length;
  }

  private step(): void {
    const index = this.k++;
    let first = '';
    for (const lane of this.lanes) {
      const operation = this.source.resolve(index, lane.env);
      if (isRefused(operation)) continue;
      lane.machine.executeUntil(operation, lane.recorder);
      const { ret, err, sig } = lane.machine.outcome;
      const ending = `${ret} ${err} ${sig}`;
      if (lane === this.lanes[0]) first = ending;
      else if (ending !== first) lane.otherwise++;
      this.source.learn(index, lane.env, operation, { ...lane.machine.outcome });
    }
  }

  /** The ledger as far as it has come. */
  get ledger(): Ledger {
    return {
      columns: this.lanes.map(({ design, recorder, otherwise, price }) => ({
        design,
        normal: { ...recorder.normal },
        huge: { ...recorder.huge },
        otherwise,
        price,
      })),
      operations: this.k,
      of: this.source.length,
    };
  }
}

/** Designs of a ledger, all of them, in the order of the list. */
export const LEDGER_DESIGNS = Object.keys(DESIGNS) as readonly DesignName[];
