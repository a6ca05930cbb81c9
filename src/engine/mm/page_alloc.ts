/**
 * Physical memory: which frames are free, and the metadata of each (Linux: mm/page_alloc.c, struct page and struct folio).
 * Left out: zones, nodes, migrate types and watermarks; one allocator serves the whole memory.
 */
import { assert } from '../../base/assert';
import { Ev } from '../events';
import type { Machine } from '../machine';

/** Bits of a frame's `flags`. */
export const PG_anon = 0x1;
/** Head or tail of a compound page (folio of order > 0). */
export const PG_head = 0x2;
export const PG_tail = 0x4;
export const PG_dirty = 0x8;
/** An anonymous page that only one process can reach (PageAnonExclusive). */
export const PG_anon_exclusive = 0x10;
export const PG_swapbacked = 0x20;
export const PG_hugetlb = 0x40;
/** Freeing this huge page gives its reservation back (HPageRestoreReserve). */
export const PG_hugetlb_restore_reserve = 0x80;
/** In a file's page cache. */
export const PG_mapping = 0x100;
export const PG_reserved = 0x200;
/** The frame is allocated. */
export const PG_used = 0x400;
export const PG_mlocked = 0x800;
/** Something other than zeroes may be in the frame. Kept for anonymous memory only; ours, Linux looks at the bytes. */
export const PG_written = 0x1000;
export const PG_uptodate = 0x2000;
/** Counted against the size of its mount (Linux: the folio's hugetlb subpool). */
export const PG_hugetlb_subpool = 0x4000;

const CHUNK_SHIFT = 12;
const CHUNK_FRAMES = 1 << CHUNK_SHIFT;
const STRIDE = 6;
const REF = 0;
const MAP = 1;
const FLAGS = 2;
const OWNER = 3;
const ENTIRE = 4;
const PRIVATE = 5;

/** Frames in one block of the allocator: the largest compound page that it serves without searching. */
const BLOCK = 512;
const WORDS = BLOCK / 32;
const HOT_LIMIT = 1024;

const CHUNK_BYTES = CHUNK_FRAMES * (STRIDE * 4 + 8);
const BLOCK_BYTES = WORDS * 4 + 2;

interface Chunk {
  words: Int32Array;
  index: Float64Array;
  owner: object;
}

/** What a snapshot keeps of physical memory. */
export interface FramesSnapshot {
  chunks: (Chunk | undefined)[];
  bitmap: Int32Array;
  freeInBlock: Int16Array;
  topBlock: number;
  hot: Int32Array;
  holes: number[];
  used: number;
  tables: number;
  held: number;
  /** Bytes that only this copy holds on to, about. */
  bytes: number;
}

/** All physical frames. A frame is named by its `pfn`; a compound page by its head's. */
export class Frames {
  private chunks: (Chunk | undefined)[] = [];
  /** Chunks that are there. */
  private held = 0;
  private token: object = {};
  /** Bit set: frame is free. Blocks from `topBlock` on were never used and are free as a whole. */
  private bitmap = new Int32Array(WORDS * 64);
  private freeInBlock = new Int16Array(64);
  private topBlock = 1;
  /** Recently freed single frames, handed out again first (Linux: per-cpu page lists). */
  private hot = new Int32Array(HOT_LIMIT);
  private hotCount = 0;
  /** Blocks below `topBlock` in which something may be free, unordered, each at most once per visit. */
  private holes: number[] = [];
  /** Frames that are not free, all orders; without page tables. */
  used = 0;
  /** Frames that page tables take. They have no number: who walks tables never meets them. */
  tables = 0;

  /** @param total frames that the machine has */
  constructor(
    private readonly machine: Machine,
    readonly total: number,
  ) {
    // Frame 0 is the shared zero page, the rest of block 0 is the kernel's.
    this.init(0, 0, PG_reserved | PG_used);
  }

  /** Frames that can be handed out. */
  get free(): number {
    return this.total - BLOCK - this.used - this.tables;
  }

  /** Bytes that all this takes, about. */
  get heldBytes(): number {
    return this.held * CHUNK_BYTES + this.topBlock * BLOCK_BYTES;
  }

  // ---- metadata ------------------------------------------------------------------------------

  private read(pfn: number): Int32Array {
    const c = this.chunks[pfn >>> CHUNK_SHIFT];
    return c === undefined ? EMPTY : c.words;
  }

