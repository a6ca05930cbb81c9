/** A copy of an address space for a new process, and its end (Linux: mm/mmap.c dup_mmap, exit_mmap; kernel/fork.c). */
import { TASK_SIZE } from '../../base/units';
import { is_hugetlb } from '../designs/design';
import { ENOMEM } from '../errno';
import { Ev } from '../events';
import { get_file } from '../fs/file_table';
import { R } from '../routines';
import { isWatched } from './contents';
import { hugetlb_gather_begin, hugetlb_gather_end, reset_vma_resv_huge_pages } from './hugetlb_pool';
import { link_after } from './hugetlb_table';
import { copy_page_range, free_pgtables, unmap_vmas } from './memory';
import type { mm_struct, vm_area_struct } from './mm_types';
import { update_hiwater_rss } from './prot';
import { anon_vma_fork } from './rmap';
import { flush_tlb_range } from './tlb';
import { remove_vma, vm_enough_memory, vm_stat_account, vma_dup, vma_link, vma_pages } from './vma';
import { VM_ACCOUNT, VM_DONTCOPY, VM_LOCKED_MASK, VM_NOHUGEPAGE, VM_WIPEONFORK } from './vm_flags';

/**
 * Linux: mm/mmap.c dup_mmap. Gives `mm`, which is empty, copies of all areas of `oldmm` and, where faults could not bring
 * them back, of its entries. Returns 0 or −ENOMEM; after a failure the caller ends `mm`.
 */
export function dup_mmap(oldmm: mm_struct, mm: mm_struct): number {
  const m = mm.machine;
  if (m.rec !== null) m.rec.emit(Ev.Enter, R.dup_mmap, oldmm.id, mm.id);
  mm.start_brk = oldmm.start_brk;
  mm.brk = oldmm.brk;
  mm.start_code = oldmm.start_code;
  mm.end_code = oldmm.end_code;
  mm.start_data = oldmm.start_data;
  mm.end_data = oldmm.end_data;
  mm.start_stack = oldmm.start_stack;
  mm.mmap_base = oldmm.mmap_base;
  mm.def_flags = oldmm.def_flags & VM_NOHUGEPAGE;
  mm.total_vm = oldmm.total_vm;
  mm.data_vm = oldmm.data_vm;
  mm.exec_vm = oldmm.exec_vm;
  mm.stack_vm = oldmm.stack_vm;
  let err = 0;
  for (const mpnt of oldmm.mm_mt) {
    if ((mpnt.vm_flags & VM_DONTCOPY) !== 0) vm_stat_account(mm, mpnt.vm_flags, -vma_pages(mpnt));
    else {
      err = dup_vma(mpnt, mm);
      if (err !== 0) break;
    }
  }
  flush_tlb_range(oldmm, 0, TASK_SIZE);
  mm.hiwater_rss = 0;
  update_hiwater_rss(mm);
  mm.hiwater_vm = mm.total_vm;
  if (m.rec !== null) m.rec.emit(Ev.Leave, R.dup_mmap, err);
  return err;
}

function dup_vma(mpnt: vm_area_struct, mm: mm_struct): number {
  const m = mm.machine;
  if ((mpnt.vm_flags & VM_ACCOUNT) !== 0 && vm_enough_memory(m, mpnt.vm_mm, vma_pages(mpnt)) !== 0) return -ENOMEM;
  const tmp = vma_dup(mpnt, mm);
  tmp.vm_flags &= ~VM_LOCKED_MASK;
  if ((tmp.vm_flags & VM_WIPEONFORK) !== 0) tmp.anon_vma = null;
  else anon_vma_fork(tmp, mpnt);
  if (is_hugetlb(m, tmp, 'dup') || tmp.resv_owner) reset_vma_resv_huge_pages(tmp);
  if (tmp.vm_file !== null) get_file(tmp.vm_file);
  vma_link(mm, tmp);
  if (tmp.vm_file !== null && tmp.vm_file.inode.kind === 'hugetlb') link_after(tmp, mpnt);
  tmp.vm_ops?.open?.(tmp);
  if ((tmp.vm_flags & VM_WIPEONFORK) !== 0) return 0;
  if (m.contents !== null && isWatched(tmp)) m.contents.forked(mpnt.vm_mm.id, mm.id, tmp.vm_start, tmp.vm_end);
  return copy_page_range(tmp, mpnt);
}

/** Linux: mm/mmap.c exit_mmap. All areas, entries and tables go; only the top table is left. */
export function exit_mmap(mm: mm_struct): void {
  const m = mm.machine;
  if (m.rec !== null) m.rec.emit(Ev.Enter, R.exit_mmap, mm.id);
  const vmas = [...mm.mm_mt];
  hugetlb_gather_begin(m);
  unmap_vmas(mm, vmas, 0, Infinity);
  flush_tlb_range(mm, 0, TASK_SIZE);
  free_pgtables(mm, vmas, 0, 0);
  hugetlb_gather_end(m);
  mm.cached_vma = null;
  for (const vma of vmas) {
    if ((vma.vm_flags & VM_ACCOUNT) !== 0) m.committed -= vma_pages(vma);
    mm.mm_mt.erase(vma);
    if (m.rec !== null) m.rec.emit(Ev.VmaUnlink, mm.id, vma.id, vma.vm_start, vma.vm_end);
    remove_vma(m, vma, false);
  }
  if (m.rec !== null) m.rec.emit(Ev.Leave, R.exit_mmap);
}
