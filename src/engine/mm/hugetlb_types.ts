import { PMD_SIZE, PUD_SIZE } from '../../base/units';

/** The pool of 2 MiB pages (Linux: struct hstate). All counts in huge pages. */
export class hstate {
  nr_huge_pages = 0;
  resv_huge_pages = 0;
  surplus_huge_pages = 0;
  nr_overcommit_huge_pages = 0;
  /** Heads of the free huge pages; the last is handed out next. */
  free: number[] = [];
  /** Reservations that Linux 6.18 lost when it moved a mapping: counted in `resv_huge_pages`, held by nobody. */
  lost = 0;
  /** Pages that count against the size of the mount; 0 where it has none (Linux: struct hugepage_subpool). */
  used_hpages = 0;
  /** Pages that the unmapping under way lets go when it ends (Linux: mmu_gather); null between operations. */
  gathered: number[] | null = null;
  /** Unmappings under way, one within another. */
  gathering = 0;

  get free_huge_pages(): number {
    return this.free.length;
  }
}

/** The page size that a `MAP_HUGE_*` or `MFD_HUGE_*` code asks for, 0 for one the machine has not. Linux: hstate_sizelog. */
export function hstate_sizelog(code: number): number {
  if (code === 0 || code === 21) return PMD_SIZE;
  // The 1 GiB size exists, with a pool that is always empty.
  return code === 30 ? PUD_SIZE : 0;
}
