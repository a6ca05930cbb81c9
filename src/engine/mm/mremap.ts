/** Resizing and moving a mapping (Linux: mm/mremap.c). Left out: userfaultfd, sealing. */
import { PAGE_SIZE, roundUp, TASK_SIZE } from '../../base/units';
import { is_hugetlb } from '../designs/design';
import { EAGAIN, EFAULT, EINVAL, ENOMEM } from '../errno';
import { Ev } from '../events';
import { R } from '../routines';
import { MAP_FIXED, MAP_SHARED, MREMAP_DONTUNMAP, MREMAP_FIXED, MREMAP_MAYMOVE } from '../uapi';
import { mm_populate } from './gup';
import { fixup_hugetlb_reservations } from './hugetlb_pool';
import { move_hugetlb_page_tables } from './hugetlb_table';
import { get_unmapped_area } from './mmap';
import { may_expand_vm, mlock_future_ok } from './limits';
import type { mm_struct, vm_area_struct } from './mm_types';
import { move_page_tables } from './move';
import { unlink_anon_vmas } from './rmap';
import { VM_ACCOUNT, VM_DONTEXPAND, VM_LOCKED, VM_LOCKED_MASK, VM_MAYSHARE, VM_PFNMAP, VM_SHARED } from './vm_flags';
import { do_munmap, vm_enough_memory, vm_flags_reset, vm_stat_account } from './vma';
import { copy_vma, vma_merge_extend } from './vma_merge';

/** What is asked for, and what has become of it so far (Linux: struct vma_remap_struct). Bytes. */
interface Remap {
  readonly mm: mm_struct;
  addr: number;
  old_len: number;
  new_len: number;
  readonly flags: number;
  new_addr: number;
  vma: vm_area_struct | null;
  charged: number;
  /** The grown part of a locked mapping is to be brought in. */
  populate: boolean;
}

const implies_new_addr = (r: Remap): boolean => (r.flags & (MREMAP_FIXED | MREMAP_DONTUNMAP)) !== 0;

/** Linux: check_mremap_params. Returns 0 or a negative errno. */
function check_params(r: Remap): number {
  const known = MREMAP_FIXED | MREMAP_MAYMOVE | (r.mm.machine.rules.hasNewCalls ? MREMAP_DONTUNMAP : 0);
  if ((r.flags & ~known) !== 0) return -EINVAL;
  if (r.addr % PAGE_SIZE !== 0) return -EINVAL;
  if (r.new_len === 0 || r.new_len > TASK_SIZE) return -EINVAL;
  if (!implies_new_addr(r)) return 0;
  if (r.new_addr > TASK_SIZE - r.new_len) return -EINVAL;
  if (r.new_addr % PAGE_SIZE !== 0) return -EINVAL;
  if ((r.flags & MREMAP_MAYMOVE) === 0) return -EINVAL;
  if ((r.flags & MREMAP_DONTUNMAP) !== 0 && r.old_len !== r.new_len) return -EINVAL;
  if (r.addr + r.old_len > r.new_addr && r.new_addr + r.new_len > r.addr) return -EINVAL;
  if (r.mm.map_count + 2 >= r.mm.machine.config.max_map_count - 3) return -ENOMEM;
  return 0;
}

/**
 * A huge mapping shrinks in place and does nothing else; a fixed destination has been unmapped before that is known.
 * 2.6.20: mm/mremap.c do_mremap.
 */
function refuse_as_in_2007(r: Remap): number {
  if ((r.flags & MREMAP_FIXED) === 0) return -EINVAL;
  const err = do_munmap(r.mm, r.new_addr, r.new_len);
  if (err !== 0) return err;
  if (r.old_len > r.new_len) {
    const shrunk = do_munmap(r.mm, r.addr + r.new_len, r.old_len - r.new_len);
    if (shrunk !== 0) return shrunk;
  }
  return -EINVAL;
}

