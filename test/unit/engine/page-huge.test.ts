import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../src/base/random';
import { procMaps, procSmaps, procStatus } from '../../../src/engine/fs/proc';
import { _PAGE_RW, pte_pfn } from '../../../src/engine/mm/pgtable';
import { VM_HUGETLB } from '../../../src/engine/mm/vm_flags';
import type { OperationName } from '../../../src/engine/operation';
import { MAP_FIXED, MAP_PRIVATE, MAP_SHARED, PROT_READ } from '../../../src/engine/uapi';
import { HUGE, HugeMachine, RW } from './huge-machine';

const DEVICE = '/dev/page-huge';

describe.each(['ops', 'flag'] as const)('the character device of 2007 under %s', (design) => {
  test('refuses what it cannot serve', () => {
    const k = new HugeMachine(4, 0, design);
    const fd = k.open(0, DEVICE);
    const at = 2 ** 40;
    const map = (addr: number, len: number, flags: number, offset = 0): number | string =>
      k.do(0, 'mmap', [addr, len, RW, flags, fd, offset]);
    expect(map(at, HUGE, MAP_SHARED | MAP_FIXED)).toBe('EINVAL');
    expect(map(at, HUGE, MAP_PRIVATE | MAP_FIXED, HUGE)).toBe('EINVAL');
    expect(map(at + 4096, HUGE, MAP_PRIVATE | MAP_FIXED)).toBe('EINVAL');
    expect(map(at, HUGE + 4096, MAP_PRIVATE | MAP_FIXED)).toBe('EINVAL');
    expect(map(at, 4096, MAP_PRIVATE | MAP_FIXED)).toBe('EINVAL');
    expect(map(at, HUGE, MAP_PRIVATE | MAP_FIXED)).toBe(at);
  });

  test('lets a shared mapping of a read-only open pass, as its test of VM_SHARED did', () => {
    const k = new HugeMachine(4, 0, design);
    const fd = k.address(0, 'open', [0, 0], DEVICE);
    const at = k.mapFile(0, fd, 1, MAP_SHARED, PROT_READ);
    expect(k.read(0, at)).toBe(0);
    expect(k.counts).toEqual([4, 3, 0, 0]);
  });

  test('reserves nothing and takes two faults for a first write', () => {
    const k = new HugeMachine(2, 0, design);
    const fd = k.open(0, DEVICE);
    const at = k.mapFile(0, fd, 5, MAP_PRIVATE);
    expect(k.area(0, at).vm_flags & VM_HUGETLB).not.toBe(0);
    expect(k.counts).toEqual([2, 2, 0, 0]);
    k.write(0, at);
    expect(k.minflt).toBe(2);
    k.read(0, at + HUGE);
    expect(k.minflt).toBe(1);
    expect(k.entry(0, at + HUGE) & _PAGE_RW).toBe(0);
    k.write(0, at + HUGE);
    expect(k.minflt).toBe(1);
    expect(k.usage(0)).toBe(4096);
  });

  test('kills who touches a page that the pool has not', () => {
    const k = new HugeMachine(1, 0, design);
    const fd = k.open(0, DEVICE);
    const at = k.mapFile(0, fd, 2, MAP_PRIVATE);
    k.write(0, at);
    expect(k.write(0, at + HUGE)).toBe('SIGKILL');
    expect(k.counts).toEqual([1, 0, 0, 0]);
  });

  test('takes no page that another has reserved', () => {
    const k = new HugeMachine(2, 0, design);
    k.map(0, 2);
    const fd = k.open(0, DEVICE);
    const at = k.mapFile(0, fd, 1, MAP_PRIVATE);
    expect(k.read(0, at)).toBe('SIGKILL');
    expect(k.counts).toEqual([2, 2, 2, 0]);
  });

  test('copies on write after a fork and frees everything at the end', () => {
    const k = new HugeMachine(4, 0, design);
    const fd = k.open(0, DEVICE);
    const at = k.mapFile(0, fd, 2, MAP_PRIVATE);
    k.write(0, at, 2);
    k.fork(0, 1);
    k.write(1, at);
    expect(pte_pfn(k.entry(1, at))).not.toBe(pte_pfn(k.entry(0, at)));
    expect(k.counts).toEqual([4, 1, 0, 0]);
    k.do(1, 'exit', []);
    expect(k.do(0, 'munmap', [at, 4096])).toBe('EINVAL');
    k.munmap(0, at, 2);
    expect(k.counts).toEqual([4, 4, 0, 0]);
    expect(k.usage(0)).toBe(0);
  });

  test('is brought in by mlock with both faults', () => {
    const k = new HugeMachine(2, 0, design);
    const at = k.mapFile(0, k.open(0, DEVICE), 2, MAP_PRIVATE);
    expect(k.do(0, 'mlock', [at, 2 * HUGE])).toBe(0);
    expect(k.minflt).toBe(4);
    expect(k.counts).toEqual([2, 0, 0, 0]);
  });

  test('with its faults of 2007 shown, one failure stops every later fault, and resident pages are never counted off', () => {
    const k = new HugeMachine(1, 0, design, true);
    const fd = k.open(0, DEVICE);
    const at = k.mapFile(0, fd, 2, MAP_PRIVATE);
    const before = k.m.tasks.get(0)!.mm.rss_file;
    k.m.execute({ who: 0, op: 'read', args: [at, 1, 1] });
    expect(k.m.outcome.sig).toBe(0);
    k.m.execute({ who: 0, op: 'read', args: [at + HUGE, 1, 1] });
    expect(k.m.outcome.sig).toBe(9);
    k.m.execute({ who: 0, op: 'munmap', args: [at, 2 * HUGE] });
    expect(k.counts).toEqual([1, 1, 0, 0]);
    expect(k.m.tasks.get(0)!.mm.rss_file).toBe(before + 512);
    k.m.execute({ who: 0, op: 'mmap', args: [at, HUGE, RW, MAP_PRIVATE | MAP_FIXED, fd, 0] });
    k.m.execute({ who: 0, op: 'read', args: [at, 1, 1] });
    expect(k.m.outcome.sig).toBe(9);
    expect(k.counts).toEqual([1, 1, 0, 0]);
  });
});

