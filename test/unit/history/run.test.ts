import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../src/base/random';
import { procMaps, procMeminfo, procSmaps, procStatus } from '../../../src/engine/fs/proc';
import type { Machine } from '../../../src/engine/machine';
import { createMachine } from '../../../src/engine/process';
import { validate } from '../../../src/engine/validate';
import { Ev } from '../../../src/engine/events';
import { Run } from '../../../src/history/run';
import { isRefused } from '../../../src/history/source';
import { mixedSource } from '../../bench/seek';
import { EVERYTHING, pictures, runOf, words } from './told';

const now = () => performance.now();
const create = () => createMachine();

/** All that can be seen of a machine. */
function seen(m: Machine): string {
  const all = [...m.tasks.values()].map((task) => procMaps(task) + procSmaps(task) + procStatus(task));
  return all.join('') + procMeminfo(m);
}

/** The machine after k operations of a source, run straight through. */
function straight(length: number, k: number): string {
  const source = mixedSource(length);
  const env = source.start();
  const m = create();
  for (let i = 0; i < k; i++) {
    const operation = source.resolve(i, env);
    if (!isRefused(operation)) source.learn(i, env, operation, m.execute(operation));
  }
  return seen(m);
}

describe('a run', () => {
  test('reaches any moment in any order, and finds there what running straight finds', () => {
    const length = 400;
    const run = new Run(mixedSource(length), { create, now, limits: { spacing: 0.05, bytes: 64 * 2 ** 20 } });
    run.advance(length);
    expect(run.keyframeCount).toBeGreaterThan(3);
    const random = seededRandom(3);
    for (let i = 0; i < 40; i++) {
      const k = Math.floor(random() * (length + 1));
      const scene = run.stand(k);
      expect(seen(scene.now)).toBe(straight(length, k));
      expect(seen(scene.was)).toBe(straight(length, Math.max(0, k - 1)));
    }
  });

  test('is right with hardly any room for keyframes: they are thinned, not the truth', () => {
    const length = 300;
    const run = new Run(mixedSource(length), { create, now, limits: { spacing: 0, bytes: 400_000 } });
    run.advance(length);
    expect(run.keyframeCount).toBeLessThan(40);
    for (const k of [1, 77, 150, 299, 300]) expect(seen(run.stand(k).now)).toBe(straight(length, k));
  });

  test('goes on in slices', () => {
    const run = new Run(mixedSource(5_000), { create, now });
    expect(run.advance(5_000, now() - 1)).toBe(0);
    let slices = 0;
    while (run.advance(5_000, now() + 1) < 5_000) slices++;
    expect(slices).toBeGreaterThan(1);
    expect(run.reached).toBe(5_000);
  });

  test('stops inside an operation at every event, and the last one is the end of it', () => {
    const run = runOf('pool(8)\na = mmap(NULL, 8M, rw, PRIVATE|ANONYMOUS|HUGETLB)\nwrite(a)\n');
    const end = seen(run.stand(3).now);
    const { recording } = run.stand(3);
    const free: number[] = [];
    for (let e = 1; e < recording.total; e++) {
      const scene = run.stand(3, e);
      expect(scene.event).toBe(e);
      free.push(scene.now.hstate.free_huge_pages);
    }
    const pool = Array.from({ length: recording.total }, (_, i) => i).find((i) => recording.kind(i) === Ev.Pool)!;
    expect(free[0]).toBe(8);
    expect(free.at(-1)).toBe(7);
    // The page leaves the pool no later than the event that tells of it.
    expect(free[pool]).toBe(7);
    expect(free.filter((n, i) => i > 0 && n !== free[i - 1]).length).toBe(1);
    expect(seen(run.stand(3, recording.total).now)).toBe(end);
    expect(run.stand(3, recording.total).event).toBeNull();
  });

  test('shows the step before, inside an operation too', () => {
    const run = runOf('a = mmap(NULL, 16K, rw, PRIVATE|ANONYMOUS)\nwrite(a)\n');
    const { recording } = run.stand(2);
    const set = Array.from({ length: recording.kept }, (_, i) => i).find((i) => recording.kind(i) === Ev.EntrySet)! + 1;
    const scene = run.stand(2, set + 1);
    const before = run.stand(2, set);
    expect(before.now).toBe(scene.now);
    expect(recording.stopBefore(set)).toBeLessThan(set);
    // From inside back to whole operations and on again.
    expect(run.stand(1).event).toBeNull();
    expect(validate(run.stand(2).now)).toEqual([]);
  });

  test('draws the same pictures after going back and on again forty steps, at each of them', () => {
    const run = new Run(mixedSource(150), { create, now });
    run.advance(150);
    const drawn = (k: number): string => JSON.stringify(pictures(run.stand(k), EVERYTHING));
    const first = Array.from({ length: 41 }, (_, i) => drawn(80 + i));
    for (let k = 120; k >= 80; k--) expect(drawn(k) === first[k - 80], `back at ${k}`).toBe(true);
    for (let k = 80; k <= 120; k++) expect(drawn(k) === first[k - 80], `on at ${k}`).toBe(true);
  });

  test('keeps what a changed scenario has in common, and forgets the rest', () => {
    const length = 240;
    const run = new Run(mixedSource(length), { create, now, limits: { spacing: 0.05, bytes: 64 * 2 ** 20 } });
    run.advance(length);
    run.stand(200);
    const other = mixedSource(length, 99);
    run.change(other, 1);
    expect(run.reached).toBe(1);
    run.advance(length);
    const fresh = new Run(mixedSource(length, 99), { create, now });
    fresh.advance(length);
    for (const k of [0, 1, 2, 100, 240]) expect(seen(run.stand(k).now)).toBe(seen(fresh.stand(k).now));
  });

  test('keeps after a change what was found before it, and finds anew what comes after', () => {
    /** Operations that are all unexpected; damage is found after the second and again after the fourth. */
    const source = (word: string, broken: readonly number[]) => ({
      ...mixedSource(8),
      check: (k: number, _env: Float64Array, machine: Machine) => {
        if (broken.includes(k + 1)) (machine.damage as unknown[]).push({ text: 'made by the test' });
        return `${word} ${k + 1}`;
      },
    });
    const found = (run: Run<Float64Array>) => [...run.unexpected].sort(([a], [b]) => a - b);
    const expected = (keep: number): (readonly [number, string])[] =>
      Array.from({ length: 8 }, (_, i) => [i + 1, `${i + 1 <= keep ? 'old' : 'new'} ${i + 1}`]);
    for (const keep of [0, 1, 3, 4, 8]) {
      const run = new Run(source('old', []), { create, now });
      run.advance(8);
      run.change(source('new', []), keep);
      expect(found(run)).toEqual(expected(keep).slice(0, keep));
      run.advance(8);
      expect(found(run)).toEqual(expected(keep));
    }
    for (const [broken, keep, kept] of [
      [4, 3, null],
      [4, 4, 4],
      [4, 5, 4],
    ] as const) {
      const run = new Run(source('old', [broken]), { create, now });
      run.advance(8);
      expect(run.firstBroken).toBe(broken);
      run.change(source('new', []), keep);
      expect([broken, keep, run.firstBroken]).toEqual([broken, keep, kept]);
    }
  });

  test('looks anew at the operation after a change, and at the one before it still', () => {
    const other = mixedSource(60, 99);
    const fresh = new Run(other, { create, now });
    fresh.advance(60);
    const seenAt = (run: Run<Float64Array>, k: number, event: number | null) => {
      const scene = run.stand(k, event);
      return seen(scene.now) + seen(scene.was) + JSON.stringify(pictures(scene, EVERYTHING).path);
    };
    for (const looked of [19, 20, 21])
      for (const event of [null, 2]) {
        const run = new Run(mixedSource(60), { create, now });
        run.advance(60);
        const kept = seenAt(run, Math.min(looked, 20), event);
        run.stand(looked, event);
        run.change(
          {
            ...other,
            resolve: (k, env) => (k < 20 ? mixedSource(60).resolve(k, env) : other.resolve(k, env)),
          },
          20,
        );
        run.advance(60);
        if (looked <= 20) expect(seenAt(run, looked, event)).toBe(kept);
        const straightOn = new Run(run.source, { create, now });
        straightOn.advance(60);
        expect(seenAt(run, 21, event), `${looked} ${event}`).toBe(seenAt(straightOn, 21, event));
        expect(run.version).toBe(1);
      }
  });

  test('tells a refused step from one that ran', () => {
    const plain = mixedSource(3);
    const source = {
      ...plain,
      resolve: (k: number, env: Float64Array) => (k === 1 ? { refused: 'Not today.' } : plain.resolve(k, env)),
    };
    const run = new Run(source, { create, now });
    run.advance(3);
    expect(isRefused(run.log.operation(1))).toBe(true);
    const { moment } = pictures(run.stand(2), {});
    expect(moment.ending).toEqual({ kind: 'errno', text: 'not carried out' });
    expect(words(moment.sentence)).toBe('This step is not carried out: Not today.');
    expect(moment.counters).toEqual([]);
    expect(run.stand(3).k).toBe(3);
  });

  test('ends where the machine itself fails, and shows what came before', () => {
    const plain = mixedSource(10);
    const source = {
      ...plain,
      resolve(k: number, env: Float64Array) {
        if (k === 5) throw new Error('out of cheese');
        return plain.resolve(k, env);
      },
    };
    const run = new Run(source, { create, now });
    expect(run.advance(10)).toBe(5);
    expect(run.length).toBe(5);
    const { lamp } = pictures(run.stand(5), {}).moment;
    expect(lamp.ok).toBe(false);
    expect(lamp.broken[0]!.text).toContain('out of cheese');
    expect(pictures(run.stand(4), {}).moment.lamp.ok).toBe(true);
  });
});
