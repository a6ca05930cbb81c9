import { expect, test } from 'vitest';
import { readingTime } from '../../../src/store/player';

const sentence = (text: string) => [{ kind: 'plain' as const, text }];

test('a step stands as long as its sentence takes to read, and long enough to see what moves', () => {
  const short = readingTime(sentence('The pool is empty.'));
  const long = readingTime(
    sentence('The first write to a takes a page that was promised at mmap, so no one else can lose it.'),
  );
  expect(short).toBeGreaterThanOrEqual(900);
  // Some 240 words a minute, as for a text that one is not used to.
  expect((long - short) / 16).toBeCloseTo(240, 0);
});

test('words are counted over the parts of a sentence, whatever they are set in', () => {
  const parts = [...sentence('the area '), { kind: 'area' as const, text: 'a' }, ...sentence(' grows')];
  expect(readingTime(parts)).toBe(readingTime(sentence('the area a grows')));
});
