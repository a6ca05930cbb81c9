import { describe, expect, test } from 'vitest';
import { readFileSync, readdirSync } from 'node:fs';
import type { Pictures } from '../../../src/history/picture';
import { layoutAddressSpace, type AddressMemory } from '../../../src/views/address-space/layout';
import { layoutFrames } from '../../../src/views/frames/layout';
import { layoutPageTables } from '../../../src/views/page-tables/layout';
import { NO_GROUND, type Ground } from '../../../src/views/page-tables/places';
import { layoutPool } from '../../../src/views/pool/layout';
import { inSight, standing } from '../../../src/views/reveal';
import { changedMarks, type Scene } from '../../../src/views/scene';
import { EVERYTHING, pictures, runOf } from '../history/told';
import { PANES, type Rooms } from './panes';

describe('where a picture that is taller than its pane stands', () => {
  const mark = (y: number, h = 20) => ({ x: 0, y, w: 10, h });

  test('is where it was, while everything that is wanted is in sight', () => {
    expect(standing([mark(110), mark(180)], 100, 100, 1000)).toBe(100);
    expect(standing([], 100, 100, 1000)).toBe(100);
  });
  test('is as near to that as it can be, where something is not', () => {
    expect(standing([mark(300)], 100, 100, 1000)).toBe(300 + 20 + 12 - 100);
    expect(standing([mark(40)], 100, 100, 1000)).toBe(28);
  });
  test('shows as many as it can, where all have no room', () => {
    const to = standing([mark(0), mark(500), mark(530), mark(560)], 0, 100, 1000);
    expect([500, 530, 560].every((y) => inSight(mark(y), to, to + 100))).toBe(true);
  });
  test('never goes beyond the ends', () => {
    expect(standing([mark(2)], 50, 100, 1000)).toBe(0);
    expect(standing([mark(1075)], 0, 100, 1000)).toBe(1000);
  });
});

const library = 'src/scenario/library/';
const scenarios = readdirSync(library).filter((name) => name.endsWith('.mm'));

/** Every moment of a scenario as the page asks for it: of the process that acts. */
const moments = new Map<string, Pictures[]>();
function momentsOf(name: string): Pictures[] {
  const known = moments.get(name);
  if (known !== undefined) return known;
  const run = runOf(readFileSync(library + name, 'utf8'));
  const all: Pictures[] = [];
  for (let k = 1; k <= run.reached; k++) {
    const scene = run.stand(k);
    const who = pictures(scene, {}).moment.statement?.who ?? 0;
    const alive = scene.now.tasks.has(who) ? who : 0;
    all.push(
      pictures(scene, {
        ...EVERYTHING,
        areas: { ...EVERYTHING.areas!, who: alive, foldUntouched: true },
        tree: { ...EVERYTHING.tree!, who: alive },
      }),
    );
  }
  moments.set(name, all);
  return all;
}

describe('what changed is in sight after every step', () => {
  for (const [size, { rooms, scale }] of Object.entries(PANES)) {
    test.each(scenarios)(`${size}: %s`, (name) => {
      const hidden: string[] = [];
      let memory: AddressMemory | null = null;
      let ground: Ground = NO_GROUND;
      let density = 0;
      const stood = new Map<string, number>();
      const look = (what: string, k: number, scene: Scene, height: number): void => {
        const changed = changedMarks(scene);
        const top = standing(changed, stood.get(what) ?? 0, height, scene.height - height);
        stood.set(what, top);
        for (const one of changed)
          if (!inSight(one, top, top + height))
            hidden.push(`${k} ${what}: ${one.key} at ${one.y} of ${scene.height}, ${top}–${top + height}`);
      };
      momentsOf(name).forEach((told, i) => {
        const room = (which: keyof Rooms) => ({ width: rooms[which][0], height: rooms[which][1], scale });
        const dark = { hovered: new Set<string>(), selected: new Set<string>() };
        const areas = layoutAddressSpace(told.areas!, room('areas'), memory);
        memory = areas.memory;
        look('areas', i + 1, areas.scene, rooms.areas[1]);
        const tree = layoutPageTables(told.tree!, { ...room('tree'), ...dark }, { k: 1, x: 0 }, ground);
        ground = tree.ground;
        look('tree', i + 1, tree.scene, rooms.tree[1]);
        const which = told.pool!.wanted ? 'frames' : 'alone';
        const frames = layoutFrames(told.frames!, room(which), density);
        density = frames.density;
        look('frames', i + 1, frames, rooms[which][1]);
        if (!told.pool!.wanted) return;
        look('pool', i + 1, layoutPool(told.pool!, room('pool')), rooms.pool[1]);
      });
      expect(hidden).toEqual([]);
    });
  }
});