/** Whether the area can be resized or moved as asked; rounds to huge pages where it is huge. Linux: check_prep_vma. */
function check_prep_vma(r: Remap): number {
  const vma = r.vma;
  if (vma === null) return -EFAULT;
  const m = r.mm.machine;
  // In 2.6.20 a plain shrink is done and gone before the test.
  const shrinks = !implies_new_addr(r) && r.new_len <= r.old_len;
  if ((m.rules.movesHuge || !shrinks) && is_hugetlb(m, vma, 'mremap')) {
    if (!m.rules.movesHuge) return refuse_as_in_2007(r);
    const huge = vma.vm_ops?.pagesize?.(vma) ?? PAGE_SIZE;
    r.old_len = roundUp(r.old_len, huge);
    r.new_len = roundUp(r.new_len, huge);
    if (r.addr % huge !== 0 || r.new_addr % huge !== 0 || r.new_len > r.old_len) return -EINVAL;
  }
  if (!implies_new_addr(r)) r.new_addr = r.addr;
  if (!(r.new_len > r.old_len) && !implies_new_addr(r)) return 0;
  if (r.old_len === 0 && (vma.vm_flags & (VM_SHARED | VM_MAYSHARE)) === 0) return -EINVAL;
  if ((r.flags & MREMAP_DONTUNMAP) !== 0 && (vma.vm_flags & (VM_DONTEXPAND | VM_PFNMAP)) !== 0) return -EINVAL;
  const old_len = Math.min(r.old_len, r.new_len);
  if (vma.vm_end - r.addr < old_len) return -EFAULT;
  if (r.new_len === old_len) return 0;
  if ((vma.vm_flags & VM_LOCKED) !== 0) r.populate = true;
  if ((vma.vm_flags & (VM_DONTEXPAND | VM_PFNMAP)) !== 0) return -EFAULT;
  const delta = Math.max(0, r.new_len - r.old_len);
  if (!mlock_future_ok(r.mm, vma.vm_flags, delta)) return -EAGAIN;
  return may_expand_vm(r.mm, vma.vm_flags, delta / PAGE_SIZE) ? 0 : -ENOMEM;
}

/** Linux: vrm_set_new_addr. Returns 0 or a negative errno. */
function set_new_addr(r: Remap): number {
  const vma = r.vma!;
  const pgoff = vma.vm_pgoff + (r.addr - vma.vm_start) / PAGE_SIZE;
  const flags =
    ((r.flags & MREMAP_FIXED) !== 0 ? MAP_FIXED : 0) | ((vma.vm_flags & VM_MAYSHARE) !== 0 ? MAP_SHARED : 0);
  const at = get_unmapped_area(r.mm, vma.vm_file, implies_new_addr(r) ? r.new_addr : 0, r.new_len, pgoff, flags);
  if (at < 0) return at;
  r.new_addr = at;
  return 0;
}

/** Linux: vrm_calc_charge. False where the commit limit refuses. */
function charge(r: Remap): boolean {
  r.charged = 0;
  if ((r.vma!.vm_flags & VM_ACCOUNT) === 0) return true;
  const npages = ((r.flags & MREMAP_DONTUNMAP) !== 0 ? r.new_len : Math.abs(r.new_len - r.old_len)) / PAGE_SIZE;
  if (vm_enough_memory(r.mm.machine, r.mm, npages) !== 0) return false;
  r.charged = npages;
  return true;
}

/** Linux: vrm_stat_account. */
function stat_account(r: Remap, flags: number, bytes: number): void {
  vm_stat_account(r.mm, flags, bytes / PAGE_SIZE);
  if ((flags & VM_LOCKED) !== 0) r.mm.locked_vm += bytes / PAGE_SIZE;
}

