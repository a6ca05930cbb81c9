import { describe, expect, test } from 'vitest';
import { lifeOf, onDevice, opensDevice } from '../../../src/app/argument/bench-scenario';
import { shapeOf, withTlb } from '../../../src/app/argument/tlb-setting';
import { DRIVER_TEXTS } from '../../../src/engine/drivers/texts';
import { validate } from '../../../src/engine/validate';
import { tlbOf } from '../../../src/history/tlb';
import { machineFor, readWorkload } from '../../../src/protocol/workload';
import { run, steps } from '../../../src/scenario/run';

describe('the line for a translation cache', () => {
  test('goes below the title, changes in place, and goes away', () => {
    const text = 'title: x\npool(2)\n';
    const on = withTlb(text, '4x4+1x8')!;
    expect(on).toBe('title: x\ntlb: 4x4+1x8\npool(2)\n');
    expect(shapeOf(on)).toBe('4x4+1x8');
    expect(withTlb(on, '8x2+1x1')).toBe('title: x\ntlb: 8x2+1x1\npool(2)\n');
    expect(withTlb(on, '')).toBe(text);
    expect(withTlb('pool(2)\n', '1x1+1x1')).toBe('tlb: 1x1+1x1\npool(2)\n');
    expect([withTlb(text, '0x4+1x8'), withTlb(text, 'many')]).toEqual([null, null]);
  });

  test('is read by the machine', () => {
    const workload = readWorkload('tlb: 1x2+1x1\na = mmap(NULL, 16K, rw, PRIVATE|ANON)\nwrite(a, 4)\nread(a + 12K)\n');
    expect(workload.diagnostics).toEqual([]);
    const m = machineFor(workload, 'ops');
    run(workload.program, m);
    const tlb = tlbOf(m, 0)!;
    expect([tlb.misses, tlb.hits, tlb.entries.map((e) => [e.size, e.bits, e.stale])]).toEqual([
      4,
      1,
      [
        [4096, 'PWAD', false],
        [4096, 'PWAD', false],
      ],
    ]);
  });
});

describe('scenarios of the bench', () => {
  /** Whether anything is broken after a step of the device's life. */
  function breaks(path: string): boolean {
    const workload = readWorkload(lifeOf(path, 'x'));
    expect(workload.diagnostics, path).toEqual([]);
    const m = machineFor(workload, 'ops');
    let broken = false;
    const run = steps(workload.program, m);
    while (run.next().done !== true) broken ||= validate(m).length > 0;
    return broken;
  }

  test('take every device through a life: those that are right leave everything in order, the others do not', () => {
    for (const { path, broken } of DRIVER_TEXTS) expect(breaks(path), path).toBe(broken);
  });

  test('show what each wrong member does, and which may be left out', () => {
    const at = (i: number, letter: string): string =>
      `/dev/bench-${'rrrrrr'.slice(0, i)}${letter}${'rrrrrr'.slice(i + 1)}`;
    expect([0, 1, 2, 3, 4, 5].map((i) => breaks(at(i, 'w')))).toEqual([true, true, true, true, true, true]);
    // The fault is refused without a handler; the walks of 2007 lose what they do not understand.
    expect([0, 1, 2, 3, 4, 5].map((i) => breaks(at(i, 'n')))).toEqual([false, true, false, true, true, false]);
  });

  test('exchange the device of a scenario, and nothing else', () => {
    const text = 'fd = open("/dev/page-huge", O_RDWR)\nh = open("/dev/hugepages/a", O_RDWR|O_CREAT)\n';
    expect(opensDevice(text)).toBe(true);
    expect(onDevice(text, '/dev/superpage')).toBe(text.replace('page-huge', 'superpage'));
    expect(opensDevice('h = open("/dev/hugepages/a", O_RDWR|O_CREAT)\n')).toBe(false);
  });
});
