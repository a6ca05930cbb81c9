import { describe, expect, test } from 'vitest';
import { procMaps, procMeminfo, procSmaps, procStatus } from '../../../src/engine/fs/proc';
import type { Machine } from '../../../src/engine/machine';
import { restore, snapshot } from '../../../src/engine/snapshot';
import { validate } from '../../../src/engine/validate';
import { parse } from '../../../src/scenario/parse';
import { compileParsed } from '../../../src/scenario/program';
import { machineOf, steps } from '../../../src/scenario/run';

/** Runs a scenario; the machine after it, and what each line came to. Every line leaves a sound machine. */
function run(text: string): { m: Machine; came: (number | string)[] } {
  const program = compileParsed(parse(text));
  const m = machineOf(program.head);
  const came: (number | string)[] = [];
  for (const { outcome } of steps(program, m)) {
    came.push(
      'refused' in outcome
        ? outcome.refused
        : outcome.sig !== 0
          ? `SIG${outcome.sig}`
          : outcome.err !== 0
            ? -outcome.err
            : outcome.ret,
    );
    expect(validate(m), text).toEqual([]);
  }
  return { m, came };
}

const mapsOf = (m: Machine, part: string): string[] =>
  procMaps(m.tasks.get(0)!)
    .split('\n')
    .filter((line) => line.includes(part));

describe('a System V segment of huge pages', () => {
  const life = `pool(4)
s = shmget(IPC_PRIVATE, 4M, IPC_CREAT|SHM_HUGETLB|0600)
a = shmat(s)
write(a)
shmctl(s, IPC_RMID)
shmdt(a)`;

  test('is promised when it is made, counted while it is attached, and goes with its last area', () => {
    const { m, came } = run(life.replace('shmctl(s, IPC_RMID)\n', ''));
    expect(came[1]).toBe(0);
    expect([m.hstate.free_huge_pages, m.hstate.resv_huge_pages, m.shm.get(0)!.shm_nattch]).toEqual([3, 1, 0]);
    const { m: gone } = run(life);
    expect([gone.hstate.free_huge_pages, gone.hstate.resv_huge_pages, gone.shm.size]).toEqual([4, 0, 0]);
  });

  test('in 2007 its areas are nobody’s: given up, its number goes at once, and its pages with the last area', () => {
    const { m, came } = run(`rules: 2.6.20\n${life.replace('shmdt(a)', 'b = shmat(s)\nread(a)')}`);
    expect(came.slice(-2)).toEqual([-22, 0]);
    expect([m.shm.size, m.hstate.free_huge_pages]).toEqual([0, 3]);
    expect(mapsOf(m, 'rw-s')[0]).toMatch(/ \/0 \(deleted\)$/);
    m.execute({ who: 0, op: 'shmdt', args: [Number.parseInt(mapsOf(m, 'rw-s')[0]!, 16)] });
    expect([m.hstate.free_huge_pages, m.hstate.resv_huge_pages, validate(m)]).toEqual([4, 0, []]);
  });

  test('has a number of its own each time, as each kernel counts them', () => {
    const three =
      'a = shmget(IPC_PRIVATE, 4K)\nshmctl(a, IPC_RMID)\nb = shmget(IPC_PRIVATE, 4K)\nc = shmget(IPC_PRIVATE, 4K)';
    expect(run(three).came).toEqual([0, 0, 1, 2]);
    expect(run(`rules: 2.6.20\n${three}`).came).toEqual([0, 0, 32768, 65537]);
  });

  test('is not rounded up in 2007, and then cannot be attached', () => {
    const odd = 'pool(4)\ns = shmget(IPC_PRIVATE, 3M, SHM_HUGETLB)\na = shmat(s)';
    expect(run(odd).came[2]).toBeGreaterThan(0);
    expect(run(`rules: 2.6.20\n${odd}`).came).toEqual([0, 0, -22]);
  });

  test('is brought back by a keyframe with its areas and its promise', () => {
    const { m } = run('pool(4)\ns = shmget(7, 4M, IPC_CREAT|SHM_HUGETLB)\na = shmat(s)\nwrite(a)\nc = fork()');
    const then = snapshot(m);
    m.execute({ who: 1, op: 'exit', args: [] });
    m.execute({ who: 0, op: 'shmctl', args: [0, 0] });
    m.execute({ who: 0, op: 'exit', args: [] });
    expect([m.shm.size, m.hstate.free_huge_pages]).toEqual([0, 4]);
    restore(m, then);
    expect([m.shm.get(0)!.shm_nattch, m.shm.get(0)!.key, validate(m)]).toEqual([2, 7, []]);
  });
});

