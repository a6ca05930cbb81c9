/** Bringing pages in without the process touching them (Linux: mm/gup.c). */
import { hex } from '../../base/units';
import { ask, is_hugetlb } from '../designs/design';
import { EFAULT, EINVAL, ENOMEM } from '../errno';
import { Ev } from '../events';
import { R, WHY } from '../routines';
import { type Found, leaf_at } from './leaf';
import { handle_mm_fault } from './memory';
import {
  FAULT_FLAG_REMOTE,
  FAULT_FLAG_WRITE,
  type mm_struct,
  VM_FAULT_ERROR,
  VM_FAULT_MAJOR,
  VM_FAULT_OOM,
  type vm_area_struct,
} from './mm_types';
import { PG_anon, PG_anon_exclusive } from './page_alloc';
import { _PAGE_RW, _PAGE_SPECIAL, LEVEL_SIZE, pte_pfn, pte_present, type Table } from './pgtable';
import { alignDown, is_cow_mapping } from './prot';
import {
  VM_ACCESS_FLAGS,
  VM_IO,
  VM_LOCKONFAULT,
  VM_MAYREAD,
  VM_PFNMAP,
  VM_READ,
  VM_SHARED,
  VM_WRITE,
} from './vm_flags';

/** Linux: mm/gup.c check_vma_flags. `force` is FOLL_FORCE. Returns 0 or −EFAULT. */
function check_vma_flags(vma: vm_area_struct, write: boolean, force: boolean): number {
  const flags = vma.vm_flags;
  if ((flags & (VM_IO | VM_PFNMAP)) !== 0) return -EFAULT;
  if (write) {
    if ((flags & VM_WRITE) !== 0) return 0;
    if (!force || is_hugetlb(vma.vm_mm.machine, vma, 'force') || !is_cow_mapping(flags)) return -EFAULT;
  } else if ((flags & VM_READ) === 0 && (!force || (flags & VM_MAYREAD) === 0)) return -EFAULT;
  return 0;
}

/** Where `leaf_at` puts what it found. */
const found: Found = { table: null as unknown as Table, index: 0 };

/** Bytes from `address` to the end of the leaf of any level that is present there and allows the access; 0 where there is none. Linux: follow_page_mask. */
function follow_page(vma: vm_area_struct, address: number, write: boolean, forced: boolean): number {
  const mm = vma.vm_mm;
  const m = mm.machine;
  const entry = leaf_at(mm, address, found);
  if (!pte_present(entry)) return 0;
  const { level } = found.table;
  if (m.rec !== null && m.design.looks_at_levels === true) m.probe.level(mm, vma.id, level, address);
  if (write && (entry & _PAGE_RW) === 0) {
    // With force, a private copy that is the process's own will do.
    if (!forced || (entry & _PAGE_SPECIAL) !== 0) return 0;
    const frames = m.frames;
    const pfn = pte_pfn(entry);
    if ((frames.flags(frames.compound_head(pfn)) & PG_anon) === 0 || (frames.flags(pfn) & PG_anon_exclusive) === 0)
      return 0;
  }
  const size = LEVEL_SIZE[level]!;
  return alignDown(address, size) + size - address;
}

/**
 * Brings `[start, end)` of one area in, faulting where needed. Returns the address reached, or a negative errno if not even
 * the first page came. Where `unlockable`, a fault that had to read from the disk is begun again as if it were new, and then
 * counts as a minor one. Linux: mm/gup.c __get_user_pages without a list of pages.
 */
function get_user_pages(
  vma: vm_area_struct,
  start: number,
  end: number,
  write: boolean,
  force: boolean,
  unlockable: boolean,
): number {
  const m = vma.vm_mm.machine;
  const flags = FAULT_FLAG_REMOTE | (write ? FAULT_FLAG_WRITE : 0);
  const pin = ask.pin_pages(m, vma);
  return (pin ?? __get_user_pages)(vma, start, end, flags, force, unlockable);
}

