/**
 * Page tables of four levels: entries, tables, the walk (Linux: include/linux/pgtable.h, arch/x86/include/asm/pgtable*.h).
 *
 * An entry is one 32-bit number: the frame number in the upper 24 bits, flags in the lower 8. Upper levels point to their
 * lower table by `down`; a leaf at an upper level (a huge page) is an entry with `_PAGE_PSE`.
 */
import { PAGE_SIZE, PGDIR_SIZE, PMD_SIZE, PUD_SIZE } from '../../base/units';
import { Ev } from '../events';
import type { mm_struct } from './mm_types';

export const _PAGE_PRESENT = 0x1;
export const _PAGE_RW = 0x2;
export const _PAGE_ACCESSED = 0x4;
export const _PAGE_DIRTY = 0x8;
/** A leaf above the lowest level. */
export const _PAGE_PSE = 0x10;
/** Present for the kernel, refused to the process (PROT_NONE). */
export const _PAGE_PROTNONE = 0x20;
/** The frame is not counted: the shared zero page and areas of raw frames. */
export const _PAGE_SPECIAL = 0x40;

/**
 * Stands where nothing is, and makes every touch raise SIGSEGV: neither present nor empty, with no frame. Linux: a PTE marker
 * of MADV_GUARD_INSTALL (include/linux/swapops.h PTE_MARKER_GUARD).
 */
export const PTE_MARKER_GUARD = 0x80 | _PAGE_SPECIAL;

/** pfn and flags of an entry. */
export const mk_pte = (pfn: number, flags: number): number => ((pfn << 8) | flags) >>> 0;
export const pte_pfn = (entry: number): number => entry >>> 8;
export const pte_present = (entry: number): boolean => (entry & (_PAGE_PRESENT | _PAGE_PROTNONE)) !== 0;

export const PTE = 1;
export const PMD = 2;
export const PUD = 3;
export const PGD = 4;
/** Bytes that one entry of a table of this level covers. */
export const LEVEL_SIZE = [0, PAGE_SIZE, PMD_SIZE, PUD_SIZE, PGDIR_SIZE] as const;
export const LEVEL_NAME = ['', 'PTE', 'PMD', 'PUD', 'PGD'] as const;
export const PTRS_PER_TABLE = 512;

/** One page-table page. */
export class Table {
  /** 512 entries; shared with snapshots until written (`owner`). Upper levels use it for huge leaves only. */
  entries: Uint32Array;
  /** Lower tables by index; null at the lowest level. */
  down: (Table | null)[] | null;
  /** Non-zero entries and lower tables. */
  used = 0;
  /** Processes that share this table (hugetlb PMD sharing), at least 1. */
  share_count = 1;
  /** First address that the table covers, in the process that made it. */
  base = 0;

  /** @param id unique within the machine, for life */
  constructor(
    public id: number,
    readonly level: number,
    /** The machine generation that may write `entries` in place. */
    public owner: object,
    entries: Uint32Array = new Uint32Array(PTRS_PER_TABLE),
  ) {
    this.entries = entries;
    this.down = level === PTE ? null : new Array<Table | null>(PTRS_PER_TABLE).fill(null);
  }
}

export const pgd_index = (address: number): number => (address / PGDIR_SIZE) & 511;
export const pud_index = (address: number): number => (address / PUD_SIZE) & 511;
export const pmd_index = (address: number): number => (address / PMD_SIZE) & 511;
/** Index within a PTE table. */
export const pte_index = (address: number): number => (address / PAGE_SIZE) & 511;
/** Index of `address` in a table of `level`. */
export const table_index = (address: number, level: number): number =>
  level === PTE ? pte_index(address) : (address / LEVEL_SIZE[level]!) & 511;

/**
 * The table's entries, to be written in place: its own copy is made first where a snapshot shares them. Who writes them directly
 * keeps `used` right, and emits the events.
 */
export function own_entries(mm: mm_struct, table: Table): Uint32Array {
  const token = mm.machine.token;
  if (table.owner !== token) {
    table.entries = table.entries.slice();
    table.owner = token;
  }
  return table.entries;
}

/** Writes one entry. No event. */
export function write_entry(mm: mm_struct, table: Table, index: number, entry: number): void {
  const entries = own_entries(mm, table);
  const before = entries[index]!;
  if (before === 0) {
    if (entry !== 0) table.used++;
  } else if (entry === 0) table.used--;
  entries[index] = entry;
  mm.machine.meter.spend(1);
}

/**
 * Whether memory has room for the tables that are missing above a page of `address`. The allocator of Linux would look for
 * memory to free, and its caller gives up where there is none.
 */
