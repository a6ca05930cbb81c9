import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, sep } from 'node:path';
import { describe, expect, test } from 'vitest';

const src = join(import.meta.dirname, '../../src');

/** Which other folders of src each folder may import from: the floors of src/README.md. Its own files always. */
const mayUse: Record<string, readonly string[]> = {
  base: [],
  engine: ['base'],
  history: ['base', 'engine'],
  scenario: ['base', 'engine', 'history'],
  share: ['base', 'engine', 'history', 'scenario'],
  protocol: ['base', 'engine', 'history', 'scenario', 'share'],
  worker: ['base', 'engine', 'history', 'scenario', 'share', 'protocol'],
  store: ['base', 'engine', 'history', 'scenario', 'share', 'protocol', 'worker'],
  views: ['base'],
  app: ['base', 'engine', 'history', 'scenario', 'share', 'protocol', 'worker', 'store', 'views'],
  cli: ['base', 'engine', 'history', 'scenario', 'share', 'protocol'],
};

/** And these as types only. */
const mayUseTypes: Record<string, readonly string[]> = { views: ['history', 'engine', 'protocol'] };

/** Packages that a folder may use; folders not named here may use any. */
const packages: Record<string, RegExp> = {
  base: /^$/,
  engine: /^$/,
  history: /^$/,
  scenario: /^(valibot|fflate)$/,
  share: /^(valibot|fflate)$/,
  protocol: /^valibot$/,
  worker: /^(valibot|fflate)$/,
  store: /^(zustand(\/.*)?|valibot|fflate)$/,
  views: /^d3$/,
  cli: /^(node:.*|valibot|fflate)$/,
};

interface Import {
  specifier: string;
  typeOnly: boolean;
}

const withoutComments = (text: string) => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');