/** The walk itself, for an area of ordinary pages. */
export function __get_user_pages(
  vma: vm_area_struct,
  start: number,
  end: number,
  flags: number,
  force: boolean,
  unlockable: boolean,
): number {
  const mm = vma.vm_mm;
  const m = mm.machine;
  const write = (flags & FAULT_FLAG_WRITE) !== 0;
  const forced = write && force && (vma.vm_flags & VM_WRITE) === 0;
  let at = start;
  while (at < end) {
    m.meter.spend(1);
    let step = follow_page(vma, at, write, forced);
    for (let tries = 0; step === 0 && tries < 16; tries++) {
      if (m.rec !== null) m.rec.emit(Ev.Enter, R.faultin_page, vma.id, at, flags);
      const ret = handle_mm_fault(mm, vma, at, flags);
      if (m.rec !== null) m.rec.emit(Ev.Leave, R.faultin_page, ret);
      if ((ret & VM_FAULT_ERROR) !== 0) {
        if (at > start) return at;
        return (ret & VM_FAULT_OOM) !== 0 ? -ENOMEM : -EFAULT;
      }
      if (unlockable && (ret & VM_FAULT_MAJOR) !== 0) m.outcome.minflt++;
      step = follow_page(vma, at, write, forced);
    }
    if (step === 0) return at > start ? at : pinned_nothing(mm, at);
    at += step;
  }
  return at < end ? at : end;
}

/** Faults that leave nothing to pin, again and again: Linux would go on for ever; the call ends, and the mistake is named. */
export function pinned_nothing(mm: mm_struct, at: number): number {
  mm.machine.damaged('pin-without-end', `process ${mm.id} faults without end where the kernel brings in ${hex(at)}`, {
    mm: mm.id,
    address: at,
  });
  return -EFAULT;
}

/**
 * Linux: mm/gup.c populate_vma_page_range. Brings in what mlock or MAP_POPULATE asks for: a private writable area is
 * written, any other read. Returns the address reached or a negative errno.
 */
export function populate_vma_page_range(vma: vm_area_struct, start: number, end: number, unlockable = false): number {
  const m = vma.vm_mm.machine;
  if ((vma.vm_flags & VM_LOCKONFAULT) !== 0) return end;
  if (m.rec !== null) {
    m.rec.emit(Ev.Enter, R.populate_vma_page_range, vma.id, start, end);
    m.rec.emit(Ev.Decide, WHY.locked_populates, vma.id, start, end);
  }
  const write = (vma.vm_flags & (VM_WRITE | VM_SHARED)) === VM_WRITE;
  const force = (vma.vm_flags & VM_ACCESS_FLAGS) !== 0;
  const err = check_vma_flags(vma, write, force);
  const reached = err !== 0 ? err : get_user_pages(vma, start, end, write, force, unlockable);
  if (m.rec !== null) m.rec.emit(Ev.Leave, R.populate_vma_page_range, reached);
  return reached;
}

/** Linux: mm/gup.c __mm_populate. Holes are skipped; areas of devices, too. */
function __mm_populate(mm: mm_struct, start: number, len: number, ignore_errors: boolean): number {
  const m = mm.machine;
  const end = start + len;
  if (m.rec !== null) m.rec.emit(Ev.Enter, R.mm_populate, start, len);
  let result = 0;
  for (let at = start; at < end;) {
    const vma = mm.mm_mt.find(at);
    if (vma === null || vma.vm_start >= end) break;
    const from = Math.max(at, vma.vm_start);
    const to = Math.min(end, vma.vm_end);
    at = to;
    if ((vma.vm_flags & (VM_IO | VM_PFNMAP)) !== 0) continue;
    const reached = populate_vma_page_range(vma, from, to, true);
    if (reached >= 0) at = reached;
    else if (!ignore_errors) {
      result = reached;
      break;
    }
  }
  if (m.rec !== null) m.rec.emit(Ev.Leave, R.mm_populate, result);
  return result;
}

/** Brings in as much of `[start, start + len)` as can be had; failures are nobody's concern. Linux: mm_populate. */
export function mm_populate(mm: mm_struct, start: number, len: number): void {
  __mm_populate(mm, start, len, true);
}

/** As `mm_populate`, up to the first failure: 0, −EFAULT or −ENOMEM. Linux: __mm_populate for mlock. */
export const populate_range = (mm: mm_struct, start: number, len: number): number =>
  __mm_populate(mm, start, len, false);

/**
 * Brings all of `[start, end)` in as MADV_POPULATE_READ or _WRITE asks. Returns 0; −ENOMEM at a hole, −EINVAL where the area
 * forbids the access, −EFAULT where the fault would raise a signal. Linux: mm/gup.c faultin_page_range.
 */
export function faultin_page_range(mm: mm_struct, start: number, end: number, write: boolean): number {
  for (let at = start; at < end;) {
    const vma = mm.mm_mt.lookup(at);
    if (vma === null) return -ENOMEM;
    if (check_vma_flags(vma, write, false) !== 0) return -EINVAL;
    const reached = get_user_pages(vma, at, Math.min(end, vma.vm_end), write, false, false);
    if (reached < 0) return reached;
    at = reached;
  }
  return 0;
}