  private chunkForWrite(pfn: number): Chunk {
    const n = pfn >>> CHUNK_SHIFT;
    const c = this.chunks[n];
    if (c !== undefined && c.owner === this.token) return c;
    const own: Chunk =
      c === undefined
        ? { words: new Int32Array(CHUNK_FRAMES * STRIDE), index: new Float64Array(CHUNK_FRAMES), owner: this.token }
        : { words: c.words.slice(), index: c.index.slice(), owner: this.token };
    if (c === undefined) this.held++;
    while (this.chunks.length < n) this.chunks.push(undefined);
    this.chunks[n] = own;
    return own;
  }

  private init(pfn: number, refcount: number, flags: number): void {
    const w = this.chunkForWrite(pfn).words;
    const i = (pfn & (CHUNK_FRAMES - 1)) * STRIDE;
    w[i + REF] = refcount;
    w[i + MAP] = 0;
    w[i + FLAGS] = flags;
    w[i + OWNER] = 0;
    w[i + ENTIRE] = 0;
    w[i + PRIVATE] = 0;
  }

  private get(pfn: number, field: number): number {
    return this.read(pfn)[(pfn & (CHUNK_FRAMES - 1)) * STRIDE + field]!;
  }

  private put(pfn: number, field: number, value: number): void {
    this.chunkForWrite(pfn).words[(pfn & (CHUNK_FRAMES - 1)) * STRIDE + field] = value;
  }

  private add(pfn: number, field: number, by: number): number {
    const w = this.chunkForWrite(pfn).words;
    const i = (pfn & (CHUNK_FRAMES - 1)) * STRIDE + field;
    return (w[i] = w[i]! + by);
  }

  /** References to the frame; a compound page counts on its head. */
  refcount(pfn: number): number {
    return this.get(pfn, REF);
  }

  /** Page-table entries that map exactly this 4 KiB frame (or, for a hugetlb head, this huge page). */
  mapcount(pfn: number): number {
    return this.get(pfn, MAP);
  }

  /** For the head of a transparent huge page: how many PMDs map it as a whole. */
  entireMapcount(head: number): number {
    return this.get(head, ENTIRE);
  }

  flags(pfn: number): number {
    return this.get(pfn, FLAGS);
  }

  setFlags(pfn: number, bits: number): void {
    this.put(pfn, FLAGS, this.get(pfn, FLAGS) | bits);
  }

  clearFlags(pfn: number, bits: number): void {
    this.put(pfn, FLAGS, this.get(pfn, FLAGS) & ~bits);
  }

  /** Id of the anon_vma (`PG_anon`) or inode (`PG_mapping`) that the page belongs to, 0 for none. */
  mapping(pfn: number): number {
    return this.get(pfn, OWNER);
  }

  /** Page offset within the mapping (Linux: folio->index). */
  index(pfn: number): number {
    return this.chunks[pfn >>> CHUNK_SHIFT]!.index[pfn & (CHUNK_FRAMES - 1)]!;
  }

  setMapping(pfn: number, mapping: number, index: number): void {
    const c = this.chunkForWrite(pfn);
    c.words[(pfn & (CHUNK_FRAMES - 1)) * STRIDE + OWNER] = mapping;
    c.index[pfn & (CHUNK_FRAMES - 1)] = index;
  }

  /** Adds to the count of entries that map this frame; returns the new count. */
  addMapcount(pfn: number, by: number): number {
    return this.add(pfn, MAP, by);
  }

  addEntireMapcount(head: number, by: number): number {
    return this.add(head, ENTIRE, by);
  }

  /** The head of the compound page that holds `pfn`; itself for a single frame. */
  compound_head(pfn: number): number {
    return (this.get(pfn, FLAGS) & PG_tail) !== 0 ? this.get(pfn, PRIVATE) : pfn;
  }

  /** log2 of the frames in the compound page that holds `pfn`. */
  order(pfn: number): number {
    const head = this.compound_head(pfn);
    return (this.get(head, FLAGS) & PG_head) !== 0 ? this.get(head, PRIVATE) : 0;
  }

  /** The contents of a page: all zero. Linux: clear_page, folio_zero_user. */
  zero(pfn: number, order: number): void {
    const { rec, contents } = this.machine;
    if (rec !== null) rec.emit(Ev.FrameZero, pfn, order);
    if (contents !== null) contents.zeroed(pfn, order);
  }

  /** The contents of one page go to another. Linux: copy_user_highpage, copy_user_large_folio. */
  copy(from: number, to: number, order: number): void {
    const { rec, contents } = this.machine;
    if (rec !== null) rec.emit(Ev.FrameCopy, from, to, order);
    if (contents !== null) contents.copied(from, to, order);
  }

  /** One more reference. */
  get_page(pfn: number, by = 1): void {
    this.add(this.compound_head(pfn), REF, by);
  }

