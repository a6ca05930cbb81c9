/**
 * Every driver of the bench through the whole library, under every design and both kernels' rules.
 *
 *     npm run -s bench -- lamp [--share N] [--seed N] [--scenario NAME]
 *
 * With `--share N` one driver in N, drawn by `--seed`. Exits 1 where a run hangs, or the lamp misses something or accuses wrongly.
 */
import { parseArgs } from 'node:util';
import { seededRandom } from '../../src/base/random';
import { DESIGN_NAMES } from '../../src/engine/designs/designs';
import { RULES_NAMES } from '../../src/engine/rules';
import { combinations, nothingYet, SCENARIOS, sweep } from '../unit/engine/lamp-sweep';

const { values } = parseArgs({
  options: {
    share: { type: 'string', default: '1' },
    seed: { type: 'string', default: '1' },
    scenario: { type: 'string', default: '' },
  },
});
const random = seededRandom(Number(values.seed));
const letters = combinations().filter(() => random() < 1 / Number(values.share));
const all = nothingYet();
const began = performance.now();
for (const scenario of SCENARIOS.filter(({ name }) => name.includes(values.scenario))) {
  const before = all.wrong.length;
  for (const design of DESIGN_NAMES) for (const rules of RULES_NAMES) sweep(scenario, design, rules, letters, all);
  console.log(`${scenario.name.padEnd(24)} ${String(all.runs).padStart(7)} runs, ${all.wrong.length - before} wrong`);
}
const seconds = (performance.now() - began) / 1000;
console.log(
  `${all.drivers} drivers in ${all.runs} runs (the others do the same as one of these), ${all.refused} refused at mmap; ` +
    `the lamp came on in ${all.lit}; ${all.wrong.length} hung, missed or accused wrongly; ${seconds.toFixed(0)} s`,
);
for (const words of all.wrong.slice(0, 40)) console.log(`  ${words}`);
process.exitCode = all.wrong.length > 0 ? 1 : 0;
