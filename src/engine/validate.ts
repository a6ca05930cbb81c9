/** Names every broken invariant of a machine. Slow and independent of the code that it checks: it counts everything anew. */
import type { Machine } from './machine';
import type { mm_struct } from './mm/mm_types';
import { validateAddressSpace } from './validate/address-space';
import { validateContents } from './validate/contents';
import { validateFiles } from './validate/files';
import { type Broken, Findings } from './validate/findings';
import { type FrameUse, validateFrames } from './validate/frames';
import { validatePool } from './validate/pool';
import { validateTlb } from './validate/tlb';

export type { Broken };

/** What is wrong by itself; counters that disagree are mostly what follows from it, and are told after. */
const CAUSES = new Set([
  'bad-pmd',
  'contents',
  'contents-lost',
  'contents-not-cleared',
  'contents-of-another',
  'device-lock',
  'entry-in-area',
  'entry-rights',
  'fault-without-end',
  'pin-without-end',
  'frame-leaked',
  'frame-used',
  'pool-reservations',
  'private-page',
  'refcount',
  'table-without-area',
  'tlb-stale',
  'tlb-stale-used',
  'unmap-range',
]);

/** Everything that does not hold, causes first; empty for a sound machine. */
export function validate(m: Machine): Broken[] {
  const found = new Findings();
  for (const { invariant, text, ...where } of m.damage) found.add(invariant, text, where);
  const use: FrameUse = { entries: new Map(), entire: new Map(), writable: new Map(), tables: new Set() };
  const mms = new Set<mm_struct>();
  for (const task of m.tasks.values()) {
    if (mms.has(task.mm)) found.add('mm-of-one-task', `process ${task.who} shares its address space with another`);
    mms.add(task.mm);
    validateAddressSpace(task.mm, use, found);
  }
  validateFiles(m, found);
  validateFrames(m, use, found);
  validatePool(m, found);
  validateContents(m, found);
  validateTlb(m, found);
  const rank = (broken: Broken): number => (CAUSES.has(broken.invariant) ? 0 : 1);
  return found.list.sort((a, b) => rank(a) - rank(b));
}
