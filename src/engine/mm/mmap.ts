/** New mappings: the checks, the place, the area; and the heap (Linux: mm/mmap.c, with mmap_region of mm/vma.c). */
import { isAligned, PAGE_SIZE, PMD_SIZE, roundDown, roundUp, TASK_SIZE } from '../../base/units';
import { is_hugetlb } from '../designs/design';
import { driverOf } from '../drivers/drivers';
import { EACCES, EAGAIN, EBADF, EEXIST, EINVAL, ENOMEM, EOPNOTSUPP, EOVERFLOW, EPERM } from '../errno';
import { Ev } from '../events';
import { call_mmap } from '../fs/file';
import { f_can_read, f_can_write, fget, fput, get_file, is_file_hugepages } from '../fs/file_table';
import { hugetlb_file_setup } from '../fs/hugetlbfs';
import type { Machine } from '../machine';
import { hstate_sizelog } from './hugetlb_types';
import { R, WHY } from '../routines';
import {
  MAP_32BIT,
  MAP_ANONYMOUS,
  MAP_DROPPABLE,
  MAP_FIXED,
  MAP_FIXED_NOREPLACE,
  MAP_GROWSDOWN,
  MAP_HUGE_MASK,
  MAP_HUGE_SHIFT,
  MAP_HUGETLB,
  MAP_LOCKED,
  MAP_NONBLOCK,
  MAP_NORESERVE,
  MAP_POPULATE,
  MAP_PRIVATE,
  MAP_SHARED,
  MAP_SHARED_VALIDATE,
  MAP_STACK,
  MAP_SYNC,
  MAP_TYPE,
  PROT_EXEC,
  PROT_READ,
  PROT_WRITE,
} from '../uapi';
import { mm_populate } from './gup';
import { can_do_mlock, capable, may_expand_vm, mlock_future_ok } from './limits';
import { memfd_check_seals_mmap } from './memfd';
import { type file, type mm_struct, type Task, type vm_area_struct } from './mm_types';
import { shmem_zero_setup } from './shmem';
import {
  VM_HUGETLB,
  VM_DONTEXPAND,
  VM_ACCOUNT,
  VM_DONTDUMP,
  VM_DROPPABLE,
  VM_EXEC,
  VM_GROWSDOWN,
  VM_LOCKED,
  VM_LOCKED_MASK,
  VM_MAYEXEC,
  VM_MAYREAD,
  VM_MAYSHARE,
  VM_MAYWRITE,
  VM_NOHUGEPAGE,
  VM_NORESERVE,
  VM_READ,
  VM_SHARED,
  VM_SPECIAL,
  VM_SYNC,
  VM_WIPEONFORK,
  VM_WRITE,
} from './vm_flags';
import { unmapped_area, unmapped_area_topdown } from './unmapped_area';
import {
  complete_munmap,
  detach_and_clear,
  do_align_munmap,
  gather_munmap_vmas,
  MMAP_MIN_ADDR,
  munmap_range,
  vm_area_alloc,
  vm_enough_memory,
  vm_start_gap,
  vm_stat_account,
  vma_link,
} from './vma';
import { extend_heap, merge_new_mapping } from './vma_merge';
import { touching } from './vma_tree';

const MAY = VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC;
/** Flags that MAP_SHARED_VALIDATE and older callers may give. Linux: LEGACY_MAP_MASK. */
const LEGACY_MAP_MASK =
  MAP_SHARED |
  MAP_PRIVATE |
  MAP_FIXED |
  MAP_ANONYMOUS |
  0x800 |
  0x1000 |
  MAP_GROWSDOWN |
  MAP_LOCKED |
  MAP_NORESERVE |
  MAP_POPULATE |
  MAP_NONBLOCK |
  MAP_STACK |
  MAP_HUGETLB |
  MAP_32BIT |
  0x80 |
  (MAP_HUGE_MASK << MAP_HUGE_SHIFT);

/** Flags that came after 2.6.20. */
const LATER_FLAGS = MAP_FIXED_NOREPLACE | MAP_STACK | MAP_SYNC;

