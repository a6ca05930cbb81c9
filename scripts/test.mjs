/**
 * Everything that is checked, in order: `npm test`, or some of it: `npm test -- types unit`.
 * Ends with one line, "N passed, N failed". A check counts as one, a suite as its tests.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureChromium } from './chromium.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
process.chdir(root);
const reports = 'node_modules/.cache/mmscope/reports';

/** @typedef {{ passed: number, failed: number, skipped?: number }} Count */

/** @type {Record<string, () => Promise<Count>>} */
const steps = {
  types: check('tsc', ['-b']),
  lint: check('oxlint', ['--deny-warnings']),
  format: check('prettier', ['--check', '--log-level', 'warn', '.']),
  'dead code': check('knip', []),
  build: check(process.execPath, ['scripts/build.mjs', '--quiet']),
  unit: suite('unit'),
  browser: suite('browser'),
  e2e: suite('e2e'),
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in steps));
if (unknown.length) {
  console.error(`No such step: ${unknown.join(', ')}. There are: ${Object.keys(steps).join(', ')}`);
  process.exit(2);
}

const begun = performance.now();
const total = { passed: 0, failed: 0, skipped: 0 };
/** @type {string[]} */
const table = [];
for (const [name, step] of Object.entries(steps)) {
  if (asked.length && !asked.includes(name)) continue;
  console.log(`\n== ${name}`);
  const from = performance.now();
  const { passed, failed, skipped = 0 } = await step();
  total.passed += passed;
  total.failed += failed;
  total.skipped += skipped;
  const counts = `${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`;
  table.push(`${name.padEnd(10)}${seconds(from).padStart(8)}   ${counts}`);
}
console.log(`\n${table.join('\n')}\n${'total'.padEnd(10)}${seconds(begun).padStart(8)}\n`);
if (total.skipped) console.log(`${total.skipped} skipped`);
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;

/** @param {number} from */
function seconds(from) {
  return `${((performance.now() - from) / 1000).toFixed(1)} s`;
}

/** @param {string} program @param {string[]} args */
function check(program, args) {
  return async () => ((await run(program, args)) === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 });
}

/** A vitest project; a file that cannot be loaded, or an error outside of any test, counts as a failed test. @param {string} name */
function suite(name) {
  return async () => {
    if (name !== 'unit') {
      try {
        process.env.CHROME_PATH = ensureChromium();
      } catch (error) {
        console.error(error instanceof Error ? error.message : error);
        return { passed: 0, failed: 1 };
      }
    }
    const report = join(reports, `${name}.json`);
    mkdirSync(reports, { recursive: true });
    rmSync(report, { force: true });
    const output = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    // A page in a browser keeps the other processor busy by itself.
    const workers = name === 'unit' ? ['--maxWorkers=100%'] : [];
    const status = await run('vitest', ['run', '--project', name, ...workers, ...output]);
    /** @type {Count} */
    let count;
    try {
      const said = JSON.parse(readFileSync(report, 'utf8'));
      /** @type {{ status: string, assertionResults: unknown[] }[]} */
      const files = said.testResults;
      const notLoaded = files.filter((file) => file.status === 'failed' && file.assertionResults.length === 0).length;
      count = {
        passed: said.numPassedTests,
        failed: said.numFailedTests + notLoaded,
        skipped: said.numPendingTests + said.numTodoTests,
      };
    } catch {
      count = { passed: 0, failed: 1 };
    }
    if (count.failed === 0 && (status !== 0 || count.passed === 0)) count.failed = 1;
    return count;
  };
}

/**
 * @param {string} program @param {string[]} args
 * @returns {Promise<number>}
 */
function run(program, args) {
  return new Promise((done) => {
    const path = `${join(root, 'node_modules/.bin')}:${process.env.PATH}`;
    const child = spawn(program, args, {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, PATH: path },
    });
    child.on('error', (error) => {
      console.error(`${program}: ${error.message}`);
      done(1);
    });
    child.on('close', (code) => done(code ?? 1));
  });
}
