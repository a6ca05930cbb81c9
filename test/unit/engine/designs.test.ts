import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../src/base/random';
import { DESIGN_NAMES, DESIGNS, LINUX_DESIGNS, type DesignName } from '../../../src/engine/designs/designs';
import { SITES } from '../../../src/engine/designs/sites';
import { drivers } from '../../../src/engine/drivers/drivers';
import { Ev, EVENT_STRIDE, Recorder } from '../../../src/engine/events';
import { procMaps, procSmaps, procStatus } from '../../../src/engine/fs/proc';
import type { Machine } from '../../../src/engine/machine';
import type { Operation } from '../../../src/engine/operation';
import { createMachine } from '../../../src/engine/process';
import { WHY } from '../../../src/engine/routines';
import { MAP_PRIVATE, O_RDWR } from '../../../src/engine/uapi';
import { validate } from '../../../src/engine/validate';
import { KINDS, RandomOperations } from './random-operations';

const HUGE = 2 << 20;
const RW = 3;

/** What a person can see of a machine. */
function shown(m: Machine): string {
  const h = m.hstate;
  const pool = [h.nr_huge_pages, h.free_huge_pages, h.resv_huge_pages, h.surplus_huge_pages].join(' ');
  return [pool, ...[...m.tasks.values()].map((t) => procMaps(t) + procSmaps(t) + procStatus(t))].join('\n');
}

const machine = (design: DesignName): Machine => createMachine({ design: DESIGNS[design] });
const run = (m: Machine, op: Operation['op'], args: number[], path?: string): number => {
  const out = m.execute(path === undefined ? { who: 0, op, args } : { who: 0, op, args, path });
  return out.err === 0 ? out.ret : -out.err;
};

/** Maps `len` bytes of a device; a negative errno where that is refused. */
function mapDevice(m: Machine, path: string, len: number): number {
  const fd = run(m, 'open', [O_RDWR, 0], path);
  return run(m, 'mmap', [0, len, RW, MAP_PRIVATE, fd, 0]);
}

interface Told {
  readonly kind: Ev;
  readonly a: number;
}

/** The events of one operation with their first operand. */
function events(m: Machine, op: Operation['op'], args: number[]): Told[] {
  const rec = new Recorder();
  m.executeUntil({ who: 0, op, args }, rec);
  const packed = rec.take();
  return Array.from({ length: rec.count }, (_, i) => ({
    kind: packed[i * EVENT_STRIDE]! as Ev,
    a: packed[i * EVENT_STRIDE + 1]!,
  }));
}

/** How a design finds out, at one site and one area, as names of events. */
const asked = (list: readonly Told[], site: number): string[] =>
  list.filter(({ kind, a }) => kind >= Ev.TableLoad && kind <= Ev.GenericWay && a === site).map(({ kind }) => Ev[kind]);

describe('the designs, in lock-step', () => {
  for (const [name, kind] of Object.entries(KINDS)) {
    test(`${name}: all come to the same, whatever the operations`, { timeout: 120_000 }, () => {
      for (let seed = 101; seed <= 104; seed++) {
        const machines = (/huge|everything|lock/.test(name) ? LINUX_DESIGNS : DESIGN_NAMES).map(machine);
        const lead = machines[0]!;
        const draw = new RandomOperations(lead, kind, seed);
        for (let i = 0; i <= 80; i++) {
          const operation = i === 0 ? draw.first() : draw.next();
          const outcomes = machines.map((m) => ({ ...m.execute(operation) }));
          const where = `seed ${seed}, operation ${i}: ${operation.op} ${operation.args.join(' ')}`;
          for (const outcome of outcomes) expect(outcome, where).toEqual(outcomes[0]);
          if (i % 20 !== 0) continue;
          const sights = machines.map(shown);
          for (const sight of sights) expect(sight, where).toBe(sights[0]);
        }
        for (const m of machines) expect(validate(m)).toEqual([]);
      }
    });
  }
});

