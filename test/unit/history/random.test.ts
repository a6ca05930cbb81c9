import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../src/base/random';
import { DESIGNS } from '../../../src/engine/designs/designs';
import type { Machine } from '../../../src/engine/machine';
import type { Operation } from '../../../src/engine/operation';
import { createMachine } from '../../../src/engine/process';
import type { AreaRow, Pictures, Ref } from '../../../src/history/picture';
import { Run } from '../../../src/history/run';
import { madeSource } from '../../bench/seek';
import { KINDS, RandomOperations, type Kind } from '../engine/random-operations';
import { EVERYTHING, pictures, words } from './told';

/** Sequences of each kind: `SEQUENCES=100 npm run test:unit -- history/random` looks for longer. */
const SEQUENCES = Number(process.env['SEQUENCES'] ?? 2);
const OPERATIONS = 50;

function drawn(kind: Kind, seed: number): Operation[] {
  const m = createMachine();
  const draw = new RandomOperations(m, kind, seed);
  const operations: Operation[] = [];
  for (let i = 0; i <= OPERATIONS; i++) {
    const operation = i === 0 ? draw.first() : draw.next();
    operations.push(operation);
    m.execute(operation);
  }
  return operations;
}

/** What is wrong with pictures of a machine, in words. */
function faults(made: Pictures, m: Machine, who: number): string[] {
  const wrong: string[] = [];
  const say = (ok: boolean, text: string): void => {
    if (!ok) wrong.push(text);
  };
  const { areas, tree, pool, frames, moment, path } = made;
  const rows = areas!.rows;
  for (let i = 1; i < rows.length; i++) say(rows[i]!.end === rows[i - 1]!.start, `row ${i} does not adjoin`);
  const listed = rows.filter((r): r is AreaRow => r.row === 'area');
  for (const row of listed) {
    say(row.segments[0]!.start === row.start && row.segments.at(-1)!.end === row.end, `segments of ${row.name}`);
    for (let i = 1; i < row.segments.length; i++)
      say(row.segments[i]!.start === row.segments[i - 1]!.end, `segment ${i} of ${row.name} does not adjoin`);
  }
  const mm = m.tasks.get(who)?.mm;
  if (mm !== undefined) {
    const shown = listed.filter((r) => r.mark !== 'gone');
    const folded = rows.reduce((n, r) => n + (r.row === 'fold' ? r.areas : 0), 0);
    say(shown.length + folded === mm.map_count, `${shown.length} and ${folded} areas of ${mm.map_count}`);
    const small = tree!.leaves + tree!.hugeLeaves * 512;
    say(small * 4096 >= areas!.presentBytes, `${small} pages in tables, ${areas!.presentBytes / 4096} resident`);
  }
  const seen = new Set<number>();
  for (const table of tree!.tables) {
    say(table.parent === 0 || seen.has(table.parent), `table ${table.id} stands before its parent`);
    say(!seen.has(table.id), `table ${table.id} is listed twice`);
    seen.add(table.id);
    let at = 0;
    for (const run of table.runs) {
      say(run.from >= at && run.to > run.from && run.to <= 512, `runs of table ${table.id} overlap`);
      at = run.to;
    }
  }
  const cells = (state: string): number =>
    pool!.cells.reduce((n, c) => n + (c.state === state && c.mark !== 'gone' ? c.count : 0), 0);
  const h = m.hstate;
  const used = h.nr_huge_pages - h.free_huge_pages;
  say(cells('used') === used, `${cells('used')} cells in use, ${used} pages`);
  say(cells('reserved') === h.resv_huge_pages, `${cells('reserved')} cells promised, ${h.resv_huge_pages} pages`);
  say(cells('free') === Math.max(0, h.free_huge_pages - h.resv_huge_pages), `${cells('free')} cells free`);
  say(new Set(pool!.cells.map((c) => c.key)).size === pool!.cells.length, 'two pool cells with one key');
  const pfns = frames!.cells.filter((c) => c.mark !== 'gone').map((c) => c.pfn);
  say(new Set(pfns).size === pfns.length, 'a frame is listed twice');
  const said = words(moment.sentence);
  say(/^[A-Za-z`0-9~].*[.:]$/s.test(said) && !/undefined|NaN|null|\[object|Infinity/.test(said), `says: ${said}`);
  for (const step of path!.steps)
    say(!/undefined|NaN|\[object/.test(step.code + step.note), `path says: ${step.code} ${step.note}`);
  return wrong;
}

describe('pictures of random runs', () => {
  for (const [name, kind] of Object.entries(KINDS)) {
    test(`${name}: agree with the machine at every moment and inside it, under every design`, () => {
      for (let seed = 1; seed <= SEQUENCES; seed++) {
        const operations = drawn(kind, seed);
        const random = seededRandom(seed);
        const designs = Object.values(DESIGNS);
        const design = designs[seed % designs.length]!;
        const source = madeSource(operations.length, (k) => operations[k]!);
        const run = new Run(source, { create: () => createMachine({ design }), now: () => performance.now() });
        run.advance(Infinity);
        expect(run.failed).toBeNull();
        for (let k = 0; k <= run.reached; k++) {
          const alive = [...run.stand(k).now.tasks.keys()];
          const who = alive[Math.floor(random() * alive.length)] ?? 0;
          const ask = {
            ...EVERYTHING,
            areas: { ...EVERYTHING.areas!, who },
            tree: { ...EVERYTHING.tree!, who },
            proc: { who, file: 'smaps' as const, maxLines: 60 },
          };
          const where = `${name}, seed ${seed}, operation ${k} ${JSON.stringify(operations[k - 1])}`;
          const scene = run.stand(k);
          const made = pictures(scene, ask);
          const wrong = faults(made, scene.now, who);
          expect(wrong, where).toEqual([]);
          const refs: Ref[] = [
            ...made.areas!.rows.flatMap((r) => (r.row === 'area' ? [r.ref] : [])),
            ...made.tree!.tables.map((t) => t.ref),
            ...made.frames!.cells.map((c) => c.ref),
          ];
          const inspect = refs[Math.floor(random() * refs.length)]!;
          expect(pictures(scene, { inspect }).inspection, where).toBeDefined();
          if (scene.recording.total < 3) continue;
          const event = 1 + Math.floor(random() * (Math.min(scene.recording.total, scene.recording.kept) - 1));
          const inside = pictures(run.stand(k, event), ask);
          const said = words(inside.moment.sentence);
          expect(said, where).not.toMatch(/undefined|NaN|\[object/);
        }
      }
    });
  }
});