/** Linux: calc_vm_prot_bits. */
export const calc_vm_prot_bits = (prot: number): number =>
  ((prot & PROT_READ) !== 0 ? VM_READ : 0) |
  ((prot & PROT_WRITE) !== 0 ? VM_WRITE : 0) |
  ((prot & PROT_EXEC) !== 0 ? VM_EXEC : 0);

/** Linux: calc_vm_flag_bits. */
const calc_vm_flag_bits = (flags: number): number =>
  ((flags & MAP_GROWSDOWN) !== 0 ? VM_GROWSDOWN : 0) |
  ((flags & MAP_LOCKED) !== 0 ? VM_LOCKED : 0) |
  ((flags & MAP_SYNC) !== 0 ? VM_SYNC : 0) |
  ((flags & MAP_STACK) !== 0 ? VM_NOHUGEPAGE : 0);

// ---- the place ---------------------------------------------------------------------------------

/** End of the room for MAP_32BIT, bytes. */
const END_32BIT = 0x80000000;
/** Below it only root may map. Linux: dac_mmap_min_addr, `/proc/sys/vm/mmap_min_addr`. */
const DAC_MMAP_MIN_ADDR = 4096;

/** Linux: arch/x86/kernel/sys_x86_64.c arch_get_unmapped_area_topdown. `huge` is the page size where the file has one. */
function topdown(mm: mm_struct, huge: number, addr: number, len: number, offset: number, flags: number): number {
  const rec = mm.machine.rec;
  if (len > TASK_SIZE) return -ENOMEM;
  if ((flags & MAP_FIXED) !== 0) return addr;
  const align_mask = huge > 0 ? huge - PAGE_SIZE : 0;
  const legacy = roundUp(Math.floor(TASK_SIZE / 3), PAGE_SIZE);
  if ((flags & MAP_32BIT) !== 0) {
    if (len > END_32BIT) return -ENOMEM;
    if (addr !== 0) {
      const at = roundUp(addr, PAGE_SIZE);
      const vma = mm.mm_mt.find(at);
      if (END_32BIT - len >= at && (vma === null || at + len <= vm_start_gap(vma))) return at;
    }
    return unmapped_area(mm, len, 0x40000000, END_32BIT, align_mask, offset);
  }
  if (addr !== 0) {
    const at = roundDown(addr, PAGE_SIZE);
    if (at + len <= TASK_SIZE) {
      const vma = mm.mm_mt.find(at);
      if (vma === null || at + len <= vm_start_gap(vma)) {
        if (rec !== null) rec.emit(Ev.Decide, WHY.hint_used, at);
        return at;
      }
      if (rec !== null) rec.emit(Ev.Decide, WHY.hint_taken, at, vma.id);
    }
  }
  const found = unmapped_area_topdown(mm, len, PAGE_SIZE, mm.mmap_base, align_mask, offset);
  if (found >= 0) {
    if (rec !== null) rec.emit(Ev.Decide, huge > 0 ? WHY.huge_aligned : WHY.gap_found, found, len);
    return found;
  }
  if (rec !== null) rec.emit(Ev.Decide, WHY.gap_not_found, len);
  return unmapped_area(mm, len, legacy, TASK_SIZE, align_mask, offset);
}

/** The own search of huge files in 2007: first fit from the bottom of the room for mappings. 2.6.20: hugetlb_get_unmapped_area. */
function bottomup(mm: mm_struct, huge: number, hint: number, len: number, flags: number): number {
  if ((flags & MAP_FIXED) !== 0) return hint;
  if (hint !== 0 && hint <= TASK_SIZE - len) {
    const vma = mm.mm_mt.find(hint);
    if (vma === null || hint + len <= vma.vm_start) return hint;
  }
  const base = roundUp(Math.floor(TASK_SIZE / 3), PAGE_SIZE);
  return unmapped_area(mm, len, base, TASK_SIZE, huge - PAGE_SIZE, 0);
}

