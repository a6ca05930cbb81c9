/** What is said of one event inside an operation, held against the machine right after it. */
import { SITES } from '../../../../src/engine/designs/sites';
import { Ev } from '../../../../src/engine/events';
import type { vm_area_struct } from '../../../../src/engine/mm/mm_types';
import type { Table } from '../../../../src/engine/mm/pgtable';
import { ROUTINES } from '../../../../src/engine/routines';
import type { Event } from '../../../../src/history/recording';
import type { Scene } from '../../../../src/history/run';
import { number } from './common';
import { Look, PAGE } from './facts';
import type { Claim } from './judge';

/** An event, and the machine that it left. */
export class Moment {
  readonly now: Look;
  /** The machine before the whole operation. */
  readonly before: Look;
  readonly event: Event;
  readonly previous: Event | null;

  constructor(
    readonly scene: Scene,
    before: Scene['was'],
    index: number,
  ) {
    this.event = scene.recording.event(index);
    this.previous = index === 0 ? null : scene.recording.event(index - 1);
    const who = this.event.a;
    this.now = new Look(scene.now, who);
    this.before = new Look(before, who);
  }

  /** fork and exec build an address space before anybody can find it: then only the event itself is witness. */
  get unborn(): boolean {
    const operation = this.scene.run.log.operation(this.scene.k - 1);
    return !this.now.alive || ('op' in operation && operation.op === 'exec');
  }

  /** The area that the event is about, alive or as it was before the operation. */
  get vma(): vm_area_struct | null {
    return this.now.byId(this.event.b) ?? this.before.byId(this.event.b);
  }
}

type Said = Claim<Moment>;
type Holds = Said['holds'];
const said = (says: string, pattern: string, holds: Holds): Said => ({
  says,
  pattern: new RegExp(pattern.replaceAll('AREA', '(?:‹(\\d+):[^›]*›|an area)').replaceAll('HEX', '0x([0-9a-f]+)'), 'y'),
  holds,
  used: 0,
});

const hex = (text: string | undefined): number => (text === 'the end' ? Infinity : parseInt(text ?? '', 16));
/** The area is named by its number where it can be found at all. */
const about = (m: Moment, id: string | undefined): boolean =>
  id === undefined ? m.now.byId(m.event.b) === null : Number(id) === m.event.b;
const isSite = (m: Moment, site: string | undefined): boolean => SITES[m.event.a] === site;

/** The table of handlers that the design looks at, as the area has it. */
function holder(m: Moment): object | null {
  const vma = m.vma;
  if (vma === null) return null;
  // Under core the area points to the pages that its driver hands out: an ordinary one to nothing.
  if (m.scene.now.design.name === 'core') return huge(m) ? vma : null;
  return ['vm_ops', 'mainline'].includes(m.scene.now.design.name) ? vma.vm_ops : vma.pagetable_ops;
}
const HOLDERS = /^(vma->pagetable_ops|vma->vm_ops|vma->pages|pagetable_ops\[vma->pt_index\])$/;
const huge = (m: Moment): boolean => (m.vma === null ? false : (m.vma.vm_flags & 0x400000) !== 0);

