/** Which areas may share anonymous pages: anon_vmas and their chains (Linux: mm/rmap.c). */
import { PAGE_SIZE } from '../../base/units';
import { anon_vma, type mm_struct, type vm_area_struct } from './mm_types';
import { VM_ACCESS_FLAGS, VM_STICKY } from './vm_flags';

/** The page offset of `address` in the area's file or anonymous mapping. Linux: linear_page_index. */
export const linear_page_index = (vma: vm_area_struct, address: number): number =>
  vma.vm_pgoff + (address - vma.vm_start) / PAGE_SIZE;

function link(vma: vm_area_struct, av: anon_vma): void {
  vma.anon_vma_chain.push(av);
  av.degree++;
}

/** Linux: mm/vma.c reusable_anon_vma, anon_vma_compatible. `old` is the neighbour that may lend its anon_vma. */
function reusable(old: vm_area_struct, low: vm_area_struct, high: vm_area_struct): anon_vma | null {
  if (old.anon_vma === null || old.anon_vma_chain.length !== 1) return null;
  if (low.vm_end !== high.vm_start || low.vm_file !== high.vm_file) return null;
  if (((low.vm_flags ^ high.vm_flags) & ~(VM_ACCESS_FLAGS | VM_STICKY)) !== 0) return null;
  if (high.vm_pgoff !== low.vm_pgoff + (low.vm_end - low.vm_start) / PAGE_SIZE) return null;
  return old.anon_vma;
}

/** Linux: mm/vma.c find_mergeable_anon_vma. */
function find_mergeable_anon_vma(mm: mm_struct, vma: vm_area_struct): anon_vma | null {
  const next = mm.mm_mt.next(vma);
  if (next !== null) {
    const found = reusable(next, vma, next);
    if (found !== null) return found;
  }
  const prev = mm.mm_mt.prev(vma);
  return prev === null ? null : reusable(prev, prev, vma);
}

/** Gives the area an anon_vma before its first anonymous page. Returns 0. Linux: mm/rmap.c __anon_vma_prepare. */
export function anon_vma_prepare(vma: vm_area_struct): number {
  if (vma.anon_vma !== null) return 0;
  const mm = vma.vm_mm;
  let av = find_mergeable_anon_vma(mm, vma);
  if (av === null) {
    av = new anon_vma(mm.machine.next_anon_vma_id++);
    av.num_children++; // A root is its own parent.
  }
  vma.anon_vma = av;
  link(vma, av);
  av.num_active_vmas++;
  return 0;
}

/** Lets `dst` hold pages of every anon_vma of `src`. Returns 0. Linux: mm/rmap.c anon_vma_clone. */
export function anon_vma_clone(dst: vm_area_struct, src: vm_area_struct): number {
  for (const av of src.anon_vma_chain) {
    link(dst, av);
    if (dst.anon_vma === null && src.anon_vma !== null && av.num_children < 2 && av.num_active_vmas === 0)
      dst.anon_vma = av;
  }
  if (dst.anon_vma !== null) dst.anon_vma.num_active_vmas++;
  return 0;
}

/** Gives a forked area its own anon_vma below its parent's. Returns 0. Linux: mm/rmap.c anon_vma_fork. */
export function anon_vma_fork(vma: vm_area_struct, pvma: vm_area_struct): number {
  if (pvma.anon_vma === null) return 0;
  vma.anon_vma = null;
  anon_vma_clone(vma, pvma);
  if (vma.anon_vma !== null) return 0;
  const av = new anon_vma(vma.vm_mm.machine.next_anon_vma_id++);
  av.num_active_vmas++;
  av.root = pvma.anon_vma.root;
  av.parent = pvma.anon_vma;
  vma.anon_vma = av;
  link(vma, av);
  av.parent.num_children++;
  return 0;
}

/** Takes the area out of all its anon_vmas. Linux: mm/rmap.c unlink_anon_vmas. */
export function unlink_anon_vmas(vma: vm_area_struct): void {
  if (vma.anon_vma === null) return;
  const chain = vma.anon_vma_chain;
  for (let i = 0; i < chain.length; i++) {
    const av = chain[i]!;
    if (--av.degree === 0) av.parent.num_children--;
  }
  chain.length = 0;
  vma.anon_vma.num_active_vmas--;
  vma.anon_vma = null;
}
