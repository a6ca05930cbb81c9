import { describe, expect, test } from 'vitest';
import type { Fellows } from '../../../src/history/picture';
import { twinOfAddressSpace } from '../../../src/views/address-space/twin';
import { twinOfChart } from '../../../src/views/chart/twin';
import { twinOfFrames } from '../../../src/views/frames/twin';
import { layoutHeatMap, colourPixels, rangeAt, type HeatColours } from '../../../src/views/heat-map/layout';
import { twinOfHeatMap } from '../../../src/views/heat-map/twin';
import { light, type Lights } from '../../../src/views/lights';
import { bitWords, takenApart } from '../../../src/views/page-tables/bits';
import { layoutPageTables } from '../../../src/views/page-tables/layout';
import { NO_GROUND } from '../../../src/views/page-tables/places';
import { twinOfPageTables } from '../../../src/views/page-tables/twin';
import { twinOfPool } from '../../../src/views/pool/twin';
import { cutEnd, cutMiddle, grouped, roundSize, textWidth } from '../../../src/views/text';
import type { TwinNode } from '../../../src/views/twin';
import * as fixture from '../../gallery/fixtures';

const all = (nodes: readonly TwinNode[]): TwinNode[] => nodes.flatMap((node) => [node, ...all(node.children)]);

describe('twins tell the picture in words', () => {
  test('an area: name, size, address, permissions, what is there; then its stretches', () => {
    const { nodes } = twinOfAddressSpace(fixture.huge(2));
    const area = nodes.find((node) => node.key === 'area:7')!;
    expect(area.name).toBe('a, 8M at 7ffff7600000, rw-p, 2 of 4 pages present, 2 reserved');
    expect(area.children.map((child) => child.name)).toEqual([
      'a+0: 1 page of 2M, present',
      'a+2M: 1 page of 2M, present',
      'a+4M: 1 page of 2M, reserved',
      'a+6M: 1 page of 2M, reserved',
    ]);
    expect(nodes.map((node) => node.name)).toContain('gap of 2 MiB');
  });

  test('an area that was split and protected says what it was', () => {
    const { nodes } = twinOfAddressSpace(fixture.manyKinds());
    expect(nodes.find((node) => node.key === 'area:9')!.change).toBe('was 8M, was rw-p, was at 7ffff7600000');
    expect(nodes.find((node) => node.key === 'area:8')!.change).toBe('gone');
  });

  test('the tree of tables: a table below the entry that points to it, bits in words, folded tables counted', () => {
    const { nodes } = twinOfPageTables(fixture.hugeTree(2));
    expect(nodes.map((node) => node.key)).toEqual(['table:1']);
    const names = all(nodes).map((node) => node.name);
    expect(names).toContain(
      'PMD [444] at 7ffff7800000: page of 2M, present, writable, accessed, dirty, huge, frame 0x2a00',
    );
    expect(names).toContain('PTE table from 400000, 12 of 512 entries used, maps [heap], data, text');
    const folded = all(twinOfPageTables(fixture.gigabyteTree()).nodes).filter((node) => node.folded);
    expect(folded.map((node) => node.name)[0]).toBe(
      'PMD [0–199] at 7fff80000000: 200 PTE tables folded, 102400 entries below',
    );
  });

  test('every mark of the tree that can be pointed at is a row of its twin, and no row comes twice', () => {
    const picture = fixture.hugeTree(2);
    const room = { width: 580, height: 480, scale: 1, hovered: new Set<string>(), selected: new Set<string>() };
    const { scene } = layoutPageTables(picture, room, { k: 1, x: 0 }, NO_GROUND);
    const keys = all(twinOfPageTables(picture).nodes).map((node) => node.key);
    expect(new Set(keys).size).toBe(keys.length);
    for (const table of picture.tables) expect(keys).toContain(table.ref);
    const entries = scene.boxes.map((box) => box.key).filter((key) => key.startsWith('entry:7:'));
    expect(entries.length).toBe(4);
    expect(keys).toEqual(expect.arrayContaining(entries));
  });

  test('the pool: counters with what they were, then pages with their holders', () => {
    const { rows, columns } = twinOfPool(fixture.pool(2, 2));
    expect(rows[1]).toMatchObject({ cells: ['HugePages_Free', '6', '', ''], change: 'was 7' });
    expect(rows[5]).toMatchObject({ cells: ['page at frame 10752', 'in use', 'a+2M', 'process 1'], change: 'new' });
    expect(rows.every((row) => row.cells.length === columns.length)).toBe(true);
  });

  test('frames: kind, owner, processes and counts', () => {
    const { rows } = twinOfFrames(fixture.forked());
    expect(rows.find((row) => row.key === 'frame:264')!.cells).toEqual(['0x108', 'anonymous', 'a', '1, 2', '2', '2']);
    expect(rows.at(-1)!.cells[0]).toBe('0x9000 to 0x1052f');
  });

  test('the heat map: sixteen parts', () => {
    const { rows } = twinOfHeatMap(fixture.heat());
    expect(rows.length).toBe(16);
    expect(rows[0]!.cells[0]).toBe('7fff80000000');
    expect(Number.parseInt(rows[15]!.cells[2]!, 10)).toBe(0);
    expect(Number.parseInt(rows[0]!.cells[2]!, 10)).toBeGreaterThan(50);
  });

  test('figures: a row for each thing counted', () => {
    expect(twinOfChart(fixture.ledger).rows[0]!.cells).toEqual([
      'Loads and tests on normal mappings (count)',
      '1240',
      '620',
      '711',
    ]);
  });
});

