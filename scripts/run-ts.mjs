/**
 * Runs a TypeScript program of this repository: `node scripts/run-ts.mjs src/cli/main.ts [arguments]`.
 * It is bundled once and kept in node_modules/.cache until one of its sources changes, so that it starts at once.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { designSources } from './plugins.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** @param {string} entry path of the program, from the repository's root */
export async function runTs(entry) {
  const cache = join(root, 'node_modules/.cache/mmscope/run');
  const name = createHash('sha256').update(entry).digest('hex').slice(0, 16);
  const stampFile = join(cache, `${name}.json`);
  let kept = readStamp(stampFile);
  if (!kept || stamp(kept.sources) !== kept.stamp) {
    const { code, sources } = await bundle(entry);
    mkdirSync(cache, { recursive: true });
    const program = `${name}-${createHash('sha256').update(code).digest('hex').slice(0, 16)}.mjs`;
    kept = { program, sources, stamp: stamp(sources) };
    write(join(cache, program), code);
    write(stampFile, JSON.stringify(kept));
  }
  await import(pathToFileURL(join(cache, kept.program)).href);
}

/**
 * @param {string} file
 * @returns {{ program: string, sources: string[], stamp: string } | undefined}
 */
function readStamp(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Sizes and times of the sources, and of their folders: a new file may belong to an `import.meta.glob`. @param {string[]} sources */
function stamp(sources) {
  return sources
    .map((source) => {
      const found = statSync(join(root, source), { throwIfNoEntry: false });
      return found ? `${found.isFile() ? found.size : ''}@${found.mtimeMs}` : 'gone';
    })
    .join(' ');
}

/** Whole or not at all: two programs may start at the same time. @param {string} file @param {string} text */
function write(file, text) {
  const own = `${file}.${process.pid}`;
  writeFileSync(own, text);
  renameSync(own, file);
}

/** @param {string} entry */
async function bundle(entry) {
  const { build } = await import('vite');
  const sources = new Set(['scripts/run-ts.mjs', 'package-lock.json']);
  const result = await build({
    configFile: false,
    root,
    logLevel: 'error',
    build: { ssr: resolve(root, entry), write: false, target: 'node20', minify: false },
    plugins: [
      designSources(),
      {
        name: 'mmscope:run-ts',
        enforce: 'pre',
        transform(code, id) {
          const file = id.split('?')[0];
          if (file.includes('node_modules') || !file.startsWith(root)) return null;
          sources.add(relative(root, file));
          sources.add(relative(root, dirname(file)));
          if (id.includes('?') || !code.includes('import.meta.')) return null;
          // The program runs from the cache, but its files are where they were written.
          return code
            .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(file).href))
            .replaceAll('import.meta.dirname', JSON.stringify(dirname(file)))
            .replaceAll('import.meta.filename', JSON.stringify(file));
        },
      },
    ],
  });
  const [output] = Array.isArray(result) ? result : [result];
  if (!('output' in output)) throw new Error(`${entry} was not built`);
  const chunks = output.output.filter((part) => part.type === 'chunk');
  if (chunks.length !== 1) throw new Error(`${entry} must not import() lazily: it became ${chunks.length} files`);
  return { code: chunks[0].code, sources: [...sources].sort() };
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const entry = process.argv[2];
  if (!entry) throw new Error('usage: node scripts/run-ts.mjs FILE.ts [arguments]');
  process.argv.splice(1, 2, resolve(root, entry));
  await runTs(entry);
}
