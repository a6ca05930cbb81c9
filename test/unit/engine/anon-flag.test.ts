import { describe, expect, test } from 'vitest';
import { Ev, EVENT_STRIDE, Recorder } from '../../../src/engine/events';
import { procMaps, procSmaps } from '../../../src/engine/fs/proc';
import { WHY } from '../../../src/engine/routines';
import { MADV_DONTNEED, MAP_FIXED } from '../../../src/engine/uapi';
import { HUGE, HugeMachine, PRIVATE, RW, SHARED } from './huge-machine';

const machine = (total: number, overcommit = 0) => new HugeMachine(total, overcommit, 'anon-flag');

/** The reasons that the machine gives during one call, and what the call answers. */
function refused(h: HugeMachine, args: readonly number[]): [number, number[]] {
  const rec = new Recorder();
  h.m.executeUntil({ who: 0, op: 'mmap', args }, rec);
  const packed = rec.take();
  const why: number[] = [];
  for (let i = 0; i < rec.count; i++)
    if ((packed[i * EVENT_STRIDE] as Ev) === Ev.Decide) why.push(packed[i * EVENT_STRIDE + 1]);
  return [h.m.outcome.err, why];
}

describe('the flag of the mail: hugetlb backed anonymous memory, and no file', () => {
  test('maps private huge pages that have no name, no inode and the bit', () => {
    const h = machine(4);
    const at = h.map(0, 2);
    expect(h.area(0, at).vm_file).toBeNull();
    const task = h.m.tasks.get(0)!;
    const line = procMaps(task)
      .split('\n')
      .find((l) => l.startsWith(at.toString(16)))!;
    expect(line).toMatch(/ rw-p 0*[0-9a-f]+ 00:00 0 *$/);
    expect(procSmaps(task)).toMatch(/KernelPageSize: +2048 kB/);
    expect(h.counts).toEqual([4, 4, 2, 0]);
    expect(h.write(0, at, 2)).toBe(0);
    expect([h.counts, h.minflt, h.usage(0)]).toEqual([[4, 2, 0, 0], 2, 4096]);
    expect(h.munmap(0, at, 2)).toBe(0);
    expect(h.counts).toEqual([4, 4, 0, 0]);
  });

  test('promises by the area: too large a mapping is refused, and half of one keeps its half', () => {
    const h = machine(4);
    expect(h.do(0, 'mmap', [0, 5 * HUGE, RW, PRIVATE, -1, 0])).toBe('ENOMEM');
    const at = h.map(0, 4);
    h.write(0, at);
    expect(h.munmap(0, at + 2 * HUGE, 2)).toBe(0);
    expect(h.counts).toEqual([4, 3, 1, 0]);
    expect(h.do(0, 'munmap', [at + 4096, HUGE])).toBe('EINVAL');
    expect(h.do(0, 'madvise', [at, HUGE, MADV_DONTNEED])).toBe(0);
    expect(h.counts).toEqual([4, 4, 2, 0]);
  });

  test('a forked child shares until it writes, and the owner may take a page back', () => {
    const h = machine(1);
    const at = h.map(0, 1);
    h.write(0, at);
    h.fork(0, 1);
    expect(h.write(1, at)).toBe('SIGBUS');
    const g = machine(2);
    const to = g.map(0, 1);
    g.write(0, to);
    g.fork(0, 1);
    expect(g.write(1, to)).toBe(0);
    expect(g.counts).toEqual([2, 0, 0, 0]);
    const k = machine(1);
    const there = k.map(0, 1);
    k.write(0, there);
    k.fork(0, 1);
    expect(k.write(0, there)).toBe(0);
    expect(k.read(1, there)).toBe('SIGBUS');
  });

  test('what it cannot express is refused, with the reason', () => {
    const h = machine(4);
    expect(refused(h, [0, HUGE, RW, SHARED, -1, 0])).toEqual([22, expect.arrayContaining([WHY.private_only])]);
    const fd = h.open(0);
    expect(refused(h, [0, HUGE, RW, 1, fd, 0])).toEqual([19, expect.arrayContaining([WHY.anonymous_only])]);
    const device = h.open(0, '/dev/page-huge');
    expect(refused(h, [0, HUGE, RW, 2, device, 0])).toEqual([19, expect.arrayContaining([WHY.anonymous_only])]);
    expect(refused(h, [2 ** 40 + 4096, HUGE, RW, PRIVATE | MAP_FIXED, -1, 0])[0]).toBe(22);
    expect(h.counts).toEqual([4, 4, 0, 0]);
  });

  test('moves, shrinks and protects as any huge mapping', () => {
    const h = machine(4);
    const at = h.map(0, 2);
    h.write(0, at, 2);
    expect(h.do(0, 'mprotect', [at, HUGE, 1])).toBe(0);
    expect(h.write(0, at)).toBe('SIGSEGV');
    const b = machine(4);
    const from = b.map(0, 2);
    b.write(0, from);
    expect(b.address(0, 'mremap', [from, 2 * HUGE, 2 * HUGE, 3, 2 ** 40])).toBe(2 ** 40);
    expect(b.entry(0, 2 ** 40)).not.toBe(0);
    expect(b.munmap(0, 2 ** 40, 2)).toBe(0);
    expect(b.counts).toEqual([4, 4, 0, 0]);
  });
});
