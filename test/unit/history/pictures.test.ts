import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createMachine } from '../../../src/engine/process';
import { MAP_ANONYMOUS, MAP_NORESERVE, MAP_PRIVATE, PROT_READ, PROT_WRITE } from '../../../src/engine/uapi';
import type {
  AreaRow,
  AreasPicture,
  PicturesRequest,
  SourcePlace,
  PoolPicture,
  TreePicture,
} from '../../../src/history/picture';
import { Run, type Scene } from '../../../src/history/run';
import { madeSource } from '../../bench/seek';
import { twinOfPool } from '../../../src/views/pool/twin';
import { endOf, EVERYTHING, lastSentence, pictures, runOf } from './told';

const HUGE = 'pool(8)\na = mmap(NULL, 8M, rw, PRIVATE|ANONYMOUS|HUGETLB)\nwrite(a)\nwrite(a + 2M)\n';
const RW = PROT_READ | PROT_WRITE;
const ANON = MAP_PRIVATE | MAP_ANONYMOUS;
const GB = 2 ** 30;

const areasOf = (scene: Scene, more: object = {}): AreasPicture =>
  pictures(scene, { areas: { ...EVERYTHING.areas!, ...more } }).areas!;
const areaNamed = (picture: AreasPicture, name: string): AreaRow =>
  picture.rows.find((row): row is AreaRow => row.row === 'area' && row.name === name)!;
const treeOf = (scene: Scene, more: object = {}): TreePicture =>
  pictures(scene, { tree: { ...EVERYTHING.tree!, ...more } }).tree!;
const poolOf = (scene: Scene, maxCells = 512): PoolPicture => pictures(scene, { pool: { maxCells } }).pool!;

/** Every picture lies within its bounds and agrees with itself. */
function checkAreas(picture: AreasPicture, maxRows: number): void {
  expect(picture.rows.length).toBeLessThanOrEqual(maxRows);
  for (let i = 1; i < picture.rows.length; i++) expect(picture.rows[i]!.end).toBe(picture.rows[i - 1]!.start);
  const areas = picture.rows.filter((row): row is AreaRow => row.row === 'area');
  for (const row of areas) {
    expect(row.segments[0]!.start).toBe(row.start);
    expect(row.segments.at(-1)!.end).toBe(row.end);
    for (let i = 1; i < row.segments.length; i++) expect(row.segments[i]!.start).toBe(row.segments[i - 1]!.end);
  }
}

function checkTree(picture: TreePicture): number {
  const seen = new Set<number>();
  let marks = 0;
  for (const table of picture.tables) {
    expect(table.parent === 0 || seen.has(table.parent)).toBe(true);
    seen.add(table.id);
    marks += 1 + table.runs.length;
    let at = 0;
    for (const run of table.runs) {
      expect(run.from).toBeGreaterThanOrEqual(at);
      expect(run.to).toBeGreaterThan(run.from);
      at = run.to;
    }
    expect(at).toBeLessThanOrEqual(512);
  }
  for (const table of picture.tables) {
    const listed = table.runs.filter((run) => run.kind === 'table').map((run) => run.child);
    expect(listed.filter((id) => !seen.has(id))).toEqual([]);
  }
  return marks;
}

