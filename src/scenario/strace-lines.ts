/** The lines of strace's output: who called what with which arguments, and what came of it. */

/** One call from its beginning to its end, or something that happened to a process. */
export interface TracedCall {
  readonly pid: number;
  /** Name of the call; `+++` for the end of a process. */
  readonly name: string;
  /** As written, split at the commas. */
  readonly args: readonly string[];
  /** As written: `0x7f…`, `-1`, `3`, `?`. */
  readonly result: string;
  /** What `-y` says that the file of the result is; '' for nothing. */
  readonly path: string;
  /** Name of the error; '' for none. */
  readonly error: string;
  /** Order in which it began and ended, among all lines. */
  readonly begins: number;
  readonly ends: number;
  /** Where it stands in its line, from 1. */
  readonly column: number;
}

/** What reading came to, besides the calls. */
export interface LineCounts {
  lines: number;
  /** Calls that are no business of memory, by name. */
  readonly other: Map<string, number>;
  /** Lines that make no sense. */
  unreadable: number;
}

/** What stands before a call: the process, the time, the address that called. */
const PID = /(?:\[pid +(\d+)(?:<[^>]*>)?\]|(\d+)(?:<[^>]*>)?) +/y;
const TIME = / *(\d\d:\d\d:\d\d(?:\.\d+)?|\d+\.\d+) +/y;
const CALLER = /\[[0-9a-f]{8,16}\] +/y;
/** Characters of a line, and of a call that came in several, that are looked at. */
export const LONGEST_LINE = 65_536;
const UNFINISHED = '<unfinished ...>';
const RESUMED = /^<\.\.\. (\w+) resumed>\s?/;
const RESULT = /^\s*=\s*(\?|0x[0-9a-f]+|-?\d+)(?:<([^>]*)>)?(?:\s+(E[A-Z0-9]+))?/;
/** What clone3 writes back, between the call and its result. */
const WRITTEN_BACK = /^\s*=>\s*\{[^{}]*\}/;
const NAME = /^(\w+)\(/;

/** Splits what stands between a call's parentheses. Returns the arguments and where the closing one stands, −1 for none. */
function splitArguments(text: string, from: number): { args: string[]; end: number } {
  const args: string[] = [];
  let depth = 0;
  let start = from;
  const last = text.lastIndexOf('>');
  for (let i = from; i < text.length; i++) {
    const c = text[i];
    if (c === '"') {
      for (i++; i < text.length && text[i] !== '"'; i++) if (text[i] === '\\') i++;
    } else if (c === '(' || c === '[' || c === '{') depth++;
    else if (c === '<' && i < last && /\d/.test(text[i - 1] ?? '') && text[i + 1] !== '<') {
      // The name behind a file's number may hold anything but its own end.
      i = text.indexOf('>', i);
    } else if (c === ']' || c === '}' || (c === ')' && depth > 0)) depth--;
    else if ((c === ',' && depth === 0) || c === ')') {
      const arg = text.slice(start, i).trim();
      if (arg !== '' || c === ',') args.push(arg);
      if (c === ')') return { args, end: i };
      start = i + 1;
    }
  }
  return { args, end: -1 };
}

interface Prefix {
  readonly pid: number | undefined;
  readonly stamp: string | undefined;
  /** Where the call begins. */
  readonly end: number;
}

function readPrefix(line: string): Prefix {
  let end = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = end;
    const found = pattern.exec(line);
    if (found !== null) end += found[0].length;
    return found;
  };
  const who = take(PID);
  const stamp = take(TIME)?.[1];
  take(CALLER);
  return { pid: who === null ? undefined : Number(who[1] ?? who[2]), stamp, end };
}

/** Whether a line looks like one of strace's. */
export function isTraced(line: string): boolean {
  const text = line.slice(readPrefix(line).end);
  if (/^(?:<\.\.\. \w+ resumed>|\+\+\+ |--- SIG)/.test(text)) return true;
  return NAME.test(text) && (text.includes(UNFINISHED) || /\) += +(?:0x|-?\d|\?)/.test(text));
}

