/**
 * Recorded traces of a real kernel (test/oracle/FORMAT.md): a machine as one starts, and what the machine shows in the
 * same words. Foreign JSON is checked by whoever reads it; here it is trusted.
 */
import { PAGE_SIZE, PMD_SIZE } from '../base/units';
import { EOPNOTSUPP, errnoName } from './errno';
import {
  get_vma_name,
  pageMapcount,
  pssKiB,
  smap_gather_stats,
  vma_kernel_pagesize,
  vmaPerms,
  vmFlagCodes,
} from './fs/proc';
import type { Machine, Rlimits } from './machine';
import type { Task, vm_area_struct } from './mm/mm_types';
import { PG_anon } from './mm/page_alloc';
import { walk_page_range } from './mm/pagewalk';
import { _PAGE_SPECIAL, PMD, pmd_index, pmd_table, pte_pfn } from './mm/pgtable';
import { VM_FLAG_CODES } from './mm/vm_flags';
import type { Operation, OperationName } from './operation';
import { machineWith, type Settings } from './process';
import { MADV_COLLAPSE } from './uapi';

/** An area that stands before the first operation. */
export interface InitialArea {
  start: number;
  end: number;
  perms: string;
  off: number;
  name: string;
  /** Two-letter codes, separated by spaces. */
  flags: string;
  /** Runs `[address, pages]`. */
  present: [number, number][];
}

/** The 2 MiB pool, in huge pages. */
export interface PoolCounts {
  total: number;
  free: number;
  rsvd: number;
  surp: number;
  /** `nr_overcommit_hugepages`, in a header; recordings made before it was written down lack it. */
  overcommit?: number;
  /** In a header: pages reserved for nobody since before the trace, and as many more in the pool; in no other figure. */
  lost?: number;
}

/** First line of a trace. */
export interface TraceHeader {
  format: number;
  kernel: string;
  page: number;
  huge: number;
  thp: 'always' | 'madvise' | 'never';
  overcommit_memory: 0 | 1 | 2;
  initial: InitialArea[];
  /** KiB of page-table pages that `initial` needs. */
  pagetables: number;
  pool: PoolCounts;
  /** Who the processes were, where not root; and their limits where not the usual ones, bytes. */
  user?: 'nobody';
  rlimit?: Partial<Rlimits>;
  kind?: string;
  seed?: number;
  script?: string;
}

/** Present pages that follow each other and are alike: `[address, pages, marks, frame ids]`. */
export type PresentRun = [number, number, string, number[]];

/** One area, figures in KiB. */
export interface AreaState {
  start: number;
  end: number;
  perms: string;
  off: number;
  name: string;
  rss: number;
  anon: number;
  pagesize: number;
  flags: string;
  private_hugetlb?: number;
  shared_hugetlb?: number;
  locked?: number;
  thp?: number;
  /** Null where the area has more than 65,536 pages; absent for the stack and what the kernel maps. */
  present?: PresentRun[] | null;
}

/** One process, figures in KiB. */
export interface ProcessState {
  areas: AreaState[];
  size: number;
  locked: number;
  data: number;
  pagetables: number;
  hugetlb: number;
}

/** What the machine shows after an operation. */
export interface Observation {
  pool: PoolCounts;
  /** By the number of the process. */
  state: Record<string, ProcessState>;
}

/** A line of a trace: an operation, what it came to, and what the machine shows then. */
export interface TraceLine extends Observation {
  who: number;
  op: OperationName;
  args: number[];
  path?: string;
  ret: number;
  err?: string;
  sig?: number;
  code?: number;
  minflt?: number;
}

/** The name of an errno as recordings have it: of the two names of 95 the recorder writes the one that POSIX prefers. */
const recordedErrno = (n: number): string => (n === EOPNOTSUPP ? 'ENOTSUP' : errnoName(n));

const FLAG_BY_CODE = new Map(VM_FLAG_CODES.map(([bit, code]) => [code, bit]));
/** The gate area lies above user space and belongs to no process. */
const isGate = (name: string): boolean => name.includes('vsyscall');
const NO_PRESENT = new Set(['[stack]', '[vvar]', '[vdso]', '[vvar_vclock]']);
const MAX_PAGES = 65536;

/** A recorded trace carried out on a machine, which starts as the recording did. */
export class Replay {
  readonly machine: Machine;
  /** Reservations that the kernel had lost for good before the trace began. */
  readonly lost: number;

  /** `config` overrides what the header says. */
  constructor(
    private readonly header: TraceHeader,
    lines: readonly TraceLine[],
    config: Settings = {},
  ) {
    this.lost = impliedLost(header, lines);
    this.machine = machineFromHeader(header, impliedOvercommit(header, lines), this.lost, config);
  }

