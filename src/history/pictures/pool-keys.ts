/** Who has a page of the pool, or the promise of one: the same list for the pool's picture and for the places in it. */
import { hex, PMD_SIZE } from '../../base/units';
import type { Machine } from '../../engine/machine';
import type { inode, vm_area_struct } from '../../engine/mm/mm_types';
import { PG_hugetlb } from '../../engine/mm/page_alloc';
import { VM_MAYSHARE } from '../../engine/mm/vm_flags';
import { inodesOf, inRegions, isHugetlb, isPromised, promisedPages } from './look';

/** Pages of the pool whose places are kept; a larger pool is drawn as bars. */
const MOST = 512;

/** A machine with its areas of huge pages: all that the pool's picture looks at. */
export interface View {
  readonly m: Machine;
  readonly areas: readonly vm_area_struct[];
}

export function viewOf(m: Machine): View {
  const areas: vm_area_struct[] = [];
  // Without pages nobody can have or be promised one.
  if (m.hstate.nr_huge_pages > 0)
    for (const task of m.tasks.values()) for (const vma of task.mm.mm_mt) if (isHugetlb(vma)) areas.push(vma);
  return { m, areas };
}

/** Head frames of the pool's pages in use, ascending. */
export function usedPages(m: Machine): number[] {
  if (m.hstate.nr_huge_pages === 0) return [];
  const free = new Set(m.hstate.free);
  const used: number[] = [];
  for (let pfn = 512; pfn < m.frames.top; pfn += 512)
    if ((m.frames.flags(pfn) & PG_hugetlb) !== 0 && !free.has(pfn)) used.push(pfn);
  return used;
}

interface Promised {
  readonly vma: vm_area_struct | null;
  readonly inode: inode | null;
  readonly pages: number;
}

/** Everyone who was promised pages: private owners by area, shared ones by file. */
export function promises({ m, areas }: View): Promised[] {
  const found: Promised[] = [];
  if (m.hstate.nr_huge_pages === 0) return found;
  const files = new Map<inode, vm_area_struct | null>();
  for (const inode of inodesOf(m).values()) if (inode.kind === 'hugetlb') files.set(inode, null);
  for (const vma of areas) {
    if ((vma.vm_flags & VM_MAYSHARE) !== 0) {
      const inode = vma.vm_file?.inode;
      if (inode !== undefined && (files.get(inode) ?? null) === null) files.set(inode, vma);
      continue;
    }
    const pages = promisedPages(vma);
    if (pages > 0) found.push({ vma, inode: null, pages });
  }
  for (const [inode, vma] of files) {
    const pages = promisedOfFile(inode);
    if (pages > 0) found.push({ vma, inode, pages });
  }
  return found;
}

function promisedOfFile(inode: inode): number {
  const map = inode.resv;
  if (map === null) return 0;
  let n = map.regions.reduce((sum, r) => sum + r.to - r.from, 0);
  inode.i_mapping.i_pages.forEach(0, Infinity, (index) => {
    if (inRegions(map, index)) n--;
  });
  return n;
}

/** One promised page: its key, where it is mapped (null where nobody maps it), and its offset in the area or file. */
interface PromisedPage {
  readonly key: string;
  readonly address: number | null;
  readonly offset: number;
}

/** The pages that one was promised and has not taken, at most `max`. */
export function promisesOf({ vma, inode }: Promised, max: number): PromisedPage[] {
  const found: PromisedPage[] = [];
  if (vma !== null && (vma.vm_flags & VM_MAYSHARE) === 0) {
    for (let at = vma.vm_start; at < vma.vm_end && found.length < max; at += PMD_SIZE)
      if (isPromised(vma, at))
        found.push({ key: `rsvd:${vma.vm_mm.id}:${hex(at)}`, address: at, offset: at - vma.vm_start });
  } else if (inode !== null && inode.resv !== null) {
    for (const r of inode.resv.regions)
      for (let index = r.from; index < r.to && found.length < max; index++) {
        if (inode.i_mapping.i_pages.get(index) !== 0) continue;
        const address = vma === null ? null : fileAddress(vma, index);
        found.push({ key: `rsvd:f${inode.id}:${index}`, address, offset: index * PMD_SIZE });
      }
  }
  return found;
}

/** Where huge page `index` of the file is mapped by the area. */
const fileAddress = (vma: vm_area_struct, index: number): number =>
  vma.vm_start + index * PMD_SIZE - vma.vm_pgoff * 4096;

/** Keys of all that somebody has or was promised, as the picture's cells have them; none where they are too many. */
export function ownedKeys(m: Machine): readonly string[] {
  const { nr_huge_pages } = m.hstate;
  if (nr_huge_pages === 0 || nr_huge_pages > MOST) return [];
  const keys = usedPages(m).map((pfn) => `frame:${pfn}`);
  for (const one of promises(viewOf(m))) keys.push(...promisesOf(one, MOST).map(({ key }) => key));
  return keys;
}
