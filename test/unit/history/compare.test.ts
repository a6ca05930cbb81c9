import { describe, expect, test } from 'vitest';
import { Comparer } from '../../../src/history/compare';
import type { Comparison } from '../../../src/history/picture';
import { machineFor, readWorkload } from '../../../src/protocol/workload';
import { words } from './told';

function compared(text: string, left: string, right: string, other = text): Comparison {
  const workload = readWorkload(text);
  const comparer = new Comparer(workload.source, machineFor(workload, left), machineFor(readWorkload(other), right));
  while (!comparer.advance(() => performance.now(), Infinity));
  return comparer.result();
}

const HUGE =
  'pool(4)\nb = mmap(NULL, 64K, rw, PRIVATE|ANONYMOUS)\nwrite(b)\na = mmap(NULL, 4M, rw, PRIVATE|ANONYMOUS|HUGETLB)\nwrite(a)\nmunmap(a, 4M)\n';

describe('two designs in lock-step', () => {
  test('end in the same state, and differ on the way where a huge area is reached', () => {
    const result = compared(HUGE, 'ops', 'flag');
    expect(result.firstState).toBeNull();
    expect(result.compared).toBe(6);
    expect(result.firstPath).toMatchObject({ k: 5, kind: 'path' });
    expect(words(result.firstPath!.sentence)).toBe(
      'Step 5: at fault, write reached the special area through vma->pagetable_ops->fault under ops, and by testing VM_HUGETLB and calling by name under flag.',
    );
    expect(words(result.sentence)).toMatch(/^Outcomes and states are the same under both after all 6 operations\./);
    expect(result.differences.some((d) => d.k === 6 && d.left.includes('unmap_page_range'))).toBe(true);
  });

  test('of the same name do not differ at all', () => {
    const result = compared(HUGE, 'ops', 'ops');
    expect(result.total).toBe(0);
    expect(words(result.sentence)).toMatch(/So is the way there\.$/);
  });
});

describe('two machines that part', () => {
  test('are told apart by their first difference, once', () => {
    const small = `memory: 64M\n${HUGE}`;
    const result = compared(HUGE.replace('pool(4)', 'pool(40)'), 'ops', 'ops', small);
    expect(result.firstState!.k).toBe(1);
    expect(result.firstState!.kind).toBe('pool');
    expect(result.differences.filter((d) => d.kind === 'pool').length).toBe(1);
  });
});
