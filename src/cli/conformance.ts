/** Holds recorded traces of a real kernel against the machine, under every design. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { DESIGN_NAMES, type DesignName } from '../engine/designs/designs';
import { type Disagreement, judge } from './replay';
import { readTraces } from './traces';

/** The recordings that the project carries. */
const CORPUS = join(import.meta.dirname, '../../test/corpus');

/** Paths of all recordings of the corpus. */
export const corpusFiles = (): string[] =>
  readdirSync(CORPUS)
    .filter((name) => name.endsWith('.jsonl.gz'))
    .sort()
    .map((name) => join(CORPUS, name));

/** How far one kind of trace agrees, under one design. */
export interface Tally {
  operations: number;
  agreed: number;
  traces: number;
  whole: number;
  /** Huge pages that khugepaged made meanwhile in the recordings. */
  collapsed: number;
  disagreements: Disagreement[];
}

/** Which traces to hold against the machine. */
export interface ConformanceOptions {
  readonly designs: readonly DesignName[];
  /** Disagreements shown for each kind and design. */
  readonly show: number;
  /** Only the trace with this seed. */
  readonly seed?: number | undefined;
}

/** Counts, by design and kind, what agrees in the files. */
export function conformanceOf(
  files: readonly string[],
  options: ConformanceOptions,
): Map<DesignName, Map<string, Tally>> {
  const all = new Map<DesignName, Map<string, Tally>>(options.designs.map((design) => [design, new Map()]));
  for (const path of files) {
    for (const trace of readTraces(path)) {
      if (options.seed !== undefined && trace.header.seed !== options.seed) continue;
      for (const [design, kinds] of all) {
        const kind = trace.header.kind ?? 'script';
        let tally = kinds.get(kind);
        if (tally === undefined)
          kinds.set(kind, (tally = { operations: 0, agreed: 0, traces: 0, whole: 0, collapsed: 0, disagreements: [] }));
        const verdict = judge(trace, design);
        tally.traces++;
        tally.operations += trace.lines.length;
        tally.agreed += verdict.agreed;
        tally.collapsed += verdict.collapsed;
        if (verdict.disagreement === null) tally.whole++;
        else tally.disagreements.push(verdict.disagreement);
      }
    }
  }
  return all;
}

/** `conformance [FILE…]`: prints what agrees, and where not both sides. Returns the exit code. */
export function conformance(files: readonly string[], options: ConformanceOptions): number {
  const started = performance.now();
  const all = conformanceOf(files.length > 0 ? files : corpusFiles(), options);
  let good = true;
  let any = false;
  for (const design of DESIGN_NAMES) {
    const kinds = all.get(design);
    if (kinds === undefined) continue;
    const total = { operations: 0, agreed: 0, traces: 0, whole: 0 };
    for (const [kind, t] of [...kinds].sort(([a], [b]) => (a < b ? -1 : 1))) {
      any = true;
      for (const key of ['operations', 'agreed', 'traces', 'whole'] as const) total[key] += t[key];
      if (t.whole < t.traces) good = false;
      console.log(
        `${design.padEnd(5)} ${kind.padEnd(14)} ${share(t.agreed, t.operations)} operations, ${share(t.whole, t.traces)} traces`,
      );
      if (t.collapsed > 0)
        console.log(`  of the huge pages recorded, ${t.collapsed} made by khugepaged on its own account`);
      for (const d of t.disagreements.slice(0, options.show)) console.log(describe(d));
    }
    console.log(
      `${design}: ${share(total.agreed, total.operations)} operations, ${share(total.whole, total.traces)} traces agree`,
    );
  }
  console.log(`${((performance.now() - started) / 1000).toFixed(1)} s`);
  return good && any ? 0 : 1;
}

const share = (part: number, whole: number): string => `${part}/${whole}`;

const HEX_OPERANDS = 4096;
const argument = (x: number): string => (x >= HEX_OPERANDS ? `0x${x.toString(16)}` : String(x));

/** Both sides of a disagreement, as text. */
export function describe({ trace, at, fields }: Disagreement): string {
  const line = trace.lines[at]!;
  const operation = `${line.op} ${line.path === undefined ? '' : `${line.path} `}${line.args.map(argument).join(' ')}`;
  const { script, seed } = trace.header;
  const lines = [`  ${script ?? `seed ${seed ?? '-'}`}, operation ${at + 1}: ${operation} by ${line.who}`];
  for (const f of fields.slice(0, 8)) {
    if (f.field === 'threw') lines.push(`    the machine threw: ${String(f.machine)}`);
    else
      lines.push(
        `    ${f.field}: kernel ${JSON.stringify(f.kernel)}`,
        `    ${' '.repeat(f.field.length)}  machine ${JSON.stringify(f.machine)}`,
      );
  }
  return lines.join('\n');
}
