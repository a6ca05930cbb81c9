/**
 * Leaves of several sizes in one mapping: finding them, breaking a large one into smaller ones in place, mapping and
 * dropping. What a driver needs that does variable page size by itself, beside the core's own walks.
 */
import { PAGE_SIZE, PGDIR_SIZE, PMD_SIZE, PUD_SIZE, roundDown } from '../../base/units';
import { Ev } from '../events';
import type { mm_struct, vm_area_struct } from '../mm/mm_types';
import {
  _PAGE_PSE,
  get_and_clear_entry,
  LEVEL_SIZE,
  mk_pte,
  PMD,
  pmd_alloc,
  pmd_index,
  pmd_table,
  pte_alloc_under,
  pte_index,
  pte_pfn,
  PTE,
  PTRS_PER_TABLE,
  pud_index,
  pud_table,
  set_entry,
  type Table,
} from '../mm/pgtable';
import { put_unmapped } from '../mm/prot';
import { WHY } from '../routines';

/** Base pages in a leaf of this level. */
const leaf_pages = (level: number): number => LEVEL_SIZE[level]! / PAGE_SIZE;

/** A present leaf: the table it stands in, its place there, the address that it maps from. */
export type VisitLeaf = (table: Table, index: number, address: number) => void;

/**
 * Visits every leaf of `[start, end)`, ascending. With `cut`, a leaf that reaches over a bound is broken up first; without,
 * it is visited whole.
 */
export function for_each_leaf(mm: mm_struct, start: number, end: number, cut: boolean, visit: VisitLeaf): void {
  for (let at = start; at < end;) {
    const pud = pud_table(mm, at);
    if (pud === null) {
      at = roundDown(at, PGDIR_SIZE) + PGDIR_SIZE;
      continue;
    }
    const i = pud_index(at);
    const giant = roundDown(at, PUD_SIZE);
    if (pud.entries[i] !== 0) {
      if (!cut || (giant >= start && giant + PUD_SIZE <= end)) {
        visit(pud, i, giant);
        at = giant + PUD_SIZE;
        continue;
      }
      demote_pud(mm, pud, giant);
    }
    const pmd = pud.down![i]!;
    if (pmd === null) {
      at = giant + PUD_SIZE;
      continue;
    }
    at = leaves_of_block(mm, pmd, at, start, end, cut, visit);
  }
}

/** The leaves of one 2 MiB block from `at` on; returns where to go on. */
function leaves_of_block(
  mm: mm_struct,
  pmd: Table,
  at: number,
  start: number,
  end: number,
  cut: boolean,
  visit: VisitLeaf,
): number {
  const j = pmd_index(at);
  const block = roundDown(at, PMD_SIZE);
  if (pmd.entries[j] !== 0) {
    if (!cut || (block >= start && block + PMD_SIZE <= end)) {
      visit(pmd, j, block);
      return block + PMD_SIZE;
    }
    demote_pmd(mm, pmd, block);
  }
  const stop = Math.min(block + PMD_SIZE, end);
  const table = pmd.down![j]!;
  if (table !== null)
    for (let p = at; p < stop; p += PAGE_SIZE) if (table.entries[pte_index(p)] !== 0) visit(table, pte_index(p), p);
  return block + PMD_SIZE;
}

/** A 1 GiB leaf becomes 512 leaves of 2 MiB over the same memory. */
function demote_pud(mm: mm_struct, pud: Table, giant: number): void {
  const m = mm.machine;
  const entry = get_and_clear_entry(mm, pud, pud_index(giant), giant);
  const pfn = pte_pfn(entry);
  m.frames.addEntireMapcount(pfn, -1);
  m.frames.get_page(pfn, PTRS_PER_TABLE - 1);
  const pmd = pmd_alloc(mm, giant);
  const step = leaf_pages(PMD);
  for (let i = 0; i < PTRS_PER_TABLE; i++) {
    m.frames.addEntireMapcount(pfn + i * step, 1);
    set_entry(mm, pmd, i, giant + i * PMD_SIZE, mk_pte(pfn + i * step, entry & 0xff));
  }
  if (m.rec !== null) m.rec.emit(Ev.Decide, WHY.page_demoted, mm.id, giant, PUD_SIZE);
}

/** A 2 MiB leaf becomes 512 entries of 4 KiB over the same memory. */
export function demote_pmd(mm: mm_struct, pmd: Table, block: number): void {
  const m = mm.machine;
  const j = pmd_index(block);
  const entry = get_and_clear_entry(mm, pmd, j, block);
  const pfn = pte_pfn(entry);
  m.frames.addEntireMapcount(pfn, -1);
  m.frames.get_page(pfn, PTRS_PER_TABLE - 1);
  const table = pte_alloc_under(mm, pmd, j, block);
  const bits = entry & 0xff & ~_PAGE_PSE;
  for (let i = 0; i < PTRS_PER_TABLE; i++) {
    m.frames.addMapcount(pfn + i, 1);
    set_entry(mm, table, i, block + i * PAGE_SIZE, mk_pte(pfn + i, bits));
  }
  if (m.rec !== null) m.rec.emit(Ev.Decide, WHY.page_demoted, mm.id, block, PMD_SIZE);
}

/** The leaf that maps `address`: fills `found` and returns its entry, 0 where nothing is present. */
export function leaf_at(mm: mm_struct, address: number, found: { table: Table; index: number }): number {
  const pud = pud_table(mm, address);
  if (pud === null) return 0;
  found.table = pud;
  found.index = pud_index(address);
  if (pud.entries[found.index] !== 0) return pud.entries[found.index]!;
  const pmd = pmd_table(mm, address);
  if (pmd === null) return 0;
  found.table = pmd;
  found.index = pmd_index(address);
  if (pmd.entries[found.index] !== 0) return pmd.entries[found.index]!;
  const table = pmd.down![found.index]!;
  if (table === null) return 0;
  found.table = table;
  found.index = pte_index(address);
  return table.entries[found.index]!;
}

/** One leaf maps the page at `pfn` more (or, `by` −1, fewer). */
export function count_leaf(vma: vm_area_struct, level: number, pfn: number, by: number): void {
  const frames = vma.vm_mm.machine.frames;
  if (level === PTE) frames.addMapcount(pfn, by);
  else frames.addEntireMapcount(pfn, by);
  vma.vm_mm.rss_anon += by * leaf_pages(level);
}

/** Takes a leaf away and returns the frame whose reference is now the caller's to give back. */
export function take_leaf(vma: vm_area_struct, table: Table, index: number, address: number): number {
  const pfn = pte_pfn(get_and_clear_entry(vma.vm_mm, table, index, address));
  count_leaf(vma, table.level, pfn, -1);
  return pfn;
}

/** Gives back what `take_leaf` took. */
export function put_leaves(vma: vm_area_struct, pfns: readonly number[]): void {
  for (const pfn of pfns) put_unmapped(vma.vm_mm.machine, pfn);
}
