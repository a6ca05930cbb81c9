import { describe, expect, test } from 'vitest';
import type { Pictures } from '../../../src/history/picture';
import { LIBRARY } from '../../../src/scenario/library/index';
import { beatsOf } from '../../../src/views/beats/beats';
import { stagedPictures } from '../../../src/views/beats/staged';
import type { Anchor, Beat, Step } from '../../../src/views/beats/types';
import { layoutAddressSpace, type AddressMemory } from '../../../src/views/address-space/layout';
import { layoutFrames } from '../../../src/views/frames/layout';
import { layoutPageTables } from '../../../src/views/page-tables/layout';
import { NO_GROUND } from '../../../src/views/page-tables/places';
import { layoutPool } from '../../../src/views/pool/layout';
import { flaws, type Scene } from '../../../src/views/scene';
import { EVERYTHING, pictures, runOf } from '../history/told';

const HUGE = 'pool(8)\na = mmap(NULL, 8M, rw, PRIVATE|ANONYMOUS|HUGETLB)\n';
const SMALL = 'a = mmap(NULL, 64K, rw, PRIVATE|ANONYMOUS)\n';

/** Every step of a scenario, looked at as the page does: at the process that acts. */
function stepsOf(text: string): Step[] {
  const run = runOf(text);
  const steps: Step[] = [];
  let who = 0;
  for (let k = 1; k <= run.reached; k++) {
    const was = who;
    const acting = run.log.who(k - 1);
    const alive = run.stand(k).now.tasks.has(acting);
    if (alive) who = acting;
    const ask = (process: number) => ({
      ...EVERYTHING,
      areas: { ...EVERYTHING.areas!, who: process },
      tree: { ...EVERYTHING.tree!, who: process },
      proc: undefined,
      path: undefined,
    });
    const before = pictures(run.stand(k - 1), ask(run.stand(k - 1).now.tasks.has(was) ? was : 0));
    steps.push({ before, after: pictures(run.stand(k), ask(who)) });
  }
  return steps;
}

const lastStep = (text: string): Step => stepsOf(text).at(-1)!;
const lastBeats = (text: string): readonly Beat[] => beatsOf(lastStep(text));
const kindsOf = (text: string): string =>
  lastBeats(text)
    .map(({ kind }) => kind)
    .join(' ');
const named = ({ view, refs, name }: Anchor): string => (view === 'scenario' ? 'line' : `${view}: ${name || refs[0]}`);
const wiresOf = (beats: readonly Beat[]): string[] =>
  beats.flatMap(({ kind, wires }) => wires.map(({ from, to }) => `${kind}: ${named(from)} → ${named(to)}`));
const travelsOf = (beats: readonly Beat[]): string[] =>
  beats.flatMap(({ kind, travels }) => travels.map(({ from, to }) => `${kind}: ${named(from)} → ${named(to)}`));