  /** Carries a recorded operation out; what the machine answers and shows then. */
  step(line: TraceLine): TraceLine {
    const { who, op, args, path } = line;
    const out = { ...this.machine.execute(operationOf(line, this.lost)) };
    if (op === 'fork' && out.err === 0) afterFork(this.machine, who, args[0]!);
    const answer: TraceLine = { who, op, args, ret: out.ret, ...this.observe() };
    if (path !== undefined) answer.path = path;
    if (out.err !== 0) answer.err = recordedErrno(out.err);
    if (out.sig !== 0) answer.sig = out.sig;
    if (out.code !== 0) answer.code = out.code;
    if (out.minflt !== 0) answer.minflt = out.minflt;
    return answer;
  }

  /** What the machine shows now. */
  observe(): Observation {
    return observe(this.machine, this.header, this.lost);
  }

  /**
   * khugepaged, a thread of the kernel, makes huge pages in advised areas when it likes. Where the recording shows one that
   * the machine has not, makes it, too. Returns how many.
   */
  followKhugepaged(line: TraceLine): number {
    let made = 0;
    for (const [who, { areas }] of Object.entries(line.state)) {
      for (const area of areas) {
        if (!area.flags.split(' ').includes('hg')) continue;
        for (const [start, pages, marks] of area.present ?? []) {
          if (marks !== 'axt' || start % PMD_SIZE !== 0) continue;
          for (let at = start; at + PMD_SIZE <= start + pages * PAGE_SIZE; at += PMD_SIZE) {
            const pmd = pmd_table(this.machine.tasks.get(Number(who))!.mm, at);
            if (pmd === null || pmd.down![pmd_index(at)] === null) continue;
            if (
              this.machine.execute({ who: Number(who), op: 'madvise', args: [at, PMD_SIZE, MADV_COLLAPSE] }).err === 0
            )
              made++;
          }
        }
      }
    }
    return made;
  }
}

/**
 * `nr_overcommit_hugepages` as a trace began, where its header does not say: the most surplus pages seen before the
 * setting is first changed. A larger value that no operation made use of cannot be told from it.
 */
function impliedOvercommit(header: TraceHeader, lines: readonly TraceLine[]): number {
  if (header.pool.overcommit !== undefined) return header.pool.overcommit;
  let most = 0;
  for (const line of lines) {
    if (line.op === 'pool') break;
    most = Math.max(most, line.pool.surp);
  }
  return most;
}

/**
 * How many reservations the kernel had lost for good before the trace began, where the header does not say. Without lost
 * ones a count below 0 would have wrapped, so there were at least so many.
 */
function impliedLost(header: TraceHeader, lines: readonly TraceLine[]): number {
  if (header.pool.lost !== undefined) return header.pool.lost;
  let least = 0;
  for (const line of lines) least = Math.min(least, line.pool.rsvd);
  return -least;
}

/** A machine as it was when the trace began, with so many huge pages to overcommit and reservations lost before. */
function machineFromHeader(header: TraceHeader, overcommit: number, lost: number, config: Settings): Machine {
  const areas = header.initial
    .filter((a) => !isGate(a.name))
    .map((a) => ({
      start: a.start,
      end: a.end,
      vm_flags: a.flags.split(' ').reduce((flags, code) => flags | (FLAG_BY_CODE.get(code) ?? 0), 0),
      offset: a.off,
      name: a.name,
      present: a.present,
    }));
  const { thp, overcommit_memory, user = 'root', rlimit = {} } = header;
  const m = machineWith(areas, { thp, overcommit_memory, user, rlimit, ...config });
  m.execute({ who: 0, op: 'pool', args: [header.pool.total + lost, overcommit] });
  // What is reserved before the first operation is reserved for nobody: the kernel lost it earlier.
  m.hstate.resv_huge_pages = header.pool.rsvd + lost;
  m.hstate.lost = header.pool.rsvd + lost;
  m.operations = 0;
  return m;
}

/** A recorded operation as this machine is to carry it out: the pool holds as many pages more as were lost before. */
function operationOf(line: TraceLine, lost: number): Operation {
  if (line.op !== 'pool' || lost === 0) return line;
  return { ...line, args: [line.args[0]! + lost, line.args[1]!] };
}

/** The recorded process and its fork go on running: each writes the page at the start of the heap that holds its errno. */
function afterFork(m: Machine, parent: number, child: number): void {
  for (const who of [parent, child]) {
    const { start_brk, brk } = m.tasks.get(who)!.mm;
    if (brk > start_brk) m.execute({ who, op: 'write', args: [start_brk, 1, 1] });
  }
}

/** What the pool and every process show now, as the recorder writes it: less `lost` reservations lost before. */
function observe(m: Machine, header: TraceHeader, lost: number): Observation {
  const initial = new Map(header.initial.map((a) => [a.start, a]));
  const ids = new Map<number, number>();
  const state: Record<string, ProcessState> = {};
  for (const who of [...m.tasks.keys()].sort((a, b) => a - b))
    state[who] = observeProcess(m.tasks.get(who)!, header, initial, ids);
  const h = m.hstate;
  return {
    pool: {
      total: h.nr_huge_pages - lost,
      free: h.free_huge_pages - lost,
      rsvd: h.resv_huge_pages - lost,
      surp: h.surplus_huge_pages,
    },
    state,
  };
}

