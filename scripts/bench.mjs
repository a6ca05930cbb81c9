/** `npm run -s bench -- NAME [arguments]` runs test/bench/NAME.ts; without a name, says which there are. */
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runTs } from './run-ts.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = join(root, 'test/bench');
const benches = existsSync(folder)
  ? readdirSync(folder)
      .filter((name) => name.endsWith('.ts'))
      .map((name) => name.slice(0, -3))
  : [];
const name = process.argv[2] ?? '';
if (benches.includes(name)) {
  process.argv.splice(1, 2, resolve(folder, `${name}.ts`));
  await runTs(`test/bench/${name}.ts`);
} else {
  console.error(`usage: npm run -s bench -- NAME, where NAME is one of: ${benches.join(', ') || '(none yet)'}`);
  process.exit(2);
}
