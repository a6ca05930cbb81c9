import { describe, expect, test } from 'vitest';
import { DESIGNS, type DesignName } from '../../../src/engine/designs/designs';
import { SITE_PLACES, SITES } from '../../../src/engine/designs/sites';
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
    expect(ledger.columns.filter((c) => c.otherwise > 0).map((c) => c.design)).toEqual([
      'flag',
      'anon-flag',
      'table',
      'file',
    ]);
  });

  test('reads its prices off the designs, and finds out by asking at which sites the flag is tested', () => {
    const price = (rules: string, design: string) => column(ledgerOf(`rules: ${rules}\n${LIFE}`), design).price;
    const places = (rules: '2.6.20' | '6.18') => SITES.filter((site) => SITE_PLACES[site][rules] !== null).length;
    // 2.6.20 has all six handler sites and six tests more; 6.18 has lost two, and made others.
    expect([price('2.6.20', 'flag').sitesThatKnow, price('2.6.20', 'ops').sitesThatKnow]).toEqual([13, 7]);
    expect(price('2.6.20', 'flag').sitesThatKnow).toBe(places('2.6.20'));
    expect(price('6.18', 'mainline').sitesThatKnow).toBe(places('6.18'));
    expect(price('6.18', 'core').sitesThatKnow).toBe(0);
    // A number takes a pointer's room once it is padded; members of a table that is there anyway take none.
    expect(['ops', 'ops-always', 'table', 'vm_ops', 'flag'].map((d) => price('6.18', d).bytesPerArea)).toEqual([
      8, 8, 8, 0, 0,
    ]);
    expect(['flag', 'table', 'ops', 'file'].map((d) => price('6.18', d).placesToChange)).toEqual([1, 1, 0, 0]);
    expect([price('6.18', 'ops').membersToAdd, price('6.18', 'mainline').membersToAdd]).toEqual([6, 3]);
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

describe('the ledger against counts by hand, by the rules of 2.6.20', () => {
  const counts = (text: string, design: DesignName, kind: 'normal' | 'huge') =>
    column(ledgerOf(`rules: 2.6.20\n${text}`), design)[kind];

  const ORDINARY = `a = mmap(0x10000000000, 4K, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED)
b = mmap(a + 4K, 4K, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED)
c = mmap(a + 8K, 4K, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED)
write(a, 4K)
write(c, 4K)
munmap(a, 12K)
`;

  test('ordinary areas, three of them, mapped, two touched, unmapped at once', () => {
    // Two faults; unmap_vmas looks at each area, free_pgtables at each: once as the first, twice as the next.
    expect(counts(ORDINARY, 'flag', 'normal')).toMatchObject({ flagTests: 8, takenJumps: 0, directCalls: 0, loads: 0 });
    // The same eight questions. At fault and unmap the series keeps unlikely(): only free_pgtables jumps, past three NULLs.
    const ops = counts(ORDINARY, 'ops', 'normal');
    expect(ops).toMatchObject({ flagTests: 0, loads: 8, nullTests: 8, takenJumps: 3, indirectCalls: 0 });
    expect(counts(ORDINARY, 'core', 'normal')).toMatchObject({ flagTests: 0, loads: 0, nullTests: 0 });
  });

  const SHARED = `pool(4)
fd = open("A", O_CREAT|O_RDWR)
h = mmap(NULL, 2M, PROT_READ|PROT_WRITE, MAP_SHARED, fd)
mlock(h, 2M)
mprotect(h, 2M, PROT_READ)
madvise(h, 2M, MADV_DONTNEED)
c = fork()
munmap(h, 2M)
`;

  test('a shared huge area mapped, locked, protected, advised, forked, unmapped', () => {
    // mlock and a new mapping ask nothing. Five routines of the six; advice and fork’s mask are tests that nobody converts; the
    // pinning calls the fault by its name and does not test again.
    expect(counts(SHARED, 'flag', 'huge')).toMatchObject({ flagTests: 7, directCalls: 6, loads: 0, indirectCalls: 0 });
    // Two loads and two tests for each of the five, as many for BUG_ON(!has_pt_op(vma, fault)), two loads for that fault.
    const ops = counts(SHARED, 'ops', 'huge');
    expect(ops).toMatchObject({ flagTests: 2, loads: 14, nullTests: 12, indirectCalls: 6, directCalls: 0 });
  });

  test('an ordinary fork: the mask of every area, the bit of those that pass, and a fault', () => {
    const fork = `a = mmap(NULL, 4K, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS)
write(a)
c = fork()
`;
    // Twelve areas of a small program: the mask stands first, eight of them pass it. The first write had one fault.
    expect(counts(fork, 'flag', 'normal')).toMatchObject({ flagTests: 12 + 8 + 1, takenJumps: 0, loads: 0 });
    // The mask is a test of the flag still; the eight jump past a NULL, the fault does not.
    const ops = counts(fork, 'ops', 'normal');
    expect(ops).toMatchObject({ flagTests: 12, loads: 9, nullTests: 9, takenJumps: 8 });
  });

  test('a plain shrink is done before the test, and locking asks nothing', () => {
    const shrink =
      'pool(4)\nfd = open("A", O_CREAT|O_RDWR)\nh = mmap(NULL, 4M, PROT_READ|PROT_WRITE, MAP_SHARED, fd)\n';
    // Cutting off the tail: the cut is tested, then unmapping and tables.
    expect(counts(`${shrink}mremap(h, 4M, 2M, 0)\n`, 'ops', 'huge').flagTests).toBe(1);
    expect(counts(`${shrink}mremap(h, 2M, 4M, 0)\n`, 'ops', 'huge').flagTests).toBe(1);
  });
});
