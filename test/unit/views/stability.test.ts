import { describe, expect, test } from 'vitest';
import type { TreePicture } from '../../../src/history/picture';
import { layoutAddressSpace, rowKey } from '../../../src/views/address-space/layout';
import { foldLike, layoutFrames, rowsOf } from '../../../src/views/frames/layout';
import { edgesOf, rowOf, type Row } from '../../../src/views/page-tables/entries';
import { layoutPageTables } from '../../../src/views/page-tables/layout';
import { NO_GROUND, placeTables, type Plot } from '../../../src/views/page-tables/places';
import { keepPlaces } from '../../../src/base/places';
import { layoutPool } from '../../../src/views/pool/layout';
import type { Scene } from '../../../src/views/scene';
import { seededRandom } from '../../../src/base/random';
import * as fixture from '../../gallery/fixtures';

const room = { width: 580, height: 480, scale: 1, hovered: new Set<string>(), selected: new Set<string>() };
const fitted = { k: 1, x: 0 };

const boxOf = (scene: Scene, key: string) => {
  const box = scene.boxes.find((one) => one.key === key || one.alias === key);
  if (box === undefined) throw new Error(`no box ${key}`);
  return box;
};
const placeOf = (scene: Scene, key: string) => {
  const { x, y, w, h } = boxOf(scene, key);
  return { x, y, w, h };
};

