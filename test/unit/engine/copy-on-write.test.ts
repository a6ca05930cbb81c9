import { describe, expect, test } from 'vitest';
import { BLOCK, FAR, PAGE, PRIVATE, RW, SHARED, SmallMachine } from './small-machine';

const fork = (s: SmallMachine, child: number, who = 0): number => s.get(who, 'fork', [child]);

describe('fork', () => {
  test('parent and child map the same frames, and neither may write them', () => {
    const s = new SmallMachine();
    const a = s.map(2);
    s.write(a, 2);
    fork(s, 1);
    expect(s.look(a, 1)).toEqual({ ...s.look(a, 0)!, writable: false });
    expect(s.look(a, 0)!.writable).toBe(false);
    expect(s.m.frames.mapcount(s.look(a)!.pfn)).toBe(2);
  });

  test('the first to write copies, the other then keeps the page', () => {
    const s = new SmallMachine();
    const a = s.map(1);
    s.write(a);
    const { pfn } = s.look(a)!;
    fork(s, 1);
    s.write(a, 1, 1);
    expect(s.look(a, 1)!.pfn).not.toBe(pfn);
    const used = s.m.frames.used;
    s.write(a);
    expect(s.minflt).toBe(1);
    expect(s.look(a)).toMatchObject({ pfn, writable: true });
    expect(s.m.frames.used).toBe(used);
  });

  test('after the child is gone the parent writes its page without a copy', () => {
    const s = new SmallMachine();
    const a = s.map(1);
    s.write(a);
    const { pfn } = s.look(a)!;
    fork(s, 1);
    s.do(1, 'exit', []);
    s.write(a);
    expect(s.look(a)).toMatchObject({ pfn, writable: true });
  });

  test('an area without private pages is not copied: the child faults its own', () => {
    const s = new SmallMachine();
    const a = s.map(4);
    s.read(a, 4);
    const shared = s.map(4, SHARED, FAR + BLOCK);
    s.write(shared, 4);
    fork(s, 1);
    expect(s.picture(a, 4, 1) + s.picture(shared, 4, 1)).toBe('........');
    s.read(shared, 1, 1);
    expect(s.look(shared, 1)!.pfn).toBe(s.look(shared)!.pfn);
  });

  test('DONTFORK areas are missing in the child, WIPEONFORK areas are empty, locks are not inherited', () => {
    const s = new SmallMachine();
    const a = s.map(1);
    const b = s.map(1, PRIVATE, FAR + BLOCK);
    const c = s.map(1, PRIVATE, FAR + 2 * BLOCK);
    for (const at of [a, b, c]) s.write(at);
    s.do(0, 'madvise', [a, PAGE, 10]);
    s.do(0, 'madvise', [b, PAGE, 18]);
    s.do(0, 'mlock', [c, PAGE]);
    fork(s, 1);
    expect(s.read(a, 1, 1)).toBe('SIGSEGV 1');
    expect([s.picture(b, 1, 1), s.picture(c, 1, 1)]).toEqual(['.', 'a']);
    expect([s.mm(0).locked_vm, s.mm(1).locked_vm]).toEqual([1, 0]);
    expect(s.mm(1).total_vm).toBe(s.mm(0).total_vm - 1);
  });

  test('a page made read-only and writable again stays a page to copy', () => {
    const s = new SmallMachine();
    const a = s.map(1);
    s.write(a);
    fork(s, 1);
    s.do(0, 'mprotect', [a, PAGE, 1]);
    s.do(0, 'mprotect', [a, PAGE, RW]);
    expect(s.look(a)!.writable).toBe(false);
    s.write(a);
    expect(s.look(a)!.pfn).not.toBe(s.look(a, 1)!.pfn);
  });

  test('exit gives back all that the child had', () => {
    const s = new SmallMachine();
    const a = s.map(600);
    s.write(a, 600);
    const before = [s.m.frames.used, s.m.committed];
    fork(s, 1);
    s.write(a, 300, 1);
    expect(s.m.frames.used).toBe(before[0]! + 300);
    s.do(1, 'exit', []);
    expect([s.m.frames.used, s.m.committed]).toEqual(before);
    s.write(a, 600);
    expect(s.m.frames.used).toBe(before[0]);
  });
});
