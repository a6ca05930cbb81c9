import { describe, expect, test } from 'vitest';
import { DESIGNS } from '../../../src/engine/designs/designs';
import { errnoName } from '../../../src/engine/errno';
import type { Machine } from '../../../src/engine/machine';
import type { OperationName } from '../../../src/engine/operation';
import { createMachine } from '../../../src/engine/process';
import type { RulesName } from '../../../src/engine/rules';
import { validate } from '../../../src/engine/validate';
import { KINDS, RandomOperations } from './random-operations';

const HUGE = 2 << 20;
const PAGE = 4096;
const RW = 3;
const SHARED = 1;
const PRIVATE = 2;
const FIXED = 16;
const AT = 2 ** 40;

/** One machine of a time, its answers in words. */
class Time {
  readonly m: Machine;
  readonly fd: number;

  constructor(rules: RulesName, pool = 8) {
    this.m = createMachine({ design: DESIGNS.ops, rules });
    this.do('pool', [pool, 0]);
    this.fd = Number(this.do('open', [0o102, 0o600], 'file'));
  }

  /** The result, or the errno's name, or the signal's. */
  do(op: OperationName, args: number[], path?: string, who = 0): number | string {
    const out = this.m.execute(path === undefined ? { who, op, args } : { who, op, args, path });
    if (out.sig !== 0) return out.sig === 9 ? 'SIGKILL' : out.sig === 7 ? 'SIGBUS' : 'SIGSEGV';
    return out.err === 0 ? out.ret : errnoName(out.err);
  }

  map(len: number, flags: number, at = 0, offset = 0, prot = RW): number | string {
    return this.do('mmap', [at, len, prot, flags | (at === 0 ? 0 : FIXED), this.fd, offset]);
  }

  get pool(): number[] {
    const h = this.m.hstate;
    return [h.nr_huge_pages, h.free_huge_pages, h.resv_huge_pages];
  }
}

/** The same question to both times: [2.6.20, 6.18]. */
const both = (ask: (t: Time) => unknown, pool = 8): unknown[] =>
  (['2.6.20', '6.18'] as const).map((rules) => ask(new Time(rules, pool)));

