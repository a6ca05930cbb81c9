/**
 * Deliberate mistakes, to see whether the tests notice: `npm run mutate -- PATH [--sample N] [--seed S]`. Takes a seeded
 * sample of all mutations of a file or folder, runs the tests that reach each, and prints the score and every
 * mutation that went unnoticed. The tests are those of the same folder of `src`; with `--all` every unit test. With
 * `--again` only those mutations are tried that went unnoticed the last time, which is how to ask all tests of the few.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Stryker } from '@stryker-mutator/core';
import { keyOf, mutantsOf, rangeOf, sampleOf } from './mutants.mjs';

process.chdir(dirname(dirname(fileURLToPath(import.meta.url))));
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    sample: { type: 'string', default: '300' },
    seed: { type: 'string', default: '1' },
    workers: { type: 'string', default: '1' },
    again: { type: 'boolean', default: false },
    all: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
  },
});
const usage = 'npm run mutate -- PATH [--sample 300] [--seed 1] [--workers 1] [--again] [--all] [--list]';
if (positionals.length === 0) {
  console.error(`Say what to change: ${usage}`);
  process.exit(2);
}

const files = positionals.flatMap((path) => sources(path));
const all = await mutantsOf(files);
/** What went unnoticed the last time, for `--again`. */
const record = join(
  'node_modules/.cache/mmscope/mutate',
  `${positionals.join('+').replaceAll('/', '.')}.${values.seed}.json`,
);
const chosen = values.again ? unnoticed() : sampleOf(all, Number(values.sample), Number(values.seed));
console.log(`${chosen.length} of ${all.length} mutations in ${files.length} files, seed ${values.seed}`);
if (values.list) {
  for (const mutant of chosen) console.log(`${rangeOf(mutant)} ${mutant.mutatorName} ${oneLine(mutant.replacement)}`);
  process.exit(0);
}

const work = mkdtempSync(join(tmpdir(), 'mutate-'));
const sample = join(work, 'sample.json');
writeFileSync(sample, JSON.stringify(chosen.map(keyOf)));
process.env['MUTATE_SAMPLE'] = sample;
if (!values.all) process.env['MUTATE_TESTS'] = testsOf(files);
const began = performance.now();
try {
  const results = await new Stryker({
    testRunner: 'vitest',
    vitest: { configFile: 'scripts/mutate.config.ts' },
    plugins: ['@stryker-mutator/vitest-runner', './scripts/mutate-sample.mjs'],
    checkers: ['sample'],
    mutate: [...new Set(chosen.map(rangeOf))],
    coverageAnalysis: 'perTest',
    reporters: process.stdout.isTTY ? ['progress'] : [],
    concurrency: Number(values.workers),
    // Its rewriting of the TypeScript configuration needs an interface that TypeScript 7 no longer has; Vite needs none.
    tsconfigFile: 'none',
    tempDirName: join(work, 'sandbox'),
    ignorePatterns: ['dist', 'docs', 'coverage', '.vitest-attachments'],
    allowConsoleColors: false,
    logLevel: /** @type {any} */ ('error'),
    timeoutMS: 20_000,
  }).runMutationTest();
  report(results.filter((result) => result.status !== 'CompileError'));
} finally {
  rmSync(work, { recursive: true, force: true });
}

/** @param {string} path @returns {string[]} */
function sources(path) {
  if (statSync(path).isFile()) return [path];
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name) && !name.endsWith('.d.ts'))
    .map((name) => join(path, name))
    .sort();
}

/** The unit tests that go with the folders of the files, as patterns. @param {string[]} paths */
function testsOf(paths) {
  const floors = new Set(paths.map((path) => path.split('/')[1] ?? ''));
  const patterns = [...floors].map((floor) => `test/unit/${floor}/**/*.test.{ts,tsx}`);
  if (floors.has('engine')) patterns.push('test/unit/conformance.test.ts');
  return patterns.join(' ');
}

/** Those of the last run's survivors that the files still have. @returns {import('./mutants.mjs').Mutant[]} */
function unnoticed() {
  const keys = new Set(JSON.parse(readFileSync(record, 'utf8')).missed);
  return all.filter((mutant) => keys.has(keyOf(mutant)));
}

/** @param {Awaited<ReturnType<Stryker['runMutationTest']>>} results */
function report(results) {
  const count = (/** @type {string} */ status) => results.filter((result) => result.status === status).length;
  const missed = results.filter((result) => result.status === 'Survived' || result.status === 'NoCoverage');
  missed.sort((a, b) => a.fileName.localeCompare(b.fileName) || a.location.start.line - b.location.start.line);
  for (const { fileName, location, mutatorName, replacement, status } of missed) {
    const place = `${relative(process.cwd(), fileName)}:${location.start.line}:${location.start.column}`;
    const why = status === 'NoCoverage' ? ', never run' : '';
    console.log(`${place} ${mutatorName}${why}\n  - ${textAt(fileName, location)}\n  + ${oneLine(replacement ?? '')}`);
  }
  mkdirSync(dirname(record), { recursive: true });
  // Results count lines and columns from 1, mutants from 0.
  const back = (/** @type {{ line: number, column: number }} */ at) => ({ line: at.line - 1, column: at.column - 1 });
  const keys = missed.map(({ location: { start, end }, replacement, ...rest }) =>
    keyOf({ ...rest, replacement, location: { start: back(start), end: back(end) } }),
  );
  const noticed = count('Killed') + count('Timeout');
  const tried = values.again ? Number(JSON.parse(readFileSync(record, 'utf8')).tried) : noticed + missed.length;
  writeFileSync(record, JSON.stringify({ tried, missed: keys }, null, 2));
  const again = values.again ? `, ${noticed} of the last run's survivors` : '';
  const score = ((100 * (tried - missed.length)) / tried).toFixed(1);
  console.log(`${positionals.join(' ')}: ${score} % noticed, ${missed.length} of ${tried} not${again}`);
  console.log(
    `${count('Killed')} killed, ${count('Timeout')} without end, ${count('Survived')} survived, ${count('NoCoverage')} never run, ` +
      `${count('RuntimeError')} could not be tried; ${((performance.now() - began) / 60_000).toFixed(1)} minutes`,
  );
}

/** What stands there. @param {string} file @param {{ start: import('./mutants.mjs').Position, end: import('./mutants.mjs').Position }} at */
function textAt(file, { start, end }) {
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .slice(start.line - 1, end.line);
  lines[lines.length - 1] = (lines.at(-1) ?? '').slice(0, end.column - 1);
  lines[0] = (lines[0] ?? '').slice(start.column - 1);
  return oneLine(lines.join(' '));
}

/** @param {string} text */
function oneLine(text) {
  const line = text.replace(/\s+/g, ' ');
  return line.length > 160 ? `${line.slice(0, 160)} …` : line;
}
