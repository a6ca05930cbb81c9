import { describe, expect, test } from 'vitest';
import { createRegularFile } from '../../../src/engine/mm/filemap';
import { MAP_POPULATE, MAP_PRIVATE, MAP_SHARED, PROT_EXEC, PROT_READ } from '../../../src/engine/uapi';
import { BLOCK, FAR, PAGE, RW, SmallMachine } from './small-machine';

/** A machine with an ordinary file of so many pages open as descriptor 3. Written whole, its cache holds pages of 2^n. */
function withFile(pages: number): SmallMachine {
  const s = new SmallMachine();
  createRegularFile(s.m, 'file:F', pages * PAGE);
  expect(s.get(0, 'open', [2, 0], 'file:F')).toBe(3);
  return s;
}

const dots = (n: number): string => '.'.repeat(n);

describe('a mapping of an ordinary file', () => {
  test('a read maps the pages around it that are in the cache, up to 16, and large ones whole', () => {
    const s = withFile(40); // 32 + 8 pages
    const a = s.map(40, MAP_SHARED, FAR, RW, 3);
    s.read(a);
    expect([s.minflt, s.picture(a, 40)]).toEqual([1, 'f'.repeat(32) + dots(8)]);
    // The page that ends the file is not mapped whole by a fault around it.
    s.read(a + 32 * PAGE);
    expect([s.minflt, s.picture(a, 40)]).toEqual([1, 'f'.repeat(40)]);
  });

  test('a large page that reaches out of the area is mapped as far as the window of 16 goes', () => {
    const s = withFile(40);
    const a = s.map(30, MAP_SHARED, FAR, RW, 3, 2);
    s.read(a + 20 * PAGE);
    expect(s.picture(a, 30)).toBe(dots(16) + 'f'.repeat(14));
  });

  test('an aligned 2 MiB page of the cache is one entry, and a write to a private one leaves only the copy', () => {
    const s = withFile(700);
    const before = s.tables();
    const a = s.map(512, MAP_PRIVATE, FAR, RW, 3);
    s.read(a + 5 * PAGE);
    expect(s.look(a)).toMatchObject({ huge: true, kind: 'file' });
    expect([s.mm().rss_file >= 512, s.tables() - before]).toEqual([true, 8]);
    s.write(a + 7 * PAGE);
    expect([s.minflt, s.picture(a, 512)]).toEqual([1, dots(7) + 'a' + dots(504)]);
  });

  test('the first write of a shared page must fault, so that the file hears of it; msync makes it fault again', () => {
    const s = withFile(1);
    const a = s.map(1, MAP_SHARED, FAR, RW, 3);
    s.read(a);
    expect(s.look(a)!.writable).toBe(false);
    s.write(a);
    expect([s.minflt, s.look(a)!.writable]).toEqual([1, true]);
    s.do(0, 'msync', [a, PAGE, 4]);
    expect(s.look(a)!.writable).toBe(false);
    s.write(a);
    expect(s.minflt).toBe(1);
  });

  test('made writable again, a shared page that is dirty already needs no fault', () => {
    const s = withFile(1);
    const a = s.map(1, MAP_SHARED, FAR, RW, 3);
    s.write(a);
    s.do(0, 'mprotect', [a, PAGE, PROT_READ]);
    s.do(0, 'mprotect', [a, PAGE, RW]);
    s.write(a);
    expect(s.minflt).toBe(0);
  });

  test('a private write copies; the file and other mappings keep the page', () => {
    const s = withFile(2);
    const a = s.map(2, MAP_PRIVATE, FAR, RW, 3);
    const b = s.map(2, MAP_SHARED, FAR + BLOCK, RW, 3);
    s.read(b, 2);
    s.write(a);
    expect(s.look(a)).toMatchObject({ kind: 'anonymous', writable: true });
    s.read(a, 2);
    expect(s.look(a + PAGE)!.pfn).toBe(s.look(b + PAGE)!.pfn);
    expect(s.look(a)!.pfn).not.toBe(s.look(b)!.pfn);
  });

  test('beyond the end there is SIGBUS, and it is not counted', () => {
    const s = withFile(3);
    const a = s.map(8, MAP_SHARED, FAR, RW, 3);
    expect(s.read(a + 3 * PAGE)).toBe('SIGBUS 2');
    expect(s.write(a + 7 * PAGE)).toBe('SIGBUS 2');
    expect(s.minflt).toBe(0);
  });

  test('truncation unmaps what is cut off, private copies too; a clean large page across the cut goes from every table', () => {
    const s = withFile(8);
    const a = s.map(8, MAP_PRIVATE, FAR, RW, 3);
    const b = s.map(8, MAP_SHARED, FAR + BLOCK, RW, 3);
    s.write(a + 6 * PAGE);
    s.read(b);
    expect(s.picture(b, 8)).toBe('ffffffff');
    s.do(0, 'ftruncate', [3, 3 * PAGE]);
    expect([s.picture(a, 8), s.picture(b, 8)]).toEqual([dots(8), dots(8)]);
    expect(s.read(b, 3)).toBe(0);
    expect(s.read(b + 3 * PAGE)).toBe('SIGBUS 2');
  });

  test('what was cut off and given back comes from the disk: a major fault, not counted as minor', () => {
    const s = withFile(8);
    const a = s.map(8, MAP_SHARED, FAR, RW, 3);
    s.do(0, 'ftruncate', [3, 0]);
    s.do(0, 'ftruncate', [3, 8 * PAGE]);
    expect(s.read(a + 4 * PAGE)).toBe(0);
    expect([s.minflt, s.picture(a, 8)]).toEqual([0, 'ffffffff']);
  });

  test('but populating begins such a fault anew, and then counts it', () => {
    const s = withFile(8);
    s.do(0, 'ftruncate', [3, 0]);
    s.do(0, 'ftruncate', [3, 8 * PAGE]);
    const a = s.map(8, MAP_SHARED | MAP_POPULATE, FAR, RW, 3);
    expect([s.minflt, s.picture(a, 8)]).toEqual([1, 'ffffffff']);
  });

  test('of code, only what follows is read ahead', () => {
    const s = withFile(8);
    const a = s.map(8, MAP_SHARED, FAR, RW | PROT_EXEC, 3);
    s.do(0, 'ftruncate', [3, 0]);
    s.do(0, 'ftruncate', [3, 8 * PAGE]);
    s.read(a + 4 * PAGE);
    expect(s.picture(a, 8)).toBe('....ffff');
  });

  test('mincore counts what is in the cache, mapped or not', () => {
    const s = withFile(5);
    const a = s.map(8, MAP_SHARED, FAR, RW, 3);
    expect(s.do(0, 'mincore', [a, 8 * PAGE])).toBe(0);
    expect(s.m.outcome.code).toBe(5);
    expect(s.do(0, 'mincore', [a, 9 * PAGE])).toBe('ENOMEM');
  });
});

