import { describe, expect, test } from 'vitest';
import { LINUX_DESIGNS } from '../../../src/engine/designs/designs';
import { MAP_FIXED, MAP_NORESERVE, MAP_POPULATE, MAP_PRIVATE, MAP_SHARED } from '../../../src/engine/uapi';
import { HUGE, HugeMachine, RW, SHARED } from './huge-machine';

const KEEP_SIZE = 1;
const PUNCH_HOLE = 3;

describe.each(LINUX_DESIGNS)('files of huge pages under %s', (design) => {
  test('cutting a file takes its pages out of every mapping, private copies too', () => {
    const k = new HugeMachine(8, 0, design);
    const fd = k.open(0);
    const own = k.mapFile(0, fd, 3, MAP_PRIVATE);
    const shared = k.mapFile(0, fd, 3);
    k.write(0, own);
    k.write(0, shared + HUGE);
    k.read(0, own + HUGE);
    k.write(0, own + 2 * HUGE);
    expect(k.counts).toEqual([8, 5, 3, 0]);
    expect(k.do(0, 'ftruncate', [fd, 0])).toBe(0);
    expect(k.counts).toEqual([8, 8, 3, 0]);
    expect(k.usage(0)).toBe(0);
    expect(k.read(0, own)).toBe('SIGBUS');
    k.munmap(0, own, 3);
    expect(k.counts).toEqual([8, 8, 0, 0]);
  });

  test('a length that is no multiple of the page size is refused', () => {
    const k = new HugeMachine(2, 0, design);
    const fd = k.open(0);
    expect(k.do(0, 'ftruncate', [fd, HUGE + 4096])).toBe('EINVAL');
    expect(k.do(0, 'ftruncate', [fd, 3 * HUGE])).toBe(0);
  });

  test('making a file longer drops what was reserved beyond its new end', () => {
    const k = new HugeMachine(8, 0, design);
    const fd = k.open(0);
    k.mapFile(0, fd, 6, MAP_SHARED, 1);
    expect(k.counts).toEqual([8, 8, 6, 0]);
    k.do(0, 'ftruncate', [fd, 4 * HUGE]);
    expect(k.counts).toEqual([8, 8, 4, 0]);
  });

  test('a hole frees whole pages only, with the reservations of pages that there were', () => {
    const k = new HugeMachine(8, 0, design);
    const fd = k.open(0);
    const at = k.mapFile(0, fd, 4);
    k.write(0, at, 2);
    expect(k.counts).toEqual([8, 6, 2, 0]);
    expect(k.do(0, 'fallocate', [fd, PUNCH_HOLE, HUGE / 2, HUGE])).toBe(0);
    expect(k.counts).toEqual([8, 6, 2, 0]);
    expect(k.do(0, 'fallocate', [fd, PUNCH_HOLE, HUGE / 2, 3 * HUGE])).toBe(0);
    expect(k.counts).toEqual([8, 7, 2, 0]);
    expect(k.entry(0, at + HUGE)).toBe(0);
    expect(k.write(0, at + HUGE)).toBe(0);
    expect(k.counts).toEqual([8, 6, 2, 0]);
  });

  test('MADV_REMOVE punches the hole through a shared mapping, and is refused a private one', () => {
    const k = new HugeMachine(4, 0, design);
    const fd = k.open(0);
    const at = k.mapFile(0, fd, 2);
    k.write(0, at, 2);
    expect(k.do(0, 'madvise', [at, HUGE, 9])).toBe(0);
    expect(k.counts).toEqual([4, 3, 0, 0]);
    const own = k.mapFile(0, fd, 1, MAP_PRIVATE);
    expect(k.do(0, 'madvise', [own, HUGE, 9])).toBe('EACCES');
  });

  test('fallocate brings pages to life, reserved ones first, and stops where there are no more', () => {
    const k = new HugeMachine(4, 0, design);
    const fd = k.open(0);
    k.mapFile(0, fd, 2);
    expect(k.do(0, 'fallocate', [fd, KEEP_SIZE, HUGE, 2 * HUGE])).toBe(0);
    expect(k.counts).toEqual([4, 2, 1, 0]);
    expect(k.do(0, 'fallocate', [fd, 0, 0, 6 * HUGE])).toBe('ENOSPC');
    expect(k.counts).toEqual([4, 0, 0, 0]);
    k.do(0, 'ftruncate', [fd, 0]);
    expect(k.counts).toEqual([4, 4, 0, 0]);
  });

  test('a file in the mount keeps its pages when nobody has it open; a memfd does not', () => {
    const k = new HugeMachine(4, 0, design);
    const fd = k.open(0);
    k.do(0, 'fallocate', [fd, 0, 0, HUGE]);
    k.do(0, 'close', [fd]);
    expect(k.counts).toEqual([4, 3, 0, 0]);
    const memory = k.address(0, 'memfd', [4], 'm');
    const at = k.mapFile(0, memory, 1);
    k.write(0, at);
    k.do(0, 'close', [memory]);
    expect(k.counts).toEqual([4, 2, 0, 0]);
    k.munmap(0, at, 1);
    expect(k.counts).toEqual([4, 3, 0, 0]);
  });

  test('an unreserved page of a shared file is remembered as reserved once it is there', () => {
    const k = new HugeMachine(4, 0, design);
    const fd = k.open(0);
    const at = k.mapFile(0, fd, 2, MAP_SHARED | MAP_NORESERVE);
    k.write(0, at);
    expect(k.counts).toEqual([4, 3, 0, 0]);
    k.mapFile(0, fd, 2);
    expect(k.counts).toEqual([4, 3, 1, 0]);
  });

  test('while a mapping is populated, what the file it replaced had reserved is still reserved', () => {
    const k = new HugeMachine(3, 0, design);
    const at = k.map(0, 3, SHARED);
    k.address(0, 'mmap', [at, 3 * HUGE, RW, SHARED | MAP_FIXED | MAP_NORESERVE | MAP_POPULATE, -1, 0]);
    expect(k.minflt).toBe(0);
    expect(k.counts).toEqual([3, 3, 0, 0]);
    expect(k.write(0, at)).toBe(0);
  });

  test('mincore asks the file only where the process has no page table', () => {
    const k = new HugeMachine(4, 0, design);
    const fd = k.open(0);
    const at = k.address(0, 'mmap', [2 ** 40, 2 * HUGE, RW, MAP_SHARED | MAP_FIXED, fd, 0]);
    k.do(0, 'fallocate', [fd, 0, 0, 2 * HUGE]);
    k.do(0, 'mincore', [at, 2 * HUGE]);
    expect(k.m.outcome.code).toBe(1024);
    k.read(0, at);
    k.do(0, 'mincore', [at, 2 * HUGE]);
    expect(k.m.outcome.code).toBe(512);
  });

  test('an offset within a huge page is refused, and lengths are rounded up', () => {
    const k = new HugeMachine(4, 0, design);
    const fd = k.open(0);
    expect(k.do(0, 'mmap', [0, HUGE, RW, MAP_SHARED, fd, 4096])).toBe('EINVAL');
    const at = k.address(0, 'mmap', [0, 4096, RW, MAP_SHARED, fd, HUGE]);
    expect(k.area(0, at).vm_end).toBe(at + HUGE);
  });
});
