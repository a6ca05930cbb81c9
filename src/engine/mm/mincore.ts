/** Which pages are in memory (Linux: mm/mincore.c). */
import { PAGE_SIZE, PGDIR_SIZE, PMD_SIZE, PUD_SIZE, TASK_SIZE } from '../../base/units';
import { is_hugetlb } from '../designs/design';
import { EINVAL, ENOMEM } from '../errno';
import { Ev } from '../events';
import type { Machine } from '../machine';
import type { Outcome } from '../operation';
import { R } from '../routines';
import { vma_hugecache_offset } from './hugetlb_pool';
import { type Found, leaf_at } from './leaf';
import { capable } from './limits';
import type { mm_struct, vm_area_struct } from './mm_types';
import { PG_uptodate } from './page_alloc';
import { pmd_index, pmd_table, PTE, pte_index, pte_present, pud_index, pud_table, type Table } from './pgtable';
import { alignDown } from './prot';

/** The system call. Returns 0, −EINVAL or −ENOMEM; `out.code` is the number of pages in memory. Linux: mincore. */
export function do_mincore(m: Machine, mm: mm_struct, start: number, len: number, out: Outcome): number {
  if (start % PAGE_SIZE !== 0) return -EINVAL;
  if (start + len > TASK_SIZE) return -ENOMEM;
  if (m.rec !== null) m.rec.emit(Ev.Enter, R.do_mincore, start, len);
  const end = start + Math.ceil(len / PAGE_SIZE) * PAGE_SIZE;
  let resident = 0;
  let err = 0;
  for (let at = start; at < end;) {
    const vma = mm.mm_mt.lookup(at);
    if (vma === null) {
      err = -ENOMEM;
      break;
    }
    const stop = Math.min(end, vma.vm_end);
    if (!can_do_mincore(vma)) {
      resident += (stop - at) / PAGE_SIZE;
      at = stop;
    }
    while (at < stop) {
      m.meter.spend(8);
      const empty = Math.min(empty_until(vma, at, stop), stop);
      if (empty > at) {
        resident += cached_pages(m, vma, at, empty);
        at = empty;
        continue;
      }
      const next = Math.min(alignDown(at, PMD_SIZE) + PMD_SIZE, stop);
      resident += resident_pages(m, vma, at, next);
      at = next;
    }
  }
  if (err === 0) out.code = resident;
  if (m.rec !== null) m.rec.emit(Ev.Leave, R.do_mincore, err);
  return err;
}

/** Where the stretch from `at` on ends in which an ordinary area has no PMD table; `at` where there is one, or a leaf in its place. */
function empty_until(vma: vm_area_struct, at: number, end: number): number {
  if (vma.pages !== null || vma.vm_ops?.backing === 'hugetlb') return at;
  while (at < end) {
    const pud = pud_table(vma.vm_mm, at);
    if (pud === null) at = alignDown(at, PGDIR_SIZE) + PGDIR_SIZE;
    else if (pud.down![pud_index(at)] === null && pud.entries[pud_index(at)] === 0)
      at = alignDown(at, PUD_SIZE) + PUD_SIZE;
    else break;
  }
  return at;
}

/** Pages of the file behind `[start, end)` that are in its cache and hold what the file holds. */
function cached_pages(m: Machine, vma: vm_area_struct, start: number, end: number): number {
  if (vma.vm_file === null) return 0;
  const from = vma.vm_pgoff + (start - vma.vm_start) / PAGE_SIZE;
  let cached = 0;
  vma.vm_file.inode.i_mapping.i_pages.forEach(from, from + (end - start) / PAGE_SIZE, (_index, page) => {
    m.meter.spend(1);
    if ((m.frames.flags(m.frames.compound_head(page - 1)) & PG_uptodate) !== 0) cached++;
  });
  return cached;
}

/** Where `leaf_at` puts what it found. */
const found: Found = { table: null as unknown as Table, index: 0 };

/** Whether the process may know: else every page is said to be there. Linux: can_do_mincore. */
function can_do_mincore(vma: vm_area_struct): boolean {
  if (vma.vm_ops === null) return true;
  return vma.vm_file !== null && (capable(vma.vm_mm.machine) || vma.vm_file.inode.kind !== 'file');
}

/** Pages of `[start, end)`, within one 2 MiB block, that are mapped, or in the cache of the file behind. Linux: mincore_pte_range. */
function resident_pages(m: Machine, vma: vm_area_struct, start: number, end: number): number {
  const leaf = leaf_at(vma.vm_mm, start, found);
  if (leaf !== 0 && found.table.level !== PTE) return (end - start) / PAGE_SIZE;
  const pmd = pmd_table(vma.vm_mm, start);
  const table = pmd === null ? null : pmd.down![pmd_index(start)]!;
  const file = vma.vm_file;
  if (is_hugetlb(m, vma, 'mincore')) {
    // Of a huge mapping the file is asked only where there is no table at all.
    const cached =
      pmd === null && file !== null && file.inode.i_mapping.i_pages.get(vma_hugecache_offset(vma, start)) > 0;
    return cached ? (end - start) / PAGE_SIZE : 0;
  }
  if (table === null) return cached_pages(m, vma, start, end);
  let resident = 0;
  for (let at = start; at < end; at += PAGE_SIZE) {
    if (pte_present(table.entries[pte_index(at)]!)) resident++;
    else if (file !== null) {
      const cached = file.inode.i_mapping.i_pages.get(vma.vm_pgoff + (at - vma.vm_start) / PAGE_SIZE);
      if (cached > 0 && (m.frames.flags(m.frames.compound_head(cached - 1)) & PG_uptodate) !== 0) resident++;
    }
  }
  return resident;
}
