import { describe, expect, test } from 'vitest';
import { addressText, FORMS, freeName, namesIn, startValues, type FormContext } from '../../../src/app/operations';
import { scenarioLines } from '../../../src/app/panes/scenario-lines';
import { parse } from '../../../src/scenario/parse';

const before =
  'a = mmap(NULL, 8M, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0)\nfd = open("/dev/page-huge", O_RDWR)\nchild = fork()\ns = shmget(IPC_PRIVATE, 4M)\n';
const context: FormContext = {
  target: { address: 'a + 2M', length: 2 * 1024 * 1024, pageSize: 4096, process: '' },
  processes: ['', 'child'],
  process: '',
  taken: namesIn(before),
  pool: { total: 8, overcommit: 0 },
  mapHugetlb: true,
};
const readable = (line: string) => parse(before + line).diagnostics.map(({ message }) => message);

describe('a form of the palette', () => {
  test.each(FORMS.map((form) => [form.name, form] as const))('%s writes a line that can be read', (_, form) => {
    expect(readable(form.line(startValues(form, context)))).toEqual([]);
  });

  test.each(FORMS.map((form) => [form.name, form] as const))('%s writes one for every choice and flag', (_, form) => {
    const start = startValues(form, context);
    for (const field of form.fields)
      for (const option of field.name === 'process' && form.name !== 'pool' ? ['', 'child'] : (field.options ?? []))
        expect(readable(form.line({ ...start, [field.name]: option })), option).toEqual([]);
  });

  test('names a new area by the first letter that is free', () => {
    const mmap = FORMS.find(({ name }) => name === 'mmap')!;
    expect(mmap.line(startValues(mmap, context))).toMatch(/^b = mmap\(NULL, 8M/);
    expect(freeName(new Set(['child']), 'child')).toBe('child2');
  });

  test('says nothing of the process where it is the first', () => {
    const write = FORMS.find(({ name }) => name === 'write')!;
    expect(write.line(startValues(write, context))).toBe('write(a + 2M)');
    expect(write.line({ ...startValues(write, context), process: 'child', count: '4', stride: '2M' })).toBe(
      'child: write(a + 2M, 4, 2M)',
    );
  });
});

test('an address is told by a name and a distance where there is a name', () => {
  expect(addressText('a', 0x1000, 0x1000)).toBe('a');
  expect(addressText('a', 0x1000, 0x3000)).toBe('a + 8K');
  expect(addressText('[heap]', 0x4be000, 0x4be000)).toBe('0x4be000');
});

test('the lines of a scenario that are steps are those that the parser calls so', () => {
  const text = `title: x\n# note\npool(8)\n\n${before}expect HugePages_Free 8\nchild: write(a)  # why\npredict "what?" | one | two*\nwrite(a) → SIGBUS\n`;
  const { scenario, places, diagnostics } = parse(text);
  expect(diagnostics).toEqual([]);
  const calls = scenario.statements.flatMap((one, i) => (one.kind === 'call' ? [places[i]!.line] : []));
  expect(
    scenarioLines(text)
      .filter(({ kind }) => kind === 'step')
      .map(({ line }) => line),
  ).toEqual(calls);
});
