/** Where a comparison decides by one page: the last value that is allowed beside the first that is not. */
import { describe, expect, test } from 'vitest';
import { DESIGNS } from '../../../src/engine/designs/designs';
import { BLOCK, FAR, PAGE, PRIVATE, RW, SmallMachine } from './small-machine';

const MAYMOVE_FIXED = 3;
const FIXED = 0x10;
const GROWSDOWN = 0x100;
const LOW = 0x40;
const NOREPLACE = 0x100000;
const HUGETLB = 0x40000;

describe('mremap to a fixed place', () => {
  const moved = (old: number, length: number, by: number): number | string => {
    const s = new SmallMachine();
    s.map(old);
    s.write(FAR, old);
    return s.do(0, 'mremap', [FAR, old * PAGE, length * PAGE, MAYMOVE_FIXED, FAR + by * PAGE]);
  };

  test('may touch the old place, above or below, and not share a page with it', () => {
    expect(moved(4, 4, 4)).toBe(FAR + 4 * PAGE);
    expect(moved(4, 4, 3)).toBe('EINVAL');
    expect(moved(4, 4, -4)).toBe(FAR - 4 * PAGE);
    expect(moved(4, 4, -3)).toBe('EINVAL');
  });

  test('measures a move that grows or shrinks by the new length below, by the old one above', () => {
    expect(moved(4, 8, -8)).toBe(FAR - 8 * PAGE);
    expect(moved(4, 8, -7)).toBe('EINVAL');
    expect(moved(4, 2, -2)).toBe(FAR - 2 * PAGE);
    expect(moved(4, 2, 4)).toBe(FAR + 4 * PAGE);
    expect(moved(4, 2, 2)).toBe('EINVAL');
  });

  test('carries the pages along, each to its own place', () => {
    const s = new SmallMachine();
    s.map(4);
    s.write(FAR, 4);
    const before = [0, 1, 2, 3].map((i) => s.look(FAR + i * PAGE)!.pfn);
    s.do(0, 'mremap', [FAR, 4 * PAGE, 4 * PAGE, MAYMOVE_FIXED, FAR + 4 * PAGE]);
    expect([4, 5, 6, 7].map((i) => s.look(FAR + i * PAGE)!.pfn)).toEqual(before);
    expect(s.picture(FAR, 8)).toBe('....aaaa');
  });

  test('ends at the end of user space at the latest', () => {
    const end = 2 ** 47 - PAGE;
    const s = new SmallMachine();
    s.map(1);
    expect(s.do(0, 'mremap', [FAR, PAGE, PAGE, MAYMOVE_FIXED, end])).toBe('EINVAL');
    expect(s.do(0, 'mremap', [FAR, PAGE, PAGE, MAYMOVE_FIXED, end - PAGE])).toBe(end - PAGE);
  });
});

describe('the gap below an area that grows down', () => {
  /** A one-page stack, and `pages` below it an area with these permissions. */
  const stack = (pages: number, prot = RW, flags = PRIVATE): SmallMachine => {
    const s = new SmallMachine();
    s.map(1, PRIVATE | GROWSDOWN);
    s.map(1, flags, FAR - (pages + 1) * PAGE, prot);
    return s;
  };

  test('keeps 256 pages free: it grows to there and not a page further', () => {
    expect(stack(257).write(FAR - PAGE)).toBe(0);
    expect(stack(256).write(FAR - PAGE)).toBe('SIGSEGV 1');
    expect(stack(300).write(FAR - 44 * PAGE)).toBe(0);
    expect(stack(300).write(FAR - 45 * PAGE)).toBe('SIGSEGV 1');
  });

  test('is not kept to an area that nobody can touch, nor to another that grows down', () => {
    expect(stack(10, 0).write(FAR - 10 * PAGE)).toBe(0);
    expect(stack(10, RW, PRIVATE | GROWSDOWN).write(FAR - 10 * PAGE)).toBe(0);
    expect(stack(10, 1).write(FAR - 10 * PAGE)).toBe('SIGSEGV 1');
  });

  test('is kept free of new mappings too', () => {
    const s = new SmallMachine();
    s.map(1, PRIVATE | GROWSDOWN);
    expect(s.do(0, 'mmap', [FAR - 257 * PAGE, PAGE, RW, PRIVATE, -1, 0])).toBe(FAR - 257 * PAGE);
    const other = new SmallMachine();
    other.map(1, PRIVATE | GROWSDOWN);
    expect(other.do(0, 'mmap', [FAR - 256 * PAGE, PAGE, RW, PRIVATE, -1, 0])).not.toBe(FAR - 256 * PAGE);
  });

  test('grows to 8 MiB in all, as RLIMIT_STACK says', () => {
    const s = new SmallMachine();
    s.map(1, PRIVATE | GROWSDOWN);
    expect(s.write(FAR + PAGE - (8 << 20) - PAGE)).toBe('SIGSEGV 1');
    expect(s.write(FAR + PAGE - (8 << 20))).toBe(0);
  });
});

