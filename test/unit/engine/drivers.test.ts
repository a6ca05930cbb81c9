import { describe, expect, test } from 'vitest';
import { DESIGNS } from '../../../src/engine/designs/designs';
import { BENCH_MEMBERS, benchPath, DRIVER_TEXTS, type Choice } from '../../../src/engine/drivers/texts';
import { driverOf, drivers } from '../../../src/engine/drivers/drivers';
import type { HandlerSite } from '../../../src/engine/designs/sites';
import type { Machine } from '../../../src/engine/machine';
import type { RulesName } from '../../../src/engine/rules';
import type { OperationName } from '../../../src/engine/operation';
import { walk_page_range } from '../../../src/engine/mm/pagewalk';
import { LEVEL_SIZE } from '../../../src/engine/mm/pgtable';
import { createMachine } from '../../../src/engine/process';
import { restore, snapshot } from '../../../src/engine/snapshot';
import { validate } from '../../../src/engine/validate';
import { MADV_DONTNEED, MAP_FIXED, MAP_PRIVATE, MAP_SHARED, O_RDWR } from '../../../src/engine/uapi';

const K64 = 65536;
const HUGE = 2 << 20;
const GIANT = 2 ** 30;
const RW = 3;

/** One machine, its device open, asked by name. */
class Bench {
  readonly m: Machine;
  readonly fd: number;

  constructor(path: string, pool = 0, rules: RulesName = '6.18') {
    this.m = createMachine({ design: DESIGNS.ops, rules });
    this.do('pool', [pool, 0]);
    this.fd = this.do('open', [O_RDWR, 0], path);
  }

  do(op: OperationName, args: number[], path?: string, who = 0): number {
    const out = this.m.execute(path === undefined ? { who, op, args } : { who, op, args, path });
    return out.err === 0 ? out.ret : -out.err;
  }

  map(len: number, at = 0, flags = MAP_PRIVATE): number {
    return this.do('mmap', [at, len, RW, flags | (at === 0 ? 0 : MAP_FIXED), this.fd, 0]);
  }

  write(at: number, count = 1, stride = 4096, who = 0): number {
    this.do('write', [at, count, stride], undefined, who);
    return this.m.outcome.sig;
  }

  /** Sizes of the leaves of a range, each once, in order of address. */
  leaves(at: number, len: number, who = 0): number[] {
    const sizes: number[] = [];
    walk_page_range(this.m.tasks.get(who)!.mm, at, at + len, (_a, _e, table) => sizes.push(LEVEL_SIZE[table.level]!));
    return sizes.filter((size, i) => size !== sizes[i - 1]);
  }

  /** The rules that are broken now. */
  get broken(): string[] {
    return [...new Set(validate(this.m).map((b) => b.invariant))].sort();
  }
}

