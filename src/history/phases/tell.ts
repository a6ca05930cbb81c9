/** The sentence of each phase, told from what its events come to. */
import { hex, sizeText } from '../../base/units';
import { Ev } from '../../engine/events';
import { LEVEL_NAME, pte_pfn } from '../../engine/mm/pgtable';
import { REASON_TEXT } from '../reasons';
import { signalName, type EventNaming } from '../event-text';
import type { Asked, PhaseKind, Refusal, Sentence, SentencePart } from '../picture';
import { code, list, NOTHING, number, plural, say } from '../sentences/say';
import { REFUSING } from './cut';
import type { Tally } from './tally';

/** What the sentences of one operation's phases are told from. */
export interface Telling {
  readonly naming: EventNaming;
  /** The area of an id with its colour. */
  area(id: number): SentencePart;
}

const at = (address: number): SentencePart => code(`0x${hex(address)}`);
const frame = (pfn: number): SentencePart => code(`pfn 0x${hex(pfn)}`);
const pageSize = (order: number): string => sizeText(4096 * 2 ** order);

/** Why, in the words of the first reason that was given. */
function because(tally: Tally): string {
  const [reason] = tally.reasons;
  return reason === undefined ? '' : (REASON_TEXT[reason] ?? '');
}

export function tellPhase(
  kind: PhaseKind,
  tally: Tally,
  telling: Telling,
  asked: Asked | null,
  refused: Refusal | null,
): Sentence {
  switch (kind) {
    case 'lookup':
      return lookup(tally, telling);
    case 'ask':
      return ask(tally, telling, asked);
    case 'area':
      return areas(tally, telling);
    case 'promise':
      return promise(tally);
    case 'walk':
      return tables(tally, 'missing on the way and made');
    case 'fold':
      return tally.levels.length === 0
        ? say`No table becomes empty, so every table stays.`
        : tables(tally, 'empty now and freed');
    case 'allocate':
      return allocate(tally);
    case 'copy':
      return copy(tally);
    case 'map':
      return map(tally);
    case 'unmap':
      return unmap(tally);
    case 'free':
      return free(tally);
    case 'flush': {
      const flushed = tally.first(Ev.TlbFlush);
      if (flushed === null) return say`Old translations are flushed.`;
      return say`The processor may still remember old entries: translations from ${at(flushed.b)} on are flushed.`;
    }
    case 'process':
      return process(tally, telling);
    case 'again':
      return again(tally);
    case 'refuse':
      return refuse(tally, refused);
    case 'signal': {
      const signal = tally.first(Ev.Signal);
      return signal === null
        ? say`The process gets a signal.`
        : say`The process gets ${code(signalName(signal.b))} for ${at(signal.d)}.`;
    }
    case 'end':
      return NOTHING;
  }
}

function lookup(tally: Tally, { area }: Telling): Sentence {
  const fault = tally.first(Ev.Fault);
  if (fault !== null) {
    const verb = fault.c !== 0 ? 'write' : 'read';
    if (fault.d === 0) return say`The ${verb} at ${at(fault.b)} faults, and no area reaches over this address.`;
    return say`The ${verb} at ${at(fault.b)} faults: the kernel looks for its area and finds ${area(fault.d)}.`;
  }
  const why = because(tally);
  return why === '' ? say`A place is looked for.` : say`A place is looked for: ${why}.`;
}

function ask(tally: Tally, { area }: Telling, asked: Asked | null): Sentence {
  if (asked === null) return say`The design is asked.`;
  const [id] = tally.areas;
  const of: Sentence = id === undefined ? NOTHING : say` of ${area(id)}`;
  const answer = asked.special ? say`so ${code(asked.answer)} is called` : say`the answer is ${asked.answer}`;
  return say`How does the kernel know, at ${code(asked.site)}? ${asked.design} looks at ${code(asked.looked)}${of}: ${answer}.`;
}