describe('MAP_32BIT', () => {
  const GIB = 2 ** 30;
  const low = (s: SmallMachine, pages: number, hint = 0): number | string =>
    s.do(0, 'mmap', [hint, pages * PAGE, RW, PRIVATE | LOW, -1, 0]);

  test('finds places in the second GiB from the bottom, until it is full', () => {
    const s = new SmallMachine();
    expect(low(s, 1)).toBe(GIB);
    expect(low(s, 4)).toBe(GIB + PAGE);
    const rest = GIB / PAGE - 5;
    expect(low(s, rest + 1)).toBe('ENOMEM');
    expect(low(s, rest)).toBe(GIB + 5 * PAGE);
    expect(low(s, 1)).toBe('ENOMEM');
  });

  test('takes the hint where that is free, and the next place where it is not', () => {
    const s = new SmallMachine();
    expect(low(s, 1, GIB + 16 * PAGE)).toBe(GIB + 16 * PAGE);
    expect(low(s, 2, GIB + 15 * PAGE)).toBe(GIB);
    expect(low(s, 1, GIB + 15 * PAGE)).toBe(GIB + 15 * PAGE);
  });

  test('means nothing beside MAP_FIXED', () => {
    const s = new SmallMachine();
    expect(s.do(0, 'mmap', [FAR, PAGE, RW, PRIVATE | LOW | FIXED, -1, 0])).toBe(FAR);
  });
});

test('MAP_FIXED_NOREPLACE refuses one shared page, and touches what adjoins', () => {
  const s = new SmallMachine();
  s.map(4);
  const at = (page: number, pages: number): number | string =>
    s.do(0, 'mmap', [FAR + page * PAGE, pages * PAGE, RW, PRIVATE | NOREPLACE, -1, 0]);
  expect([at(-2, 3), at(3, 1)]).toEqual(['EEXIST', 'EEXIST']);
  expect([at(-2, 2), at(4, 1)]).toEqual([FAR - 2 * PAGE, FAR + 4 * PAGE]);
});

describe('fork without room for the copy', () => {
  test('is refused with ENOMEM under strict accounting, leaves the parent as it was, and charges nothing', () => {
    const s = new SmallMachine({ memory: 64 * 2 ** 20, overcommit_memory: 2 });
    s.map(5000);
    s.write(FAR, 10);
    const { committed } = s.m;
    const free = s.m.frames.countFree();
    const picture = s.picture(FAR, 20);
    expect(s.do(0, 'fork', [1])).toBe('ENOMEM');
    expect([...s.m.tasks.keys()]).toEqual([0]);
    expect([s.m.committed, s.m.frames.countFree(), s.picture(FAR, 20)]).toEqual([committed, free, picture]);
    expect(s.write(FAR, 20)).toBe(0);
    s.do(0, 'munmap', [FAR, 5000 * PAGE]);
    expect(s.do(0, 'fork', [1])).toBe(1);
  });

  test('takes no account of what a child does not get', () => {
    const s = new SmallMachine({ memory: 64 * 2 ** 20, overcommit_memory: 2 });
    s.map(5000);
    s.do(0, 'madvise', [FAR, 5000 * PAGE, 10]);
    expect(s.do(0, 'fork', [1])).toBe(1);
  });

  test.each(Object.values(DESIGNS))('gives back under $name what it had copied of the areas before', (design) => {
    const s = new SmallMachine({ memory: 64 * 2 ** 20, overcommit_memory: 2, design });
    s.do(0, 'pool', [4, 0]);
    const huge = FAR - 4 * BLOCK;
    s.map(1024, PRIVATE | HUGETLB, huge);
    s.do(0, 'write', [huge, 1, BLOCK]);
    s.map(4500);
    s.write(FAR, 10);
    const state = (): unknown[] => [s.m.committed, s.m.frames.countFree(), s.m.hstate.free_huge_pages, s.tables()];
    const before = [...state(), s.m.hstate.resv_huge_pages];
    expect(s.do(0, 'fork', [1])).toBe('ENOMEM');
    expect([...state(), s.m.hstate.resv_huge_pages]).toEqual(before);
    expect(s.write(FAR, 4500)).toBe(0);
  });
});
