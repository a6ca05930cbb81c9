/**
 * Everything that the page draws of one moment, as plain data: bounded, structured-cloneable, without methods.
 *
 * Addresses are byte addresses as numbers, ranges half-open, sizes in bytes unless a name says pages. Identities (`id`,
 * `pfn`, `who`) are the machine's and hold for life: key joins by `ref`. What changed is told since the step before, at the
 * grain of the moment: the operation before, or inside an operation the event before.
 */

/** Names one thing of the machine in every view. An entry is table id and index; a pool cell is the frame of its head. */
export type Ref =
  | `area:${number}`
  | `table:${number}`
  | `entry:${number}:${number}`
  | `frame:${number}`
  | `process:${number}`
  | `file:${number}`
  | `event:${number}`
  | `operation:${number}`;

/** What became of a thing since the step before. `gone` things are still listed, at their old place, for one step. */
export type Mark = 'same' | 'new' | 'changed' | 'gone';

/** Colour of a mapping, the same in every view: 0 is neutral (text, heap, stack …), 1 to 7 are the seven hues. */
export type Slot = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7;

/** A sentence in parts. `area` parts carry the colour and the thing they name; `code` is monospaced (a Linux name). */
export interface SentencePart {
  readonly kind: 'plain' | 'area' | 'code' | 'number';
  readonly text: string;
  readonly slot?: Slot;
  readonly ref?: Ref;
}
export type Sentence = readonly SentencePart[];

/** A figure that changed in this step. */
export interface Counter {
  /** Linux's name where it has one: `HugePages_Free`, `VmRSS`, `VmPTE`. */
  readonly name: string;
  readonly was: number;
  readonly now: number;
  readonly unit: 'pages' | 'kB' | 'bytes' | 'count';
  /** The process that it belongs to, null for the whole machine. */
  readonly who: number | null;
}

/** Whether everything counted agrees with itself at this moment. */
export interface Lamp {
  readonly ok: boolean;
  /** Broken invariants in words, at most 8, each with the thing that it broke on. */
  readonly broken: readonly { readonly text: string; readonly ref: Ref | null }[];
  /** First operation after which one is broken, as far as the run is known; null for none. */
  readonly firstBroken: number | null;
}

/** Kinds of operation by the shape of their mark. */
export type OperationKind =
  'map' | 'unmap' | 'touch' | 'protect' | 'move' | 'advise' | 'lock' | 'fork' | 'exit' | 'file' | 'pool' | 'other';

/** How an operation ended. */
export interface Ending {
  readonly kind: 'ok' | 'errno' | 'signal';
  /** `→ 0x7ffff7600000`, `ENOMEM`, `SIGBUS`, or empty where there is nothing to say. */
  readonly text: string;
}

/** One place in time: after `k` of `n` operations, or inside operation `k` (counted from 1) after `event` of `events`. */
export interface Moment {
  /** 0 before the first operation; otherwise the operation done or under way, counted from 1. */
  readonly k: number;
  readonly n: number;
  /** Events carried out of operation `k`, or null when it stands complete. */
  readonly event: number | null;
  /** Events that operation `k` has (0 for k = 0). */
  readonly events: number;
  readonly branch: number;
  /** The statement: its text, its line in the scenario (from 1, 0 for none), its process and kind. Null at k = 0. */
  readonly statement: {
    readonly text: string;
    readonly line: number;
    readonly who: number;
    readonly kind: OperationKind;
  } | null;
  /** How the operation ended; null before the first operation and inside one. */
  readonly ending: Ending | null;
  /** What the scenario expected instead, where an `expect` failed; empty otherwise. */
  readonly unexpected: string;
  /** What the scenario's author says about the operation, and the heading that it stands under; empty for nothing. */
  readonly explanation: string;
  readonly heading: string;
  /** Lines of the scenario's text that stand before what comes after this moment: where a new statement goes. */
  readonly linesAbove: number;
  /** To be asked before the next operation; null for nothing. */
  readonly predict: { readonly question: string; readonly choices: readonly string[]; readonly answer: number } | null;
  /** What just happened, and why. */
  readonly sentence: Sentence;
  /** Figures that changed since the step before. */
  readonly counters: readonly Counter[];
  readonly lamp: Lamp;
  /** Every process that is alive, and those that went in this step. */
  readonly processes: readonly {
    readonly who: number;
    readonly name: string;
    readonly parent: number | null;
    readonly mark: Mark;
  }[];
  /** Name of the design that the machine runs under. */
  readonly design: string;
}

