/** A run as a file, read back by other means than it was written with. */
import { describe, expect, test } from 'vitest';
import { procMaps, procMeminfo, procSmaps, procStatus } from '../../../src/engine/fs/proc';
import { EXPORTS, exportRun, type ExportKind } from '../../../src/protocol/export';
import { machineFor, readWorkload } from '../../../src/protocol/workload';
import { isRefused } from '../../../src/history/source';

const TEXT = `title: Two, and a pool
pool(4)
a = mmap(NULL, 4M, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_HUGETLB)
write(a)
b = mmap(NULL, 64K, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS)
write(b, 3)
child = fork()
child: write(b)
write(0x1000) → 0
munmap(a + 4K, 4K)
`;

function exported(as: ExportKind, text = TEXT, design = 'ops'): { text: string; progress: number[] } {
  const steps = exportRun(readWorkload(text), design, as);
  const progress: number[] = [];
  for (;;) {
    const step = steps.next();
    if (step.done) return { text: step.value, progress };
    progress.push(step.value.done / step.value.of);
  }
}

/** The machine after each step, by running the scenario here. */
function machines(text = TEXT, steps = Infinity) {
  const workload = readWorkload(text);
  const machine = machineFor(workload, 'ops');
  const env = workload.source.start();
  for (let k = 0; k < Math.min(steps, workload.source.length); k++) {
    const operation = workload.source.resolve(k, env);
    if (isRefused(operation)) continue;
    workload.source.learn(k, env, operation, machine.execute(operation));
  }
  return machine;
}

/** Cells of a table as RFC 4180 has them. */
function cells(csv: string): string[][] {
  const rows: string[][] = [[]];
  const pattern = /("(?:[^"]|"")*"|[^,\n]*)(,|\n)/gy;
  for (const [, cell, end] of csv.matchAll(pattern)) {
    rows.at(-1)!.push(cell!.startsWith('"') ? cell!.slice(1, -1).replaceAll('""', '"') : cell!);
    if (end === '\n') rows.push([]);
  }
  expect(rows.pop()).toEqual([]);
  return rows;
}

describe('a run as lines of JSON', () => {
  const lines = exported('jsonl')
    .text.trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

  test('begins with what it is', () => {
    expect(lines[0]).toEqual({
      format: 'mmscope run 1',
      title: 'Two, and a pool',
      design: 'ops',
      rules: '6.18',
      steps: 9,
    });
    expect(JSON.parse(exported('jsonl', 'rules: 2.6.20\npool(1)\n').text.split('\n')[0]!)).toMatchObject({
      rules: '2.6.20',
    });
  });

  test('has one line for each step: the operation, its result, the pool after it', () => {
    expect(lines.length).toBe(10);
    const workload = readWorkload(TEXT);
    lines.slice(1).forEach((line, k) => {
      const h = machines(TEXT, k + 1).hstate;
      const { line: number, text } = workload.source.statement(k);
      expect(line).toMatchObject({
        step: k + 1,
        line: number,
        text,
        pool: {
          total: h.nr_huge_pages,
          free: h.free_huge_pages,
          rsvd: h.resv_huge_pages,
          surp: h.surplus_huge_pages,
        },
      });
    });
    expect(lines.map((line) => line['op']).slice(1)).toEqual(
      'pool mmap write mmap write fork write write munmap'.split(' '),
    );
    expect(lines[3]).toMatchObject({ who: 0, args: [expect.any(Number), 1, expect.any(Number)], ret: 0, minflt: 1 });
    expect(lines[5]).toMatchObject({ minflt: 3 });
    expect(lines[4]).not.toHaveProperty('minflt');
    expect(lines[4]).not.toHaveProperty('err');
    expect(lines[4]).not.toHaveProperty('sig');
    expect(lines[8]).toMatchObject({ sig: 11, code: 1, unexpected: expect.stringContaining('SIGSEGV') });
    expect(lines[8]).not.toHaveProperty('err');
    expect(lines[9]).toMatchObject({ err: 'EINVAL', unexpected: '' });
  });

  test('says why a step was not carried out', () => {
    const text = 'a = mmap(NULL, 4K, rw, PRIVATE|ANONYMOUS)\nchild = fork()\nchild: exit()\nchild: read(a)\n';
    const last = JSON.parse(exported('jsonl', text).text.trimEnd().split('\n').at(-1)!);
    expect(last).toMatchObject({ step: 4, line: 4 });
    expect(last.refused ?? last.err).toBeTruthy();
  });
});

