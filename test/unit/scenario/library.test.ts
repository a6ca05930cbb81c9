import { describe, expect, test } from 'vitest';
import { DESIGNS } from '../../../src/engine/designs/designs';
import { validate } from '../../../src/engine/validate';
import { fingerprint } from '../../../src/scenario/fingerprint';
import { format } from '../../../src/scenario/format';
import { LIBRARY } from '../../../src/scenario/library';
import { parse } from '../../../src/scenario/parse';
import { compileParsed } from '../../../src/scenario/program';
import { machineOf, steps } from '../../../src/scenario/run';

const examples = LIBRARY.flatMap((group) => group.examples);
const { ops, flag } = DESIGNS;

describe.each(examples)('$name', ({ text }) => {
  const parsed = parse(text);
  const program = compileParsed(parsed);

  test('is titled, explained, short and in canonical form', () => {
    expect(parsed.diagnostics).toEqual([]);
    expect(format(parsed.scenario)).toBe(text);
    expect(program.head.title.length).toBeGreaterThan(3);
    expect(program.steps.length).toBeLessThanOrEqual(25);
    const explained = program.steps.filter((step) => step.explanation !== '').length;
    expect(explained).toBeGreaterThanOrEqual(program.steps.length / 4);
    expect(program.steps.some((step) => step.expects.length > 0 || step.call.expected !== null)).toBe(true);
  });

  test.each([ops, flag])('does what it says under $name', (design) => {
    const machine = machineOf(program.head, design);
    for (const { findings } of steps(program, machine))
      expect(findings.filter((finding) => !finding.holds)).toEqual([]);
    expect(validate(machine)).toEqual([]);
  });

  test('ends alike under both designs', () => {
    const ends = [ops, flag].map((design) => {
      const machine = machineOf(program.head, design);
      for (const done of steps(program, machine)) expect(done.outcome).toBeDefined();
      return fingerprint(machine);
    });
    expect(ends[0]).toBe(ends[1]);
  });
});

test('there are at least 20, each with a name and a title of its own, and no name begins another', () => {
  const names = examples.map((e) => e.name);
  expect(names.length).toBeGreaterThanOrEqual(20);
  expect(new Set(examples.map((e) => e.title)).size).toBe(names.length);
  expect(names.flatMap((a) => names.filter((b) => a !== b && b.startsWith(a)))).toEqual([]);
});
