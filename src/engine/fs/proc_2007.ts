/**
 * `/proc` as Linux 2.6.20 printed it: fewer lines, other columns. Linux 2.6.20: fs/proc/task_mmu.c, mm/hugetlb.c. What is counted is
 * what the machine counts, areas included that x86-64 did not have yet and that are not listed: [vdso] and [vvar].
 */
import { PAGE_SIZE, PMD_SIZE, ulongText } from '../../base/units';
import type { Machine } from '../machine';
import type { mm_struct, Task, vm_area_struct } from '../mm/mm_types';
import { PTE, type Table } from '../mm/pgtable';
import { VM_EXEC, VM_GROWSDOWN, VM_WRITE } from '../mm/vm_flags';
import { deviceOf, headerLine, inodeNumber, smap_gather_stats, vmaPerms } from './task_mmu';

const KIB = PAGE_SIZE / 1024;

/** The areas that there were in 2007. */
const listed = (task: Task): vm_area_struct[] =>
  [...task.mm.mm_mt].filter(({ special_name }) => !special_name.startsWith('[v'));

/** 2.6.20: show_map. Memory without a file shows where it would stand in one: its own address. */
function mapsLine(vma: vm_area_struct): string {
  const f = vma.vm_file;
  const offset = vma.vm_pgoff * PAGE_SIZE;
  return headerLine(vma.vm_start, vma.vm_end, vmaPerms(vma.vm_flags), offset, deviceOf(f), inodeNumber(f), nameOf(vma));
}

function nameOf(vma: vm_area_struct): string {
  const f = vma.vm_file;
  if (f !== null) return f.deleted ? `${f.name} (deleted)` : f.name;
  const mm = vma.vm_mm;
  if (vma.vm_start <= mm.start_brk && vma.vm_end >= mm.brk) return '[heap]';
  return vma.vm_start <= mm.start_stack && vma.vm_end >= mm.start_stack ? '[stack]' : '';
}

/** The gate area of x86-64, eight megabytes long, and called by the name of what was to come. */
const gate = (): string => headerLine(0xffffffffff600000, 0xffffffffffe00000, '---p', 0, '00:00', 0, '[vdso]');
const GATE_KIB = 8192;

export function procMaps2007(task: Task, most: number): string {
  let text = '';
  let n = 0;
  for (const vma of listed(task)) {
    if (n++ >= most) return text;
    text += `${mapsLine(vma)}\n`;
  }
  return `${text}${gate()}\n`;
}

const figure = (label: string, kib: number): string => `${`${label}:`.padEnd(16)}${String(kib).padStart(8)} kB\n`;

/** Lines that each area gives. */
export const SMAPS_LINES_2007 = 7;

function smapsFigures(
  kib: number,
  figures: readonly [rss: number, sc: number, sd: number, pc: number, pd: number],
): string {
  const labels = ['Rss', 'Shared_Clean', 'Shared_Dirty', 'Private_Clean', 'Private_Dirty'];
  return figure('Size', kib) + labels.map((label, i) => figure(label, figures[i]! / 1024)).join('');
}

/** 2.6.20: show_smap, which does not walk huge mappings: their figures are 0. */
export function procSmaps2007(task: Task, most: number): string {
  let text = '';
  let n = 0;
  for (const vma of listed(task)) {
    if (n++ >= most) return text;
    const mss = smap_gather_stats(vma);
    const { resident, shared_clean, shared_dirty, private_clean, private_dirty } = mss;
    const kib = (vma.vm_end - vma.vm_start) / 1024;
    text += `${mapsLine(vma)}\n${smapsFigures(kib, [resident, shared_clean, shared_dirty, private_clean, private_dirty])}`;
  }
  return `${text}${gate()}\n${smapsFigures(GATE_KIB, [0, 0, 0, 0, 0])}`;
}

/** Tables of the lowest level: the only ones that were counted. */
function nr_ptes(table: Table): number {
  if (table.level === PTE) return 1;
  let n = 0;
  for (const lower of table.down!) if (lower !== null) n += nr_ptes(lower);
  return n;
}

/** Base pages of areas with a file (2.6.20: mm->shared_vm), of stacks, and of what is executed from a file. */
function sums(mm: mm_struct): { shared: number; stack: number; exec: number } {
  const sum = { shared: 0, stack: 0, exec: 0 };
  for (const vma of mm.mm_mt) {
    const n = (vma.vm_end - vma.vm_start) / PAGE_SIZE;
    if (vma.vm_file !== null) {
      sum.shared += n;
      if ((vma.vm_flags & (VM_EXEC | VM_WRITE)) === VM_EXEC) sum.exec += n;
    } else if ((vma.vm_flags & VM_GROWSDOWN) !== 0) sum.stack += n;
  }
  return sum;
}

/** 2.6.20: task_mem. */
export function procStatus2007(task: Task): string {
  const { mm } = task;
  const { shared, stack, exec } = sums(mm);
  const rss = mm.rss_file + mm.rss_anon + mm.rss_shmem;
  const text = (Math.ceil(mm.end_code / PAGE_SIZE) - Math.floor(mm.start_code / PAGE_SIZE)) * KIB;
  const line = (label: string, kib: number): string => `${label}:\t${ulongText(kib).padStart(8)} kB\n`;
  return (
    line('VmPeak', Math.max(mm.hiwater_vm, mm.total_vm) * KIB) +
    line('VmSize', mm.total_vm * KIB) +
    line('VmLck', mm.locked_vm * KIB) +
    line('VmHWM', Math.max(mm.hiwater_rss, rss) * KIB) +
    line('VmRSS', rss * KIB) +
    line('VmData', (mm.total_vm - shared - stack) * KIB) +
    line('VmStk', stack * KIB) +
    line('VmExe', text) +
    line('VmLib', exec * KIB - text) +
    line('VmPTE', nr_ptes(mm.pgd) * KIB)
  );
}

/** 2.6.20: hugetlb_report_meminfo, the whole of what it says of huge pages. */
export function procMeminfo2007(m: Machine): string {
  const h = m.hstate;
  const count = (n: number): string => ulongText(n).padStart(5);
  return (
    `HugePages_Total: ${count(h.nr_huge_pages)}\n` +
    `HugePages_Free:  ${count(h.free_huge_pages)}\n` +
    `HugePages_Rsvd:  ${count(h.resv_huge_pages)}\n` +
    `Hugepagesize:    ${count(PMD_SIZE / 1024)} kB\n`
  );
}
