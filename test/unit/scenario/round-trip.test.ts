import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BRIEF, format } from '../../../src/scenario/format';
import { parse } from '../../../src/scenario/parse';
import { scenario } from './arbitrary';

describe('format and parse', () => {
  test('a scenario is what its canonical text says', () => {
    fc.assert(
      fc.property(scenario, (s) => {
        const parsed = parse(format(s));
        expect(parsed.diagnostics).toEqual([]);
        expect(parsed.scenario).toEqual(s);
      }),
      { numRuns: 3000 },
    );
  });

  test('a scenario is what its shortest text says, too', () => {
    fc.assert(
      fc.property(scenario, (s) => {
        const brief = format(s, BRIEF);
        expect(brief.length).toBeLessThanOrEqual(format(s).length);
        expect(parse(brief)).toMatchObject({ diagnostics: [], scenario: s });
      }),
      { numRuns: 1000 },
    );
  });

  test('the canonical text of what was read is its own canonical text', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.constantFrom(...PIECES)), { maxLength: 40 }), (pieces) => {
        const once = format(parse(pieces.join('')).scenario);
        expect(format(parse(once).scenario)).toBe(once);
      }),
      { numRuns: 3000 },
    );
  });
});

const PIECES = [
  'a = mmap(NULL, 8M, rw, PRIVATE|ANON)\n',
  'child = fork()\n',
  'child: write(a)\n',
  'munmap(a + 2M, 0x200000) → ENOMEM # gone\n',
  'expect VmPTE 12\n',
  'predict "q" | a | b*\n',
  'title: t\n',
  '\n',
  '#\n',
  ' # remark\n',
  'pool(16)',
  '->',
  '|',
  '"',
  '(',
  ',',
];