describe('a memfd file', () => {
  test('its first touch makes the page, for reading as for writing, and all who map it see the same', () => {
    const s = new SmallMachine();
    const fd = s.get(0, 'memfd', [0], 'm');
    s.do(0, 'ftruncate', [fd, 4 * PAGE]);
    const a = s.map(4, MAP_SHARED, FAR, RW, fd);
    s.read(a);
    expect(s.look(a)).toMatchObject({ kind: 'file', writable: true });
    expect(s.mm().rss_shmem).toBe(1);
    const b = s.map(4, MAP_PRIVATE, FAR + BLOCK, RW, fd);
    s.read(b, 4);
    expect(s.look(b)!.pfn).toBe(s.look(a)!.pfn);
    expect(s.read(a + 4 * PAGE)).toBe('SIGSEGV 1');
  });

  test('pages allocated ahead are not mapped around a fault before they are used', () => {
    const s = new SmallMachine();
    const fd = s.get(0, 'memfd', [0], 'm');
    expect(s.do(0, 'fallocate', [fd, 0, 0, 4 * PAGE])).toBe(0);
    const a = s.map(4, MAP_SHARED, FAR, RW, fd);
    s.read(a + PAGE);
    expect(s.picture(a, 4)).toBe('.f..');
    s.read(a);
    expect(s.picture(a, 4)).toBe('ff..');
  });

  test('a punched hole takes shared pages and leaves private copies; the end of the last mapping frees the pages', () => {
    const s = new SmallMachine();
    const used = s.m.frames.used;
    const fd = s.get(0, 'memfd', [0], 'm');
    s.do(0, 'ftruncate', [fd, 4 * PAGE]);
    const a = s.map(4, MAP_SHARED, FAR, RW, fd);
    const b = s.map(4, MAP_PRIVATE, FAR + BLOCK, RW, fd);
    s.write(a, 4);
    s.write(b, 2);
    s.do(0, 'fallocate', [fd, 3, PAGE, 2 * PAGE]);
    expect([s.picture(a, 4), s.picture(b, 4)]).toEqual(['f..f', 'aa..']);
    s.do(0, 'munmap', [a, 4 * PAGE]);
    s.do(0, 'munmap', [b, 4 * PAGE]);
    s.do(0, 'close', [fd]);
    expect(s.m.frames.used).toBe(used);
  });

  test('an allocation larger than the memory is refused at once', () => {
    const s = new SmallMachine();
    const fd = s.get(0, 'memfd', [0], 'm');
    expect(s.do(0, 'fallocate', [fd, 0, 0, 2 ** 43])).toBe('ENOMEM');
  });
});
