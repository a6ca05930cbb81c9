import { describe, expect, test } from 'vitest';
import type { WallPicture } from '../../../src/history/picture';
import { changedMarks, flaws, type Scene } from '../../../src/views/scene';
import { inSight, standing } from '../../../src/views/reveal';
import { layoutWall } from '../../../src/views/wall/layout';
import { twinOfWall } from '../../../src/views/wall/twin';
import type { TwinNode } from '../../../src/views/twin';
import { pictures, runOf } from '../history/told';

const SMALL = 'a = mmap(NULL, 16K, rw, PRIVATE|ANONYMOUS)\nwrite(a, 4)\nchild = fork()\n';
const SCENARIOS: Readonly<Record<string, string>> = {
  'small pages after a fork': SMALL,
  'a small copy': `${SMALL}child: write(a)\n`,
  'a huge copy':
    'pool(6)\na = mmap(NULL, 6M, rw, PRIVATE|ANONYMOUS|HUGETLB)\nwrite(a, 3, 2M)\nchild = fork()\nchild: write(a)\n',
  'a shared mapping':
    'a = mmap(NULL, 16K, rw, SHARED|ANONYMOUS)\nb = mmap(NULL, 8K, rw, PRIVATE|ANONYMOUS)\nwrite(a, 3)\nwrite(b, 2)\nchild = fork()\nchild: write(a, 3)\nchild: write(b)\n',
  'a page table shared by two':
    'pool(600)\nf = open("/dev/hugepages/f", O_CREAT|O_RDWR)\na = mmap(0x40000000, 1G, rw, SHARED|FIXED, f, 0)\nwrite(a, 3, 2M)\nchild = fork()\nchild: read(a)\nchild: write(a + 6M)\n',
  'five processes':
    'a = mmap(NULL, 12K, rw, PRIVATE|ANONYMOUS)\nwrite(a, 3)\nb = fork()\nc = fork()\nd = fork()\ne = fork()\n',
  'a thousand pages, the zero page, and copies among them':
    'a = mmap(NULL, 4M, rw, PRIVATE|ANONYMOUS)\nwrite(a, 1024)\nz = mmap(NULL, 64K, rw, PRIVATE|ANONYMOUS)\nread(z, 16)\nchild = fork()\nchild: write(a + 80K)\nchild: write(z + 8K)\n',
  'many lone pages': 'a = mmap(NULL, 1M, rw, PRIVATE|ANONYMOUS)\nwrite(a, 100, 8K)\nchild = fork()\nchild: write(a)\n',
  'nothing of its own': 'child = fork()\n',
  'a page of one side only':
    'a = mmap(NULL, 8K, rw, PRIVATE|ANONYMOUS)\nwrite(a, 2)\nchild = fork()\nchild: munmap(a, 8K)\nchild: b = mmap(NULL, 4K, rw, PRIVATE|ANONYMOUS)\nchild: write(b)\n',
};

const made = new Map<string, WallPicture>();
function wallOf(name: string): WallPicture {
  const known = made.get(name);
  if (known !== undefined) return known;
  const run = runOf(SCENARIOS[name]!);
  const wall = pictures(run.stand(run.reached), { wall: { left: 0, right: 1, maxEntries: 96 } }).wall!;
  made.set(name, wall);
  return wall;
}
const names = Object.keys(SCENARIOS);
const box = (scene: Scene, key: string) => scene.boxes.find((one) => one.key === key)!;
const says = (scene: Scene): string => scene.texts.map(({ text }) => text).join('\n');

describe('the wall can be shown: nothing overlaps or sticks out, every text fits and can be read', () => {
  test.each(names)('%s', (name) => {
    for (const width of [300, 345, 560, 740, 992, 1280, 1600])
      for (const height of [220, 440, 800]) {
        const found = flaws(layoutWall(wallOf(name), { width, height, scale: 1 }));
        expect(found.map((flaw) => `${width}×${height}: ${flaw}`)).toEqual([]);
      }
    for (const [width, scale] of [
      [1280, 1.25],
      [390, 1.25],
      [640, 2],
    ] as const)
      expect(flaws(layoutWall(wallOf(name), { width, height: 500, scale }))).toEqual([]);
  });

  test('with the levels above a table as well', () => {
    for (const name of names) {
      const wall = wallOf(name);
      const open = new Set([...wall.left.tables, ...wall.right.tables].map(({ ref }) => ref));
      for (const width of [345, 992])
        expect(flaws(layoutWall(wall, { width, height: 500, scale: 1 }, open)), name).toEqual([]);
    }
  });
});

