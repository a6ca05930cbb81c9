import { describe, expect, test } from 'vitest';
import { layoutAddressSpace } from '../../../src/views/address-space/layout';
import { chartHeight, layoutChart } from '../../../src/views/chart/layout';
import { layoutFrames } from '../../../src/views/frames/layout';
import { layoutPageTables } from '../../../src/views/page-tables/layout';
import { NO_GROUND } from '../../../src/views/page-tables/places';
import { layoutPool } from '../../../src/views/pool/layout';
import { flaws, type Scene } from '../../../src/views/scene';
import * as fixture from '../../gallery/fixtures';

interface Room {
  readonly width: number;
  readonly height: number;
  readonly scale: number;
}

const dark = { hovered: new Set<string>(), selected: new Set<string>() };

const scenes: Record<string, (room: Room) => Scene> = {
  'an address space before anything is mapped': (room) => layoutAddressSpace(fixture.bare, room).scene,
  'a huge mapping with two of four pages taken': (room) => layoutAddressSpace(fixture.huge(2), room).scene,
  'areas of every colour, split, changed and gone': (room) => layoutAddressSpace(fixture.manyKinds(), room).scene,
  '20,000 areas in 200 rows': (room) => layoutAddressSpace(fixture.thousandsOfAreas(), room).scene,
  'an address space without an area': (room) => layoutAddressSpace({ ...fixture.bare, rows: [] }, room).scene,
  'the tree of a huge mapping': (room) =>
    layoutPageTables(fixture.hugeTree(2), { ...room, ...dark }, { k: 1, x: 0 }, NO_GROUND).scene,
  'the tree of a gigabyte by small pages': (room) =>
    layoutPageTables(fixture.gigabyteTree(), { ...room, ...dark }, { k: 1, x: 0 }, NO_GROUND).scene,
  'the tree of 24 PTE tables, zoomed into': (room) =>
    layoutPageTables(fixture.wideTree(), { ...room, ...dark }, { k: 6, x: -700 }, NO_GROUND).scene,
  'the tree of 60 PTE tables': (room) =>
    layoutPageTables(fixture.wideTree(60), { ...room, ...dark }, { k: 1, x: 0 }, NO_GROUND).scene,
  'a pool with two pages taken': (room) => layoutPool(fixture.pool(2, 2), room),
  'a pool with surplus, shared and returned pages': (room) => layoutPool(fixture.mixedPool(), room),
  'a pool of 20,480 pages': (room) => layoutPool(fixture.bigPool(), room),
  'a pool of 300 pages, each a cell': (room) => layoutPool(fixture.pool(40, 100, 300), room),
  'no pool': (room) => layoutPool(fixture.noPool, room),
  'frames after a fork': (room) => layoutFrames(fixture.forked(), room),
  '1,000 frames': (room) => layoutFrames(fixture.manyFrames(1000), room),
  'the figures of three designs': (room) => layoutChart(fixture.ledger, room),
};

const widths = [180, 227, 320, 580, 1180];

test('a chart of nine designs lies within the height that is asked for it', () => {
  const { groups } = fixture.ledger;
  const picture = {
    title: 'The ledger',
    groups: groups.map((group) => ({
      ...group,
      bars: Array.from({ length: 9 }, (_, i) => ({ ...group.bars[0], key: `bar-${i}`, value: i * 1000 })),
    })),
  };
  const height = chartHeight(picture);
  const scene = layoutChart(picture, { width: 900, height, scale: 1 });
  expect([scene.height, flaws(scene)]).toEqual([height, []]);
});

describe('every picture can be shown: nothing overlaps or sticks out, every text fits and can be read', () => {
  for (const [name, layout] of Object.entries(scenes)) {
    test.each(widths)(`${name}, %d pixels wide`, (width) => {
      for (const height of [250, 480, 900]) expect(flaws(layout({ width, height, scale: 1 }))).toEqual([]);
    });
    test(`${name}, with the text twice as large`, () => {
      expect(flaws(layout({ width: 360, height: 480, scale: 2 }))).toEqual([]);
    });
    test(`${name}, says in a sentence what it shows`, () => {
      const { title, description } = layout({ width: 320, height: 480, scale: 1 });
      expect(title).not.toBe('');
      expect(description).toMatch(/\w.*\.$/);
    });
  }
});

test('flaws sees an overlap, a mark outside, a text that does not fit or is too small, and two marks of one name', () => {
  const box = { key: 'a', keys: [], layer: 0, x: 0, y: 0, w: 10, h: 10, look: 'solid', slot: 0, mark: 'same' } as const;
  const text = {
    key: 't',
    text: 'present',
    x: 0,
    y: 9,
    size: 12,
    face: 'sans',
    anchor: 'start',
    tone: 'on',
    slot: 0,
  } as const;
  const scene: Scene = {
    width: 40,
    height: 40,
    title: '',
    description: '',
    lines: [],
    boxes: [
      box,
      {
        ...box,
        x: 5,
      },
      {
        ...box,
        key: 'b',
        x: 35,
        y: 35,
      },
    ],
    texts: [
      {
        ...text,
        box: 'a',
      },
      {
        ...text,
        key: 'u',
        text: 'x',
        size: 8,
        y: 30,
      },
    ],
  };
  expect(flaws(scene)).toEqual([
    'two boxes are called a',
    'b sticks out',
    'a and a overlap',
    '"present" (t) does not fit',
    'u is set in 8 pixels',
  ]);
});
