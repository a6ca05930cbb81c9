/**
 * Leaves of any level: walking over them, finding one, splitting one into smaller ones over the same memory. Every generic
 * walk of the core goes through here, so that none has to know where a leaf may stand.
 */
import { PAGE_SIZE, PGDIR_SIZE, PMD_SIZE, PUD_SIZE } from '../../base/units';
import { Ev } from '../events';
import { WHY } from '../routines';
import { share_table } from './hugetlb_table';
import type { mm_struct, vm_area_struct } from './mm_types';
import {
  _PAGE_PSE,
  clear_bad,
  get_and_clear_entry,
  LEVEL_SIZE,
  mk_pte,
  pgd_index,
  PMD,
  pmd_alloc,
  pmd_index,
  pte_alloc,
  pte_alloc_under,
  pte_pfn,
  PTE,
  PTRS_PER_TABLE,
  PUD,
  pud_alloc,
  pud_index,
  set_entry,
  table_index,
  type Table,
} from './pgtable';
import { alignDown } from './prot';

/**
 * A walk over what is mapped in `[start, end)` of an area, ascending. Each step is a leaf above the lowest level, or a run of
 * entries of one PTE table, or a PMD table that other processes share.
 */
export class Leaves {
  /** PTE for a run of entries, PMD or PUD for a leaf. */
  level = 0;
  /** The part of `[start, end)` that this step covers. */
  from = 0;
  to: number;
  /** Where the leaf or the run stands: for a run the PTE table itself. */
  table!: Table;
  index = 0;
  /** The leaf's entry; 0 for a run. */
  entry = 0;
  /** For a run: the table that points to its PTE table, and where. */
  up!: Table;
  up_index = 0;
  /** The PMD table `table` belongs to other processes as well; nothing in it was looked at. */
  shared = false;
  private readonly mm: mm_struct;
  private readonly knows: boolean;
  private readonly told: boolean;
  private pud: Table | null = null;
  private pmd: Table | null = null;

  /**
   * @param enter told of each table above the lowest level, once, before anything in it: its level, an address in it
   * @param own the walk of who has made the leaves, and knows them whatever the core of the time did
   */
  constructor(
    private readonly vma: vm_area_struct,
    start: number,
    private readonly end: number,
    private readonly enter: ((level: number, address: number) => void) | null = null,
    own = false,
  ) {
    this.mm = vma.vm_mm;
    const m = this.mm.machine;
    this.knows = own || m.knows_leaves;
    this.told = m.rec !== null && m.design.looks_at_levels === true;
    this.to = start;
  }

  /** Goes to the next step; false at the end. */
  next(): boolean {
    const { end } = this;
    const pgd = this.mm.pgd.down!;
    this.shared = false;
    let at = this.to;
    while (at < end) {
      const pud = pgd[pgd_index(at)]!;
      if (pud === null) {
        at = alignDown(at, PGDIR_SIZE) + PGDIR_SIZE;
        continue;
      }
      if (pud !== this.pud) {
        this.pud = pud;
        if (this.enter !== null) this.enter(PUD, at);
      }
      const i = pud_index(at);
      if (pud.entries[i] !== 0 && this.leaf(pud, i, PUD, at)) return true;
      const pmd = pud.down![i]!;
      if (pmd === null) {
        at = alignDown(at, PUD_SIZE) + PUD_SIZE;
        continue;
      }
      if (pmd !== this.pmd) {
        this.pmd = pmd;
        if (this.enter !== null) this.enter(PMD, at);
        if (pmd.share_count > 1) return this.whole_table(pmd, at);
      }
      this.mm.machine.meter.spend(2);
      const j = pmd_index(at);
      if (pmd.entries[j] !== 0 && this.leaf(pmd, j, PMD, at)) return true;
      const table = pmd.down![j]!;
      const block = alignDown(at, PMD_SIZE) + PMD_SIZE;
      const stop = block < end ? block : end;
      if (table !== null) {
        this.level = PTE;
        this.table = table;
        this.entry = 0;
        this.up = pmd;
        this.up_index = j;
        this.from = at;
        this.to = stop;
        if (this.told) this.mm.machine.probe.level(this.mm, this.vma.id, PTE, at);
        return true;
      }
      at = stop;
    }
    return false;
  }