describe('how each design finds out', () => {
  const huge = (design: DesignName): [string[], string[]] => {
    const m = machine(design);
    run(m, 'pool', [4, 0]);
    const special = run(m, 'mmap', [0, HUGE, RW, 0x40022, -1, 0]);
    const normal = run(m, 'mmap', [0, HUGE, RW, 0x22, -1, 0]);
    return [
      asked(events(m, 'write', [special, 1, 1]), SITES.indexOf('fault')),
      asked(events(m, 'write', [normal, 1, 1]), SITES.indexOf('fault')),
    ];
  };

  test('ops loads a pointer and tests it, and for huge pages a member, too', () => {
    expect(huge('ops')).toEqual([
      ['TableLoad', 'NullTest', 'MemberLoad', 'NullTest', 'IndirectCall'],
      ['TableLoad', 'NullTest', 'GenericWay'],
    ]);
  });

  test('ops-always tests nothing and calls everything through a pointer', () => {
    expect(huge('ops-always')).toEqual([
      ['TableLoad', 'MemberLoad', 'IndirectCall'],
      ['TableLoad', 'MemberLoad', 'IndirectCall'],
    ]);
  });

  test('flag tests one bit and calls by name', () => {
    expect(huge('flag')).toEqual([
      ['FlagTest', 'DirectCall'],
      ['FlagTest', 'GenericWay'],
    ]);
  });

  test('table loads an index and calls through the core’s fixed table', () => {
    expect(huge('table')).toEqual([
      ['IndexLoad', 'MemberLoad', 'IndirectCall'],
      ['IndexLoad', 'MemberLoad', 'IndirectCall'],
    ]);
  });

  test('vm_ops looks into the table that the mapping has anyway', () => {
    expect(huge('vm_ops')).toEqual([
      ['TableLoad', 'NullTest', 'MemberLoad', 'NullTest', 'IndirectCall'],
      ['TableLoad', 'NullTest', 'GenericWay'],
    ]);
  });

  test('core asks nothing', () => {
    expect(huge('core')).toEqual([['GenericWay'], ['GenericWay']]);
  });

  test('file tests the flag, for it changes nothing in the core', () => {
    expect(huge('file')).toEqual(huge('flag'));
  });

  test('mainline tests the flag, and what is not hugetlb may bring a huge_fault', () => {
    expect(huge('mainline')).toEqual([
      ['FlagTest', 'DirectCall'],
      ['FlagTest', 'TableLoad', 'NullTest', 'GenericWay'],
    ]);
  });
});

describe('what each design lets a driver be', () => {
  const accepts = (path: string): string[] =>
    DESIGN_NAMES.filter((design) => {
      const m = machine(design);
      run(m, 'pool', [4, 0]);
      return mapDevice(m, path, HUGE) >= 0;
    });

  test('the device of 2007 is served by all of them but the flag without a file', () => {
    expect(accepts('/dev/page-huge')).toEqual(LINUX_DESIGNS);
  });

  test('page size as a device needs a pointer, or a core that knows', () => {
    expect(accepts('/dev/superpage')).toEqual(['ops', 'ops-always', 'vm_ops', 'core', 'mainline']);
  });

  test('a driver that brings members of its own is let in by a pointer and by nothing else', () => {
    for (const d of drivers().filter((each) => each.broken))
      expect(accepts(d.path)).toEqual(['ops', 'ops-always', 'vm_ops']);
    expect(accepts('/dev/bench-rrrrrn')).toEqual(['ops', 'ops-always', 'vm_ops']);
  });

  test('a refusal is ENODEV, says why, and leaves nothing behind', () => {
    const why: Partial<Record<DesignName, number>> = {
      flag: WHY.one_special_case,
      table: WHY.not_in_core_table,
      file: WHY.one_special_case,
      core: WHY.hints_only,
      mainline: WHY.one_special_case,
    };
    for (const [design, reason] of Object.entries(why)) {
      const m = machine(design as DesignName);
      const fd = run(m, 'open', [O_RDWR, 0], '/dev/broken-free');
      const before = shown(m);
      const told = events(m, 'mmap', [0, HUGE, RW, MAP_PRIVATE, fd, 0]);
      expect(m.outcome.err).toBe(19);
      expect(told.filter(({ kind }) => kind === Ev.Decide).map(({ a }) => a)).toContain(reason);
      expect(shown(m)).toBe(before);
      expect(validate(m)).toEqual([]);
    }
  });

  test('under file, the device of 2007 becomes a nameless file of huge pages that reserves nothing', () => {
    const m = machine('file');
    run(m, 'pool', [2, 0]);
    const at = mapDevice(m, '/dev/page-huge', 4 * HUGE);
    expect(at).toBeGreaterThan(0);
    expect(m.hstate.resv_huge_pages).toBe(0);
    expect(procMaps(m.tasks.get(0)!)).toContain('/dev/page-huge (deleted)');
    const out = m.execute({ who: 0, op: 'write', args: [at, 4, HUGE] });
    expect([out.sig, out.minflt]).toEqual([7, 2]);
    run(m, 'munmap', [at, 4 * HUGE]);
    expect([m.hstate.free_huge_pages, validate(m)]).toEqual([2, []]);
  });
});

