import { isDeepStrictEqual } from 'node:util';
import { expect, test } from 'vitest';
import { seededRandom } from '../../../src/base/random';
import { format } from '../../../src/scenario/format';
import { parse } from '../../../src/scenario/parse';
import { compileParsed } from '../../../src/scenario/program';
import { mutate } from './mutate';

const TEXTS = [
  'title: Hostile\nthp: madvise\nlayout: sh 555555554000-555555577000 rw-p 00001000 3 /bin/sh\nexec("sh")\n',
  '# Because.\na = mmap(NULL, 8M, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_HUGETLB, -1, 0) → 0x7ffff7600000\n',
  'a = brk()\npredict "What?" | "a | b" | c*\nchild = fork()\nchild: write(a + 2M, 4, 4K) → SIGBUS # why\n',
  'a = brk()\nexpect HugePages_Free 4\nexpect Rss(a) 2048\nmunmap(a, 0x200000) = -1 EINVAL (Invalid argument)\n',
];

test('100,000 damaged texts are read without a throw, and what could be read keeps its meaning', () => {
  const random = seededRandom(4);
  const otherwise: string[] = [];
  for (let i = 0; i < 100_000; i++) {
    const text = mutate(TEXTS[i % TEXTS.length], random);
    const parsed = parse(text);
    const { scenario, places, diagnostics } = parsed;
    if (diagnostics.length > 10 || places.length !== scenario.statements.length) otherwise.push(text);
    if (i % 10 !== 0) continue;
    const program = compileParsed(parsed);
    const env = program.start();
    for (let k = 0; k < program.steps.length; k++) program.resolve(k, env);
    if (diagnostics.length === 0 && !isDeepStrictEqual(parse(format(scenario)).scenario, scenario))
      otherwise.push(text);
  }
  expect(otherwise).toEqual([]);
});

test('a text of the worst kinds is read in a moment', () => {
  const worst = [
    '('.repeat(250_000),
    `mmap(${'1+'.repeat(120_000)}1`,
    `mmap(${'1*'.repeat(120_000)}1`,
    `a=brk()\nwrite(${'a+'.repeat(100_000)}1)`,
    'x'.repeat(250_000),
    '"'.repeat(250_000),
    `predict "${'\\"'.repeat(100_000)}"`,
    'a:'.repeat(120_000),
    '\n'.repeat(250_000),
    Array.from({ length: 20_000 }, (_, i) => `n${i}=brk()`).join('\n') + '\nwrite(zz)'.repeat(2000),
    `title: ${' #'.repeat(100_000)}`,
    `thp: ${' #'.repeat(100_000)}`,
    `layout: ${'a '.repeat(100_000)}`,
    `file: 1 ${'a '.repeat(100_000)}`,
    `${' '.repeat(250_000)}x`,
  ];
  for (const text of worst) {
    const began = Date.now();
    format(parse(text).scenario);
    expect([text.slice(0, 20), Date.now() - began < 5000]).toEqual([text.slice(0, 20), true]);
  }
});
