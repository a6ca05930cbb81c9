import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../src/base/random';
import { DESIGNS } from '../../../src/engine/designs/designs';
import { errnoName } from '../../../src/engine/errno';
import type { Machine } from '../../../src/engine/machine';
import { OPERATIONS, type Operation } from '../../../src/engine/operation';
import { createMachine } from '../../../src/engine/process';
import { validate } from '../../../src/engine/validate';

/** The two sides of the argument of 2007. */
const SIDES = ['ops', 'flag'] as const;
const MEMORY = 256 * 2 ** 20;
const PRIVATE_ANONYMOUS = 0x22;

const NUMBERS = [
  Number.NaN,
  Infinity,
  -Infinity,
  -0,
  0,
  0.5,
  -1,
  -4096,
  1,
  2,
  3,
  7,
  8,
  9,
  16,
  23,
  100,
  4095,
  4096,
  4097,
  8192,
  0x22,
  0x40022,
  0x8022,
  0x2022,
  0x122,
  0x40001,
  0x21,
  0x32,
  0x100022,
  2 ** 21,
  2 ** 21 + 1,
  2 ** 30,
  2 ** 31,
  2 ** 32,
  2 ** 40,
  2 ** 47 - 4096,
  2 ** 47,
  2 ** 53,
  2 ** 62,
  2 ** 63,
  2 ** 64 - 4096,
  2 ** 64,
  1e308,
  0x400000,
  0x4be000,
  0x7ffff7fff000,
  0x7ffffffde000,
];

const PATHS = ['', 'A', 'file:A', 'file:none', '/dev/page-huge', 'x'.repeat(5000), '__proto__', 'm'];

/** A machine in which something of every kind is mapped; the numbers worth hitting. */
function furnished(design: (typeof SIDES)[number]): { m: Machine; numbers: number[] } {
  const m = createMachine({ design: DESIGNS[design], memory: MEMORY });
  const numbers = [...NUMBERS];
  const call = (op: Operation['op'], args: number[], path?: string): number =>
    m.execute({ who: 0, op, args, ...(path === undefined ? {} : { path }) }).ret;
  call('pool', [4, 2]);
  numbers.push(call('mmap', [0, 16 * 4096, 3, PRIVATE_ANONYMOUS, -1, 0]));
  numbers.push(call('mmap', [0, 2 ** 22, 3, PRIVATE_ANONYMOUS | 0x40000, -1, 0]));
  numbers.push(call('mmap', [0, 2 ** 21, 3, 0x40021, -1, 0]));
  numbers.push(call('mmap', [0, 8 * 4096, 3, 0x21, -1, 0]));
  const memfd = call('memfd', [0], 'm');
  call('ftruncate', [memfd, 8 * 4096]);
  numbers.push(memfd, call('mmap', [0, 8 * 4096, 3, 1, memfd, 0]));
  const file = call('open', [2, 0], 'file:A');
  numbers.push(file, call('mmap', [0, 8 * 4096, 3, 2, file, 0]));
  const huge = call('open', [0o102, 0], 'A');
  numbers.push(huge, call('mmap', [0, 2 ** 21, 3, 1, huge, 0]));
  for (const address of numbers.filter((n) => n > 2 ** 46 && n < 2 ** 47)) call('write', [address, 2, 4096]);
  call('fork', [1]);
  return { m, numbers };
}

describe('hostile arguments', () => {
  for (const design of SIDES) {
    for (const op of OPERATIONS) {
      test(`${op} under ${design}: an errno or a signal, never a throw, never a broken invariant`, () => {
        const random = seededRandom(OPERATIONS.indexOf(op) + 1);
        const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
        for (let round = 0; round < 4; round++) {
          const { m, numbers } = furnished(design);
          for (let i = 0; i < 40; i++) {
            const args = Array.from({ length: pick([0, 1, 2, 3, 4, 5, 6, 7]) }, () => pick(numbers));
            const operation: Operation = {
              who: pick([0, 0, 0, 1, 2, -1, Number.NaN, 1e9]),
              op,
              args,
              path: pick(PATHS),
            };
            const where = `${op} ${args.join(' ')} by ${operation.who} with ${operation.path?.slice(0, 20)}`;
            const out = m.execute(operation);
            if (
              !Number.isInteger(out.ret) ||
              (out.err !== 0 && (out.ret !== -1 || !/^E[A-Z0-9]+$/.test(errnoName(out.err))))
            )
              expect(out, where).toEqual('an integer, or −1 and an errno');
            const broken = validate(m);
            if (broken.length > 0) expect(broken, where).toEqual([]);
          }
        }
      });
    }
  }

  test('a process that does not exist answers ESRCH', () => {
    const m = createMachine();
    expect(m.execute({ who: 5, op: 'munmap', args: [0, 4096] })).toMatchObject({ ret: -1, err: 3 });
  });
});
