import { describe, expect, test } from 'vitest';
import type { AddressRow } from '../../../src/history/picture';
import { EVERYTHING, pictures, runOf } from './told';

const ask = { ...EVERYTHING, areas: { ...EVERYTHING.areas!, foldUntouched: true } };

/** The rows of the address space after k operations in words: names of areas, and how many are folded. */
function rowsAt(text: string, k: number, who = 0): string[] {
  const { areas } = pictures(runOf(text).stand(k), { areas: { ...ask.areas, who } });
  const word = (row: AddressRow): string =>
    row.row === 'area' ? row.name : row.row === 'fold' ? `${row.areas} untouched` : '';
  return areas!.rows.map(word).filter(Boolean);
}

const MAPPED = 'a = mmap(NULL, 64K, rw, PRIVATE|ANONYMOUS)\nwrite(a)\n';

describe('what no operation of the whole run acts on', () => {
  test('is one line above and one below what the scenario maps', () => {
    expect(rowsAt(MAPPED, 2)).toEqual(['4 untouched', 'a', '7 untouched']);
  });

  test('is folded the same from the first moment on, and in a child', () => {
    const forked = `${MAPPED}child = fork()\nchild: write(a)\n`;
    expect(rowsAt(forked, 0)).toEqual(['4 untouched', '7 untouched']);
    expect(rowsAt(forked, 4, 1)).toEqual(['4 untouched', 'a', '7 untouched']);
  });

  test('is not what is acted on later: the heap stands open before brk is called', () => {
    expect(rowsAt('h = brk(0)\nbrk(h + 64K)\n', 0)).toEqual(['4 untouched', '[heap]', '6 untouched']);
  });

  test('is nothing where an operation goes over every area', () => {
    expect(rowsAt('mlockall(3)\n', 0).some((row) => row.endsWith('untouched'))).toBe(false);
  });

  test('is named by its ends, and counts how many of it changed: at a fork, who may write', () => {
    const fold = pictures(runOf(`${MAPPED}child = fork()\n`).stand(3), ask).areas!.rows.find(
      (row) => row.row === 'fold',
    )!;
    expect(fold).toMatchObject({ names: ['[stack]', '[vvar]'], untouched: true, changed: 1 });
  });

  test('is listed where the person wants to see it', () => {
    const { areas } = pictures(runOf(MAPPED).stand(2), EVERYTHING);
    expect(areas!.rows.filter((row) => row.row === 'area')).toHaveLength(12);
  });
});

describe('the pool', () => {
  test.each([
    ['is not wanted by ordinary memory', MAPPED, false],
    ['is wanted where pages are set aside at the end', `${MAPPED}pool(4)\n`, true],
    ['is wanted by whoever asks for huge pages in vain', 'a = mmap(NULL, 4M, rw, PRIVATE|ANONYMOUS|HUGETLB)\n', true],
  ])('%s', (_, text, wanted) => {
    expect(pictures(runOf(text).stand(0), { pool: { maxCells: 8 } }).pool!.wanted).toBe(wanted);
  });
});