/** Aligned to 2 MiB where a transparent huge page could stand; 0 where not. Linux: mm/huge_memory.c __thp_get_unmapped_area. */
function thp_aligned(mm: mm_struct, addr: number, len: number, offset: number, flags: number): number {
  const end = offset + len;
  const first = roundUp(offset, PMD_SIZE);
  // At the last offsets of all the kernel's sum overflows, and it aligns what has no room for a huge page.
  if (first < 2 ** 63 && (end <= first || end - first < PMD_SIZE)) return 0;
  const found = topdown(mm, 0, addr, len + PMD_SIZE, offset, flags);
  if (found < 0) return 0;
  if (found === addr) return addr;
  const sub = (((offset - found) % PMD_SIZE) + PMD_SIZE) % PMD_SIZE;
  const at = sub === 0 ? found + PMD_SIZE : found + sub;
  const rec = mm.machine.rec;
  if (rec !== null) rec.emit(Ev.Decide, WHY.thp_aligned, at, len);
  return at;
}

/** Where a mapping of `len` bytes goes; a negative errno. Linux: mm/mmap.c __get_unmapped_area. */
export function get_unmapped_area(
  mm: mm_struct,
  f: file | null,
  addr: number,
  len: number,
  pgoff: number,
  flags: number,
): number {
  const rec = mm.machine.rec;
  if (rec !== null) rec.emit(Ev.Enter, R.get_unmapped_area, addr, len, flags);
  const at = choose_area(mm, f, addr, len, pgoff, flags);
  if (rec !== null) rec.emit(Ev.Leave, R.get_unmapped_area, at);
  return at;
}

/** Whether large mappings of the file are aligned to 2 MiB: ordinary files, and what is no file but by name. */
const aligns_for_thp = (f: file, flags: number): boolean =>
  f.inode.kind === 'file' || (f.inode.kind === 'zero' && (flags & MAP_SHARED) === 0);

/** Whether the mapping asks for huge pages by a flag of its own, without a file. */
const is_bit = (m: Machine, f: file | null, flags: number): boolean =>
  f === null && (flags & MAP_HUGETLB) !== 0 && m.design.map_anonymous !== undefined;

function choose_area(mm: mm_struct, f: file | null, addr: number, len: number, pgoff: number, flags: number): number {
  if (len > TASK_SIZE) return -ENOMEM;
  const { rules } = mm.machine;
  const offset = f === null ? 0 : pgoff * PAGE_SIZE;
  let at: number;
  if (f !== null && (f.inode.kind === 'hugetlb' || f.inode.kind === 'device')) {
    const huge = f.inode.kind === 'hugetlb' ? f.inode.page_bytes : driverOf(f.name)!.alignment(len);
    if (f.inode.kind === 'hugetlb') {
      if (len % huge !== 0) return -EINVAL;
      if ((flags & MAP_FIXED) !== 0 && addr % huge !== 0) return -EINVAL;
      if (offset % huge !== 0 && rules.checksOffsetFirst) return -EINVAL;
    }
    const hint = addr === 0 || (flags & MAP_FIXED) !== 0 ? addr : roundUp(addr, huge);
    at = rules.placesHugeAsOthers ? topdown(mm, huge, hint, len, offset, flags) : bottomup(mm, huge, hint, len, flags);
  } else if (is_bit(mm.machine, f, flags)) {
    if ((flags & MAP_FIXED) !== 0 && addr % PMD_SIZE !== 0) return -EINVAL;
    at = topdown(mm, PMD_SIZE, (flags & MAP_FIXED) !== 0 ? addr : roundUp(addr, PMD_SIZE), len, 0, flags);
  } else if (f !== null && aligns_for_thp(f, flags) && rules.alignsForThp) {
    at = thp_aligned(mm, addr, len, offset, flags);
    if (at === 0) at = topdown(mm, 0, addr, len, offset, flags);
  } else if (f === null && (flags & MAP_SHARED) === 0 && addr === 0 && isAligned(len, PMD_SIZE) && rules.alignsForThp) {
    at = thp_aligned(mm, addr, len, 0, flags);
    if (at === 0) at = topdown(mm, 0, addr, len, 0, flags);
  } else {
    at = topdown(mm, 0, addr, len, offset, flags);
  }
  if (at < 0) return at;
  if (at > TASK_SIZE - len) return -ENOMEM;
  if (!isAligned(at, PAGE_SIZE)) return -EINVAL;
  // Linux: security/commoncap.c cap_mmap_addr.
  return at < DAC_MMAP_MIN_ADDR && !capable(mm.machine) ? -EPERM : at;
}

