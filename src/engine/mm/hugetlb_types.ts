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

  get free_huge_pages(): number {
    return this.free.length;
  }
}