describe('a run as a table', () => {
  const [head, ...rows] = cells(exported('csv').text);
  const column = (name: string) => head!.indexOf(name);
  const of = (row: string[], ...names: string[]) => names.map((name) => row[column(name)]);

  test('has a head, a row for the start, and one for each process after each step', () => {
    expect(head!.slice(0, 5)).toEqual(['step', 'line', 'statement', 'result', 'process']);
    expect(rows.map((row) => of(row, 'step', 'process').join(':'))).toEqual(
      '0:1 1:1 2:1 3:1 4:1 5:1 6:1 6:2 7:1 7:2 8:1 8:2 9:1 9:2'.split(' '),
    );
    for (const row of rows) expect(row.length).toBe(head!.length);
    expect(of(rows[0]!, 'line', 'statement', 'result', 'minflt')).toEqual(['0', '', '', '0']);
  });

  test('holds in each field what /proc says then', () => {
    for (const row of rows) {
      const step = Number(row[column('step')]);
      const machine = machines(TEXT, step);
      const task = machine.tasks.get(Number(row[column('process')]) - 1)!;
      const status = procStatus(task);
      const meminfo = procMeminfo(machine);
      for (const name of head!.slice(5, -1)) {
        const proc = name.startsWith('HugePages_') ? meminfo : status;
        const value = new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(proc)?.[1];
        expect(row[column(name)], `${name} after ${step}`).toBe(value);
      }
    }
    expect(of(rows[2]!, 'result')).toEqual([String(machines(TEXT, 2).outcome.ret)]);
    expect(of(rows.at(-1)!, 'statement', 'result', 'minflt')).toEqual(['munmap(a + 4K, 4K)', 'EINVAL', '0']);
    expect(of(rows[10]!, 'result', 'line')).toEqual(['signal 11', '9']);
    expect(of(rows[5]!, 'minflt', 'statement')).toEqual(['3', 'write(b, 3)']);
  });

  /** The table of a scenario that had this text on its line. */
  const tableWith = (text: string): string => {
    const workload = readWorkload('brk()\n');
    const source = { ...workload.source, statement: (k: number) => ({ ...workload.source.statement(k), text }) };
    const steps = exportRun({ ...workload, source }, 'ops', 'csv');
    let step = steps.next();
    while (!step.done) step = steps.next();
    return step.value;
  };

  test('keeps quotes, commas and lines inside a cell', () => {
    for (const text of ['open("file:A", O_RDWR)', '"', 'a,b', 'two\nlines', '""', "it's", ' x '])
      expect(cells(tableWith(text)).at(-1)![2]).toBe(text);
    expect(tableWith('plain()')).toContain('\n1,1,plain(),');
  });

  test('is read by no table program as a formula, and keeps negative numbers as they are', () => {
    for (const text of ['=1+1', '+1', '-1+1', '@SUM(A1)', '-', '--1'])
      expect(tableWith(text)).toContain(`1,1,'${text},`);
    for (const text of ['-1', '17', 'a = -1']) expect(tableWith(text)).toContain(`1,1,${text},`);
  });
});

describe('the state at the end', () => {
  const end = machines();

  test.each([
    ['maps', procMaps],
    ['smaps', procSmaps],
    ['status', procStatus],
  ] as const)('as %s of each process', (as, print) => {
    const [parent, child] = [end.tasks.get(0)!, end.tasks.get(1)!];
    expect(exported(as).text).toBe(`==> /proc/1/${as} <==\n${print(parent)}\n==> /proc/2/${as} <==\n${print(child)}`);
    const alone = TEXT.split('\n').slice(0, 6).join('\n');
    expect(exported(as, alone).text).toBe(print(machines(alone).tasks.get(0)!));
  });

  test('as meminfo of the machine', () => {
    expect(exported('meminfo').text).toBe(procMeminfo(end));
  });
});

test('tells how far it is, in every form', () => {
  const text = 'brk()\n'.repeat(64);
  for (const as of EXPORTS) expect(exported(as, text).progress).toEqual([0, 0.25, 0.5, 0.75]);
});
