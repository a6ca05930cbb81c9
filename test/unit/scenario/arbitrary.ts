/** Scenarios as fast-check makes them: only such as a text can say, in canonical form. */
import * as fc from 'fast-check';
import { CALLS, leastArguments, type Parameter, type ResultKind } from '../../../src/scenario/calls';
import { ERRNOS, SIGNALS } from '../../../src/scenario/arguments';
import { FIELDS } from '../../../src/scenario/fields';
import { SETTINGS } from '../../../src/scenario/head';
import type { Argument, Expected, Scenario, Statement } from '../../../src/scenario/scenario';

const name = fc.stringMatching(/^[a-z][a-z0-9_]{0,8}$/).map((s) => `n_${s}`);
const size = fc.oneof(
  fc.nat(5000),
  fc.nat(2 ** 30).map((x) => x * 4096),
  fc.constantFrom(2 ** 53, 2 ** 63, 2 ** 64, 1536 * 2 ** 20),
);
const comment = fc
  .oneof(fc.constantFrom('', '# a heading', 'why → this', '##'), fc.string({ maxLength: 20 }))
  .map((s) => s.replace(/[\r\n]/g, ' ').trim());
const text = fc
  .oneof(fc.constantFrom('file:A', '/dev/page-huge', 'a "b" \\ c', 'Größe'), fc.string({ maxLength: 20 }))
  .map((s) => s.replace(/[\r\n\0]/g, '_'))
  .filter((s) => s !== '');

/** Names given so far, by what they stand for. */
type Known = Record<ResultKind, string[]>;

function reference(known: readonly string[], alone: boolean): fc.Arbitrary<Argument> {
  const one = fc.constantFrom(...known);
  if (alone) return one.map((n) => ({ name: n, minus: '', offset: 0 }));
  return fc.record({
    name: one,
    minus: fc.oneof(fc.constant(''), one),
    offset: fc.oneof(
      fc.constant(0),
      size,
      size.map((x) => 0 - x),
    ),
  });
}

function argument(parameter: Parameter, known: Known): fc.Arbitrary<Argument> {
  const { kind } = parameter;
  if (kind === 'text') return text;
  if (typeof kind === 'object') {
    const values = kind.flags.map((flag) => flag.value);
    const word = fc
      .tuple(fc.subarray(values), fc.oneof(fc.constant(0), fc.nat(0xffffffff)))
      .map(([flags, more]) => flags.reduce((sum, x) => (sum | x) >>> 0, more));
    return kind.one ? fc.oneof(fc.constantFrom(...values), fc.nat(300)) : fc.oneof(word, fc.constant(-5));
  }
  const number = fc.oneof(
    size,
    size.map((x) => 0 - x),
  );
  const names = kind === 'file' ? known.file : [...known.address, ...known.count];
  return names.length === 0 || kind === 'mode' ? number : fc.oneof(number, reference(names, kind === 'file'));
}

function expected(known: Known): fc.Arbitrary<Expected | null> {
  const names = [...known.address, ...known.count];
  const value = names.length === 0 ? size : fc.oneof(size, reference(names, false) as fc.Arbitrary<never>);
  return fc.oneof(
    fc.constant(null),
    fc.constantFrom(...ERRNOS).map((n) => ({ kind: 'errno' as const, name: n })),
    fc.constantFrom(...SIGNALS).map((n) => ({ kind: 'signal' as const, name: n })),
    value.map((v) => ({ kind: 'value' as const, value: v })),
  );
}

const settings = fc
  .subarray([
    ['title', 'What #1 is'],
    ['design', 'ops'],
    ['rules', '6.18'],
    ['memory', 2 ** 30],
    ['thp', 'always'],
    ['overcommit_memory', 2],
    ['max_map_count', 100],
    ['user', 'nobody'],
    ['memlock', 65536],
    ['stack', 2 ** 20],
    ['as', 2 ** 30],
    ['data', 2 ** 24],
    ['faulty_device', 'on'],
    ['hugetlbfs_size', 2 ** 23],
    ['file', '8M /usr/lib/lib c.so'],
    ['layout', 'sh 555555554000-555555577000 rw-p 00001000 3 /bin/sh'],
    ['layout', 'sh mmap_base 7ffff7fbf000'],
  ] as const)
  .chain((chosen) =>
    fc.tuple(
      ...chosen.map(([n, value]) =>
        remarks.map((r): Statement => ({
          kind: 'setting',
          name: n,
          value,
          above: r.above,
          behind: SETTINGS[n].whole ? '' : r.behind,
        })),
      ),
    ),
  );

