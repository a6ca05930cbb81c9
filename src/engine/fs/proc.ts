/** `/proc/PID/maps`, `smaps`, the memory lines of `status`, and those of `meminfo` that speak of huge pages. Linux: fs/proc/. */
import { hex, PAGE_SIZE, PMD_SIZE, roundDown, roundUp, ulongText } from '../../base/units';
import { is_hugetlb } from '../designs/design';
import type { Machine } from '../machine';
import type { mm_struct, Task, vm_area_struct } from '../mm/mm_types';
import { PG_anon, PG_dirty, PG_hugetlb, PG_swapbacked } from '../mm/page_alloc';
import { walk_page_range } from '../mm/pagewalk';
import { _PAGE_ACCESSED, _PAGE_DIRTY, _PAGE_SPECIAL, LEVEL_SIZE, PMD, PTE, pte_pfn } from '../mm/pgtable';
import {
  VM_EXEC,
  VM_FLAG_CODES,
  VM_HUGEPAGE,
  VM_LOCKED,
  VM_MAYSHARE,
  VM_NOHUGEPAGE,
  VM_READ,
  VM_SPECIAL,
  VM_WRITE,
} from '../mm/vm_flags';

/** What an area holds, in bytes; shares of pages that several map are fractions. Linux: struct mem_size_stats. */
export interface mem_size_stats {
  resident: number;
  shared_clean: number;
  shared_dirty: number;
  private_clean: number;
  private_dirty: number;
  referenced: number;
  anonymous: number;
  lazyfree: number;
  anonymous_thp: number;
  shared_hugetlb: number;
  private_hugetlb: number;
  /** In 1/4096 bytes, as the kernel keeps them. */
  pss: number;
  pss_dirty: number;
  pss_locked: number;
}

const PSS_SHIFT = 12;

/** How many mappings the page at `pfn` has, a transparent huge page's own included. Linux: folio_precise_page_mapcount. */
export function pageMapcount(m: Machine, pfn: number): number {
  const head = m.frames.compound_head(pfn);
  return m.frames.mapcount(pfn) + (m.frames.order(pfn) > 0 ? m.frames.entireMapcount(head) : 0);
}

/** Linux: fs/proc/task_mmu.c smap_gather_stats. */
export function smap_gather_stats(vma: vm_area_struct): mem_size_stats {
  const m = vma.vm_mm.machine;
  const frames = m.frames;
  const mss: mem_size_stats = {
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
  const huge = is_hugetlb(m, vma, 'smaps');
  const locked = (vma.vm_flags & VM_LOCKED) !== 0;
  walk_page_range(vma.vm_mm, vma.vm_start, vma.vm_end, (_address, entry, table) => {
    if ((entry & _PAGE_SPECIAL) !== 0) return;
    const first = pte_pfn(entry);
    if (huge) {
      if (frames.mapcount(first) > 1 || table.share_count > 1) mss.shared_hugetlb += PMD_SIZE;
      else mss.private_hugetlb += PMD_SIZE;
      return;
    }
    const n = LEVEL_SIZE[table.level]! / PAGE_SIZE;
    const head = frames.compound_head(first);
    const flags = frames.flags(head);
    const dirty = (entry & _PAGE_DIRTY) !== 0 || (flags & PG_dirty) !== 0;
    mss.resident += n * PAGE_SIZE;
    if ((entry & _PAGE_ACCESSED) !== 0) mss.referenced += n * PAGE_SIZE;
    if ((flags & PG_anon) !== 0) {
      mss.anonymous += n * PAGE_SIZE;
      if ((flags & PG_swapbacked) === 0 && !dirty) mss.lazyfree += n * PAGE_SIZE;
      if (table.level !== PTE) mss.anonymous_thp += n * PAGE_SIZE;
    }
    for (let i = 0; i < n; i++) {
      const mapcount = pageMapcount(m, first + i);
      let pss = PAGE_SIZE << PSS_SHIFT;
      if (mapcount >= 2) pss = Math.floor(pss / mapcount);
      mss.pss += pss;
      if (locked) mss.pss_locked += pss;
      if (dirty) mss.pss_dirty += pss;
      if (mapcount >= 2) {
        if (dirty) mss.shared_dirty += PAGE_SIZE;
        else mss.shared_clean += PAGE_SIZE;
      } else if (dirty) mss.private_dirty += PAGE_SIZE;
      else mss.private_clean += PAGE_SIZE;
    }
  });
  return mss;
}

/** KiB of a figure kept in 1/4096 bytes. */
export const pssKiB = (pss: number): number => Math.floor(pss / (1 << PSS_SHIFT) / 1024);

/** Bytes of one page of the area. Linux: vma_kernel_pagesize. */
export const vma_kernel_pagesize = (vma: vm_area_struct): number =>
  vma.vm_ops !== null && vma.vm_ops.pagesize !== undefined ? vma.vm_ops.pagesize(vma) : PAGE_SIZE;

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

/** `rwxp` or `rwxs`, with `-` for what is not allowed. */
export const vmaPerms = (flags: number): string =>
  ((flags & VM_READ) !== 0 ? 'r' : '-') +
  ((flags & VM_WRITE) !== 0 ? 'w' : '-') +
  ((flags & VM_EXEC) !== 0 ? 'x' : '-') +
  ((flags & VM_MAYSHARE) !== 0 ? 's' : 'p');

/** The two-letter codes of the flags, in Linux's order, separated by spaces. */
export function vmFlagCodes(flags: number): string {
  let text = '';
  for (const [bit, code] of VM_FLAG_CODES) if ((flags & bit) !== 0) text += text === '' ? code : ` ${code}`;
  return text;
}

const DEVICES = { file: 'fe:00', shmem: '00:01', hugetlb: '00:10', device: '00:06', zero: '00:06' } as const;
/** Inode numbers are made up, and stay with the file. */
const FIRST_INODE = 1024;
/** Column at which names stand. */
const NAME_COLUMN = 73;

/** Linux: fs/proc/task_mmu.c show_map_vma. Without a line end. */
function mapsLine(vma: vm_area_struct): string {
  const f = vma.vm_file;
  const offset = f === null ? 0 : vma.vm_pgoff * PAGE_SIZE;
  const device = f === null ? '00:00' : DEVICES[f.inode.kind];
  const number = f === null ? 0 : FIRST_INODE + f.inode.id;
  return headerLine(vma.vm_start, vma.vm_end, vmaPerms(vma.vm_flags), offset, device, number, get_vma_name(vma));
}

const wide = (x: number): string => hex(x).padStart(8, '0');

function headerLine(
  start: number,
  end: number,
  perms: string,
  offset: number,
  device: string,
  inode: number,
  name: string,
): string {
  const front = `${wide(start)}-${wide(end)} ${perms} ${wide(offset)} ${device} ${inode} `;
  return name === '' ? front : front.padEnd(NAME_COLUMN, ' ') + name;
}

const VSYSCALL_START = 0xffffffffff600000;
/** The gate area above user space that every process shows and none has. */
const VSYSCALL = headerLine(VSYSCALL_START, VSYSCALL_START + PAGE_SIZE, '--xp', 0, '00:00', 0, '[vsyscall]');

/** `/proc/PID/maps`, or its first `most` areas where it has more. */
export function procMaps(task: Task, most = Infinity): string {
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

/** `/proc/PID/smaps`, or its first `most` areas where it has more. */
export function procSmaps(task: Task, most = Infinity): string {
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
