/**
 * What goes wrong around the page, and whether anything of the person's is lost: `npm run build && npm run -s bench -- crashes
 * [SHARE] [SEED] [WHAT]`. SHARE 1 is 500 ends of the worker, 200 crashes of a tab, 100 times no room, 20 new versions under open
 * tabs, and 2,000 sequences in two tabs; 0.1 a tenth of each.
 */
import { newVersions, noRoom, seedFaults, tabCrashes, workerEnds, type Outcome } from '../kept/faults';
import { openHarness, type Harness } from '../kept/harness';
import { trySequences } from '../kept/sequences';

const share = Number(process.argv[2] ?? 1);
const seed = Number(process.argv[3] ?? 1);
const only = process.argv[4];
async function sequences(harness: Harness, tried: number): Promise<Outcome> {
  try {
    const steps = await trySequences(harness, { runs: tried, seed, real: false, maxLength: 12 });
    return { tried, wrong: [], note: `${steps.toLocaleString('en')} steps` };
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : '';
    return { tried, wrong: [`${String(error).split('\n').slice(0, 3).join(' ')} ${cause}`], note: '' };
  }
}

const harness = await openHarness();
const rows: readonly (readonly [string, number, (tried: number) => Promise<Outcome>])[] = [
  ['ends of the worker', 500, (tried) => workerEnds(harness, tried)],
  ['crashes of a tab', 200, (tried) => tabCrashes(harness, tried)],
  ['no room', 100, (tried) => noRoom(harness, tried)],
  ['new versions', 20, newVersions],
  ['sequences', 2_000, (tried) => sequences(harness, tried)],
];
seedFaults(seed);
let bad = 0;
console.log(`seed ${seed}\n${'what'.padEnd(20)} ${'tried'.padStart(6)} ${'lost'.padStart(5)} ${'s'.padStart(6)}`);
for (const [what, all, run] of rows) {
  if (only !== undefined && !what.includes(only)) continue;
  const began = performance.now();
  const { tried, wrong, note } = await run(Math.max(1, Math.round(all * share)));
  bad += wrong.length;
  const seconds = ((performance.now() - began) / 1000).toFixed(0);
  console.log(
    `${what.padEnd(20)} ${String(tried).padStart(6)} ${String(wrong.length).padStart(5)} ${seconds.padStart(6)}  ${note}`,
  );
  for (const one of wrong.slice(0, 10)) console.log(`    ${one}`);
}
await harness.close();
process.exitCode = bad === 0 ? 0 : 1;
