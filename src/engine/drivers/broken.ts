/**
 * Drivers that misbehave: each makes one small, honest mistake that a real one could make. What comes of it is the argument
 * about letting drivers at the page tables. The validator names the damage within the operation that does it.
 */
import { PAGE_SIZE, PMD_SIZE, roundDown, roundUp } from '../../base/units';
import type { PagetableOperations } from '../designs/design';
import { Ev } from '../events';
import type { Machine } from '../machine';
import { hugetlb_acct_memory } from '../mm/hugetlb_pool';
import { type mm_struct, resv_map, type vm_area_struct, VM_FAULT_ERROR, VM_FAULT_OOM } from '../mm/mm_types';
import { walk_page_range } from '../mm/pagewalk';
import { LEVEL_SIZE, mk_pte, pte_pfn, set_entry } from '../mm/pgtable';
import { Tlb } from '../mm/tlb';
import { WHY } from '../routines';
import type { Driver } from './drivers';
import { for_each_leaf, put_leaves, take_leaf } from './leaves';
import { page_fault, page_mmap, page_pagetable_ops } from './page-huge';
import { superpage_alignment, superpage_fault, superpage_mmap, superpage_pagetable_ops } from './superpage';
import { driverText } from './texts';

// ---- mistakes ------------------------------------------------------------------------------------

/** Leaves the tables where they are. */
function forget_tables(): void {}

/** Gives every page back twice: once for the entry, once because the driver thinks that it still holds one. */
export function free_twice(vma: vm_area_struct, start: number, end: number): void {
  const pfns: number[] = [];
  for_each_leaf(vma, start, end, true, (table, index, address) => pfns.push(take_leaf(vma, table, index, address)));
  put_leaves(vma, pfns);
  put_leaves(vma, pfns);
}

/** Takes the entries away and lets the pages go, and leaves the processor believing in the old translations. */
function unmap_without_flush(vma: vm_area_struct, start: number, end: number): void {
  const pfns: number[] = [];
  for_each_leaf(vma, start, end, true, (table, index, address) => pfns.push(take_leaf(vma, table, index, address)));
  put_leaves(vma, pfns);
}

/** Rewrites the entries by the right routine, and has the flush swallowed. */
export function protect_without_flush(vma: vm_area_struct, start: number, end: number): void {
  const m = vma.vm_mm.machine;
  const { tlb } = m;
  m.tlb = null;
  superpage_pagetable_ops.change_protection!(vma, start, end);
  m.tlb = tlb;
}

/** Works in whole 2 MiB blocks, whatever the bounds. */
function unmap_whole_blocks(vma: vm_area_struct, start: number, end: number): void {
  superpage_pagetable_ops.unmap_page_range!(vma, roundDown(start, PMD_SIZE), roundUp(end, PMD_SIZE), false);
}

/** Copies the entries and leaves both sides the right to write: two processes write the same private page. */
export function copy_writable(dst_vma: vm_area_struct, src_vma: vm_area_struct): number {
  const src = src_vma.vm_mm;
  const rights: number[] = [];
  for_each_leaf(src_vma, src_vma.vm_start, src_vma.vm_end, false, (table, index) => rights.push(table.entries[index]!));
  const err = superpage_pagetable_ops.copy_vma!(dst_vma, src_vma);
  let n = 0;
  for_each_leaf(src_vma, src_vma.vm_start, src_vma.vm_end, false, (table, index, address) => {
    const entry = rights[n++]!;
    if (entry !== table.entries[index]) set_entry(src, table, index, address, entry);
  });
  return err;
}

/** Holds every page that it brings in once more, and never lets go. */
export function pin_for_ever(vma: vm_area_struct, start: number, end: number, flags: number): number {
  const reached = superpage_pagetable_ops.pin_pages!(vma, start, end, flags, false, false);
  const { frames } = vma.vm_mm.machine;
  walk_page_range(vma.vm_mm, start, Math.max(start, reached), (_address, entry) => frames.get_page(pte_pfn(entry)));
  return reached;
}

/** Takes its tables with the bounds of its own area only: what neighbours have in them is lost. */
export function free_all_tables(mm: mm_struct, start: number, end: number): void {
  superpage_pagetable_ops.free_pgtable_range!(mm, roundDown(start, PMD_SIZE), roundUp(end, PMD_SIZE), 0, 0);
}

/** Maps a page as it was left, with what its last user wrote. */
export const fault_uncleared = (mm: mm_struct, vma: vm_area_struct, address: number, flags: number): number =>
  superpage_fault(mm, vma, address, flags, false);

/** Maps the page next to the one that it has accounted for. */
export function fault_wrong_frame(mm: mm_struct, vma: vm_area_struct, address: number, flags: number): number {
  const before = new Set<number>();
  walk_page_range(mm, vma.vm_start, vma.vm_end, (at) => before.add(at));
  const ret = superpage_pagetable_ops.fault!(mm, vma, address, flags);
  walk_page_range(mm, vma.vm_start, vma.vm_end, (at, entry, table, index) => {
    if (!before.has(at)) set_entry(mm, table, index, at, mk_pte(pte_pfn(entry) + 1, entry & 0xff));
  });
  return ret;
}

