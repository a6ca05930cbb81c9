import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type * as ledgers from '../../../src/history/ledger';
import type * as workloads from '../../../src/protocol/workload';
import { afterAll, beforeAll, expect, test } from 'vitest';

type Workloads = typeof workloads;
type Ledgers = typeof ledgers;

const root = join(import.meta.dirname, '../../..');
const copy = join(root, `node_modules/.cache/mmscope/added-design-${process.pid}`);

/** A design of its own: the bit, and every call by name through nothing. */
const MINE = `import type { About, Design } from './design';
import { flag } from './flag';

export const about: About = {
  design: 'mine',
  place: 99,
  title: 'A design added in a test',
  who: 'nobody',
  when: 'now',
  how: 'As the flag does.',
  pro: 'It is short.',
  contra: 'It is nothing new.',
  since: 'It goes when the test is done.',
  drivers: 'none',
  source: 'none',
};

export const mine: Design = { ...flag, name: 'mine', about, touches: [] };
`;

beforeAll(() => {
  mkdirSync(copy, { recursive: true });
  for (const room of ['base', 'engine', 'history', 'scenario', 'share', 'protocol'])
    cpSync(join(root, 'src', room), join(copy, 'src', room), { recursive: true });
  const designs = join(copy, 'src/engine/designs');
  // One file, and its line in the list with the import that it needs.
  writeFileSync(join(designs, 'mine.ts'), MINE);
  const list = join(designs, 'designs.ts');
  const text = readFileSync(list, 'utf8');
  writeFileSync(list, `import { mine } from './mine';\n${text.replace(/^ {2}mainline,$/m, '  mainline,\n  mine,')}`);
});

afterAll(() => rmSync(copy, { recursive: true, force: true }));

test('a design is added by one file and its line in the list: scenarios, runs and the ledger know it', async () => {
  const { readWorkload, machineFor } = (await import(join(copy, 'src/protocol/workload.ts'))) as Workloads;
  const { LEDGER_DESIGNS, LedgerRun } = (await import(join(copy, 'src/history/ledger.ts'))) as Ledgers;
  const workload = readWorkload(`design: mine
pool(2)
a = mmap(NULL, 2M, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_HUGETLB)
write(a)
`);
  expect(workload.diagnostics).toEqual([]);
  expect(LEDGER_DESIGNS).toContain('mine');
  const run = new LedgerRun(workload.source, LEDGER_DESIGNS, (design) => machineFor(workload, design));
  run.advance(() => 0, 1);
  const { columns } = run.ledger;
  const mine = columns.find((c) => (c.design as string) === 'mine')!;
  const flag = columns.find((c) => c.design === 'flag')!;
  expect(mine.huge).toEqual(flag.huge);
  expect([mine.otherwise, mine.price.placesToChange, flag.price.placesToChange]).toEqual([0, 0, 1]);
});
