/** `npm run -s bench -- history`: any moment of a long run, and pictures of large machines. */
import { createMachine } from '../../src/engine/process';
import { MAP_ANONYMOUS, MAP_NORESERVE, MAP_PRIVATE, PROT_READ, PROT_WRITE } from '../../src/engine/uapi';
import type { PicturesRequest } from '../../src/history/picture';
import { picturesOf } from '../../src/history/pictures/all';
import { Run } from '../../src/history/run';
import { ALL, cpuTime, madeSource, measureSeek, percentiles, type Percentiles } from './seek';

const RW = PROT_READ | PROT_WRITE;
const PRIVATE = MAP_PRIVATE | MAP_ANONYMOUS;
const GB = 2 ** 30;

const ms = (x: number): string => x.toFixed(2);

function seekLines(operations: number): void {
  const f = measureSeek(operations);
  console.log(
    `${operations} operations: first pass ${ms(f.pass)} ms (${Math.round(f.perSecond)}/s), ` +
      `${f.keyframes} keyframes, ${(f.keyframeBytes / 2 ** 20).toFixed(1)} MB`,
  );
  const line = (title: string, wall: Percentiles, cpu: Percentiles): void =>
    console.log(
      `  ${title.padEnd(18)} p50 ${ms(wall.p50)}  p95 ${ms(wall.p95)}  max ${ms(wall.max)} ms` +
        `   (processor's time: ${ms(cpu.p50)}  ${ms(cpu.p95)}  ${ms(cpu.max)})`,
    );
  line('any moment', f.seek, f.seekCpu);
  line('with all pictures', f.pictures, f.picturesCpu);
}

/** Each picture alone, of one moment: milliseconds of the processor, and its size as text. */
function pictureLines(title: string, run: Run<Float64Array>, extra: PicturesRequest = {}): void {
  run.advance(Infinity);
  const scene = run.stand(run.reached);
  console.log(title);
  const all: PicturesRequest = { ...ALL, proc: { who: 0, file: 'maps', maxLines: 400 }, ...extra };
  for (const name of Object.keys(all) as (keyof PicturesRequest)[]) {
    const times: number[] = [];
    let bytes = 0;
    for (let i = 0; i < 12; i++) {
      const began = cpuTime();
      const made = picturesOf(scene, { [name]: all[name] }, { branch: 1, branches: [] });
      times.push(cpuTime() - began);
      const picture: unknown = made[name === 'inspect' ? 'inspection' : name];
      bytes = JSON.stringify(picture, (_key, value: unknown) =>
        value instanceof Uint8Array ? '.'.repeat(value.length) : value,
      ).length;
    }
    console.log(
      `  ${name.padEnd(9)} ${ms(percentiles(times.slice(2)).p50).padStart(7)} ms ${String(Math.ceil(bytes / 1024)).padStart(6)} kB`,
    );
  }
}

seekLines(100_000);

const flat = madeSource(3, (k, results) => {
  if (k === 0) return { who: 0, op: 'mmap', args: [0, GB, RW, PRIVATE | MAP_NORESERVE, -1, 0] };
  if (k === 1) return { who: 0, op: 'write', args: [results[0]!, GB / 4096, 4096] };
  return { who: 0, op: 'write', args: [results[0]!, 1, 4096] };
});
const now = () => performance.now();
const large = new Run(flat, { create: () => createMachine({ thp: 'never' }), now });
large.advance(Infinity);
const start = large.log.outcome(0).ret;
pictureLines('1 GiB in 262,144 pages', large, {
  heat: { who: 0, start, end: start + GB, maxPixels: 262_144 },
  inspect: 'area:12',
});

const many = madeSource(20_002, (k, results) =>
  k < 20_000
    ? { who: 0, op: 'mmap', args: [0, 4096, k % 2 === 0 ? RW : PROT_READ, PRIVATE, -1, 0] }
    : { who: 0, op: 'write', args: [results[k === 20_000 ? 10_000 : 0]!, 1, 4096] },
);
pictureLines('20,000 areas', new Run(many, { create: () => createMachine(), now }), { inspect: 'area:5000' });
