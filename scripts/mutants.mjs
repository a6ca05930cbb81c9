/** Which mutants there are, and a seeded sample of them. */
import { readFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { Instrumenter } from '@stryker-mutator/instrumenter';

/** @typedef {{ line: number, column: number }} Position counted from 0 */
/**
 * @typedef {object} Mutant
 * @property {string} id
 * @property {string} fileName
 * @property {string} mutatorName
 * @property {string} replacement
 * @property {{ start: Position, end: Position }} location
 */

/** A mutation is the same one wherever the folder stands that it is tried in. @param {Mutant} mutant */
export function keyOf({ fileName, mutatorName, replacement, location: { start, end } }) {
  const file = fileName.slice(fileName.lastIndexOf('src/'));
  return [file, start.line, start.column, end.line, end.column, mutatorName, replacement].join(':');
}

/** Every mutation of the files. @param {string[]} files */
export async function mutantsOf(files) {
  const quiet = { debug() {}, info() {}, warn() {}, isDebugEnabled: () => false };
  const instrumenter = new Instrumenter(/** @type {any} */ (quiet));
  const read = files.map((name) => ({ name: resolve(name), content: readFileSync(name, 'utf8'), mutate: true }));
  const options = { plugins: null, excludedMutations: [], ignorers: [] };
  const { mutants } = await instrumenter.instrument(read, /** @type {any} */ (options));
  return /** @type {Mutant[]} */ (/** @type {unknown} */ (mutants));
}

/** `count` of them, the same for the same seed: those whose hash with the seed is least. @param {Mutant[]} mutants @param {number} count @param {number} seed */
export function sampleOf(mutants, count, seed) {
  const ranked = mutants.map((mutant) => ({ mutant, rank: hash(`${seed}:${keyOf(mutant)}`) }));
  ranked.sort((a, b) => a.rank - b.rank);
  return ranked.slice(0, count).map(({ mutant }) => mutant);
}

/** The place of a mutant as Stryker takes it in `mutate`. @param {Mutant} mutant */
export function rangeOf({ fileName, location: { start, end } }) {
  const file = relative(process.cwd(), fileName);
  return `${file}:${start.line + 1}:${start.column}-${end.line + 1}:${end.column}`;
}

/** FNV-1a, 32 bits. @param {string} text */
function hash(text) {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h ^= h >>> 15;
  h = Math.imul(h, 0x85ebca6b);
  return (h ^ (h >>> 13)) >>> 0;
}
