/**
 * What can be seen of an operation without asking the code that tells of it: the machine before and after, read by the
 * texts of `/proc` and by walking the page tables once more.
 */
import { procMaps, procMeminfo, procSmaps, procStatus, vmFlagCodes } from '../../../../src/engine/fs/proc';
import type { Machine } from '../../../../src/engine/machine';
import type { mm_struct, vm_area_struct } from '../../../../src/engine/mm/mm_types';
import { PG_anon } from '../../../../src/engine/mm/page_alloc';
import type { Table } from '../../../../src/engine/mm/pgtable';
import type { Operation, OperationName, Outcome } from '../../../../src/engine/operation';
import type { Scene } from '../../../../src/history/run';
import { isRefused } from '../../../../src/history/source';

export const PAGE = 4096;
export const BLOCK = 2 << 20;
const USER_END = 0x7ffffffff000;

/** One leaf of the page tables. */
export interface Leaf {
  readonly address: number;
  /** Bytes that it maps. */
  readonly bytes: number;
  readonly pfn: number;
  readonly writable: boolean;
  /** The shared page of zeroes, an anonymous page, or a page of a file. */
  readonly kind: 'zero' | 'anonymous' | 'file';
}

/** A machine at one moment. */
export class Look {
  constructor(
    readonly machine: Machine,
    readonly who: number,
  ) {}

  get mm(): mm_struct | undefined {
    return this.machine.tasks.get(this.who)?.mm;
  }

  get alive(): boolean {
    return this.machine.tasks.has(this.who);
  }

  area(address: number): vm_area_struct | null {
    return this.mm?.mm_mt.lookup(address) ?? null;
  }

  /** Areas that reach into `[start, end)`, ascending. */
  areas(start = 0, end = Infinity): vm_area_struct[] {
    return [...(this.mm?.mm_mt ?? [])].filter((vma) => vma.vm_start < end && vma.vm_end > start);
  }

  byId(id: number): vm_area_struct | null {
    for (const task of this.machine.tasks.values()) for (const vma of task.mm.mm_mt) if (vma.id === id) return vma;
    return null;
  }

  /** Present leaves of `[start, end)`. */
  leaves(start: number, end: number): Leaf[] {
    const found: Leaf[] = [];
    const { frames } = this.machine;
    const visit = (table: Table, base: number): void => {
      const bytes = PAGE * 512 ** (table.level - 1);
      const first = Math.max(0, Math.floor((start - base) / bytes));
      const last = Math.min(511, Math.ceil((end - base) / bytes) - 1);
      for (let i = first; i <= last; i++) {
        const address = base + i * bytes;
        const entry = table.entries[i]!;
        if ((entry & 0x21) !== 0) {
          const pfn = entry >>> 8;
          const anonymous = (frames.flags(frames.compound_head(pfn)) & PG_anon) !== 0;
          const kind = (entry & 0x40) !== 0 ? 'zero' : anonymous ? 'anonymous' : 'file';
          found.push({ address, bytes, pfn, writable: (entry & 2) !== 0, kind });
        } else if (entry === 0) {
          const lower = table.level === 1 ? null : table.down![i]!;
          if (lower !== null) visit(lower, address);
        }
      }
    };
    if (this.mm !== undefined && end > start) visit(this.mm.pgd, 0);
    return found;
  }

  page(address: number): Leaf | null {
    return this.leaves(address, address + 1)[0] ?? null;
  }

  /** Bytes of pages present in the range. */
  present(start: number, end: number): number {
    return this.leaves(start, end).reduce(
      (sum, leaf) => sum + Math.min(end, leaf.address + leaf.bytes) - Math.max(start, leaf.address),
      0,
    );
  }

