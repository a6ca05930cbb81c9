/**
 * The machine: processes, physical memory, the huge-page pool and files, and one door, `execute`.
 *
 * Deterministic and synchronous, without DOM, clock or I/O. Everything that a process can get wrong comes back as Linux's
 * errno or signal; only a mistake of the machine itself throws.
 */
import { assert } from '../base/assert';
import { PAGE_SIZE, pages } from '../base/units';
import type { Design } from './designs/design';
import { Probe } from './designs/probe';
import { TESTED, type TestSite } from './designs/sites';
import { Ev, StoppedAtEvent, type Recorder } from './events';
import { task_work_run } from './fs/file';
import type { shmid_kernel } from './ipc/segment';
import { type Budget, Meter } from './meter';
import type { Contents } from './mm/contents';
import type { hstate } from './mm/hugetlb_types';
import { type inode, mm_struct, type Task, type vm_area_struct } from './mm/mm_types';
import { Frames } from './mm/page_alloc';
import { PGD, Table } from './mm/pgtable';
import { Tlb, type TlbShape } from './mm/tlb';
import type { MunmapRange } from './mm/vma';
import { VmaTree } from './mm/vma_tree';
import type { Operation, Outcome } from './operation';
import { RULES, type Rules, type RulesName } from './rules';
import { SYSCALLS } from './syscalls';
import type { Broken } from './validate/findings';

/** The kernel's settings that the answers depend on. */
export interface MachineConfig {
  readonly design: Design;
  /** Physical memory, bytes. */
  readonly memory: number;
  /** `/sys/kernel/mm/transparent_hugepage/enabled`. */
  readonly thp: 'always' | 'madvise' | 'never';
  /** `/proc/sys/vm/overcommit_memory`. */
  readonly overcommit_memory: 0 | 1 | 2;
  /** `/proc/sys/vm/max_map_count`. */
  readonly max_map_count: number;
  /** Whose processes: root is above RLIMIT_MEMLOCK, may map address 0 and may use the memory that is kept for it. */
  readonly user: 'root' | 'nobody';
  /** What a process may have. */
  readonly rlimit: Rlimits;
  /** Whether the character device shows its faults of 2007 (the mutex held on failure …). */
  readonly faultyDevice: boolean;
  /** The size of the hugetlbfs mount, bytes; Infinity for none (mount -o size=). */
  readonly hugetlbfs_size: number;
  /** Whose rules huge pages follow: today's kernel's, or that of the argument. */
  readonly rules: RulesName;
  /** The translation cache that is modelled; null for none. */
  readonly tlb: TlbShape | null;
  /** What one operation may cost. */
  readonly budget: Budget;
}

/** Limits of every process, bytes; Infinity for none (setrlimit). */
export interface Rlimits {
  /** RLIMIT_MEMLOCK: memory that it may lock. */
  readonly memlock: number;
  /** RLIMIT_STACK: how far an area that grows down may grow. */
  readonly stack: number;
  /** RLIMIT_AS: its whole address space. */
  readonly as: number;
  /** RLIMIT_DATA: private memory that it may write. */
  readonly data: number;
}

/** Bytes that an area, a page table and a process take, about. */
const AREA_BYTES = 300;
const TABLE_BYTES = 2400;
const TASK_BYTES = 2000;
/** Bytes of a frame's place in a page cache. */
const CACHED_BYTES = 4;
/** Every so many operations the state is weighed. */
const WEIGHED = 64;