// ---- the address space ---------------------------------------------------------------------------

export interface AreasRequest {
  readonly who: number;
  /** Rows at most, gaps included (at least 8). Folds are made until it fits. */
  readonly maxRows: number;
  /** Segments at most within one area. */
  readonly maxSegments: number;
  /** Only areas and gaps that touch this window; absent for all. */
  readonly window?: { readonly start: number; readonly end: number };
  /** Areas that must not be folded (selected, hovered). */
  readonly keep?: readonly number[];
}

/** A stretch of one area. */
export interface AreaSegment {
  readonly start: number;
  readonly end: number;
  /** `reserved`: promised from the pool, not yet taken. `mixed`: aggregated, `present` of `pages` are there. */
  readonly state: 'present' | 'absent' | 'reserved' | 'mixed';
  /** Pages of `pageSize` in the stretch, and how many of them are present. */
  readonly pages: number;
  readonly present: number;
  /** Size of the leaves here: 4096, 2097152 …; of the area where nothing is present. */
  readonly pageSize: number;
  readonly mark: Mark;
}

export interface AreaRow {
  readonly row: 'area';
  readonly ref: Ref;
  readonly id: number;
  /** Variable of the scenario (`a`), `[heap]`, `[stack]`, `text`, a file's name, or `anon`. */
  readonly name: string;
  readonly slot: Slot;
  readonly start: number;
  readonly end: number;
  /** Address that offsets within the name count from (`a+2M`); after a split that may lie below `start`. */
  readonly base?: number;
  /** As in `/proc/PID/maps`: `rw-p`. */
  readonly perms: string;
  /** Two-letter codes as in smaps' VmFlags. */
  readonly flags: readonly string[];
  /** Path as `/proc/PID/maps` prints it, empty for none. */
  readonly path: string;
  readonly pageSize: number;
  /** In pages of `pageSize`: the whole area, those present (huge leaves of THP count as 512), those promised. */
  readonly pages: number;
  readonly present: number;
  readonly reserved: number;
  /** Ascending addresses, without holes between them. */
  readonly segments: readonly AreaSegment[];
  readonly mark: Mark;
  /** Where `changed`: how it was before this step. */
  readonly was?: { readonly start: number; readonly end: number; readonly perms: string };
}

/** Nothing is mapped here. */
export interface GapRow {
  readonly row: 'gap';
  readonly start: number;
  readonly end: number;
}

/** Several neighbouring areas (and the gaps between them) as one row. */
export interface FoldRow {
  readonly row: 'fold';
  /** Highest end and lowest start of the folded areas. */
  readonly start: number;
  readonly end: number;
  readonly areas: number;
  /** Bytes mapped, and bytes present. */
  readonly bytes: number;
  readonly presentBytes: number;
  /** How many of them are new, changed or gone. */
  readonly changed: number;
  /** Id of the highest folded area: the key of the row. */
  readonly first: number;
}
export type AddressRow = AreaRow | GapRow | FoldRow;

export interface AreasPicture {
  readonly who: number;
  readonly name: string;
  /** Descending addresses; adjoining. */
  readonly rows: readonly AddressRow[];
  /** Of the whole process, whatever is folded. */
  readonly areas: number;
  readonly bytes: number;
  readonly presentBytes: number;
  readonly folded: boolean;
}

// ---- the page tables -----------------------------------------------------------------------------

export type Level = 1 | 2 | 3 | 4;

export interface TreeRequest {
  readonly who: number;
  /** Tables (ids) that the person opened; their runs of like tables unfold as far as the budget goes. */
  readonly open: readonly number[];
  /** Tables (ids) that the person folded: shown, nothing below. */
  readonly folded: readonly number[];
  /** Marks at most: tables and runs together. */
  readonly maxMarks: number;
  /** Whether tables open by themselves while the budget lasts. */
  readonly auto: boolean;
}