const asks: Partial<Record<Ev, readonly Said[]>> = {
  [Ev.TableLoad]: [
    said('a pointer is NULL', 'At (\\w+) the core loads (\\S+) of AREA: it is NULL\\.', (m, site, what, id) => {
      return isSite(m, site) && HOLDERS.test(what!) && about(m, id) && holder(m) === null;
    }),
    said('a pointer points', 'At (\\w+) the core loads (\\S+) of AREA: it points to (.+)\\.', (m, site, what, id) => {
      const always = m.scene.now.design.name === 'ops-always';
      return isSite(m, site) && HOLDERS.test(what!) && about(m, id) && (m.vma === null || holder(m) !== null || always);
    }),
  ],
  [Ev.NullTest]: [
    said('tested for NULL', 'The core tests the pointer against NULL: (it is|it is not)\\.', (m, is) => {
      const loaded = m.previous!;
      const member = loaded.kind === Ev.MemberLoad;
      const site = SITES[m.event.a] as string;
      const table = holder(m) as Record<string, unknown> | null;
      const there =
        m.scene.now.design.name === 'table' ? loaded.c !== 0 : member ? table?.[site] !== undefined : table !== null;
      // Without a table of its own in the area, the loaded value itself is the witness.
      return (is === 'it is') === !(m.scene.now.design.name === 'ops' ? there : loaded.c !== 0);
    }),
  ],
  [Ev.MemberLoad]: [
    said('a member is there', 'The table has its own (\\w+)\\.', (m, site) => isSite(m, site) && member(m, true)),
    said('a member is missing', 'The table leaves out (\\w+), so there is nothing to call\\.', (m, site) => {
      return isSite(m, site) && member(m, false);
    }),
  ],
  [Ev.FlagTest]: [
    said(
      'a flag is tested',
      'At (\\w+) the core tests VM_HUGETLB of AREA: it is (set|not set)\\.',
      (m, site, id, set) => {
        return isSite(m, site) && about(m, id) && (m.vma === null || (set === 'set') === huge(m));
      },
    ),
  ],
  [Ev.FileTest]: [
    said(
      'a file is asked for',
      'The bit cannot tell the two kinds apart: the core asks whether AREA is the device’s\\. It (is|is not)\\.',
      (m, id, is) => about(m, id) && huge(m) && (is === 'is') === (m.vma?.vm_file?.inode.kind === 'device'),
    ),
  ],
  [Ev.LevelLook]: [
    said(
      'a level is looked at',
      'The generic walk looks at the level of a leaf of AREA: (\\w+) at HEX\\.',
      (m, id, level, at) => {
        return about(m, id) && LEVELS[m.event.c] === level && hex(at) === m.event.d;
      },
    ),
  ],
  [Ev.IndexLoad]: [
    said('a row is looked up', 'The core looks up number (\\d+) of AREA in its fixed table\\.', (m, n, id) => {
      return about(m, id) && (m.vma === null || number(n) === m.vma.pagetable_index);
    }),
  ],
  [Ev.IndirectCall]: [
    said(
      'called through a pointer',
      'The routine is called through the pointer: (.+?)(?:\\.|->)(\\w+)\\(\\)\\.',
      (m, _table, site) => {
        return isSite(m, site);
      },
    ),
  ],
  [Ev.DirectCall]: [
    said(
      'called by name',
      'The core calls (\\w+)\\(\\) by its name\\.',
      (m, name) => ROUTINES[m.event.c]?.name === name,
    ),
  ],
  [Ev.GenericWay]: [
    said('the generic way', 'At (\\w+) AREA goes the generic way\\.', (m, site, id) => {
      return isSite(m, site) && about(m, id) && !(m.scene.now.design.name === 'flag' && huge(m));
    }),
  ],
};

function member(m: Moment, there: boolean): boolean {
  if (m.scene.now.design.name !== 'ops') return (m.event.c !== 0) === there;
  return ((holder(m) as Record<string, unknown>)[SITES[m.event.a]!] !== undefined) === there;
}

// ---- areas, tables, entries --------------------------------------------------------------------

const RANGE = '(?:0x([0-9a-f]+)|(the end))-(?:0x([0-9a-f]+)|(the end))';
const isRange = (start: number, end: number, said: readonly (string | undefined)[]): boolean =>
  hex(said[0] ?? said[1]) === start && hex(said[2] ?? said[3]) === end;
const LEVELS = ['', 'PTE', 'PMD', 'PUD', 'PGD'];

/** The tables of the process that cover an address, by level. */
function tableAt(look: Look, level: number, address: number): Table | null {
  let table: Table | null | undefined = look.mm?.pgd;
  for (let at = 4; at > level && table; at--) table = table.down![Math.floor(address / (PAGE * 512 ** (at - 1))) % 512];
  return table ?? null;
}
const entryAt = (look: Look, level: number, address: number): number | undefined =>
  tableAt(look, level, address)?.entries[Math.floor(address / (PAGE * 512 ** (level - 1))) % 512];
