/**
 * Real programs' traces: the share of calls whose result the machine reproduces, and how long a long trace takes.
 * `npm run -s bench -- import [FILE…]`; without files, those of test/traces.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { format } from '../../src/scenario/format';
import { IMPORTED } from '../../src/scenario/limits';
import { parse } from '../../src/scenario/parse';
import { compileParsed } from '../../src/scenario/program';
import { machineOf, steps } from '../../src/scenario/run';
import { importStraceNow, type TraceImport } from '../../src/scenario/strace';

const CALLS = ['mmap', 'munmap', 'mprotect', 'mremap', 'brk', 'madvise'];
const folder = join(import.meta.dirname, '../traces');
const named = process.argv.slice(2);
const files =
  named.length > 0
    ? named
    : readdirSync(folder)
        .filter((f) => f.endsWith('.gz'))
        .map((f) => join(folder, f));

const textOf = (file: string): string => {
  const bytes = readFileSync(file);
  return (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
};

interface Share {
  good: number;
  all: number;
}
const shareText = ({ good, all }: Share): string =>
  all === 0 ? '' : good === all ? `all ${all}` : `${good} of ${all}`;
const show = (name: string, cells: readonly string[]): void =>
  console.log(name.padEnd(20) + cells.map((cell) => cell.padStart(13)).join(''));

function check(trace: TraceImport): { by: Map<string, Share>; first: string } {
  const program = compileParsed(parse(format(trace.scenario), IMPORTED));
  const by = new Map(CALLS.map((call) => [call, { good: 0, all: 0 }]));
  let first = '';
  for (const { k, findings } of steps(program, machineOf(program.head))) {
    const { call } = program.steps[k].call;
    const share = by.get(call);
    for (const finding of findings) {
      if (!finding.holds && first === '')
        first = `step ${k + 1}, ${call}: expected ${finding.expected}, found ${finding.found}`;
      if (share === undefined) continue;
      share.all++;
      if (finding.holds) share.good++;
    }
  }
  return { by, first };
}

show('trace', ['lines', ...CALLS]);
const sum = new Map(CALLS.map((call) => [call, { good: 0, all: 0 }]));
let lines = 0;
for (const file of files) {
  const trace = importStraceNow([{ name: file, text: textOf(file) }]);
  const { by, first } = check(trace);
  lines += trace.lines;
  for (const [call, share] of by) {
    sum.get(call)!.good += share.good;
    sum.get(call)!.all += share.all;
  }
  show(basename(file).replace(/\.strace(\.gz)?$/, ''), [
    String(trace.lines),
    ...CALLS.map((call) => shareText(by.get(call)!)),
  ]);
  if (first !== '') console.log(`  first difference: ${first}`);
}
show('together', [String(lines), ...CALLS.map((call) => shareText(sum.get(call)!))]);

// A long trace: one program's lines again and again, as if it were started many times by one shell.
const one = textOf(join(folder, 'shell.strace.gz'));
let long = '';
while (long.split('\n').length < 20_000) long += one.repeat(4);
const text = long.split('\n').slice(0, 20_000).join('\n');
for (let round = 0; round < 3; round++) {
  const began = performance.now();
  const { scenario } = importStraceNow([{ name: 'long', text }]);
  const imported = performance.now();
  const written = format(scenario);
  const parsed = parse(written, IMPORTED);
  const end = performance.now();
  console.log(
    `20,000 lines: imported in ${(imported - began).toFixed(0)} ms, written and read as text in ${(end - imported).toFixed(0)} ms,` +
      ` ${parsed.scenario.statements.length} statements`,
  );
}
