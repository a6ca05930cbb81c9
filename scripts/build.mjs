/** Builds the static site into dist/, and the same as one HTML file, dist/mmscope.html. */
import { copyFile } from 'node:fs/promises';
import { build } from 'vite';

const logLevel = process.argv.includes('--quiet') ? 'warn' : 'info';
await build({ logLevel });
await build({ logLevel, mode: 'single' });
await copyFile('node_modules/.cache/mmscope/single/index.html', 'dist/mmscope.html');