function areas(tally: Tally, { area }: Telling): Sentence {
  const clauses: Sentence[] = [];
  const splits = tally.count(Ev.VmaSplit);
  if (splits > 0) {
    const split = tally.first(Ev.VmaSplit)!;
    clauses.push(
      splits === 1
        ? say`${area(split.b)} is cut at ${at(split.d)}`
        : say`${area(split.b)} is cut ${number(splits)} times`,
    );
  }
  const merges = tally.count(Ev.VmaMerge);
  if (merges > 0) clauses.push(say`${area(tally.first(Ev.VmaMerge)!.b)} takes its neighbour in`);
  const resizes = tally.count(Ev.VmaResize);
  if (resizes > 0) {
    const { b, c, d } = tally.first(Ev.VmaResize)!;
    clauses.push(say`${area(b)} reaches from ${at(c)} to ${at(d)} now`);
  }
  const flags = tally.count(Ev.VmaFlags);
  if (flags > 0)
    clauses.push(
      flags === 1
        ? say`${area(tally.first(Ev.VmaFlags)!.b)} has other flags`
        : say`${number(flags)} areas have other flags`,
    );
  const links = tally.count(Ev.VmaLink);
  if (links > 0) {
    const { b, c, d } = tally.first(Ev.VmaLink)!;
    clauses.push(
      links === 1
        ? say`${area(b)} is put into the list of areas, ${sizeText(d - c)} from ${at(c)}`
        : say`${number(links)} areas are put into the list`,
    );
  }
  const unlinks = tally.count(Ev.VmaUnlink);
  if (unlinks > 0) {
    const { c, d } = tally.first(Ev.VmaUnlink)!;
    clauses.push(
      unlinks === 1
        ? say`${sizeText(d - c)} from ${at(c)} are taken out of the list`
        : say`${number(unlinks)} areas are taken out of the list`,
    );
  }
  return clauses.length === 0 ? say`The list of areas stays as it is.` : sentence(list(clauses));
}

/** A clause as a sentence. */
function sentence(clause: Sentence): Sentence {
  const [first, ...rest] = clause;
  if (first === undefined) return NOTHING;
  const capital =
    first.kind === 'plain' ? { ...first, text: first.text[0]!.toUpperCase() + first.text.slice(1) } : first;
  return [capital, ...rest, { kind: 'plain', text: '.' }];
}

/** What the stretch did to the pool's counters, was → now. */
function poolMoved(tally: Tally): Sentence {
  const after = tally.last(Ev.Pool);
  if (after === null) return NOTHING;
  const { poolBefore: was } = tally;
  const told = (name: string, from: number, to: number): Sentence =>
    from === to ? NOTHING : say`${code(name)} ${number(from)} → ${number(to)}`;
  return list([
    told('Total', was.total, after.a),
    told('Free', was.free, after.b),
    told('Rsvd', was.rsvd, after.c),
    told('Surp', was.surp, after.d),
  ]);
}

function promise(tally: Tally): Sentence {
  const pool = poolMoved(tally);
  if (tally.count(Ev.ReserveLost) > 0) return say`A promise is held for nobody any more.`;
  if (pool.length === 0) return say`The pool is asked for a promise.`;
  const after = tally.last(Ev.Pool)!;
  const more = after.c - tally.poolBefore.rsvd;
  if (after.a !== tally.poolBefore.total || more === 0) return say`The pool changes: ${pool}.`;
  if (more < 0)
    return say`${plural(-more, 'promise that was not used is', 'promises that were not used are')} given back: ${pool}.`;
  return say`${plural(more, 'page of the pool is', 'pages of the pool are')} promised, and none is taken yet: ${pool}.`;
}

function tables(tally: Tally, what: string): Sentence {
  const names = tally.levels.slice(0, 4).map((level) => LEVEL_NAME[level as 1] ?? '');
  const n = tally.levels.length;
  if (n === 0) return say`The tables on the way are there.`;
  if (n === 1) return say`One ${names[0]!} table is ${what}.`;
  const listed = n <= 3 ? ` (${names.join(', ')})` : '';
  return say`${number(n)} tables${listed} are ${what}.`;
}

function allocate(tally: Tally): Sentence {
  const n = tally.count(Ev.FrameAlloc);
  const zeroed = tally.count(Ev.FrameZero) > 0;
  const pool = tally.last(Ev.Pool);
  const first = tally.first(Ev.FrameAlloc);
  const clean = zeroed ? ' and cleared, so that nobody sees what was in it' : '';
  if (pool !== null) {
    const counters = poolMoved(tally);
    if (first !== null)
      return say`${plural(n, `page of ${pageSize(first.b)} moves`, `pages of ${pageSize(first.b)} move`)} into the pool: ${counters}.`;
    const why = because(tally);
    return say`A page of the pool is taken${why === '' ? '' : ` (${why})`}${clean}: ${counters}.`;
  }
  if (n === 1) return say`A free page of ${pageSize(first!.b)} is taken${clean}: ${frame(first!.a)}.`;
  if (n > 1) return say`${number(n)} free pages are taken${zeroed ? ' and cleared' : ''}.`;
  if (tally.count(Ev.CacheAdd) > 0) return say`The page is put into the page cache of its file.`;
  return zeroed ? say`The page is cleared, so that nobody sees what was in it.` : say`A page is taken.`;
}

function copy(tally: Tally): Sentence {
  const { a, b, c } = tally.first(Ev.FrameCopy)!;
  const n = tally.count(Ev.FrameCopy);
  if (n > 1) return say`${number(n)} pages are copied: each becomes two.`;
  return say`One page becomes two: all ${pageSize(c)} of ${frame(a)} are copied to ${frame(b)}.`;
}