describe('alignment and errors, 2.6.20 beside 6.18', () => {
  test('mmap of a file of huge pages with a length that is no multiple: EINVAL, then rounded up', () => {
    expect(both((t) => typeof t.map(HUGE + PAGE, SHARED))).toEqual(['string', 'number']);
    expect(new Time('2.6.20').map(HUGE + PAGE, SHARED)).toBe('EINVAL');
  });

  test('mmap at an offset that is no multiple: EINVAL, in 2007 before anything was unmapped', () => {
    const offset = (t: Time): unknown => {
      t.do('mmap', [AT, HUGE, RW, PRIVATE | FIXED | 32, -1, 0]);
      t.do('write', [AT, 1, 1]);
      return [t.map(HUGE, SHARED, AT, PAGE), t.m.tasks.get(0)!.mm.mm_mt.lookup(AT) !== null];
    };
    expect(both(offset)).toEqual([
      ['EINVAL', true],
      ['EINVAL', false],
    ]);
  });

  test('a hint is rounded up to a huge page and used where that is free', () => {
    expect(both((t) => t.do('mmap', [AT + PAGE, HUGE, RW, SHARED, t.fd, 0]))).toEqual([AT + HUGE, AT + HUGE]);
  });

  test('MAP_FIXED checks length and address: EINVAL', () => {
    expect(both((t) => t.map(HUGE, SHARED, AT + PAGE))).toEqual(['EINVAL', 'EINVAL']);
    expect(new Time('2.6.20').map(HUGE + PAGE, SHARED, AT)).toBe('EINVAL');
  });

  test('a length beyond the address space: ENOMEM', () => {
    expect(both((t) => t.map(2 ** 47, SHARED))).toEqual(['ENOMEM', 'ENOMEM']);
  });

  test('a shared mapping that the pool cannot promise: ENOMEM', () => {
    expect(both((t) => t.map(9 * HUGE, SHARED))).toEqual(['ENOMEM', 'ENOMEM']);
  });

  test('a private mapping that the pool cannot promise: succeeds and is killed at the fault, then ENOMEM', () => {
    const t = new Time('2.6.20', 1);
    const at = Number(t.map(3 * HUGE, PRIVATE));
    expect([at > 0, t.pool]).toEqual([true, [1, 1, 0]]);
    expect(t.do('write', [at, 1, 1])).toBe(0);
    expect(t.do('write', [at + HUGE, 1, 1])).toBe('SIGKILL');
    expect(new Time('6.18', 1).map(3 * HUGE, PRIVATE)).toBe('ENOMEM');
  });

  test('a fault without a page: killed, then SIGBUS', () => {
    const without = (t: Time): unknown => t.do('write', [Number(t.map(HUGE, PRIVATE | 0x4000)), 1, 1]);
    expect(both(without, 0)).toEqual(['SIGKILL', 'SIGBUS']);
  });

  test('a fault beyond the file: SIGBUS', () => {
    expect(both((t) => t.do('read', [Number(t.map(HUGE, SHARED, 0, 0, 1)), 1, 1]))).toEqual(['SIGBUS', 'SIGBUS']);
  });

  test('munmap and mprotect at a bound inside a huge page: EINVAL, and a head that was cut stays cut', () => {
    const split = (t: Time): unknown => {
      const at = Number(t.map(2 * HUGE, SHARED));
      const wrong = [t.do('munmap', [at + PAGE, PAGE]), t.do('mprotect', [at, HUGE + PAGE, 1])];
      const before = t.m.tasks.get(0)!.mm.map_count;
      return [...wrong, t.do('munmap', [at + HUGE, PAGE]), t.m.tasks.get(0)!.mm.map_count - before];
    };
    expect(both(split)).toEqual([
      ['EINVAL', 'EINVAL', 'EINVAL', 1],
      ['EINVAL', 'EINVAL', 'EINVAL', 1],
    ]);
  });

  test('mremap that shrinks: where aligned; today lengths are rounded up', () => {
    const shrink = (t: Time): unknown => {
      const at = Number(t.map(2 * HUGE, SHARED));
      return [t.do('mremap', [at, 2 * HUGE, HUGE + PAGE, 0]), t.do('mremap', [at, 2 * HUGE, HUGE, 0]) === at];
    };
    const [then, now] = both(shrink) as [unknown[], unknown[]];
    expect(then).toEqual(['EINVAL', true]);
    expect(typeof now[0]).toBe('number');
  });

  test('mremap that moves: EINVAL after the destination has been unmapped; today it moves', () => {
    const move = (t: Time): unknown => {
      const at = Number(t.map(HUGE, SHARED));
      t.do('mmap', [AT, HUGE, RW, PRIVATE | FIXED | 32, -1, 0]);
      const ret = t.do('mremap', [at, HUGE, HUGE, 3, AT]);
      return [ret === AT ? 'moved' : ret, t.m.tasks.get(0)!.mm.mm_mt.lookup(AT) === null];
    };
    expect(both(move)).toEqual([
      ['EINVAL', true],
      ['moved', false],
    ]);
  });

  test('mremap that grows: EINVAL', () => {
    expect(both((t) => t.do('mremap', [Number(t.map(HUGE, SHARED)), HUGE, 2 * HUGE, 1]))).toEqual(['EINVAL', 'EINVAL']);
  });

  test('MADV_DONTNEED and MADV_REMOVE: EINVAL; today they work', () => {
    const advise = (t: Time): unknown => {
      const at = Number(t.map(2 * HUGE, SHARED));
      t.do('write', [at, 2, HUGE]);
      return [t.do('madvise', [at, HUGE, 4]), t.do('madvise', [at, HUGE, 9])];
    };
    expect(both(advise)).toEqual([
      ['EINVAL', 'EINVAL'],
      [0, 0],
    ]);
  });

  test('ftruncate: misaligned EINVAL; longer EINVAL, today allowed; shorter allowed', () => {
    const cut = (t: Time): unknown => {
      t.map(2 * HUGE, SHARED);
      return [
        t.do('ftruncate', [t.fd, HUGE + PAGE]),
        t.do('ftruncate', [t.fd, 4 * HUGE]),
        t.do('ftruncate', [t.fd, HUGE]),
      ];
    };
    expect(both(cut)).toEqual([
      ['EINVAL', 'EINVAL', 0],
      ['EINVAL', 0, 0],
    ]);
  });

  test('fork copies the entries of shared huge mappings, too; today the child faults them in', () => {
    const child = (t: Time): unknown => {
      const at = Number(t.map(HUGE, SHARED));
      t.do('write', [at, 1, 1]);
      t.do('fork', [1]);
      t.do('read', [at, 1, 1], undefined, 1);
      return t.m.outcome.minflt;
    };
    expect(both(child)).toEqual([0, 1]);
  });

  test('a parent that must copy and finds no page: killed; today it takes its children’s', () => {
    const parent = (t: Time): unknown => {
      const at = Number(t.map(HUGE, PRIVATE));
      t.do('write', [at, 1, 1]);
      t.do('fork', [1]);
      return t.do('write', [at, 1, 1]);
    };
    expect(both(parent, 1)).toEqual(['SIGKILL', 0]);
  });

  test('MAP_HUGETLB did not exist: the bit is ignored, and the memory is ordinary', () => {
    const anonymous = (t: Time): unknown => {
      const at = Number(t.do('mmap', [0, HUGE, RW, PRIVATE | 0x40020, -1, 0]));
      t.do('write', [at, 1, 1]);
      return t.pool;
    };
    expect(both(anonymous)).toEqual([
      [8, 8, 0],
      [8, 7, 0],
    ]);
  });
});

