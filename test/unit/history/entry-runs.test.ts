/** What the picture of a table joins into runs, against the entries one by one. */
import { describe, expect, test } from 'vitest';
import type { Machine } from '../../../src/engine/machine';
import { LEVEL_SIZE, PTRS_PER_TABLE, pte_pfn, type Table } from '../../../src/engine/mm/pgtable';
import { createMachine } from '../../../src/engine/process';
import type { EntryRun, TableNode } from '../../../src/history/picture';
import { Run, type Scene } from '../../../src/history/run';
import { madeSource } from '../../bench/seek';
import { KINDS, RandomOperations } from '../engine/random-operations';
import { EVERYTHING, pictures, runOf } from './told';

const PAGE = 4096;

function tablesOf(m: Machine, who: number): Map<number, Table> {
  const found = new Map<number, Table>();
  const visit = (table: Table): void => {
    found.set(table.id, table);
    if (table.level > 1) for (const lower of table.down!) if (lower !== null) visit(lower);
  };
  const mm = m.tasks.get(who)?.mm;
  if (mm !== undefined) visit(mm.pgd);
  return found;
}

/** Letters of an entry, spelled out again. */
const letters = (entry: number): string =>
  ['P', 'W', 'A', 'D', 'S', 'N', 'Z'].filter((_, bit) => (entry & (1 << bit)) !== 0).join('');

interface Look {
  readonly bits: string;
  readonly was: string;
  readonly mark: string;
  readonly area: number;
  readonly pfn: number;
}

/** How entry `i` should look, null for an empty one. */
function lookOf(
  scene: Scene,
  node: TableNode,
  who: number,
  i: number,
  now: Table | null,
  was: Table | null,
): Look | null {
  const entry = now?.entries[i] ?? 0;
  const before = node.mark === 'same' ? entry : (was?.entries[i] ?? 0);
  if (entry === 0 && before === 0) return null;
  const mark = entry === before ? 'same' : before === 0 ? 'new' : entry === 0 ? 'gone' : 'changed';
  const address = node.base + i * LEVEL_SIZE[node.level]!;
  const machine = mark === 'gone' ? scene.was : scene.now;
  return {
    bits: letters(entry === 0 ? before : entry),
    was: mark === 'changed' ? letters(before) : '',
    mark,
    area: machine.tasks.get(who)?.mm.mm_mt.lookup(address)?.id ?? 0,
    pfn: pte_pfn(entry === 0 ? before : entry),
  };
}

/** Every entry of the table is told by one run, as it is; neighbours that look alike are one run; returns what is not so. */
function faults(scene: Scene, node: TableNode, who: number): string[] {
  const now = node.mark === 'gone' ? null : (tablesOf(scene.now, who).get(node.id) ?? null);
  const was = tablesOf(scene.was, who).get(node.id) ?? null;
  const wrong: string[] = [];
  const leaves = node.runs.filter((run) => run.kind === 'leaf' || run.kind === 'huge' || run.kind === 'mixed');
  const step = LEVEL_SIZE[node.level]! / PAGE;
  let told = 0;
  let last: { run: EntryRun; look: Look } | null = null;
  for (const run of leaves) {
    const looks = Array.from({ length: run.to - run.from }, (_, n) => lookOf(scene, node, who, run.from + n, now, was));
    told += looks.filter((look) => look !== null).length;
    const present = looks.filter((look) => look !== null && look.mark !== 'gone').length;
    if (run.kind === 'mixed') {
      const areas = new Set(looks.flatMap((look) => (look === null ? [] : [look.area])));
      if (run.leaves !== present) wrong.push(`mixed ${run.from}: ${run.leaves} leaves for ${present}`);
      if (run.area !== (areas.size === 1 ? [...areas][0] : 0)) wrong.push(`mixed ${run.from}: of area ${run.area}`);
      continue;
    }
    const first = looks[0];
    if (first === null || first === undefined) {
      wrong.push(`run ${run.from} of an empty entry`);
      continue;
    }
    const shown = { bits: run.bits, was: run.was, mark: run.mark, area: run.area };
    looks.forEach((look, n) => {
      const expected = look === null ? null : { bits: look.bits, was: look.was, mark: look.mark, area: look.area };
      if (JSON.stringify(expected) !== JSON.stringify(shown))
        wrong.push(`entry ${run.from + n}: ${JSON.stringify(expected)} told as ${JSON.stringify(shown)}`);
    });
    const onwards = looks.every((look, n) => look?.pfn === first.pfn + n * step);
    if (run.pfn !== first.pfn || run.contiguous !== onwards)
      wrong.push(`run ${run.from}: frames ${run.pfn}, ${run.contiguous}`);
    if (run.leaves !== looks.length) wrong.push(`run ${run.from}: ${run.leaves} leaves`);
    if (run.address !== node.base + run.from * LEVEL_SIZE[node.level]!)
      wrong.push(`run ${run.from}: at ${run.address}`);
    const joined = last !== null && last.run.to === run.from && run.kind === 'leaf';
    const { pfn: _, ...plain } = first;
    if (joined && JSON.stringify(plain) === JSON.stringify({ ...last!.look, pfn: undefined }))
      wrong.push(`runs ${last!.run.from} and ${run.from} look alike`);
    last = { run, look: first };
  }
  let there = 0;
  for (let i = 0; i < PTRS_PER_TABLE; i++) if (lookOf(scene, node, who, i, now, was) !== null) there++;
  if (told !== there) wrong.push(`${told} of ${there} entries are told`);
  return wrong;
}