  /** One reference less; frees the page (to the buddy allocator) at 0. Hugetlb pages go through `free_huge_folio`. */
  put_page(pfn: number, by = 1): void {
    if (by === 1) {
      const w = this.chunkForWrite(pfn).words;
      const i = (pfn & (CHUNK_FRAMES - 1)) * STRIDE;
      if ((w[i + FLAGS]! & (PG_head | PG_tail)) === 0 && w[i + REF]! > 0) {
        if (--w[i + REF]! > 0) return;
        if (this.hotCount === HOT_LIMIT) this.free_pages(pfn);
        else {
          w[i + FLAGS] = 0;
          this.used--;
          this.hot[this.hotCount++] = pfn;
          const rec = this.machine.rec;
          if (rec !== null) rec.emit(Ev.FrameFree, pfn, 0);
        }
        return;
      }
    }
    const head = this.compound_head(pfn);
    const left = this.add(head, REF, -by);
    if (left === 0) this.free_pages(head);
    else if (left < 0) {
      this.add(head, REF, by);
      this.machine.damaged('refcount', `a reference to frame ${head} is given back that nobody holds`, { pfn: head });
    }
  }

  // ---- several of the above in one step, for what happens a million times ---------------------

  /** Flags of the page that holds `pfn`: a compound page's are its head's. */
  folio_flags(pfn: number): number {
    const flags = this.get(pfn, FLAGS);
    return (flags & PG_tail) === 0 ? flags : this.get(this.compound_head(pfn), FLAGS);
  }

  /** A fresh single frame with one reference that one entry maps; −1 where none is free. */
  alloc_mapped(flags: number, mapping: number, index: number): number {
    if (this.free < 1) return -1;
    const pfn = this.hotCount > 0 ? this.hot[--this.hotCount]! : this.take1();
    if (pfn < 0) return -1;
    const c = this.chunkForWrite(pfn);
    const k = pfn & (CHUNK_FRAMES - 1);
    const w = c.words;
    const i = k * STRIDE;
    w[i + REF] = 1;
    w[i + MAP] = 1;
    w[i + FLAGS] = flags | PG_used;
    w[i + OWNER] = mapping;
    w[i + ENTIRE] = 0;
    w[i + PRIVATE] = 0;
    c.index[k] = index;
    this.used++;
    const rec = this.machine.rec;
    if (rec !== null) rec.emit(Ev.FrameAlloc, pfn, 0);
    return pfn;
  }

  /** One more entry maps the frame and holds its page; an anonymous one is no longer exclusive. Returns the page's flags. */
  dup_mapped(pfn: number): number {
    const w = this.chunkForWrite(pfn).words;
    const i = (pfn & (CHUNK_FRAMES - 1)) * STRIDE;
    let flags = w[i + FLAGS]!;
    w[i + MAP]!++;
    w[i + FLAGS] = flags & ~PG_anon_exclusive;
    if ((flags & PG_tail) === 0) w[i + REF]!++;
    else {
      const head = w[i + PRIVATE]!;
      flags = this.get(head, FLAGS);
      this.add(head, REF, 1);
    }
    const rec = this.machine.rec;
    if (rec !== null) rec.emit(Ev.FrameGet, pfn, this.refcount(this.compound_head(pfn)), w[i + MAP]!);
    return flags;
  }

  /** One entry less maps the frame; the reference stays. Returns the page's flags. */
  remove_mapped(pfn: number): number {
    const w = this.chunkForWrite(pfn).words;
    const i = (pfn & (CHUNK_FRAMES - 1)) * STRIDE;
    w[i + MAP]!--;
    const flags = w[i + FLAGS]!;
    return (flags & PG_tail) === 0 ? flags : this.get(w[i + PRIVATE]!, FLAGS);
  }

  // ---- the allocator -------------------------------------------------------------------------

  /** A compound page (a single frame for order 0) with one reference; −1 where none is free. */
  alloc_pages(order: number): number {
    if (this.free < 2 ** order) return -1;
    if (order >= 6) this.machine.meter.spend(2 ** (order - 3));
    const pfn = order === 0 ? this.take1() : this.takeMany(order);
    if (pfn < 0) return -1;
    if (order === 0) {
      this.init(pfn, 1, PG_used);
    } else {
      const n = 2 ** order;
      for (let i = 1; i < n; i++) {
        this.init(pfn + i, 0, PG_used | PG_tail);
        this.put(pfn + i, PRIVATE, pfn);
      }
      this.init(pfn, 1, PG_used | PG_head);
      this.put(pfn, PRIVATE, order);
    }
    this.used += 2 ** order;
    const rec = this.machine.rec;
    if (rec !== null) rec.emit(Ev.FrameAlloc, pfn, order);
    return pfn;
  }