  /** A leaf, or what a walk of 2007 takes for a bad entry, clears, and goes past (false). */
  private leaf(table: Table, index: number, level: number, at: number): boolean {
    if (!this.knows) {
      clear_bad(this.mm, table, index, at);
      return false;
    }
    const size = LEVEL_SIZE[level]!;
    const after = alignDown(at, size) + size;
    this.level = level;
    this.table = table;
    this.index = index;
    this.entry = table.entries[index]!;
    this.from = at;
    this.to = after < this.end ? after : this.end;
    if (this.told) this.mm.machine.probe.level(this.mm, this.vma.id, level, at);
    return true;
  }

  private whole_table(pmd: Table, at: number): boolean {
    const after = alignDown(at, PUD_SIZE) + PUD_SIZE;
    this.shared = true;
    this.level = PMD;
    this.table = pmd;
    this.entry = 0;
    this.from = at;
    this.to = after < this.end ? after : this.end;
    return true;
  }

  /** Whether the step covers the whole of its leaf. */
  get whole(): boolean {
    return this.to - this.from === LEVEL_SIZE[this.level]!;
  }

  /** Looks at the same place again: the leaf there was split. */
  again(): void {
    this.to = this.from;
    this.pmd = null;
  }
}

/** Whether `[start, end)` lies within one 2 MiB block that has neither a leaf nor a table: the cheap look before a walk. */
export function is_unmapped_block(mm: mm_struct, start: number, end: number): boolean {
  if (end > alignDown(start, PMD_SIZE) + PMD_SIZE) return false;
  const pud = mm.pgd.down![pgd_index(start)]!;
  if (pud === null) return true;
  const i = pud_index(start);
  if (pud.entries[i] !== 0) return false;
  const pmd = pud.down![i]!;
  if (pmd === null) return true;
  const j = pmd_index(start);
  return pmd.entries[j] === 0 && pmd.down![j] === null;
}

/** Where a leaf was found. */
export interface Found {
  table: Table;
  index: number;
}

/** The leaf of any level that maps `address`: fills `found` and returns its entry, 0 where nothing is present. */
export function leaf_at(mm: mm_struct, address: number, found: Found): number {
  let table = mm.pgd;
  for (;;) {
    const index = table_index(address, table.level);
    const entry = table.entries[index]!;
    if (entry !== 0) {
      found.table = table;
      found.index = index;
      return entry;
    }
    const lower = table.down === null ? null : table.down[index]!;
    if (lower === null) return 0;
    table = lower;
  }
}

/** The table in which a leaf of `level` at `address` belongs, made where missing, or shared where the area allows that. */
export function table_for(vma: vm_area_struct, level: number, address: number): Table {
  const mm = vma.vm_mm;
  if (level === PTE) return pte_alloc(mm, address);
  const pud = pud_alloc(mm, address);
  if (level === PUD) return pud;
  if (pud.down![pud_index(address)] === null) share_table(vma, pud, address);
  return pmd_alloc(mm, address);
}

/** Whether nothing is mapped in `[start, start + entries)` at `level`, nor a table of a lower level in the way. */
export function is_empty(mm: mm_struct, level: number, start: number, entries: number): boolean {
  let table = mm.pgd;
  while (table.level > level) {
    const index = table_index(start, table.level);
    if (table.entries[index] !== 0) return false;
    const lower = table.down![index]!;
    if (lower === null) return true;
    table = lower;
  }
  const first = table_index(start, level);
  for (let i = first; i < first + entries; i++)
    if (table.entries[i] !== 0 || (table.down !== null && table.down[i] !== null)) return false;
  return true;
}

/** The leaf at `table[index]`, which maps from `start` on, becomes 512 leaves of the level below, over the same memory. */
export function split_leaf(mm: mm_struct, table: Table, index: number, start: number): void {
  const m = mm.machine;
  const { level } = table;
  const entry = get_and_clear_entry(mm, table, index, start);
  const pfn = pte_pfn(entry);
  m.frames.addEntireMapcount(pfn, -1);
  m.frames.get_page(pfn, PTRS_PER_TABLE - 1);
  const lower = level === PUD ? pmd_alloc(mm, start) : pte_alloc_under(mm, table, index, start);
  const bytes = LEVEL_SIZE[level - 1]!;
  const bits = entry & 0xff & ~(level === PMD ? _PAGE_PSE : 0);
  for (let i = 0; i < PTRS_PER_TABLE; i++) {
    const part = pfn + i * (bytes / PAGE_SIZE);
    if (level === PMD) m.frames.addMapcount(part, 1);
    else m.frames.addEntireMapcount(part, 1);
    set_entry(mm, lower, i, start + i * bytes, mk_pte(part, bits));
  }
  if (m.rec !== null) m.rec.emit(Ev.Decide, WHY.page_demoted, mm.id, start, LEVEL_SIZE[level]!);
}
