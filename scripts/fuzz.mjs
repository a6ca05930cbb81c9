/** `npm run -s fuzz -- SECONDS [SEED] [KIND…]` runs the fuzzers of test/fuzz; without arguments, says which there are. */
import { runTs } from './run-ts.mjs';

process.argv.splice(1, 1, 'test/fuzz/frame/main.ts');
await runTs('test/fuzz/frame/main.ts');
