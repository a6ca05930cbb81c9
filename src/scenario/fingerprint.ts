/** A number for the whole state of a machine, by which a run that now ends otherwise is known. */
import { finish, hashText, mix } from '../base/hash';
import { get_vma_name } from '../engine/fs/proc';
import type { Machine } from '../engine/machine';
import type { mm_struct } from '../engine/mm/mm_types';
import { walk_page_range } from '../engine/mm/pagewalk';
import { pte_pfn } from '../engine/mm/pgtable';

/** Bits of an entry that are not the frame's number. */
const ENTRY_BITS = 0xff;

const mixAddress = (hash: number, address: number): number =>
  mix(mix(hash, Math.floor(address / 2 ** 32)), (address % 2 ** 32) | 0);

/**
 * From 0 to 2^32 − 1. Depends on every process's areas, present entries and counters, on which pages are shared, and on the
 * pool; not on the design, nor on which frames happened to be taken. Cost grows with the present entries.
 */
export function fingerprint(m: Machine): number {
  let hash = 1;
  // Frames by the order in which they are met.
  const frames = new Map<number, number>();
  for (const who of [...m.tasks.keys()].sort((a, b) => a - b)) {
    const { mm } = m.tasks.get(who)!;
    hash = mixCounters(mix(hash, who), mm);
    for (const vma of mm.mm_mt) {
      hash = mixAddress(mixAddress(hash, vma.vm_start), vma.vm_end);
      hash = mixAddress(mix(hash, vma.vm_flags), vma.vm_pgoff);
      hash = mix(hash, hashText(get_vma_name(vma)));
      walk_page_range(mm, vma.vm_start, vma.vm_end, (address, entry) => {
        const pfn = pte_pfn(entry);
        let frame = frames.get(pfn);
        if (frame === undefined) frames.set(pfn, (frame = frames.size));
        hash = mix(mix(mixAddress(hash, address), frame), entry & ENTRY_BITS);
      });
    }
  }
  const pool = m.hstate;
  for (const n of [pool.nr_huge_pages, pool.free_huge_pages, pool.resv_huge_pages, pool.surplus_huge_pages])
    hash = mix(hash, n);
  return finish(hash);
}

function mixCounters(hash: number, mm: mm_struct): number {
  const { total_vm, locked_vm, data_vm, exec_vm, stack_vm, pgtables_bytes, rss_file, rss_anon, rss_shmem, brk } = mm;
  const counters = [
    total_vm,
    locked_vm,
    data_vm,
    exec_vm,
    stack_vm,
    pgtables_bytes,
    rss_file,
    rss_anon,
    rss_shmem,
    brk,
  ];
  for (const n of [...counters, mm.hugetlb_usage]) hash = mixAddress(hash, n);
  return hash;
}