describe('the beats of each kind of operation', () => {
  test.each([
    ['a mapping of huge pages grows and is promised its pages', HUGE, 'ask promise'],
    ['a small mapping grows', SMALL, 'ask'],
    ['a first write is asked, walked and given', `${SMALL}write(a)\n`, 'ask walk give'],
    ['a first write to a huge page as well', `${HUGE}write(a)\n`, 'ask walk give'],
    ['a read of nothing ends in the page that everybody shares', `${SMALL}read(a)\n`, 'ask walk share'],
    ['a write that finds its entry walks to it', `${SMALL}write(a)\nwrite(a)\n`, 'ask walk share'],
    ['a write after fork tears a page in two', `${SMALL}write(a)\nc = fork()\nc: write(a)\n`, 'ask walk copy give'],
    ['a fork changes entries, then pages have two holders', `${SMALL}write(a)\nc = fork()\n`, 'ask change share'],
    ['munmap lets go, gives back and closes', `${SMALL}write(a, 4)\nmunmap(a, 64K)\n`, 'ask letgo home close'],
    ['mprotect changes entries', `${SMALL}write(a, 4)\nmprotect(a, 64K, r)\n`, 'ask change'],
    [
      'mremap lets entries travel',
      `${SMALL}write(a, 4)\nb = mremap(a, 64K, 128K, MREMAP_MAYMOVE|MREMAP_FIXED, 0x10000000000)\n`,
      'ask move',
    ],
    [
      'madvise lets go and gives back, and the area stays',
      `${SMALL}write(a, 4)\nmadvise(a, 64K, DONTNEED)\n`,
      'ask letgo home',
    ],
    ['the pool is filled', 'pool(8)\n', 'ask make'],
    [
      'a promise that cannot be given is compared',
      `${HUGE}b = mmap(NULL, 16M, rw, PRIVATE|ANONYMOUS|HUGETLB)\n`,
      'ask compare',
    ],
    ['a write to what may not be written stops', 'a = mmap(NULL, 64K, r, PRIVATE|ANONYMOUS)\nwrite(a)\n', 'ask stop'],
  ])('%s', (_, text, kinds) => expect(kindsOf(text)).toBe(kinds));

  test('a page of the pool travels its wire into the entry that was awaited', () => {
    const step = lastStep(`${HUGE}write(a)\nwrite(a + 2M)\n`);
    const beats = beatsOf(step);
    expect(wiresOf(beats)).toEqual([
      'ask: line → areas: area a',
      'walk: areas: area a → tables: PGD entry 255',
      'walk: tables: PGD entry 255 → tables: PUD entry 511',
      'walk: tables: PUD entry 511 → tables: PMD entry 444',
      'give: tables: PMD entry 444 → pool: a+2M in the pool',
    ]);
    expect(travelsOf(beats)).toEqual(['give: pool: a+2M in the pool → tables: PMD entry 444']);
    const [ask, walk, give, end] = stagedPictures(step, beats);
    const entry = (at: Pictures) =>
      at.tree!.tables.flatMap(({ runs }) => runs).find((run) => run.from <= 444 && 444 < run.to && run.kind === 'huge');
    expect(entry(ask!)).toBeUndefined();
    expect([entry(walk!)!.awaited, entry(give!)!.awaited, entry(end!)!.awaited]).toEqual([true, true, undefined]);
    expect([ask, walk, give, end].map((at) => at!.pool!.free.now)).toEqual([7, 7, 6, 6]);
  });

  test('the copy of a page tears off from the page that was shared', () => {
    const beats = lastBeats(`${HUGE}write(a)\nc = fork()\nc: write(a)\n`);
    const copy = beats.find(({ kind }) => kind === 'copy')!;
    expect(copy.travels.map(({ from, to, tears }) => [named(from), named(to), tears])).toEqual([
      ['pool: process 1’s a in the pool', 'pool: c’s a in the pool', true],
    ]);
  });

  test('entries that travel keep their pages', () => {
    const step = lastStep(`${SMALL}write(a, 4)\nb = mremap(a, 64K, 64K, MREMAP_MAYMOVE|MREMAP_FIXED, 0x10000000000)\n`);
    expect(travelsOf(beatsOf(step)).length).toBeGreaterThan(0);
    expect(travelsOf(beatsOf(step))[0]).toMatch(/^move: tables: PTE entry \d+ → tables: PTE entry 0$/);
  });

  test('a refusal asks at the place where the area would have been', () => {
    const step = lastStep(`${HUGE}b = mmap(NULL, 16M, rw, PRIVATE|ANONYMOUS|HUGETLB)\n`);
    expect(wiresOf(beatsOf(step))).toEqual([
      'ask: line → areas: the place asked for',
      'compare: areas: the place asked for → pool: 8 wanted, 4 free and promised to nobody',
    ]);
    expect(step.after.areas!.ghost).toMatchObject({ name: 'b' });
    expect(step.after.pool!.refused).toMatchObject({ wanted: 8, has: 4 });
  });

  test('nothing is told of a moment inside an operation', () => {
    const run = runOf(`${SMALL}write(a)\n`);
    const inside = pictures(run.stand(2, 3), EVERYTHING);
    expect(beatsOf({ before: inside, after: inside })).toEqual([]);
  });
});

/** As the views lay out one picture after another, each with what it remembers. */
class Page {
  private areas: AddressMemory | null = null;
  private ground = NO_GROUND;
  private who = -1;

  show({ areas, tree, pool, frames }: Pictures): Scene[] {
    const room = { width: 480, height: 420, scale: 1 };
    if (areas!.who !== this.who) this.areas = null;
    this.who = areas!.who;
    const space = layoutAddressSpace(areas!, { ...room, width: 200 }, this.areas);
    this.areas = space.memory;
    const lights = { hovered: new Set<string>(), selected: new Set<string>() };
    const tables = layoutPageTables(tree!, { ...room, ...lights }, { k: 1, x: 0 }, this.ground);
    this.ground = tables.ground;
    return [
      space.scene,
      tables.scene,
      layoutPool(pool!, { ...room, width: 210 }),
      layoutFrames(frames!, { ...room, width: 210 }),
    ];
  }
}

describe.each(LIBRARY.flatMap(({ examples }) => examples).filter(({ name }) => name !== 'gigabyte'))(
  'in $name',
  ({ text }) => {
    const steps = stepsOf(text);

    test('every step has beats, and ends in its own pictures', () => {
      for (const step of steps) {
        const beats = beatsOf(step);
        const { statement } = step.after.moment;
        expect(beats.length, statement!.text).toBeGreaterThan(0);
        expect(beats.length, statement!.text).toBeLessThanOrEqual(5);
        expect(stagedPictures(step, beats).at(-1)).toBe(step.after);
      }
    });

    test('at every beat every picture can be shown: nothing overlaps, every text fits', () => {
      const page = new Page();
      for (const step of steps)
        for (const [i, at] of stagedPictures(step, beatsOf(step)).entries())
          for (const scene of page.show(at))
            expect(flaws(scene), `${step.after.moment.statement!.text}, beat ${i}, ${scene.title}`).toEqual([]);
    });

    test('a page of the pool never moves', () => {
      let before = new Map<string, string>();
      for (const step of steps)
        for (const at of stagedPictures(step, beatsOf(step))) {
          const now = new Map(
            layoutPool(at.pool!, { width: 210, height: 420, scale: 1 })
              .boxes.filter(({ key }) => key.startsWith('cell:'))
              .map(({ key, x, y, w }) => [key, [x, y, w].join()]),
          );
          // How large a page is drawn follows how many there are.
          if (step.before.pool!.total.now === step.after.pool!.total.now)
            for (const [key, place] of now) if (before.has(key)) expect(place, key).toBe(before.get(key));
          before = now;
        }
    });
  },
);