describe('the superpage device', () => {
  test('maps the largest leaf that alignment and length allow', () => {
    const b = new Bench('/dev/superpage');
    const at = b.map(GIANT + HUGE + K64);
    expect(at % GIANT).toBe(0);
    expect(b.write(at)).toBe(0);
    expect(b.write(at + GIANT)).toBe(0);
    expect(b.write(at + GIANT + HUGE)).toBe(0);
    expect(b.leaves(at, GIANT + HUGE + K64)).toEqual([GIANT, HUGE, 4096]);
    expect(b.m.tasks.get(0)!.mm.rss_anon * 4096).toBeGreaterThanOrEqual(GIANT + HUGE + K64);
    expect(b.broken).toEqual([]);
    b.do('munmap', [at, GIANT + HUGE + K64]);
    expect(b.broken).toEqual([]);
  });

  test('a run of 64 KiB is sixteen entries by one fault', () => {
    const b = new Bench('/dev/superpage');
    const at = b.map(K64);
    b.do('write', [at, 16, 4096]);
    expect([b.m.outcome.ret, b.m.outcome.minflt]).toEqual([0, 1]);
  });

  test('advice for part of a large leaf breaks it up and takes just that part', () => {
    const b = new Bench('/dev/superpage');
    const at = b.map(2 * HUGE);
    b.write(at);
    const before = b.m.tasks.get(0)!.mm.rss_anon;
    expect(b.do('madvise', [at + K64, K64, MADV_DONTNEED])).toBe(0);
    expect(before - b.m.tasks.get(0)!.mm.rss_anon).toBe(16);
    expect(b.broken).toEqual([]);
    expect(b.write(at, 512)).toBe(0);
    expect(b.broken).toEqual([]);
  });

  test('after a fork each side copies what it writes, at the size that it had', () => {
    const b = new Bench('/dev/superpage');
    const at = b.map(GIANT);
    b.write(at);
    expect(b.do('fork', [1])).toBe(1);
    expect(b.broken).toEqual([]);
    expect(b.write(at, 1, 1, 1)).toBe(0);
    expect([b.leaves(at, GIANT), b.leaves(at, GIANT, 1)]).toEqual([[GIANT], [GIANT]]);
    expect(b.broken).toEqual([]);
    b.do('exit', [], undefined, 1);
    expect(b.broken).toEqual([]);
  });

  test('where no page of the size is left, the leaf is broken up and a smaller one copied', () => {
    const m = createMachine({ design: DESIGNS.ops, memory: 2.5 * GIANT });
    const b = new Bench('/dev/superpage');
    Object.assign(b, { m, fd: 3 });
    b.do('open', [O_RDWR, 0], '/dev/superpage');
    const at = b.map(GIANT);
    b.write(at);
    b.do('fork', [1]);
    expect(b.write(at, 1, 1, 1)).toBe(0);
    expect(b.leaves(at, GIANT)).toEqual([GIANT]);
    expect(b.leaves(at, HUGE, 1)).toEqual([HUGE]);
    expect(b.broken).toEqual([]);
  });

  test('an area is cut between runs and nowhere else', () => {
    const b = new Bench('/dev/superpage');
    const at = b.map(HUGE);
    b.write(at);
    expect(b.do('munmap', [at, 4096])).toBe(-22);
    expect(b.do('munmap', [at, K64])).toBe(0);
    expect(b.broken).toEqual([]);
    expect(b.do('mprotect', [at + HUGE / 2, HUGE / 2, 1])).toBe(0);
    expect(b.write(at + HUGE / 2)).toBe(11);
    expect(b.broken).toEqual([]);
  });

  test('refuses what is shared, misaligned, at an offset, or to be moved', () => {
    const b = new Bench('/dev/superpage');
    expect(b.map(HUGE, 0, MAP_SHARED)).toBe(-22);
    expect(b.map(4096)).toBe(-22);
    expect(b.map(K64, 2 ** 40 + 4096)).toBe(-22);
    expect(b.do('mmap', [0, HUGE, RW, MAP_PRIVATE, b.fd, HUGE])).toBe(-22);
    const at = b.map(HUGE);
    b.write(at);
    expect(b.do('mremap', [at, HUGE, HUGE, 3, 2 ** 41])).toBe(-22);
    expect(b.broken).toEqual([]);
  });

  test('a keyframe brings its large leaves back', () => {
    const b = new Bench('/dev/superpage');
    const at = b.map(2 * HUGE);
    b.write(at);
    const then = snapshot(b.m);
    b.do('munmap', [at, 2 * HUGE]);
    restore(b.m, then);
    expect([b.leaves(at, 2 * HUGE), b.broken]).toEqual([[HUGE], []]);
  });
});

describe('page-huge with a zero page', () => {
  test('a read takes nothing from the pool, the first write one page', () => {
    const b = new Bench('/dev/page-huge-zero', 4);
    const at = b.map(2 * HUGE);
    b.do('read', [at, 2, HUGE]);
    expect([b.m.hstate.free_huge_pages, b.leaves(at, 2 * HUGE), b.broken]).toEqual([4, [HUGE], []]);
    expect(b.write(at)).toBe(0);
    expect([b.m.hstate.free_huge_pages, b.broken]).toEqual([3, []]);
    b.do('fork', [1]);
    b.do('mprotect', [at, 2 * HUGE, 1]);
    expect(b.broken).toEqual([]);
    b.do('munmap', [at, 2 * HUGE]);
    b.do('exit', [], undefined, 1);
    expect([b.m.hstate.free_huge_pages, b.broken]).toEqual([4, []]);
  });
});

