import { describe, expect, test } from 'vitest';
import type { Pictures } from '../../../src/history/picture';
import type { Run } from '../../../src/history/run';
import { LIBRARY } from '../../../src/scenario/library/index';
import { layoutPageTables } from '../../../src/views/page-tables/layout';
import { NO_GROUND } from '../../../src/views/page-tables/places';
import { layoutPool } from '../../../src/views/pool/layout';
import type { Box, Scene } from '../../../src/views/scene';
import { EVERYTHING, pictures, runOf } from '../history/told';

const room = { width: 580, height: 480, scale: 1 };
const dark = { hovered: new Set<string>(), selected: new Set<string>() };

function picturesAt(run: Run, k: number, who: number): Pictures {
  const { areas, tree, pool, frames } = EVERYTHING;
  return pictures(run.stand(k), { areas: { ...areas!, who }, tree: { ...tree!, who }, pool, frames });
}
const treeOf = ({ tree }: Pictures): Scene =>
  layoutPageTables(tree!, { ...room, ...dark }, { k: 1, x: 0 }, NO_GROUND).scene;
const poolOf = ({ pool }: Pictures): Scene => layoutPool(pool!, { ...room, width: 210 });
const placeOf = ({ x, y, w, h }: Box): string => [x, y, w, h].map((n) => n.toFixed(2)).join();

const texts = LIBRARY.flatMap(({ examples }) => examples).filter(({ name }) => name !== 'gigabyte');

describe.each(texts)('in $name', ({ text }) => {
  test('a moment looks alike, whether one walks to it, comes back to it, or opens there', () => {
    const walked = runOf(text);
    const all = Array.from({ length: walked.reached + 1 }, (_, k) => k);
    const there = all.map((k) => [treeOf(picturesAt(walked, k, 0)), poolOf(picturesAt(walked, k, 0))]);
    for (const k of all.toReversed())
      expect([treeOf(picturesAt(walked, k, 0)), poolOf(picturesAt(walked, k, 0))], `back at ${k}`).toEqual(there[k]);
    for (const k of [1, Math.floor(walked.reached / 2), walked.reached])
      expect([treeOf(picturesAt(runOf(text), k, 0)), poolOf(picturesAt(runOf(text), k, 0))], `at ${k}`).toEqual(
        there[k],
      );
  });

  test('no table moves, whatever comes and goes', () => {
    const run = runOf(text);
    const places = new Map<string, string>();
    const moved: string[] = [];
    for (let k = 0; k <= run.reached; k++)
      for (const box of treeOf(picturesAt(run, k, 0)).boxes) {
        if (!box.key.startsWith('table:')) continue;
        const had = places.get(box.key);
        if (had !== undefined && had !== placeOf(box)) moved.push(`${k}: ${box.key} ${had} → ${placeOf(box)}`);
        places.set(box.key, placeOf(box));
      }
    expect(moved).toEqual([]);
  });
});
