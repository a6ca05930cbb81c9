import { describe, expect, test } from 'vitest';
import { DESIGNS } from '../../../src/engine/designs/designs';
import { phaseAt, phasesOf } from '../../../src/history/phases/phases';
import type { Phase } from '../../../src/history/picture';
import { LIBRARY } from '../../../src/scenario/library/index';
import { endOf, pictures, runOf, words } from './told';

const EXAMPLES = LIBRARY.flatMap(({ examples }) => examples);

const HUGE = 'pool(8)\na = mmap(NULL, 8M, rw, PRIVATE|ANONYMOUS|HUGETLB)\n';

/** The phases of the last operation of a scenario, as `kind: sentence`. */
const told = (text: string, design = 'ops'): string[] => {
  const run = runOf(text, design);
  return phasesOf(run.stand(run.reached)).map((one) => `${one.kind}: ${words(one.sentence)}`);
};

const kinds = (text: string): string[] => phasesOf(endOf(text)).map(({ kind }) => kind);

/** What does not hold of the phases of one operation. */
function wrong(phases: readonly Phase[], events: number): string[] {
  const found: string[] = [];
  if (phases.length < 3 || phases.length > 8) found.push(`${phases.length} phases`);
  let at = 0;
  for (const phase of phases) {
    const says = words(phase.sentence);
    if (phase.from !== at) found.push(`${phase.kind} begins at ${phase.from}, not at ${at}`);
    if (phase.to < phase.from) found.push(`${phase.kind} ends before it begins`);
    if (!/^[A-Z0-9a-z[].*\.$/.test(says) || /undefined|NaN/.test(says)) found.push(`${phase.kind} says "${says}"`);
    if (phase.refs.length > 32) found.push(`${phase.kind} points at ${phase.refs.length} things`);
    if ((phase.kind === 'ask') !== (phase.asked !== null))
      found.push(`${phase.kind} asks ${JSON.stringify(phase.asked)}`);
    at = phase.to;
  }
  if (at !== events) found.push(`phases end at ${at} of ${events}`);
  return found;
}

describe('the phases of an operation', () => {
  test.each(EXAMPLES.filter(({ name }) => name !== 'gigabyte'))(
    'are three to eight, adjoin, cover every event and say something, in $name',
    ({ text }) => {
      const run = runOf(text);
      for (let k = 1; k <= run.reached; k++) {
        const scene = run.stand(k);
        expect(wrong(phasesOf(scene), scene.recording.total), `step ${k}`).toEqual([]);
      }
    },
  );

  test('of a first write are the lookup, the question, the taking and the mapping', () => {
    expect(told(`${HUGE}write(a)\n`)).toEqual([
      'lookup: The write at 0x7ffff7600000 faults: the kernel looks for its area and finds a.',
      'ask: How does the kernel know, at fault? ops looks at vma->pagetable_ops->fault of a: so hugetlbfs_pagetable_ops->fault() is called.',
      'allocate: A page of the pool is taken (the page was promised at mmap, so the promise is used up) and cleared, so that nobody sees what was in it: Free 8 → 7 and Rsvd 4 → 3.',
      'map: The PMD entry of 0x7ffff7600000 points to pfn 0x1400, writable.',
      'end: The process goes on, as if nothing had happened.',
    ]);
  });

  test('ask each design in its own way', () => {
    for (const [design, looked] of [
      ['ops', 'vma->pagetable_ops->fault'],
      ['flag', 'vma->vm_flags & VM_HUGETLB'],
      ['table', 'vma->pt_index'],
    ] as const) {
      const run = runOf(`${HUGE}write(a)\n`, design);
      const ask = phasesOf(run.stand(3)).find(({ kind }) => kind === 'ask');
      expect(ask?.asked, design).toMatchObject({ design, site: 'fault', special: true });
      expect(ask!.asked!.looked).toContain(looked);
    }
  });

  test('are the same under every design but for the question', () => {
    const others = Object.keys(DESIGNS).map((design) =>
      told(`${HUGE}write(a)\nmunmap(a, 8M)\n`, design).filter((one) => !one.startsWith('ask')),
    );
    const [first, ...rest] = others;
    // Designs that nobody converted at a site leave no question there, and nothing else differs.
    for (const one of rest) expect(one.at(-1)).toBe(first!.at(-1));
  });

  test('of a fork keep the area whose routine is called', () => {
    const phases = phasesOf(endOf(`${HUGE}write(a)\nchild = fork()\n`));
    expect(phases.length).toBeLessThanOrEqual(8);
    expect(phases.some(({ asked }) => asked?.special === true && asked.site === 'copy_vma')).toBe(true);
    expect(phases.map(({ kind }) => kind)).toContain('again');
  });

  test('of a copy are one page that becomes two, and its entry', () => {
    expect(kinds('a = mmap(NULL, 4K, rw, PRIVATE|ANONYMOUS)\nwrite(a)\nchild = fork()\nchild: write(a)\n')).toEqual([
      'lookup',
      'ask',
      'allocate',
      'copy',
      'unmap',
      'flush',
      'map',
      'end',
    ]);
  });

  test('of a refusal tell the numbers that were compared, and where the area would have been', () => {
    const phases = phasesOf(endOf(`${HUGE}b = mmap(NULL, 16M, rw, PRIVATE|ANONYMOUS|HUGETLB)\n`));
    const refused = phases.find(({ kind }) => kind === 'refuse')!.refused!;
    expect(refused).toMatchObject({ of: 'pool', wanted: 8, has: 4, says: '8 wanted, 4 free and promised to nobody' });
    expect(refused.place!.end - refused.place!.start).toBe(16 * 2 ** 20);
  });

  test('of many faults are one round in full and the rest in one', () => {
    expect(kinds('a = mmap(NULL, 64K, rw, PRIVATE|ANONYMOUS)\nwrite(a, 16)\n')).toEqual([
      'lookup',
      'ask',
      'allocate',
      'map',
      'again',
      'end',
    ]);
  });

  test('of a moment inside are those of the whole operation, and one of them is the present', () => {
    const text = `${HUGE}write(a)\n`;
    const run = runOf(text);
    const { phases } = pictures(run.stand(3), {}).moment;
    const stood = phases.map(({ from, to }) => pictures(run.stand(3, Math.min(from + 1, to)), {}).moment.phase);
    expect(stood).toEqual([0, 1, 2, 3, 4].map((i) => (i === 4 ? null : i)));
    expect(pictures(run.stand(3, 10), {}).moment.phases.map(({ kind }) => kind)).toEqual(
      phases.map(({ kind }) => kind),
    );
    expect(phaseAt(phases, 9)).toBe(2);
  });

  test('of an operation that records too much are bounded all the same', () => {
    const run = runOf('a = mmap(NULL, 64M, rw, PRIVATE|ANONYMOUS)\nwrite(a, 16384)\n');
    const scene = run.stand(2);
    expect(scene.recording.total).toBeGreaterThan(scene.recording.kept);
    const phases = phasesOf(scene);
    expect(wrong(phases, scene.recording.total)).toEqual([]);
    expect(words(phases.at(-2)!.sentence)).toContain('16383 more faults');
  });
});
