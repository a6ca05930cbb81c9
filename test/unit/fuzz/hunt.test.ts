import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { hunt, inputOf, judge } from '../../fuzz/frame/hunt';
import type { Kind } from '../../fuzz/frame/kind';
import { KINDS } from '../../fuzz/frame/kinds';

const FOUND = new URL('../../fuzz/found/', import.meta.url);

const trap: Kind = {
  what: 'a reader that cannot bear two brackets',
  seeds: ['a [[ b', 'a = mmap(NULL, 8K)\nb = 1\n'],
  words: ['[[', 'x'],
  take(input) {
    if (input.includes('[[')) throw new Error('two brackets');
    return input.includes('x') ? 'it holds an x' : '';
  },
};

describe('the hunt', () => {
  test('finds what throws and what does not hold, and makes it as small as it goes', async () => {
    const { findings } = await hunt(trap, { seed: 1, seconds: 60, inputs: 1000 });
    expect(findings.length).toBe(5);
    for (const { fault, input } of findings)
      expect([fault, input]).toEqual(fault === 'throw' ? ['throw', '[['] : ['wrong', 'x']);
  });

  test('draws the same inputs for the same seed, and others for another', () => {
    const kind = KINDS.get('scenario')!;
    const inputs = (seed: number): string[] => Array.from({ length: 50 }, (_, i) => inputOf(kind, seed, i));
    expect(inputs(3)).toEqual(inputs(3));
    expect(new Set([...inputs(3), ...inputs(4)]).size).toBe(100);
  });
});

describe('inputs that were found once', () => {
  for (const [name, kind] of KINDS) {
    const folder = new URL(`${name}/`, FOUND);
    const files = existsSync(folder) ? readdirSync(folder) : [];
    test(`of the kind ${name} are taken in as they must be`, async () => {
      for (const file of files) {
        const { finding } = await judge(kind, readFileSync(new URL(file, folder), 'utf8'));
        expect([file, finding]).toEqual([file, null]);
      }
    });
  }
});