describe('the pool and reservations of 2.6.20', () => {
  test('a reservation is the file’s: munmap keeps it, and cutting the file gives it back', () => {
    const t = new Time('2.6.20');
    const at = Number(t.map(4 * HUGE, SHARED));
    expect(t.pool).toEqual([8, 8, 4]);
    t.do('write', [at, 1, 1]);
    t.do('munmap', [at, 4 * HUGE]);
    expect(t.pool).toEqual([8, 7, 3]);
    t.do('ftruncate', [t.fd, 0]);
    expect(t.pool).toEqual([8, 8, 0]);
    expect(validate(t.m)).toEqual([]);
  });

  test('MAP_NORESERVE changes nothing: shared mappings always reserve', () => {
    const t = new Time('2.6.20');
    t.map(2 * HUGE, SHARED | 0x4000);
    expect(t.pool).toEqual([8, 8, 2]);
  });

  test('a private fault may not take what is promised to others', () => {
    const t = new Time('2.6.20', 2);
    t.map(2 * HUGE, SHARED);
    const at = Number(t.map(HUGE, PRIVATE));
    expect([t.do('write', [at, 1, 1]), t.pool]).toEqual(['SIGKILL', [2, 2, 2]]);
  });

  test('the pool shrinks to what is free and not promised, and stops there', () => {
    const t = new Time('2.6.20');
    t.map(3 * HUGE, SHARED);
    t.do('pool', [0, 5]);
    expect([t.pool, t.m.hstate.surplus_huge_pages, t.m.hstate.nr_overcommit_huge_pages]).toEqual([[3, 3, 3], 0, 0]);
  });

  test('huge files are placed by a search of their own, from the bottom up, aligned', () => {
    const t = new Time('2.6.20');
    const a = Number(t.map(HUGE, PRIVATE));
    const b = Number(t.map(HUGE, PRIVATE));
    expect([a % HUGE, b - a, a < 2 ** 46]).toEqual([0, HUGE, true]);
    expect(Number(new Time('6.18').map(HUGE, PRIVATE)) > 2 ** 46).toBe(true);
  });

  test('two huge mappings side by side never become one', () => {
    const counts = both((t) => {
      t.map(HUGE, SHARED, AT, 0);
      const one = t.m.tasks.get(0)!.mm.map_count;
      t.map(HUGE, SHARED, AT + HUGE, HUGE);
      return t.m.tasks.get(0)!.mm.map_count - one;
    });
    expect(counts).toEqual([1, 1]);
  });

  test('mlock counts and marks a huge mapping', () => {
    const locked = (t: Time): unknown => {
      const at = Number(t.map(HUGE, SHARED));
      return [t.do('mlock', [at, HUGE]), t.m.tasks.get(0)!.mm.locked_vm];
    };
    expect(both(locked)).toEqual([
      [0, 512],
      [0, 0],
    ]);
  });

  test('making a read-only private huge mapping writable is charged as ordinary memory', () => {
    const charge = (t: Time): unknown => {
      const at = Number(t.map(HUGE, PRIVATE, 0, 0, 1));
      const before = t.m.committed;
      t.do('mprotect', [at, HUGE, RW]);
      return t.m.committed - before;
    };
    expect(both(charge)).toEqual([512, 0]);
  });

  test('what came later is not there: memfd_create, fallocate, mlock2, newer advice, transparent huge pages', () => {
    const t = new Time('2.6.20');
    expect(t.do('memfd', [0], 'm')).toBe('ENOSYS');
    expect(t.do('fallocate', [t.fd, 0, 0, HUGE])).toBe('ENOSYS');
    const at = Number(t.do('mmap', [0, 4 * HUGE, RW, PRIVATE | 32, -1, 0]));
    expect(t.do('mlock2', [at, PAGE, 0])).toBe('ENOSYS');
    expect([t.do('madvise', [at, HUGE, 14]), t.do('madvise', [at, HUGE, 8]), t.m.config.thp]).toEqual([
      'EINVAL',
      'EINVAL',
      'never',
    ]);
  });
});