describe('devices under random operations', () => {
  const OPS = ['ops', 'ops-always', 'vm_ops'] as const;
  const sequence = (
    path: string,
    seed: number,
    designs: readonly DesignName[],
    each: (ms: Machine[]) => void,
  ): void => {
    const machines = designs.map(machine);
    const lead = machines[0]!;
    const random = seededRandom(seed);
    const kind = { ...KINDS['thp']!, ops: { ...KINDS['thp']!.ops, mremap: 0.3, munmap: 2 }, big: false };
    const draw = new RandomOperations(lead, kind, seed);
    const all = (operation: Operation): void => {
      // Where the core walks by itself, it pins and faults by its own count.
      const outcomes = machines.map((m) => ({ ...m.execute(operation) }));
      for (const [i, o] of outcomes.entries())
        if (['core', 'mainline'].includes(designs[i]!)) o.minflt = outcomes[0]!.minflt;
      for (const o of outcomes)
        expect(o, `${path} seed ${seed} ${operation.op} ${operation.args.join(' ')}`).toEqual(outcomes[0]);
      each(machines);
    };
    all({ who: 0, op: 'pool', args: [6, 0] });
    all({ who: 0, op: 'open', args: [O_RDWR, 0], path });
    for (let i = 0; i < 60; i++) {
      if (random() < 0.25) {
        const who = [...lead.tasks.keys()][Math.floor(random() * lead.tasks.size)]!;
        const len =
          [1, 1, 2, 3][Math.floor(random() * 4)]! * HUGE + (random() < 0.3 ? 65536 * Math.floor(random() * 20) : 0);
        const fixed = random() < 0.4;
        const at = fixed ? 2 ** 40 + Math.floor(random() * 64) * 65536 * 8 : 0;
        all({ who, op: 'mmap', args: [at, len, RW, MAP_PRIVATE | (fixed ? 16 : 0), 3, 0] });
      } else all(draw.next());
    }
  };

  test('superpage is sound, and the same under every design that has it', { timeout: 120_000 }, () => {
    for (let seed = 1; seed <= 25; seed++)
      sequence('/dev/superpage', seed, [...OPS, 'core', 'mainline'], (ms) => {
        for (const m of ms.slice(0, 1)) expect(validate(m), `seed ${seed}`).toEqual([]);
        expect(new Set(ms.map((m) => m.usedBytes)).size).toBe(1);
      });
  });

  test('page-huge with a zero page is sound', { timeout: 120_000 }, () => {
    for (let seed = 1; seed <= 25; seed++)
      sequence('/dev/page-huge-zero', seed, OPS, (ms) => expect(validate(ms[0]!), `seed ${seed}`).toEqual([]));
  });

  test('page-huge is sound, and the same wherever its own routines run', { timeout: 120_000 }, () => {
    const same = ['ops', 'flag', 'ops-always', 'vm_ops', 'table'] as const;
    for (let seed = 1; seed <= 20; seed++)
      sequence('/dev/page-huge', seed, same, (ms) => expect(validate(ms[0]!), `seed ${seed}`).toEqual([]));
  });

  test('page-huge as a file in disguise, and walked by the core, is sound', { timeout: 120_000 }, () => {
    for (const design of ['file', 'core', 'mainline'] as const)
      for (let seed = 1; seed <= 20; seed++)
        sequence('/dev/page-huge', seed, [design], (ms) =>
          expect(validate(ms[0]!), `${design} seed ${seed}`).toEqual([]),
        );
  });

  test('superpage walked by the core is sound', { timeout: 120_000 }, () => {
    for (const design of ['core', 'mainline'] as const)
      for (let seed = 30; seed <= 45; seed++)
        sequence('/dev/superpage', seed, [design], (ms) =>
          expect(validate(ms[0]!), `${design} seed ${seed}`).toEqual([]),
        );
  });

  test('whatever a broken driver does, the machine neither throws nor hangs', { timeout: 120_000 }, () => {
    const paths = drivers()
      .filter((d) => d.broken)
      .flatMap((d) => Array.from({ length: 8 }, () => d.path));
    const random = seededRandom(7);
    for (let i = 0; i < 60; i++)
      paths.push(`/dev/bench-${Array.from({ length: 6 }, () => 'rnw'[Math.floor(random() * 3)]!).join('')}`);
    let operations = 0;
    paths.forEach((path, seed) =>
      sequence(path, seed, ['ops'], (ms) => {
        validate(ms[0]!);
        operations++;
      }),
    );
    expect(operations).toBe(paths.length * 62);
  });
});