describe('the character device of 2007 under random operations', () => {
  /** What a person can see. */
  const shown = (k: HugeMachine): string =>
    [...k.m.tasks.values()].map((t) => procMaps(t) + procSmaps(t) + procStatus(t)).join('') + k.counts.join(' ');

  test('comes to the same under ops and under flag', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const random = seededRandom(seed);
      const draw = (n: number): number => Math.floor(random() * n);
      const [total, overcommit] = [2 + draw(6), draw(3)];
      const ks = (['ops', 'flag'] as const).map((design) => new HugeMachine(total, overcommit, design));
      for (const k of ks) k.open(0, DEVICE);
      for (let i = 0; i < 60; i++) {
        const tasks = [...ks[0]!.m.tasks.keys()];
        const who = tasks[draw(tasks.length)]!;
        const at = 2 ** 40 + draw(8) * HUGE;
        const len = (1 + draw(3)) * HUGE - (draw(10) === 0 ? 4096 : 0);
        const step: readonly [OperationName, readonly number[]][] = [
          ['mmap', [at, len, RW, MAP_PRIVATE | MAP_FIXED, 3, 0]],
          ['write', [at, 1 + draw(3), HUGE]],
          ['write', [at, 1 + draw(3), HUGE]],
          ['read', [at, 1 + draw(3), HUGE]],
          ['munmap', [at, len]],
          ['mprotect', [at, len, draw(4)]],
          ['madvise', [at, len, [4, 10, 22, 23][draw(4)]!]],
          ['mlock', [at, len]],
          ['mremap', [at, HUGE, HUGE, 3, 2 ** 41 + draw(4) * HUGE]],
          ['fork', [1 + draw(3)]],
          ['exit', []],
          ['pool', [draw(8), draw(3)]],
        ];
        const [op, args] = step[i < 3 ? 0 : draw(step.length)]!;
        if (op === 'exit' && who === 0) continue;
        const answers = ks.map((k) => `${k.do(who, op, args)} ${k.minflt}`);
        expect(answers[1], `seed ${seed}: ${op} ${args.join(' ')} by ${who}`).toBe(answers[0]);
        expect(shown(ks[1]!), `seed ${seed}: after ${op} ${args.join(' ')} by ${who}`).toBe(shown(ks[0]!));
      }
    }
  });
});