const letters = (entry: number): string =>
  ['P', 'W', 'A', 'D', 'S', 'N', 'Z'].filter((_, bit) => (entry & (1 << bit)) !== 0).join('');

const areas: Partial<Record<Ev, readonly Said[]>> = {
  [Ev.VmaLink]: [
    said('a new area', `A new area stands at ${RANGE}: AREA\\.`, (m, ...found) => {
      const vma = m.now.byId(m.event.b);
      if (m.unborn) return isRange(m.event.c, m.event.d, found);
      return vma !== null && isRange(vma.vm_start, vma.vm_end, found) && about(m, found[4]);
    }),
  ],
  [Ev.VmaUnlink]: [
    said('an area goes', 'The area AREA is taken out of the list\\.', (m, id) => {
      return (id === undefined || about(m, id)) && !m.now.areas().some((vma) => vma.id === m.event.b);
    }),
  ],
  [Ev.VmaSplit]: [
    said('an area is split', 'The area AREA is split at HEX\\.', (m, id, at) => {
      const [low, high] = [m.now.area(hex(at) - 1), m.now.area(hex(at))];
      return (
        about(m, id) &&
        low !== high &&
        [low?.id, high?.id].includes(m.event.b) &&
        [low?.id, high?.id].includes(m.event.c)
      );
    }),
  ],
  [Ev.VmaMerge]: [
    said('areas merge', `AREA takes its neighbour in and is one area now: ${RANGE}\\.`, (m, id, ...found) => {
      const vma = m.now.byId(m.event.b);
      return about(m, id) && vma !== null && isRange(vma.vm_start, vma.vm_end, found);
    }),
  ],
  [Ev.VmaResize]: [
    said('an area has other bounds', `AREA now reaches over ${RANGE}\\.`, (m, id, ...found) => {
      const vma = m.now.byId(m.event.b);
      return about(m, id) && vma !== null && isRange(vma.vm_start, vma.vm_end, found);
    }),
  ],
  [Ev.VmaFlags]: [
    said('flags change', 'The flags of AREA change: HEX → HEX\\.', (m, id, was, now) => {
      return about(m, id) && hex(now) === (m.now.byId(m.event.b)?.vm_flags ?? 0) >>> 0 && hex(was) !== hex(now);
    }),
  ],
  [Ev.TableAlloc]: [
    said('a table is made', 'A (\\w+) table was missing and is made, for HEX\\.', (m, level, at) => {
      return LEVELS[m.event.b] === level && (m.unborn || tableAt(m.now, m.event.b, hex(at))?.id === m.event.c);
    }),
  ],
  [Ev.TableFree]: [
    said('a table is freed', 'The (\\w+) table has nothing left in it and is freed\\.', (m, level) => {
      return LEVELS[m.event.b] === level && tableAt(m.now, m.event.b, m.event.d)?.id !== m.event.c;
    }),
  ],
  [Ev.TableShare]: [
    said('a table is shared', 'Share (\\w+) table: for HEX\\.', (m, level, at) => {
      return LEVELS[m.event.b] === level && (tableAt(m.now, m.event.b, hex(at))?.share_count ?? 0) > 1;
    }),
  ],
  [Ev.TableUnshare]: [
    said('a table is shared no longer', '(\\w+) table is shared no longer: HEX\\.', (m, level, at) => {
      return LEVELS[m.event.b] === level && hex(at) === m.event.d;
    }),
  ],
  [Ev.TableMove]: [
    said('a table moves', 'Move (\\w+) table: HEX → HEX\\.', (m, level, from, to) => {
      return (
        LEVELS[m.event.b] === level && hex(from) === m.event.d && tableAt(m.now, m.event.b, hex(to))?.id === m.event.c
      );
    }),
  ],
  [Ev.EntrySet]: [
    said(
      'an entry is set',
      'The (\\w+) entry of HEX is set: pfn HEX ([A-Z]*)(?:, was ([A-Z]*))?\\.',
      (m, level, at, pfn, bits, was) => {
        const entry = m.unborn ? m.event.d : entryAt(m.now, m.event.b, hex(at));
        return (
          LEVELS[m.event.b] === level &&
          entry !== undefined &&
          entry >>> 8 === hex(pfn) &&
          letters(entry) === bits &&
          (was === undefined) === (m.event.e === 0) &&
          (was === undefined || was === letters(m.event.e))
        );
      },
    ),
  ],
  [Ev.EntryClear]: [
    said('an entry is cleared', 'The (\\w+) entry of HEX is cleared\\.', (m, level, at) => {
      const entry = entryAt(m.now, m.event.b, hex(at)) ?? 0;
      return LEVELS[m.event.b] === level && entry === 0;
    }),
  ],
};