export function has_room_for_tables(mm: mm_struct, address: number): boolean {
  const { free } = mm.machine.frames;
  if (free >= 3) return true;
  const pmd = pmd_table(mm, address);
  if (pmd !== null) {
    const i = pmd_index(address);
    return free >= (pmd.down![i] === null && pmd.entries[i] === 0 ? 1 : 0);
  }
  return free >= (pud_table(mm, address) === null ? 3 : 2);
}

/** Sets a leaf entry at `table[index]`, which maps `address` (Linux: set_pte_at, set_pmd_at, set_huge_pte_at). */
export function set_entry(mm: mm_struct, table: Table, index: number, address: number, entry: number): void {
  const before = table.entries[index]!;
  write_entry(mm, table, index, entry);
  const rec = mm.machine.rec;
  if (rec !== null) rec.emit(Ev.EntrySet, mm.id, table.level, address, entry, before);
}

/** Clears a leaf entry and returns what it was (Linux: ptep_get_and_clear). */
export function get_and_clear_entry(mm: mm_struct, table: Table, index: number, address: number): number {
  const before = table.entries[index]!;
  write_entry(mm, table, index, 0);
  const rec = mm.machine.rec;
  if (rec !== null) rec.emit(Ev.EntryClear, mm.id, table.level, address, before);
  return before;
}

/**
 * An entry that a generic walk of 2007 does not understand is cleared, and what it mapped is lost. Linux: mm/memory.c
 * pmd_clear_bad, pud_clear_bad, which print an error.
 */
export function clear_bad(mm: mm_struct, table: Table, index: number, address: number): void {
  const entry = get_and_clear_entry(mm, table, index, address);
  const pfn = pte_pfn(entry);
  mm.machine.damaged('bad-pmd', `the generic walk met a large leaf, took it for a bad entry and cleared it`, {
    mm: mm.id,
    address,
    pfn,
  });
}

/** Makes an empty table of `level` under `up[index]` (the top level: `up` null) and counts it. Linux: __pte_alloc and kin. */
function alloc_table(mm: mm_struct, level: number, up: Table, index: number, address: number): Table {
  const m = mm.machine;
  m.meter.spend(8);
  const spare = m.spare_tables[level]!.pop();
  let t: Table;
  if (spare !== undefined) {
    t = spare;
    t.id = m.next_table_id++;
    t.share_count = 1;
  } else t = new Table(m.next_table_id++, level, m.token);
  const size = LEVEL_SIZE[level]! * PTRS_PER_TABLE;
  t.base = address - (address % size);
  up.down![index] = t;
  up.used++;
  mm.pgtables_bytes += PAGE_SIZE;
  if (m.rec !== null) m.rec.emit(Ev.TableAlloc, mm.id, level, t.id, t.base);
  return t;
}

/** Takes the table under `up[index]` out of the tree and frees it. It must be empty. Linux: free_pte_range and kin. */
export function free_table(mm: mm_struct, up: Table, index: number): void {
  const t = up.down![index]!;
  const m = mm.machine;
  up.down![index] = null;
  up.used--;
  mm.pgtables_bytes -= PAGE_SIZE;
  mm.cached_pte_table = null;
  if (m.rec !== null) m.rec.emit(Ev.TableFree, mm.id, t.level, t.id, t.base);
  if (t.used === 0) {
    const spare = m.spare_tables[t.level]!;
    if (spare.length < 64) spare.push(t);
  }
}

/** The PUD table of `address`, made where missing (Linux: p4d/pud_alloc). */
export function pud_alloc(mm: mm_struct, address: number): Table {
  const i = pgd_index(address);
  return mm.pgd.down![i] ?? alloc_table(mm, PUD, mm.pgd, i, address);
}

/** The PMD table of `address`, made where missing (Linux: pmd_alloc). */
export function pmd_alloc(mm: mm_struct, address: number): Table {
  const pud = pud_alloc(mm, address);
  const i = pud_index(address);
  return pud.down![i] ?? alloc_table(mm, PMD, pud, i, address);
}

/** The PTE table of `address`, made where missing (Linux: pte_alloc). */
export function pte_alloc(mm: mm_struct, address: number): Table {
  const pmd = pmd_alloc(mm, address);
  const i = pmd_index(address);
  return pmd.down![i] ?? alloc_table(mm, PTE, pmd, i, address);
}

/** Makes a PTE table under `pmd[index]`, which must have none (for a deposited or withdrawn one the caller counts). */
export const pte_alloc_under = (mm: mm_struct, pmd: Table, index: number, address: number): Table =>
  alloc_table(mm, PTE, pmd, index, address);

/** The PUD table of `address`, null where there is none. */
export const pud_table = (mm: mm_struct, address: number): Table | null => mm.pgd.down![pgd_index(address)]!;

/** The PMD table of `address`, null where there is none. */
export function pmd_table(mm: mm_struct, address: number): Table | null {
  const pud = mm.pgd.down![pgd_index(address)]!;
  return pud === null ? null : pud.down![pud_index(address)]!;
}
