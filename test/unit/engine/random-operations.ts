/** Draws operations as the recorder does (test/oracle/record.py): from what is mapped now, so that most of them hit something. */
import { seededRandom } from '../../../src/base/random';
import { vma_kernel_pagesize } from '../../../src/engine/fs/proc';
import type { Machine } from '../../../src/engine/machine';
import type { vm_area_struct } from '../../../src/engine/mm/mm_types';
import { VM_GROWSDOWN } from '../../../src/engine/mm/vm_flags';
import type { Operation, OperationName } from '../../../src/engine/operation';
import * as uapi from '../../../src/engine/uapi';

const PAGE = 4096;
const HUGE = 2 << 20;
const GIANT = 2 ** 30;

type Weights = Readonly<Record<string, number>>;

/** What one kind of random sequence is made of. */
export interface Kind {
  /** How often each kind of mapping is made. */
  readonly maps: Weights;
  readonly ops: Weights;
  readonly advice?: Weights;
  /** Flags added to mmap, with their chance. */
  readonly extra?: Weights;
  readonly pool?: readonly number[];
  readonly overcommit?: readonly number[];
  /** Mappings large enough for transparent huge pages. */
  readonly big?: boolean;
  /** Shared huge mappings of 1 GiB, whose page tables processes share. */
  readonly giant?: boolean;
  /** Files are ordinary ones. */
  readonly regular?: boolean;
  /** Chance that a memfd is of huge pages. */
  readonly memfdHuge?: number;
}

const BASIC = { mmap: 5, munmap: 3, mprotect: 2, read: 3, write: 5 };
const ADVICE = {
  DONTNEED: 4,
  FREE: 1,
  DONTFORK: 1,
  DOFORK: 1,
  NORMAL: 1,
  RANDOM: 1,
  SEQUENTIAL: 1,
  DONTDUMP: 1,
  DODUMP: 1,
  POPULATE_READ: 1,
  POPULATE_WRITE: 1,
  WILLNEED: 0.5,
  WIPEONFORK: 0.5,
  KEEPONFORK: 0.5,
  REMOVE: 0.5,
};

export const KINDS: Readonly<Record<string, Kind>> = {
  anon: { maps: { anon: 3, 'anon-shared': 2 }, ops: { ...BASIC, madvise: 2, mremap: 2, mincore: 0.3 }, advice: ADVICE },
  fork: { maps: { anon: 3, 'anon-shared': 1 }, ops: { ...BASIC, fork: 1, exit: 0.3, madvise: 1 }, advice: ADVICE },
  lock: {
    maps: { anon: 3, 'anon-shared': 1, huge: 1 },
    ops: { ...BASIC, mlock: 1.5, munlock: 1, mlock2: 0.5, mlockall: 0.1, munlockall: 0.1, fork: 0.3 },
    extra: { LOCKED: 0.1, POPULATE: 0.1 },
    pool: [4],
  },
  grow: { maps: { anon: 1 }, ops: { ...BASIC, brk: 2 }, extra: { GROWSDOWN: 0.5, STACK: 0.2 } },
  thp: {
    maps: { anon: 4 },
    ops: { ...BASIC, madvise: 3, fork: 0.4, exit: 0.2, mremap: 1, mlock: 0.2 },
    advice: { HUGEPAGE: 5, NOHUGEPAGE: 1, DONTNEED: 2, FREE: 1 },
    big: true,
  },
  file: {
    maps: { file: 4, 'file-shared': 3, anon: 1 },
    ops: {
      ...BASIC,
      open: 1,
      ftruncate: 0.4,
      close: 0.2,
      fork: 0.3,
      msync: 0.2,
      mincore: 0.2,
      madvise: 0.5,
      fallocate: 0.2,
    },
    advice: { DONTNEED: 3, POPULATE_READ: 1, POPULATE_WRITE: 1, NORMAL: 1 },
    regular: true,
  },
  memfd: {
    maps: { file: 2, 'file-shared': 4, anon: 1 },
    ops: { ...BASIC, memfd: 1.5, ftruncate: 1, fallocate: 0.6, close: 0.2, fork: 0.2, exit: 0.1, madvise: 0.5 },
    advice: { DONTNEED: 3, REMOVE: 2, POPULATE_WRITE: 1 },
  },
  huge: {
    maps: { huge: 3, 'huge-shared': 2, anon: 1 },
    ops: { ...BASIC, fork: 1, exit: 0.3, pool: 0.7, mremap: 1, madvise: 1, mlock: 0.2 },
    advice: { DONTNEED: 4, DONTFORK: 1, NORMAL: 1, POPULATE_WRITE: 1, POPULATE_READ: 1, REMOVE: 0.5 },
    extra: { NORESERVE: 0.1, POPULATE: 0.05 },
    pool: [4, 8, 16],
    overcommit: [0, 0, 2],
  },
  'huge-file': {
    maps: { 'huge-file': 3, 'huge-file-shared': 4, anon: 1 },
    ops: {
      ...BASIC,
      open: 1.5,
      ftruncate: 1,
      fallocate: 0.6,
      close: 0.2,
      fork: 0.5,
      exit: 0.2,
      madvise: 0.5,
      mremap: 0.5,
    },
    advice: { DONTNEED: 3, REMOVE: 2, POPULATE_WRITE: 1 },
    extra: { NORESERVE: 0.1 },
    pool: [6, 10, 16],
  },
  'huge-giant': {
    maps: { 'huge-file-shared': 5, 'huge-file': 1, anon: 1 },
    ops: { ...BASIC, open: 1.5, fork: 0.6, exit: 0.2, ftruncate: 0.3, mremap: 0.3 },
    extra: { NORESERVE: 0.9 },
    pool: [16],
    giant: true,
  },
  everything: {
    maps: { anon: 4, 'anon-shared': 2, huge: 3, 'huge-shared': 2, 'huge-file-shared': 1, 'huge-file': 1 },
    ops: {
      ...BASIC,
      mremap: 1,
      madvise: 1,
      fork: 0.5,
      exit: 0.2,
      open: 0.4,
      ftruncate: 0.3,
      mlock: 0.4,
      munlock: 0.3,
      pool: 0.3,
      memfd: 0.2,
      mincore: 0.2,
      msync: 0.1,
      brk: 0.2,
    },
    advice: { ...ADVICE, HUGEPAGE: 1 },
    extra: { NORESERVE: 0.1, POPULATE: 0.05, LOCKED: 0.03 },
    pool: [4, 8, 16],
    overcommit: [0, 0, 2],
    memfdHuge: 0.5,
  },
};

