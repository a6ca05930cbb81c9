import { describe, expect, test } from 'vitest';
import { LINUX_DESIGNS, type DesignName } from '../../../src/engine/designs/designs';
import { procMaps, procSmaps } from '../../../src/engine/fs/proc';
import type { Machine } from '../../../src/engine/machine';
import { validate } from '../../../src/engine/validate';
import { isRefused } from '../../../src/history/source';
import { machineFor, readWorkload } from '../../../src/protocol/workload';
import { LIBRARY } from '../../../src/scenario/library';

/** Runs a scenario; tells every answer, and what a person sees at the end. */
function ran(text: string, design: DesignName): { answers: string[]; m: Machine; sight: string } {
  const workload = readWorkload(text);
  expect(workload.diagnostics).toEqual([]);
  const m = machineFor(workload, design);
  const env = workload.source.start();
  const answers: string[] = [];
  for (let k = 0; k < workload.source.length; k++) {
    const operation = workload.source.resolve(k, env);
    if (isRefused(operation)) {
      answers.push(operation.refused);
      continue;
    }
    const outcome = { ...m.execute(operation) };
    workload.source.learn(k, env, operation, outcome);
    answers.push(`${outcome.ret} ${outcome.err} ${outcome.sig}`);
  }
  const sight = [...m.tasks.values()].map((t) => procMaps(t) + procSmaps(t)).join('\n');
  return { answers, m, sight };
}

describe('every scenario of the library under every design', () => {
  const examples = LIBRARY.flatMap(({ examples: list }) => list);
  test.each(examples.map((e) => [e.name, e.text] as const))('%s comes to the same', (_name, text) => {
    const lead = ran(text, 'ops');
    expect(validate(lead.m)).toEqual([]);
    for (const design of LINUX_DESIGNS) {
      // The device of 2007 is a file of huge pages under `file`, without routines of its own under `core`, not hugetlb's under `mainline`.
      if (['file', 'core', 'mainline'].includes(design) && text.includes('/dev/page-huge')) continue;
      const other = ran(text, design);
      expect(other.answers, design).toEqual(lead.answers);
      expect(other.sight, design).toBe(lead.sight);
      expect(validate(other.m), design).toEqual([]);
    }
  });
});
