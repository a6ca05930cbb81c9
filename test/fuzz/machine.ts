/** The machine's front door: operations with any arguments, under every design. */
import { DESIGN_NAMES, DESIGNS } from '../../src/engine/designs/designs';
import { errnoName } from '../../src/engine/errno';
import { OPERATIONS, type Operation } from '../../src/engine/operation';
import { createMachine } from '../../src/engine/process';
import { RULES_NAMES } from '../../src/engine/rules';
import { validate } from '../../src/engine/validate';
import { pick } from './frame/damage';
import type { Kind } from './frame/kind';

/** What is drawn: a machine, and what is done with it. */
interface Case {
  readonly design: (typeof DESIGN_NAMES)[number];
  readonly rules: (typeof RULES_NAMES)[number];
  readonly memory: number;
  readonly tlb: boolean;
  readonly operations: readonly Operation[];
}

const SIZES = [
  0,
  1,
  4095,
  4096,
  8192,
  65_536,
  2 ** 21,
  2 ** 21 + 4096,
  2 ** 22,
  2 ** 25,
  2 ** 30,
  2 ** 40,
  2 ** 47,
  -4096,
  2 ** 64,
];
const PLACES = [
  0, 4097, -1, 0.5, 0x10000, 0x400000, 0x4be000, 0x40000000, 0x100000000000, 0x7ffff7800000, 0x7ffff7c00000,
  0x7ffff7e00000, 0x7ffff7fff000, 0x7ffffffde000, 0x7ffffffff000, 0x800000000000, 0x8000000000000000,
  0xfffffffffffff000,
];
const FLAGS = [
  0x22, 0x21, 0x32, 0x40022, 0x40021, 0x8022, 0x4022, 0x2022, 0x122, 0x100022, 0x40032, 0x1, 0x2, 0x11, 0x44022,
  0x48022,
];
const SMALL = [0, 1, 2, 3, 4, 7, 8, 9, 12, 14, 16, 20, 21, 22, 23, 25, 100, -1, 0o102];
const COUNTS = [0, 1, 2, 5, 16, 100, 513, 2000, 2 ** 24, 2 ** 24 + 1];
const PATHS = [
  'A',
  'B',
  'file:A',
  'file:B',
  'file:none',
  '/dev/page-huge',
  '/dev/superpage',
  '/dev/zero',
  '',
  'm',
  '__proto__',
];

const MMAPS = [3, 3, 3, 1, 0, 2, 5];

function operation(random: () => number): Operation {
  const one = (from: readonly number[]): number => pick(random, from);
  const who = pick(random, [0, 0, 0, 0, 1, 1, 2, 7]);
  const op =
    random() < 0.35 ? 'mmap' : random() < 0.3 ? pick(random, ['read', 'write'] as const) : pick(random, OPERATIONS);
  const path = pick(random, PATHS);
  if (random() < 0.1)
    return {
      who,
      op,
      path,
      args: Array.from({ length: Math.floor(random() * 8) }, () => one([...SIZES, ...PLACES, ...SMALL])),
    };
  const at = one(PLACES);
  const args: Partial<Record<Operation['op'], () => number[]>> = {
    mmap: () => [
      random() < 0.6 ? 0 : at,
      one(SIZES),
      one(MMAPS),
      one(FLAGS),
      one([-1, -1, 3, 4, 5]),
      one([0, 0, 4096, 2 ** 21]),
    ],
    read: () => [at, one(COUNTS), one([1, 64, 4096, 4096, 2 ** 21, 2 ** 30, 0])],
    write: () => [at, one(COUNTS), one([1, 64, 4096, 4096, 2 ** 21, 2 ** 30, 0])],
    mremap: () => [at, one(SIZES), one(SIZES), one([0, 1, 3, 5, 7]), one(PLACES)],
    fork: () => [one([1, 2, 3])],
    pool: () => [one([0, 1, 4, 16, 64, 1e6]), one([0, 2, 8])],
    exec: () => [
      0,
      0,
      0x400000,
      0x600000,
      one([1, 3, 5]),
      0,
      one([0, 1, 512]),
      0x7fff00000000,
      0x7fff00100000,
      3,
      0,
      one([0, 3, 256]),
    ],
    ftruncate: () => [one([3, 4, 5]), one(SIZES)],
    fallocate: () => [one([3, 4, 5]), one([0, 1, 3]), one(SIZES), one(SIZES)],
  };
  const list = args[op]?.() ?? [at, one(SIZES), one(SMALL)];
  return { who, op, args: list, path: op === 'exec' ? 'prog\n/bin/prog\n[stack]' : path };
}

const kind: Kind = {
  what: 'operations with any arguments, under every design',
  seeds: [],
  words: [],
  draw(random) {
    const found: Case = {
      design: pick(random, DESIGN_NAMES),
      rules: pick(random, RULES_NAMES),
      memory: pick(random, [2 ** 24, 2 ** 26, 2 ** 28]),
      tlb: random() < 0.1,
      operations: Array.from({ length: 3 + Math.floor(random() * 12) }, () => operation(random)),
    };
    return JSON.stringify(found, null, 0).replaceAll('{"who"', '\n{"who"');
  },
  take(input) {
    let found: Case;
    try {
      found = JSON.parse(input) as Case;
    } catch {
      return '';
    }
    const { design, rules, memory, tlb, operations } = found;
    const m = createMachine({
      design: DESIGNS[design] ?? DESIGNS.ops,
      rules,
      memory,
      tlb: tlb ? { sets: 4, ways: 4, largeSets: 1, largeWays: 8 } : null,
    });
    for (const [i, one] of operations.entries()) {
      const out = m.execute(one);
      const where = `operation ${i + 1}, ${one.op}(${one.args.join(', ')})`;
      if (!Number.isInteger(out.ret)) return `${where}: ${out.ret} is no integer`;
      if (out.err !== 0 && (out.ret !== -1 || !/^E[A-Z0-9]+$/.test(errnoName(out.err))))
        return `${where}: errno ${out.err}`;
      const [broken] = validate(m);
      // What a driver or the rules of another time break is their subject.
      if (broken !== undefined) return m.damage.length > 0 ? '' : `${where}: ${broken.invariant}: ${broken.text}`;
    }
    return '';
  },
};
export default kind;
