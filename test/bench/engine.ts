/**
 * The machine against the kernel that this runs on, the same loops in one run: `npm run -s bench -- engine`.
 *
 * Rates are operations a second, the better of two rounds. The kernel's column needs Linux and a C compiler; its row with 2 MiB
 * pages needs root as well (512 pages are put into the pool and taken out again).
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Recorder } from '../../src/engine/events';
import type { Machine } from '../../src/engine/machine';
import { createMachine } from '../../src/engine/process';
import { MAP_ANONYMOUS, MAP_HUGETLB, MAP_PRIVATE, PROT_READ, PROT_WRITE } from '../../src/engine/uapi';
import { measureSeek } from './seek';

const RW = PROT_READ | PROT_WRITE;
const ANON = MAP_PRIVATE | MAP_ANONYMOUS;
const GIB = 2 ** 30;

function run(m: Machine, op: Parameters<Machine['execute']>[0]['op'], ...args: number[]): number {
  if (m.rec !== null) m.rec.reset();
  return m.execute({ who: 0, op, args }).ret;
}

function perSecond(seconds: number, step: () => number): number {
  const start = performance.now();
  let n = 0;
  let end = start;
  while (end - start < seconds * 1000) {
    n += step();
    end = performance.now();
  }
  return (n / (end - start)) * 1000;
}

/** mmap of 16 pages, a write to each, munmap. */
function cycle(m: Machine): number {
  const once = (): number => {
    for (let k = 0; k < 200; k++) {
      const p = run(m, 'mmap', 0, 16 * 4096, RW, ANON, -1, 0);
      run(m, 'write', p, 16, 4096);
      run(m, 'munmap', p, 16 * 4096);
    }
    return 200;
  };
  perSecond(0.3, once);
  return perSecond(0.6, once);
}

/** 1 GiB written once a page; pages a second, and the heap that it took. */
function touch(m: Machine, flags: number, step: number): { rate: number; heap: number } {
  globalThis.gc?.();
  const before = process.memoryUsage();
  const p = run(m, 'mmap', 0, GIB, RW, ANON | flags, -1, 0);
  const start = performance.now();
  run(m, 'write', p, GIB / step, step);
  const rate = (GIB / step / (performance.now() - start)) * 1000;
  globalThis.gc?.();
  const after = process.memoryUsage();
  const heap = after.heapUsed + after.external - before.heapUsed - before.external;
  run(m, 'munmap', p, GIB);
  return { rate, heap };
}

/** A random area unmapped and another mapped, among `count` that never merge. */
function areas(m: Machine, count: number): number {
  const place = (i: number): number => run(m, 'mmap', 0, 4096 * (1 + (i % 7)), i & 1 ? PROT_READ : RW, ANON, -1, 0);
  const at: number[] = [];
  for (let i = 0; i < count; i++) at.push(place(i));
  let state = 1;
  const rate = perSecond(0.6, () => {
    for (let k = 0; k < 500; k++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      const i = (state >>> 8) % count;
      run(m, 'munmap', at[i]!, 4096 * (1 + (i % 7)));
      at[i] = place(i);
    }
    return 500;
  });
  for (let i = 0; i < count; i++) run(m, 'munmap', at[i]!, 4096 * (1 + (i % 7)));
  return rate;
}

/** A process with 1 GiB present forks, and the child exits. */
function fork(m: Machine): number {
  const p = run(m, 'mmap', 0, GIB, RW, ANON, -1, 0);
  run(m, 'write', p, GIB / 4096, 4096);
  const rate = perSecond(0.5, () => {
    run(m, 'fork', 1);
    m.execute({ who: 1, op: 'exit', args: [] });
    return 1;
  });
  run(m, 'munmap', p, GIB);
  return rate;
}

/** The same loops in C, or an empty record where they cannot be built. */
function kernel(): Record<string, number> {
  if (process.platform !== 'linux') return {};
  const dir = mkdtempSync(join(tmpdir(), 'mmscope-bench-'));
  const pool = '/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages';
  let before: string | undefined;
  try {
    const built = spawnSync('cc', ['-O2', '-o', join(dir, 'loops'), join(import.meta.dirname, 'loops.c')]);
    if (built.status !== 0) return {};
    if (existsSync(pool)) {
      before = readFileSync(pool, 'utf8');
      try {
        // Reservations that moves of huge mappings have lost stay taken until the next boot.
        const lost = Number(readFileSync(pool.replace('nr_', 'resv_'), 'utf8'));
        writeFileSync(pool, String(512 + lost));
      } catch {
        before = undefined;
      }
    }
    const text = execFileSync(join(dir, 'loops'), { encoding: 'utf8' });
    return Object.fromEntries(
      text
        .trim()
        .split('\n')
        .map((line) => line.split(' '))
        .map(([k, v]) => [k, Number(v)]),
    );
  } finally {
    if (before !== undefined) writeFileSync(pool, before);
    rmSync(dir, { recursive: true });
  }
}

const better = (f: () => number): number => Math.max(f(), f());
const fresh = (recorded: boolean): Machine => {
  const m = createMachine();
  m.execute({ who: 0, op: 'pool', args: [512, 0] });
  if (recorded) m.rec = new Recorder();
  return m;
};

const rows: [name: string, key: string, measure: (m: Machine) => number][] = [
  ['mmap 16 pages, write each, munmap', 'cycle', (m) => better(() => cycle(m))],
  ['1 GiB by 4 KiB, pages', 'touch4k', (m) => better(() => touch(m, 0, 4096).rate)],
  ['1 GiB by 2 MiB, pages', 'touch2m', (m) => better(() => touch(m, MAP_HUGETLB, 2 << 20).rate)],
  ['munmap and mmap among 100 areas', 'areas100', (m) => better(() => areas(m, 100))],
  ['munmap and mmap among 20,000 areas', 'areas20000', (m) => better(() => areas(m, 20_000))],
  ['fork with 1 GiB present', 'fork', (m) => better(() => fork(m))],
];

const theirs = kernel();
const number = (x: number): string => (x >= 100 ? Math.round(x).toLocaleString('en') : x.toFixed(1)).padStart(12);
console.log(
  `${''.padEnd(38)}${'kernel/s'.padStart(12)}${'machine/s'.padStart(12)}${'ratio'.padStart(8)}${'recorded/s'.padStart(12)}${'ratio'.padStart(8)}`,
);
const ours: Record<string, number> = {};
for (const [name, key, measure] of rows) {
  const plain = measure(fresh(false));
  const recorded = measure(fresh(true));
  ours[key] = plain;
  const real = theirs[key] ?? 0;
  const ratio = (x: number): string => (real > 0 ? `${(x / real).toFixed(1)}x` : '-').padStart(8);
  console.log(
    `${name.padEnd(38)}${real > 0 ? number(real) : '-'.padStart(12)}${number(plain)}${ratio(plain)}${number(recorded)}${ratio(recorded)}`,
  );
}
console.log(`rate at 20,000 areas / at 100: ${(ours['areas20000']! / ours['areas100']!).toFixed(2)}`);
console.log(`memory for 1 GiB of 4 KiB pages: ${(touch(fresh(false), 0, 4096).heap / 2 ** 20).toFixed(1)} MiB`);
console.log(measureSeek());
