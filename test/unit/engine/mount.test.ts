import { describe, expect, test } from 'vitest';
import { LINUX_DESIGNS } from '../../../src/engine/designs/designs';
import { restore, snapshot } from '../../../src/engine/snapshot';
import { validate } from '../../../src/engine/validate';
import { parse } from '../../../src/scenario/parse';
import { compileParsed } from '../../../src/scenario/program';
import { machineOf, steps } from '../../../src/scenario/run';

/** Runs a scenario: after each line what it came to, with the pool's free and promised pages and those that the mount counts. */
function lines(text: string): string[] {
  const program = compileParsed(parse(text));
  const m = machineOf(program.head);
  const told: string[] = [];
  for (const { outcome } of steps(program, m)) {
    if ('refused' in outcome) throw new Error(outcome.refused);
    // What is kept of a moment is all of it.
    restore(m, snapshot(m));
    expect(validate(m), text).toEqual([]);
    const came = outcome.sig !== 0 ? `SIG${outcome.sig}` : outcome.err !== 0 ? `E${outcome.err}` : 'ok';
    told.push(`${came} ${m.hstate.free_huge_pages} ${m.hstate.resv_huge_pages} ${m.hstate.used_hpages}`);
  }
  return told;
}

// What Linux 6.18.44 answered on a mount of 8 MiB with a pool of 16 pages, 5 of which were promised to others there.
const TODAY = `hugetlbfs_size: 8M
pool(16)
f = open("/dev/hugepages/a", O_RDWR|O_CREAT)
a = mmap(NULL, 6M, rw, SHARED, f)
mmap(NULL, 6M, rw, PRIVATE, f)
b = mmap(NULL, 2M, rw, PRIVATE, f)
touch(a, 6M, 2M)
write(b)
munmap(b, 2M)
c = mmap(NULL, 8M, rw, PRIVATE|NORESERVE, f)
write(c)
p = fork()
p: write(c + 2M)
p: exit()
ftruncate(f, 2M)
g = open("/dev/hugepages/b", O_RDWR|O_CREAT)
fallocate(g, 0, 0, 8M)
munmap(a, 6M)
munmap(c, 8M)
`;

describe('a mount of hugetlbfs with a size', () => {
  test.each(LINUX_DESIGNS)('counts what its files hold and are promised, under %s', (design) => {
    expect(lines(`design: ${design}\n${TODAY}`)).toEqual([
      'ok 16 0 0',
      'ok 16 0 0',
      'ok 16 3 3',
      'E12 16 3 3',
      'ok 16 4 4',
      'ok 13 1 4',
      'ok 12 0 4',
      'ok 13 0 3',
      'ok 13 0 3',
      'ok 12 0 4',
      'ok 12 0 4',
      'SIG7 12 0 4',
      'ok 12 0 4',
      'ok 14 0 2',
      'ok 14 0 2',
      'E28 12 0 4',
      'ok 12 0 4',
      'ok 13 0 3',
    ]);
  });

  test('does not count what MAP_HUGETLB, a segment or the device takes', () => {
    const text = `hugetlbfs_size: 2M
pool(4)
a = mmap(NULL, 4M, rw, PRIVATE|ANON|HUGETLB)
touch(a, 4M, 2M)
s = shmget(IPC_PRIVATE, 4M, SHM_HUGETLB|IPC_CREAT|0600)
`;
    expect(lines(text)).toEqual(['ok 4 0 0', 'ok 4 2 0', 'ok 2 0 0', 'ok 2 2 0']);
  });

  test('in 2007 was asked at the fault, and lost each private page for good', () => {
    const text = `hugetlbfs_size: 6M
rules: 2.6.20
pool(8)
f = open("/dev/hugepages/a", O_RDWR|O_CREAT)
a = mmap(NULL, 8M, rw, PRIVATE, f)
write(a)
munmap(a, 8M)
a = mmap(NULL, 8M, rw, SHARED, f)
touch(a, 4M, 2M)
write(a + 4M)
ftruncate(f, 2M)
munmap(a, 8M)
b = mmap(NULL, 8M, rw, PRIVATE, f)
touch(b + 2M, 6M, 2M)
`;
    expect(lines(text)).toEqual([
      'ok 8 0 0',
      'ok 8 0 0',
      'ok 8 0 0',
      'ok 7 0 1',
      'ok 8 0 1',
      'ok 8 4 1',
      'ok 6 2 3',
      'SIG7 6 2 3',
      'ok 7 0 2',
      'ok 7 0 2',
      'ok 7 0 2',
      'SIG7 6 0 3',
    ]);
  });
});

describe('read(2)', () => {
  const program = (rules: string): string[] =>
    lines(`rules: ${rules}
pool(4)
f = open("/dev/hugepages/a", O_RDWR|O_CREAT)
a = mmap(NULL, 4M, rw, SHARED, f)
write(a)
pread(f, 8M)
pread(f, 8M, 8M)
pread(f, 1, -1)
w = open("/dev/hugepages/a", O_WRONLY)
pread(w, 1)
d = open("/dev/page-huge")
pread(d, 1)
z = open("/dev/zero")
pread(z, 4K)
`).slice(4);

  test('of a file of huge pages makes none for what was never touched', () => {
    expect(program('6.18')).toEqual([
      'ok 3 1 0',
      'ok 3 1 0',
      'E22 3 1 0',
      'ok 3 1 0',
      'E9 3 1 0',
      'ok 3 1 0',
      'E22 3 1 0',
      'ok 3 1 0',
      'ok 3 1 0',
    ]);
  });

  test('of a file of huge pages did not exist in 2007', () => {
    expect(program('2.6.20').slice(0, 2)).toEqual(['E22 3 1 0', 'E22 3 1 0']);
  });

  test('brings what an ordinary file has outside memory into it', () => {
    const text = `f = open("file:A", O_RDWR)
ftruncate(f, 0)
ftruncate(f, 64K)
pread(f, 8K, 4K)
`;
    const m = machineOf(compileParsed(parse(text)).head);
    const ret: number[] = [];
    for (const { outcome } of steps(compileParsed(parse(text)), m)) ret.push('refused' in outcome ? -1 : outcome.ret);
    let cached = 0;
    m.names.get('file:A')!.i_mapping.i_pages.forEach(0, Infinity, () => void cached++);
    expect([ret.at(-1), cached]).toEqual([8192, 2]);
  });
});