  /** Gives a page whose references are gone back to the free ones. */
  free_pages(head: number): void {
    const flags = this.get(head, FLAGS);
    assert((flags & PG_used) !== 0, `frame ${head} is freed twice`);
    const order = (flags & PG_head) !== 0 ? this.get(head, PRIVATE) : 0;
    const rec = this.machine.rec;
    if (rec !== null) rec.emit(Ev.FrameFree, head, order);
    this.used -= 2 ** order;
    if (order === 0) {
      this.put(head, FLAGS, 0);
      if (this.hotCount < HOT_LIMIT) this.hot[this.hotCount++] = head;
      else this.give(head, 1);
      return;
    }
    const n = 2 ** order;
    for (let i = 0; i < n; i++) this.init(head + i, 0, 0);
    this.give(head, n);
  }

  /** Turns a compound page into single frames, each with `refs` references (Linux: split_folio). Flags but the compound ones stay. */
  split_compound(head: number, keep: number, refs: (pfn: number) => number): void {
    const n = 2 ** this.order(head);
    for (let i = 0; i < n; i++) {
      const pfn = head + i;
      this.put(pfn, FLAGS, (this.get(pfn, FLAGS) & ~(PG_head | PG_tail)) | keep);
      this.put(pfn, PRIVATE, 0);
      this.put(pfn, REF, refs(pfn));
    }
  }

  /**
   * Halves a compound page until the frame `at` stands alone; the other halves stay compound. Each part has `kept` as its flags
   * and one reference per frame. Linux: mm/huge_memory.c folio_split, __split_unmapped_folio.
   */
  split_compound_at(head: number, at: number, kept: number): void {
    let first = head;
    for (let order = this.order(head); order > 0;) {
      order--;
      const half = 2 ** order;
      const upper = first + half;
      this.make_compound(at < upper ? upper : first, order, kept);
      if (at >= upper) first = upper;
    }
    this.make_compound(first, 0, kept);
  }

  private make_compound(head: number, order: number, kept: number): void {
    const n = 2 ** order;
    for (let i = 1; i < n; i++) {
      this.put(head + i, FLAGS, PG_used | PG_tail);
      this.put(head + i, PRIVATE, head);
    }
    this.put(head, FLAGS, PG_used | kept | (order > 0 ? PG_head : 0));
    this.put(head, PRIVATE, order);
    this.put(head, REF, n);
  }

  private take1(): number {
    if (this.hotCount > 0) return this.hot[--this.hotCount]!;
    while (this.holes.length > 0) {
      const b = this.holes[this.holes.length - 1]!;
      if (this.freeInBlock[b]! > 0) return this.takeFrom(b);
      this.holes.pop();
    }
    const b = this.freshBlocks(1);
    if (b < 0) return -1;
    this.holes.push(b);
    return this.takeFrom(b);
  }

  private takeFrom(b: number): number {
    for (let w = b * WORDS; ; w++) {
      const bits = this.bitmap[w]!;
      if (bits === 0) continue;
      const low = 31 - Math.clz32(bits & -bits);
      this.bitmap[w] = bits & ~(1 << low);
      if (this.freeInBlock[b] === BLOCK) this.freeBlocks--;
      this.freeInBlock[b]!--;
      return (w << 5) + low;
    }
  }

  private takeMany(order: number): number {
    const n = 2 ** order;
    if (n >= BLOCK) {
      const blocks = n / BLOCK;
      let run = 0;
      for (let b = blocks === 1 ? 1 : 0; b < this.topBlock; b++) {
        run = this.freeInBlock[b] === BLOCK && (run > 0 || b % blocks === 0) ? run + 1 : 0;
        if (run === blocks) {
          for (let k = b - blocks + 1; k <= b; k++) this.claim(k);
          return (b - blocks + 1) * BLOCK;
        }
        if (blocks === 1 && this.freeBlocks === 0) break;
      }
      const first = this.freshBlocks(blocks, blocks);
      if (first < 0) return -1;
      for (let k = first; k < first + blocks; k++) this.claim(k);
      return first * BLOCK;
    }
    for (const b of this.holes) {
      const at = this.findRun(b, n);
      if (at >= 0) return at;
    }
    const b = this.freshBlocks(1);
    if (b < 0) return -1;
    this.holes.push(b);
    return this.findRun(b, n);
  }

  /** Whole free blocks below `topBlock`. */
  private freeBlocks = 0;