describe('each driver that misbehaves is named within the operation that does the damage', () => {
  test('forgets its tables: at munmap', () => {
    const b = new Bench('/dev/broken-tables');
    const at = b.map(HUGE, 2 ** 40);
    b.write(at);
    expect(b.broken).toEqual([]);
    b.do('munmap', [at, HUGE]);
    expect(b.broken).toContain('table-without-area');
  });

  test('frees a page twice: at munmap, whether or not another process has the page', () => {
    for (const forks of [0, 1]) {
      const b = new Bench('/dev/broken-free');
      const at = b.map(HUGE);
      b.write(at);
      if (forks > 0) b.do('fork', [1]);
      expect(b.broken).toEqual([]);
      b.do('munmap', [at, HUGE]);
      expect(b.broken).toContain(forks > 0 ? 'frame-used' : 'refcount');
    }
  });

  test('skips the flush: at madvise and at mprotect, and again when the stale translation is used', () => {
    const b = new Bench('/dev/broken-flush');
    const at = b.map(HUGE);
    b.write(at);
    expect(b.broken).toEqual([]);
    b.do('madvise', [at, HUGE, MADV_DONTNEED]);
    expect(b.broken).toEqual(['tlb-stale']);
    expect(b.write(at)).toBe(0);
    expect([b.m.tlb!.stale, b.broken]).toEqual([1, ['contents-lost', 'tlb-stale', 'tlb-stale-used']]);
    const c = new Bench('/dev/broken-flush');
    const to = c.map(HUGE);
    c.write(to);
    c.do('mprotect', [to, HUGE, 1]);
    expect(c.broken).toEqual(['tlb-stale']);
  });

  test('leaves out a member: at munmap, where the generic way meets a leaf that it did not make', () => {
    const lost = (rules: RulesName, size: number): string[] => {
      const b = new Bench('/dev/broken-member', 0, rules);
      const at = b.map(size);
      b.write(at);
      expect(b.broken).toEqual([]);
      b.do('munmap', [at, size]);
      return b.broken;
    };
    for (const size of [HUGE, GIANT]) {
      expect(lost('2.6.20', size)).toEqual(expect.arrayContaining(['bad-pmd', 'frame-leaked']));
      // Linux has learnt since to see leaves of any size and origin.
      expect(lost('6.18', size)).toEqual([]);
    }
  });

  test('unmaps too much: at the munmap that takes a neighbour’s pages', () => {
    const b = new Bench('/dev/broken-range');
    const at = b.map(4 * K64, 2 ** 40);
    const next = b.do('mmap', [2 ** 40 + 4 * K64, HUGE - 4 * K64, RW, MAP_PRIVATE | MAP_FIXED | 32, -1, 0]);
    b.write(at);
    b.write(next, 8);
    expect(b.broken).toEqual([]);
    b.do('munmap', [at, 4 * K64]);
    expect(b.broken).toContain('unmap-range');
  });

  test('keeps its lock on failure: at the fault that fails; no later one is served', () => {
    const b = new Bench('/dev/broken-lock', 1);
    const at = b.map(3 * HUGE);
    expect(b.write(at)).toBe(0);
    expect(b.broken).toEqual([]);
    expect(b.write(at + HUGE)).toBe(9);
    expect(b.broken).toEqual(['device-lock']);
    b.do('pool', [8, 0]);
    expect(b.write(at + HUGE)).toBe(9);
  });

  test('keeps a reservation: at munmap', () => {
    const b = new Bench('/dev/broken-reserve', 4);
    const at = b.map(3 * HUGE);
    b.write(at);
    expect([b.m.hstate.resv_huge_pages, b.broken]).toEqual([2, []]);
    b.do('munmap', [at, 3 * HUGE]);
    expect([b.m.hstate.resv_huge_pages > 0, b.broken]).toEqual([true, ['pool-reservations']]);
  });
});

