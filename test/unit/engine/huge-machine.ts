/** A machine to write down huge-page stories with: short words for operations, and what the pool says after each. */
import { DESIGNS, type DesignName } from '../../../src/engine/designs/designs';
import { errnoName } from '../../../src/engine/errno';
import type { Machine } from '../../../src/engine/machine';
import type { vm_area_struct } from '../../../src/engine/mm/mm_types';
import { pmd_index, pmd_table } from '../../../src/engine/mm/pgtable';
import type { OperationName } from '../../../src/engine/operation';
import { createMachine } from '../../../src/engine/process';
import { MAP_ANONYMOUS, MAP_HUGETLB, MAP_PRIVATE, MAP_SHARED, PROT_READ, PROT_WRITE } from '../../../src/engine/uapi';
import { validate } from '../../../src/engine/validate';

export const HUGE = 2 << 20;
export const GIANT = 2 ** 30;
export const RW = PROT_READ | PROT_WRITE;
export const PRIVATE = MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB;
export const SHARED = MAP_SHARED | MAP_ANONYMOUS | MAP_HUGETLB;

/** A machine with a pool of `total` huge pages, of which `overcommit` more may be made. */
export class HugeMachine {
  readonly m: Machine;

  constructor(total: number, overcommit = 0, design: DesignName = 'ops', faultyDevice = false) {
    this.m = createMachine({ design: DESIGNS[design], faultyDevice });
    this.pool(total, overcommit);
  }

  /** Carries out an operation; every invariant must hold afterwards. Its result, or the name of its errno or signal. */
  do(who: number, op: OperationName, args: readonly number[], path?: string): number | string {
    const out = this.m.execute(path === undefined ? { who, op, args } : { who, op, args, path });
    const found = validate(this.m);
    if (found.length > 0) throw new Error(`${op} ${args.join(' ')}: ${JSON.stringify(found[0])}`);
    if (out.sig !== 0) return out.sig === 7 ? 'SIGBUS' : out.sig === 11 ? 'SIGSEGV' : 'SIGKILL';
    return out.err !== 0 ? errnoName(out.err) : out.ret;
  }

  /** The address, for calls that must succeed. */
  address(who: number, op: OperationName, args: readonly number[], path?: string): number {
    const at = this.do(who, op, args, path);
    if (typeof at === 'string') throw new Error(`${op} ${args.join(' ')}: ${at}`);
    return at;
  }

  pool(total: number, overcommit = 0): void {
    this.do(0, 'pool', [total, overcommit]);
  }

  /** Maps `n` huge pages that are nobody's file. */
  map(who: number, n: number, flags = PRIVATE, prot = RW): number {
    return this.address(who, 'mmap', [0, n * HUGE, prot, flags, -1, 0]);
  }

  mapFile(who: number, fd: number, n: number, flags = MAP_SHARED, prot = RW, offset = 0): number {
    return this.address(who, 'mmap', [0, n * HUGE, prot, flags, fd, offset * HUGE]);
  }

  open(who: number, path = 'A'): number {
    return this.address(who, 'open', [0o102, 0o600], path);
  }

  write(who: number, address: number, n = 1): number | string {
    return this.do(who, 'write', [address, n, HUGE]);
  }

  read(who: number, address: number, n = 1): number | string {
    return this.do(who, 'read', [address, n, HUGE]);
  }

  munmap(who: number, address: number, n: number): number | string {
    return this.do(who, 'munmap', [address, n * HUGE]);
  }

  fork(who: number, child: number): void {
    this.address(who, 'fork', [child]);
  }

  /** HugePages_Total, _Free, _Rsvd, _Surp. */
  get counts(): [number, number, number, number] {
    const h = this.m.hstate;
    return [h.nr_huge_pages, h.free_huge_pages, h.resv_huge_pages, h.surplus_huge_pages];
  }

  /** Minor faults of the operation before. */
  get minflt(): number {
    return this.m.outcome.minflt;
  }

  area(who: number, address: number): vm_area_struct {
    const vma = this.m.tasks.get(who)!.mm.mm_mt.lookup(address);
    if (vma === null) throw new Error(`nothing is mapped at ${address}`);
    return vma;
  }

  /** The entry that maps `address`, 0 for none. */
  entry(who: number, address: number): number {
    const table = pmd_table(this.m.tasks.get(who)!.mm, address);
    return table === null ? 0 : table.entries[pmd_index(address)]!;
  }

  /** KiB of page tables of a process (VmPTE). */
  tables(who: number): number {
    return this.m.tasks.get(who)!.mm.pgtables_bytes / 1024;
  }

  /** KiB of huge pages that a process has (HugetlbPages). */
  usage(who: number): number {
    return this.m.tasks.get(who)!.mm.hugetlb_usage * 4;
  }
}
