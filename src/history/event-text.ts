/** One event in a line: what is set in monospace, and what came of it. */
import { hex, sizeText } from '../base/units';
import { memberOf, tableName } from '../engine/designs/probe';
import { SITES } from '../engine/designs/sites';
import { Ev } from '../engine/events';
import { LEVEL_NAME, pte_pfn } from '../engine/mm/pgtable';
import { REASONS } from '../engine/routines';
import { SEGV_MAPERR, SIGBUS, SIGKILL, SIGSEGV } from '../engine/uapi';
import { errnoName } from '../engine/errno';
import type { PathStep, Ref } from './picture';
import { bitsText } from './pictures/bits';
import { REASON_TEXT } from './reasons';
import type { Event } from './recording';
import { areaOperand, routineCall, routineFile, routineName, type Naming } from './routine-text';

/** What the texts of events need to know of the moment. */
export interface EventNaming extends Naming {
  /** Where the design that runs keeps what it looks at, in C. */
  readonly holder: string;
}

export type EventText = Pick<PathStep, 'kind' | 'code' | 'note' | 'where'> & { readonly refs: readonly Ref[] };

const at = (address: number): string => (Number.isFinite(address) ? `0x${hex(address)}` : 'the end');
const range = (start: number, end: number): string => `${at(start)}-${at(end)}`;
const level = (n: number): string => LEVEL_NAME[n as 1] ?? '';
const frames = (order: number): string => (order === 0 ? '4K' : sizeText(4096 * 2 ** order));
const frame = (pfn: number): string => `pfn 0x${hex(pfn)}`;
const site = (n: number): string => SITES[n] ?? `site ${n}`;

export const signalName = (n: number): string =>
  n === SIGBUS ? 'SIGBUS' : n === SIGSEGV ? 'SIGSEGV' : n === SIGKILL ? 'SIGKILL' : `signal ${n}`;

