/** What `expect` can look at: fields of `/proc` by their names there, and a few of the machine's own. */
import type { Machine } from '../engine/machine';
import {
  procMeminfo,
  procStatus,
  smap_gather_stats,
  vma_kernel_pagesize,
  vmaPerms,
  type mem_size_stats,
} from '../engine/fs/proc';
import type { Task, vm_area_struct } from '../engine/mm/mm_types';
import type { Outcome } from '../engine/operation';

export interface Field {
  /** What it is read from, and so which arguments it takes: an area's fields take an address in it, `areas` may take a range. */
  readonly of: 'meminfo' | 'status' | 'smaps' | 'areas' | 'outcome';
  /** A sentence for a person. */
  readonly meaning: string;
}

const field = (of: Field['of'], meaning: string): Field => ({ of, meaning });

export const FIELDS: Readonly<Record<string, Field>> = {
  HugePages_Total: field('meminfo', 'Huge pages that the pool holds, borrowed ones included.'),
  HugePages_Free: field('meminfo', 'Huge pages that nobody has taken; some may be reserved.'),
  HugePages_Rsvd: field('meminfo', 'Huge pages that are promised to a mapping but not taken yet.'),
  HugePages_Surp: field('meminfo', 'Huge pages borrowed beyond the pool’s size.'),
  Hugetlb: field('meminfo', 'Memory that the pool holds, KiB.'),
  VmPeak: field('status', 'Most address space that the process ever had, KiB.'),
  VmSize: field('status', 'Address space that the process has, KiB.'),
  VmLck: field('status', 'Locked memory, KiB.'),
  VmHWM: field('status', 'Most memory that was ever present, KiB.'),
  VmRSS: field('status', 'Memory that is present, the pool’s pages not counted, KiB.'),
  RssAnon: field('status', 'Anonymous memory that is present, KiB.'),
  RssFile: field('status', 'File pages that are present, KiB.'),
  RssShmem: field('status', 'Shared memory that is present, KiB.'),
  VmData: field('status', 'Private writable address space, KiB.'),
  VmStk: field('status', 'Address space of the stack, KiB.'),
  VmPTE: field('status', 'Memory of the page tables, the top one not counted, KiB.'),
  HugetlbPages: field('status', 'Huge pages of the pool that are present, KiB.'),
  Size: field('smaps', 'Size of the area, KiB.'),
  KernelPageSize: field('smaps', 'Size of its pages, KiB.'),
  Rss: field('smaps', 'What of the area is present, KiB.'),
  Pss: field('smaps', 'What is present, each page divided by how often it is mapped, KiB.'),
  Shared_Clean: field('smaps', 'Present pages that are mapped elsewhere too and unchanged, KiB.'),
  Shared_Dirty: field('smaps', 'Present pages that are mapped elsewhere too and changed, KiB.'),
  Private_Clean: field('smaps', 'Present pages mapped here only and unchanged, KiB.'),
  Private_Dirty: field('smaps', 'Present pages mapped here only and changed, KiB.'),
  Referenced: field('smaps', 'Present pages that were touched, KiB.'),
  Anonymous: field('smaps', 'Present pages that belong to no file, KiB.'),
  AnonHugePages: field('smaps', 'Present as transparent huge pages, KiB.'),
  Shared_Hugetlb: field('smaps', 'Huge pages of the pool mapped elsewhere too, KiB.'),
  Private_Hugetlb: field('smaps', 'Huge pages of the pool mapped here only, KiB.'),
  Locked: field('smaps', 'Present and locked, KiB.'),
  perms: field('smaps', 'What may be done with the area, as in `maps`: rw-p.'),
  areas: field('areas', 'How many areas the process has, or has in a range.'),
  minflt: field('outcome', 'Page faults that the call above took.'),
};

export const FIELD_NAMES: readonly string[] = Object.keys(FIELDS);

export const fieldShape = (name: string): Field | undefined => (Object.hasOwn(FIELDS, name) ? FIELDS[name] : undefined);

const SMAPS: Readonly<Record<string, (mss: mem_size_stats) => number>> = {
  Rss: (mss) => mss.resident,
  Pss: (mss) => Math.floor(mss.pss / 4096),
  Shared_Clean: (mss) => mss.shared_clean,
  Shared_Dirty: (mss) => mss.shared_dirty,
  Private_Clean: (mss) => mss.private_clean,
  Private_Dirty: (mss) => mss.private_dirty,
  Referenced: (mss) => mss.referenced,
  Anonymous: (mss) => mss.anonymous,
  AnonHugePages: (mss) => mss.anonymous_thp,
  Shared_Hugetlb: (mss) => mss.shared_hugetlb,
  Private_Hugetlb: (mss) => mss.private_hugetlb,
  Locked: (mss) => Math.floor(mss.pss_locked / 4096),
};

/** The number behind a label of `status` or `meminfo`. */
function labelled(text: string, label: string): number | undefined {
  const line = text.split('\n').find((one) => one.startsWith(`${label}:`));
  return line === undefined ? undefined : Number.parseInt(line.slice(label.length + 1), 10);
}

function areaAt(task: Task, address: number): vm_area_struct | undefined {
  for (const vma of task.mm.mm_mt) {
    if (vma.vm_end > address) return vma.vm_start <= address ? vma : undefined;
  }
  return undefined;
}

function countAreas(task: Task, start: number, end: number): number {
  let n = 0;
  for (const vma of task.mm.mm_mt) if (vma.vm_end > start && vma.vm_start < end) n++;
  return n;
}

/**
 * What a field of process `who` says now. `args` are numbers: none, an address, or an address and a length. The answer is
 * a number (KiB where `/proc` says kB), the permissions as text, or words that say why there is none.
 */
export function readField(
  machine: Machine,
  who: number,
  name: string,
  args: readonly number[],
  outcome: Outcome | null,
): number | string {
  const of = fieldShape(name)?.of;
  if (of === 'outcome') return outcome === null ? 'the call did not run' : outcome.minflt;
  if (of === 'meminfo') return labelled(procMeminfo(machine), name) ?? 'no such field';
  const task = machine.tasks.get(who);
  if (task === undefined) return 'the process is gone';
  if (of === 'status') return labelled(procStatus(task), name) ?? 'no such field';
  if (of === 'areas')
    return args.length === 0 ? task.mm.map_count : countAreas(task, args[0], args[0] + (args[1] ?? 1));
  const vma = areaAt(task, args[0]);
  if (vma === undefined) return 'no area there';
  if (name === 'perms') return vmaPerms(vma.vm_flags);
  if (name === 'Size') return (vma.vm_end - vma.vm_start) / 1024;
  if (name === 'KernelPageSize') return vma_kernel_pagesize(vma) / 1024;
  return Math.floor(SMAPS[name](smap_gather_stats(vma)) / 1024);
}