describe('the picture of the address space', () => {
  test('lists areas downwards, with the gaps between', () => {
    const picture = areasOf(endOf(HUGE));
    checkAreas(picture, 200);
    expect(picture.rows[0]).toMatchObject({ row: 'area', name: '[stack]' });
    expect(picture.rows.some((row) => row.row === 'gap')).toBe(true);
    expect(picture.areas).toBe(12);
  });

  test('shows of a huge mapping what is there and what is only promised', () => {
    const a = areaNamed(areasOf(endOf(HUGE)), 'a');
    expect(a).toMatchObject({ slot: 1, pages: 4, present: 2, reserved: 2, pageSize: 2 ** 21, mark: 'changed' });
    expect(a.segments.map((s) => s.state)).toEqual(['present', 'present', 'reserved', 'reserved']);
    expect(a.segments.map((s) => s.mark)).toEqual(['same', 'new', 'same', 'same']);
  });

  test('keeps the colour of a mapping when it is cut, and lists for one step what went', () => {
    const scene = endOf(`${HUGE}b = mmap(NULL, 64K, rw, PRIVATE|ANONYMOUS)\nmunmap(a + 2M, 2M)\n`);
    const parts = areasOf(scene).rows.filter((row): row is AreaRow => row.row === 'area' && row.name === 'a');
    expect(parts.map((row) => [row.slot, row.mark === 'same'])).toEqual([
      [1, false],
      [1, false],
    ]);
    expect(areaNamed(areasOf(scene), 'b').slot).toBe(2);
    const whole = areasOf(endOf(`${HUGE}munmap(a, 8M)\n`));
    expect(areaNamed(whole, 'a').mark).toBe('gone');
    expect(whole.areas).toBe(11);
  });

  test('follows a name through a move', () => {
    const picture = areasOf(
      endOf(
        'a = mmap(NULL, 64K, rw, PRIVATE|ANONYMOUS)\nb = mmap(NULL, 64K, rw, PRIVATE|ANONYMOUS)\nmprotect(b, 64K, r)\nmremap(a, 64K, 1M, MAYMOVE)\n',
      ),
    );
    const parts = picture.rows.filter((row): row is AreaRow => row.row === 'area' && row.name === 'a');
    expect(parts.map((row) => [row.slot, row.pages, row.mark])).toEqual([
      [1, 16, 'gone'],
      [1, 256, 'new'],
    ]);
  });

  test('tells what a changed area was', () => {
    const picture = areasOf(endOf('a = mmap(NULL, 8K, rw, PRIVATE|ANONYMOUS)\nmprotect(a, 8K, r)\n'));
    const a = areaNamed(picture, 'a');
    expect(a.was).toEqual({ start: a.start, end: a.end, perms: 'rw-p' });
  });
});

describe('the picture of the page tables', () => {
  test('draws huge leaves at their level, with what this step set', () => {
    const picture = treeOf(endOf(HUGE));
    checkTree(picture);
    const leaves = picture.tables.flatMap((t) => t.runs.filter((r) => r.kind === 'huge').map((r) => [t.level, r.mark]));
    expect(leaves).toEqual([
      [2, 'same'],
      [2, 'new'],
    ]);
    expect(picture.hugeLeaves).toBe(2);
  });

  test('marks made and freed tables, and hangs the freed ones where they were', () => {
    const text = 'pool(0)\na = mmap(0x200000000000, 4K, rw, PRIVATE|ANONYMOUS|FIXED)\nwrite(a)\n';
    const made = treeOf(endOf(text)).tables.filter((t) => t.mark === 'new');
    expect(made.map((t) => t.level)).toEqual([3, 2, 1]);
    const freed = treeOf(endOf(`${text}munmap(a, 4K)\n`)).tables.filter((t) => t.mark === 'gone');
    expect(freed.map((t) => [t.id, t.parent])).toEqual(made.map((t) => [t.id, t.parent]));
  });

  test('stays within its budget and opens what it is told to', () => {
    const run = new Run(
      madeSource(2, (k, results) =>
        k === 0
          ? { who: 0, op: 'mmap', args: [0, GB / 8, RW, ANON | MAP_NORESERVE, -1, 0] }
          : { who: 0, op: 'write', args: [results[0]!, GB / 8 / 4096, 4096] },
      ),
      { create: () => createMachine({ thp: 'never' }), now: () => performance.now() },
    );
    run.advance(2);
    run.stand(2);
    const scene = run.stand(2);
    const folded = treeOf(scene);
    expect(checkTree(folded)).toBeLessThanOrEqual(1200);
    expect(folded.leaves).toBeGreaterThan(32_000);
    const pmd = folded.tables.find((t) => t.level === 2 && t.used > 50)!;
    const shut = treeOf(scene, { folded: [pmd.id] });
    expect(shut.tables.some((t) => t.parent === pmd.id)).toBe(false);
    expect(shut.tables.find((t) => t.id === pmd.id)!.runs.every((r) => r.kind === 'tables')).toBe(true);
    const open = treeOf(scene, { open: [pmd.id], auto: false });
    expect(open.tables.filter((t) => t.parent === pmd.id).length).toBeGreaterThan(50);
    expect(checkTree(treeOf(scene, { maxMarks: 60 }))).toBeLessThanOrEqual(60);
  });
});

