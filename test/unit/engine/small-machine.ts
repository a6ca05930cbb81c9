/** A machine to write down stories of ordinary memory with: short words for operations, and a look at single pages. */
import { errnoName } from '../../../src/engine/errno';
import { type Ev, EVENT_STRIDE, Recorder } from '../../../src/engine/events';
import type { Machine, MachineConfig } from '../../../src/engine/machine';
import { PG_anon } from '../../../src/engine/mm/page_alloc';
import type { mm_struct } from '../../../src/engine/mm/mm_types';
import {
  _PAGE_PSE,
  _PAGE_RW,
  _PAGE_SPECIAL,
  pmd_index,
  pmd_table,
  pte_index,
  pte_pfn,
  pte_present,
} from '../../../src/engine/mm/pgtable';
import type { OperationName } from '../../../src/engine/operation';
import { createMachine } from '../../../src/engine/process';
import { MAP_ANONYMOUS, MAP_FIXED, MAP_PRIVATE, MAP_SHARED, PROT_READ, PROT_WRITE } from '../../../src/engine/uapi';
import { validate } from '../../../src/engine/validate';

export const PAGE = 4096;
export const BLOCK = 2 << 20;
export const RW = PROT_READ | PROT_WRITE;
export const PRIVATE = MAP_PRIVATE | MAP_ANONYMOUS;
export const SHARED = MAP_SHARED | MAP_ANONYMOUS;
/** Far from everything, aligned to 1 GiB. */
export const FAR = 2 ** 40;

/** One page as its process's tables map it. */
export interface PageLook {
  readonly pfn: number;
  readonly writable: boolean;
  readonly kind: 'zero' | 'anonymous' | 'file';
  /** Part of a huge leaf. */
  readonly huge: boolean;
}

export class SmallMachine {
  readonly m: Machine;

  constructor(config: Partial<MachineConfig> = {}) {
    this.m = createMachine(config);
  }

  /** Carries out an operation; every invariant must hold afterwards. Its result, or the name of its errno or signal with its code. */
  do(who: number, op: OperationName, args: readonly number[], path?: string): number | string {
    const out = this.m.execute(path === undefined ? { who, op, args } : { who, op, args, path });
    const found = validate(this.m);
    if (found.length > 0) throw new Error(`${op} ${args.join(' ')}: ${JSON.stringify(found[0])}`);
    if (out.sig !== 0) return `${out.sig === 7 ? 'SIGBUS' : out.sig === 11 ? 'SIGSEGV' : 'SIGKILL'} ${out.code}`;
    return out.err !== 0 ? errnoName(out.err) : out.ret;
  }

  /** The address or descriptor, for calls that must succeed. */
  get(who: number, op: OperationName, args: readonly number[], path?: string): number {
    const at = this.do(who, op, args, path);
    if (typeof at === 'string') throw new Error(`${op} ${args.join(' ')}: ${at}`);
    return at;
  }

  /** Maps `pages` at `at` and returns the address. */
  map(pages: number, flags = PRIVATE, at = FAR, prot = RW, fd = -1, offset = 0, who = 0): number {
    return this.get(who, 'mmap', [at, pages * PAGE, prot, flags | MAP_FIXED, fd, offset * PAGE]);
  }

  read(address: number, pages = 1, who = 0): number | string {
    return this.do(who, 'read', [address, pages, PAGE]);
  }

  write(address: number, pages = 1, who = 0): number | string {
    return this.do(who, 'write', [address, pages, PAGE]);
  }

  mm(who = 0): mm_struct {
    return this.m.tasks.get(who)!.mm;
  }

  /** Minor faults of the operation before. */
  get minflt(): number {
    return this.m.outcome.minflt;
  }

  /** The page at an address, or null where none is present. */
  look(address: number, who = 0): PageLook | null {
    const pmd = pmd_table(this.mm(who), address);
    if (pmd === null) return null;
    const index = pmd_index(address);
    const huge = pmd.entries[index]!;
    const entry = huge !== 0 ? huge : (pmd.down![index]?.entries[pte_index(address)] ?? 0);
    if (!pte_present(entry)) return null;
    const frames = this.m.frames;
    const pfn = pte_pfn(entry) + (huge !== 0 ? pte_index(address) : 0);
    const anonymous = (frames.flags(frames.compound_head(pfn)) & PG_anon) !== 0;
    return {
      pfn,
      writable: (entry & _PAGE_RW) !== 0,
      kind: (entry & _PAGE_SPECIAL) !== 0 ? 'zero' : anonymous ? 'anonymous' : 'file',
      huge: (entry & _PAGE_PSE) !== 0,
    };
  }

  /** Which pages of `[address, address + pages)` are present: one character each, `.` for none, `z`, `a` or `f`. */
  picture(address: number, pages: number, who = 0): string {
    let text = '';
    for (let i = 0; i < pages; i++) text += this.look(address + i * PAGE, who)?.kind.charAt(0) ?? '.';
    return text;
  }

  /** KiB of page tables of a process (VmPTE). */
  tables(who = 0): number {
    return this.mm(who).pgtables_bytes / 1024;
  }

  /** The kinds of event that an operation has. */
  events(who: number, op: OperationName, args: readonly number[]): Ev[] {
    const rec = new Recorder();
    this.m.rec = rec;
    this.do(who, op, args);
    this.m.rec = null;
    return Array.from({ length: rec.count }, (_, i) => rec.buffer[i * EVENT_STRIDE]! as Ev);
  }
}