describe('lights', () => {
  const nothing: Fellows = { areas: [], tables: [], entries: [], frames: [], processes: [], ranges: [] };
  const dark: Lights = { hovered: new Set(), selected: new Set(), fellows: null, broken: new Set() };
  const entry = {
    keys: ['entry:7:444', 'frame:10752'],
    litBy: ['entry:7:444', 'frame:10752', 'area:7'],
    extent: { entries: { table: 7, from: 444, to: 445 }, frames: { from: 10_752, to: 11_264 } },
  } as const;

  test('an entry lights with its own ref, its frame and its area', () => {
    expect(light(entry, dark)).toBe('');
    for (const ref of ['entry:7:444', 'frame:10752', 'area:7'])
      expect(light(entry, { ...dark, hovered: new Set([ref]) })).toBe('lit');
    expect(light(entry, { ...dark, hovered: new Set(['area:8']) })).toBe('');
    expect(light(entry, { ...dark, selected: new Set(['entry:7:444']) })).toBe('chosen');
  });

  test('fellows light by ranges: a page of an area, entries of a table, frames', () => {
    const range = { who: 1, start: 0x1000, end: 0x3000 };
    const page = { keys: ['area:7'], litBy: [], extent: { range } } as const;
    const near = (start: number, end: number, who = 1): Lights => ({
      ...dark,
      fellows: { ...nothing, ranges: [{ who, start, end }] },
    });
    expect(light(page, near(0x2000, 0x5000))).toBe('lit');
    expect(light(page, near(0x3000, 0x5000))).toBe('');
    expect(light(page, near(0x2000, 0x5000, 2))).toBe('');
    const frames = { ...nothing, frames: [{ from: 10_800, to: 10_801 }] };
    expect(light(entry, { ...dark, fellows: frames })).toBe('lit');
    const entries = { ...nothing, entries: [{ table: 7, from: 0, to: 444 }] };
    expect(light(entry, { ...dark, fellows: entries })).toBe('');
  });

  test('what an invariant broke on is told before all else', () => {
    const all = { ...dark, hovered: new Set(['frame:10752']), selected: new Set(['entry:7:444']) };
    expect(light(entry, { ...all, broken: new Set(['entry:7:444']) })).toBe('broken');
    // An entry that maps a frame that is free is as broken as the frame.
    expect(light(entry, { ...all, broken: new Set(['frame:10752']) })).toBe('broken');
    expect(light(entry, { ...all, broken: new Set(['area:7']) })).toBe('chosen');
  });

  test('pointing at an area does not light each of its pages, only the area', () => {
    const lights = { ...dark, hovered: new Set(['area:7']), fellows: { ...nothing, areas: [7] } };
    expect(light({ keys: ['area:7'] }, lights)).toBe('lit');
    const extent = { range: { who: 1, start: 0, end: 4096 } };
    expect(light({ keys: ['area:7'], litBy: [], extent }, lights)).toBe('');
  });
});