/** One machine. Make it with `createMachine` (process.ts), which gives it a first process. */
export class Machine {
  readonly config: MachineConfig;
  design: Design;
  readonly rules: Rules;
  /** At which sites a kernel of these rules asks whether an area is huge. */
  readonly tested: Readonly<Record<TestSite, boolean>>;
  /** The generic walks know leaves larger than 4 KiB. */
  readonly knows_leaves: boolean;
  /** What the design asks with. */
  readonly probe = new Probe(this);
  /** Where events go; null while nobody looks. */
  rec: Recorder | null = null;
  readonly frames: Frames;
  /** Counts what the operation under way costs. */
  readonly meter: Meter;
  /** The huge-page pool. */
  hstate: hstate;
  readonly tasks = new Map<number, Task>();
  /** Inodes that have a name in a directory, by path. */
  readonly names = new Map<string, inode>();
  /** System V segments, by number (Linux: the ids of an ipc_namespace). */
  readonly shm = new Map<number, shmid_kernel>();
  /** The place that a segment took last, and the sequence number of the next. Never changed in place. */
  shm_ids: { readonly last: number; readonly seq: number } = { last: -1, seq: 0 };
  /** Generation: what carries another token is shared with a snapshot and copied before it is written. */
  token: object = {};
  next_vma_id = 1;
  next_table_id = 1;
  next_anon_vma_id = 1;
  next_inode_id = 1;
  next_file_id = 1;
  /** Freed, zeroed tables by level, used again (saves the allocation, not the event). */
  readonly spare_tables: Table[][] = [[], [], [], [], []];
  /** The list of areas on their way out that was used last. */
  spare_munmap: MunmapRange | null = null;
  /** Areas that went, used again for new ones. */
  readonly spare_vmas: vm_area_struct[] = [];
  /** Head of the huge zero page, 0 until a transparent huge page is read first. */
  huge_zero_pfn = 0;
  /** Some anonymous memory may hold nothing but zeroes although it was given a frame: huge pages, and what was populated. */
  has_blank_pages = false;
  /** Frames of the vdso and the vvar by their place, made at the first look (mm/vdso.ts). Never changed in place. */
  vdso_image: readonly number[] = [];
  /** Pages charged by `VM_ACCOUNT` areas (Linux: vm_committed_as). */
  committed = 0;
  /** What went wrong for good, in order: what a kernel would have put into its log. Never changed in place. */
  damage: readonly Broken[] = [];
  /** The translation cache; null while nobody asks what it would hold. */
  tlb: Tlb | null = null;
  /** What stands in memory; null while no device is mapped, whose pages would be watched. */
  contents: Contents | null = null;
  /** Nameless inodes that nobody holds any more; their pages go when the operation under way is done. */
  readonly dropped: inode[] = [];
  /** Operations carried out. */
  operations = 0;
  /** What the operation under way came to. */
  readonly outcome: Outcome = { ret: 0, err: 0, sig: 0, code: 0, minflt: 0 };

  constructor(config: MachineConfig, pool: hstate) {
    // Transparent huge pages came four years after the argument.
    this.config = config.rules === '6.18' ? config : { ...config, thp: 'never' };
    this.design = config.design;
    this.rules = RULES[config.rules];
    this.tested = TESTED[config.rules];
    this.knows_leaves = this.rules.walksKnowLeaves || config.design.walks_leaves === true;
    if (config.tlb !== null) this.tlb = new Tlb(config.tlb);
    this.frames = new Frames(this, pages(config.memory));
    this.meter = new Meter(config.budget, () => this.heldBytes);
    this.hstate = pool;
  }

  /** An empty address space for process `who`. */
  newMm(who: number): mm_struct {
    const pgd = new Table(this.next_table_id++, PGD, this.token);
    return new mm_struct(this, who, pgd, new VmaTree());
  }

  /**
   * Carries out one operation. The returned object is the machine's own and holds until the next operation.
   * A process that does not exist answers ESRCH.
   */
  execute(operation: Operation): Outcome {
    const out = this.outcome;
    out.ret = 0;
    out.err = 0;
    out.sig = 0;
    out.code = 0;
    out.minflt = 0;
    if (this.dropped.length > 0) this.dropped.length = 0; // An operation that was stopped half-way may have left some.
    this.meter.begin();
    if (this.operations % WEIGHED === 0 || operation.op === 'fork') this.meter.weigh();
    SYSCALLS[operation.op](this, operation);
    if (this.dropped.length > 0) task_work_run(this);
    this.operations++;
    if (this.rec !== null) this.rec.emit(Ev.Return, out.ret, out.err);
    return out;
  }

  /** As `execute`, stopping right after the recorder's `stopAfter`-th event. True if it stopped there. */
  executeUntil(operation: Operation, recorder: Recorder): boolean {
    assert(this.rec === null, 'one recorder at a time');
    this.rec = recorder;
    try {
      this.execute(operation);
      return false;
    } catch (e) {
      if (e instanceof StoppedAtEvent) return true;
      throw e;
    } finally {
      this.rec = null;
    }
  }

  /** Notes what a driver has broken and nothing in the state would show. The first 32 are kept. */
  damaged(invariant: string, text: string, where: Omit<Broken, 'invariant' | 'text'> = {}): void {
    if (this.damage.length < 32) this.damage = [...this.damage, { invariant, text, ...where }];
  }

  /** Bytes that the state takes, about. */
  get heldBytes(): number {
    const { frames, tasks } = this;
    let areas = 0;
    for (const { mm } of tasks.values()) areas += mm.map_count;
    return (
      frames.heldBytes +
      frames.used * CACHED_BYTES +
      frames.tables * TABLE_BYTES +
      areas * AREA_BYTES +
      tasks.size * TASK_BYTES
    );
  }

  /** Bytes of physical memory that are not free. */
  get usedBytes(): number {
    return this.frames.used * PAGE_SIZE;
  }
}
