import { describe, expect, test } from 'vitest';
import { DESIGNS } from '../../../src/engine/designs/designs';
import { KERNBENCH } from '../../../src/history/kernbench';
import { LEDGER_DESIGNS, LedgerRun, type Ledger } from '../../../src/history/ledger';
import { machineFor, readWorkload } from '../../../src/protocol/workload';

function ledgerOf(text: string): Ledger {
  const workload = readWorkload(text);
  expect(workload.diagnostics).toEqual([]);
  const run = new LedgerRun(workload.source, LEDGER_DESIGNS, (design) => machineFor(workload, design));
  expect(run.advance(() => 0, 1)).toBe(true);
  return run.ledger;
}

const column = (ledger: Ledger, design: string) => ledger.columns.find((c) => c.design === design)!;

const LIFE = `title: One life of an ordinary and a huge mapping
pool(2)
a = mmap(NULL, 64K, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS)
write(a)
h = mmap(NULL, 2M, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_HUGETLB)
write(h)
munmap(h, 2M)
munmap(a, 64K)
`;

describe('the ledger of a scenario', () => {
  test('counts for huge mappings what each design does between question and answer', () => {
    const ledger = ledgerOf(LIFE);
    const { huge: ops } = column(ledger, 'ops');
    const { huge: flag } = column(ledger, 'flag');
    // A fault, an unmapping, the freeing of tables: through the pointer each is two loads, two tests, one indirect call.
    // At two of the three sites the table that is there is the unlikely case: a taken jump each.
    expect([ops.loads, ops.nullTests, ops.indirectCalls, ops.directCalls, ops.takenJumps]).toEqual([6, 6, 3, 0, 2]);
    expect([flag.loads, flag.indirectCalls, flag.directCalls]).toEqual([0, 0, 3]);
    // Every set bit is a taken jump.
    expect(flag.takenJumps).toBe(flag.flagTests);
  });

  test('counts for ordinary mappings the price of the question: a taken jump under ops, none under flag', () => {
    const ledger = ledgerOf(LIFE);
    const { normal: ops } = column(ledger, 'ops');
    const { normal: flag } = column(ledger, 'flag');
    expect([ops.asked, ops.indirectCalls]).toEqual([flag.asked, 0]);
    expect([ops.takenJumps > 0, flag.takenJumps]).toEqual([true, 0]);
    expect(column(ledger, 'core').normal.loads + column(ledger, 'core').normal.flagTests).toBe(0);
  });

  test('calls everything through a pointer under ops-always, and tests nothing', () => {
    const { normal, huge } = column(ledgerOf(LIFE), 'ops-always');
    expect([normal.nullTests, huge.nullTests]).toEqual([0, 0]);
    expect(normal.indirectCalls * 2).toBe(normal.loads);
  });

  test('says how many operations ended otherwise where a design refuses', () => {
    const ledger = ledgerOf(`fd = open("/dev/superpage", O_RDWR)
a = mmap(NULL, 2M, PROT_READ|PROT_WRITE, MAP_PRIVATE, fd)
`);
    expect(ledger.columns.filter((c) => c.otherwise > 0).map((c) => c.design)).toEqual(['flag', 'table', 'file']);
  });

  test('has a column for every design, and the measurements of 2007', () => {
    expect(ledgerOf(LIFE).columns.map((c) => c.design)).toEqual(Object.keys(DESIGNS));
    expect(KERNBENCH.length).toBe(12);
    for (const { metric, machine, clean, ops } of KERNBENCH.filter((k) => k.metric === 'total')) {
      const parts = KERNBENCH.filter((k) => k.machine === machine && (k.metric === 'user' || k.metric === 'system'));
      expect(Math.abs(parts.reduce((sum, p) => sum + p.clean, 0) - clean), metric).toBeLessThan(0.02);
      expect(Math.abs(parts.reduce((sum, p) => sum + p.ops, 0) - ops)).toBeLessThan(0.02);
    }
  });
});
