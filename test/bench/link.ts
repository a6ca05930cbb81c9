/** How long links are, and how long making and reading one takes. `npm run -s bench -- link` */
import { seededRandom } from '../../src/base/random';
import { LIBRARY } from '../../src/scenario/library';
import { parse } from '../../src/scenario/parse';
import { decodeLink, encodeLink } from '../../src/share/link';

/** Calls at random, as the field's tools were measured: 30 % mmap of 1 to 256 pages, 60 % write, 10 % munmap. */
function atRandom(calls: number, seed: number): string {
  const random = seededRandom(seed);
  const below = (n: number): number => Math.floor(random() * n);
  const names: string[] = [];
  let text = '';
  for (let i = 0; i < calls; i++) {
    const kind = random();
    if (kind < 0.3 || names.length === 0) {
      const n = names.length;
      names.push(String.fromCharCode(97 + (n % 26)) + (n < 26 ? '' : String(Math.floor(n / 26))));
      text += `${names.at(-1)} = mmap(NULL, ${4 + 4 * below(256)}K, rw, PRIVATE|ANON)\n`;
    } else if (kind < 0.9) text += `write(${names[below(names.length)]} + ${4 * below(32)}K)\n`;
    else text += `munmap(${names[below(names.length)]}, ${4 + 4 * below(64)}K)\n`;
  }
  return text;
}

const lengthOf = (text: string): number => {
  const link = encodeLink(text, 1);
  return link.ok ? link.value.length : Number.NaN;
};
const middle = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1];

console.log('operations at random: characters behind # (the middle of 20)');
for (const calls of [5, 12, 25, 50, 100, 200, 400])
  console.log(
    `  ${String(calls).padStart(4)}  ${middle(Array.from({ length: 20 }, (_, seed) => lengthOf(atRandom(calls, seed + 1))))}`,
  );

console.log('the library: calls, characters of text, characters of the link');
for (const { examples } of LIBRARY)
  for (const { name, text } of examples) {
    const calls = parse(text).scenario.statements.filter((statement) => statement.kind === 'call').length;
    console.log(
      `  ${name.padEnd(20)} ${String(calls).padStart(3)} ${String(text.length).padStart(6)} ${String(lengthOf(text)).padStart(5)}`,
    );
  }

const text = atRandom(400, 1);
const link = encodeLink(text, 1);
const began = performance.now();
for (let i = 0; i < 20; i++) encodeLink(text, 1);
const made = performance.now();
for (let i = 0; i < 20; i++) if (link.ok) decodeLink(link.value);
console.log(
  `400 operations: made in ${((made - began) / 20).toFixed(1)} ms, read in ${((performance.now() - made) / 20).toFixed(1)} ms`,
);