/** Unmaps the source of a move without giving its charge back: it moved along. Linux: unmap_source_vma. */
function unmap_source(r: Remap): void {
  const vma = r.vma!;
  const { mm, addr, old_len } = r;
  const accountable = (vma.vm_flags & VM_ACCOUNT) !== 0 && (r.flags & MREMAP_DONTUNMAP) === 0;
  const before = vma.vm_start < addr;
  const after = vma.vm_end > addr + old_len;
  if (accountable) vma.vm_flags &= ~VM_ACCOUNT;
  if (do_munmap(mm, addr, old_len) !== 0) {
    mm.machine.committed += old_len / PAGE_SIZE;
    return;
  }
  if (!accountable) return;
  if (before) mm.mm_mt.before(addr)!.vm_flags |= VM_ACCOUNT;
  if (after) mm.mm_mt.find(addr + old_len)!.vm_flags |= VM_ACCOUNT;
}

/** Copies the area to the new place, moves its entries, and unmaps the old place. Returns the new address. Linux: move_vma. */
function move_vma(r: Remap): number {
  const { mm, addr } = r;
  const m = mm.machine;
  const rec = m.rec;
  let vma = r.vma!;
  if (mm.map_count >= m.config.max_map_count - 3) return -ENOMEM;
  if (vma.vm_ops?.may_split !== undefined) {
    let err = vma.vm_start !== addr ? vma.vm_ops.may_split(vma, addr) : 0;
    if (err === 0 && vma.vm_end !== addr + r.old_len) err = vma.vm_ops.may_split(vma, addr + r.old_len);
    if (err !== 0) return err;
  }
  if (vma.vm_ops?.mremap !== undefined) {
    const err = vma.vm_ops.mremap(vma);
    if (err !== 0) return err;
  }
  if (!charge(r)) return -ENOMEM;
  if (rec !== null) rec.emit(Ev.Enter, R.move_vma, addr, r.new_addr, r.new_len);
  const pgoff = vma.vm_pgoff + (addr - vma.vm_start) / PAGE_SIZE;
  const flags = vma.vm_flags;
  const old_start = vma.vm_start;
  const copy = copy_vma(vma, r.new_addr, r.new_len, pgoff);
  // An area that was never touched may have been merged into its own copy.
  if (old_start >= copy.vm_start && old_start < copy.vm_end) vma = copy;
  r.vma = vma;
  if (is_hugetlb(m, vma, 'move')) move_hugetlb_page_tables(vma, copy, addr, r.new_addr, r.old_len);
  else move_page_tables(vma, addr, copy, r.new_addr, r.old_len);
  if (m.contents !== null) m.contents.moved(vma.vm_mm.id, addr, r.new_addr, r.old_len);
  fixup_hugetlb_reservations(vma, copy);
  const hiwater = mm.hiwater_vm;
  stat_account(r, flags, r.new_len);
  if ((r.flags & MREMAP_DONTUNMAP) !== 0) {
    // Linux 6.18 forgets to take the old area's pages out of locked_vm.
    if ((vma.vm_flags & VM_LOCKED) !== 0) mm.locked_lost += (vma.vm_end - vma.vm_start) / PAGE_SIZE;
    vm_flags_reset(vma, vma.vm_flags & ~VM_LOCKED_MASK);
    if (copy !== vma && addr === vma.vm_start && addr + r.old_len === vma.vm_end) unlink_anon_vmas(vma);
  } else unmap_source(r);
  mm.hiwater_vm = hiwater;
  if (rec !== null) rec.emit(Ev.Leave, R.move_vma, r.new_addr);
  return r.new_addr;
}

/** Linux: mremap_to. Returns the new address or a negative errno. */
function mremap_to(r: Remap): number {
  if ((r.flags & MREMAP_FIXED) !== 0) {
    const err = do_munmap(r.mm, r.new_addr, r.new_len);
    if (err !== 0) return err;
    r.vma = r.mm.mm_mt.lookup(r.addr);
    if (r.vma === null) return -EFAULT;
  }
  if (r.new_len < r.old_len) {
    const err = do_munmap(r.mm, r.addr + r.new_len, r.old_len - r.new_len);
    if (err !== 0) return err;
    r.vma = r.mm.mm_mt.lookup(r.addr);
    if (r.vma === null) return -EFAULT;
    r.old_len = r.new_len;
  }
  // What stays behind is there twice.
  if ((r.flags & MREMAP_DONTUNMAP) !== 0 && !may_expand_vm(r.mm, r.vma!.vm_flags, r.old_len / PAGE_SIZE))
    return -ENOMEM;
  const err = set_new_addr(r);
  return err !== 0 ? err : move_vma(r);
}