describe('runs of like entries', () => {
  for (const [name, kind] of Object.entries(KINDS)) {
    test(`${name}: say of every entry what it is, and join what looks alike within one area`, () => {
      for (let seed = 11; seed <= 12; seed++) {
        const m = createMachine();
        const draw = new RandomOperations(m, kind, seed);
        const operations = Array.from({ length: 40 }, (_, i) => {
          const operation = i === 0 ? draw.first() : draw.next();
          m.execute(operation);
          return operation;
        });
        const run = new Run(
          madeSource(40, (k) => operations[k]!),
          { create: () => createMachine(), now: () => 0 },
        );
        run.advance(Infinity);
        for (let k = 1; k <= run.reached; k++) {
          const scene = run.stand(k);
          const who = operations[k - 1]!.who;
          for (const node of pictures(scene, { tree: { ...EVERYTHING.tree!, who } }).tree!.tables)
            expect(faults(scene, node, who), `${name} ${seed} after ${JSON.stringify(operations[k - 1])}`).toEqual([]);
        }
      }
    });
  }

  const leavesOf = (text: string): (readonly unknown[])[] => {
    const run = runOf(text);
    const scene = run.stand(run.reached);
    const { tables } = pictures(scene, EVERYTHING).tree!;
    for (const node of tables) expect(faults(scene, node, 0)).toEqual([]);
    const at = run.log.outcome(0).ret;
    const node = tables.find((t) => t.level === 1 && t.base <= at && at < t.base + 2 ** 21)!;
    return node.runs.map(({ from, to, kind, bits, mark, leaves }) => [
      node.base === at ? from : '',
      to - from,
      kind,
      bits,
      mark,
      leaves,
    ]);
  };
  const BLOCK = 'a = mmap(0x200000000000, 2M, rw, PRIVATE|ANONYMOUS|FIXED)\nmadvise(a, 2M, NOHUGEPAGE)\n';

  test('stay apart where one is written and the next only read', () => {
    expect(leavesOf(`${BLOCK}write(a, 8)\nread(a + 32K, 8)\nread(a)\n`)).toEqual([
      [0, 8, 'leaf', 'PWAD', 'same', 8],
      [8, 8, 'leaf', 'PAZ', 'same', 8],
    ]);
  });

  test('stay apart where one is a page and the next only the page of zeroes', () => {
    const text = `${BLOCK}write(a, 8)\nread(a + 32K, 8)\nmadvise(a, 32K, FREE)\nchild = fork()\nread(a, 16)\nread(a)\n`;
    expect(leavesOf(text).map((run) => run[3])).toEqual(['PA', 'PAZ']);
  });

  test('stay apart at the border of two areas that look alike', () => {
    expect(leavesOf(`${BLOCK}write(a, 8)\nmadvise(a, 16K, DONTFORK)\nread(a)\n`)).toEqual([
      [0, 4, 'leaf', 'PWAD', 'same', 4],
      [4, 4, 'leaf', 'PWAD', 'same', 4],
    ]);
  });

  test('stay apart where some came and others were there', () => {
    expect(leavesOf(`${BLOCK}write(a, 4)\nwrite(a, 8)\n`)).toEqual([
      [0, 4, 'leaf', 'PWAD', 'same', 4],
      [4, 4, 'leaf', 'PWAD', 'new', 4],
    ]);
  });

  test('are drawn one by one up to 24, and past that as sixteenths of the table that say how many are there', () => {
    const spread = (n: number): string => `${BLOCK}write(a, ${n}, 8K)\nread(a)\n`;
    expect(leavesOf(spread(24)).map((run) => run[2])).toEqual(Array<string>(24).fill('leaf'));
    const parts = leavesOf(spread(25));
    expect(parts).toEqual([
      [0, 31, 'mixed', '', 'same', 16],
      [32, 17, 'mixed', '', 'same', 9],
    ]);
  });

  test('of huge leaves are drawn one by one up to 16, and joined past that', () => {
    // The pool hands out its highest page first: touched downwards, the frames go up.
    const huge = (n: number, down: boolean): (readonly unknown[])[] => {
      const touches = Array.from({ length: n }, (_, i) => `write(a + ${2 * (down ? n - 1 - i : i)}M)\n`).join('');
      const map = `a = mmap(0x200000000000, ${2 * n}M, rw, PRIVATE|ANONYMOUS|HUGETLB|FIXED)\n`;
      const run = runOf(`pool(64)\n${map}${touches}read(a)\n`);
      const scene = run.stand(run.reached);
      const node = pictures(scene, EVERYTHING).tree!.tables.find((t) => t.level === 2 && t.base === 2 ** 45)!;
      expect(faults(scene, node, 0)).toEqual([]);
      return node.runs.map(({ from, to, kind, leaves, bits, contiguous }) => [
        from,
        to,
        kind,
        leaves,
        bits,
        contiguous,
      ]);
    };
    expect(huge(16, true).length).toBe(16);
    expect(huge(17, true)).toEqual([[0, 17, 'huge', 17, 'PWADS', true]]);
    expect(huge(17, false)).toEqual([[0, 17, 'huge', 17, 'PWADS', false]]);
  });
});