describe('a driver put together on the bench', () => {
  const right = Object.fromEntries(BENCH_MEMBERS.map(({ site }) => [site, 'right'])) as Record<HandlerSite, Choice>;

  /** Runs a life of a mapping; returns the operation after which something was broken first, or none. */
  function life(choices: Record<HandlerSite, Choice>): string {
    const b = new Bench(benchPath(choices));
    const start = 2 ** 40;
    const steps: [string, () => unknown][] = [
      ['neighbour', () => b.do('mmap', [start - K64, K64, RW, MAP_PRIVATE | MAP_FIXED | 32, -1, 0])],
      ['touch neighbour', () => b.write(start - K64)],
      ['map', () => b.map(HUGE + K64, start)],
      ['neighbour above', () => b.do('mmap', [start + HUGE + K64, K64, RW, MAP_PRIVATE | MAP_FIXED | 32, -1, 0])],
      ['touch neighbour above', () => b.write(start + HUGE + K64)],
      ['write', () => b.write(start, 2, HUGE)],
      ['populate', () => b.do('madvise', [start, HUGE + K64, 23])],
      ['fork', () => b.do('fork', [1])],
      ['write again', () => b.write(start, 2, HUGE)],
      ['protect', () => b.do('mprotect', [start, HUGE + K64, 1])],
      ['advise', () => b.do('madvise', [start + HUGE, K64, MADV_DONTNEED])],
      ['unmap', () => b.do('munmap', [start, HUGE + K64])],
      ['exit', () => b.do('exit', [], undefined, 1)],
    ];
    for (const [name, step] of steps) {
      step();
      if (b.broken.length > 0) return name;
    }
    return '';
  }

  test('with every member right nothing breaks', () => {
    expect(life(right)).toBe('');
    expect(driverOf(benchPath(right))!.broken).toBe(false);
  });

  test.each([
    ['fault', 'wrong', 'write'],
    ['fault', 'uncleared', 'write'],
    ['copy_vma', 'wrong', 'fork'],
    ['pin_pages', 'wrong', 'populate'],
    ['change_protection', 'wrong', 'protect'],
    ['unmap_page_range', 'wrong', 'advise'],
    ['free_pgtable_range', 'wrong', 'unmap'],
  ] as const)('a %s that is %s shows at %s', (site, choice, step) => {
    expect(life({ ...right, [site]: choice })).toBe(step);
  });

  test('members whose generic way serves as well may be left out', () => {
    // Up to 2 MiB, today's generic walks serve for unmapping, too.
    const sites = BENCH_MEMBERS.map((member) => member.site);
    for (const site of sites.filter((name) => name !== 'fault' && name !== 'copy_vma'))
      expect(life({ ...right, [site]: 'none' })).toBe('');
  });

  test('where the generic way copies at fork, a large leaf that has a file is left for a fault, and its data is lost', () => {
    expect(life({ ...right, copy_vma: 'none' })).toBe('fork');
  });

  test('every device has its words', () => {
    expect(drivers().map((d) => d.path)).toEqual(DRIVER_TEXTS.map((d) => d.path));
  });

  test('without a fault handler every touch is refused, and nothing breaks', () => {
    const b = new Bench(benchPath({ ...right, fault: 'none' }));
    const at = b.map(HUGE);
    expect([b.write(at), b.broken]).toEqual([7, []]);
  });
});

test('a leaf that the other side of a fork has broken up is still shared: it is copied before it is written', () => {
  for (const breaker of [0, 1]) {
    const b = new Bench('/dev/superpage');
    const at = b.map(HUGE);
    b.write(at, 512);
    b.do('fork', [1]);
    b.do('madvise', [at, K64, MADV_DONTNEED], undefined, breaker);
    expect(b.write(at + K64, 1, 4096, 1 - breaker)).toBe(0);
    expect(b.write(at + 2 * K64, 1, 4096, breaker)).toBe(0);
    expect(b.broken, `process ${breaker} breaks it up`).toEqual([]);
  }
});
