/** In which order traced calls took effect: lines tell when a call began and when it ended, not when it did its work. */
import { PAGE_SIZE, roundUp } from '../base/units';
import { CLONES, number } from './strace-calls';
import type { LineReader, TracedCall } from './strace-lines';

const succeeded = (call: TracedCall, name: string): boolean =>
  call.name === name && call.result !== '?' && call.error === '';

/** A mapping that left its place to the kernel. */
const placed = (call: TracedCall): boolean =>
  succeeded(call, 'mmap') && number(call.args[0]) === 0 && !(call.args[3] ?? '').includes('MAP_FIXED');

/** A call, when it took effect, and where the kernel placed a mapping that left that to it. */
interface Entry {
  readonly call: TracedCall;
  key: number;
  readonly place: { readonly start: number; readonly end: number } | null;
}

function placeOf(call: TracedCall): Entry['place'] {
  if (!placed(call)) return null;
  const start = number(call.result);
  return { start, end: start + roundUp(number(call.args[1]) || 0, PAGE_SIZE) };
}

/**
 * Calls as they took effect: when they ended, but a new process not later than its own first line. Threads run side by side: an
 * unmapping that took long came before a mapping that was given its place, and of two mappings that overlap in time the
 * higher came first.
 */
function effects(calls: readonly TracedCall[], at: (call: TracedCall) => number, instant: number): TracedCall[] {
  const firstOf = new Map<number, number>();
  for (const call of calls) firstOf.set(call.pid, Math.min(firstOf.get(call.pid) ?? Infinity, at(call)));
  const byEnd = calls
    .map((call): Entry => ({ call, key: at(call), place: placeOf(call) }))
    .sort((a, b) => a.key - b.key);
  byEnd.forEach((entry, i) => {
    const { call } = entry;
    const first = CLONES.includes(call.name) ? firstOf.get(Number(call.result)) : undefined;
    if (first !== undefined) entry.key = Math.min(entry.key, first - instant);
    else if (call.begins < call.ends && (succeeded(call, 'munmap') || entry.place !== null))
      entry.key = earliest(byEnd, i) - instant;
  });
  return byEnd.sort((a, b) => a.key - b.key).map(({ call }) => call);
}

/** Right before the first mapping that ended while this call was under way and shows that it had done its work. */
function earliest(byEnd: readonly Entry[], i: number): number {
  const { call, key } = byEnd[i];
  const start = number(call.name === 'munmap' ? call.args[0] : call.result);
  const end = start + roundUp(number(call.args[1]) || 0, PAGE_SIZE);
  let found = key;
  for (let j = i - 1; j >= 0 && i - j < WINDOW; j--) {
    const { call: other, place } = byEnd[j];
    if (other.ends < call.begins) break;
    if (place === null) continue;
    const after = call.name === 'munmap' ? place.start < end && place.end > start : place.end <= start;
    if (after) found = byEnd[j].key;
  }
  return found;
}

const HALF_A_LINE = 0.5;
const HALF_A_MICROSECOND = 5e-7;
/** Calls that are looked back over. */
const WINDOW = 2000;

/** The calls of all files in one order: by time where every line has one, else each process right behind its making. */
export function inOrder(readers: readonly LineReader[]): TracedCall[] {
  if (readers.length === 1) return effects(readers[0].calls, (call) => call.ends, HALF_A_LINE);
  const times = new Map<TracedCall, number>();
  for (const reader of readers) {
    // The end of a process has no time of its own: it follows the line before.
    let last = 0;
    reader.calls.forEach((call, i) => {
      if (!Number.isNaN(reader.times[i])) last = reader.times[i];
      times.set(call, last);
    });
  }
  const absolute = readers.every((r) => r.calls.every((call, i) => call.name === '+++' || r.times[i] > RELATIVE));
  if (absolute)
    return effects(
      readers.flatMap((reader) => reader.calls),
      (call) => times.get(call) ?? 0,
      HALF_A_MICROSECOND,
    );
  const byPid = new Map<number, readonly TracedCall[]>(readers.map((r) => [r.calls[0]?.pid ?? 0, r.calls]));
  const made = new Set(
    readers.flatMap((r) => r.calls.filter((c) => CLONES.includes(c.name)).map((c) => Number(c.result))),
  );
  const order: TracedCall[] = [];
  const follow = (first: number): void => {
    const under: { readonly calls: readonly TracedCall[]; next: number }[] = [];
    const enter = (pid: number): void => {
      under.push({ calls: byPid.get(pid) ?? [], next: 0 });
      byPid.delete(pid);
    };
    enter(first);
    for (let top = under.at(-1); top !== undefined; top = under.at(-1)) {
      const call = top.calls[top.next++];
      if (call === undefined) under.pop();
      else {
        order.push(call);
        if (CLONES.includes(call.name)) enter(Number(call.result));
      }
    }
  };
  for (const pid of byPid.keys()) if (!made.has(pid)) follow(pid);
  for (const pid of byPid.keys()) follow(pid);
  return order;
}

/** Seconds: smaller time stamps are those of `-r`, from line to line. */
const RELATIVE = 3600;