// ---- the area ----------------------------------------------------------------------------------

const accountable_mapping = (f: file | null, flags: number): boolean =>
  !is_file_hugepages(f) && (flags & (VM_HUGETLB | VM_NORESERVE | VM_SHARED | VM_WRITE)) === VM_WRITE;

/** Makes the area, in place of whatever was there. Returns the address or a negative errno. Linux: mm/vma.c __mmap_region. */
function mmap_region(
  mm: mm_struct,
  f: file | null,
  addr: number,
  len: number,
  vm_flags: number,
  pgoff: number,
): number {
  const m = mm.machine;
  const end = addr + len;
  const npages = len / PAGE_SIZE;
  const r = munmap_range(mm, addr, end);
  if (mm.mm_mt.startAbove(addr) < end) {
    const err = gather_munmap_vmas(mm, mm.mm_mt.find(addr)!, r);
    if (err !== 0) return err;
  }
  if (!may_expand_vm(mm, vm_flags, npages - r.nr_pages)) return -ENOMEM;
  let charged = 0;
  if (accountable_mapping(f, vm_flags)) {
    charged = npages - r.nr_accounted;
    if (charged !== 0) {
      const err = vm_enough_memory(m, mm, charged);
      if (err !== 0) return err;
    }
    r.nr_accounted = 0;
    vm_flags |= VM_ACCOUNT;
  }
  // From here on a failure finds the old mappings gone.
  const replaced = r.nr_pages > 0;
  if (replaced) {
    detach_and_clear(mm, r);
    for (const old of r.vmas) if (old.vm_ops?.close !== undefined) old.vm_ops.close(old);
  }
  mm.mm_mt.findTouching(addr, end);
  const { below, above } = touching;
  let vma = merge_new_mapping(mm, addr, end, vm_flags, f, pgoff, below, above);
  if (vma === null) {
    vma = vm_area_alloc(mm, addr, end, pgoff, vm_flags);
    let err = 0;
    if (f !== null) {
      vma.vm_file = get_file(f);
      err = call_mmap(m, f, vma);
      if (err !== 0) fput(m, f);
    } else if ((vm_flags & VM_HUGETLB) !== 0) err = m.design.map_anonymous!(m, vma);
    else if ((vm_flags & VM_SHARED) !== 0) err = shmem_zero_setup(m, vma);
    if (err !== 0) {
      m.committed -= charged;
      if (replaced) {
        if (m.rec !== null) m.rec.emit(Ev.Decide, WHY.old_mapping_gone, addr, end);
        complete_munmap(mm, r, true);
      }
      return err;
    }
    vma_link(mm, vma);
  }
  if (replaced) complete_munmap(mm, r, true);
  else m.spare_munmap = r;
  vm_stat_account(mm, vma.vm_flags, npages);
  if ((vm_flags & VM_LOCKED) !== 0) {
    if (!m.rules.locksHuge && ((vma.vm_flags & VM_SPECIAL) !== 0 || is_hugetlb(m, vma, 'mmap')))
      vma.vm_flags &= ~VM_LOCKED_MASK;
    else mm.locked_vm += npages;
  }
  return addr;
}