describe('the heat map', () => {
  test('a gigabyte of 4 KiB pages has a PTE table to a row, the first at the bottom', () => {
    const picture = fixture.heat();
    const layout = layoutHeatMap(picture, { width: 580, height: 560, scale: 1 });
    expect([layout.columns, layout.rows, layout.side]).toEqual([512, 512, 1]);
    expect(rangeAt(picture, layout, 0, 511)).toEqual({ start: picture.start, end: picture.start + 4096 });
    expect(rangeAt(picture, layout, 511.5, 0)).toEqual({ start: picture.end - 4096, end: picture.end });
    expect(rangeAt(picture, layout, 512, 0)).toBeNull();
    expect(rangeAt(picture, layout, 0, 512)).toBeNull();
  });

  test('few pixels are drawn large, and never wider than the pane', () => {
    for (const width of [180, 300, 580, 1180])
      for (const n of [100, 4096, 65_536, 262_144]) {
        const layout = layoutHeatMap(fixture.heat(n), { width, height: 400, scale: 1 });
        expect(layout.width).toBeLessThanOrEqual(width - 10);
        expect(layout.columns * layout.rows).toBeGreaterThanOrEqual(n);
        expect(textWidth(layout.caption, 12)).toBeLessThanOrEqual(width - 10);
      }
  });

  test('nothing, absent, read-only, writable and changed are five colours', () => {
    const colours: HeatColours = {
      nothing: [255, 255, 255],
      changed: [0, 0, 0],
      absent: Array.from({ length: 8 }, () => [200, 200, 255] as const),
      present: Array.from({ length: 8 }, () => [0, 0, 200] as const),
    };
    const pixels = new Uint8Array([0, 8, 8 | 16, 8 | 16 | 32, 8 | 16 | 128]);
    const fill = new Uint8Array([0, 0, 255, 255, 255]);
    const rgba = new Uint8ClampedArray(4 * 8);
    colourPixels({ ...fixture.heat(5), pixels, fill }, { columns: 4, rows: 2 }, colours, rgba);
    const at = (i: number): string => rgba.slice(4 * i, 4 * i + 4).join();
    // The first row of pixels is the lower one.
    const first = [4, 5, 6, 7].map(at);
    expect(first[0]).toBe('255,255,255,255');
    expect(new Set([...first, at(0)]).size).toBe(5);
    expect(at(1)).toBe('255,255,255,0');
  });
});

describe('text', () => {
  test('an address taken apart puts itself together again', () => {
    const parts = takenApart(0x7ffff7801234, 1);
    expect(parts.map(({ name, value }) => `${name} ${value}`).join(' · ')).toBe(
      'PGD 255 · PUD 511 · PMD 444 · PTE 1 · offset 0x234',
    );
    expect(takenApart(0x7ffff7800000, 2).at(-1)).toEqual({ name: 'offset', value: '0' });
  });

  test('bits in words say what may not be done', () => {
    expect(bitWords('PA')).toEqual(['present', 'read-only', 'accessed']);
    expect(bitWords('N')).toEqual(['no access']);
  });

  test('text is cut to its room, at its end or in its middle', () => {
    expect(cutEnd('a-mapping-with-a-long-name', 80, 12)).toMatch(/^a-map.*…$/);
    expect(textWidth(cutEnd('a-mapping-with-a-long-name', 80, 12), 12)).toBeLessThanOrEqual(80);
    expect(cutEnd('mapping', 8, 12)).toBe('');
    expect(cutMiddle('7ffff7600000', 60, 12, 'mono')).toBe('7fff…000');
  });

  test('sizes and counts for people', () => {
    expect([4096, 132 * 1024, 2_000_000, 2 ** 47].map(roundSize)).toEqual(['4 KiB', '132 KiB', '1.9 MiB', '128 TiB']);
    expect(grouped(262_144)).toBe('262\u202f144');
  });
});