/** Like entries side by side in one table: indexes `from` to `to` (half-open). Empty stretches are not listed. */
export interface EntryRun {
  readonly ref: Ref;
  readonly from: number;
  readonly to: number;
  /**
   * `leaf` 4 KiB pages; `huge` a leaf above the lowest level; `table` one lower table that is listed; `tables` lower tables
   * that are folded away; `mixed` unlike leaves drawn as one.
   */
  readonly kind: 'leaf' | 'huge' | 'table' | 'tables' | 'mixed';
  /** First address that the run maps. */
  readonly address: number;
  /** Bits as letters, in this order where set: P present, W writable, A accessed, D dirty, S huge, N no access, Z not counted. */
  readonly bits: string;
  /** Frame of the first entry, and whether the frames go on one by one. −1 for tables and mixed runs. */
  readonly pfn: number;
  readonly contiguous: boolean;
  /** Owner: area id (0 for none or several) and its colour. */
  readonly area: number;
  readonly slot: Slot;
  /** Listed lower table, 0 otherwise. */
  readonly child: number;
  /** For `tables`: lower tables, and leaf entries below them. For `mixed`: present entries. */
  readonly tables: number;
  readonly leaves: number;
  readonly mark: Mark;
  /** Bits before this step where they changed, else empty. */
  readonly was: string;
}

export interface TableNode {
  readonly ref: Ref;
  readonly id: number;
  readonly level: Level;
  /** Id of the table above and this one's index in it; 0 and 0 for the top. */
  readonly parent: number;
  readonly index: number;
  /** First address that it covers. */
  readonly base: number;
  /** Entries and lower tables in use, of 512. */
  readonly used: number;
  /** Address spaces that share it (hugetlb PMD sharing), 1 otherwise. */
  readonly shared: number;
  /** Ascending indexes. */
  readonly runs: readonly EntryRun[];
  /** Whether what it holds below is listed. */
  readonly open: boolean;
  readonly mark: Mark;
  /** Names of the areas that it maps, highest address first, at most three. */
  readonly names?: readonly string[];
}

export interface TreePicture {
  readonly who: number;
  /** The top table first, then by level and address. A parent always stands before its children. */
  readonly tables: readonly TableNode[];
  /** Of the whole tree: tables by level (index 1 to 4), leaves of 4 KiB and above. */
  readonly count: readonly [number, number, number, number, number];
  readonly leaves: number;
  readonly hugeLeaves: number;
  /** Tables that exist but are not listed. */
  readonly hidden: number;
}

export interface HeatRequest {
  readonly who: number;
  readonly start: number;
  readonly end: number;
  /** Pixels at most (65,536 by default, 262,144 at most). */
  readonly maxPixels: number;
}

/** One pixel for each page, or for each `bytesPerPixel` of address space. */
export interface HeatPicture {
  readonly who: number;
  readonly start: number;
  readonly end: number;
  readonly bytesPerPixel: number;
  /** Bits 0–2 slot, 3 inside an area, 4 any page present, 5 any writable, 6 any dirty, 7 changed since the step before. */
  readonly pixels: Uint8Array<ArrayBuffer>;
  /** Present share of the pixel, 0 to 255. */
  readonly fill: Uint8Array<ArrayBuffer>;
}

// ---- the pool ------------------------------------------------------------------------------------

/** One pool counter. */
export interface WasNow {
  readonly was: number;
  readonly now: number;
}

/** One huge page of the pool, or a run of like ones (`count` > 1) where there are too many. */
export interface PoolCell {
  /** The page's own for a single page in use or free; the holder's for a promised one. Null where it is nobody's. */
  readonly ref: Ref | null;
  /** Key for joins, unique in the picture: `frame:512`, `rsvd:7:2`, `free:3`. */
  readonly key: string;
  readonly state: 'used' | 'reserved' | 'free';
  /** Allocated beyond the persistent pool. */
  readonly surplus: boolean;
  readonly count: number;
  /** Head frame; −1 for pages that are only promised (which free page will serve is not decided). */
  readonly pfn: number;
  /** Who has or was promised it: `a+2M`, a file's name, empty for nobody. */
  readonly label: string;
  readonly who: readonly number[];
  readonly area: number;
  readonly file: number;
  /** Byte offset within the area or file, −1 for none. */
  readonly offset: number;
  readonly slot: Slot;
  readonly mark: Mark;
}

/** Somebody who was promised pages that are not taken yet. */
export interface PoolHolder {
  readonly ref: Ref;
  readonly label: string;
  readonly slot: Slot;
  readonly reserved: number;
  readonly was: number;
}

