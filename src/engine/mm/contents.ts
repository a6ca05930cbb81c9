/**
 * What stands in memory, as a small tag for each frame: cleared, or written by which process in which operation; a copy carries
 * the tag of what it was made from. And what each process must find behind a driver's mapping, from what it did itself, whatever
 * the tables say. Where the two differ, a driver has lost, mixed up or not cleared a page. Ours: Linux has nothing like it.
 *
 * The tags are kept from the first mapping of a device on (`machine.contents`); until then nothing is spent on them.
 */
import { hex, PAGE_SIZE } from '../../base/units';
import type { Machine } from '../machine';
import type { mm_struct, vm_area_struct } from './mm_types';
import { ZERO_PFN } from './prot';

/** The page is all zeroes. Every other tag but 0 is a writing: `writing`. */
export const CLEARED = 1;
/** Nobody has said what stands there since the tags are kept. */
const UNKNOWN = 0;
const WHO_BITS = 10;
const OPERATIONS = 2 ** 21;

/** The tag of what process `who` writes in the operation after `operations` others. */
const writing = (operations: number, who: number): number =>
  (((operations % (OPERATIONS - 1)) + 1) << WHO_BITS) | (who & (2 ** WHO_BITS - 1));

/** A tag in words: `what process 0 wrote in operation 3`. */
export function contentsText(tag: number): string {
  if (tag === CLEARED) return 'zeroes';
  if (tag === UNKNOWN) return 'what was left in the frame';
  return `what process ${tag & (2 ** WHO_BITS - 1)} wrote in operation ${tag >>> WHO_BITS}`;
}

const BLOCK = 512;

/** Tags of pages by number, 512 to a block; a block whose tags are all equal is that tag. What was never set is 0. */
export class Tags {
  private readonly own = new Set<number>();

  constructor(private readonly blocks = new Map<number, Int32Array | number>()) {}

  get(page: number): number {
    const block = this.blocks.get(Math.floor(page / BLOCK));
    return block === undefined ? 0 : typeof block === 'number' ? block : block[page % BLOCK]!;
  }

  set(page: number, tag: number): void {
    if (this.get(page) !== tag) this.writable(Math.floor(page / BLOCK))[page % BLOCK] = tag;
  }

  private writable(number: number): Int32Array {
    const block = this.blocks.get(number);
    if (block instanceof Int32Array && this.own.has(number)) return block;
    const mine = block instanceof Int32Array ? block.slice() : new Int32Array(BLOCK).fill(block ?? 0);
    this.blocks.set(number, mine);
    this.own.add(number);
    return mine;
  }

  /** Sets all of `[from, to)`. */
  fill(from: number, to: number, tag: number): void {
    for (let at = from; at < to;) {
      const number = Math.floor(at / BLOCK);
      const stop = Math.min(to, (number + 1) * BLOCK);
      if (stop - at < BLOCK) {
        if (tag !== 0 || this.blocks.has(number)) this.writable(number).fill(tag, at % BLOCK, stop - number * BLOCK);
      } else {
        this.own.delete(number);
        if (tag === 0) this.blocks.delete(number);
        else this.blocks.set(number, tag);
      }
      at = stop;
    }
  }

  /** Forgets all of `[from, to)`, however wide. */
  clear(from: number, to: number): void {
    if ((to - from) / BLOCK <= this.blocks.size) return this.fill(from, to, 0);
    for (const number of this.blocks.keys())
      this.fill(Math.max(from, number * BLOCK), Math.min(to, (number + 1) * BLOCK), 0);
  }

  /** Gives `n` pages from `to` on the tags that `source` has from `from` on. */
  copyFrom(source: Tags, from: number, to: number, n: number): void {
    for (let i = 0; i < n;) {
      const whole = (from + i) % BLOCK === 0 && (to + i) % BLOCK === 0 && n - i >= BLOCK;
      const block = whole ? source.blocks.get((from + i) / BLOCK) : null;
      if (block === null) this.set(to + i, source.get(from + i++));
      else {
        const number = (to + i) / BLOCK;
        this.own.delete(number);
        if (block === undefined) this.blocks.delete(number);
        else this.blocks.set(number, typeof block === 'number' ? block : block.slice());
        i += BLOCK;
      }
    }
  }

  /** Visits every page of `[from, to)` with a tag, in order of its block's first writing. */
  forEach(from: number, to: number, visit: (page: number, tag: number) => void): void {
    for (const [number, block] of this.blocks) {
      const last = Math.min(to, (number + 1) * BLOCK);
      for (let page = Math.max(from, number * BLOCK); page < last; page++) {
        const tag = typeof block === 'number' ? block : block[page % BLOCK]!;
        if (tag !== 0) visit(page, tag);
      }
    }
  }

  /** The tag that all of `[from, to)` has, if it is one; else −1. */
  uniform(from: number, to: number): number {
    const tag = this.get(from);
    for (let at = from; at < to;) {
      const number = Math.floor(at / BLOCK);
      const stop = Math.min(to, (number + 1) * BLOCK);
      const block = this.blocks.get(number) ?? 0;
      if (typeof block === 'number') {
        if (block !== tag) return -1;
      } else for (let page = at; page < stop; page++) if (block[page % BLOCK] !== tag) return -1;
      at = stop;
    }
    return tag;
  }