describe('the generic walks of 2.6.20', () => {
  test('take a large leaf that they did not expect for a bad entry: cleared, and its page lost', () => {
    const t = new Time('2.6.20');
    const fd = Number(t.do('open', [2, 0], '/dev/broken-member'));
    const at = Number(t.do('mmap', [AT, HUGE, RW, PRIVATE | FIXED, fd, 0]));
    t.do('write', [at, 1, 1]);
    expect(validate(t.m)).toEqual([]);
    t.do('munmap', [at, HUGE]);
    expect(validate(t.m).map((b) => b.invariant)).toEqual(expect.arrayContaining(['bad-pmd', 'frame-leaked']));
  });

  test('the right members make it harmless', () => {
    const t = new Time('2.6.20');
    const fd = Number(t.do('open', [2, 0], '/dev/superpage'));
    const at = Number(t.do('mmap', [AT, HUGE, RW, PRIVATE | FIXED, fd, 0]));
    t.do('write', [at, 1, 1]);
    t.do('fork', [1]);
    t.do('mprotect', [at, HUGE, 1]);
    t.do('munmap', [at, HUGE]);
    expect(validate(t.m)).toEqual([]);
  });
});

describe('under the rules of 2.6.20', () => {
  for (const name of ['huge', 'huge-file', 'huge-giant', 'everything', 'lock']) {
    test(`${name}: random operations break nothing, and ops and flag agree`, { timeout: 60_000 }, () => {
      for (let seed = 1; seed <= 8; seed++) {
        const a = createMachine({ design: DESIGNS.ops, rules: '2.6.20' });
        const b = createMachine({ design: DESIGNS.flag, rules: '2.6.20' });
        const draw = new RandomOperations(a, KINDS[name]!, seed);
        const done: string[] = [];
        for (let i = 0; i <= 100; i++) {
          const operation = i === 0 ? draw.first() : draw.next();
          done.push(`${operation.op} ${operation.args.join(' ')} by ${operation.who}`);
          const out = { ...a.execute(operation) };
          const where = `seed ${seed}, operation ${i}:\n${done.slice(-5).join('\n')}`;
          expect({ ...b.execute(operation) }, where).toEqual(out);
          expect(validate(a), where).toEqual([]);
        }
      }
    });
  }
});