const ADVICE_NUMBERS: Readonly<Record<string, number>> = {
  NORMAL: uapi.MADV_NORMAL,
  RANDOM: uapi.MADV_RANDOM,
  SEQUENTIAL: uapi.MADV_SEQUENTIAL,
  WILLNEED: uapi.MADV_WILLNEED,
  DONTNEED: uapi.MADV_DONTNEED,
  FREE: uapi.MADV_FREE,
  REMOVE: uapi.MADV_REMOVE,
  DONTFORK: uapi.MADV_DONTFORK,
  DOFORK: uapi.MADV_DOFORK,
  HUGEPAGE: uapi.MADV_HUGEPAGE,
  NOHUGEPAGE: uapi.MADV_NOHUGEPAGE,
  DONTDUMP: uapi.MADV_DONTDUMP,
  DODUMP: uapi.MADV_DODUMP,
  WIPEONFORK: uapi.MADV_WIPEONFORK,
  KEEPONFORK: uapi.MADV_KEEPONFORK,
  POPULATE_READ: uapi.MADV_POPULATE_READ,
  POPULATE_WRITE: uapi.MADV_POPULATE_WRITE,
};

const FLAG_NUMBERS: Readonly<Record<string, number>> = {
  NORESERVE: uapi.MAP_NORESERVE,
  LOCKED: uapi.MAP_LOCKED,
  POPULATE: uapi.MAP_POPULATE,
  GROWSDOWN: uapi.MAP_GROWSDOWN,
  STACK: uapi.MAP_STACK,
};

const MAX_PROCESSES = 4;

/** Draws one operation after another for a machine; the same seed and the same machine give the same sequence. */
export class RandomOperations {
  private readonly random: () => number;
  private used = 1;

  constructor(
    private readonly m: Machine,
    private readonly kind: Kind,
    seed: number,
  ) {
    this.random = seededRandom(seed);
  }

  /** The operation that sets the pool up. */
  first(): Operation {
    return { who: 0, op: 'pool', args: [this.pick(this.kind.pool ?? [0]), this.pick(this.kind.overcommit ?? [0])] };
  }

  next(): Operation {
    for (;;) {
      const who = this.pick([...this.m.tasks.keys()]);
      const op = this.weighted(this.kind.ops) as OperationName;
      const drawn = this.draw(who, op);
      if (drawn !== null) return drawn;
    }
  }

  private below(n: number): number {
    return Math.floor(this.random() * n);
  }