const above = fc
  .array(comment, { maxLength: 3 })
  .map((lines) => lines.filter((l, i) => l !== '' || lines[i - 1] !== ''));
const remarks = fc.record({ above, behind: comment });

const step = fc.record({
  call: fc.constantFrom(...Object.keys(CALLS).filter((c) => c !== 'exec')),
  missing: fc.nat(3),
  name: fc.oneof(fc.constant(''), name),
  what: fc.nat(9),
  seed: fc.nat(),
});

/** A scenario: a head, then calls, questions and expectations whose names stand for something. */
export const scenario: fc.Arbitrary<Scenario> = fc
  .tuple(settings, fc.array(step, { maxLength: 12 }), above)
  .chain(([head, steps, below]) => {
    const known: Known = { address: [], file: [], process: [], count: [] };
    const parts: fc.Arbitrary<Statement[]>[] = [];
    for (const s of steps) {
      const shape = CALLS[s.call];
      const least = leastArguments(shape);
      const n = Math.max(least, shape.parameters.length - s.missing);
      const now: Known = structuredClone(known);
      const process = now.process.length > 0 && shape.global !== true && s.what % 2 === 1 ? now.process[0] : '';
      const call = fc
        .tuple(fc.tuple(...shape.parameters.slice(0, n).map((p) => argument(p, now))), expected(now), remarks)
        .map(([args, exp, r]): Statement => ({
          kind: 'call',
          process,
          result: s.name,
          call: s.call,
          args,
          expected: exp,
          ...r,
        }));
      const before = s.what > 7 ? question.map((q) => [q]) : fc.constant([]);
      if (s.name !== '') {
        for (const kind of ['address', 'file', 'process', 'count'] as const)
          known[kind] = known[kind].filter((other) => other !== s.name);
        known[shape.result].push(s.name);
      }
      // What stands below the call knows its result under the name, and what had the name before no longer.
      const then: Known = structuredClone(known);
      const lives = then.process.includes(process) ? process : '';
      const after = s.what > 5 ? expectation(then, lives).map((e) => [e]) : fc.constant([]);
      parts.push(fc.tuple(before, call, after).map(([b, c, a]) => [...b, c, ...a]));
    }
    return fc.tuple(...parts).map((calls): Scenario => tidy([...head, ...calls.flat()], below));
  });

const question: fc.Arbitrary<Statement> = fc
  .tuple(text, fc.array(text, { minLength: 2, maxLength: 4 }), fc.nat(3), remarks)
  .map(([q, choices, answer, r]) => ({ kind: 'predict', question: q, choices, answer: answer % choices.length, ...r }));

function expectation(known: Known, process: string): fc.Arbitrary<Statement> {
  const names = [...known.address, ...known.count];
  const address = names.length === 0 ? size : fc.oneof(size, reference(names, false));
  return fc
    .tuple(fc.constantFrom(...Object.keys(FIELDS)), address, size, fc.nat(5), remarks)
    .map(([field, a, n, k, r]) => {
      const { of } = FIELDS[field];
      const args: Argument[] = of === 'smaps' ? [a] : of === 'areas' ? [a, n].slice(0, k % 3) : [];
      return { kind: 'expect', process, field, args, value: field === 'perms' ? 'rw-p' : k, ...r };
    });
}

/** Without blank lines at the very top and bottom, which a text cannot keep. */
function tidy(statements: Statement[], below: readonly string[]): Scenario {
  const first = statements[0];
  const strip = (lines: readonly string[]): readonly string[] => (lines[0] === '' ? lines.slice(1) : lines);
  if (first !== undefined) statements[0] = { ...first, above: strip(first.above) };
  let end = statements.length === 0 ? strip(below) : below;
  if (end.at(-1) === '') end = end.slice(0, -1);
  return { statements, below: end };
}