// ---- frames, the pool, files -------------------------------------------------------------------

const used = (m: Moment, pfn: number): boolean =>
  m.scene.now.frames.refcount(m.scene.now.frames.compound_head(pfn)) > 0;

const memory: Partial<Record<Ev, readonly Said[]>> = {
  [Ev.FrameAlloc]: [
    said('a page is taken', 'A page is taken from physical memory: pfn HEX\\.', (m, pfn) => hex(pfn) === m.event.a),
  ],
  [Ev.FrameFree]: [
    said('a page is free', 'Nobody holds the page any more: pfn HEX is free again\\.', (m, pfn) => {
      return hex(pfn) === m.event.a && m.scene.now.frames.mapcount(hex(pfn)) === 0;
    }),
  ],
  [Ev.FrameZero]: [
    said('a page is cleared', 'The page is cleared, so that nobody sees what was in it: pfn HEX\\.', (m, pfn) => {
      return hex(pfn) === m.event.a;
    }),
  ],
  [Ev.FrameCopy]: [
    said('a page is copied', 'The page is copied: pfn HEX → pfn HEX\\.', (m, from, to) => {
      return hex(from) === m.event.a && hex(to) === m.event.b && hex(from) !== hex(to) && used(m, hex(from));
    }),
  ],
  [Ev.FrameGet]: [
    said(
      'a page is counted',
      'Count pfn HEX: _refcount (\\d+), _mapcount (-?\\d+)\\.',
      (m, pfn) => hex(pfn) === m.event.a,
    ),
  ],
  [Ev.FramePut]: [
    said(
      'a page is counted',
      'Count pfn HEX: _refcount (\\d+), _mapcount (-?\\d+)\\.',
      (m, pfn) => hex(pfn) === m.event.a,
    ),
  ],
  [Ev.Pool]: [
    said(
      'the counters of the pool',
      "The pool's counters are now: Total (\\d+), Free (\\d+), Rsvd (-?\\d+), Surp (\\d+)\\.",
      (m, ...counts) => ['Total', 'Free', 'Rsvd', 'Surp'].every((name, i) => m.now.pool(name) === number(counts[i])),
    ),
  ],
  [Ev.ReserveAdd]: [
    said(
      'promised',
      'Reservation map: pages (\\d+) to (\\d+) are added\\.',
      (m, from, to) => number(from) === m.event.b && number(to) === m.event.c && number(from) < number(to),
    ),
  ],
  [Ev.ReserveDel]: [
    said('promised no more', 'Reservation map: pages (\\d+) to (\\d+|Infinity) are taken out\\.', (m, from, to) => {
      return number(from) === m.event.b && number(to) === m.event.c && number(from) < number(to);
    }),
  ],
  [Ev.ReserveLost]: [
    said(
      'promised to nobody',
      'Reservation: (\\d+) pages are promised to nobody\\.',
      (m, n) => number(n) === m.event.b && number(n) > 0,
    ),
  ],
  [Ev.CacheAdd]: [
    said('a page of a file', 'Page cache: page (\\d+) of inode (\\d+) is pfn HEX\\.', (m, index, inode, pfn) => {
      return number(index) === m.event.b && number(inode) === m.event.a && hex(pfn) === m.event.c && used(m, hex(pfn));
    }),
  ],
  [Ev.CacheDel]: [
    said('a page of a file goes', 'Page cache: page (\\d+) of inode (\\d+) goes\\.', (m, index, inode) => {
      return number(index) === m.event.b && number(inode) === m.event.a;
    }),
  ],
  [Ev.TlbFlush]: [
    said(
      'translations are flushed',
      `Old translations of ${RANGE} are flushed from the translation cache\\.`,
      (m, ...found) => isRange(m.event.b, m.event.c, found),
    ),
  ],
};