/** Linux: mm/mmap.c do_mmap. Returns the address or a negative errno, and populates where asked. */
export function do_mmap(
  mm: mm_struct,
  f: file | null,
  addr: number,
  len: number,
  prot: number,
  flags: number,
  pgoff: number,
): number {
  const m = mm.machine;
  if (len === 0) return -EINVAL;
  // 2.6.20 knew nothing of the later flags and looked at none of them.
  if (!m.rules.hasNewCalls) flags &= ~LATER_FLAGS;
  if ((flags & MAP_FIXED_NOREPLACE) !== 0) flags |= MAP_FIXED;
  if ((flags & MAP_FIXED) === 0 && addr !== 0) {
    addr = roundDown(addr, PAGE_SIZE);
    if (addr !== 0 && addr < MMAP_MIN_ADDR) addr = MMAP_MIN_ADDR;
  }
  len = roundUp(len, PAGE_SIZE);
  if (len >= 2 ** 64) return -ENOMEM;
  if (mm.map_count > m.config.max_map_count) return -ENOMEM;
  let vm_flags = calc_vm_prot_bits(prot) | calc_vm_flag_bits(flags) | mm.def_flags | MAY;
  addr = get_unmapped_area(mm, f, addr, len, pgoff, flags);
  if (addr < 0) return addr;
  if ((flags & MAP_FIXED_NOREPLACE) !== 0) {
    const there = mm.mm_mt.find(addr);
    if (there !== null && there.vm_start < addr + len) return -EEXIST;
  }
  if ((flags & MAP_LOCKED) !== 0 && !can_do_mlock(m)) return -EPERM;
  if (!mlock_future_ok(mm, vm_flags, len)) return -EAGAIN;
  const type = flags & MAP_TYPE;
  if (f !== null) {
    if (pgoff * PAGE_SIZE + len >= 2 ** 63) return -EOVERFLOW;
    if (type === MAP_SHARED || (type === MAP_SHARED_VALIDATE && m.rules.hasNewCalls)) {
      const known = LEGACY_MAP_MASK | MAP_SHARED_VALIDATE | (f.inode.kind === 'file' ? MAP_SYNC : 0);
      if (type === MAP_SHARED_VALIDATE && (flags & ~known) !== 0) return -EOPNOTSUPP;
      if ((prot & PROT_WRITE) !== 0 && !f_can_write(f)) return -EACCES;
      vm_flags |= VM_SHARED | VM_MAYSHARE;
      if (!f_can_write(f)) vm_flags &= ~(VM_MAYWRITE | VM_SHARED);
    } else if (type !== MAP_PRIVATE) return -EINVAL;
    if (!f_can_read(f)) return -EACCES;
    const sealed = memfd_check_seals_mmap(f.inode, vm_flags);
    if (sealed === null) return -EPERM;
    vm_flags = sealed;
    if ((vm_flags & VM_GROWSDOWN) !== 0) return -EINVAL;
  } else {
    if (type === MAP_SHARED) {
      if ((vm_flags & VM_GROWSDOWN) !== 0) return -EINVAL;
      pgoff = 0;
      vm_flags |= VM_SHARED | VM_MAYSHARE;
    } else if (type === MAP_PRIVATE) pgoff = addr / PAGE_SIZE;
    else if (type === MAP_DROPPABLE && m.rules.hasNewCalls) {
      if ((flags & (MAP_LOCKED | MAP_HUGETLB)) !== 0 || (vm_flags & VM_GROWSDOWN) !== 0) return -EINVAL;
      // It neither survives a fork nor is dumped, and nothing is promised.
      vm_flags |= VM_DROPPABLE | VM_NORESERVE | VM_WIPEONFORK | VM_DONTDUMP;
      pgoff = addr / PAGE_SIZE;
    } else return -EINVAL;
  }
  if (is_bit(m, f, flags)) vm_flags |= VM_HUGETLB | VM_DONTEXPAND;
  if ((flags & MAP_NORESERVE) !== 0) {
    if (m.config.overcommit_memory !== 2 || is_file_hugepages(f)) vm_flags |= VM_NORESERVE;
  }
  const rec = m.rec;
  if (rec !== null) rec.emit(Ev.Enter, R.mmap_region, addr, len, vm_flags);
  const at = mmap_region(mm, f, addr, len, vm_flags, pgoff);
  if (rec !== null) rec.emit(Ev.Leave, R.mmap_region, at);
  const populate =
    (flags & (MAP_POPULATE | MAP_NONBLOCK)) === MAP_POPULATE &&
    (m.rules.populatesPrivate || ((vm_flags & VM_SHARED) !== 0 && !is_file_hugepages(f)));
  if (at >= 0 && ((vm_flags & VM_LOCKED) !== 0 || populate)) mm_populate(mm, at, len);
  return at;
}

