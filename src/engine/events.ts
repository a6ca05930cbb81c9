/**
 * What happened: one typed vocabulary of events, written into a packed buffer when somebody looks.
 *
 * An event is `EVENT_STRIDE` numbers: its kind, then up to five operands. The operands of each kind stand in
 * `EVENT_FIELDS`; a page decodes the buffer with nothing else than this file.
 */

export enum Ev {
  /** A kernel routine is entered / left. */
  Enter = 1,
  Leave,
  /** How the design found out what a mapping needs. `site` indexes `SITES`; `place` is a line of the design's file (probe.ts). */
  TableLoad,
  NullTest,
  MemberLoad,
  FlagTest,
  /** Which of two huge kinds it is, by its file. */
  FileTest,
  IndexLoad,
  IndirectCall,
  DirectCall,
  GenericWay,
  /** The generic walk looks at the level of a leaf. */
  LevelLook,
  /** Areas. */
  VmaLink,
  VmaUnlink,
  VmaSplit,
  VmaMerge,
  VmaResize,
  VmaFlags,
  /** Page-table pages and entries. `level` 1 is a PTE table, 2 PMD, 3 PUD, 4 PGD. */
  TableAlloc,
  TableFree,
  TableShare,
  TableUnshare,
  TableMove,
  EntrySet,
  EntryClear,
  /** Physical frames; `order` 0 is 4 KiB, 9 is 2 MiB. */
  FrameAlloc,
  FrameFree,
  FrameCopy,
  FrameZero,
  FrameGet,
  FramePut,
  /** The huge-page pool, after it moved; and the reservation maps. */
  Pool,
  ReserveAdd,
  ReserveDel,
  ReserveLost,
  /** The page cache. */
  CacheAdd,
  CacheDel,
  /** The translation cache. */
  TlbFlush,
  /** The processor and the process. */
  Fault,
  Signal,
  Return,
  Fork,
  Exit,
  /** A decision worth a sentence; `reason` indexes `REASONS`. */
  Decide,
}

/** The operands of every kind of event, in order. */
export const EVENT_FIELDS: Readonly<Record<Ev, readonly string[]>> = {
  [Ev.Enter]: ['routine', 'a', 'b', 'c'],
  [Ev.Leave]: ['routine', 'result'],
  [Ev.TableLoad]: ['site', 'vma', 'table', 'place'],
  [Ev.NullTest]: ['site', 'vma', 'isNull', 'place', 'member'],
  [Ev.MemberLoad]: ['site', 'vma', 'table', 'place', 'member'],
  [Ev.FlagTest]: ['site', 'vma', 'isSet', 'place'],
  [Ev.FileTest]: ['site', 'vma', 'isDevice', 'place'],
  [Ev.IndexLoad]: ['site', 'vma', 'index', 'place'],
  [Ev.IndirectCall]: ['site', 'vma', 'table', 'place', 'member'],
  [Ev.DirectCall]: ['site', 'vma', 'routine', 'place'],
  [Ev.GenericWay]: ['site', 'vma', 'nothing', 'place'],
  [Ev.LevelLook]: ['mm', 'vma', 'level', 'address'],
  [Ev.VmaLink]: ['mm', 'vma', 'start', 'end', 'flags'],
  [Ev.VmaUnlink]: ['mm', 'vma', 'start', 'end'],
  [Ev.VmaSplit]: ['mm', 'vma', 'newVma', 'address'],
  [Ev.VmaMerge]: ['mm', 'vma', 'gone', 'start', 'end'],
  [Ev.VmaResize]: ['mm', 'vma', 'start', 'end'],
  [Ev.VmaFlags]: ['mm', 'vma', 'before', 'after'],
  [Ev.TableAlloc]: ['mm', 'level', 'table', 'address'],
  [Ev.TableFree]: ['mm', 'level', 'table', 'address'],
  [Ev.TableShare]: ['mm', 'level', 'table', 'address'],
  [Ev.TableUnshare]: ['mm', 'level', 'table', 'address'],
  [Ev.TableMove]: ['mm', 'level', 'table', 'from', 'to'],
  [Ev.EntrySet]: ['mm', 'level', 'address', 'entry', 'before'],
  [Ev.EntryClear]: ['mm', 'level', 'address', 'before'],
  [Ev.FrameAlloc]: ['pfn', 'order'],
  [Ev.FrameFree]: ['pfn', 'order'],
  [Ev.FrameCopy]: ['from', 'to', 'order'],
  [Ev.FrameZero]: ['pfn', 'order'],
  [Ev.FrameGet]: ['pfn', 'refcount', 'mapcount'],
  [Ev.FramePut]: ['pfn', 'refcount', 'mapcount'],
  [Ev.Pool]: ['total', 'free', 'rsvd', 'surp'],
  [Ev.ReserveAdd]: ['holder', 'from', 'to'],
  [Ev.ReserveDel]: ['holder', 'from', 'to'],
  [Ev.ReserveLost]: ['holder', 'pages'],
  [Ev.CacheAdd]: ['inode', 'index', 'pfn'],
  [Ev.CacheDel]: ['inode', 'index', 'pfn'],
  [Ev.TlbFlush]: ['mm', 'start', 'end'],
  [Ev.Fault]: ['mm', 'address', 'write', 'vma'],
  [Ev.Signal]: ['mm', 'signal', 'code', 'address'],
  [Ev.Return]: ['ret', 'err'],
  [Ev.Fork]: ['parent', 'child'],
  [Ev.Exit]: ['mm'],
  [Ev.Decide]: ['reason', 'a', 'b', 'c'],
};

export const EVENT_STRIDE = 6;

/** Thrown by the recorder when the machine should stop after an event; only `Machine.runUntil` catches it. */
export class StoppedAtEvent extends Error {
  constructor() {
    super('stopped at an event');
  }
}

/** Collects the events of one operation. Without one the machine records nothing and pays one test per site. */
export class Recorder {
  buffer = new Float64Array(1024 * EVENT_STRIDE);
  /** Events recorded. */
  count = 0;
  /** Stops the machine right after this many events (Infinity: never). */
  stopAfter = Infinity;

  /** Forgets what was recorded; keeps the buffer. */
  reset(): void {
    this.count = 0;
  }

  emit(kind: Ev, a = 0, b = 0, c = 0, d = 0, e = 0): void {
    let i = this.count * EVENT_STRIDE;
    if (i === this.buffer.length) this.grow();
    const buffer = this.buffer;
    buffer[i] = kind;
    buffer[++i] = a;
    buffer[++i] = b;
    buffer[++i] = c;
    buffer[++i] = d;
    buffer[++i] = e;
    if (++this.count === this.stopAfter) throw new StoppedAtEvent();
  }

  private grow(): void {
    const bigger = new Float64Array(this.buffer.length * 2);
    bigger.set(this.buffer);
    this.buffer = bigger;
  }

  /** A copy of what was recorded, of exactly its size, fit to be transferred. */
  take(): Float64Array<ArrayBuffer> {
    return this.buffer.slice(0, this.count * EVENT_STRIDE) as Float64Array<ArrayBuffer>;
  }
}
