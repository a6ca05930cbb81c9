/** A checker for Stryker that lets through the mutants of the sample and no other. Ranges alone cannot: they nest. */
import { readFileSync } from 'node:fs';
import { keyOf } from './mutants.mjs';

/** @type {Set<string> | null} */
let sample = null;

const checker = {
  init() {
    sample = new Set(JSON.parse(readFileSync(process.env['MUTATE_SAMPLE'] ?? '', 'utf8')));
    return Promise.resolve();
  },
  /** @param {import('./mutants.mjs').Mutant[]} mutants */
  check(mutants) {
    const verdict = (/** @type {import('./mutants.mjs').Mutant} */ mutant) =>
      sample?.has(keyOf(mutant)) ? { status: 'passed' } : { status: 'compileError', reason: 'not in the sample' };
    return Promise.resolve(Object.fromEntries(mutants.map((mutant) => [mutant.id, verdict(mutant)])));
  },
};

export const strykerPlugins = [{ kind: 'Checker', name: 'sample', value: checker }];