describe('2.6.20, whole', () => {
  const text = (body: string): { m: Machine; came: (number | string)[] } => run(`rules: 2.6.20\npool(4)\n${body}`);

  test('prints /proc in the form of its time', () => {
    const { m } = text(
      'f = open("/dev/hugepages/A", O_RDWR|O_CREAT)\na = mmap(NULL, 4M, rw, PRIVATE, f)\nwrite(a)\nb = mmap(NULL, 8K, rw, PRIVATE|ANON)\nwrite(b)',
    );
    const task = m.tasks.get(0)!;
    expect(procMeminfo(m)).toBe(
      'HugePages_Total:     4\nHugePages_Free:      3\nHugePages_Rsvd:      0\nHugepagesize:     2048 kB\n',
    );
    expect(procStatus(task).match(/^\w+/gm)).toEqual(
      'VmPeak VmSize VmLck VmHWM VmRSS VmData VmStk VmExe VmLib VmPTE'.split(' '),
    );
    const smaps = procSmaps(task);
    expect([...new Set(smaps.match(/^[A-Z]\w+/gm))]).toEqual(
      'Size Rss Shared_Clean Shared_Dirty Private_Clean Private_Dirty'.split(' '),
    );
    expect(smaps).toMatch(/\/dev\/hugepages\/A\nSize: {15}4096 kB\nRss: {19}0 kB\n/);
    const maps = procMaps(task).trimEnd().split('\n');
    expect(maps.some((line) => /\[v(var|sys)/.test(line))).toBe(false);
    expect(maps.at(-1)).toBe('ffffffffff600000-ffffffffffe00000 ---p 00000000 00:00 0'.padEnd(73) + '[vdso]');
    // What has no file stands at its own address.
    const [anonymous] = maps.filter((line) => line.includes(' rw-p ') && line.includes(' 00:00 0 ')).slice(-1);
    expect(anonymous!.split(/[- ]/)[0]).toBe(anonymous!.split(' ')[2]);
  });

  test('does not know what came later', () => {
    const { came } = text(`a = mmap(NULL, 64K, rw, PRIVATE|ANON)
b = mmap(a, 64K, rw, PRIVATE|ANON|FIXED_NOREPLACE)
munmap(a + 16K, 4K)
mremap(a, 16K, 16K, MAYMOVE|DONTUNMAP)
mremap(a, 32K, 32K, MAYMOVE|FIXED, a + 1M)
mlockall(CURRENT|ONFAULT)
c = mmap(NULL, 4K, rw, 3|ANON)
h = mmap(NULL, 2M, rw, PRIVATE|ANON|HUGETLB)
p = mmap(NULL, 16K, rw, PRIVATE|ANON|POPULATE)
mincore(p, 16K)
expect Rss(p) 0`);
    // The address is a hint, and taken: the new mapping goes elsewhere.
    expect(came[2]).toBeGreaterThan(0);
    expect(came[2]).not.toBe(came[1]);
    expect(came.slice(3, 8)).toEqual([0, -22, -14, -22, -22]);
  });

  test('a file opened read-only is mapped shared: a promise is taken, and the page stays out of the cache', () => {
    const { m } = text(`f = open("/dev/hugepages/A", O_RDWR|O_CREAT)
w = mmap(NULL, 2M, rw, SHARED, f)
r = open("/dev/hugepages/A", O_RDONLY)
s = mmap(NULL, 2M, r, SHARED, r)
read(s)`);
    expect([m.hstate.free_huge_pages, m.hstate.resv_huge_pages]).toEqual([3, 0]);
    expect(m.names.get('A')!.i_mapping.i_pages.get(0)).toBe(0);
  });

  test('the device, mapped shared and read-only, takes promises that nobody made, and then the pool is shut', () => {
    const { m, came } = text(`fd = open("/dev/page-huge", O_RDONLY)
d = mmap(NULL, 2M, r, SHARED, fd)
read(d)
g = open("/dev/page-huge", O_RDWR)
e = mmap(NULL, 2M, rw, PRIVATE, g)
write(e)`);
    expect([m.hstate.free_huge_pages, m.hstate.resv_huge_pages]).toEqual([3, -1]);
    expect(procMeminfo(m)).toContain('HugePages_Rsvd:  18446744073709551615\n');
    // Three pages are free, and the count of promises is larger than any number.
    expect(came.at(-1)).toBe('SIG9');
  });
});