function map(tally: Tally): Sentence {
  const n = tally.count(Ev.EntrySet);
  const { first } = tally;
  const moved = tally.count(Ev.TableMove);
  if (n === 0)
    return moved > 0
      ? say`${plural(moved, 'table hangs', 'tables hang')} from another place: no page is copied.`
      : say`The entry stays as it is.`;
  const event = first(Ev.EntrySet)!;
  const name = LEVEL_NAME[event.b as 1]!;
  if (tally.count(Ev.EntryClear) === n)
    return say`${n === 1 ? 'One entry travels' : `${n} entries travel`} to the new place, the first to ${at(event.c)}. No page is copied.`;
  if (tally.protectedEntries > 0) {
    const lost = tally.protectedEntries;
    const others = n - lost;
    return say`${lost === 1 ? 'One entry loses' : `${lost} entries lose`} the right to write${others > 0 ? `, and ${others === 1 ? 'one is' : `${others} are`} set` : ''}.`;
  }
  if (n === 1 || (n === 2 && tally.first(Ev.EntrySet)!.c === tally.last(Ev.EntrySet)!.c)) {
    const done = tally.last(Ev.EntrySet)!;
    const writable = (done.d & 2) !== 0 ? 'writable' : 'read-only';
    const verb = event.e === 0 ? 'points to' : 'now reads';
    return say`The ${name} entry of ${at(done.c)} ${verb} ${frame(pte_pfn(done.d))}, ${writable}.`;
  }
  return say`${number(n)} entries are set, the first for ${at(event.c)}.`;
}

function unmap(tally: Tally): Sentence {
  const n = tally.count(Ev.EntryClear);
  const unshared = tally.count(Ev.TableUnshare);
  if (n === 0)
    return unshared > 0
      ? say`A table that was shared is let go: the other process keeps it.`
      : say`No entry was set there.`;
  const event = tally.first(Ev.EntryClear)!;
  const name = LEVEL_NAME[event.b as 1]!;
  if (n === 1) return say`The ${name} entry of ${at(event.c)} lets its page go.`;
  return say`${number(n)} entries let their pages go, from ${at(event.c)} on.`;
}

function free(tally: Tally): Sentence {
  const freed = tally.count(Ev.FrameFree);
  const pool = poolMoved(tally);
  const clauses: Sentence[] = [];
  if (freed > 0)
    clauses.push(
      freed === 1
        ? say`nobody holds ${frame(tally.first(Ev.FrameFree)!.a)} any more, so it is free`
        : say`${number(freed)} pages are held by nobody any more and are free`,
    );
  if (pool.length > 0) clauses.push(say`the pool has ${pool}`);
  if (clauses.length === 0) return say`What was held is given back.`;
  return sentence(list(clauses));
}

function process(tally: Tally, { naming }: Telling): Sentence {
  const fork = tally.first(Ev.Fork);
  if (fork !== null) return say`${naming.process(fork.b)} is born from ${naming.process(fork.a)}, with no memory yet.`;
  const exit = tally.first(Ev.Exit);
  return exit === null ? say`The process changes.` : say`${naming.process(exit.a)} ends.`;
}

function again(tally: Tally): Sentence {
  const clauses: Sentence[] = [];
  const add = (n: number, one: string, many: string): void => {
    if (n > 0) clauses.push(say`${number(n)} ${n === 1 ? one : many}`);
  };
  add(tally.count(Ev.Fault), 'more fault', 'more faults');
  add(tally.count(Ev.VmaLink), 'more area', 'more areas');
  add(tally.count(Ev.TableAlloc), 'table made', 'tables made');
  add(tally.count(Ev.FrameAlloc), 'page taken', 'pages taken');
  add(tally.count(Ev.FrameCopy), 'page copied', 'pages copied');
  add(tally.count(Ev.EntrySet) - tally.protectedEntries, 'entry set', 'entries set');
  add(tally.protectedEntries, 'entry that loses the right to write', 'entries that lose the right to write');
  add(tally.count(Ev.EntryClear), 'entry cleared', 'entries cleared');
  add(tally.count(Ev.FrameFree), 'page freed', 'pages freed');
  add(tally.count(Ev.TableFree), 'table freed', 'tables freed');
  return clauses.length === 0 ? say`The rest goes the same way.` : say`The rest goes the same way: ${list(clauses)}.`;
}

function refuse(tally: Tally, refused: Refusal | null): Sentence {
  const reason = [...tally.reasons].find((one) => REFUSING.has(one));
  const why = reason === undefined ? '' : REASON_TEXT[reason];
  if (refused !== null && refused.of !== 'rule') return say`Here it is refused: ${refused.says}.`;
  return why === '' ? say`Here it is refused.` : say`Here it is refused: ${why}.`;
}
