/** Walks over what is present, for those who only look: `/proc`, traces, the validator. Linux: mm/pagewalk.c. */
import type { mm_struct } from './mm_types';
import { LEVEL_SIZE, PGD, PTE, pte_present, table_index, type Table } from './pgtable';

/** Told of one present leaf: the address it maps, its entry, the table that holds it and its place there. */
export type VisitLeaf = (address: number, entry: number, table: Table, index: number) => void;

/** Linux: mm/pagewalk.c walk_page_range. Calls `visit` for every present leaf of `[start, end)`, ascending. */
export function walk_page_range(mm: mm_struct, start: number, end: number, visit: VisitLeaf): void {
  if (start < end) walk(mm.pgd, PGD, start, end, visit);
}

function walk(table: Table, level: number, start: number, end: number, visit: VisitLeaf): void {
  const size = LEVEL_SIZE[level]!;
  const entries = table.entries;
  let index = table_index(start, level);
  for (let at = start - (start % size); at < end; at += size, index++) {
    const entry = entries[index]!;
    if (entry !== 0) {
      if (pte_present(entry)) visit(at, entry, table, index);
    } else if (level !== PTE) {
      const lower = table.down![index]!;
      if (lower !== null) walk(lower, level - 1, Math.max(at, start), Math.min(at + size, end), visit);
    }
  }
}