describe('the picture of the pool', () => {
  const sum = (picture: PoolPicture, state: string): number =>
    picture.cells.reduce((n, c) => n + (c.state === state && c.mark !== 'gone' ? c.count : 0), 0);

  test('counts as many cells as the counters say', () => {
    const picture = poolOf(endOf(HUGE));
    expect(sum(picture, 'used')).toBe(2);
    expect(sum(picture, 'reserved')).toBe(picture.rsvd.now);
    expect(sum(picture, 'free')).toBe(picture.free.now - picture.rsvd.now);
    expect(picture).toMatchObject({ total: { now: 8 }, free: { was: 7, now: 6 }, rsvd: { was: 3, now: 2 } });
    expect(
      picture.cells
        .filter((c) => c.state === 'used')
        .map((c) => c.label)
        .sort(),
    ).toEqual(['a', 'a+2M']);
    expect(picture.summary).toBe('2 in use · 2 promised to a · 4 free');
    expect(new Set(picture.cells.map((c) => c.key)).size).toBe(picture.cells.length);
  });

  test('prints fewer promises than none as the kernel does, and draws no pages for them', () => {
    const text = `pool(4)
a = mmap(NULL, 6M, r, PRIVATE|ANON|HUGETLB)
read(a)
child = fork()
read(a + 2M)
munmap(a, 6M)
expect HugePages_Rsvd 18446744073709551615
`;
    const picture = poolOf(endOf(text));
    expect(sum(picture, 'free')).toBe(3);
    expect(picture.summary).toBe('1 in use · 3 free');
    expect(twinOfPool(picture).rows[2]!.cells).toEqual(['HugePages_Rsvd', '18446744073709551615', '', '']);
    expect(lastSentence(text)).toContain('18446744073709551615');
    const { proc } = pictures(endOf(text), { proc: { who: 0, file: 'meminfo', maxLines: 40 } });
    expect(JSON.stringify(proc)).toContain('HugePages_Rsvd:    18446744073709551615');
  });

  test('marks what happened to a page, not that its area was cut in two', () => {
    const { cells } = poolOf(endOf(`${HUGE}munmap(a + 2M, 2M)\n`));
    const marks = cells.filter((c) => c.mark !== 'same').map((c) => [c.state, c.label, c.mark]);
    expect(marks).toEqual([
      ['free', '', 'new'],
      ['used', 'a+2M', 'gone'],
    ]);
  });

  test('joins like pages where there are more than fit', () => {
    const picture = poolOf(
      endOf('pool(200)\na = mmap(NULL, 200M, rw, PRIVATE|ANONYMOUS|HUGETLB)\nwrite(a, 50, 2M)\n'),
      40,
    );
    expect(picture.cells.length).toBeLessThanOrEqual(50);
    expect(sum(picture, 'used')).toBe(50);
    expect(sum(picture, 'reserved')).toBe(50);
    expect(sum(picture, 'free')).toBe(100);
  });

  test('tells who shares a page of a file, and what a file was promised', () => {
    const text =
      'pool(4)\nf = memfd_create("shared", HUGETLB)\nftruncate(f, 4M)\na = mmap(NULL, 4M, rw, SHARED, f, 0)\nwrite(a)\nchild = fork()\nchild: write(a)\n';
    const picture = poolOf(endOf(text));
    const used = picture.cells.find((c) => c.state === 'used')!;
    expect(used).toMatchObject({ label: 'a', who: [0, 1] });
    expect(picture.holders[0]!.reserved).toBe(1);
    expect(sum(picture, 'reserved')).toBe(1);
  });
});

