import { describe, expect, test } from 'vitest';
import { LINUX_DESIGNS } from '../../../src/engine/designs/designs';
import { MAP_FIXED, MAP_NORESERVE, PROT_READ } from '../../../src/engine/uapi';
import { GIANT, HUGE, HugeMachine, PRIVATE, RW, SHARED } from './huge-machine';

const NORESERVE = PRIVATE | MAP_NORESERVE;

describe.each(LINUX_DESIGNS)('the pool under %s', (design) => {
  test('a private owner, a stranger without reservation and a child share eight pages to the last', () => {
    const k = new HugeMachine(8, 0, design);
    const p = 0;
    const q = 1;
    const c = 2;
    k.fork(p, q);
    const own = k.map(p, 4);
    expect(k.counts).toEqual([8, 8, 4, 0]);
    k.write(p, own);
    expect(k.counts).toEqual([8, 7, 3, 0]);
    k.read(p, own + HUGE);
    expect(k.counts).toEqual([8, 6, 2, 0]);
    expect(k.do(q, 'mmap', [0, 5 * HUGE, RW, PRIVATE, -1, 0])).toBe('ENOMEM');
    expect(k.counts).toEqual([8, 6, 2, 0]);
    const free = k.map(q, 5, NORESERVE);
    expect(k.counts).toEqual([8, 6, 2, 0]);
    expect(k.write(q, free, 4)).toBe(0);
    expect(k.counts).toEqual([8, 2, 2, 0]);
    expect(k.write(q, free + 4 * HUGE)).toBe('SIGBUS');
    expect(k.counts).toEqual([8, 2, 2, 0]);
    k.fork(p, c);
    expect(k.counts).toEqual([8, 2, 2, 0]);
    expect(k.write(c, own)).toBe('SIGBUS');
    expect(k.counts).toEqual([8, 2, 2, 0]);
    expect(k.write(p, own)).toBe(0);
    expect(k.counts).toEqual([8, 2, 2, 0]);
    expect(k.entry(c, own)).toBe(0);
    expect(k.area(c, own).resv_unmapped).toBe(true);
    k.do(c, 'exit', []);
    k.munmap(p, own, 4);
    expect(k.counts).toEqual([8, 4, 0, 0]);
  });

  test('a reservation beyond the free pages makes surplus pages, and gives them back untouched', () => {
    const k = new HugeMachine(8, 4, design);
    const at = k.map(0, 10);
    expect(k.counts).toEqual([10, 10, 10, 2]);
    k.munmap(0, at, 10);
    expect(k.counts).toEqual([8, 8, 0, 0]);
  });

  test('a reservation that would need more surplus pages than are allowed leaves nothing behind', () => {
    const k = new HugeMachine(8, 1, design);
    expect(k.do(0, 'mmap', [0, 10 * HUGE, RW, PRIVATE, -1, 0])).toBe('ENOMEM');
    expect(k.counts).toEqual([8, 8, 0, 0]);
  });

  test('a read-only private mapping reserves as a writable one does', () => {
    const k = new HugeMachine(4, 0, design);
    k.map(0, 3, PRIVATE, PROT_READ);
    expect(k.counts).toEqual([4, 4, 3, 0]);
  });

  test('two shared mappings of the same pages of a file reserve them once', () => {
    const k = new HugeMachine(8, 0, design);
    const fd = k.open(0);
    k.mapFile(0, fd, 3);
    expect(k.counts).toEqual([8, 8, 3, 0]);
    const both = k.mapFile(0, fd, 3, 1, RW, 1);
    expect(k.counts).toEqual([8, 8, 4, 0]);
    k.write(0, both);
    expect(k.counts).toEqual([8, 7, 3, 0]);
  });

  test('pages of a shared mapping outlive it in their file, and go with the file', () => {
    const k = new HugeMachine(4, 0, design);
    const at = k.map(0, 3, SHARED);
    k.write(0, at, 2);
    expect(k.counts).toEqual([4, 2, 1, 0]);
    k.munmap(0, at, 1);
    expect(k.counts).toEqual([4, 2, 1, 0]);
    k.munmap(0, at + HUGE, 2);
    expect(k.counts).toEqual([4, 4, 0, 0]);
  });

  test('a page that a private owner gives up with MADV_DONTNEED is promised to it again', () => {
    const k = new HugeMachine(4, 0, design);
    const at = k.map(0, 4);
    k.write(0, at, 4);
    expect(k.counts).toEqual([4, 0, 0, 0]);
    k.do(0, 'madvise', [at, 2 * HUGE, 4]);
    expect(k.counts).toEqual([4, 2, 2, 0]);
    expect(k.do(0, 'mmap', [0, HUGE, RW, PRIVATE, -1, 0])).toBe('ENOMEM');
    expect(k.write(0, at, 2)).toBe(0);
    expect(k.counts).toEqual([4, 0, 0, 0]);
  });

  test('while there are surplus pages, what an owner gives up is neither kept in the pool nor promised again', () => {
    const k = new HugeMachine(2, 2, design);
    const at = k.map(0, 4);
    k.write(0, at, 4);
    expect(k.counts).toEqual([4, 0, 0, 2]);
    k.do(0, 'madvise', [at, HUGE, 4]);
    expect(k.counts).toEqual([3, 0, 0, 1]);
    k.pool(2, 0);
    expect(k.write(0, at)).toBe('SIGBUS');
  });

  test('whether reservations are restored is decided by the surplus pages there were before any page was freed', () => {
    const k = new HugeMachine(2, 1, design);
    const a = k.map(0, 1);
    const b = k.map(0, 2);
    k.write(0, a);
    k.write(0, b, 2);
    expect(k.counts).toEqual([3, 0, 0, 1]);
    k.do(0, 'munmap', [b, a + HUGE - b]);
    expect(k.counts).toEqual([2, 2, 0, 0]);
  });

  test('part of an owner that is unmapped gives back its own part', () => {
    const k = new HugeMachine(8, 0, design);
    const at = k.map(0, 6);
    k.write(0, at, 2);
    k.munmap(0, at + HUGE, 3);
    expect(k.counts).toEqual([8, 7, 2, 0]);
    k.munmap(0, at, 6);
    expect(k.counts).toEqual([8, 8, 0, 0]);
  });

  test('when a child keeps a page longer than its owner, the count of reservations goes below zero for a while', () => {
    const k = new HugeMachine(4, 0, design);
    const at = k.map(0, 1);
    k.write(0, at);
    k.fork(0, 1);
    k.munmap(0, at, 1);
    expect(k.counts).toEqual([4, 3, -1, 0]);
    k.do(1, 'exit', []);
    expect(k.counts).toEqual([4, 4, 0, 0]);
  });

  test('the pool shrinks to what is reserved or in use; the rest is surplus and goes when it is freed', () => {
    const k = new HugeMachine(8, 0, design);
    const at = k.map(0, 3);
    k.write(0, at);
    k.pool(1);
    expect(k.counts).toEqual([3, 2, 2, 2]);
    k.munmap(0, at, 3);
    expect(k.counts).toEqual([1, 1, 0, 0]);
  });

  test('a pool that grows makes its surplus pages lasting ones first', () => {
    const k = new HugeMachine(2, 2, design);
    k.map(0, 4);
    expect(k.counts).toEqual([4, 4, 4, 2]);
    k.pool(3, 2);
    expect(k.counts).toEqual([4, 4, 4, 1]);
    k.pool(6, 2);
    expect(k.counts).toEqual([6, 6, 4, 0]);
  });

  test('MAP_FIXED over another mapping destroys it even if the reservation then fails', () => {
    const k = new HugeMachine(2, 0, design);
    const at = k.map(0, 1);
    k.write(0, at);
    expect(k.do(0, 'mmap', [at, 3 * HUGE, RW, PRIVATE | MAP_FIXED, -1, 0])).toBe('ENOMEM');
    expect(k.read(0, at)).toBe('SIGSEGV');
    expect(k.counts).toEqual([2, 2, 0, 0]);
  });

  test('of 1 GiB pages there are none: reserving fails, and without reserving the touch does', () => {
    const k = new HugeMachine(2, 4, design);
    const giant = 30 << 26;
    expect(k.do(0, 'mmap', [0, 1, RW, PRIVATE | giant, -1, 0])).toBe('ENOMEM');
    const at = k.address(0, 'mmap', [0, 1, RW, NORESERVE | giant, -1, 0]);
    expect(at % GIANT).toBe(0);
    expect(k.area(0, at).vm_end - at).toBe(GIANT);
    expect(k.write(0, at)).toBe('SIGBUS');
    expect(k.do(0, 'munmap', [at, HUGE])).toBe('EINVAL');
    expect(k.do(0, 'munmap', [at, GIANT])).toBe(0);
  });

  test('a page size that the machine has not is refused', () => {
    const k = new HugeMachine(2, 0, design);
    expect(k.do(0, 'mmap', [0, HUGE, RW, PRIVATE | (16 << 26), -1, 0])).toBe('EINVAL');
    expect(k.do(0, 'memfd', [4 | (16 << 26)], 'm')).toBe('ENODEV');
    expect(k.address(0, 'mmap', [0, HUGE, RW, PRIVATE | (21 << 26), -1, 0]) % HUGE).toBe(0);
  });
});