/** The system call. Returns the address or a negative errno. Linux: mm/mmap.c ksys_mmap_pgoff. */
export function ksys_mmap(
  m: Machine,
  task: Task,
  addr: number,
  len: number,
  prot: number,
  flags: number,
  fd: number,
  offset: number,
): number {
  if (!isAligned(offset, PAGE_SIZE)) return -EINVAL;
  const mm = task.mm;
  let f: file | null = null;
  let own = false;
  if ((flags & MAP_ANONYMOUS) === 0) {
    f = fget(task, fd);
    if (f === null) return -EBADF;
    if (is_file_hugepages(f)) len = m.rules.roundsHugeLength ? roundUp(len, f.inode.page_bytes) : len;
    else if ((flags & MAP_HUGETLB) !== 0) return -EINVAL;
  } else if (is_bit(m, f, flags)) {
    if (hstate_sizelog((flags >>> MAP_HUGE_SHIFT) & MAP_HUGE_MASK) !== PMD_SIZE) return -EINVAL;
    len = roundUp(len, PMD_SIZE);
  } else if ((flags & MAP_HUGETLB) !== 0 && m.rules.hasMapHugetlb) {
    const setup = hugetlb_file_setup(m, '/anon_hugepage', len, (flags >>> MAP_HUGE_SHIFT) & MAP_HUGE_MASK);
    if (typeof setup === 'number') return setup;
    f = setup;
    own = true;
    len = roundUp(len, setup.inode.page_bytes);
  }
  const at = do_mmap(mm, f, addr, len, prot, flags, offset / PAGE_SIZE);
  if (own && f !== null) fput(m, f);
  return at;
}

// ---- the heap ----------------------------------------------------------------------------------

/** Linux: mm/vma.c do_brk_flags. */
function do_brk_flags(mm: mm_struct, before: vm_area_struct | null, addr: number, len: number): number {
  const m = mm.machine;
  const flags = VM_READ | VM_WRITE | MAY | VM_ACCOUNT | mm.def_flags;
  if (!may_expand_vm(mm, flags, len / PAGE_SIZE)) return -ENOMEM;
  if (mm.map_count > m.config.max_map_count) return -ENOMEM;
  if (vm_enough_memory(m, mm, len / PAGE_SIZE) !== 0) return -ENOMEM;
  const grown = before !== null && before.vm_end === addr ? extend_heap(before, addr, addr + len, flags) : null;
  if (grown === null) vma_link(mm, vm_area_alloc(mm, addr, addr + len, addr / PAGE_SIZE, flags));
  mm.total_vm += len / PAGE_SIZE;
  mm.data_vm += len / PAGE_SIZE;
  if ((flags & VM_LOCKED) !== 0) mm.locked_vm += len / PAGE_SIZE;
  return 0;
}

/** The raw call: moves the end of the heap; returns where it is afterwards. Linux: mm/mmap.c brk. */
export function do_brk(mm: mm_struct, brk: number): number {
  if (brk < mm.start_brk) return mm.brk;
  // The heap and the program's own data are both data. Linux: check_data_rlimit.
  if (brk - mm.start_brk + (mm.end_data - mm.start_data) > mm.machine.config.rlimit.data) return mm.brk;
  const newbrk = roundUp(brk, PAGE_SIZE);
  const oldbrk = roundUp(mm.brk, PAGE_SIZE);
  if (oldbrk === newbrk) return (mm.brk = brk);
  if (brk <= mm.brk) {
    const vma = mm.mm_mt.find(newbrk);
    if (vma === null || vma.vm_start >= oldbrk) return mm.brk;
    if (do_align_munmap(mm, vma, newbrk, oldbrk) !== 0) return mm.brk;
    return (mm.brk = brk);
  }
  if (newbrk > TASK_SIZE) return mm.brk;
  const next = mm.mm_mt.find(oldbrk);
  if (next !== null && newbrk + PAGE_SIZE > vm_start_gap(next)) return mm.brk;
  if (!mlock_future_ok(mm, mm.def_flags, newbrk - oldbrk)) return mm.brk;
  const before = mm.mm_mt.before(oldbrk);
  const own = before !== null && before.vm_end > mm.start_brk ? before : null;
  if (do_brk_flags(mm, own, oldbrk, newbrk - oldbrk) !== 0) return mm.brk;
  mm.brk = brk;
  if ((mm.def_flags & VM_LOCKED) !== 0) mm_populate(mm, oldbrk, newbrk - oldbrk);
  return brk;
}
