import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { corpusFiles } from '../../../src/cli/conformance';
import { readTraces } from '../../../src/cli/traces';
import { DESIGN_NAMES, DESIGNS, type DesignName } from '../../../src/engine/designs/designs';
import { Ev, Recorder } from '../../../src/engine/events';
import type { Machine } from '../../../src/engine/machine';
import { ROUTINES } from '../../../src/engine/routines';
import { Replay } from '../../../src/engine/trace';
import { isRefused } from '../../../src/history/source';
import { machineFor, readWorkload } from '../../../src/protocol/workload';
import { LIBRARY } from '../../../src/scenario/library';

/** What stands for huge pages beside the generic walks: none of it runs where the core knows leaves by itself. */
const SPECIAL = [
  'hugetlb_fault',
  '__unmap_hugepage_range',
  'unmap_hugepage_range',
  'copy_hugetlb_page_range',
  'hugetlb_change_protection',
  'move_hugetlb_page_tables',
  'follow_hugetlb_page',
  'page_fault',
  'superpage_fault',
  'superpage_unmap',
];

/** Counts routines entered and asks that ended the generic way right before one of `SPECIAL`; keeps nothing else. */
class Watch extends Recorder {
  readonly entered = new Set<string>();
  readonly untrue: string[] = [];
  levels = 0;
  private generic = false;

  override emit(kind: Ev, a = 0): void {
    if (kind === Ev.GenericWay) this.generic = true;
    else if (kind === Ev.IndirectCall || kind === Ev.DirectCall) this.generic = false;
    else if (kind === Ev.LevelLook) this.levels++;
    else if (kind === Ev.Enter) {
      const { name } = ROUTINES[a];
      this.entered.add(name);
      if (this.generic && SPECIAL.includes(name)) this.untrue.push(name);
      this.generic = false;
    } else if (kind === Ev.Return) this.generic = false;
  }
}

function watchTraces(path: string, design: DesignName, most: number): Watch {
  const watch = new Watch();
  let n = 0;
  for (const trace of readTraces(path)) {
    if (n++ >= most) break;
    const run = new Replay(trace.header, trace.lines, { design: DESIGNS[design] });
    run.machine.rec = watch;
    for (const line of trace.lines) run.step(line);
  }
  return watch;
}

function watchScenario(text: string, design: DesignName): Watch {
  const watch = new Watch();
  const workload = readWorkload(text);
  const m: Machine = machineFor(workload, design);
  const env = workload.source.start();
  for (let k = 0; k < workload.source.length; k++) {
    const operation = workload.source.resolve(k, env);
    if (isRefused(operation)) continue;
    m.executeUntil(operation, watch);
    workload.source.learn(k, env, operation, { ...m.outcome });
  }
  return watch;
}

const examples = LIBRARY.flatMap(({ examples: list }) => list);
const huge = corpusFiles().filter((path) => basename(path).startsWith('huge') || path.includes('everything'));

describe('under core the generic walks do everything', () => {
  test.each(huge.map((path) => [basename(path), path]))(
    '%s: no routine of its own for huge pages is entered',
    (_n, path) => {
      const watch = watchTraces(path, 'core', 40);
      expect(SPECIAL.filter((name) => watch.entered.has(name))).toEqual([]);
      expect(watch.levels).toBeGreaterThan(0);
    },
  );

  test('nor in any scenario of the library, devices included', () => {
    for (const { name, text } of examples) {
      const { entered } = watchScenario(text, 'core');
      expect(
        SPECIAL.filter((routine) => entered.has(routine)),
        name,
      ).toEqual([]);
    }
  });

  test('the check sees them where they do run', () => {
    const { entered } = watchTraces(huge[0], 'flag', 4);
    expect(entered).toContain('hugetlb_fault');
    expect(entered).toContain('__unmap_hugepage_range');
  });
});

describe('what is called the generic way is generic', () => {
  test.each(DESIGN_NAMES)('under %s, in recordings and in the library', (design) => {
    for (const path of huge) expect(watchTraces(path, design, 4).untrue, path).toEqual([]);
    for (const { name, text } of examples) expect(watchScenario(text, design).untrue, name).toEqual([]);
  });
});

describe('a kernel brings pages in', () => {
  /** A mapping of a 1 GiB leaf whose driver leaves the pinning to the core. */
  const pinned = `memory: 8G
fd = open("/dev/bench-rrnrrr", O_RDWR)
a = mmap(0x40000000000, 1G, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_FIXED, fd)
write(a)
mlock(a, 4K)
`;

  test('past a leaf of 1 GiB, which it sees as one', () => {
    const workload = readWorkload(pinned);
    expect(workload.diagnostics).toEqual([]);
    const m = machineFor(workload, 'ops');
    const env = workload.source.start();
    for (let k = 0; k < workload.source.length; k++) {
      const operation = workload.source.resolve(k, env);
      if (isRefused(operation)) throw new Error(operation.refused);
      workload.source.learn(k, env, operation, { ...m.execute(operation) });
    }
    expect([m.outcome.err, m.damage]).toEqual([0, []]);
  });
});

test('the file of a design shows no recording', () => {
  const folder = join(import.meta.dirname, '../../../src/engine/designs');
  for (const name of DESIGN_NAMES) {
    const text = readFileSync(join(folder, `${name}.ts`), 'utf8');
    for (const kind of [
      'TableLoad',
      'NullTest',
      'MemberLoad',
      'FlagTest',
      'IndexLoad',
      'IndirectCall',
      'DirectCall',
      'GenericWay',
    ])
      expect(text, name).not.toContain(kind);
  }
});
