/** The huge-page pool and its reservations. */
import { PMD_SIZE } from '../../base/units';
import type { Machine } from '../machine';
import type { inode, resv_map, vm_area_struct } from '../mm/mm_types';
import { PG_hugetlb, PG_hugetlb_restore_reserve, PG_hugetlb_subpool, PG_tail } from '../mm/page_alloc';
import type { Findings } from './findings';
import { inodesOf } from './files';

/** Checks the pool's counters against its pages and against the reservation maps. */
export function validatePool(m: Machine, found: Findings): void {
  const h = m.hstate;
  const frames = m.frames;
  const free = new Set(h.free);
  if (free.size !== h.free.length) found.add('pool-free-once', 'a huge page is on the free list twice');
  let all = 0;
  // Pages in use that give a reservation back when they go: the maps count it already, the pool does not yet.
  let pending = 0;
  let onMount = 0;
  for (let pfn = 0; pfn < frames.top; pfn += PMD_SIZE / 4096) {
    const flags = frames.flags(pfn);
    if ((flags & PG_hugetlb) === 0 || (flags & PG_tail) !== 0) continue;
    all++;
    if (!free.has(pfn) && (flags & PG_hugetlb_restore_reserve) !== 0) pending++;
    else if ((flags & PG_hugetlb_subpool) !== 0) onMount++;
    if (free.has(pfn) !== (frames.refcount(pfn) === 0))
      found.add(
        'pool-free',
        `huge page ${pfn} has ${frames.refcount(pfn)} references and is ${free.has(pfn) ? '' : 'not '}on the free list`,
        { pfn },
      );
  }
  for (const pfn of free)
    if ((frames.flags(pfn) & PG_hugetlb) === 0)
      found.add('pool-free', `frame ${pfn} on the free list is no huge page`, { pfn });
  found.equal('pool-total', 'nr_huge_pages', h.nr_huge_pages, all);
  if (h.surplus_huge_pages < 0 || h.surplus_huge_pages > h.nr_huge_pages)
    found.add('pool-surplus', `${h.surplus_huge_pages} surplus pages among ${h.nr_huge_pages}`);
  // No upper bound: Linux promises more than is free when surplus pages go whose reservation is given back.
  // What was taken without being promised, as in 2007, is known to be missing.
  if (h.resv_huge_pages + pending < Math.min(0, h.lost))
    found.add('pool-reserved', `${h.resv_huge_pages} pages are reserved, with ${pending} on their way back`);
  found.equal('pool-reservations', 'resv_huge_pages', h.resv_huge_pages, reservedByMaps(m) + h.lost - pending);
  // In 2007 private pages were never given back to the mount, and a move of today loses promises.
  if (m.config.hugetlbfs_size !== Infinity && m.rules.countsMountPromises && h.lost === 0)
    found.equal('mount-size', 'used_hpages', h.used_hpages, reservedByMaps(m, (node) => node.on_mount) + onMount);
}

const count = (map: resv_map, from: number, to: number): number =>
  map.regions.reduce((n, r) => n + Math.max(0, Math.min(r.to, to) - Math.max(r.from, from)), 0);

/** Pages that files and private owners may still take without asking, of the files that count. */
function reservedByMaps(m: Machine, counts: (node: inode) => boolean = () => true): number {
  let sum = 0;
  for (const node of inodesOf(m)) {
    if (node.resv === null || !counts(node)) continue;
    for (const r of node.resv.regions) {
      sum += r.to - r.from;
      node.i_mapping.i_pages.forEach(r.from, r.to, () => void sum--);
    }
  }
  for (const task of m.tasks.values())
    for (const vma of task.mm.mm_mt)
      if (vma.resv_map !== null && vma.resv_owner && (vma.vm_file === null || counts(vma.vm_file.inode)))
        sum += outstanding(vma, vma.resv_map);
  return sum;
}

function outstanding(vma: vm_area_struct, map: resv_map): number {
  const pages = (vma.vm_end - vma.vm_start) / PMD_SIZE;
  const first = vma.vm_pgoff / (PMD_SIZE / 4096);
  return pages - count(map, first, first + pages);
}
