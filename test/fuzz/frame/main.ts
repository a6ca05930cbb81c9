/** `npm run -s fuzz -- SECONDS [SEED] [KIND…]`: throws bad inputs at every reader for so long, all kinds alike. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hashText } from '../../../src/base/hash';
import { hunt, type Fault } from './hunt';
import { KINDS } from './kinds';

const FOUND = 'test/fuzz/found';
const FAULTS: readonly Fault[] = ['throw', 'slow', 'large', 'wrong'];

/** Keeps a found input, to be a test from now on. */
function keep(name: string, input: string): string {
  const folder = join(FOUND, name);
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${(hashText(input, 1) >>> 0).toString(16).padStart(8, '0')}.txt`);
  writeFileSync(path, input);
  return path;
}

function usage(): never {
  console.error('usage: npm run -s fuzz -- SECONDS [SEED] [KIND…] [--inputs N]');
  console.error('SECONDS are for all kinds together; with --inputs each ends after so many inputs at the latest.');
  for (const [name, { what }] of KINDS) console.error(`  ${name.padEnd(12)} ${what}`);
  process.exit(2);
}

const args = process.argv.slice(2);
const at = args.indexOf('--inputs');
const [, many] = at < 0 ? [] : args.splice(at, 2);
const seconds = Number(args.shift());
const seed = /^\d+$/.test(args[0] ?? '') ? Number(args.shift()) : Date.now() % 1_000_000;
const names = args.length > 0 ? args : [...KINDS.keys()];
if (!(seconds > 0) || names.some((name) => !KINDS.has(name)) || (at >= 0 && !/^\d+$/.test(many ?? ''))) usage();

console.log(`seed ${seed}`);
console.log(`${'kind'.padEnd(12)} ${'inputs'.padStart(9)} ${'per s'.padStart(7)} ${FAULTS.join('  ')}  slowest`);
let bad = 0;
for (const name of names) {
  const kind = KINDS.get(name)!;
  const inputs = many === undefined ? Infinity : Number(many);
  const found = await hunt(kind, { seed, seconds: seconds / names.length, inputs });
  const counts = FAULTS.map((fault) =>
    String(found.findings.filter((finding) => finding.fault === fault).length).padStart(fault.length),
  );
  const rate = (found.inputs / found.seconds).toFixed(0);
  console.log(
    `${name.padEnd(12)} ${String(found.inputs).padStart(9)} ${rate.padStart(7)} ${counts.join('  ')}  ${found.slowest.toFixed(0)} ms`,
  );
  for (const { fault, what, input } of found.findings) {
    bad++;
    console.log(`  ${fault}: ${what.split('\n').slice(0, 4).join('\n    ')}\n  kept as ${keep(name, input)}`);
  }
}
process.exitCode = bad === 0 ? 0 : 1;
