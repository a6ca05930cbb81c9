/** What every form of `/proc` is made of: the figures of an area, and the columns of its line. Linux: fs/proc/task_mmu.c. */
import { hex, PAGE_SIZE, PMD_SIZE } from '../../base/units';
import { is_hugetlb } from '../designs/design';
import type { Machine } from '../machine';
import type { file, vm_area_struct } from '../mm/mm_types';
import { PG_anon, PG_dirty, PG_swapbacked } from '../mm/page_alloc';
import { walk_page_range } from '../mm/pagewalk';
import { _PAGE_ACCESSED, _PAGE_DIRTY, _PAGE_SPECIAL, LEVEL_SIZE, PTE, pte_pfn } from '../mm/pgtable';
import { VM_EXEC, VM_LOCKED, VM_MAYSHARE, VM_READ, VM_WRITE } from '../mm/vm_flags';

/** What an area holds, in bytes; shares of pages that several map are fractions. Linux: struct mem_size_stats. */
export interface mem_size_stats {
  resident: number;
  shared_clean: number;
  shared_dirty: number;
  private_clean: number;
  private_dirty: number;
  referenced: number;
  anonymous: number;
  lazyfree: number;
  anonymous_thp: number;
  shared_hugetlb: number;
  private_hugetlb: number;
  /** In 1/4096 bytes, as the kernel keeps them. */
  pss: number;
  pss_dirty: number;
  pss_locked: number;
}

/** Proportional shares are kept in 1/4096 bytes. */
export const PSS_SHIFT = 12;

/** How many mappings the page at `pfn` has, a transparent huge page's own included. Linux: folio_precise_page_mapcount. */
export function pageMapcount(m: Machine, pfn: number): number {
  const head = m.frames.compound_head(pfn);
  return m.frames.mapcount(pfn) + (m.frames.order(pfn) > 0 ? m.frames.entireMapcount(head) : 0);
}

/** Linux: fs/proc/task_mmu.c smap_gather_stats. */
export function smap_gather_stats(vma: vm_area_struct): mem_size_stats {
  const m = vma.vm_mm.machine;
  const frames = m.frames;
  const mss: mem_size_stats = {
    resident: 0,
    shared_clean: 0,
    shared_dirty: 0,
    private_clean: 0,
    private_dirty: 0,
    referenced: 0,
    anonymous: 0,
    lazyfree: 0,
    anonymous_thp: 0,
    shared_hugetlb: 0,
    private_hugetlb: 0,
    pss: 0,
    pss_dirty: 0,
    pss_locked: 0,
  };
  const huge = is_hugetlb(m, vma, 'smaps');
  const locked = (vma.vm_flags & VM_LOCKED) !== 0;
  walk_page_range(vma.vm_mm, vma.vm_start, vma.vm_end, (_address, entry, table) => {
    if ((entry & _PAGE_SPECIAL) !== 0) return;
    const first = pte_pfn(entry);
    if (huge) {
      if (frames.mapcount(first) > 1 || table.share_count > 1) mss.shared_hugetlb += PMD_SIZE;
      else mss.private_hugetlb += PMD_SIZE;
      return;
    }
    const n = LEVEL_SIZE[table.level]! / PAGE_SIZE;
    const head = frames.compound_head(first);
    const flags = frames.flags(head);
    const dirty = (entry & _PAGE_DIRTY) !== 0 || (flags & PG_dirty) !== 0;
    mss.resident += n * PAGE_SIZE;
    if ((entry & _PAGE_ACCESSED) !== 0) mss.referenced += n * PAGE_SIZE;
    if ((flags & PG_anon) !== 0) {
      mss.anonymous += n * PAGE_SIZE;
      if ((flags & PG_swapbacked) === 0 && !dirty) mss.lazyfree += n * PAGE_SIZE;
      if (table.level !== PTE) mss.anonymous_thp += n * PAGE_SIZE;
    }
    for (let i = 0; i < n; i++) {
      const mapcount = pageMapcount(m, first + i);
      let pss = PAGE_SIZE << PSS_SHIFT;
      if (mapcount >= 2) pss = Math.floor(pss / mapcount);
      mss.pss += pss;
      if (locked) mss.pss_locked += pss;
      if (dirty) mss.pss_dirty += pss;
      if (mapcount >= 2) {
        if (dirty) mss.shared_dirty += PAGE_SIZE;
        else mss.shared_clean += PAGE_SIZE;
      } else if (dirty) mss.private_dirty += PAGE_SIZE;
      else mss.private_clean += PAGE_SIZE;
    }
  });
  return mss;
}

/** Bytes of one page of the area. Linux: vma_kernel_pagesize. */
export const vma_kernel_pagesize = (vma: vm_area_struct): number =>
  vma.vm_ops !== null && vma.vm_ops.pagesize !== undefined ? vma.vm_ops.pagesize(vma) : PAGE_SIZE;

/** `rwxp` or `rwxs`, with `-` for what is not allowed. */
export const vmaPerms = (flags: number): string =>
  ((flags & VM_READ) !== 0 ? 'r' : '-') +
  ((flags & VM_WRITE) !== 0 ? 'w' : '-') +
  ((flags & VM_EXEC) !== 0 ? 'x' : '-') +
  ((flags & VM_MAYSHARE) !== 0 ? 's' : 'p');

const DEVICES = { file: 'fe:00', shmem: '00:01', hugetlb: '00:10', device: '00:06', zero: '00:06' } as const;
/** Inode numbers are made up, and stay with the file; a segment's is the segment's. */
const FIRST_INODE = 1024;
/** Column at which names stand. */
const NAME_COLUMN = 73;

/** The device that an area's file is on. */
export const deviceOf = (f: file | null): string => (f === null ? '00:00' : DEVICES[f.inode.kind]);

export const inodeNumber = (f: file | null): number =>
  f === null ? 0 : f.inode.shmid >= 0 ? f.inode.shmid : FIRST_INODE + f.inode.id;

const wide = (x: number): string => hex(x).padStart(8, '0');

/** What every area's line begins with, in the columns that it has had since 2.4. */
export function headerLine(
  start: number,
  end: number,
  perms: string,
  offset: number,
  device: string,
  inode: number,
  name: string,
): string {
  const front = `${wide(start)}-${wide(end)} ${perms} ${wide(offset)} ${device} ${inode} `;
  return name === '' ? front : front.padEnd(NAME_COLUMN, ' ') + name;
}
