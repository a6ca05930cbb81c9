/**
 * `npm run oracle`: records fresh traces of every kind on the kernel that this runs on, and holds the machine against them.
 *
 *     npm run oracle -- [--seed N] [--traces N] [--ops N] [--kind NAME]… [--drawn N]
 *
 * With `--drawn N` it also lets the kernel do N sequences of each kind that the property tests draw.
 *
 * Needs Linux on x86-64, root (frame numbers, the huge-page pool), gcc and python3. It changes the machine's huge-page
 * pool while it runs. Exits 1 where the machine and the kernel disagree, and keeps those recordings.
 */
import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ARGUED } from '../../src/engine/designs/designs';
import { conformance } from '../../src/cli/conformance';
import { createMachine } from '../../src/engine/process';
import { KINDS, RandomOperations } from '../unit/engine/random-operations';

const recorder = join(import.meta.dirname, 'record.py');

/** Why recording cannot work here, or null. */
function refusal(): string | null {
  if (process.platform !== 'linux' || process.arch !== 'x64') return 'it asks a Linux kernel on x86-64';
  if (process.getuid?.() !== 0) return 'it needs root, to read frame numbers and to set the huge-page pool';
  if (!existsSync('/sys/kernel/mm/hugepages/hugepages-2048kB')) return 'this kernel has no pool of 2 MiB pages';
  for (const tool of ['gcc', 'python3'])
    if (spawnSync(tool, ['--version']).status !== 0) return `it needs ${tool}, which is not there`;
  return null;
}

function record(args: readonly string[], output?: number): void {
  const run = spawnSync('python3', [recorder, ...args], { stdio: ['ignore', output ?? 'pipe', 'inherit'] });
  if (run.status !== 0) throw new Error(`record.py ${args.join(' ')} ended with ${run.status ?? run.signal}`);
}

const kindsOf = (): string[] =>
  spawnSync('python3', [recorder, 'kinds'], { encoding: 'utf8' }).stdout.trim().split('\n');

/** Records sequences that the machine draws for itself: what comes next depends on what is mapped then. */
function recordDrawn(path: string, folder: string, seed: number, count: number, operations: number): void {
  const file = openSync(path, 'w');
  for (const [name, kind] of Object.entries(KINDS)) {
    for (let n = 0; n < count; n++) {
      const m = createMachine();
      const draw = new RandomOperations(m, kind, seed + n);
      const lines: string[] = [];
      for (let operation = draw.first(); lines.length < operations; operation = draw.next()) {
        // It would lock the recording process's own pages, too, and count their faults.
        if (operation.op === 'mlockall') continue;
        m.execute(operation);
        const { who, op, args, path: name = '' } = operation;
        lines.push(`@${who} ${op} ${name} ${args.join(' ')}`);
      }
      const script = join(folder, `${name}-${seed + n}.txt`);
      writeFileSync(script, lines.join('\n'));
      record(['script', script], file);
      rmSync(script);
    }
  }
  closeSync(file);
}

function main(): number {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: String(Date.now() % 1_000_000_000) },
      traces: { type: 'string', default: '3' },
      ops: { type: 'string', default: '60' },
      kind: { type: 'string', multiple: true },
      drawn: { type: 'string', default: '0' },
    },
  });
  const why = refusal();
  if (why !== null) {
    console.error(`The oracle cannot be asked: ${why}.`);
    return 2;
  }
  const { seed, traces, ops } = values;
  console.log(`Seed ${seed}, ${traces} traces of ${ops} operations of each kind.`);
  const folder = mkdtempSync(join(tmpdir(), 'oracle-'));
  let failed = false;
  try {
    for (const kind of values.kind ?? kindsOf()) {
      const path = join(folder, `${kind}.jsonl`);
      const file = openSync(path, 'w');
      record(['random', '--kind', kind, '--seed', seed, '--ops', ops, '--traces', traces], file);
      closeSync(file);
      if (conformance([path], { designs: ARGUED, show: 1 }) === 0) rmSync(path);
      else failed = true;
    }
    if (Number(values.drawn) > 0) {
      const path = join(folder, 'drawn.jsonl');
      recordDrawn(path, folder, Number(seed), Number(values.drawn), Number(ops));
      if (conformance([path], { designs: ARGUED, show: 3 }) === 0) rmSync(path);
      else failed = true;
    }
  } finally {
    record(['clean']);
  }
  if (failed) console.log(`The recordings that disagree are kept in ${folder}.`);
  else rmSync(folder, { recursive: true });
  return failed ? 1 : 0;
}

process.exitCode = main();