export function textOfEvent(event: Event, naming: EventNaming): EventText {
  const { kind, a, b, c, d, e } = event;
  const area = (id: number): Ref => `area:${id}`;
  const make = (
    k: EventText['kind'],
    code: string,
    note: string,
    refs: readonly Ref[] = [],
    where = '',
  ): EventText => ({
    kind: k,
    code,
    note,
    where,
    refs,
  });
  switch (kind) {
    case Ev.Enter: {
      const vma = areaOperand(a);
      const refs = vma < 0 ? [] : [area([b, c, d][vma]!)];
      return make('routine', routineCall(a, [b, c, d], naming), '', refs, routineFile(a));
    }
    case Ev.TableLoad:
      return make('ask', naming.holder, c === 0 ? '= NULL' : `= ${tableName(c)}`, [area(b)], site(a));
    case Ev.NullTest:
      return make('ask', `${naming.holder}${memberOf(e)} == NULL ?`, c === 1 ? 'yes' : 'no', [area(b)], site(a));
    case Ev.MemberLoad:
      return make('ask', `${naming.holder}${memberOf(e)}`, c === 0 ? '= NULL' : 'is there', [area(b)], site(a));
    case Ev.FlagTest:
      return make('ask', 'vma->vm_flags & VM_HUGETLB', c === 1 ? 'set' : 'not set', [area(b)], site(a));
    case Ev.FileTest:
      return make('ask', 'is it the device’s?', c === 1 ? 'yes' : 'no', [area(b)], site(a));
    case Ev.LevelLook:
      return make('ask', 'level of the leaf', `${level(c)} at ${at(d)}`, [area(b)]);
    case Ev.IndexLoad:
      return make('ask', 'vma->pt_index', `= ${c}`, [area(b)], site(a));
    case Ev.IndirectCall:
      return make('ask', `${tableName(c)}${memberOf(e)}()`, 'called through the pointer', [area(b)], site(a));
    case Ev.DirectCall:
      return make('ask', `${routineName(c)}()`, 'called by its name', [area(b)], site(a));
    case Ev.GenericWay:
      return make('ask', site(a), 'the generic way', [area(b)], site(a));
    case Ev.VmaLink:
      return make('area', `new area ${range(c, d)}`, naming.area(b), [area(b)]);
    case Ev.VmaUnlink:
      return make('area', `area ${naming.area(b)} goes`, range(c, d), [area(b)]);
    case Ev.VmaSplit:
      return make('area', `split ${naming.area(b)}`, `at ${at(d)}`, [area(b), area(c)]);
    case Ev.VmaMerge:
      return make('area', `merge into ${naming.area(b)}`, range(d, e), [area(b)]);
    case Ev.VmaResize:
      return make('area', `resize ${naming.area(b)}`, range(c, d), [area(b)]);
    case Ev.VmaFlags:
      return make('area', `vm_flags of ${naming.area(b)}`, `${at(c >>> 0)} → ${at(d >>> 0)}`, [area(b)]);
    case Ev.TableAlloc:
      return make('table', `new ${level(b)} table`, `for ${at(d)}`, [`table:${c}`]);
    case Ev.TableFree:
      return make('table', `free ${level(b)} table`, `of ${at(d)}`, [`table:${c}`]);
    case Ev.TableShare:
      return make('table', `share ${level(b)} table`, `for ${at(d)}`, [`table:${c}`]);
    case Ev.TableUnshare:
      return make('table', `${level(b)} table is shared no longer`, at(d), [`table:${c}`]);
    case Ev.TableMove:
      return make('table', `move ${level(b)} table`, `${at(d)} → ${at(e)}`, [`table:${c}`]);
    case Ev.EntrySet: {
      const code = `${level(b)} entry of ${at(c)}`;
      const note = `${frame(pte_pfn(d))} ${bitsText(d)}${e === 0 ? '' : `, was ${bitsText(e)}`}`;
      return make('entry', code, note, [`frame:${pte_pfn(d)}`]);
    }
    case Ev.EntryClear:
      return make('entry', `${level(b)} entry of ${at(c)}`, `cleared, was ${bitsText(d)}`, [`frame:${pte_pfn(d)}`]);
    case Ev.FrameAlloc:
      return make('frame', `take a ${frames(b)} page`, frame(a), [`frame:${a}`]);
    case Ev.FrameFree:
      return make('frame', `free a ${frames(b)} page`, frame(a), [`frame:${a}`]);
    case Ev.FrameCopy:
      return make('frame', `copy a ${frames(c)} page`, `${frame(a)} → ${frame(b)}`, [`frame:${a}`, `frame:${b}`]);
    case Ev.FrameZero:
      return make('frame', `clear a ${frames(b)} page`, frame(a), [`frame:${a}`]);
    case Ev.FrameGet:
    case Ev.FramePut:
      return make('frame', `count ${frame(a)}`, `_refcount ${b}, _mapcount ${c}`, [`frame:${a}`]);
    case Ev.Pool:
      return make('pool', 'the pool', `Total ${a}, Free ${b}, Rsvd ${c}, Surp ${d}`);
    case Ev.ReserveAdd:
      return make('pool', 'reservation map', `pages ${b} to ${c} are added`);
    case Ev.ReserveDel:
      return make('pool', 'reservation map', `pages ${b} to ${c} are taken out`);
    case Ev.ReserveLost:
      return make('pool', 'reservation', `${b} pages are promised to nobody`);
    case Ev.CacheAdd:
      return make('frame', 'page cache', `page ${b} of inode ${a} is ${frame(c)}`, [`frame:${c}`, `file:${a}`]);
    case Ev.CacheDel:
      return make('frame', 'page cache', `page ${b} of inode ${a} goes`, [`frame:${c}`, `file:${a}`]);
    case Ev.TlbFlush:
      return make('tlb', 'flush_tlb_range', range(b, c));
    case Ev.Fault:
      return make('process', `page fault at ${at(b)}`, c !== 0 ? 'write' : 'read', d === 0 ? [] : [area(d)]);
    case Ev.Signal:
      return make(
        'process',
        signalName(b),
        b === SIGSEGV ? (c === SEGV_MAPERR ? 'no mapping there' : 'not allowed') : at(d),
      );
    case Ev.Fork:
      return make('process', `${naming.process(a)} forks`, naming.process(b), [`process:${a}`, `process:${b}`]);
    case Ev.Exit:
      return make('process', `${naming.process(a)} ends`, '', [`process:${a}`]);
    case Ev.Decide:
      return make('why', REASONS[a] ?? '', REASON_TEXT[REASONS[a]!] ?? '');
    case Ev.Leave:
      return make('routine', 'return', b < 0 ? errnoName(-b) : String(b));
    default:
      return make('process', 'return to the process', b === 0 ? at(a) : errnoName(b));
  }
}