  private pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!;
  }

  private weighted(weights: Weights): string {
    let at = this.random() * Object.values(weights).reduce((a, b) => a + b, 0);
    for (const [name, weight] of Object.entries(weights)) if ((at -= weight) < 0) return name;
    return Object.keys(weights)[0]!;
  }

  /** The areas that the sequence itself has made. */
  private areas(who: number): vm_area_struct[] {
    return [...this.m.tasks.get(who)!.mm.mm_mt].filter((v) => !this.isOwn(v.vm_start, v.vm_end - v.vm_start));
  }

  /** Whether a range comes near what the program started with. */
  private isOwn(start: number, length: number): boolean {
    const end = start + length;
    return start < 0x600000 || end > 0x7ffffff00000 || (start < 0x7ffff7fff000 && end > 0x7ffff7ff7000);
  }

  private descriptors(who: number): { fd: number; huge: boolean }[] {
    const found: { fd: number; huge: boolean }[] = [];
    this.m.tasks.get(who)!.files.forEach((f, fd) => {
      if (f !== null && f !== undefined) found.push({ fd, huge: f.inode.kind === 'hugetlb' });
    });
    return found;
  }

  /** A range in, across or just beside a mapping; now and then a wrong one. */
  private range(who: number): [number, number] {
    const areas = this.areas(who);
    if (areas.length === 0 || this.random() < 0.03)
      return [(0x10000 + this.below(0x200000)) * PAGE, (1 + this.below(7)) * PAGE];
    const a = this.pick(areas);
    const unit = this.random() < 0.9 ? vma_kernel_pagesize(a) : PAGE;
    const n = Math.max(1, Math.floor((a.vm_end - a.vm_start) / unit));
    const how = this.random();
    let lo = 0;
    let hi = n;
    if (how >= 0.25 && how < 0.7) {
      lo = this.below(n);
      hi = lo + 1 + this.below(n - lo);
    } else if (how >= 0.7 && how < 0.85) {
      lo = this.below(n + 2) - 2;
      hi = lo + 1 + this.below(n + 2);
    } else if (how >= 0.85) {
      const b = this.pick(areas);
      const start = Math.min(a.vm_start, b.vm_start);
      const end = Math.max(a.vm_end, b.vm_end);
      return end - start > 64 * HUGE ? [a.vm_start, a.vm_end - a.vm_start] : [start, end - start];
    }
    let start = a.vm_start + lo * unit;
    let length = (hi - lo) * unit;
    if (this.random() < 0.04) start += this.pick([1, 8, PAGE / 2]);
    if (this.random() < 0.05) length += this.pick([-1, 1, PAGE / 2]);
    if (this.random() < 0.01) length = 0;
    return [Math.max(start, PAGE), Math.max(length, 0)];
  }

  private draw(who: number, op: OperationName): Operation | null {
    switch (op) {
      case 'mmap':
        return this.mmap(who);
      case 'read':
      case 'write':
        return this.touch(who, op);
      case 'fork':
        if (this.used >= MAX_PROCESSES) return null;
        return { who, op, args: [this.used++] };
      case 'exit':
        return who === 0 ? null : { who, op, args: [] };
      case 'open': {
        const name = this.pick(['A', 'B']);
        if (this.kind.regular) return { who, op, args: [this.pick([0, 2, 2]), 0o600], path: `file:${name}` };
        return { who, op, args: [0o102, 0o600], path: name };
      }
      case 'memfd':
        return { who, op, args: [this.random() < (this.kind.memfdHuge ?? 0) ? uapi.MFD_HUGETLB : 0], path: 'm' };
      case 'pool':
        return { who: 0, op, args: [this.pick([0, 2, 4, 8, 12, 16]), this.pick([0, 0, 0, 2, 4])] };
      case 'mlockall':
        return { who, op, args: [this.pick([1, 2, 3, 5, 7, 0])] };
      case 'munlockall':
        return { who, op, args: [] };
      case 'brk':
        return { who, op, args: [0x4e0000 + (this.below(44) - 4) * PAGE + this.pick([0, 0, 100])] };
      case 'ftruncate':
      case 'fallocate':
      case 'close':
        return this.onFile(who, op);
      default:
        return this.onRange(who, op);
    }
  }

  private mmap(who: number): Operation | null {
    const k = this.kind;
    const what = this.weighted(k.maps);
    const huge = what.includes('huge');
    let flags = what.includes('shared') ? uapi.MAP_SHARED : uapi.MAP_PRIVATE;
    let fd = -1;
    let off = 0;
    const unit = huge ? HUGE : PAGE;
    if (what.includes('file')) {
      const files = this.descriptors(who).filter((f) => f.huge === huge);
      if (files.length === 0) return null;
      fd = this.pick(files).fd;
      off = (k.giant ? this.pick([0, 0, 0, 512]) : this.pick([0, 0, 1, 2])) * unit;
    } else flags |= uapi.MAP_ANONYMOUS | (huge ? uapi.MAP_HUGETLB : 0);
    let n: number;
    if (k.giant && huge) n = this.pick([512, 512, 512, 513, 1024, 3]);
    else if (huge) n = this.pick([1, 1, 2, 2, 3, 4]);
    else if (k.big) n = this.pick([16, 512, 512, 513, 700, 1024, 1024, 1536, 2048]);
    else n = this.pick([1, 2, 3, 4, 8, 16, 16, 33, 64, ...(this.random() < 0.2 ? [512, 600, 1024] : [])]);
    let length = n * unit;
    if (this.random() < 0.05) length += this.pick([1, PAGE, -1, -PAGE]);
    if (this.random() < 0.01) length = 0;
    let addr = 0;
    const t = this.random();
    if (t < 0.2) {
      addr = this.range(who)[0];
      flags |= this.pick([uapi.MAP_FIXED, uapi.MAP_FIXED, uapi.MAP_FIXED_NOREPLACE, 0]);
      if ((flags & uapi.MAP_FIXED) !== 0 && this.isOwn(addr, length)) {
        addr = 0;
        flags &= ~uapi.MAP_FIXED;
      }
    } else if (t < 0.3) addr = 2 ** 40 + this.below(64) * this.pick([PAGE, HUGE, GIANT]);
    else if (k.giant && huge) {
      addr = 2 ** 40 + this.below(8) * GIANT;
      flags |= this.random() < 0.8 ? uapi.MAP_FIXED : 0;
    }
    for (const [name, chance] of Object.entries(k.extra ?? {}))
      if (this.random() < chance) flags |= FLAG_NUMBERS[name]!;
    return { who, op: 'mmap', args: [addr, length, this.prot(), flags, fd, off] };
  }

  private prot(): number {
    return this.pick([3, 3, 3, 3, 1, 1, 0, 7, 5, 2]);
  }

  private touch(who: number, op: 'read' | 'write'): Operation | null {
    const areas = this.areas(who);
    if (areas.length === 0) return null;
    const a = this.pick(areas);
    const unit = vma_kernel_pagesize(a);
    const n = (a.vm_end - a.vm_start) / unit;
    const i = this.below(n);
    let count = this.random() < 0.5 ? 1 + this.below(Math.min(n - i, 16)) : 1;
    let address = a.vm_start + i * unit;
    if (this.random() < 0.03) {
      address = a.vm_end;
      count = 1;
    } else if ((a.vm_flags & VM_GROWSDOWN) !== 0 && this.random() < 0.5) {
      address = a.vm_start - this.pick([1, 1, 2, 5, 20, 200, 300]) * PAGE;
      count = 1;
    }
    if (this.isOwn(address, PAGE)) return null;
    return { who, op, args: [address + this.pick([0, 0, 8, 4095]), count, unit] };
  }

  private onFile(who: number, op: 'ftruncate' | 'fallocate' | 'close'): Operation | null {
    const files = this.descriptors(who);
    if (files.length === 0) return null;
    const { fd, huge } = this.pick(files);
    const unit = huge ? HUGE : PAGE;
    if (op === 'close') return { who, op, args: [fd] };
    if (op === 'ftruncate')
      return { who, op, args: [fd, this.pick([0, 1, 2, 3, 4, 8]) * unit + this.pick([0, 0, 0, 100])] };
    return { who, op, args: [fd, this.pick([0, 1, 3]), this.below(4) * unit, (1 + this.below(3)) * unit] };
  }

  private onRange(who: number, op: OperationName): Operation | null {
    const [addr, length] = this.range(who);
    if (this.isOwn(addr, length)) return null;
    switch (op) {
      case 'mprotect':
        return { who, op, args: [addr, length, this.prot()] };
      case 'mlock2':
        return { who, op, args: [addr, length, this.pick([0, 1])] };
      case 'msync':
        return { who, op, args: [addr, length, this.pick([1, 4, 2])] };
      case 'madvise':
        return { who, op, args: [addr, length, ADVICE_NUMBERS[this.weighted(this.kind.advice ?? { NORMAL: 1 })]!] };
      case 'mremap': {
        const half = -Math.floor(length / 2 / PAGE) * PAGE;
        const newLength = Math.max(0, length + this.pick([0, -PAGE, PAGE, 4 * PAGE, half, HUGE, -HUGE]));
        const flags = this.pick([0, 1, 1, 1, 3, 5]);
        const to = (flags & uapi.MREMAP_FIXED) !== 0 ? 2 ** 41 + this.below(64) * this.pick([PAGE, HUGE]) : 0;
        return { who, op, args: [addr, length, newLength, flags, to] };
      }
      default:
        return { who, op, args: [addr, length] };
    }
  }
}
