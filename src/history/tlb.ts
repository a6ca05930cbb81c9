/** What the translation cache of one process holds at a moment, as plain data. */
import type { Machine } from '../engine/machine';
import { LEVEL_SIZE, pte_pfn } from '../engine/mm/pgtable';
import { isBacked, type TlbShape } from '../engine/mm/tlb';
import { bitsText } from './pictures/bits';

export interface TlbEntry {
  readonly address: number;
  /** Bytes that it translates. */
  readonly size: number;
  readonly pfn: number;
  /** As in the pictures of the page tables: P present, W writable … */
  readonly bits: string;
  /** Row of its array. */
  readonly row: number;
  /** The page tables no longer say so. */
  readonly stale: boolean;
}

export interface TlbPicture {
  readonly shape: TlbShape;
  /** Counted over all processes since the start. */
  readonly hits: number;
  readonly misses: number;
  /** Accesses by a translation that was no longer there. */
  readonly stale: number;
  readonly entries: readonly TlbEntry[];
}

/** Null where no cache is modelled. */
export function tlbOf(m: Machine, who: number): TlbPicture | null {
  const { tlb } = m;
  if (tlb === null) return null;
  const mm = m.tasks.get(who)?.mm;
  const entries = tlb.entries(who).map((t) => ({
    address: t.address,
    size: LEVEL_SIZE[t.level]!,
    pfn: pte_pfn(t.entry),
    bits: bitsText(t.entry),
    row: t.row,
    stale: mm === undefined || !isBacked(mm, t),
  }));
  return { shape: tlb.shape, hits: tlb.hits, misses: tlb.misses, stale: tlb.stale, entries };
}