describe('the picture of the frames', () => {
  test('shows after a fork who shares a page, and after a write who has a copy', () => {
    const text = 'a = mmap(NULL, 8K, rw, PRIVATE|ANONYMOUS)\nwrite(a, 2)\nchild = fork()\n';
    const cells = (t: string) => pictures(endOf(t), EVERYTHING).frames!.cells.filter((c) => /(^|’s )a$/.test(c.label));
    expect(cells(text).map((c) => [c.mapcount, c.sharers])).toEqual([
      [2, [0, 1]],
      [2, [0, 1]],
    ]);
    const after = cells(`${text}child: write(a)\n`);
    expect(after.map((c) => c.sharers.join())).toEqual(expect.arrayContaining(['0', '1', '0,1']));
    expect(after.filter((c) => c.mark === 'new').map((c) => c.sharers)).toEqual([[1]]);
  });

  test('counts what it does not list', () => {
    const scene = endOf('a = mmap(NULL, 1M, rw, PRIVATE|ANONYMOUS)\nwrite(a, 256)\n');
    const all = pictures(scene, { frames: { who: 0, maxCells: 5_000, from: 0 } }).frames!;
    const some = pictures(scene, { frames: { who: 0, maxCells: 5, from: 0 } }).frames!;
    expect(some.cells.length).toBeLessThanOrEqual(5);
    expect(some.small).toBe(all.small);
    expect(all.cells.reduce((n, c) => n + c.frames, 0)).toBe(all.small);
  });
});

describe('the path', () => {
  test('is a tree of routines with the ask at its place', () => {
    const { steps } = pictures(endOf(HUGE), EVERYTHING).path!;
    const names = steps.filter((s) => s.kind === 'routine').map((s) => s.code.slice(0, s.code.indexOf('(')));
    expect(names).toContain('handle_mm_fault');
    const ask = steps.find((s) => s.kind === 'ask')!;
    expect(ask).toMatchObject({ where: 'fault', code: 'vma->pagetable_ops', note: '= hugetlbfs_pagetable_ops' });
    const around = steps.filter((s) => s.kind === 'routine' && s.index < ask.index && s.last > ask.index);
    expect(around.map((s) => s.depth)).toEqual(around.map((_, i) => i));
  });

  test('lights the line of the design that runs, inside an operation', () => {
    const run = runOf(HUGE);
    const { recording } = run.stand(3);
    const places = new Set<string>();
    for (let e = recording.nextStop(0); e !== null && e < recording.total; e = recording.nextStop(e)) {
      const { path } = pictures(run.stand(3, e), EVERYTHING);
      expect(path!.steps[path!.current]!.index).toBe(e - 1);
      if (path!.source !== null) places.add(`${path!.source.site}: ${lineOf(path!.source)}`);
    }
    expect([...places]).toEqual(
      expect.arrayContaining([
        'fault: const ops = probe.load(vma.pagetable_ops);',
        'fault: if (probe.isNull(handler)) return undefined;',
        'fault: return probe.through(handler);',
      ]),
    );
  });
});

/** The line of a design's file that a picture lights. */
function lineOf({ file, line }: SourcePlace): string {
  const text = readFileSync(join(import.meta.dirname, '../../../src/engine/designs', file), 'utf8');
  return text.split('\n')[line - 1].trim();
}

describe('/proc', () => {
  test('marks the lines that changed', () => {
    const ask: PicturesRequest = { proc: { who: 0, file: 'meminfo', maxLines: 100 } };
    const lines = pictures(endOf(HUGE), ask).proc!.lines.filter((line) => line.mark !== 'same');
    expect(lines.map((line) => line.text.replace(/\s+/g, ' '))).toEqual(['HugePages_Free: 6', 'HugePages_Rsvd: 2']);
  });

  test('says how many lines it leaves out', () => {
    const ask = (maxLines: number) => pictures(endOf(HUGE), { proc: { who: 0, file: 'smaps', maxLines } }).proc!;
    const whole = ask(10_000);
    expect(whole.left).toBe(0);
    const some = ask(30);
    expect(some.lines.length).toBe(30);
    expect(some.left).toBe(whole.lines.length - 30);
  });
});