describe('page tables keep their place for life', () => {
  const base = 0x7fffc0000000;
  /** PTE tables of a process at these PMD indexes, below one PMD table. */
  const plotsAt = (...indexes: number[]): Plot[] => [
    { key: '4:0', level: 4, base: 0, parent: '', at: 0 },
    { key: '3:0', level: 3, base: 0x7f8000000000, parent: '4:0', at: 0.5 },
    { key: '2:0', level: 2, base, parent: '3:0', at: 1 },
    ...indexes.map((i) => ({ key: `1:${i}`, level: 1, base: base + i * 0x200000, parent: '2:0', at: i / 512 })),
  ];

  test('a table that comes moves none that is there, as long as there is room', () => {
    const before = placeTables(plotsAt(10, 500), NO_GROUND, 1200, 1);
    const after = placeTables(plotsAt(10, 5, 500), before, 1200, 1);
    const lower = [...before.plots].filter(([key]) => key !== '4:0');
    for (const [key, place] of lower) expect(after.plots.get(key)).toEqual(place);
    expect(after.plots.get('1:5')!.x + after.plots.get('1:5')!.w).toBeLessThan(after.plots.get('1:10')!.x);
  });

  test('tables stand in the order of their addresses, whatever order they came in', () => {
    let ground = placeTables(plotsAt(250), NO_GROUND, 400, 1);
    const come = [250];
    for (const index of [3, 500, 251, 100, 4, 499, 252, 253]) {
      come.push(index);
      ground = placeTables(plotsAt(...come), ground, 400, 1);
      const inOrder = come.toSorted((a, b) => a - b).map((i) => ground.plots.get(`1:${i}`)!);
      for (let i = 1; i < inOrder.length; i++)
        expect(inOrder[i]!.x).toBeGreaterThanOrEqual(inOrder[i - 1]!.x + inOrder[i - 1]!.w);
    }
  });

  test('where there is no room, what is to the left stays and all to the right makes room as one', () => {
    const before = placeTables(plotsAt(1, 2, 8, 9), NO_GROUND, 100, 1);
    const after = placeTables(plotsAt(1, 2, 5, 8, 9), before, 100, 1);
    const shift = (key: string): number => after.plots.get(key)!.x - before.plots.get(key)!.x;
    expect([shift('1:1'), shift('1:2')]).toEqual([0, 0]);
    expect(shift('1:8')).toBeGreaterThan(0);
    expect(shift('1:9')).toBe(shift('1:8'));
  });

  test('whatever comes and goes, nothing overlaps, and the tree is no wider than its tables need', () => {
    const next = seededRandom(7);
    const random = (below: number): number => Math.floor(next() * below);
    for (let round = 0; round < 20; round++) {
      let ground = NO_GROUND;
      const alive = new Set<number>();
      for (let step = 0; step < 30; step++) {
        for (let i = 0; i < 1 + random(4); i++) alive.add(random(512));
        for (const index of alive) if (random(6) === 0) alive.delete(index);
        const shown = [...alive].sort((a, b) => a - b);
        ground = placeTables(plotsAt(...shown), ground, 600, 1);
        const places = shown.map((i) => ground.plots.get(`1:${i}`)!);
        for (let i = 1; i < places.length; i++)
          expect(places[i]!.x).toBeGreaterThanOrEqual(places[i - 1]!.x + places[i - 1]!.w);
        for (const { x, w } of places) {
          expect(x).toBeGreaterThanOrEqual(0);
          expect(x + w).toBeLessThanOrEqual(ground.width + 1e-6);
        }
        expect(ground.width).toBeLessThanOrEqual(1.6 * Math.max(600, 200 * shown.length));
      }
    }
  });

  test('a table that goes and comes back comes back to its place', () => {
    const first = placeTables(plotsAt(1, 5, 9), NO_GROUND, 1200, 1);
    const without = placeTables(plotsAt(1, 9), first, 1200, 1);
    const again = placeTables(plotsAt(1, 5, 9), without, 1200, 1);
    expect(again.plots.get('1:5')).toEqual(first.plots.get('1:5'));
  });

  test('the same table of two processes stands at the same place', () => {
    const one = layoutPageTables(fixture.hugeTree(1), room, fitted, NO_GROUND);
    const renumbered: TreePicture = JSON.parse(
      JSON.stringify(fixture.hugeTree(1))
        .replaceAll(/"(id|parent|child)":([1-9]\d*)/g, (_, name: string, id: string) => `"${name}":${Number(id) + 100}`)
        .replaceAll(/"(table|entry):(\d+)/g, (_, kind: string, id: string) => `"${kind}:${Number(id) + 100}`),
    ) as TreePicture;
    const other = layoutPageTables({ ...renumbered, who: 2 }, room, fitted, one.ground);
    for (const { id } of fixture.hugeTree(1).tables)
      expect(placeOf(other.scene, `table:${id + 100}`)).toEqual(placeOf(one.scene, `table:${id}`));
  });
});

test('a huge entry that was split, and a table that was freed and made again, are marks beside what came after', () => {
  const { A, hugeTree, run, table } = fixture;
  const picture = hugeTree(1);
  const [gone, here] = ['gone', 'new'] as const;
  const tables = picture.tables.map((one) => {
    if (one.id !== 7) return one;
    const huge = { ...one.runs[0]!, mark: gone };
    return { ...one, runs: [run(7, 443, 444, 'table', A, { child: 20, mark: here }), huge, ...one.runs.slice(1)] };
  });
  const pte = (id: number, mark: 'gone' | 'new') => table(id, 1, 7, 443, A, [], { mark });
  const { scene } = layoutPageTables(
    { ...picture, tables: [...tables, pte(19, gone), pte(20, here)] },
    room,
    fitted,
    NO_GROUND,
  );
  expect(boxOf(scene, 'entry:7:443').mark).toBe('new');
  expect(boxOf(scene, 'entry:7:443~gone').mark).toBe('gone');
  const [old, fresh] = [boxOf(scene, 'table:19'), boxOf(scene, 'table:20')];
  expect(Math.abs(old.x - fresh.x)).toBeGreaterThanOrEqual(old.w);
  expect(new Set(scene.boxes.map((box) => box.key)).size).toBe(scene.boxes.length);
});

describe('like tables', () => {
  const base = 0x7fff80000000;
  /** `n` full PTE tables side by side below one PMD table. */
  const many = (n: number): TreePicture =>
    fixture.tree([
      fixture.table(1, 4, 0, 0, 0, [fixture.run(1, 255, 256, 'table', base, { child: 2 })]),
      fixture.table(2, 3, 1, 255, base, [fixture.run(2, 510, 511, 'table', base, { child: 3 })]),
      fixture.table(
        3,
        2,
        2,
        510,
        base,
        Array.from({ length: n }, (_, i) => fixture.run(3, i, i + 1, 'table', base + i * 0x200000, { child: 10 + i })),
      ),
      ...Array.from({ length: n }, (_, i) =>
        fixture.table(10 + i, 1, 3, i, base + i * 0x200000, [fixture.run(10 + i, 0, 512, 'leaf', base, { slot: 1 })]),
      ),
    ]);
  const tablesOf = (scene: Scene) => scene.boxes.filter((box) => box.look === 'table').length;

  test('a few are drawn one by one, a hundred as a stack between the first and the last', () => {
    expect(tablesOf(layoutPageTables(many(8), room, fitted, NO_GROUND).scene)).toBe(3 + 8);
    const { scene } = layoutPageTables(many(100), room, fitted, NO_GROUND);
    expect(tablesOf(scene)).toBe(3 + 2);
    const says = scene.texts.map((text) => text.text);
    expect(says).toEqual(expect.arrayContaining(['98 PTE tables', '50\u202f176 entries']));
  });

  test('they come one by one when the person opens their table, zooms in, or points into one', () => {
    const opened = layoutPageTables(many(100), room, fitted, NO_GROUND, new Set(['table:3'])).scene;
    expect(tablesOf(opened)).toBe(103);
    const near = layoutPageTables(many(100), { ...room, width: 600 }, { k: 8, x: 0 }, NO_GROUND).scene;
    expect(near.texts.some((text) => text.text.endsWith('PTE tables'))).toBe(false);
    const pointed = { ...room, selected: new Set(['entry:50:3']) };
    expect(
      layoutPageTables(many(100), pointed, fitted, NO_GROUND).scene.boxes.some((box) => box.key === 'table:50'),
    ).toBe(true);
  });
});

describe('a step changes what changed and nothing else', () => {
  test('a fault that sets one more huge entry moves no table and no entry', () => {
    const before = layoutPageTables(fixture.hugeTree(1), room, fitted, NO_GROUND);
    const after = layoutPageTables(fixture.hugeTree(2), room, fitted, before.ground);
    for (const { key } of before.scene.boxes) expect(placeOf(after.scene, key)).toEqual(placeOf(before.scene, key));
    expect(after.scene.boxes.length).toBe(before.scene.boxes.length + 1);
  });

  test('a page of the pool stands at the place that it was given; free pages fill what is left', () => {
    const given = {
      ...fixture.pool(2, 2),
      places: { 'frame:10240': 3, 'frame:10752': 1, 'rsvd:7:2': 0, 'rsvd:7:3': 6 },
    };
    const scene = layoutPool(given, room);
    const places = scene.boxes.filter((box) => box.layer === 1).map(({ key, x, y }) => ({ key, x, y }));
    const byPlace = places.toSorted((a, b) => a.y - b.y || a.x - b.x).map(({ key }) => key.replace(/^cell:/, ''));
    const at = (key: string): number =>
      byPlace.indexOf(byPlace.find((one) => boxOf(scene, key).key.replace(/^cell:/, '') === one)!);
    for (const [key, place] of Object.entries(given.places)) expect(at(key), key).toBe(place);
    expect(byPlace.length).toBe(8);
  });

  test('the pool has as many cells as pages: a promise that was kept is not drawn beside its page', () => {
    const kept = fixture.pool(1, 3);
    const promise = { ...fixture.pool(0, 4).cells[0]!, mark: 'gone' } as const;
    const scene = layoutPool({ ...kept, cells: [...kept.cells, promise] }, room);
    expect(scene.boxes.filter((box) => box.layer === 1).length).toBe(8);
  });

  test('a frame stands where its number puts it, whoever else is there', () => {
    const all = fixture.forked();
    const before = layoutFrames(all, room);
    const fewer = { ...all, cells: all.cells.filter((cell) => cell.ref !== 'frame:265') };
    const after = layoutFrames(fewer, room);
    for (const cell of fewer.cells) expect(placeOf(after, cell.ref)).toEqual(placeOf(before, cell.ref));
  });

  test('an area mapped at the upper end of a gap leaves the gap its name', () => {
    const below = fixture.bare.rows.filter((row) => row.row === 'gap').map(rowKey);
    const rows = fixture
      .huge(1)
      .rows.filter((row) => row.row === 'gap')
      .map(rowKey);
    expect(rows).toEqual(expect.arrayContaining(below));
  });

  test('a new area grows from the gap that it was put into', () => {
    const before = layoutAddressSpace(fixture.bare, room);
    const { scene } = layoutAddressSpace(fixture.huge(0, 'same'), room, before.memory);
    const gap = [...before.memory.rows.values()].find((row) => row.start <= fixture.A && fixture.A < row.end)!;
    const { cause } = boxOf(scene, 'area:7');
    expect(cause!.y).toBeGreaterThanOrEqual(gap.rect.y);
    expect(cause!.y + cause!.h).toBeLessThanOrEqual(gap.rect.y + gap.rect.h);
  });
});

describe('how dense the address space is', () => {
  const tall = { width: 227, height: 640, scale: 1 };

  test('it is as dense as its pane needs, and stays so from step to step', () => {
    const before = layoutAddressSpace(fixture.bare, { ...tall, height: 420 });
    expect(before.memory.density).toBe(1);
    const after = layoutAddressSpace(fixture.huge(2), { ...tall, height: 420 }, before.memory);
    expect(after.memory.density).toBe(1);
    expect(layoutAddressSpace(fixture.bare, { ...tall, height: 420 }, after.memory).memory.density).toBe(1);
    expect(layoutAddressSpace(fixture.bare, { ...tall, height: 900 }, after.memory).memory.density).toBe(0);
  });

  test('hundreds of rows have one line each', () => {
    expect(layoutAddressSpace(fixture.thousandsOfAreas(), tall).memory.density).toBe(2);
  });

  test('a hole torn into an area is outlined for a step, and says whose it was', () => {
    const { scene } = layoutAddressSpace(fixture.holed(), tall);
    const hole = scene.boxes.find((box) => box.mark === 'gone')!;
    expect(hole.key).toBe(`gap:${fixture.A + 0x200000}-gone`);
    const texts = scene.texts.map((text) => text.text);
    expect(texts).toContain('2 MiB, was a');
    // What is left above the hole is still called by its place in what was mapped.
    expect(texts).toEqual(expect.arrayContaining(['a+4M', 'a+6M', 'a+0']));
  });
});

describe('entries within a table', () => {
  const leaf = (from: number, to: number) => fixture.run(1, from, to, 'leaf', from * 4096);
  const edgesIn = (runs: Parameters<typeof rowOf>[0], width: number, before?: Row) =>
    edgesOf(rowOf(runs, width, 34, before), width);

  test('all 513 edges ascend from 0 to the width', () => {
    for (const runs of [
      [],
      [leaf(0, 512)],
      [leaf(3, 5), leaf(80, 400), leaf(511, 512)],
      fixture.hugeTree(2).tables[4]!.runs,
    ]) {
      const edge = edgesIn(runs, 300);
      const edges = Array.from({ length: 513 }, (_, i) => edge(i));
      expect(edges[0]).toBe(0);
      expect(edges[512]).toBe(300);
      for (let i = 1; i <= 512; i++) expect(edges[i]!).toBeGreaterThan(edges[i - 1]! - 1e-9);
    }
  });

  test('an entry that comes into a group of eight already drawn moves nothing', () => {
    const before = edgesIn([leaf(440, 441), leaf(16, 17)], 300);
    const after = edgesIn([leaf(440, 441), leaf(444, 445), leaf(16, 17)], 300);
    for (let i = 0; i <= 512; i++) expect(after(i)).toBeCloseTo(before(i), 9);
  });

  test('an entry that comes into an empty stretch takes its room from that stretch alone', () => {
    const before = rowOf([leaf(440, 441), leaf(16, 17)], 300, 34);
    const after = rowOf([leaf(440, 441), leaf(200, 204), leaf(16, 17)], 300, 34, before);
    const [was, now] = [edgesOf(before, 300), edgesOf(after, 300)];
    for (const index of [0, 16, 17, 24, 440, 441, 448, 512]) expect(now(index)).toBeCloseTo(was(index), 9);
    expect(now(204) - now(200)).toBeGreaterThan(8);
  });

  test('where what is new would not be seen, the table is drawn anew', () => {
    const before = rowOf([leaf(0, 500)], 100, 34);
    const crowded = [leaf(0, 500), leaf(504, 505)];
    expect(rowOf(crowded, 100, 34, before)).toEqual(rowOf(crowded, 100, 34));
  });

  test('no entry is wider than asked', () => {
    const edge = edgesIn([leaf(5, 6)], 1000);
    expect(edge(6) - edge(5)).toBeCloseTo(34, 9);
  });

  test('one of two entries does not vanish beside 300 of a run', () => {
    const edge = edgesIn([leaf(0, 300), leaf(300, 301)], 92);
    expect(edge(301) - edge(300)).toBeGreaterThan(2);
  });
});

test('keepPlaces gives newcomers the lowest free place and keeps all others', () => {
  const first = keepPlaces(['a', 'b', 'c'], new Map());
  expect([...first]).toEqual([
    ['a', 0],
    ['b', 1],
    ['c', 2],
  ]);
  const second = keepPlaces(['c', 'd', 'a'], first);
  expect([second.get('a'), second.get('c'), second.get('d')]).toEqual([0, 2, 1]);
  const shrunk = keepPlaces(['c', 'a'], second);
  expect([shrunk.get('a'), shrunk.get('c')]).toEqual([0, second.get('c')]);
});

test('frames of one row share it; what reaches beyond its row has one of its own', () => {
  const rows = rowsOf(fixture.forked().cells, 16);
  expect(rows.map((row) => [row.first, row.cells.length, row.wide])).toEqual([
    [0x10, 1, false],
    [0x100, 13, false],
    [0x130, 2, false],
    [0x140, 1, false],
    [0x180, 1, true],
    [0x2800, 1, true],
    [0x2a00, 1, true],
    [0x9000, 1, true],
  ]);
});

test('whole rows of like frames are one bar; those of the scenario are never folded', () => {
  const neutral = fixture.manyFrames(0);
  const cells = Array.from({ length: 50 }, (_, i) => fixture.frame(5 + i, { kind: 'file', label: 'text' }));
  const folded = foldLike(cells, 8);
  expect(folded.map((cell) => [cell.pfn, cell.frames])).toEqual([
    [5, 1],
    [6, 1],
    [7, 1],
    [8, 40],
    ...[48, 49, 50, 51, 52, 53, 54].map((pfn) => [pfn, 1]),
  ]);
  const own = cells.map((cell) => ({ ...cell, slot: 1 as const }));
  expect(foldLike(own, 8)).toEqual(own);
  const huge = Array.from({ length: 6 }, (_, i) =>
    fixture.frame(512 * i, { kind: 'hugetlb', frames: 512, slot: 2, area: 8, label: `b+${2 * i}M` }),
  );
  expect(foldLike(huge, 8).map((cell) => [cell.pfn, cell.frames, cell.run])).toEqual([[0, 3072, true]]);
  expect(foldLike(huge.slice(0, 4), 8)).toEqual(huge.slice(0, 4));
  const marked = cells.map((cell, i) => (i === 20 ? { ...cell, mark: 'new' as const } : cell));
  expect(foldLike(marked, 8).reduce((sum, cell) => sum + cell.frames, 0)).toBe(50);
  expect(layoutFrames({ ...neutral, cells }, room).boxes.some((box) => box.key === 'frame:16' && box.w > 100)).toBe(
    true,
  );
});