function observeProcess(
  task: Task,
  header: TraceHeader,
  initial: ReadonlyMap<number, InitialArea>,
  ids: Map<number, number>,
): ProcessState {
  const mm = task.mm;
  const areas: AreaState[] = [];
  for (const vma of mm.mm_mt) {
    const perms = vmaPerms(vma.vm_flags);
    const inherited = initial.get(vma.vm_start);
    if (inherited?.end !== vma.vm_end || inherited.perms !== perms) areas.push(observeArea(vma, perms, ids));
  }
  return {
    areas,
    size: mm.total_vm * (PAGE_SIZE / 1024),
    locked: mm.locked_vm * (PAGE_SIZE / 1024),
    data: mm.data_vm * (PAGE_SIZE / 1024),
    pagetables: mm.pgtables_bytes / 1024 - header.pagetables,
    hugetlb: mm.hugetlb_usage * (PAGE_SIZE / 1024),
  };
}

function observeArea(vma: vm_area_struct, perms: string, ids: Map<number, number>): AreaState {
  const mss = smap_gather_stats(vma);
  const path = get_vma_name(vma).replace(' (deleted)', '');
  const name = path.slice(path.lastIndexOf('/') + 1);
  const row: AreaState = {
    start: vma.vm_start,
    end: vma.vm_end,
    perms,
    off: vma.vm_file === null ? 0 : vma.vm_pgoff * PAGE_SIZE,
    name,
    rss: mss.resident / 1024,
    anon: mss.anonymous / 1024,
    pagesize: vma_kernel_pagesize(vma) / 1024,
    flags: vmFlagCodes(vma.vm_flags),
  };
  if (mss.private_hugetlb > 0) row.private_hugetlb = mss.private_hugetlb / 1024;
  if (mss.shared_hugetlb > 0) row.shared_hugetlb = mss.shared_hugetlb / 1024;
  const locked = pssKiB(mss.pss_locked);
  if (locked > 0) row.locked = locked;
  if (mss.anonymous_thp > 0) row.thp = mss.anonymous_thp / 1024;
  if (!NO_PRESENT.has(name)) row.present = presentRuns(vma, ids);
  return row;
}

/** Present pages of an area, or null where it is too large to be written down. Frames get ids in the order met. */
function presentRuns(vma: vm_area_struct, ids: Map<number, number>): PresentRun[] | null {
  const m = vma.vm_mm.machine;
  const frames = m.frames;
  const pagesize = vma_kernel_pagesize(vma);
  const huge = pagesize === PMD_SIZE;
  // The recorder looks at 1 GiB pages as at small ones.
  if ((vma.vm_end - vma.vm_start) / (huge ? PMD_SIZE : PAGE_SIZE) > MAX_PAGES) return null;
  const runs: PresentRun[] = [];
  let last: PresentRun | undefined;
  const add = (address: number, marks: string, frame: number): void => {
    if (last !== undefined && last[2] === marks && last[0] + last[1] * pagesize === address) {
      last[1]++;
      if (!marks.endsWith('t') || last[3][last[3].length - 1] !== frame) last[3].push(frame);
    } else runs.push((last = [address, 1, marks, [frame]]));
  };
  const idOf = (pfn: number): number => {
    let id = ids.get(pfn);
    if (id === undefined) ids.set(pfn, (id = ids.size + 1));
    return id;
  };
  walk_page_range(vma.vm_mm, vma.vm_start, vma.vm_end, (start, entry, table) => {
    const first = pte_pfn(entry);
    const n = table.level === PMD && !huge ? PMD_SIZE / PAGE_SIZE : 1;
    for (let i = 0; i < n; i++) {
      const address = start + i * PAGE_SIZE;
      const pfn = first + i;
      if ((entry & _PAGE_SPECIAL) !== 0) {
        add(address, 'z', 0);
        continue;
      }
      const head = frames.compound_head(pfn);
      const anon = (frames.flags(head) & PG_anon) !== 0;
      // Of a page mapped by one huge entry, Linux 6.18 asks the first frame, and says the same of all.
      const mapped = huge ? frames.mapcount(pfn) : pageMapcount(m, n > 1 ? first : pfn);
      const alone = mapped === 1 && !(huge && table.share_count > 1);
      const thp = anon && !huge && frames.order(pfn) > 0;
      add(address, (anon ? 'a' : 'f') + (alone ? 'x' : 's') + (thp ? 't' : ''), idOf(thp || huge ? head : pfn));
    }
  });
  return runs;
}