describe('a selected thing', () => {
  test('an entry lights its frame, its area, and everyone else who maps the frame', () => {
    const scene = endOf('a = mmap(NULL, 4K, rw, PRIVATE|ANONYMOUS)\nwrite(a)\nchild = fork()\n');
    const frame = pictures(scene, EVERYTHING).frames!.cells.find((c) => c.label === 'a')!;
    const { inspection } = pictures(scene, { inspect: frame.ref });
    expect(inspection!.found).toBe(true);
    expect(inspection!.fellows.areas.length).toBe(2);
    expect(inspection!.fellows.processes).toEqual([0, 1]);
    expect(inspection!.rows.find((r) => r.name === '_mapcount')).toMatchObject({ value: '2', changed: true });
    const [entry] = inspection!.fellows.entries;
    const other = pictures(scene, { inspect: `entry:${entry!.table}:${entry!.from}` }).inspection!;
    expect(other.fellows.frames).toEqual([{ from: frame.pfn, to: frame.pfn + 1 }]);
  });

  test('of every kind is told, and one that is not there says so', () => {
    const scene = endOf(HUGE);
    const { areas, tree, frames } = pictures(scene, EVERYTHING);
    const refs = [
      areas!.rows.find((r): r is AreaRow => r.row === 'area')!.ref,
      tree!.tables[1]!.ref,
      tree!.tables[1]!.runs[0]!.ref,
      frames!.cells[0]!.ref,
      'process:0',
      'event:3',
      'operation:2',
    ] as const;
    for (const inspect of refs) {
      const { inspection } = pictures(scene, { inspect });
      expect(inspection!.found, inspect).toBe(true);
      expect(inspection!.rows.length, inspect).toBeGreaterThan(0);
    }
    expect(pictures(scene, { inspect: 'area:999' }).inspection!.found).toBe(false);
  });
});

describe('at scale', () => {
  const size = (made: unknown): number =>
    JSON.stringify(made, (_key, value: unknown) => (value instanceof Uint8Array ? value.length : value)).length;

  test('20,000 areas are a bounded picture that still shows what changed', () => {
    const n = 20_000;
    const run = new Run(
      madeSource(n + 1, (k, results) =>
        k < n
          ? { who: 0, op: 'mmap', args: [0, 4096, k % 2 === 0 ? RW : PROT_READ, ANON, -1, 0] }
          : { who: 0, op: 'write', args: [results[10_000]!, 1, 4096] },
      ),
      { create: () => createMachine(), now: () => performance.now() },
    );
    run.advance(Infinity);
    const made = pictures(run.stand(n + 1), EVERYTHING);
    checkAreas(made.areas!, 200);
    expect(made.areas!.rows.length).toBeGreaterThan(100);
    expect(made.areas!.areas).toBe(n + 11);
    const folded = made.areas!.rows.reduce(
      (sum, r) => sum + (r.row === 'fold' ? r.areas : r.row === 'area' ? 1 : 0),
      0,
    );
    expect(folded).toBe(n + 11);
    expect(made.areas!.rows.some((r) => r.row === 'area' && r.mark === 'changed')).toBe(true);
    for (const [name, picture] of Object.entries(made)) expect(size(picture), name).toBeLessThan(200_000);
  });

  test('a heat map has one pixel for each of 262,144 pages, and tells what this step touched', () => {
    const run = new Run(
      madeSource(3, (k, results) => {
        if (k === 0) return { who: 0, op: 'mmap', args: [0, GB, RW, ANON | MAP_NORESERVE, -1, 0] };
        return { who: 0, op: 'write', args: k === 1 ? [results[0]!, 131_072, 4096] : [results[0]! + GB / 2, 16, 4096] };
      }),
      { create: () => createMachine({ thp: 'never' }), now: () => performance.now() },
    );
    run.advance(3);
    const start = run.log.outcome(0).ret;
    const { heat } = pictures(run.stand(3), { heat: { who: 0, start, end: start + GB, maxPixels: 262_144 } });
    expect(heat!.bytesPerPixel).toBe(4096);
    const with_ = (bit: number) => heat!.pixels.reduce((n, p) => n + ((p & bit) !== 0 ? 1 : 0), 0);
    expect([with_(8), with_(16), with_(128)]).toEqual([262_144, 131_088, 16]);
    const small = pictures(run.stand(3), { heat: { who: 0, start, end: start + GB, maxPixels: 1_000 } }).heat!;
    expect(small.pixels.length).toBeLessThanOrEqual(1_000);
    expect([small.fill[0], small.fill.at(-1)]).toEqual([255, 0]);
    for (const [name, picture] of Object.entries(pictures(run.stand(3), EVERYTHING)))
      expect(size(picture), name).toBeLessThan(200_000);
  });
});
