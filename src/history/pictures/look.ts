/** What every picture needs to know of a scene: names, colours, labels, what a promise is, what changed where. */
import { PAGE_SIZE, PMD_SIZE, sizeText } from '../../base/units';
import { Ev } from '../../engine/events';
import { get_vma_name, vma_kernel_pagesize } from '../../engine/fs/proc';
import type { Machine } from '../../engine/machine';
import type { inode, mm_struct, resv_map, vm_area_struct } from '../../engine/mm/mm_types';
import { LEVEL_SIZE, PGD, PTE, table_index, type Table } from '../../engine/mm/pgtable';
import { VM_EXEC, VM_HUGETLB, VM_MAYSHARE, VM_WRITE } from '../../engine/mm/vm_flags';
import type { Slot } from '../picture';
import type { Binding } from '../names';
import type { Scene } from '../run';

/** Name and colour of an area, and where the named mapping that it belongs to began. */
export interface Title {
  readonly name: string;
  readonly slot: Slot;
  readonly base: number;
}

export const mmOf = (m: Machine, who: number): mm_struct | null => m.tasks.get(who)?.mm ?? null;

/** Operation count by which a machine of the scene knows its names. */
export const nameTime = (scene: Scene, m: Machine): number => (m === scene.now ? scene.k : scene.k - 1);

export function titleOf(scene: Scene, vma: vm_area_struct, k: number): Title {
  const path = get_vma_name(vma);
  if (path.startsWith('[')) return { name: path, slot: 0, base: vma.vm_start };
  const binding = bindingOf(scene, vma, k);
  if (binding !== null) {
    return {
      name: binding.name === '' ? fallbackName(vma, path) : binding.name,
      slot: binding.slot,
      base: binding.start,
    };
  }
  return { name: fallbackName(vma, path), slot: 0, base: vma.vm_start };
}

/** The oldest name that reaches into the area: one that grew or took a neighbour in keeps its name and colour. */
function bindingOf(scene: Scene, vma: vm_area_struct, k: number): Binding | null {
  const who = vma.vm_mm.id;
  const low = scene.names.lookup(vma.vm_start, who, k);
  if (low !== null && low.end >= vma.vm_end && low.start <= vma.vm_start) return low;
  const high = scene.names.lookup(vma.vm_end - 1, who, k);
  if (low === null || high === null) return low ?? high;
  return high.k < low.k ? high : low;
}

