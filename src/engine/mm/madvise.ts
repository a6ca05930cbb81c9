/** Advice about ranges (Linux: mm/madvise.c). Left out: swapping, KSM merging, collapsing into huge pages. */
import { PAGE_SIZE, roundDown, roundUp } from '../../base/units';
import { is_hugetlb } from '../designs/design';
import { EACCES, EAGAIN, EINVAL, ENOMEM } from '../errno';
import { Ev } from '../events';
import { vfs_fallocate } from '../fs/file';
import { R } from '../routines';
import { knowsAdvice } from '../rules';
import {
  FALLOC_FL_KEEP_SIZE,
  FALLOC_FL_PUNCH_HOLE,
  MADV_COLD,
  MADV_COLLAPSE,
  MADV_DODUMP,
  MADV_DOFORK,
  MADV_DONTDUMP,
  MADV_DONTFORK,
  MADV_DONTNEED,
  MADV_DONTNEED_LOCKED,
  MADV_FREE,
  MADV_GUARD_INSTALL,
  MADV_GUARD_REMOVE,
  MADV_HUGEPAGE,
  MADV_KEEPONFORK,
  MADV_MERGEABLE,
  MADV_NOHUGEPAGE,
  MADV_NORMAL,
  MADV_PAGEOUT,
  MADV_POPULATE_READ,
  MADV_POPULATE_WRITE,
  MADV_RANDOM,
  MADV_REMOVE,
  MADV_SEQUENTIAL,
  MADV_UNMERGEABLE,
  MADV_WILLNEED,
  MADV_WIPEONFORK,
} from '../uapi';
import { faultin_page_range } from './gup';
import { madvise_guard_install, madvise_guard_remove } from './guard';
import { madvise_collapse } from './khugepaged';
import { madvise_free_range, zap_page_range_single } from './memory';
import type { mm_struct, vm_area_struct } from './mm_types';
import { madvise_cold_or_pageout } from './pageout';
import {
  VM_DONTCOPY,
  VM_DONTDUMP,
  VM_DROPPABLE,
  VM_HUGEPAGE,
  VM_IO,
  VM_LOCKED,
  VM_MAYSHARE,
  VM_MAYWRITE,
  VM_MERGEABLE,
  VM_NOHUGEPAGE,
  VM_PFNMAP,
  VM_RAND_READ,
  VM_SEQ_READ,
  VM_SHARED,
  VM_SPECIAL,
  VM_STICKY,
  VM_WIPEONFORK,
} from './vm_flags';
import { vm_flags_reset, vma_is_anonymous } from './vma';
import { vma_modify_flags } from './vma_merge';

const KNOWN = new Set([
  MADV_NORMAL,
  MADV_RANDOM,
  MADV_SEQUENTIAL,
  MADV_WILLNEED,
  MADV_DONTNEED,
  MADV_FREE,
  MADV_REMOVE,
  MADV_DONTFORK,
  MADV_DOFORK,
  MADV_MERGEABLE,
  MADV_UNMERGEABLE,
  MADV_HUGEPAGE,
  MADV_NOHUGEPAGE,
  MADV_DONTDUMP,
  MADV_DODUMP,
  MADV_WIPEONFORK,
  MADV_KEEPONFORK,
  MADV_COLD,
  MADV_PAGEOUT,
  MADV_POPULATE_READ,
  MADV_POPULATE_WRITE,
  MADV_DONTNEED_LOCKED,
  MADV_COLLAPSE,
  MADV_GUARD_INSTALL,
  MADV_GUARD_REMOVE,
]);

/** Linux: madvise_dontneed_free. Returns 0 or −EINVAL. */
function madvise_dontneed_free(vma: vm_area_struct, start: number, end: number, advice: number): number {
  if (is_hugetlb(vma.vm_mm.machine, vma, 'madvise')) {
    if (advice === MADV_FREE || !vma.vm_mm.machine.rules.advisesHuge) return -EINVAL;
    const huge = vma.vm_ops?.pagesize?.(vma) ?? PAGE_SIZE;
    if (start % huge !== 0) return -EINVAL;
    end = roundDown(end, huge);
    if (end <= start) return 0;
  } else {
    const forbidden = VM_PFNMAP | (advice === MADV_DONTNEED_LOCKED ? 0 : VM_LOCKED);
    if ((vma.vm_flags & forbidden) !== 0) return -EINVAL;
  }
  if (advice === MADV_FREE) {
    if (!vma_is_anonymous(vma)) return -EINVAL;
    madvise_free_range(vma, start, end);
  } else zap_page_range_single(vma, start, end);
  return 0;
}

/** Punches the hole in the file behind a shared mapping. Linux: madvise_remove. */
function madvise_remove(vma: vm_area_struct, start: number, end: number): number {
  if ((vma.vm_flags & VM_LOCKED) !== 0) return -EINVAL;
  if (is_hugetlb(vma.vm_mm.machine, vma, 'madvise_remove')) return -EINVAL;
  const f = vma.vm_file;
  if (f === null) return -EINVAL;
  if ((vma.vm_flags & (VM_SHARED | VM_MAYWRITE)) !== (VM_SHARED | VM_MAYWRITE)) return -EACCES;
  const offset = start - vma.vm_start + vma.vm_pgoff * PAGE_SIZE;
  return vfs_fallocate(vma.vm_mm.machine, f, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, end - start);
}