  private claim(b: number): void {
    this.bitmap.fill(0, b * WORDS, (b + 1) * WORDS);
    this.freeInBlock[b] = 0;
    this.freeBlocks--;
  }

  private findRun(b: number, n: number): number {
    for (let i = 0; i < BLOCK; i += n) {
      let free = true;
      for (let k = i; free && k < i + n; k++) free = (this.bitmap[b * WORDS + (k >> 5)]! & (1 << (k & 31))) !== 0;
      if (!free) continue;
      for (let k = i; k < i + n; k++) this.bitmap[b * WORDS + (k >> 5)]! &= ~(1 << (k & 31));
      if (this.freeInBlock[b] === BLOCK) this.freeBlocks--;
      this.freeInBlock[b]! -= n;
      return b * BLOCK + i;
    }
    return -1;
  }

  /** Blocks that were never used, aligned to `align` blocks; the first one's number. */
  private freshBlocks(count: number, align = 1): number {
    const first = Math.ceil(this.topBlock / align) * align;
    if ((first + count) * BLOCK > this.total) return -1;
    const top = first + count;
    if (top > this.freeInBlock.length) {
      const more = Math.max(top, this.freeInBlock.length * 2);
      const f = new Int16Array(more);
      f.set(this.freeInBlock);
      this.freeInBlock = f;
      const b = new Int32Array(more * WORDS);
      b.set(this.bitmap);
      this.bitmap = b;
    }
    for (let b = this.topBlock; b < top; b++) {
      this.bitmap.fill(-1, b * WORDS, (b + 1) * WORDS);
      this.freeInBlock[b] = BLOCK;
      this.freeBlocks++;
      if (b < first) this.holes.push(b);
    }
    this.topBlock = top;
    return first;
  }

  private give(first: number, n: number): void {
    if (n >= BLOCK) {
      for (let b = first / BLOCK; b < (first + n) / BLOCK; b++) {
        this.bitmap.fill(-1, b * WORDS, (b + 1) * WORDS);
        this.freeInBlock[b] = BLOCK;
        this.freeBlocks++;
        this.holes.push(b);
      }
      return;
    }
    const b = Math.floor(first / BLOCK);
    if (this.freeInBlock[b] === 0) this.holes.push(b);
    for (let k = first % BLOCK; k < (first % BLOCK) + n; k++) this.bitmap[b * WORDS + (k >> 5)]! |= 1 << (k & 31);
    this.freeInBlock[b]! += n;
    if (this.freeInBlock[b] === BLOCK) this.freeBlocks++;
  }

  // ---- keyframes -----------------------------------------------------------------------------

  /** A copy that shares every chunk of metadata until either side writes it. */
  snapshot(): FramesSnapshot {
    const own = this.chunks.reduce((n, c) => n + (c !== undefined && c.owner === this.token ? 1 : 0), 0);
    this.token = {};
    return {
      bytes:
        own * CHUNK_BYTES + this.topBlock * BLOCK_BYTES + (this.hotCount + this.holes.length + this.chunks.length) * 8,
      chunks: this.chunks.slice(),
      bitmap: this.bitmap.slice(0, this.topBlock * WORDS),
      freeInBlock: this.freeInBlock.slice(0, this.topBlock),
      topBlock: this.topBlock,
      hot: this.hot.slice(0, this.hotCount),
      holes: this.holes.slice(),
      used: this.used,
      tables: this.tables,
      held: this.held,
    };
  }

  restore(s: FramesSnapshot): void {
    this.token = {};
    this.chunks = s.chunks.slice();
    const room = Math.max(64, s.topBlock);
    this.bitmap = new Int32Array(room * WORDS);
    this.bitmap.set(s.bitmap);
    this.freeInBlock = new Int16Array(room);
    this.freeInBlock.set(s.freeInBlock);
    this.topBlock = s.topBlock;
    this.freeBlocks = s.freeInBlock.reduce((n, free) => n + (free === BLOCK ? 1 : 0), 0);
    this.hot.set(s.hot);
    this.hotCount = s.hot.length;
    this.holes = s.holes.slice();
    this.used = s.used;
    this.tables = s.tables;
    this.held = s.held;
  }

  /** Frames that could be handed out now, counted anew from the allocator's own lists. Slow. */
  countFree(): number {
    let free = this.total - this.topBlock * BLOCK + this.hotCount;
    for (let b = 0; b < this.topBlock; b++) free += this.freeInBlock[b]!;
    return free;
  }

  /** Frame numbers from which on nothing was ever allocated. */
  get top(): number {
    return this.topBlock * BLOCK;
  }
}

const EMPTY = new Int32Array(CHUNK_FRAMES * STRIDE);
