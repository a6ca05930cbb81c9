/** How long it takes to get to any moment of a long run, and to draw what stands there. */
import type { Operation } from '../../src/engine/operation';
import { createMachine } from '../../src/engine/process';
import { MAP_ANONYMOUS, MAP_HUGETLB, MAP_PRIVATE, PROT_READ, PROT_WRITE } from '../../src/engine/uapi';
import { seededRandom } from '../../src/base/random';
import type { PicturesRequest } from '../../src/history/picture';
import { picturesOf } from '../../src/history/pictures/all';
import { Run } from '../../src/history/run';
import type { OperationSource } from '../../src/history/source';

const RW = PROT_READ | PROT_WRITE;
const MB = 2 ** 20;

/** A source whose operations are made from what the machine answered so far. */
export function madeSource(
  length: number,
  make: (k: number, results: Float64Array) => Operation,
): OperationSource<Float64Array> {
  return {
    length,
    start: () => new Float64Array(length),
    resolve: (k, results) => make(k, results),
    learn(k, results, _operation, outcome) {
      results[k] = outcome.ret;
    },
    check: () => '',
    statement: (k) => ({
      text: `operation ${k + 1}`,
      call: 'other',
      line: k + 1,
      name: '',
      explanation: '',
      heading: '',
      predict: null,
    }),
  };
}

/** Mappings come, are touched, change and go, with huge pages and forks among them, for ever. */
export function mixedSource(length: number, seed = 1): OperationSource<Float64Array> {
  const random = seededRandom(seed);
  const draws = Float64Array.from({ length: length * 2 }, random);
  return madeSource(length, (k, results) => {
    if (k === 0) return { who: 0, op: 'pool', args: [64, 0] };
    const round = Math.floor((k - 1) / 6);
    const first = round * 6 + 1;
    const size = (1 + Math.floor(draws[first]! * 32)) * 4096;
    const huge = draws[first + 1]! < 0.1;
    const at = results[first]!;
    const length = huge ? 4 * MB : size;
    switch ((k - 1) % 6) {
      case 0:
        return {
          who: 0,
          op: 'mmap',
          args: [0, length, RW, MAP_PRIVATE | MAP_ANONYMOUS | (huge ? MAP_HUGETLB : 0), -1, 0],
        };
      case 1:
        return { who: 0, op: 'write', args: [at, huge ? 2 : size / 4096, huge ? 2 * MB : 4096] };
      case 2:
        return { who: 0, op: 'read', args: [at, 1, 4096] };
      case 3:
        return { who: 0, op: 'mprotect', args: [at, length, PROT_READ] };
      case 4:
        return { who: 0, op: 'madvise', args: [at, length, 4] };
      default:
        return { who: 0, op: 'munmap', args: [at, length] };
    }
  });
}

export interface SeekFigures {
  readonly operations: number;
  /** Milliseconds of the first pass, and operations a second. */
  readonly pass: number;
  readonly perSecond: number;
  readonly keyframes: number;
  readonly keyframeBytes: number;
  /** Milliseconds to stand at a moment drawn at random, and with all its pictures: by the wall's clock. */
  readonly seek: Percentiles;
  readonly pictures: Percentiles;
  /** The same in the processor's time, which other work on the machine does not stretch. */
  readonly seekCpu: Percentiles;
  readonly picturesCpu: Percentiles;
}

export interface Percentiles {
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
}

export const ALL: PicturesRequest = {
  areas: { who: 0, maxRows: 200, maxSegments: 64 },
  tree: { who: 0, open: [], folded: [], maxMarks: 1200, auto: true },
  pool: { maxCells: 512 },
  frames: { who: null, maxCells: 1024, from: 0 },
  path: { maxSteps: 400 },
  timeline: { maxMarks: 400 },
};

export function percentiles(values: readonly number[]): Percentiles {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { p50: at(0.5), p95: at(0.95), max: at(1) };
}

/** Milliseconds that this process has computed. */
export function cpuTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Runs `operations` mixed operations, then stands at `samples` moments drawn at random. */
export function measureSeek(operations = 100_000, samples = 1_000): SeekFigures {
  const run = new Run(mixedSource(operations), { create: () => createMachine(), now: () => performance.now() });
  const began = performance.now();
  run.advance(operations);
  const pass = performance.now() - began;
  const random = seededRandom(7);
  const [seek, pictures, seekCpu, picturesCpu]: number[][] = [[], [], [], []];
  for (let i = -50; i < samples; i++) {
    const k = Math.floor(random() * (operations + 1));
    const from = performance.now();
    const fromCpu = cpuTime();
    const scene = run.stand(k);
    const there = performance.now();
    const thereCpu = cpuTime();
    picturesOf(scene, ALL, { branch: 1, branches: [] });
    // The first ones warm up the compiler.
    if (i < 0) continue;
    seek!.push(there - from);
    seekCpu!.push(thereCpu - fromCpu);
    pictures!.push(performance.now() - from);
    picturesCpu!.push(cpuTime() - fromCpu);
  }
  return {
    operations,
    pass,
    perSecond: (operations / pass) * 1000,
    keyframes: run.keyframeCount,
    keyframeBytes: run.keyframeBytes,
    seek: percentiles(seek!),
    pictures: percentiles(pictures!),
    seekCpu: percentiles(seekCpu!),
    picturesCpu: percentiles(picturesCpu!),
  };
}
