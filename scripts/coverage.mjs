/**
 * What the unit and the browser tests run through, in one report: `npm run coverage [-- FILE …]`. Prints the share of lines
 * and of branches of each folder of `src`; every line stands in `coverage/index.html`.
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureChromium } from './chromium.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
process.chdir(root);
const args = ['run', '--project', 'unit', '--project', 'browser', '--maxWorkers=100%', '--reporter=dot'];
args.push('--coverage.enabled', '--coverage.provider=v8', '--coverage.include=src/**/*.{ts,tsx}');
args.push('--coverage.reporter=json-summary', '--coverage.reporter=html', '--coverage.reportOnFailure');
const { status } = spawnSync(join(root, 'node_modules/.bin/vitest'), [...args, ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: { ...process.env, CHROME_PATH: ensureChromium() },
});

/** @typedef {{ covered: number, total: number }} Count */
/** @type {Record<string, { lines: Count, branches: Count }>} */
const summary = JSON.parse(readFileSync('coverage/coverage-summary.json', 'utf8'));
/** @type {Map<string, { lines: Count, branches: Count }>} */
const folders = new Map();
for (const [path, { lines, branches }] of Object.entries(summary)) {
  if (path === 'total') continue;
  const folder = path.slice(join(root, 'src/').length).split('/')[0] ?? '';
  for (const name of [folder, 'all']) {
    const sum = folders.get(name) ?? { lines: { covered: 0, total: 0 }, branches: { covered: 0, total: 0 } };
    for (const [into, from] of /** @type {[Count, Count][]} */ ([
      [sum.lines, lines],
      [sum.branches, branches],
    ])) {
      into.covered += from.covered;
      into.total += from.total;
    }
    folders.set(name, sum);
  }
}
const share = (/** @type {Count} */ { covered, total }) => `${((100 * covered) / Math.max(1, total)).toFixed(1)} %`;
console.log('folder        lines   branches');
for (const [name, { lines, branches }] of [...folders].sort(([a], [b]) => a.localeCompare(b)))
  console.log(`${name.padEnd(11)}${share(lines).padStart(8)}${share(branches).padStart(11)}`);
process.exitCode = status ?? 1;
