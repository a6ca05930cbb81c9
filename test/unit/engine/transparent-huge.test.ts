import { describe, expect, test } from 'vitest';
import { Ev } from '../../../src/engine/events';
import { MREMAP_FIXED, MREMAP_MAYMOVE } from '../../../src/engine/uapi';
import { BLOCK, FAR, PAGE, PRIVATE, RW, SmallMachine } from './small-machine';

const HUGEPAGE = 14;
const NOHUGEPAGE = 15;
const FREE = 8;

function withHuge(blocks = 2, thp: 'always' | 'madvise' | 'never' = 'madvise'): SmallMachine {
  const s = new SmallMachine({ thp });
  s.map(blocks * 512);
  s.do(0, 'madvise', [FAR, blocks * BLOCK, HUGEPAGE]);
  return s;
}

describe('transparent huge pages', () => {
  test('one write fault brings 2 MiB in, and keeps a page table in reserve', () => {
    const s = withHuge();
    const before = s.tables();
    s.write(FAR + 7 * PAGE);
    expect([s.minflt, s.mm().rss_anon >= 512, s.tables() - before]).toEqual([1, true, 12]);
    expect(s.look(FAR)).toMatchObject({ huge: true, writable: true, kind: 'anonymous' });
    s.write(FAR, 512);
    expect(s.minflt).toBe(0);
  });

  test('without the advice, against it, where the area is too small, or switched off, pages are small', () => {
    const s = new SmallMachine();
    s.map(512);
    s.write(FAR);
    expect(s.look(FAR)!.huge).toBe(false);
    const never = withHuge(1, 'never');
    never.write(FAR);
    expect(never.look(FAR)!.huge).toBe(false);
    const always = new SmallMachine({ thp: 'always' });
    always.map(1024);
    always.do(0, 'madvise', [FAR, BLOCK, NOHUGEPAGE]);
    always.write(FAR);
    always.write(FAR + BLOCK);
    expect([always.look(FAR)!.huge, always.look(FAR + BLOCK)!.huge]).toEqual([false, true]);
    const small = withHuge(1);
    small.do(0, 'munmap', [FAR, PAGE]);
    small.write(FAR + PAGE);
    expect(small.look(FAR + PAGE)!.huge).toBe(false);
  });

  test('a read maps the huge zero page; a write then takes a huge page of its own', () => {
    const s = withHuge();
    s.read(FAR);
    expect(s.look(FAR)).toMatchObject({ huge: true, kind: 'zero', writable: false });
    const rss = s.mm().rss_anon;
    s.write(FAR + PAGE);
    expect([s.minflt, s.mm().rss_anon - rss]).toEqual([1, 512]);
    expect(s.look(FAR)).toMatchObject({ huge: true, kind: 'anonymous' });
  });

  test('unmapping a part splits the entry, not the page; the table in reserve comes into use', () => {
    const s = withHuge();
    s.write(FAR);
    const { pfn } = s.look(FAR)!;
    const before = [s.tables(), s.m.frames.used];
    s.do(0, 'munmap', [FAR, 100 * PAGE]);
    expect(s.look(FAR + 100 * PAGE)).toMatchObject({ huge: false, pfn: pfn + 100, writable: true });
    expect([s.tables(), s.m.frames.used]).toEqual(before);
    s.do(0, 'munmap', [FAR, 2 * BLOCK]);
    expect(s.m.frames.used).toBe(before[1]! - 512);
  });

  test('mprotect of all of it keeps it huge, of a part splits it', () => {
    const s = withHuge();
    s.write(FAR);
    s.do(0, 'mprotect', [FAR, BLOCK, 1]);
    s.do(0, 'mprotect', [FAR, BLOCK, RW]);
    expect(s.look(FAR)).toMatchObject({ huge: true, writable: true });
    s.do(0, 'mprotect', [FAR + BLOCK / 2, PAGE, 1]);
    expect(s.look(FAR)).toMatchObject({ huge: false, writable: true });
    expect(s.look(FAR + BLOCK / 2)).toMatchObject({ huge: false, writable: false });
  });

  test('after fork a write splits the entry and copies one small page; alone again, the parent reuses all of it', () => {
    const s = withHuge();
    s.write(FAR);
    const { pfn } = s.look(FAR)!;
    s.get(0, 'fork', [1]);
    expect(s.look(FAR, 1)).toEqual({ pfn, huge: true, kind: 'anonymous', writable: false });
    s.write(FAR + PAGE, 1, 1);
    expect(s.look(FAR + PAGE, 1)).toMatchObject({ huge: false, writable: true });
    expect(s.look(FAR + 2 * PAGE, 1)).toMatchObject({ huge: false, pfn: pfn + 2, writable: false });
    s.do(1, 'exit', []);
    s.write(FAR + 3 * PAGE);
    expect(s.look(FAR)).toMatchObject({ huge: true, pfn, writable: true });
  });

  test('MADV_FREE of a part turns the page into small ones', () => {
    const s = withHuge(1);
    s.write(FAR, 512);
    s.do(0, 'madvise', [FAR, 4 * PAGE, FREE]);
    expect(s.m.frames.order(s.look(FAR + 9 * PAGE)!.pfn)).toBe(0);
    expect(s.picture(FAR, 512)).toBe('a'.repeat(512));
  });

  test('what holds only zeroes gives way to the shared zero page when a huge page is split', () => {
    const s = withHuge(1);
    s.write(FAR);
    s.write(FAR + 9 * PAGE + 100);
    s.do(0, 'madvise', [FAR, 4 * PAGE, FREE]);
    expect(s.picture(FAR, 512)).toBe(`a${'z'.repeat(8)}a${'z'.repeat(502)}`);
  });

  test('moved to an aligned place it stays huge, to another it is split', () => {
    const s = withHuge(1);
    s.write(FAR);
    const to = FAR + 64 * BLOCK;
    s.do(0, 'mremap', [FAR, BLOCK, BLOCK, MREMAP_MAYMOVE | MREMAP_FIXED, to]);
    expect(s.look(to)!.huge).toBe(true);
    s.do(0, 'mremap', [to, BLOCK, BLOCK, MREMAP_MAYMOVE | MREMAP_FIXED, to + 8 * BLOCK + PAGE]);
    expect(s.look(to + 8 * BLOCK + PAGE)!.huge).toBe(false);
    expect(s.look(to)).toBeNull();
  });
});

