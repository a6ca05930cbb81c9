import { describe, expect, test } from 'vitest';
import { DESIGNS } from '../../../src/engine/designs/designs';
import { procMaps, procSmaps, procStatus } from '../../../src/engine/fs/proc';
import type { Machine } from '../../../src/engine/machine';
import type { Operation, Outcome } from '../../../src/engine/operation';
import { createMachine } from '../../../src/engine/process';
import { validate } from '../../../src/engine/validate';
import { KINDS, RandomOperations } from './random-operations';

/** The two sides of the argument; designs.test.ts has them all. */
const SIDES = [DESIGNS.ops, DESIGNS.flag];
/** Sequences of each kind: `SEQUENCES=1000 npm run test:unit -- property` looks for longer. */
const SEQUENCES = Number(process.env['SEQUENCES'] ?? 30);
/** Operations from one look at all that can be seen to the next. */
const LOOK = 10;
const OPERATIONS = 60;

/** What a person can see of a machine after an operation, without how it got there. */
function shown(m: Machine): string {
  const h = m.hstate;
  const pool = [h.nr_huge_pages, h.free_huge_pages, h.resv_huge_pages, h.surplus_huge_pages].join(' ');
  const tasks = [...m.tasks.values()].map((t) => procMaps(t) + procSmaps(t) + procStatus(t));
  return [pool, ...tasks].join('\n');
}

const sameOutcome = (a: Outcome, b: Outcome): boolean =>
  a.ret === b.ret && a.err === b.err && a.sig === b.sig && a.code === b.code && a.minflt === b.minflt;

const text = (o: Operation): string => `${o.op} ${o.args.join(' ')} by ${o.who}`;

describe('random sequences of operations', () => {
  for (const [name, kind] of Object.entries(KINDS)) {
    test(`${name}: no invariant breaks, and both designs come to the same`, () => {
      for (let seed = 1; seed <= SEQUENCES; seed++) {
        const machines = SIDES.map((design) => createMachine({ design }));
        const [lead] = machines as [Machine, ...Machine[]];
        const draw = new RandomOperations(lead, kind, seed);
        const done: string[] = [];
        for (let i = 0; i <= OPERATIONS; i++) {
          const operation = i === 0 ? draw.first() : draw.next();
          done.push(text(operation));
          const outcomes = machines.map((m) => ({ ...m.execute(operation) }));
          const where = (): string => `seed ${seed}, operation ${i}:\n${done.slice(-6).join('\n')}`;
          for (const outcome of outcomes)
            if (!sameOutcome(outcome, outcomes[0]!)) expect(outcome, where()).toEqual(outcomes[0]);
          const broken = validate(lead);
          if (broken.length > 0) expect(broken, where()).toEqual([]);
          if (i % LOOK !== 0) continue;
          const sight = machines.map(shown);
          for (const other of sight) expect(other, where()).toBe(sight[0]);
        }
      }
    }, 600_000);
  }
});
