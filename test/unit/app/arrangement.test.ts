import { describe, expect, test } from 'vitest';
import { arrange, type Item } from '../../../src/app/stage/arrangement';

const ALL: readonly Item[] = ['scenario', 'space', 'tables', 'pool', 'frames', 'drawer'];
/** Every set of panes, in their order. */
const sets = Array.from({ length: 2 ** ALL.length - 1 }, (_, i) =>
  ALL.filter((_item, bit) => ((i + 1) & (1 << bit)) !== 0),
);

describe('panes in a frame', () => {
  test('stand side by side where there is room', () => {
    expect(arrange(['space', 'tables', 'pool', 'frames'], 60, 26).map(({ cells }) => cells)).toEqual([
      [['space']],
      [['tables']],
      [['pool']],
      [['frames']],
    ]);
  });

  test('share the last place behind tabs where there is less', () => {
    expect(arrange(['space', 'tables', 'pool', 'frames'], 40, 26).map(({ cells }) => cells)).toEqual([
      [['space']],
      [['tables', 'pool', 'frames']],
    ]);
  });

  test('all share one place on a phone', () => {
    expect(arrange(['space', 'tables', 'pool'], 20, 22)).toEqual([{ width: 18, cells: [['space', 'tables', 'pool']] }]);
  });

  test('stand on top of one another in a high frame', () => {
    expect(arrange(['space', 'tables'], 20, 41)[0]!.cells).toEqual([['space'], ['tables']]);
  });

  test('are each somewhere, once, and never in less than they need, whatever the set and the room', () => {
    for (const items of sets)
      for (let width = 20; width <= 120; width += 2)
        for (const height of [10, 22, 27, 41, 63]) {
          const columns = arrange(items, width, height);
          expect(columns.flatMap(({ cells }) => cells.flat())).toEqual(items);
          if (columns.length > 1) expect(columns.reduce((sum, one) => sum + one.width, 0)).toBeLessThanOrEqual(width);
          for (const { cells } of columns)
            expect(cells.length).toBeLessThanOrEqual(Math.max(1, Math.floor(height / 20)));
        }
  });
});
