import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fingerprint } from '../../../src/scenario/fingerprint';
import { parse } from '../../../src/scenario/parse';
import { compile, compileParsed, type Finding } from '../../../src/scenario/program';
import { machineOf, run, steps } from '../../../src/scenario/run';
import { scenario } from './arbitrary';

const programOf = (text: string) => {
  const parsed = parse(text);
  expect(parsed.diagnostics).toEqual([]);
  return compileParsed(parsed);
};
const findingsOf = (text: string): Finding[] => {
  const program = programOf(text);
  return run(program, machineOf(program.head)).findings;
};
const endOf = (text: string): number => {
  const program = programOf(text);
  const machine = machineOf(program.head);
  run(program, machine);
  return fingerprint(machine);
};

describe('running a scenario', () => {
  test('an expectation that does not hold says what was expected and what came', () => {
    expect(
      findingsOf('a = mmap(NULL, 8K, rw, PRIVATE|ANON)\nwrite(a) → SIGBUS\nexpect Rss(a) 8\nexpect areas(a, 8K) 1'),
    ).toEqual([
      { step: 1, statement: 1, holds: false, expected: '→ SIGBUS', found: '→ 0' },
      { step: 1, statement: 2, holds: false, expected: 'Rss(0x7ffff7ff5000) 8', found: 'Rss(0x7ffff7ff5000) 4' },
      {
        step: 1,
        statement: 3,
        holds: true,
        expected: 'areas(0x7ffff7ff5000, 8K) 1',
        found: 'areas(0x7ffff7ff5000, 8K) 1',
      },
    ]);
  });

  test('a field of a process that is gone, or of no area, says so', () => {
    const text = 'child = fork()\nchild: exit()\nchild: expect VmPTE 28\nexpect Rss(0x1000) 0';
    expect(findingsOf(text).map((finding) => finding.found)).toEqual([
      'VmPTE the process is gone',
      'Rss(0x1000) no area there',
    ]);
  });

  test('a name whose call failed is −1, as in C', () => {
    expect(
      findingsOf('a = mmap(NULL, 0, rw, PRIVATE|ANON) → EINVAL\nmunmap(a, 4K) → EINVAL\nread(a) → SIGSEGV').every(
        (f) => f.holds,
      ),
    ).toBe(true);
  });

  test('pool(n) leaves the overcommit setting as it is', () => {
    const program = programOf('pool(2, 4)\npool(3)\npool(3, 0)\npool(1)');
    const settings = [...steps(program, machineOf(program.head))].map(({ operation }) =>
      'args' in operation ? operation.args : [],
    );
    expect(settings).toEqual([
      [2, 4],
      [3, 4],
      [3, 0],
      [1, 0],
    ]);
  });

  test('a step that cannot be carried out is told, and the others go on', () => {
    const program = programOf('a = mmap(NULL, 1M, r, PRIVATE|ANON)\nread(a, 99999999)\nread(a)');
    const done = [...steps(program, machineOf(program.head))];
    expect(done.map(({ outcome }) => 'refused' in outcome)).toEqual([false, true, false]);
  });

  test('any scenario runs to its end, or to where a step costs more than it may', () => {
    fc.assert(
      fc.property(scenario, (s) => {
        const program = compile(s);
        const { steps: n, ended } = run(program, machineOf(program.head));
        expect(n).toBe(ended === null ? program.steps.length : ended.k);
      }),
      { numRuns: 100 },
    );
  });
});

describe('the fingerprint of an end state', () => {
  const TEXT =
    'pool(2)\na = mmap(NULL, 4M, rw, PRIVATE|ANON|HUGETLB)\nwrite(a)\nb = mmap(NULL, 8K, rw, PRIVATE|ANON)\nwrite(b)\nchild = fork()\n';

  test('is the same each time', () => expect(endOf(TEXT)).toBe(endOf(TEXT)));

  test.each([
    ['another page present', 'write(b + 4K)'],
    ['a page that is no longer shared', 'child: write(b)'],
    ['another right', 'mprotect(b, 4K, r)'],
    ['a page read since', 'read(b + 4K)'],
    ['a promise taken', 'write(a + 2M)'],
    ['the pool', 'pool(3)'],
    ['a process gone', 'child: exit()'],
    ['the heap', 'brk(0x4f0000)'],
  ])('differs by %s', (_what, more) => expect(endOf(TEXT + more)).not.toBe(endOf(TEXT)));
});