/** Seconds of a time stamp; NaN for none. */
function seconds(stamp: string | undefined): number {
  if (stamp === undefined) return Number.NaN;
  if (!stamp.includes(':')) return Number(stamp);
  const [h, m, s] = stamp.split(':').map(Number);
  return (h * 60 + m) * 60 + s;
}

/** Reads lines one after another; lines of several processes may be mixed. */
export class LineReader {
  readonly calls: TracedCall[] = [];
  /** Time stamps of the calls, NaN where a line has none. */
  readonly times: number[] = [];
  /** Whether calls were left out because there were too many. */
  full = false;
  readonly counts: LineCounts = { lines: 0, other: new Map(), unreadable: 0 };
  /** What each process has begun and not ended. */
  private readonly open = new Map<number, { text: string; name: string; begins: number }>();

  /**
   * @param wanted names of the calls that are kept
   * @param pid whose lines those without a number are
   * @param most calls that are kept
   */
  constructor(
    private readonly wanted: ReadonlySet<string>,
    private readonly pid: number,
    private readonly most = Infinity,
  ) {}

  read(line: string): void {
    const at = this.counts.lines++;
    const prefix = readPrefix(line);
    const pid = prefix.pid ?? this.pid;
    let text = line.slice(prefix.end).trimEnd();
    if (text === '') return;
    let begins = at;
    const column = prefix.end + 1;
    const resumed = RESUMED.exec(text);
    if (resumed !== null) {
      const begun = this.open.get(pid);
      this.open.delete(pid);
      if (!this.wanted.has(resumed[1])) return;
      if (begun === undefined || begun.name !== resumed[1]) {
        this.counts.unreadable++;
        return;
      }
      text = begun.text + text.slice(resumed[0].length);
      if (text.length > LONGEST_LINE) {
        this.counts.unreadable++;
        return;
      }
      begins = begun.begins;
    }
    const name = NAME.exec(text)?.[1];
    if (name === undefined) this.event(text, pid, at);
    else if (!this.wanted.has(name)) this.counts.other.set(name, (this.counts.other.get(name) ?? 0) + 1);
    else {
      const cut = text.lastIndexOf(UNFINISHED);
      const begun = cut < 0 ? text : text.slice(0, cut).trimEnd();
      // `exit_group(0 <unfinished ...>) = ?` is all that will come.
      if (cut < 0) this.call(text, name, { pid, begins, ends: at, column }, seconds(prefix.stamp));
      else if (text.includes('?', cut))
        this.call(`${begun}) = ?`, name, { pid, begins, ends: at, column }, seconds(prefix.stamp));
      else this.open.set(pid, { text: begun, name, begins });
    }
  }

  private call(
    text: string,
    name: string,
    where: Pick<TracedCall, 'pid' | 'begins' | 'ends' | 'column'>,
    time: number,
  ): void {
    const { args, end } = splitArguments(text, name.length + 1);
    const result = end < 0 ? null : RESULT.exec(text.slice(end + 1).replace(WRITTEN_BACK, ''));
    if (result === null) {
      this.counts.unreadable++;
      return;
    }
    this.keep(
      {
        ...where,
        name,
        args,
        result: result[1],
        path: result[2] ?? '',
        error: result[1] === '-1' ? (result[3] ?? '') : '',
      },
      time,
    );
  }

  private keep(call: TracedCall, time: number): void {
    if (this.calls.length >= this.most) {
      this.full = true;
      return;
    }
    this.calls.push(call);
    this.times.push(time);
  }

  /** Signals, ends of processes, and what strace says about itself. */
  private event(text: string, pid: number, at: number): void {
    if (/^\+\+\+ (exited|killed)/.test(text)) {
      this.keep(
        { pid, name: '+++', args: [], result: '0', path: '', error: '', begins: at, ends: at, column: 1 },
        Number.NaN,
      );
    } else if (!/^(\+\+\+|---|strace:|<)/.test(text)) this.counts.unreadable++;
  }
}
