/** Texts that come from outside: recognised by what they look like, and made into a scenario. */
import { format } from '../scenario/format';
import { importMaps } from '../scenario/proc-maps';
import { isTraced } from '../scenario/strace-lines';
import { importStrace, type Progress, type TraceFile } from '../scenario/strace';

/** What a text is: a scenario, the output of strace, or a file of `/proc`. */
export type TextKind = 'scenario' | 'strace' | 'maps' | 'smaps';

/** What was taken over. */
export interface Imported {
  readonly kind: TextKind;
  readonly text: string;
  readonly lines: number;
  /** Operations of the scenario, and the processes that carry them out. */
  readonly calls: number;
  readonly processes: number;
  /** Areas of a file of `/proc`; 0 of any other. */
  readonly areas: number;
  /** Calls that were left out, by name, the most frequent first. */
  readonly ignored: readonly { readonly name: string; readonly count: number }[];
  /** Lines that could not be read. */
  readonly unreadable: number;
  /** What a person should know, a sentence each. */
  readonly notes: readonly string[];
}

const AREA = /^[0-9a-f]{4,16}-[0-9a-f]{4,16} [r-][w-][x-][ps] [0-9a-f]+ [0-9a-f]+:[0-9a-f]+ \d+/;
/** Characters at the beginning by which a text is judged. */
const LOOKED_AT = 100_000;

/** Judges by the beginning: whichever half of its lines says. */
export function recognise(text: string): TextKind {
  const lines = text
    .slice(0, LOOKED_AT)
    .split('\n')
    .filter((line) => line.trim() !== '');
  const count = (pattern: RegExp): number => lines.filter((line) => pattern.test(line)).length;
  const areas = count(AREA);
  if (areas > 0 && count(/^(?:Size|Rss|KernelPageSize): +\d+ kB/) >= areas) return 'smaps';
  if (areas * 2 > lines.length) return 'maps';
  return lines.filter(isTraced).length * 2 > lines.length ? 'strace' : 'scenario';
}

/** Makes one scenario of the files. Yields how far it is; never throws, whatever the texts. */
export function* importTexts(files: readonly TraceFile[]): Generator<Progress, Imported> {
  const kinds = files.map((file) => recognise(file.text));
  const kind = kinds.includes('strace') ? 'strace' : (kinds[0] ?? 'scenario');
  const taken = files.filter((_, i) => kinds[i] === kind);
  const notes = files
    .filter((_, i) => kinds[i] !== kind)
    .map(({ name }) => `${name} is of another kind than the other files, and was left out.`);
  if (kind === 'strace') {
    const { scenario, ...found } = yield* importStrace(taken);
    const calls = scenario.statements.filter((statement) => statement.kind === 'call');
    return {
      kind,
      text: format(scenario),
      lines: found.lines,
      calls: found.calls,
      areas: 0,
      processes: new Set(calls.map((call) => call.process)).size,
      ignored: [...found.other].map(([name, count]) => ({ name, count })).sort((a, b) => b.count - a.count),
      unreadable: found.unreadable,
      notes: [...notes, ...found.notes],
    };
  }
  const [{ text } = { text: '' }, ...others] = taken;
  for (const { name } of others) notes.push(`Only one fits on the page: ${name} was left out.`);
  const found = { kind, text, calls: 0, processes: 0, areas: 0, ignored: [], unreadable: 0 };
  if (kind === 'scenario') return { ...found, lines: text.split('\n').length, notes };
  const { scenario, areas, lines, unreadable, notes: more } = importMaps(text);
  return { ...found, text: format(scenario), lines, areas, unreadable, notes: [...notes, ...more], processes: 1 };
}
