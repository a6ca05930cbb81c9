/** `/proc/PID/maps`, `smaps`, the memory lines of `status`, and those of `meminfo` that speak of huge pages. Linux: fs/proc/. */
import { PAGE_SIZE, PMD_SIZE, roundDown, roundUp, ulongText } from '../../base/units';
import { is_hugetlb } from '../designs/design';
import type { Machine } from '../machine';
import type { mm_struct, Task, vm_area_struct } from '../mm/mm_types';
import { PG_hugetlb } from '../mm/page_alloc';
import { walk_page_range } from '../mm/pagewalk';
import { _PAGE_SPECIAL, PMD, pte_pfn } from '../mm/pgtable';
import { VM_FLAG_CODES, VM_HUGEPAGE, VM_NOHUGEPAGE, VM_SPECIAL } from '../mm/vm_flags';
import { procMaps2007, procMeminfo2007, procSmaps2007, procStatus2007, SMAPS_LINES_2007 } from './proc_2007';
import {
  deviceOf,
  headerLine,
  inodeNumber,
  type mem_size_stats,
  PSS_SHIFT,
  smap_gather_stats,
  vma_kernel_pagesize,
  vmaPerms,
} from './task_mmu';

export { type mem_size_stats, pageMapcount, smap_gather_stats, vma_kernel_pagesize, vmaPerms } from './task_mmu';

/** KiB of a figure kept in 1/4096 bytes. */
export const pssKiB = (pss: number): number => Math.floor(pss / (1 << PSS_SHIFT) / 1024);

/** The area's name as `maps` prints it, empty for none. Linux: fs/proc/task_mmu.c get_vma_name. */
export function get_vma_name(vma: vm_area_struct): string {
  const f = vma.vm_file;
  if (f !== null) return f.deleted ? `${f.name} (deleted)` : f.name;
  if (vma.special_name !== '') return vma.special_name;
  const mm = vma.vm_mm;
  if (vma.vm_start < mm.brk && vma.vm_end > mm.start_brk) return '[heap]';
  if (vma.vm_start <= mm.start_stack && vma.vm_end >= mm.start_stack) return '[stack]';
  return '';
}

/** The two-letter codes of the flags, in Linux's order, separated by spaces. */
export function vmFlagCodes(flags: number): string {
  let text = '';
  for (const [bit, code] of VM_FLAG_CODES) if ((flags & bit) !== 0) text += text === '' ? code : ` ${code}`;
  return text;
}

/** Linux: fs/proc/task_mmu.c show_map_vma. Without a line end. */
function mapsLine(vma: vm_area_struct): string {
  const f = vma.vm_file;
  const offset = f === null ? 0 : vma.vm_pgoff * PAGE_SIZE;
  const name = get_vma_name(vma);
  return headerLine(vma.vm_start, vma.vm_end, vmaPerms(vma.vm_flags), offset, deviceOf(f), inodeNumber(f), name);
}

const VSYSCALL_START = 0xffffffffff600000;
/** The gate area above user space that every process shows and none has. */
const VSYSCALL = headerLine(VSYSCALL_START, VSYSCALL_START + PAGE_SIZE, '--xp', 0, '00:00', 0, '[vsyscall]');

/** `/proc/PID/maps`, or its first `most` areas where it has more. */
export function procMaps(task: Task, most = Infinity): string {
  if (!task.mm.machine.rules.printsAsToday) return procMaps2007(task, most);
  let text = '';
  let n = 0;
  for (const vma of task.mm.mm_mt) {
    if (n++ >= most) return text;
    text += `${mapsLine(vma)}\n`;
  }
  return `${text}${VSYSCALL}\n`;
}

const kB = (label: string, kib: number): string => `${`${label}:`.padEnd(16, ' ')}${String(kib).padStart(8, ' ')} kB\n`;

const NO_STATS: mem_size_stats = {
  resident: 0,
  shared_clean: 0,
  shared_dirty: 0,
  private_clean: 0,
  private_dirty: 0,
  referenced: 0,
  anonymous: 0,
  lazyfree: 0,
  anonymous_thp: 0,
  shared_hugetlb: 0,
  private_hugetlb: 0,
  pss: 0,
  pss_dirty: 0,
  pss_locked: 0,
};

function smapsLines(size: number, pagesize: number, mss: mem_size_stats, thpEligible: boolean, codes: string): string {
  return (
    kB('Size', size / 1024) +
    kB('KernelPageSize', pagesize / 1024) +
    kB('MMUPageSize', pagesize / 1024) +
    kB('Rss', mss.resident / 1024) +
    kB('Pss', pssKiB(mss.pss)) +
    kB('Pss_Dirty', pssKiB(mss.pss_dirty)) +
    kB('Shared_Clean', mss.shared_clean / 1024) +
    kB('Shared_Dirty', mss.shared_dirty / 1024) +
    kB('Private_Clean', mss.private_clean / 1024) +
    kB('Private_Dirty', mss.private_dirty / 1024) +
    kB('Referenced', mss.referenced / 1024) +
    kB('Anonymous', mss.anonymous / 1024) +
    kB('KSM', 0) +
    kB('LazyFree', mss.lazyfree / 1024) +
    kB('AnonHugePages', mss.anonymous_thp / 1024) +
    kB('ShmemPmdMapped', 0) +
    kB('FilePmdMapped', 0) +
    kB('Shared_Hugetlb', mss.shared_hugetlb / 1024) +
    kB('Private_Hugetlb', mss.private_hugetlb / 1024) +
    kB('Swap', 0) +
    kB('SwapPss', 0) +
    kB('Locked', pssKiB(mss.pss_locked)) +
    `THPeligible:    ${thpEligible ? '       1' : '       0'}\n` +
    `VmFlags: ${codes === '' ? '' : `${codes} `}\n`
  );
}

