import { describe, expect, test } from 'vitest';
import { DESIGNS } from '../../../src/engine/designs/designs';
import type { Machine } from '../../../src/engine/machine';
import { CLEARED, Tags } from '../../../src/engine/mm/contents';
import { seededRandom } from '../../../src/base/random';
import { restore, snapshot } from '../../../src/engine/snapshot';
import { validate } from '../../../src/engine/validate';
import { compileParsed } from '../../../src/scenario/program';
import { parse } from '../../../src/scenario/parse';
import { machineOf, steps } from '../../../src/scenario/run';

/** Runs a scenario under ops; what the lamp says after each line that says something new. */
function lamp(text: string): { m: Machine; said: [line: number, invariant: string, text: string][] } {
  const program = compileParsed(parse(text));
  const m = machineOf(program.head, DESIGNS.ops);
  const said: [number, string, string][] = [];
  const known = new Set<string>();
  for (const { k } of steps(program, m)) {
    for (const { invariant, text: words } of validate(m)) {
      if (!known.has(invariant)) said.push([k + 1, invariant, words]);
      known.add(invariant);
    }
  }
  return { m, said };
}

const opened = (path: string, rules = ''): string => `${rules}fd = open("${path}", O_RDWR)\n`;

describe('the contents of memory are watched where a driver stands behind a mapping', () => {
  test('a page that is not cleared is named at the fault that maps it', () => {
    const { said } = lamp(`${opened('/dev/bench-urrrrr')}d = mmap(0, 2M, rw, PRIVATE, fd)\nread(d)`);
    expect(said.map(([line, invariant]) => [line, invariant])).toEqual([
      [3, 'contents'],
      [3, 'contents-not-cleared'],
    ]);
    expect(said[1]![2]).toMatch(/must find zeroes at .*, and finds what was left in the frame/);
  });

  test('it is said whose data the page still holds', () => {
    const { said } = lamp(`${opened('/dev/superpage')}g = mmap(0, 2M, rw, PRIVATE, fd)
write(g, 512)
munmap(g, 2M)
other = open("/dev/bench-urrrrr", O_RDWR)
d = mmap(0, 2M, rw, PRIVATE, other)
write(d + 64K)`);
    expect(said.map(([line, invariant]) => [line, invariant])).toEqual([[7, 'contents-not-cleared']]);
    expect(said[0]![2]).toContain('and finds what process 0 wrote in operation 3: the page was not cleared');
  });

  test('the next page of another is named as not this one’s', () => {
    const { said } = lamp(`${opened('/dev/bench-wrrrrr')}d = mmap(0, 2M, rw, PRIVATE, fd)\nwrite(d)`);
    expect(said.map(([, invariant]) => invariant)).toContain('contents-not-cleared');
  });

  test('a child that loses its data to the generic copy is named at the fork', () => {
    const device = opened('/dev/bench-rnrrrr');
    const { said } = lamp(
      `memory: 8G\n${device}d = mmap(0x40000000000, 1G, rw, PRIVATE|FIXED, fd)\nwrite(d)\nc = fork()`,
    );
    expect(said[0]!.slice(0, 2)).toEqual([4, 'contents-lost']);
    expect(said[0]![2]).toMatch(/^process 1 must find what process 0 wrote in operation 3 at 40000000000/);
  });

  test.each(['/dev/superpage', '/dev/bench-rrrrrr', '/dev/page-huge', '/dev/page-huge-zero'])(
    '%s does right by everything that is done to it',
    (path) => {
      for (const rules of ['', 'rules: 2.6.20\n']) {
        const { said } = lamp(`${rules}pool(16)\nfd = open("${path}", O_RDWR)
d = mmap(0, 8M, rw, PRIVATE, fd)
read(d + 2M)
write(d)
write(d + 2M)
c = fork()
write(d)
c: read(d)
c: write(d + 2M)
read(d + 2M)
madvise(d, 2M, DONTNEED)
read(d)
c: read(d)
mprotect(d, 4M, r)
mprotect(d, 4M, rw)
write(d + 4M)
munmap(d + 4M, 2M)
e = mremap(d, 2M, 2M, MAYMOVE|FIXED, d + 32M)
read(e)
g = mmap(d, 4M, rw, PRIVATE|FIXED, fd)
read(g)
read(g + 2M)
c: exit()
munmap(d, 64M)`);
        expect(said, rules).toEqual([]);
      }
    },
  );

  test('a keyframe brings the tags back', () => {
    const { m } = lamp(`${opened('/dev/superpage')}d = mmap(0x40000000000, 4M, rw, PRIVATE|FIXED, fd)\nwrite(d)`);
    const then = snapshot(m);
    m.execute({ who: 0, op: 'write', args: [0x40000000000, 2, 4096] });
    m.execute({ who: 0, op: 'munmap', args: [0x40000000000, 4 << 20] });
    restore(m, then);
    expect([validate(m), m.contents!.of(0).get(0x40000000000 / 4096)]).toEqual([[], (3 << 10) | 0]);
    m.execute({ who: 0, op: 'read', args: [0x40000000000, 2, 4096] });
    expect(validate(m)).toEqual([]);
  });
});

describe('a call that brings pages in ends', () => {
  test('where the generic way meets a leaf that it does not know', () => {
    for (const rules of ['', 'rules: 2.6.20\n']) {
      const device = opened('/dev/bench-rrnrrr', rules);
      const { said } = lamp(
        `memory: 8G\n${device}a = mmap(0x40000000000, 1G, rw, PRIVATE|FIXED, fd)\nwrite(a)\nmlock(a, 4K)`,
      );
      for (const [line, invariant] of said) expect([line, invariant]).toEqual([4, 'pin-without-end']);
    }
  });
});

test('a driver that cuts a leaf of 1 GiB at the bounds that it is given is not accused', () => {
  const { said } = lamp(
    `memory: 8G\n${opened('/dev/bench-rrrrrr')}a = mmap(0x40000000000, 1G, rw, PRIVATE|FIXED, fd)\nwrite(a)\nmadvise(a + 2M, 2M, DONTNEED)`,
  );
  expect(said).toEqual([]);
});

test('tags of pages answer as a plain list of them would', () => {
  const next = seededRandom(5);
  const at = (n: number): number => Math.floor(next() * n);
  const tags = new Tags();
  const plain = new Map<number, number>();
  const copies: [Tags, Map<number, number>][] = [];
  for (let i = 0; i < 3000; i++) {
    const from = at(4000);
    const to = from + at(1600);
    const tag = at(4);
    const what = at(6);
    if (what === 0) {
      tags.set(from, CLEARED + tag);
      plain.set(from, CLEARED + tag);
    } else if (what <= 2) {
      if (tag === 0) tags.clear(from, to);
      else tags.fill(from, to, tag);
      for (let p = from; p < to; p++) plain.set(p, tag);
    } else if (what === 3) {
      const target = 6000 + at(4) * 512 + (at(2) === 0 ? from % 512 : 0);
      tags.copyFrom(tags, from, target, to - from);
      for (let p = from; p < to; p++) plain.set(target + p - from, plain.get(p) ?? 0);
    } else if (copies.length < 5) copies.push([tags.copy(), new Map(plain)]);
    const probe = at(9000);
    expect(tags.get(probe)).toBe(plain.get(probe) ?? 0);
  }
  for (const [t, p] of [[tags, plain] as const, ...copies])
    for (let page = 0; page < 9000; page++) expect(t.get(page)).toBe(p.get(page) ?? 0);
});