  /** A copy that goes its own way; what is equal is held once. */
  copy(): Tags {
    this.own.clear();
    return new Tags(new Map(this.blocks));
  }

  get size(): number {
    return this.blocks.size;
  }
}

/** Whether the contents of this area are watched: a driver's private mapping. */
export const isWatched = (vma: vm_area_struct): boolean => vma.vm_file !== null && vma.vm_file.inode.kind === 'device';

const NOTHING = new Tags();

/** The tags of all frames, and what each process must find. */
export class Contents {
  constructor(
    readonly frames = new Tags(),
    private readonly expected = new Map<number, Tags>(),
  ) {}

  /** Tags from now on; what the machine shares as zeroes is known. */
  static of(m: Machine): Contents {
    const contents = new Contents();
    contents.frames.set(ZERO_PFN, CLEARED);
    if (m.huge_zero_pfn !== 0) contents.zeroed(m.huge_zero_pfn, 9);
    return contents;
  }

  /** What process `who` must find in its pages, by page number; 0 where it must find zeroes. */
  of(who: number): Tags {
    return this.expected.get(who) ?? NOTHING;
  }

  private writable(who: number): Tags {
    let tags = this.expected.get(who);
    if (tags === undefined) {
      tags = new Tags();
      this.expected.set(who, tags);
    }
    return tags;
  }

  // ---- what happens to frames --------------------------------------------------------------------

  zeroed(pfn: number, order: number): void {
    this.frames.fill(pfn, pfn + 2 ** order, CLEARED);
  }

  copied(from: number, to: number, order: number): void {
    this.frames.copyFrom(this.frames, from, to, 2 ** order);
  }

  // ---- what processes do -------------------------------------------------------------------------

  /** A process has written one byte at `at`, by whatever way into frame `pfn`. */
  stored(mm: mm_struct, at: number, pfn: number): void {
    const tag = writing(mm.machine.operations, mm.id);
    this.frames.set(pfn, tag);
    const vma = mm.mm_mt.lookup(at);
    if (vma !== null && isWatched(vma)) this.writable(mm.id).set(Math.floor(at / PAGE_SIZE), tag);
  }

  /** A process has read frame `pfn` at `at`. What it should not have found there is noted for good. */
  loaded(mm: mm_struct, at: number, pfn: number): void {
    const vma = mm.mm_mt.lookup(at);
    if (vma === null || !isWatched(vma)) return;
    const who = mm.id;
    const must = this.of(who).get(Math.floor(at / PAGE_SIZE)) || CLEARED;
    const is = this.frames.get(pfn);
    if (is !== must) mm.machine.damaged('contents', differs(who, at, must, is), { mm: who, address: at, pfn });
  }

  /** The kernel was asked to drop `[start, end)` of a process: it must find zeroes from then on. */
  forget(who: number, start: number, end: number): void {
    this.expected.get(who)?.clear(Math.floor(start / PAGE_SIZE), Math.ceil(end / PAGE_SIZE));
  }

  /** What a process has in `[start, end)`, its child `child` has, too. */
  forked(who: number, child: number, start: number, end: number): void {
    if (this.of(who).size === 0) return;
    const from = start / PAGE_SIZE;
    this.of(who).forEach(from, end / PAGE_SIZE, (page, tag) => this.writable(child).set(page, tag));
  }

  /** What a process has at `[from, from + len)` is to be found at `to`, and nothing at its old place. */
  moved(who: number, from: number, to: number, len: number): void {
    const tags = this.expected.get(who);
    if (tags === undefined) return;
    const taken: [page: number, tag: number][] = [];
    tags.forEach(from / PAGE_SIZE, (from + len) / PAGE_SIZE, (page, tag) => taken.push([page, tag]));
    tags.clear(from / PAGE_SIZE, (from + len) / PAGE_SIZE);
    for (const [page, tag] of taken) tags.set(page + (to - from) / PAGE_SIZE, tag);
  }

  /** A copy that goes its own way. */
  copy(): Contents {
    return new Contents(this.frames.copy(), new Map([...this.expected].map(([who, tags]) => [who, tags.copy()])));
  }

  /** Bytes that a copy holds on to, about. */
  get bytes(): number {
    let blocks = this.frames.size;
    for (const tags of this.expected.values()) blocks += tags.size;
    return blocks * 64;
  }
}

/** In words: where a process finds something else than it must. */
export function differs(who: number, at: number, must: number, is: number): string {
  const where = `process ${who} must find ${contentsText(must)} at ${hex(at)}`;
  if (must === CLEARED) return `${where}, and finds ${contentsText(is)}: the page was not cleared, or is another's`;
  if (is === CLEARED) return `${where}, and finds zeroes: the data is lost`;
  return `${where}, and finds ${contentsText(is)}: the page is another's`;
}
