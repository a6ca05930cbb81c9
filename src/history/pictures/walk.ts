/** Walks that hand out whole stretches of a lowest table at once: what a picture of a million pages can afford. */
import type { mm_struct } from '../../engine/mm/mm_types';
import { LEVEL_SIZE, PGD, PTE, table_index, type Table } from '../../engine/mm/pgtable';

export interface TableVisitor {
  /** Entries `from` to `to` (half-open) of a lowest table that is not empty; `address` is what the first one maps. */
  small(table: Table, from: number, to: number, address: number): void;
  /** A leaf above the lowest level, which maps `size` bytes from `address` on. */
  huge(table: Table, index: number, address: number, size: number): void;
}

/** Visits what is present in `[start, end)`, ascending. A huge leaf is handed out whole, also where it sticks out. */
export function walkTables(mm: mm_struct, start: number, end: number, visitor: TableVisitor): void {
  if (end > start) walk(mm.pgd, PGD, start, end, visitor);
}

function walk(table: Table, level: number, start: number, end: number, visitor: TableVisitor): void {
  if (table.used === 0) return;
  const size = LEVEL_SIZE[level]!;
  let index = table_index(start, level);
  const first = start - (start % size);
  if (level === PTE) {
    visitor.small(table, index, Math.min(512, index + Math.ceil((end - first) / size)), first);
    return;
  }
  for (let at = first; at < end; at += size, index++) {
    const entry = table.entries[index]!;
    if (entry !== 0) {
      visitor.huge(table, index, at, size);
      continue;
    }
    const lower = table.down![index]!;
    if (lower !== null) walk(lower, level - 1, Math.max(at, start), Math.min(at + size, end), visitor);
  }
}