export interface PoolPicture {
  readonly pageSize: number;
  readonly total: WasNow;
  readonly free: WasNow;
  readonly rsvd: WasNow;
  readonly surp: WasNow;
  /** nr_overcommit_hugepages. */
  readonly overcommit: WasNow;
  /** In use first, then promised, then free. */
  readonly cells: readonly PoolCell[];
  readonly holders: readonly PoolHolder[];
  /** One line such as `2 in use · 2 promised to a · 4 free`. */
  readonly summary: string;
}

export interface PoolRequest {
  readonly maxCells: number;
}

// ---- physical frames -----------------------------------------------------------------------------

export interface FramesRequest {
  /** Only frames that this process maps; null for all frames in use. */
  readonly who: number | null;
  readonly maxCells: number;
  /** First frame listed; 0 from the start. */
  readonly from: number;
}

export interface FrameCell {
  readonly ref: Ref;
  readonly pfn: number;
  /** Frames: 1 for one page; 512 for a huge page; more, with `run`, where like neighbours are one cell. */
  readonly frames: number;
  readonly run: boolean;
  readonly kind: 'anon' | 'file' | 'shmem' | 'hugetlb' | 'zero' | 'kernel';
  readonly refcount: number;
  /** Entries that map it (the whole page for a huge one). */
  readonly mapcount: number;
  /** Processes that map it, at most 8, ascending. */
  readonly sharers: readonly number[];
  /** One area that maps it, its name and colour; 0, empty and 0 for none. */
  readonly area: number;
  readonly label: string;
  readonly slot: Slot;
  readonly mark: Mark;
}

export interface FramesPicture {
  readonly who: number | null;
  /** Ascending pfn. */
  readonly cells: readonly FrameCell[];
  /** Frames in use that belong here, whatever is listed: single 4 KiB frames, huge pages. */
  readonly small: number;
  readonly huge: number;
  /** Where to go on, or null at the end. */
  readonly next: number | null;
}

// ---- the path ------------------------------------------------------------------------------------

/** One line of the path: a routine entered, or an event at its place. */
export interface PathStep {
  readonly ref: Ref;
  /** Event of the operation, from 0. A moment at `event` e shows steps with `index` < e as done. */
  readonly index: number;
  /** Routines that are open around it. */
  readonly depth: number;
  readonly kind: 'routine' | 'ask' | 'area' | 'table' | 'entry' | 'frame' | 'pool' | 'tlb' | 'process' | 'why';
  /** What is set in monospace: `hugetlb_fault(mm 0, 0x7ffff7800000, write)`, `has_pt_op(vma, fault)`. */
  readonly code: string;
  /** What came of it, or what was looked at: `pagetable_ops = hugetlbfs → call it`, `Rsvd 3 → 2`. Empty for nothing. */
  readonly note: string;
  /** For routines: Linux file. For `ask`: the call site. Empty otherwise. */
  readonly where: string;
  /** For routines: last event inside (inclusive), so that a branch can fold. −1 otherwise. */
  readonly last: number;
  /** Things that it is about. */
  readonly refs: readonly Ref[];
  readonly slot: Slot;
}

/** A place in the design's own source. */
export interface SourcePlace {
  /** File below `src/engine/designs`: `ops.ts`. */
  readonly file: string;
  /** Call site: `fault`, `copy_vma`, `smaps` … */
  readonly site: string;
  /** Which lines run: `load`, `null`, `member`, `flag`, `index`, `call`, `generic`. */
  readonly step: string;
}

export interface PathPicture {
  readonly design: string;
  readonly steps: readonly PathStep[];
  /** Events that the operation has, and how many were left out of `steps` (repeated touches are folded first). */
  readonly events: number;
  readonly left: number;
  /** The step that runs at this moment (place in `steps`), −1 for none. */
  readonly current: number;
  readonly source: SourcePlace | null;
}

export interface PathRequest {
  readonly maxSteps: number;
}

// ---- /proc ---------------------------------------------------------------------------------------

export type ProcFile = 'maps' | 'smaps' | 'status' | 'meminfo';

export interface ProcRequest {
  readonly who: number;
  readonly file: ProcFile;
  /** Lines at most; the rest is counted. */
  readonly maxLines: number;
}

export interface ProcPicture {
  readonly who: number;
  readonly file: ProcFile;
  /** Text exactly as Linux prints it, one string a line, and whether it changed since the step before. */
  readonly lines: readonly { readonly text: string; readonly mark: Mark }[];
  readonly left: number;
}

