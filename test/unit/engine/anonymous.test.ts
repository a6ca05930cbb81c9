import { describe, expect, test } from 'vitest';
import { Ev } from '../../../src/engine/events';
import { MAP_POPULATE, PROT_READ } from '../../../src/engine/uapi';
import { BLOCK, FAR, PAGE, PRIVATE, RW, SmallMachine } from './small-machine';

const DONTNEED = 4;
const FREE = 8;

describe('a fault of private anonymous memory', () => {
  test('a read of what was never written shows the shared zero page and takes no memory', () => {
    const s = new SmallMachine();
    const before = [s.m.frames.used, s.mm().rss_anon];
    const a = s.map(4);
    expect(s.read(a, 4)).toBe(0);
    expect(s.minflt).toBe(4);
    expect(s.picture(a, 4)).toBe('zzzz');
    expect([s.m.frames.used, s.mm().rss_anon]).toEqual(before);
    expect(s.look(a)!.writable).toBe(false);
  });

  test('a write after the read faults once more and gets a page of its own', () => {
    const s = new SmallMachine();
    const a = s.map(1);
    s.read(a);
    s.write(a);
    expect(s.minflt).toBe(1);
    expect(s.look(a)).toMatchObject({ kind: 'anonymous', writable: true });
    s.write(a);
    expect(s.minflt).toBe(0);
  });

  test('many touches of one page fault once', () => {
    const s = new SmallMachine();
    const a = s.map(2);
    expect(s.do(0, 'write', [a, 1024, 8])).toBe(0);
    expect(s.minflt).toBe(2);
    expect(s.do(0, 'write', [a, 1e7, 0])).toBe(0);
  });

  test('the first page of a far place costs three tables, its neighbour none, another 2 MiB one', () => {
    const s = new SmallMachine();
    const a = s.map(1024);
    const before = s.tables();
    s.write(a);
    expect(s.tables() - before).toBe(12);
    s.write(a + PAGE);
    expect(s.tables() - before).toBe(12);
    s.write(a + BLOCK);
    expect(s.tables() - before).toBe(16);
  });

  test('munmap gives every frame and every table back', () => {
    const s = new SmallMachine();
    const state = (): number[] => [s.m.frames.used, s.tables(), s.mm().rss_anon, s.mm().total_vm];
    const before = state();
    const a = s.map(700);
    s.write(a, 700);
    expect(s.mm().rss_anon).toBe(before[2]! + 700);
    s.do(0, 'munmap', [a, 700 * PAGE]);
    expect(state()).toEqual(before);
  });

  test('the pages of an unmapped range are let go only after the translation cache is flushed', () => {
    const s = new SmallMachine();
    const a = s.map(2);
    s.write(a, 2);
    const events = s.events(0, 'munmap', [a, 2 * PAGE]);
    expect(events.indexOf(Ev.EntryClear)).toBeLessThan(events.indexOf(Ev.TlbFlush));
    expect(events.indexOf(Ev.TlbFlush)).toBeLessThan(events.indexOf(Ev.FrameFree));
  });
});

describe('an access that is not allowed', () => {
  test('outside every area it is SIGSEGV 1, against the protection SIGSEGV 2', () => {
    const s = new SmallMachine();
    const a = s.map(1, PRIVATE, FAR, PROT_READ);
    expect(s.write(a)).toBe('SIGSEGV 2');
    expect(s.read(a + PAGE)).toBe('SIGSEGV 1');
    expect(s.minflt).toBe(0);
  });

  test('the first signal ends a row of touches, and what went before stays', () => {
    const s = new SmallMachine();
    const a = s.map(2);
    expect(s.write(a, 5)).toBe('SIGSEGV 1');
    expect(s.minflt).toBe(2);
    expect(s.picture(a, 2)).toBe('aa');
  });

  test('PROT_NONE keeps the pages and refuses the touch; given back, they need no fault', () => {
    const s = new SmallMachine();
    const a = s.map(2);
    s.write(a, 2);
    s.do(0, 'mprotect', [a, 2 * PAGE, 0]);
    expect(s.read(a)).toBe('SIGSEGV 2');
    expect(s.picture(a, 2)).toBe('aa');
    s.do(0, 'mprotect', [a, 2 * PAGE, RW]);
    s.write(a, 2);
    expect(s.minflt).toBe(0);
  });

  test('an address that is none raises the general protection signal', () => {
    const s = new SmallMachine();
    expect(s.read(2 ** 47)).toBe('SIGSEGV 128');
    expect(s.read(2 ** 64 - 2 ** 20)).toBe('SIGSEGV 1');
  });
});

describe('advice', () => {
  test('DONTNEED of a whole 2 MiB block frees its table, of less only the pages', () => {
    const s = new SmallMachine();
    const a = s.map(1024);
    s.write(a, 8);
    s.write(a + BLOCK, 8);
    const before = s.tables();
    s.do(0, 'madvise', [a, 8 * PAGE, DONTNEED]);
    expect([s.tables(), s.picture(a, 8)]).toEqual([before, '........']);
    s.do(0, 'madvise', [a + BLOCK, BLOCK, DONTNEED]);
    expect(s.tables()).toBe(before - 4);
  });

  test('FREE leaves the pages where they are', () => {
    const s = new SmallMachine();
    const a = s.map(4);
    s.write(a, 4);
    expect(s.do(0, 'madvise', [a, 4 * PAGE, FREE])).toBe(0);
    expect(s.picture(a, 4)).toBe('aaaa');
    s.write(a);
    expect(s.minflt).toBe(0);
  });
});

describe('populating', () => {
  test('MAP_POPULATE brings all in, writable pages as the process own, others as the zero page', () => {
    const s = new SmallMachine();
    const a = s.map(3, PRIVATE | MAP_POPULATE);
    expect([s.minflt, s.picture(a, 3)]).toEqual([3, 'aaa']);
    const b = s.map(3, PRIVATE | MAP_POPULATE, FAR + BLOCK, PROT_READ);
    expect([s.minflt, s.picture(b, 3)]).toEqual([3, 'zzz']);
    const c = s.map(3, PRIVATE | MAP_POPULATE, FAR + 2 * BLOCK, 0);
    expect([s.minflt, s.picture(c, 3)]).toEqual([0, '...']);
  });

  test('mlock locks and brings in, mlock2 with ONFAULT only locks', () => {
    const s = new SmallMachine();
    const a = s.map(8);
    expect(s.do(0, 'mlock2', [a, 2 * PAGE, 1])).toBe(0);
    expect(s.do(0, 'mlock', [a + 4 * PAGE, 2 * PAGE])).toBe(0);
    expect(s.picture(a, 8)).toBe('....aa..');
    expect(s.mm().locked_vm).toBe(4);
  });

  test('POPULATE_WRITE answers ENOMEM at a hole, EINVAL where writing is forbidden, EFAULT beyond a file', () => {
    const s = new SmallMachine();
    const a = s.map(2);
    expect(s.do(0, 'madvise', [a, 3 * PAGE, 23])).toBe('ENOMEM');
    expect(s.picture(a, 2)).toBe('aa');
    const b = s.map(2, PRIVATE, FAR + BLOCK, PROT_READ);
    expect(s.do(0, 'madvise', [b, 2 * PAGE, 23])).toBe('EINVAL');
    const fd = s.get(0, 'memfd', [0], 'm');
    const c = s.map(2, 1, FAR + 2 * BLOCK, RW, fd);
    expect(s.do(0, 'madvise', [c, 2 * PAGE, 23])).toBe('EFAULT');
  });
});