/** Grows in place where the room is free, else moves. Linux: expand_vma. */
function expand_vma(r: Remap): number {
  const vma = r.vma!;
  const delta = r.new_len - r.old_len;
  const after = r.mm.mm_mt.next(vma);
  const room =
    vma.vm_end - r.addr === r.old_len &&
    (after === null || after.vm_start >= vma.vm_end + delta) &&
    vma.vm_end + delta <= TASK_SIZE;
  if (room) {
    if (!charge(r)) return -ENOMEM;
    const flags = vma.vm_flags;
    if (vma_merge_extend(vma, delta) === null) {
      r.mm.machine.committed -= r.charged;
      return -ENOMEM;
    }
    stat_account(r, flags, delta);
    return r.addr;
  }
  if ((r.flags & MREMAP_MAYMOVE) === 0) return -ENOMEM;
  const err = set_new_addr(r);
  return err !== 0 ? err : move_vma(r);
}

/** Linux: mremap_at. */
function mremap_at(r: Remap): number {
  if (r.new_len === r.old_len) return r.addr;
  if (r.new_len > r.old_len) return expand_vma(r);
  const err = do_munmap(r.mm, r.addr + r.new_len, r.old_len - r.new_len);
  return err !== 0 ? err : r.addr;
}

/** A move of equal size to a fixed place may span several areas and keeps the gaps between them. Linux: remap_move. */
function remap_move(r: Remap): number {
  const start = r.addr;
  const end = r.addr + r.old_len;
  let target = r.new_addr;
  let result = -EFAULT;
  let last_end = 0;
  let seen = false;
  for (let vma = r.mm.mm_mt.find(start); vma !== null && vma.vm_start < end;) {
    if (!seen && start < vma.vm_start) return -EFAULT;
    const addr = Math.max(vma.vm_start, start);
    const len = Math.min(end, vma.vm_end) - addr;
    const gap = seen ? vma.vm_start - last_end : 0;
    last_end = vma.vm_end;
    r.vma = vma;
    r.addr = addr;
    r.new_addr = target + gap;
    r.old_len = len;
    r.new_len = len;
    let at = check_prep_vma(r);
    if (at === 0) at = mremap_to(r);
    if (at < 0) return at;
    if (!seen) result = at;
    seen = true;
    target = at + r.new_len;
    vma = r.mm.mm_mt.find(last_end);
  }
  return result;
}

/** The system call. Returns the address or a negative errno. Linux: do_mremap. */
export function do_mremap(
  mm: mm_struct,
  addr: number,
  old_len: number,
  new_len: number,
  flags: number,
  new_addr: number,
): number {
  const r: Remap = {
    mm,
    addr,
    old_len: roundUp(old_len, PAGE_SIZE),
    new_len: roundUp(new_len, PAGE_SIZE),
    flags,
    new_addr,
    vma: null,
    charged: 0,
    populate: false,
  };
  let result = check_params(r);
  if (result !== 0) return result;
  // Over several areas a move goes since 6.17.
  if ((flags & MREMAP_FIXED) !== 0 && r.old_len === r.new_len && mm.machine.rules.hasNewCalls) return remap_move(r);
  r.vma = mm.mm_mt.lookup(addr);
  result = check_prep_vma(r);
  if (result !== 0) return result;
  result = implies_new_addr(r) ? mremap_to(r) : mremap_at(r);
  if (result >= 0 && r.populate && r.new_len > r.old_len) mm_populate(mm, result + r.old_len, r.new_len - r.old_len);
  return result;
}