// ---- watching ------------------------------------------------------------------------------------

/** Pages mapped in the blocks around `[start, end)`, which unmapping that range must not touch, whatever leaves hold them. */
function pagesAround(mm: mm_struct, start: number, end: number): number {
  let bytes = 0;
  const count = (from: number, to: number): void =>
    walk_page_range(mm, from, to, (at, _entry, table) => {
      bytes += Math.min(to, at + LEVEL_SIZE[table.level]!) - Math.max(from, at);
    });
  count(roundDown(start, PMD_SIZE), start);
  count(end, roundUp(end, PMD_SIZE));
  return bytes / PAGE_SIZE;
}

/** The same members, watched by the bench: an unmapping that reaches beyond its range is noted. */
export function watched(table: PagetableOperations): PagetableOperations {
  const unmap = table.unmap_page_range;
  if (unmap === undefined) return table;
  return {
    ...table,
    unmap_page_range(vma, start, end, reclaim_pt) {
      const before = pagesAround(vma.vm_mm, start, end);
      unmap(vma, start, end, reclaim_pt);
      const lost = before - pagesAround(vma.vm_mm, start, end);
      if (lost > 0)
        vma.vm_mm.machine.damaged(
          'unmap-range',
          `the driver of area ${vma.id} has unmapped ${lost} ${lost === 1 ? 'page' : 'pages'} outside of the range it was given`,
          { mm: vma.vm_mm.id, vma: vma.id, address: start },
        );
    },
  };
}

/** Maps with superpage's checks, with the translation cache on: a flush that is left out shows in it. */
export function map_on_bench(m: Machine, vma: vm_area_struct, table: PagetableOperations): number {
  const err = superpage_mmap(m, vma, table);
  if (err === 0) m.tlb ??= new Tlb();
  return err;
}

// ---- the list ------------------------------------------------------------------------------------

/** A superpage driver with some members in place of the right ones. */
function mistaken(name: string, members: Partial<PagetableOperations>): Driver {
  let made: PagetableOperations | null = null;
  const table = (): PagetableOperations =>
    (made ??= watched({
      ...superpage_pagetable_ops,
      ...members,
      name: `${name.replaceAll('-', '_')}_pagetable_ops`,
    }));
  const path = `/dev/${name}`;
  const mmap = (m: Machine, _f: unknown, vma: vm_area_struct): number => map_on_bench(m, vma, table());
  return { ...driverText(path), table, alignment: superpage_alignment, mmap };
}

/** A fault that takes the device's lock and, when it fails, returns with it. */
function fault_and_keep_lock(mm: mm_struct, vma: vm_area_struct, address: number, flags: number): number {
  const m = mm.machine;
  const device = vma.vm_file!.inode;
  if (device.driver_data !== 0) {
    if (m.rec !== null) m.rec.emit(Ev.Decide, WHY.mutex_held, vma.id, address);
    return VM_FAULT_OOM;
  }
  device.driver_data = 1;
  const ret = page_fault(mm, vma, address, flags);
  if ((ret & VM_FAULT_ERROR) === 0) device.driver_data = 0;
  return ret;
}

/** Promises the area its pages, and has no `close` that would take the promise back. */
function map_with_reservation(m: Machine, vma: vm_area_struct, map: () => number): number {
  const err = map();
  if (err !== 0) return err;
  const promised = hugetlb_acct_memory(m, (vma.vm_end - vma.vm_start) / PMD_SIZE);
  if (promised !== 0) return promised;
  vma.resv_map = new resv_map();
  vma.resv_owner = true;
  return 0;
}

let lockTable: PagetableOperations | null = null;
const lock_pagetable_ops = (): PagetableOperations =>
  (lockTable ??= { ...page_pagetable_ops, name: 'broken_lock_pagetable_ops', fault: fault_and_keep_lock });
let reserveTable: PagetableOperations | null = null;
const reserve_pagetable_ops = (): PagetableOperations =>
  (reserveTable ??= { ...page_pagetable_ops, name: 'broken_reserve_pagetable_ops' });

export const BROKEN: readonly Driver[] = [
  mistaken('broken-tables', { free_pgtable_range: forget_tables }),
  mistaken('broken-free', { unmap_page_range: free_twice }),
  mistaken('broken-flush', { unmap_page_range: unmap_without_flush, change_protection: protect_without_flush }),
  mistaken('broken-member', { unmap_page_range: undefined }),
  mistaken('broken-range', { unmap_page_range: unmap_whole_blocks }),
  {
    ...driverText('/dev/broken-lock'),
    table: lock_pagetable_ops,
    alignment: () => PMD_SIZE,
    mmap: (m, f, vma) => page_mmap(m, f, vma, lock_pagetable_ops()),
  },
  {
    ...driverText('/dev/broken-reserve'),
    table: reserve_pagetable_ops,
    alignment: () => PMD_SIZE,
    mmap: (m, f, vma) => map_with_reservation(m, vma, () => page_mmap(m, f, vma, reserve_pagetable_ops())),
  },
];