/** Whether a fault in the area may be answered with a transparent huge page. Linux: thp_vma_allowable_orders, for smaps. */
function thpEligible(vma: vm_area_struct): boolean {
  const { thp } = vma.vm_mm.machine.config;
  const flags = vma.vm_flags;
  if (vma.vm_ops !== null || (flags & (VM_SPECIAL | VM_NOHUGEPAGE)) !== 0) return false;
  if (is_hugetlb(vma.vm_mm.machine, vma, 'thp')) return false;
  if (thp === 'never' || (thp === 'madvise' && (flags & VM_HUGEPAGE) === 0)) return false;
  return roundDown(vma.vm_end, PMD_SIZE) - PMD_SIZE >= vma.vm_start;
}

/** Lines of smaps that each area gives. */
export const smapsLinesOf = (m: Machine): number => (m.rules.printsAsToday ? 25 : SMAPS_LINES_2007);

/** `/proc/PID/smaps`, or its first `most` areas where it has more. */
export function procSmaps(task: Task, most = Infinity): string {
  if (!task.mm.machine.rules.printsAsToday) return procSmaps2007(task, most);
  let text = '';
  let n = 0;
  for (const vma of task.mm.mm_mt) {
    if (n++ >= most) return text;
    const mss = smap_gather_stats(vma);
    text += `${mapsLine(vma)}\n`;
    text += smapsLines(
      vma.vm_end - vma.vm_start,
      vma_kernel_pagesize(vma),
      mss,
      thpEligible(vma),
      vmFlagCodes(vma.vm_flags),
    );
  }
  return `${text}${VSYSCALL}\n${smapsLines(PAGE_SIZE, PAGE_SIZE, NO_STATS, false, 'ex')}`;
}

/** Base pages of the process that are present, the pool's not counted. Linux: get_mm_rss. */
const get_mm_rss = (mm: mm_struct): number => mm.rss_file + mm.rss_anon + mm.rss_shmem;

/** The lines of `/proc/PID/status` that speak of memory. Linux: fs/proc/task_mmu.c task_mem, hugetlb_report_usage. */
export function procStatus(task: Task): string {
  const mm = task.mm;
  if (!mm.machine.rules.printsAsToday) return procStatus2007(task);
  const rss = get_mm_rss(mm);
  const exec = mm.exec_vm * PAGE_SIZE;
  const text = Math.min(roundUp(mm.end_code, PAGE_SIZE) - roundDown(mm.start_code, PAGE_SIZE), exec);
  const line = (label: string, kib: number): string => `${label}:\t${ulongText(kib).padStart(8, ' ')} kB\n`;
  const pages = (label: string, n: number): string => line(label, n * (PAGE_SIZE / 1024));
  return (
    pages('VmPeak', Math.max(mm.hiwater_vm, mm.total_vm)) +
    pages('VmSize', mm.total_vm) +
    pages('VmLck', mm.locked_vm) +
    pages('VmPin', 0) +
    pages('VmHWM', Math.max(mm.hiwater_rss, rss)) +
    pages('VmRSS', rss) +
    pages('RssAnon', mm.rss_anon) +
    pages('RssFile', mm.rss_file) +
    pages('RssShmem', mm.rss_shmem) +
    pages('VmData', mm.data_vm) +
    pages('VmStk', mm.stack_vm) +
    line('VmExe', text / 1024) +
    line('VmLib', (exec - text) / 1024) +
    line('VmPTE', mm.pgtables_bytes / 1024) +
    pages('VmSwap', 0) +
    pages('HugetlbPages', mm.hugetlb_usage)
  );
}

/** The lines of `/proc/meminfo` that speak of huge pages. Linux: fs/proc/meminfo.c, mm/hugetlb.c hugetlb_report_meminfo. */
export function procMeminfo(m: Machine): string {
  if (!m.rules.printsAsToday) return procMeminfo2007(m);
  const h = m.hstate;
  const count = (label: string, n: number): string =>
    `${`${label}:`.padEnd(19, ' ')}${ulongText(n).padStart(5, ' ')}\n`;
  return (
    kB('AnonHugePages', anonHugePages(m) * (PMD_SIZE / 1024)) +
    kB('ShmemHugePages', 0) +
    kB('ShmemPmdMapped', 0) +
    kB('FileHugePages', 0) +
    kB('FilePmdMapped', 0) +
    count('HugePages_Total', h.nr_huge_pages) +
    count('HugePages_Free', h.free_huge_pages) +
    count('HugePages_Rsvd', h.resv_huge_pages) +
    count('HugePages_Surp', h.surplus_huge_pages) +
    kB('Hugepagesize', PMD_SIZE / 1024) +
    kB('Hugetlb', (h.nr_huge_pages * PMD_SIZE) / 1024)
  );
}

/** Transparent huge pages that at least one PMD maps as a whole (Linux counts them in NR_ANON_THPS). */
function anonHugePages(m: Machine): number {
  const heads = new Set<number>();
  for (const task of m.tasks.values()) {
    for (const vma of task.mm.mm_mt) {
      walk_page_range(task.mm, vma.vm_start, vma.vm_end, (_address, entry, table) => {
        if (table.level !== PMD || (entry & _PAGE_SPECIAL) !== 0) return;
        if ((m.frames.flags(pte_pfn(entry)) & PG_hugetlb) === 0) heads.add(pte_pfn(entry));
      });
    }
  }
  return heads.size;
}
