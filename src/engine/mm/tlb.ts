/** Flushing the translation cache (Linux: arch/x86/mm/tlb.c). */
import { Ev } from '../events';
import type { mm_struct } from './mm_types';

/** Drops the cached translations of `[start, end)` of an address space. */
export function flush_tlb_range(mm: mm_struct, start: number, end: number): void {
  const rec = mm.machine.rec;
  if (rec !== null) rec.emit(Ev.TlbFlush, mm.id, start, end);
}
