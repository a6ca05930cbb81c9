import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { CALL_NAMES } from '../../../src/scenario/calls';
import { FIELD_NAMES } from '../../../src/scenario/fields';
import { format } from '../../../src/scenario/format';
import { SETTING_NAMES } from '../../../src/scenario/head';
import { parse } from '../../../src/scenario/parse';
import { compileParsed } from '../../../src/scenario/program';
import { machineOf, run } from '../../../src/scenario/run';

const page = readFileSync(join(import.meta.dirname, '../../../src/scenario/LANGUAGE.md'), 'utf8');
const examples = [...page.matchAll(/^```mm\n(.*?)^```$/gms)].map(([, text]) => text);

test.each(examples)('an example of the page runs, and what it expects holds: %j', (text) => {
  const parsed = parse(text);
  expect(parsed.diagnostics).toEqual([]);
  expect(parse(format(parsed.scenario)).scenario).toEqual(parsed.scenario);
  const program = compileParsed(parsed);
  const { findings } = run(program, machineOf(program.head));
  expect(findings.filter((finding) => !finding.holds)).toEqual([]);
});

test('the page names every call, field and setting', () => {
  const missing = [...CALL_NAMES, ...FIELD_NAMES, ...SETTING_NAMES].filter((name) => !page.includes(name));
  expect(missing).toEqual([]);
});

test('the three mmaps of the page that say the same are the same', () => {
  const [first, ...others] = parse(examples.find((text) => text.includes('0x22'))!).scenario.statements;
  const written = others.map((statement) => (statement.kind === 'call' ? statement.args.slice(0, 4) : []));
  expect(first.kind === 'call' ? first.args.slice(0, 4) : []).toEqual(written[0]);
  expect(written[1]).toEqual(written[0]);
});