describe('the device on a file of huge pages', () => {
  const SHARED = 1;
  const opened = (faultyDevice: boolean): [Machine, number] => {
    const m = createMachine({ design: DESIGNS.file, faultyDevice });
    run(m, 'pool', [4, 0]);
    return [m, run(m, 'open', [O_RDWR, 0], '/dev/page-huge')];
  };

  test('maps what the device of March 2007 refuses: shared memory, and an offset', () => {
    const [m, fd] = opened(false);
    const at = run(m, 'mmap', [0, 2 * HUGE, RW, SHARED, fd, 0]);
    expect(at).toBeGreaterThan(0);
    expect(run(m, 'mmap', [0, HUGE, RW, MAP_PRIVATE, fd, HUGE])).toBeGreaterThan(0);
    m.execute({ who: 0, op: 'write', args: [at, 2, HUGE] });
    expect([m.outcome.sig, m.hstate.free_huge_pages, validate(m)]).toEqual([0, 2, []]);
    const other = machine('ops');
    const device = run(other, 'open', [O_RDWR, 0], '/dev/page-huge');
    expect(run(other, 'mmap', [0, HUGE, RW, SHARED, device, 0])).toBe(-22);
    expect(run(other, 'mmap', [0, HUGE, RW, MAP_PRIVATE, device, HUGE])).toBe(-22);
  });

  test('where hugetlbfs refuses, the code as posted drops one file twice and leaks the other', () => {
    for (const faulty of [false, true]) {
      const [m, fd] = opened(faulty);
      // More than the pool has: a shared mapping reserves.
      expect(run(m, 'mmap', [0, 6 * HUGE, RW, SHARED, fd, 0])).toBe(-12);
      const found = validate(m).map(({ invariant }) => invariant);
      if (faulty) expect(found).toEqual(expect.arrayContaining(['file-count', 'file-leaked']));
      else expect(found).toEqual([]);
    }
  });
});
