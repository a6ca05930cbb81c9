import { describe, expect, test } from 'vitest';
import type { WallPicture } from '../../../src/history/picture';
import { pictures, runOf } from './told';

function wallAt(text: string, k: number, left = 0, right = 1, maxEntries = 64): WallPicture {
  return pictures(runOf(text).stand(k), { wall: { left, right, maxEntries } }).wall!;
}
const entries = (side: WallPicture['left']) =>
  side.tables.flatMap((table) => table.entries.map(({ label, bits, pfn, count }) => ({ label, bits, pfn, count })));

const SMALL = `a = mmap(NULL, 16K, rw, PRIVATE|ANONYMOUS)
write(a, 4)
child = fork()
child: write(a)
write(a)
`;

describe('the wall after a fork', () => {
  test('has the same entries on both sides, none of them writable, each frame with two', () => {
    const wall = wallAt(SMALL, 3);
    const there = (side: WallPicture['left']) => entries(side).map(({ label, pfn }) => `${label} ${pfn}`);
    expect(there(wall.left)).toEqual(there(wall.right));
    expect(entries(wall.left).map(({ label }) => label)).toEqual(['a+12K', 'a+8K', 'a+4K', 'a']);
    expect(entries(wall.left).every(({ bits }) => !bits.includes('W'))).toBe(true);
    expect(wall.frames.map(({ mapcount, label, names }) => [mapcount, label, names.join()])).toEqual(
      ['a+12K', 'a+8K', 'a+4K', 'a'].map((label) => [2, label, 'process 1,child']),
    );
    expect(wall.left.program.areas).toBe(11);
    expect([wall.left.name, wall.right.name]).toEqual(['process 1', 'child']);
  });

  test('shows one page become two: the copy is its owner’s', () => {
    const wall = wallAt(SMALL, 4);
    const [copy] = wall.copies;
    expect(wall.copies).toHaveLength(1);
    const at = (side: WallPicture['left']) => entries(side).find(({ label }) => label === 'a')!;
    expect([at(wall.left).pfn, at(wall.right).pfn]).toEqual([copy!.from, copy!.to]);
    expect(at(wall.right).bits).toContain('W');
    const named = new Map(wall.frames.map(({ pfn, label }) => [pfn, label]));
    expect(named.get(copy!.from)).toBe('process 1’s a');
    expect(named.get(copy!.to)).toBe('child’s a');
  });

  test('counts what is shared in both RSS, and shares it out in PSS, as smaps does', () => {
    const before = wallAt(SMALL, 3);
    expect(before.left.rss.now).toBe(before.right.rss.now + (before.left.rss.now - before.right.rss.now));
    const after = wallAt(SMALL, 4);
    expect(after.right.pss!.now - after.right.pss!.was).toBe(2);
    expect(after.left.pss!.now - after.left.pss!.was).toBe(2);
    expect(after.right.rss).toEqual({ was: before.right.rss.now, now: before.right.rss.now });
    const smaps = pictures(runOf(SMALL).stand(4), { proc: { who: 1, file: 'smaps', maxLines: 5000 } }).proc!;
    const pss = smaps.lines.reduce((sum, { text }) => sum + Number(/^Pss: +(\d+) kB/.exec(text)?.[1] ?? 0), 0);
    // Each area's own figure is cut to whole kB.
    expect(Math.abs(after.right.pss!.now - pss)).toBeLessThanOrEqual(14);
  });
});

test('a huge page is one entry of the PMD table, and its copy 2 MiB', () => {
  const text = `pool(4)
a = mmap(NULL, 4M, rw, PRIVATE|ANONYMOUS|HUGETLB)
write(a, 2, 2M)
child = fork()
child: write(a)
`;
  const wall = wallAt(text, 5);
  expect(wall.copies.map(({ bytes }) => bytes)).toEqual([2 ** 21]);
  expect(wall.left.tables.map(({ level }) => level)).toEqual([2]);
  expect(wall.right.hugetlb.now).toBe(4096);
  expect(wall.frames.map(({ label }) => label)).toEqual(['a+2M', 'process 1’s a', 'child’s a']);
});

test('a frame with five mappers is named by all of them', () => {
  const text = `a = mmap(NULL, 4K, rw, PRIVATE|ANONYMOUS)
write(a)
b = fork()
c = fork()
d = fork()
e = fork()
`;
  const [frame] = wallAt(text, 6, 0, 3).frames;
  expect(frame).toMatchObject({ mapcount: 5, names: ['process 1', 'b', 'c', 'd', 'e'], label: 'a' });
});

test('a shared mapping stays one page for both, however often it is written', () => {
  const text = `a = mmap(NULL, 8K, rw, SHARED|ANONYMOUS)
write(a, 2)
child = fork()
child: write(a, 2)
`;
  const wall = wallAt(text, 4);
  expect(wall.copies).toEqual([]);
  expect(entries(wall.right).map(({ pfn }) => pfn)).toEqual(entries(wall.left).map(({ pfn }) => pfn));
  expect(wall.frames.every(({ mapcount, kind }) => mapcount === 2 && kind === 'shmem')).toBe(true);
});

test('many entries are runs that are one on both sides, and a copy breaks them where it is', () => {
  const text = `a = mmap(NULL, 4M, rw, PRIVATE|ANONYMOUS)
write(a, 1024)
child = fork()
child: write(a + 80K)
`;
  const wall = wallAt(text, 4);
  expect(entries(wall.left).length).toBe(entries(wall.right).length);
  expect(entries(wall.left).length).toBeLessThan(12);
  expect(entries(wall.left).reduce((sum, { count }) => sum + count, 0)).toBe(1024);
  expect(entries(wall.right).find(({ label }) => label === 'a+80K')!.count).toBe(1);
});

test('no more entries are told than were asked for, and the rest is counted', () => {
  const text = 'a = mmap(NULL, 512K, rw, PRIVATE|ANONYMOUS)\nwrite(a, 64, 8K)\nchild = fork()\n';
  const wall = wallAt(text, 3, 0, 1, 16);
  expect(entries(wall.left).length + entries(wall.right).length).toBe(16);
  expect(wall.hidden).toBe(128 - 16);
});

test('a process that is not there has an empty side', () => {
  expect(wallAt(SMALL, 2).right).toMatchObject({ alive: false, areas: [], tables: [], rss: { was: 0, now: 0 } });
});

test('the pool and the frames name the owner of a copy too', () => {
  const text = `pool(4)
a = mmap(NULL, 2M, rw, PRIVATE|ANONYMOUS|HUGETLB)
write(a)
child = fork()
child: write(a)
`;
  const told = pictures(runOf(text).stand(5), {
    pool: { maxCells: 64 },
    frames: { who: null, maxCells: 1024, from: 0 },
  });
  expect(
    told
      .pool!.cells.filter(({ state }) => state === 'used')
      .map(({ label }) => label)
      .toSorted(),
  ).toEqual(['child’s a', 'process 1’s a']);
  expect(
    told
      .frames!.cells.filter(({ kind }) => kind === 'hugetlb')
      .map(({ label }) => label)
      .toSorted(),
  ).toEqual(['child’s a', 'process 1’s a']);
});