// ---- one thing -----------------------------------------------------------------------------------

export interface InspectionRow {
  /** Linux's name: `vm_start`, `_refcount`, `HugePages_Rsvd`. */
  readonly name: string;
  readonly value: string;
  /** What it means, in a sentence. */
  readonly meaning: string;
  readonly changed: boolean;
}

/** What lights up together with a thing. Bounded: at most 512 items in all. */
export interface Fellows {
  readonly areas: readonly number[];
  readonly tables: readonly number[];
  readonly entries: readonly { readonly table: number; readonly from: number; readonly to: number }[];
  /** Frames, half-open; pool cells light by these too. */
  readonly frames: readonly { readonly from: number; readonly to: number }[];
  readonly processes: readonly number[];
  /** Byte ranges of address space, for segments within areas. */
  readonly ranges: readonly { readonly who: number; readonly start: number; readonly end: number }[];
}

export interface Inspection {
  readonly ref: Ref;
  /** False when the thing is not there at this moment; the rows are empty then. */
  readonly found: boolean;
  /** `area a`, `PMD entry 444`, `frame 0x1234`. */
  readonly title: string;
  readonly slot: Slot;
  readonly sentence: Sentence;
  readonly rows: readonly InspectionRow[];
  readonly links: readonly { readonly label: string; readonly ref: Ref }[];
  readonly fellows: Fellows;
}

// ---- time ----------------------------------------------------------------------------------------

/** One operation on the scrubber, or `count` of them in one bucket. */
export interface TimeMark {
  /** First operation of the bucket, counted from 1. */
  readonly k: number;
  readonly count: number;
  /** Kind of the operation; of the most telling one in a bucket (failures first, then the rarest). */
  readonly kind: OperationKind;
  readonly ending: 'ok' | 'errno' | 'signal' | 'unknown';
  readonly who: number;
  /** The statement, or `37 operations`. */
  readonly text: string;
  /** Whether the run has reached it yet. */
  readonly reached: boolean;
}

export interface TimelineRequest {
  readonly maxMarks: number;
}

export interface Timeline {
  readonly n: number;
  /** Operations that are known to the end (run ahead); seeking further runs first. */
  readonly reached: number;
  readonly marks: readonly TimeMark[];
  /** All futures of this scenario; the current one among them. */
  readonly branches: readonly {
    readonly id: number;
    /** The branch that it left, after how many operations; −1 and 0 for the first. */
    readonly from: number;
    readonly at: number;
    readonly n: number;
    readonly label: string;
    readonly current: boolean;
  }[];
}

// ---- two runs ------------------------------------------------------------------------------------

/** One difference between two runs at the same operation. */
export interface Difference {
  readonly k: number;
  readonly kind: 'outcome' | 'areas' | 'entries' | 'frames' | 'pool' | 'path' | 'proc';
  readonly sentence: Sentence;
  readonly left: string;
  readonly right: string;
}

export interface Comparison {
  readonly leftDesign: string;
  readonly rightDesign: string;
  /** Operations compared so far, of n. */
  readonly compared: number;
  readonly n: number;
  /** First difference in the state or outcome, and in the way there; null where there is none. */
  readonly firstState: Difference | null;
  readonly firstPath: Difference | null;
  /** At most 200, in order of k. */
  readonly differences: readonly Difference[];
  readonly total: number;
  readonly sentence: Sentence;
}

/** Everything that is drawn of one moment, as asked for. */
export interface Pictures {
  readonly moment: Moment;
  readonly areas?: AreasPicture;
  readonly tree?: TreePicture;
  readonly heat?: HeatPicture;
  readonly pool?: PoolPicture;
  readonly frames?: FramesPicture;
  readonly path?: PathPicture;
  readonly proc?: ProcPicture;
  readonly inspection?: Inspection;
  readonly timeline?: Timeline;
}

/** Which pictures of a moment are wanted, and how much of each. */
export interface PicturesRequest {
  readonly areas?: AreasRequest;
  readonly tree?: TreeRequest;
  readonly heat?: HeatRequest;
  readonly pool?: PoolRequest;
  readonly frames?: FramesRequest;
  readonly path?: PathRequest;
  readonly proc?: ProcRequest;
  readonly inspect?: Ref;
  readonly timeline?: TimelineRequest;
}