describe('on the wall', () => {
  const room = { width: 992, height: 480, scale: 1 };

  test('what both map stands at one height, the frame in the middle between them', () => {
    const wall = wallOf('small pages after a fork');
    const scene = layoutWall(wall, room);
    for (const [i, frame] of wall.frames.entries()) {
      const at = box(scene, frame.ref);
      const left = box(scene, `left:${wall.left.tables[0]!.entries[i]!.ref}`);
      const right = box(scene, `right:${wall.right.tables[0]!.entries[i]!.ref}`);
      expect([left.y, right.y]).toEqual([at.y, at.y]);
      expect(Math.abs(at.x + at.w / 2 - room.width / 2)).toBeLessThan(1);
      expect(left.x + left.w).toBeLessThan(at.x);
      expect(at.x + at.w).toBeLessThan(right.x);
    }
  });

  test('a copy stands beside what it was taken of, comes from there, and says what it cost', () => {
    const wall = wallOf('a small copy');
    const { from, to } = wall.copies[0]!;
    const scene = layoutWall(wall, room);
    const [old, copy] = [box(scene, `frame:${from}`), box(scene, `frame:${to}`)];
    expect(copy.y).toBe(old.y);
    expect(copy.x).toBeGreaterThan(old.x + old.w);
    expect(copy.cause).toMatchObject({ x: old.x, y: old.y });
    expect(says(scene)).toContain('one page becomes two: 4 KiB copied');
    expect(says(scene)).toContain('process 1’s a');
    expect(says(scene)).toContain('child’s a');
  });

  test('all else stays where it was when a page is copied', () => {
    const [before, after] = ['small pages after a fork', 'a small copy'].map((name) => layoutWall(wallOf(name), room));
    const copied = wallOf('a small copy').copies[0]!.from;
    for (const one of before!.boxes) {
      const same = after!.boxes.find(({ key }) => key === one.key);
      if (same === undefined || one.key.startsWith(`frame:${copied}`) || one.y > box(before!, `frame:${copied}`).y)
        continue;
      expect([same.x, same.y, same.w], one.key).toEqual([one.x, one.y, one.w]);
    }
  });

  test('a frame of five mappers says so, and names who is not shown', () => {
    const scene = layoutWall(wallOf('five processes'), room);
    expect(says(scene)).toContain('also c, d, e');
    expect(scene.texts.filter(({ key, text }) => key.endsWith(':mappers-says') && text === '5')).toHaveLength(3);
  });

  test('a table that two share stands once, and both point to it', () => {
    const scene = layoutWall(wallOf('a page table shared by two'), room);
    expect(scene.boxes.filter(({ key }) => key.startsWith('both:table:'))).toHaveLength(1);
    expect(says(scene)).toContain('one PMD table, shared by 2 processes');
    expect(scene.lines.filter(({ key }) => /^wire:(left|right):entry-of/.test(key))).toHaveLength(2);
  });

  test('every mark keeps the machine’s name of what it stands for', () => {
    for (const name of names)
      for (const { key, keys } of layoutWall(wallOf(name), room).boxes) {
        if (/^(left|right):entry:/.test(key) && !key.endsWith(':sample')) expect(keys[0]).toMatch(/^entry:\d+:\d+$/);
        if (/^frame:\d+$/.test(key)) expect(keys[0]).toBe(key);
      }
  });

  test.each(names)('what changed is in sight: %s', (name) => {
    for (const [width, height, scale] of [
      [992, 480, 1],
      [1255, 498, 1.25],
      [1150, 660, 1],
      [1530, 840, 1],
      [345, 480, 1],
      [345, 560, 1.25],
    ] as const) {
      const scene = layoutWall(wallOf(name), { width, height, scale });
      const changed = changedMarks(scene);
      const top = standing(changed, 0, height, scene.height - height);
      const hidden = changed.filter((one) => !inSight(one, top, top + height));
      const span = Math.max(...changed.map(({ y, h }) => y + h)) - Math.min(...changed.map(({ y }) => y));
      if (span + 24 <= height) expect(hidden.map(({ key }) => key)).toEqual([]);
      else expect(hidden.length).toBeLessThan(changed.length);
    }
  });
});

test('the wall as text tells each process, its tables, and the frame behind each entry', () => {
  const lines: string[] = [];
  const put = (node: TwinNode, depth: number): void => {
    lines.push(`${'  '.repeat(depth)}${node.name}${node.change ? ` (${node.change})` : ''}`);
    for (const child of node.children) put(child, depth + 1);
  };
  const { kind, label, nodes } = twinOfWall(wallOf('a small copy'));
  expect([kind, label]).toEqual(['tree', 'process 1 and child']);
  for (const node of nodes) put(node, 0);
  const text = lines.map((line) => line.replace(/frame [0-9a-f]+/g, 'frame N').replace(/entry \d+/g, 'entry N'));
  expect(text).toEqual([
    'process 1: RSS 784 kB, PSS 718 → 720 kB',
    '  PTE table, below PGD entry N, PUD entry N, PMD entry N',
    '    a+12K, read-only, frame N: a+12K, mapped by 2 entries of process 1, child',
    '    a+8K, read-only, frame N: a+8K, mapped by 2 entries of process 1, child',
    '    a+4K, read-only, frame N: a+4K, mapped by 2 entries of process 1, child',
    '    a, read-only, frame N: process 1’s a, mapped by 1 entry',
    '  11 areas of the program, which the scenario does not touch',
    'child: RSS 132 kB, PSS 66 → 68 kB',
    '  PTE table, below PGD entry N, PUD entry N, PMD entry N',
    '    a+12K, read-only, frame N: a+12K, mapped by 2 entries of process 1, child',
    '    a+8K, read-only, frame N: a+8K, mapped by 2 entries of process 1, child',
    '    a+4K, read-only, frame N: a+4K, mapped by 2 entries of process 1, child',
    '    a, writable, frame N: child’s a, mapped by 1 entry, copied in this step from frame N (changed)',
    '  11 areas of the program, which the scenario does not touch',
  ]);
});
