import { describe, expect, test } from 'vitest';
import { DESIGNS } from '../../../src/engine/designs/designs';
import type { Machine } from '../../../src/engine/machine';
import { PTE } from '../../../src/engine/mm/pgtable';
import { Tlb } from '../../../src/engine/mm/tlb';
import type { OperationName } from '../../../src/engine/operation';
import { createMachine } from '../../../src/engine/process';
import { restore, snapshot } from '../../../src/engine/snapshot';
import { validate } from '../../../src/engine/validate';
import { KINDS, RandomOperations } from './random-operations';

const PAGE = 4096;

function machine(shape = { sets: 1, ways: 2, largeSets: 1, largeWays: 1 }): Machine {
  const m = createMachine({ design: DESIGNS.ops });
  m.tlb = new Tlb(shape);
  return m;
}
const run = (m: Machine, op: OperationName, args: number[]): number => m.execute({ who: 0, op, args }).ret;

describe('the translation cache', () => {
  test('misses at the first access of a page and hits at the next', () => {
    const m = machine();
    const a = run(m, 'mmap', [0, 4 * PAGE, 3, 0x22, -1, 0]);
    run(m, 'write', [a, 1, PAGE]);
    run(m, 'read', [a, 1, PAGE]);
    run(m, 'write', [a + 8, 1, PAGE]);
    expect([m.tlb!.misses, m.tlb!.hits]).toEqual([1, 2]);
  });

  test('forgets the page used longest ago when its row is full', () => {
    const m = machine();
    const a = run(m, 'mmap', [0, 4 * PAGE, 3, 0x22, -1, 0]);
    run(m, 'write', [a, 3, PAGE]);
    expect(m.tlb!.entries(0).map((t) => t.address)).toEqual([a + PAGE, a + 2 * PAGE]);
    run(m, 'write', [a + PAGE, 1, PAGE]);
    run(m, 'write', [a, 1, PAGE]);
    expect(m.tlb!.entries(0).map((t) => t.address)).toEqual([a, a + PAGE]);
  });

  test('keeps large pages apart, one entry for each', () => {
    const m = machine();
    run(m, 'pool', [2, 0]);
    const h = run(m, 'mmap', [0, 2 << 20, 3, 0x40022, -1, 0]);
    run(m, 'write', [h, 512, PAGE]);
    expect([m.tlb!.misses, m.tlb!.hits]).toEqual([1, 511]);
    expect(m.tlb!.entries(0).map((t) => t.large)).toEqual([true]);
  });

  test('loses what is unmapped or protected, and only that', () => {
    const m = machine({ sets: 1, ways: 8, largeSets: 1, largeWays: 1 });
    const a = run(m, 'mmap', [0, 4 * PAGE, 3, 0x22, -1, 0]);
    run(m, 'write', [a, 4, PAGE]);
    run(m, 'munmap', [a + PAGE, PAGE]);
    run(m, 'mprotect', [a + 2 * PAGE, PAGE, 1]);
    expect(m.tlb!.entries(0).map((t) => (t.address - a) / PAGE)).toEqual([0, 3]);
    expect(validate(m)).toEqual([]);
  });

  test('a translation that the tables do not have is named, and used all the same', () => {
    const m = machine();
    const a = run(m, 'mmap', [0, PAGE, 3, 0x22, -1, 0]);
    m.tlb!.fill(0, a, PTE, (77 << 8) | 3);
    expect(validate(m).map((b) => b.invariant)).toEqual(['tlb-stale']);
    run(m, 'read', [a, 1, 1]);
    expect([
      m.tlb!.stale,
      validate(m)
        .map((b) => b.invariant)
        .sort(),
    ]).toEqual([1, ['tlb-stale', 'tlb-stale-used']]);
  });

  test('goes back with the machine', () => {
    const m = machine();
    const a = run(m, 'mmap', [0, PAGE, 3, 0x22, -1, 0]);
    run(m, 'write', [a, 1, 1]);
    const then = snapshot(m);
    run(m, 'munmap', [a, PAGE]);
    restore(m, then);
    expect([m.tlb!.entries(0).length, m.tlb!.misses]).toEqual([1, 1]);
  });
});

describe('flushes', () => {
  for (const [name, kind] of Object.entries(KINDS)) {
    test(`${name}: the kernel leaves none out, and answers do not change with the cache`, { timeout: 60_000 }, () => {
      for (let seed = 1; seed <= 10; seed++) {
        const m = machine({ sets: 4, ways: 4, largeSets: 2, largeWays: 4 });
        const plain = createMachine({ design: DESIGNS.ops });
        const draw = new RandomOperations(m, kind, seed);
        const done: string[] = [];
        for (let i = 0; i <= 100; i++) {
          const operation = i === 0 ? draw.first() : draw.next();
          done.push(`${operation.op} ${operation.args.join(' ')} by ${operation.who}`);
          const out = { ...m.execute(operation) };
          const where = `seed ${seed}, operation ${i}:\n${done.slice(-5).join('\n')}`;
          expect({ ...plain.execute(operation) }, where).toEqual(out);
          const stale = validate(m).filter((b) => b.invariant.startsWith('tlb'));
          expect(stale, where).toEqual([]);
        }
      }
    });
  }
});
