import { describe, expect, test } from 'vitest';
import { MAP_PRIVATE, MAP_SHARED } from '../../../src/engine/uapi';
import { BLOCK, FAR, PAGE, PRIVATE, RW, SHARED, SmallMachine } from './small-machine';

/** A machine of 16 MiB, of which the kernel and the first program hold some. */
const small = (): SmallMachine => new SmallMachine({ memory: 16 * 2 ** 20 });
const free = (s: SmallMachine): number => s.m.frames.free;

describe('when physical memory is used up', () => {
  test('the touch that finds none ends in SIGKILL; what was there stays, and munmap makes room again', () => {
    const s = small();
    const a = s.map(4000);
    const room = free(s);
    const before = s.m.frames.tables;
    expect(s.write(a, 4000)).toBe('SIGKILL 128');
    // Page tables are taken out of the same memory.
    const tables = s.m.frames.tables - before;
    expect(tables).toBeGreaterThan(5);
    expect([s.minflt + tables, free(s)]).toEqual([room, 0]);
    s.do(0, 'munmap', [a, 4000 * PAGE]);
    expect(free(s)).toBe(room);
    const b = s.map(1);
    expect(s.write(b)).toBe(0);
  });

  test('a huge page that cannot be had becomes small ones', () => {
    const s = small();
    const a = s.map(4096);
    s.do(0, 'madvise', [a, 8 * BLOCK, 14]);
    expect(s.do(0, 'write', [a, 8, BLOCK])).toBe(0);
    expect([s.look(a)!.huge, s.look(a + 7 * BLOCK)!.huge]).toEqual([true, false]);
  });

  test('a copy on write that finds no frame leaves both processes their page', () => {
    const s = small();
    const a = s.map(4000);
    s.write(a, 100);
    s.get(0, 'fork', [1]);
    s.write(a + 100 * PAGE, 3900);
    expect(free(s)).toBe(0);
    expect(s.write(a, 1, 1)).toBe('SIGKILL 128');
    expect(s.look(a, 1)).toEqual(s.look(a));
  });

  test('shared memory and private copies of it are refused alike', () => {
    const s = small();
    const a = s.map(4000, SHARED);
    expect(s.write(a, 4000)).toBe('SIGKILL 128');
    const fd = s.get(0, 'memfd', [0], 'm');
    s.do(0, 'ftruncate', [fd, PAGE]);
    expect(s.read(s.map(1, MAP_SHARED, FAR + 64 * BLOCK, RW, fd))).toBe('SIGKILL 128');
    expect(s.write(s.map(1, MAP_PRIVATE, FAR + 65 * BLOCK, RW, fd))).toBe('SIGKILL 128');
  });

  test('populating stops where memory ends: mmap and mlock say what Linux says', () => {
    const s = small();
    expect(s.map(4000, PRIVATE | 0x8000)).toBe(FAR);
    expect(free(s)).toBe(0);
    const b = s.map(2, PRIVATE, FAR + 64 * BLOCK);
    expect(s.do(0, 'mlock', [b, 2 * PAGE])).toBe('EAGAIN');
    expect(s.do(0, 'madvise', [b, 2 * PAGE, 23])).toBe('ENOMEM');
  });
});