  /** A field of `/proc/PID/status`, in kB. */
  status(name: string): number {
    const task = this.machine.tasks.get(this.who);
    return task === undefined ? 0 : Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(procStatus(task))?.[1] ?? NaN);
  }

  /** A counter of the pool as `/proc/meminfo` prints it; one below zero as that. */
  pool(name: string): number {
    const text = new RegExp(`^HugePages_${name}:\\s+(\\d+)`, 'm').exec(procMeminfo(this.machine))?.[1] ?? '';
    const value = BigInt(text);
    return Number(BigInt.asIntN(64, value));
  }

  /** Huge pages in use. */
  get taken(): number {
    return this.pool('Total') - this.pool('Free');
  }

  /** The permissions of an address as `/proc/PID/maps` prints them; '' where nothing is mapped. */
  perms(address: number): string {
    for (const line of this.maps().split('\n')) {
      const [, start, end, perms] = /^([0-9a-f]+)-([0-9a-f]+) (....)/.exec(line) ?? [];
      if (start !== undefined && address >= parseInt(start, 16) && address < parseInt(end!, 16)) return perms!;
    }
    return '';
  }

  maps(): string {
    const task = this.machine.tasks.get(this.who);
    return task === undefined ? '' : procMaps(task);
  }

  /** Areas as `/proc/PID/maps` lists them, without the page at the end that is the kernel's. */
  get count(): number {
    return this.maps()
      .split('\n')
      .filter((line) => line !== '' && !line.endsWith('[vsyscall]')).length;
  }

  /** The two-letter flags that `/proc/PID/smaps` prints of the area at an address. */
  flags(address: number): readonly string[] {
    const task = this.machine.tasks.get(this.who);
    if (task === undefined) return [];
    // 2.6.20 printed no flags: its smaps said of huge areas nothing but zeroes.
    if (!this.machine.rules.printsAsToday) return vmFlagCodes(this.area(address)?.vm_flags ?? 0).split(' ');
    let here = false;
    for (const line of procSmaps(task).split('\n')) {
      const range = /^([0-9a-f]+)-([0-9a-f]+) /.exec(line);
      if (range) here = address >= parseInt(range[1]!, 16) && address < parseInt(range[2]!, 16);
      else if (here && line.startsWith('VmFlags:')) return line.slice(8).trim().split(/\s+/);
    }
    return [];
  }

  /** Tables of the process, the top one too. */
  tables(): number {
    return this.status('VmPTE') / 4;
  }

  /** Free stretches below `top`, highest first. */
  gaps(top: number): { start: number; end: number }[] {
    const found: { start: number; end: number }[] = [];
    let end = top;
    for (const vma of this.areas().reverse()) {
      if (vma.vm_end < end) found.push({ start: vma.vm_end, end });
      end = Math.min(end, vma.vm_start);
    }
    if (end > 0x10000) found.push({ start: 0x10000, end });
    return found;
  }
}

export class Facts {
  readonly op: OperationName;
  readonly args: readonly number[];
  readonly who: number;
  readonly out: Outcome;
  readonly was: Look;
  readonly now: Look;
  readonly operation: Operation;

  constructor(readonly scene: Scene) {
    const operation = scene.run.log.operation(scene.k - 1);
    if (isRefused(operation)) throw new Error('a step that was refused did nothing');
    this.operation = operation;
    this.op = operation.op;
    this.args = operation.args;
    this.who = operation.who;
    this.out = scene.run.log.outcome(scene.k - 1);
    this.was = new Look(scene.was, this.who);
    this.now = new Look(scene.now, this.who);
  }

  arg(n: number): number {
    return this.args[n] ?? 0;
  }

  /** The range that the first two arguments ask for, the end rounded up to a page. */
  get range(): readonly [start: number, end: number] {
    return [this.arg(0), this.arg(0) + Math.ceil(this.arg(1) / PAGE) * PAGE];
  }

  /** Whether nothing that `/proc/PID/maps` shows has changed. */
  get sameMaps(): boolean {
    return this.was.maps() === this.now.maps();
  }

  /** The same, where a file that lost its name is the same file. */
  get sameMapsButNames(): boolean {
    const plain = (text: string): string => text.replaceAll(' (deleted)', '').replaceAll(/ +\n/g, '\n');
    return plain(this.was.maps()) === plain(this.now.maps());
  }

  get userEnd(): number {
    return USER_END;
  }

  /** How much a counter of the pool rose. */
  rise(name: string): number {
    return this.now.pool(name) - this.was.pool(name);
  }

  /** The file behind a descriptor before the operation: its kind, '' for none. */
  fileKind(fd: number): string {
    return this.scene.was.tasks.get(this.who)?.files[fd]?.inode.kind ?? '';
  }
}

/** Bytes of `64K`, `2M`, `4097`. */
export function bytesOf(text: string): number {
  const [, number, unit] = /^(\d+)([KMGTP]?)$/.exec(text) ?? [];
  if (number === undefined) throw new Error(`${text} is no size`);
  return Number(number) * 1024 ** ('KMGTP'.indexOf(unit === '' ? '?' : unit!) + 1);
}