/** Whether equal pages of such areas may be merged. Linux: mm/ksm.c ksm_compatible. */
const ksm_compatible = (flags: number): boolean =>
  (flags & (VM_SHARED | VM_MAYSHARE | VM_SPECIAL | VM_DROPPABLE)) === 0;

/** The area's flags under advice that only changes flags; null where it is refused. Linux: madvise_vma_behavior. */
function advised_flags(vma: vm_area_struct, advice: number): number | null {
  const flags = vma.vm_flags;
  switch (advice) {
    case MADV_NORMAL:
      return flags & ~(VM_RAND_READ | VM_SEQ_READ);
    case MADV_SEQUENTIAL:
      return (flags & ~VM_RAND_READ) | VM_SEQ_READ;
    case MADV_RANDOM:
      return (flags & ~VM_SEQ_READ) | VM_RAND_READ;
    case MADV_DONTFORK:
      return flags | VM_DONTCOPY;
    case MADV_DOFORK:
      return (flags & VM_IO) !== 0 ? null : flags & ~VM_DONTCOPY;
    case MADV_WIPEONFORK:
      return vma.vm_file !== null || (flags & VM_SHARED) !== 0 ? null : flags | VM_WIPEONFORK;
    case MADV_KEEPONFORK:
      return (flags & VM_DROPPABLE) !== 0 ? null : flags & ~VM_WIPEONFORK;
    case MADV_DONTDUMP:
      return flags | VM_DONTDUMP;
    case MADV_DODUMP:
      return ((flags & VM_SPECIAL) !== 0 && !is_hugetlb(vma.vm_mm.machine, vma, 'madvise')) ||
        (flags & VM_DROPPABLE) !== 0
        ? null
        : flags & ~VM_DONTDUMP;
    case MADV_MERGEABLE:
      return ksm_compatible(flags) ? flags | VM_MERGEABLE : flags;
    case MADV_UNMERGEABLE:
      return flags & ~VM_MERGEABLE;
    case MADV_HUGEPAGE:
      return (flags & ~VM_NOHUGEPAGE) | VM_HUGEPAGE;
    case MADV_NOHUGEPAGE:
      return (flags & ~VM_HUGEPAGE) | VM_NOHUGEPAGE;
    default:
      return flags;
  }
}

/** One area's part of the advice. Returns 0 or a negative errno. */
function advise(vma: vm_area_struct, start: number, end: number, advice: number): number {
  switch (advice) {
    case MADV_COLLAPSE:
      return madvise_collapse(vma, start, end);
    case MADV_GUARD_INSTALL:
      return madvise_guard_install(vma, start, end);
    case MADV_GUARD_REMOVE:
      return madvise_guard_remove(vma, start, end);
    case MADV_REMOVE:
      return madvise_remove(vma, start, end);
    case MADV_DONTNEED:
    case MADV_DONTNEED_LOCKED:
    case MADV_FREE:
      return madvise_dontneed_free(vma, start, end, advice);
    case MADV_COLD:
    case MADV_PAGEOUT:
      if ((vma.vm_flags & (VM_LOCKED | VM_PFNMAP)) !== 0 || is_hugetlb(vma.vm_mm.machine, vma, 'madvise'))
        return -EINVAL;
      madvise_cold_or_pageout(vma, start, end, advice === MADV_PAGEOUT);
      return 0;
    case MADV_WILLNEED:
      return 0;
    default: {
      const flags = advised_flags(vma, advice);
      if (flags === null) return -EINVAL;
      if (flags === vma.vm_flags) return 0;
      const target = vma_modify_flags(vma, start, end, flags);
      if (typeof target === 'number') return target === -ENOMEM ? -EAGAIN : target;
      vm_flags_reset(target, flags | (target.vm_flags & VM_STICKY));
      return 0;
    }
  }
}

/** The system call. Returns 0 or a negative errno. Linux: do_madvise. */
export function do_madvise(mm: mm_struct, start: number, len_in: number, advice: number): number {
  if (!KNOWN.has(advice) || !knowsAdvice(mm.machine.rules, advice)) return -EINVAL;
  if (start % PAGE_SIZE !== 0) return -EINVAL;
  const len = roundUp(len_in, PAGE_SIZE);
  const end = start + len;
  if (end >= 2 ** 64) return -EINVAL;
  if (len === 0) return 0;
  const rec = mm.machine.rec;
  if (rec !== null) rec.emit(Ev.Enter, R.do_madvise, start, end, advice);
  const err =
    advice === MADV_POPULATE_READ || advice === MADV_POPULATE_WRITE
      ? faultin_page_range(mm, start, end, advice === MADV_POPULATE_WRITE)
      : walk(mm, start, end, advice);
  if (rec !== null) rec.emit(Ev.Leave, R.do_madvise, err);
  return err;
}

/** Linux: madvise_walk_vmas: every area in turn; a hole is remembered as −ENOMEM and passed over. */
function walk(mm: mm_struct, start: number, end: number, advice: number): number {
  let hole = 0;
  let vma = mm.mm_mt.find(start);
  for (;;) {
    if (vma === null) return -ENOMEM;
    if (start < vma.vm_start) {
      hole = -ENOMEM;
      start = vma.vm_start;
      if (start >= end) return hole;
    }
    const tmp = Math.min(vma.vm_end, end);
    const err = advise(vma, start, tmp, advice);
    if (err !== 0) return err;
    start = tmp;
    if (start >= end) return hole;
    vma = mm.mm_mt.find(start);
  }
}
