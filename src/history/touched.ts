/**
 * What a scenario ever touches of what was there before it: a fact of the whole run, so that what is folded stays folded.
 * Operations to come are read without running them: an address that depends on an answer counts when the answer is there.
 */
import { PAGE_SIZE } from '../base/units';
import type { vm_area_struct } from '../engine/mm/mm_types';
import { VM_GROWSDOWN } from '../engine/mm/vm_flags';
import type { Operation } from '../engine/operation';
import { MAP_FIXED, MAP_FIXED_NOREPLACE, MAP_HUGETLB, MREMAP_FIXED } from '../engine/uapi';
import type { OperationLog } from './log';
import { isRefused, type OperationSource } from './source';

/** Operations that are read ahead at most, and stretches that are kept apart at most. */
const AHEAD = 20_000;
const STRETCHES = 4096;
/** How far below its lowest page a stack may be touched and grow (the limit of 8 MiB). */
const STACK = 8 * 2 ** 20;

export class Touched {
  /** Whether anything sets pages aside, or asks for huge ones. */
  pool = false;
  /** An operation that goes over every area. */
  private all = false;
  private heap = false;
  private stretches: { start: number; end: number }[] = [];
  private sorted = true;
  /** Operations of the log that are taken in. */
  private known = 0;

  constructor(source: OperationSource) {
    const env = source.start();
    for (let k = 0; k < Math.min(source.length, AHEAD); k++) {
      const operation = source.resolve(k, env);
      if (!isRefused(operation)) this.take(operation);
    }
  }

  /** Takes in what has run, with the addresses that it had. */
  learn(log: OperationLog): void {
    for (; this.known < log.length; this.known++) {
      const operation = log.operation(this.known);
      if (!isRefused(operation)) this.take(operation);
    }
  }

  /** Whether an operation of the run acts on any of the area. */
  reaches(vma: vm_area_struct): boolean {
    if (this.all) return true;
    const { vm_mm, vm_end, vm_flags } = vma;
    if (this.heap && vma.vm_start < Math.max(vm_mm.brk, vm_mm.start_brk + 1) && vm_end > vm_mm.start_brk) return true;
    const start = (vm_flags & VM_GROWSDOWN) === 0 ? vma.vm_start : vma.vm_start - STACK;
    this.sort();
    let lo = 0;
    let hi = this.stretches.length;
    while (lo < hi) {
      const mid = (lo + hi) >>> 1;
      if (this.stretches[mid]!.end <= start) lo = mid + 1;
      else hi = mid;
    }
    return lo < this.stretches.length && this.stretches[lo]!.start < vm_end;
  }

  private take({ op, args }: Operation): void {
    const [address = 0, length = 0] = args;
    switch (op) {
      case 'mmap':
        if ((args[3]! & (MAP_FIXED | MAP_FIXED_NOREPLACE)) !== 0) this.add(address, length);
        if ((args[3]! & MAP_HUGETLB) !== 0) this.pool = true;
        return;
      case 'mremap':
        this.add(address, Math.max(length, PAGE_SIZE));
        if ((args[3]! & MREMAP_FIXED) !== 0) this.add(args[4]!, args[2]!);
        return;
      case 'read':
      case 'write':
        this.add(address, Math.max(1, length * (args[2] ?? 1)));
        return;
      case 'munmap':
      case 'mprotect':
      case 'madvise':
      case 'mlock':
      case 'mlock2':
      case 'munlock':
      case 'mincore':
      case 'msync':
        this.add(address, Math.max(1, length));
        return;
      case 'mlockall':
      case 'munlockall':
        this.all = true;
        return;
      case 'brk':
        this.heap = true;
        return;
      case 'pool':
        this.pool = true;
        return;
      default:
    }
  }

  private add(start: number, length: number): void {
    if (!(start >= 0) || this.stretches.length >= 2 * STRETCHES) return;
    this.stretches.push({ start, end: start + length });
    this.sorted = false;
    if (this.stretches.length >= 2 * STRETCHES) this.sort();
  }

  /** Brings the stretches into order, those that touch as one. */
  private sort(): void {
    if (this.sorted) return;
    this.stretches.sort((a, b) => a.start - b.start);
    const joined: { start: number; end: number }[] = [];
    for (const one of this.stretches) {
      const last = joined.at(-1);
      if (last !== undefined && one.start <= last.end) last.end = Math.max(last.end, one.end);
      else joined.push({ ...one });
    }
    this.stretches = joined;
    this.sorted = true;
  }
}
