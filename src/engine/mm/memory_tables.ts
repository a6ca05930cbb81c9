/** Freeing table pages that no area needs any more (Linux: mm/memory.c free_pgtables and below). */
import { PGDIR_SIZE, PMD_SIZE, PUD_SIZE } from '../../base/units';
import { ask } from '../designs/design';
import { Ev } from '../events';
import { R } from '../routines';
import type { mm_struct, vm_area_struct } from './mm_types';
import { free_table, pgd_index, pmd_index, pud_index, type Table } from './pgtable';
import { alignDown } from './prot';
import { unlink_anon_vmas } from './rmap';

/** Linux: unlink_file_vma. The area no longer hears of its file's truncation. */
function unlink_file_vma(vma: vm_area_struct): void {
  if (vma.vm_file !== null) vma.vm_file.inode.i_mapping.i_mmap.delete(vma);
}

/**
 * Linux: mm/memory.c free_pgtables. Frees the tables of areas in ascending order that are being removed; what stands
 * outside `[floor, ceiling)` belongs to others (ceiling 0: the top). Their anonymous and file links go first.
 */
export function free_pgtables(mm: mm_struct, vmas: readonly vm_area_struct[], floor: number, ceiling: number): void {
  const m = mm.machine;
  const rec = m.rec;
  const n = vmas.length;
  if (rec !== null) rec.emit(Ev.Enter, R.free_pgtables, n, floor, ceiling);
  let i = 0;
  if (n > 0) {
    let free = ask.free_pgtable_range(m, vmas[0]!);
    while (i < n) {
      let vma = vmas[i]!;
      const start = vma.vm_start;
      unlink_anon_vmas(vma);
      unlink_file_vma(vma);
      if (free !== undefined) {
        const mine = free;
        const next = i + 1 < n ? vmas[i + 1]! : null;
        mine(mm, start, vma.vm_end, floor, next === null ? ceiling : next.vm_start);
        i++;
        free = next === null ? undefined : ask.free_pgtable_range(m, next);
        continue;
      }
      // Gathers near areas of the ordinary kind into one walk.
      i++;
      while (i < n) {
        const next = vmas[i]!;
        free = ask.free_pgtable_range(m, next);
        if (free !== undefined || next.vm_start > vma.vm_end + PMD_SIZE) break;
        vma = next;
        unlink_anon_vmas(vma);
        unlink_file_vma(vma);
        i++;
      }
      free_pgd_range(mm, start, vma.vm_end, floor, i < n ? vmas[i]!.vm_start : ceiling);
    }
  }
  if (rec !== null) rec.emit(Ev.Leave, R.free_pgtables);
}

/**
 * Linux: mm/memory.c free_pgd_range. Frees the tables of `[addr, end)` as far as nothing between `floor` and `ceiling`
 * outside it can need them. The entries must be gone.
 */
export function free_pgd_range(mm: mm_struct, addr: number, end: number, floor: number, ceiling: number): void {
  let start = alignDown(addr, PMD_SIZE);
  if (start < floor) start += PMD_SIZE;
  let top = Infinity;
  if (ceiling !== 0) {
    top = alignDown(ceiling, PMD_SIZE);
    if (top === 0) return;
  }
  let stop = end;
  if (stop > top) stop -= PMD_SIZE;
  if (start >= stop) return;
  const down = mm.pgd.down!;
  for (let at = start; at < stop;) {
    const next = Math.min(alignDown(at, PGDIR_SIZE) + PGDIR_SIZE, stop);
    const pud = down[pgd_index(at)]!;
    if (pud !== null) free_pud_range(mm, pud, at, next, floor, top);
    at = next;
  }
}

function free_pud_range(mm: mm_struct, pud: Table, addr: number, end: number, floor: number, top: number): void {
  for (let at = addr; at < end;) {
    const next = Math.min(alignDown(at, PUD_SIZE) + PUD_SIZE, end);
    const index = pud_index(at);
    const pmd = pud.down![index]!;
    if (pmd !== null) free_pmd_range(mm, pud, index, pmd, at, next, floor, top);
    at = next;
  }
  const start = alignDown(addr, PGDIR_SIZE);
  if (start < floor || end > alignDown(top, PGDIR_SIZE)) return;
  free_table(mm, mm.pgd, pgd_index(start));
}

function free_pmd_range(
  mm: mm_struct,
  pud: Table,
  index: number,
  pmd: Table,
  addr: number,
  end: number,
  floor: number,
  top: number,
): void {
  const down = pmd.down!;
  for (let at = addr; at < end; at = alignDown(at, PMD_SIZE) + PMD_SIZE) {
    const i = pmd_index(at);
    mm.machine.meter.spend(1);
    if (down[i] !== null) free_table(mm, pmd, i);
  }
  const start = alignDown(addr, PUD_SIZE);
  if (start < floor || end > alignDown(top, PUD_SIZE)) return;
  free_table(mm, pud, index);
}
