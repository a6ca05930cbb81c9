/**
 * The translation cache: flushing it (Linux: arch/x86/mm/tlb.c), and a small model of what it would hold for each process.
 * The model runs only while `machine.tlb` is set; without it a flush is an event and nothing else.
 */
import { PAGE_SIZE } from '../../base/units';
import { Ev } from '../events';
import type { mm_struct } from './mm_types';
import { walk_page_range } from './pagewalk';
import { _PAGE_PRESENT, _PAGE_RW, LEVEL_SIZE, PMD, PTE, pte_pfn, PUD } from './pgtable';

/** Drops the cached translations of `[start, end)` of an address space. */
export function flush_tlb_range(mm: mm_struct, start: number, end: number): void {
  const m = mm.machine;
  if (m.rec !== null) m.rec.emit(Ev.TlbFlush, mm.id, start, end);
  if (m.tlb === null) return;
  m.meter.spend(m.tlb.shape.sets + m.tlb.shape.largeSets);
  m.tlb.flush(mm.id, start, end);
}

/** Rows and entries in each row, for entries of 4 KiB and for larger ones; the processor has an array for each. */
export interface TlbShape {
  readonly sets: number;
  readonly ways: number;
  readonly largeSets: number;
  readonly largeWays: number;
}

/** Small enough to overflow in a lesson. */
const SMALL_TLB: TlbShape = { sets: 4, ways: 4, largeSets: 1, largeWays: 8 };

/** A translation: the page at `address`, of the size of a leaf of `level`, as the tables had it. */
export interface Translation {
  readonly address: number;
  readonly level: number;
  /** The leaf as it was when the processor walked to it. */
  readonly entry: number;
}

/** What one processor would keep of the translations of each process that runs on it. */
export class Tlb {
  hits = 0;
  misses = 0;
  /** Accesses that went by a translation that the page tables no longer had. */
  stale = 0;
  /** By process; each row holds the entry used last at its end. */
  private readonly caches = new Map<number, Translation[][]>();

  constructor(readonly shape: TlbShape = SMALL_TLB) {}

  /** Rows of a process: those for small pages, then those for large ones. */
  private rows(who: number): Translation[][] {
    let rows = this.caches.get(who);
    if (rows === undefined) {
      rows = Array.from({ length: this.shape.sets + this.shape.largeSets }, () => []);
      this.caches.set(who, rows);
    }
    return rows;
  }

  private rowOf(rows: Translation[][], at: number, level: number): Translation[] {
    const page = Math.floor(at / LEVEL_SIZE[level]!);
    return level === PTE ? rows[page % this.shape.sets]! : rows[this.shape.sets + (page % this.shape.largeSets)]!;
  }

  /** The translation of address `at`, now the one used last of its row; null where there is none. */
  lookup(who: number, at: number): Translation | null {
    const rows = this.caches.get(who);
    if (rows === undefined) return null;
    for (let level = PTE; level <= PUD; level++) {
      const row = this.rowOf(rows, at, level);
      const base = at - (at % LEVEL_SIZE[level]!);
      const i = row.findIndex((t) => t.level === level && t.address === base);
      if (i < 0) continue;
      const found = row[i]!;
      row.splice(i, 1);
      row.push(found);
      return found;
    }
    return null;
  }

  /** Keeps a translation, in place of the one of its row that was not used for longest. */
  fill(who: number, at: number, level: number, entry: number): void {
    const address = at - (at % LEVEL_SIZE[level]!);
    this.drop(who, at);
    const row = this.rowOf(this.rows(who), at, level);
    if (row.length >= (level === PTE ? this.shape.ways : this.shape.largeWays)) row.shift();
    row.push({ address, level, entry });
  }

  /** Forgets what translates address `at`: one row of each size can hold it. */
  drop(who: number, at: number): void {
    const rows = this.caches.get(who);
    if (rows === undefined) return;
    for (let level = PTE; level <= PUD; level++) {
      const row = this.rowOf(rows, at, level);
      for (let i = row.length - 1; i >= 0; i--)
        if (row[i]!.address <= at && at < row[i]!.address + LEVEL_SIZE[row[i]!.level]!) row.splice(i, 1);
    }
  }

  /** Translations that are kept, of all processes. */
  get size(): number {
    let n = 0;
    for (const rows of this.caches.values()) for (const row of rows) n += row.length;
    return n;
  }

  /** Forgets every translation that touches `[start, end)`. */
  flush(who: number, start: number, end: number): void {
    const rows = this.caches.get(who);
    if (rows === undefined) return;
    if (end - start <= PAGE_SIZE) {
      this.drop(who, start);
      return;
    }
    for (let r = 0; r < rows.length; r++) {
      const row = rows[r]!;
      if (row.some((t) => t.address < end && t.address + LEVEL_SIZE[t.level]! > start))
        rows[r] = row.filter((t) => t.address >= end || t.address + LEVEL_SIZE[t.level]! <= start);
    }
  }

  /** What is kept for a process, ascending; with the row that holds it. */
  entries(who: number): (Translation & { readonly row: number; readonly large: boolean })[] {
    const rows = this.caches.get(who) ?? [];
    return rows
      .flatMap((row, r) => row.map((t) => ({ ...t, row: r % this.shape.sets, large: t.level >= PMD })))
      .sort((a, b) => a.address - b.address);
  }

  /** Processes for which something is kept. */
  get processes(): number[] {
    return [...this.caches.keys()];
  }

  /** A copy that goes its own way. */
  copy(): Tlb {
    const copy = new Tlb(this.shape);
    copy.hits = this.hits;
    copy.misses = this.misses;
    copy.stale = this.stale;
    for (const [who, rows] of this.caches)
      copy.caches.set(
        who,
        rows.map((row) => row.slice()),
      );
    return copy;
  }
}

/** Whether the tables map every page of the translation to the same frame, with the same rights at least. */
export function isBacked(mm: mm_struct, t: Translation): boolean {
  const size = LEVEL_SIZE[t.level]!;
  const rights = t.entry & (_PAGE_PRESENT | _PAGE_RW);
  let covered = 0;
  let same = true;
  walk_page_range(mm, t.address, t.address + size, (address, entry, table) => {
    const bytes = LEVEL_SIZE[table.level]!;
    // A leaf larger than the translation starts before it.
    const offset = (address - t.address) / PAGE_SIZE;
    if (pte_pfn(entry) !== pte_pfn(t.entry) + offset || (entry & rights) !== rights) same = false;
    covered += Math.min(address + bytes, t.address + size) - Math.max(address, t.address);
  });
  return same && covered === size;
}