// ---- the process -------------------------------------------------------------------------------

const SIGNALS: Readonly<Record<string, number>> = { SIGSEGV: 11, SIGBUS: 7, SIGKILL: 9 };
const names = (m: Moment, who: number, name: string | undefined): boolean => m.scene.names.processName(who) === name;

const process: Partial<Record<Ev, readonly Said[]>> = {
  [Ev.Enter]: [
    said('a routine is entered', 'The kernel enters (\\w+)\\((.*)\\), (\\S+\\.[ch])\\.', (m, name, _operands, file) => {
      const routine = ROUTINES[m.event.a]!;
      return routine.name === name && routine.file === file;
    }),
  ],
  [Ev.Leave]: [
    said('a routine is left', 'The kernel leaves (\\w+)\\.', (m, name) => ROUTINES[m.event.a]!.name === name),
  ],
  [Ev.Fault]: [
    said('a fault', 'The processor finds no entry that allows this (read|write) at HEX and faults\\.', (m, how, at) => {
      const page = m.now.page(hex(at));
      return (
        hex(at) === m.event.b &&
        (page === null || (how === 'write' && !page.writable) || m.now.perms(hex(at)).startsWith('---'))
      );
    }),
  ],
  [Ev.Signal]: [
    said('a signal', '(SIG[A-Z]+): (no mapping there|not allowed|0x[0-9a-f]+|the end)\\.', (m, name, why) => {
      const missing = m.now.area(m.event.d) === null;
      return (
        SIGNALS[name!] === m.event.b && (why === 'no mapping there' ? missing : why === 'not allowed' ? !missing : true)
      );
    }),
  ],
  [Ev.Fork]: [
    said(
      'a process is born',
      '(.+?) is born from (.+?)\\.',
      (m, child, parent) => names(m, m.event.b, child) && names(m, m.event.a, parent),
    ),
  ],
  [Ev.Exit]: [said('a process ends', '(.+?) ends\\.', () => true)],
  [Ev.Return]: [
    said(
      'back',
      'Return to the process: (0x[0-9a-f]+|E[A-Z0-9]+|the end)\\.',
      (m, text) => text!.startsWith('E') === (m.event.b !== 0),
    ),
  ],
  [Ev.Decide]: [said('a reason', 'Why: ([^.]+(?:2\\.6\\.20[^.]*)?)\\.', (m, text) => reason(m, text!))],
};

// ---- reasons -----------------------------------------------------------------------------------

/** Reasons that the state itself bears out or denies; the others are counted as known. */
const REASONS: Readonly<Record<string, (m: Moment) => boolean>> = {
  'nothing was promised, so a page that is promised to nobody must be free': () => true,
  'the page was promised at mmap, so the promise is used up': (m) =>
    m.now.pool('Rsvd') !== 0 || m.before.pool('Rsvd') !== 0,
  'the pool has no page that is free and promised to nobody': (m) =>
    m.now.pool('Free') - m.now.pool('Rsvd') < 512 * 512,
};
const reason = (m: Moment, text: string): boolean => REASONS[text]?.(m) ?? text.length > 10;

export const EVENTS: Readonly<Partial<Record<Ev, readonly Said[]>>> = { ...asks, ...areas, ...memory, ...process };
