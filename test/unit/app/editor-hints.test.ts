import { describe, expect, it } from 'vitest';
import { argumentAt, explainAt, namesAbove, offersAt, signature } from '../../../src/app/editor/hints';
import { CALLS } from '../../../src/scenario/calls';

const words = (line: string, above: string[] = []): string[] =>
  offersAt(line, line.length, above)?.offers.map(({ word }) => word) ?? [];

describe('what the editor offers', () => {
  it('at the start of a line: calls, expect, and settings while the head lasts', () => {
    expect(words('mm')).toContain('mmap');
    expect(words('ex')).toContain('expect');
    expect(words('des')).toContain('design');
    expect(words('des', ['pool(8)'])).not.toContain('design');
  });

  it('behind a name or a process: calls only', () => {
    expect(words('a = ')).toContain('mmap');
    expect(words('child: wr', ['child = fork()'])).toContain('write');
    expect(words('a = ')).not.toContain('design');
  });

  it('in an argument that takes flags: those flags', () => {
    expect(words('a = mmap(NULL, 8M, PROT_')).toContain('PROT_READ');
    expect(words('a = mmap(NULL, 8M, PROT_READ, MAP_PRIVATE|MAP_')).toContain('MAP_HUGETLB');
    expect(words('madvise(a, 2M, ')).toContain('MADV_DONTNEED');
  });

  it('in an argument that takes an address: NULL and the names given above', () => {
    expect(words('munmap(', ['a = mmap(NULL, 8M)'])).toEqual(['NULL', 'a']);
  });

  it('behind expect: fields of /proc; in a comment: nothing', () => {
    expect(words('expect HugePages_', ['pool(8)'])).toContain('HugePages_Free');
    expect(words('# mm')).toEqual([]);
  });

  it('replaces the word that stands there, not more', () => {
    expect(offersAt('a = mm', 6, [])?.from).toBe(4);
  });
});

describe('what the editor explains', () => {
  it('a call by its signature, a flag by its value, a field and a name by where they come from', () => {
    const line = 'a = mmap(NULL, 8M, PROT_READ, MAP_HUGETLB)';
    expect(explainAt(line, 5, [])?.title).toBe(signature('mmap', CALLS['mmap']!));
    expect(explainAt(line, line.indexOf('MAP_HUGETLB') + 2, [])?.title).toBe('MAP_HUGETLB = 0x40000');
    expect(explainAt('expect VmPTE 12', 9, [])?.meaning).toMatch(/page tables/);
    expect(explainAt('write(a)', 6, ['a = mmap(NULL, 8M)'])?.meaning).toBe('a = mmap(NULL, 8M)');
  });

  it('nothing in a comment, between words, or for a word that it does not know', () => {
    expect(explainAt('# mmap(', 3, [])).toBeNull();
    expect(explainAt('a = b', 3, [])).toBeNull();
    expect(explainAt('nonsense', 3, [])).toBeNull();
  });
});

it('knows which argument of which call a column is in', () => {
  expect(argumentAt('a = mmap(NULL, 8M, ', 18)).toEqual({ call: 'mmap', index: 2 });
  expect(argumentAt('munmap(a, 2M) # x', 16)).toBeNull();
});

it('finds the names that lines above gave, last one last', () => {
  expect([...namesAbove(['a = mmap(NULL, 8M)', 'child = fork()', 'child: b = mmap(NULL, 4K)']).keys()]).toEqual([
    'a',
    'child',
    'b',
  ]);
});