/** What an area without a name in the scenario is called: the part of the program that it is, its file, or `anon`. */
function fallbackName(vma: vm_area_struct, path: string): string {
  const file = vma.vm_file;
  if (file === null) return vma.vm_end <= vma.vm_mm.start_brk ? 'bss' : 'anon';
  if (file.inode.kind !== 'file') return path.slice(path.lastIndexOf('/') + 1);
  if ((vma.vm_flags & VM_EXEC) !== 0) return 'text';
  if (vma.vm_mm.start_code !== 0 && vma.vm_start < vma.vm_mm.start_brk)
    return (vma.vm_flags & VM_WRITE) !== 0 ? 'data' : 'rodata';
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Whether the area belongs to the program, and nothing in the whole run acts on it. */
export const isUntouched = (scene: Scene, vma: vm_area_struct): boolean =>
  !scene.run.touched.reaches(vma) && titleOf(scene, vma, scene.k).slot === 0;

/**
 * What a page is called: by its owner's name too (`child’s a`), where only one process maps it and another has a mapping of
 * that name: after a copy both would be called the same.
 */
export function ownedBy(
  scene: Scene,
  vma: vm_area_struct,
  label: string,
  sharers: readonly number[],
  m: Machine = scene.now,
): string {
  if (sharers.length !== 1 || m.tasks.size < 2) return label;
  const k = nameTime(scene, m);
  const binding = bindingOf(scene, vma, k);
  if (binding === null) return label;
  for (const task of m.tasks.values()) {
    if (task.mm.id === vma.vm_mm.id) continue;
    const twin = task.mm.mm_mt.find(vma.vm_start);
    if (twin !== null && twin.vm_start < vma.vm_end && bindingOf(scene, twin, k) === binding)
      return `${scene.names.processName(sharers[0]!)}’s ${label}`;
  }
  return label;
}

/** `a+2M` for an address within a mapping called `a`; the bare name at its start. */
export function labelAt(title: Title, address: number): string {
  const offset = address - title.base;
  if (offset === 0) return title.name;
  return offset > 0 ? `${title.name}+${sizeText(offset)}` : title.name;
}

export const isHugetlb = (vma: vm_area_struct): boolean =>
  (vma.vm_flags & VM_HUGETLB) !== 0 || vma.vm_ops?.backing === 'hugetlb';

/** Index of `address` in the reservation map that speaks for the area, in huge pages. */
const hugeIndex = (vma: vm_area_struct, address: number): number =>
  Math.floor((address - vma.vm_start) / PMD_SIZE) + Math.floor((vma.vm_pgoff * PAGE_SIZE) / PMD_SIZE);

export function inRegions(map: resv_map, index: number): boolean {
  return map.regions.some((r) => r.from <= index && index < r.to);
}

/** Whether the huge page at `address` of the area was promised at mmap and is not taken yet. */
export function isPromised(vma: vm_area_struct, address: number): boolean {
  const index = hugeIndex(vma, address);
  if ((vma.vm_flags & VM_MAYSHARE) !== 0) {
    const inode = vma.vm_file?.inode;
    if (inode === undefined || inode.resv === null) return false;
    return inRegions(inode.resv, index) && inode.i_mapping.i_pages.get(index) === 0;
  }
  // A private owner's map holds what was consumed.
  return vma.resv_owner && vma.resv_map !== null && !inRegions(vma.resv_map, index);
}

/** Pages of the pool that the area was promised and has not taken. */
export function promisedPages(vma: vm_area_struct): number {
  if (!isHugetlb(vma)) return 0;
  const size = vma_kernel_pagesize(vma);
  if (size !== PMD_SIZE) return 0;
  const from = hugeIndex(vma, vma.vm_start);
  const to = from + (vma.vm_end - vma.vm_start) / PMD_SIZE;
  if ((vma.vm_flags & VM_MAYSHARE) !== 0) {
    const inode = vma.vm_file?.inode;
    if (inode === undefined || inode.resv === null) return 0;
    const taken = inode.i_mapping.i_pages;
    let n = 0;
    for (const r of inode.resv.regions) {
      const a = Math.max(from, r.from);
      const b = Math.min(to, r.to);
      if (a >= b) continue;
      n += b - a;
      if (taken.size > 0) taken.forEach(a, b, () => n--);
    }
    return n;
  }
  if (!vma.resv_owner || vma.resv_map === null) return 0;
  let n = to - from;
  for (const r of vma.resv_map.regions) n -= Math.max(0, Math.min(to, r.to) - Math.max(from, r.from));
  return n;
}

/** What is present in a range. */
export interface Tally {
  bytes: number;
  /** Leaves of 4 KiB, and leaves above. */
  small: number;
  huge: number;
}

/** Counts what is present in `[start, end)`; tables that lie wholly inside cost one step. */
export function tally(mm: mm_struct, start: number, end: number): Tally {
  const sum = { bytes: 0, small: 0, huge: 0 };
  count(mm.pgd, PGD, start, end, sum);
  return sum;
}

function count(table: Table, level: number, start: number, end: number, sum: Tally): void {
  const size = LEVEL_SIZE[level]!;
  if (level === PTE) {
    if (end - start === size * 512) {
      sum.small += table.used;
      sum.bytes += table.used * size;
      return;
    }
    const from = table_index(start, PTE);
    const to = from + Math.ceil((end - start) / size);
    const entries = table.entries;
    let n = 0;
    for (let i = from; i < to; i++) if (entries[i] !== 0) n++;
    sum.small += n;
    sum.bytes += n * size;
    return;
  }
  if (table.used === 0) return;
  let index = table_index(start, level);
  for (let at = start - (start % size); at < end; at += size, index++) {
    const entry = table.entries[index]!;
    if (entry !== 0) {
      sum.huge++;
      sum.bytes += Math.min(end, at + size) - Math.max(start, at);
      continue;
    }
    const lower = table.down![index]!;
    if (lower !== null) count(lower, level - 1, Math.max(at, start), Math.min(at + size, end), sum);
  }
}

/** Addresses whose entries changed in this step, by process: as far as events were kept. */
export function touchedAddresses(scene: Scene, who: number): number[] {
  const { from, to } = stepEvents(scene);
  const found: number[] = [];
  for (let i = from; i < to; i++) {
    const kind = scene.recording.kind(i);
    if ((kind === Ev.EntrySet || kind === Ev.EntryClear) && scene.recording.operand(i, 0) === who)
      found.push(scene.recording.operand(i, 2));
  }
  return found;
}

/** The kept events of this step: of the whole operation, or since the stop before. */
export function stepEvents(scene: Scene): { from: number; to: number } {
  const { recording, event } = scene;
  if (event === null) return { from: 0, to: recording.kept };
  return { from: Math.min(recording.kept, recording.stopBefore(event) ?? 0), to: Math.min(recording.kept, event) };
}

/** Every inode that a process, an area or a name reaches. */
export function inodesOf(m: Machine): Map<number, inode> {
  const found = new Map<number, inode>();
  for (const inode of m.names.values()) found.set(inode.id, inode);
  for (const task of m.tasks.values()) {
    for (const file of task.files) if (file !== null) found.set(file.inode.id, file.inode);
    let last: inode | null = null;
    for (const vma of task.mm.mm_mt) {
      const inode = vma.vm_file?.inode ?? null;
      if (inode === null || inode === last) continue;
      found.set(inode.id, inode);
      last = inode;
    }
  }
  return found;
}

/** The area with this id, in whichever process; null where there is none. */
export function areaById(m: Machine, id: number): vm_area_struct | null {
  for (const task of m.tasks.values()) for (const vma of task.mm.mm_mt) if (vma.id === id) return vma;
  return null;
}