describe('mremap of small pages', () => {
  const move = (s: SmallMachine, pages: number, to: number): Ev[] =>
    s.events(0, 'mremap', [FAR, pages * PAGE, pages * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to]);

  test('a block that is aligned at both places moves as a table, entry for entry unchanged', () => {
    const s = new SmallMachine();
    s.map(512);
    s.write(FAR, 3);
    const frames = [0, 1, 2].map((i) => s.look(FAR + i * PAGE)!.pfn);
    const events = move(s, 512, FAR + 64 * BLOCK);
    expect(events).toContain(Ev.TableMove);
    expect(events).not.toContain(Ev.EntryClear);
    expect([0, 1, 2].map((i) => s.look(FAR + 64 * BLOCK + i * PAGE)!.pfn)).toEqual(frames);
    s.write(FAR + 64 * BLOCK, 3);
    expect(s.minflt).toBe(0);
    expect(s.read(FAR)).toBe('SIGSEGV 1');
  });

  test('elsewhere each entry moves on its own', () => {
    const s = new SmallMachine();
    s.map(8);
    s.write(FAR, 8);
    const { pfn } = s.look(FAR + 5 * PAGE)!;
    expect(move(s, 8, FAR + 64 * BLOCK + 3 * PAGE)).not.toContain(Ev.TableMove);
    expect(s.look(FAR + 64 * BLOCK + 8 * PAGE)!.pfn).toBe(pfn);
  });

  test('a whole gigabyte moves as one table of the level above', () => {
    const s = new SmallMachine();
    s.map(2 ** 18, PRIVATE | 0x4000);
    s.write(FAR + 5 * BLOCK);
    s.write(FAR + 77 * BLOCK);
    const moves = move(s, 2 ** 18, FAR + 2 ** 31).filter((e) => e === Ev.TableMove);
    expect(moves).toHaveLength(1);
    expect(s.look(FAR + 2 ** 31 + 77 * BLOCK)).not.toBeNull();
  });
});