function importsOf(text: string): Import[] {
  const code = withoutComments(text);
  const found: Import[] = [];
  for (const [, kind, , specifier] of code.matchAll(
    /^\s*(import\s+type\b|export\s+type\b|import\b|export\b)([^'"`;()=]*?\bfrom\s*|\s*)['"]([^'"]+)['"]/gm,
  ))
    found.push({ specifier, typeOnly: /\btype$/.test(kind) });
  for (const [, specifier] of code.matchAll(/\bimport\s*\(\s*['"`]([^'"`]+)['"`]/g))
    found.push({ specifier, typeOnly: false });
  for (const [, specifier] of code.matchAll(/\bnew URL\(\s*['"`](\.[^'"`]+)['"`]\s*,\s*import\.meta\.url/g))
    found.push({ specifier, typeOnly: false });
  return found;
}

/** What is wrong with one import of a file, in words; `undefined` if nothing is. `file` is a path below src. */
function wrong(file: string, { specifier, typeOnly }: Import): string | undefined {
  const room = file.split('/')[0];
  const says = `src/${file} imports '${specifier}'`;
  if (!(room in mayUse)) return `src/${file} lies in no folder of the floor table`;
  if (!specifier.startsWith('.')) {
    const allowed = packages[room] ?? /./;
    return allowed.test(specifier) ? undefined : `${says}: ${room} may not use this package`;
  }
  const target = normalize(join(dirname(file), specifier.split('?')[0]))
    .split(sep)
    .join('/');
  const other = target.split('/')[0];
  if (other === room) return undefined;
  // The designs' own source is shown beside the run: text crosses floors freely.
  if (specifier.endsWith('?raw')) return undefined;
  if (mayUse[room].includes(other)) return undefined;
  if (mayUseTypes[room]?.includes(other)) {
    return typeOnly ? undefined : `${says}: ${room} may import only types from ${other} ("import type")`;
  }
  const allowed = [...mayUse[room], ...(mayUseTypes[room] ?? []).map((name) => `${name} (types)`)];
  return `${says}: ${room} may import from ${allowed.join(', ') || 'nothing'}`;
}

/** As `wrong`, for each import of a text. */
const wrongIn = (file: string, text: string) => importsOf(text).map((one) => wrong(file, one));

/**
 * A design is named in its own folder only: others go by the list or by what it tells of itself. `flag`, `table`, `file` and
 * `vm_ops` are words of other things, too, and are looked for where a line speaks of designs.
 */
const designNames = /['"`](ops|anon-flag|ops-always|core|mainline)['"`]/;
const asDesign = /\bdesigns?\b.*['"`](flag|table|file|vm_ops)['"`]|['"`](flag|table|file|vm_ops)['"`].*\bdesigns?\b/i;
/** Devices are named in the folder of drivers. */
const deviceNames = /\/dev\/(page-huge|superpage|broken-|bench-)/;

/** What names them for a person to read, or in a form that is kept for ever: content, not code. */
const MAY_NAME: Readonly<Record<string, string>> = {
  'app/history-tour/stops.ts': 'the told argument: every stop is about designs',
  'app/history-tour/after.ts': 'the told argument: every stop is about designs',
  'share/vocabulary.ts': 'words of the released link format: never changed',
  'app/operation-heads.ts': 'an example in a sentence',
  'app/operations.ts': 'an example in a form',
  'scenario/head.ts': 'the sentence of a setting that is about one device',
  'app/argument/bench-scenario.ts': 'scenarios written for devices of the bench',
};

const mayName = (file: string): boolean =>
  /^engine\/(designs|drivers)\//.test(file) || file.startsWith('scenario/library/') || file in MAY_NAME;

/** Tests of VM_HUGETLB outside of the designs, with the reason why no design is asked. */
const UNCONVERTED: Readonly<Record<string, string>> = {
  'engine/mm/vm_flags.ts': 'where the bit is defined, and its two letters in smaps',
  'engine/mm/mmap.ts': 'sets the bit, and looks at it before there is an area to ask about',
  'engine/fs/hugetlbfs.ts': 'sets the bit',
  'engine/drivers/page-huge.ts': 'sets the bit',
  'engine/validate/address-space.ts': 'judges the machine from outside',
  'history/ledger.ts': 'counts what ran, from outside',
  'history/pictures/look.ts': 'says what an area is, from outside',
};

/** Whether a file defines the bit, or imports it. */
const knowsBit = (file: string): boolean =>
  /\bconst VM_HUGETLB\b|^import\b[^;]*\bVM_HUGETLB\b[^;]*;/m.test(
    withoutComments(readFileSync(join(src, file), 'utf8')),
  );

function sources(): string[] {
  if (!existsSync(src)) return [];
  return readdirSync(src, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|tsx)$/.test(name))
    .map((name) => name.split(sep).join('/'));
}

describe('floors', () => {
  test('every import under src goes to the same floor or a lower one', () => {
    const files = sources();
    expect(files.length).toBeGreaterThan(0);
    const faults = files.flatMap((file) =>
      importsOf(readFileSync(join(src, file), 'utf8'))
        .map((one) => wrong(file, one))
        .filter((fault) => fault !== undefined),
    );
    expect(faults).toEqual([]);
  });

  test('no file outside of their folders names a design or a device', () => {
    const faults = sources()
      .filter((file) => !mayName(file))
      .flatMap((file) =>
        withoutComments(readFileSync(join(src, file), 'utf8'))
          .split('\n')
          .filter((line) => designNames.test(line) || asDesign.test(line) || deviceNames.test(line))
          .map((line) => `src/${file}: ${line.trim()}`),
      );
    expect(faults).toEqual([]);
    for (const file of Object.keys(MAY_NAME)) expect(sources()).toContain(file);
  });

  test('every test of VM_HUGETLB goes through the design, or is known and has a reason', () => {
    const naming = sources().filter((file) => !file.startsWith('engine/designs/') && knowsBit(file));
    expect(naming.sort()).toEqual(Object.keys(UNCONVERTED).sort());
  });

  test('the check itself sees what it must', () => {
    expect(wrongIn('engine/mm/mmap.ts', `import { x } from '../../base/text';\nimport '../designs/ops';`)).toEqual([
      undefined,
      undefined,
    ]);
    expect(wrongIn('engine/mm/mmap.ts', `import {\n  x,\n  y,\n} from '../../history/seek';`)).toEqual([
      `src/engine/mm/mmap.ts imports '../../history/seek': engine may import from base`,
    ]);
    expect(wrongIn('views/tree/layout.ts', `import { seek } from '../../history/seek';`)[0]).toMatch(/only types/);
    expect(wrongIn('views/tree/layout.ts', `import type { Moment } from '../../history/seek';`)).toEqual([undefined]);
    expect(wrongIn('store/run.ts', `export * from '../views/tree';`)[0]).toMatch(/store may import/);
    expect(wrongIn('base/size.ts', `const later = () => import('react');`)[0]).toMatch(/may not use this package/);
    expect(wrongIn('app/source.tsx', `import text from '../engine/designs/ops.ts?raw';`)).toEqual([undefined]);
  });
});
