/** Reads files of recorded traces, plain or gzip-compressed. */
import * as v from 'valibot';
import type { TraceHeader, TraceLine } from '../engine/trace';
import { OPERATIONS } from '../engine/operation';
import { FileTrouble, textOf } from './files';

/** One trace: what stood before, and what was done then. */
export interface Trace {
  readonly header: TraceHeader;
  /** The header as it was written, for those who write it again. */
  readonly headerText: string;
  readonly lines: TraceLine[];
}

const number = v.number();
const pool = v.looseObject({ total: number, free: number, rsvd: number, surp: number, overcommit: v.optional(number) });

const headerSchema = v.looseObject({
  format: v.literal(1),
  thp: v.picklist(['always', 'madvise', 'never']),
  overcommit_memory: v.picklist([0, 1, 2]),
  initial: v.array(
    v.looseObject({
      start: number,
      end: number,
      perms: v.string(),
      off: number,
      name: v.string(),
      flags: v.string(),
      present: v.array(v.tuple([number, number])),
    }),
  ),
  pagetables: number,
  user: v.optional(v.literal('nobody')),
  rlimit: v.optional(v.partial(v.object({ memlock: number, stack: number, as: number, data: number }))),
  pool,
});

const lineSchema = v.looseObject({
  who: number,
  op: v.picklist(OPERATIONS),
  args: v.array(number),
  path: v.optional(v.string()),
  ret: v.optional(number, 0),
  pool,
  state: v.record(v.string(), v.looseObject({ areas: v.array(v.looseObject({ start: number, end: number })) })),
});

/** Counts that the kernel keeps unsigned and prints as about 2^64 when it has taken away too much: here they are negative. */
const WRAPPED = /("(?:rsvd|hugetlb)":)(\d{17,})/g;
const unwrap = (text: string): string =>
  text.replace(WRAPPED, (_, key: string, digits: string) => `${key}${BigInt.asIntN(64, BigInt(digits))}`);

/** A line of a trace as the recorder writes it: counts below 0 wrap, and then `lost` is taken from reservations. */
export const lineText = (line: TraceLine, lost: number): string =>
  JSON.stringify(line).replace(/("(?:rsvd|hugetlb)":)(-\d+)/g, (whole, key: string, digits: string) => {
    const less = key === '"rsvd":' ? lost : 0;
    const count = Number(digits) + less;
    return count < 0 ? `${key}${BigInt.asUintN(64, BigInt(count)) - BigInt(less)}` : whole;
  });

/** Bytes of a file of traces, unpacked. */
const LARGEST = 2 ** 29 - 2 ** 20;

/** The traces of a file, one by one. Throws an Error that names the line where the file is not one of traces. */
export function* readTraces(path: string): Generator<Trace> {
  const text = textOf(path, LARGEST);
  let trace: Trace | undefined;
  let number = 0;
  for (const line of text.split('\n')) {
    number++;
    if (line === '') continue;
    let value: unknown;
    try {
      value = JSON.parse(unwrap(line));
    } catch {
      throw new FileTrouble(`${path}:${number}: not JSON`);
    }
    if (typeof value === 'object' && value !== null && !('op' in value)) {
      if (trace !== undefined) yield trace;
      trace = { header: check(headerSchema, value, path, number) as TraceHeader, headerText: line, lines: [] };
    } else if (trace === undefined) throw new FileTrouble(`${path}:${number}: an operation before any header`);
    else trace.lines.push(check(lineSchema, value, path, number) as TraceLine);
  }
  if (trace !== undefined) yield trace;
}

function check(schema: v.GenericSchema, value: unknown, path: string, number: number): unknown {
  const result = v.safeParse(schema, value);
  if (result.success) return value;
  const issue = result.issues[0];
  const where = v.getDotPath(issue);
  throw new FileTrouble(`${path}:${number}: ${where === null ? '' : `${where}: `}${issue.message}`);
}
