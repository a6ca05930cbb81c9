import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../src/base/random';
import { procMaps, procSmaps, procStatus } from '../../../src/engine/fs/proc';
import type { Machine } from '../../../src/engine/machine';
import { validate } from '../../../src/engine/validate';
import { format } from '../../../src/scenario/format';
import { IMPORTED } from '../../../src/scenario/limits';
import { parse } from '../../../src/scenario/parse';
import { importMaps } from '../../../src/scenario/proc-maps';
import { compileParsed } from '../../../src/scenario/program';
import { machineOf, run } from '../../../src/scenario/run';
import { mutate } from './mutate';

/** Of a real process: `cat` on Linux 6.18, shortened. */
const MAPS = `555555554000-555555556000 r--p 00000000 fe:00 260131                     /usr/bin/cat
555555556000-55555555b000 r-xp 00002000 fe:00 260131                     /usr/bin/cat
55555555f000-555555560000 rw-p 0000a000 fe:00 260131                     /usr/bin/cat
555555560000-555555581000 rw-p 00000000 00:00 0                          [heap]
7ffff7000000-7ffff7400000 rw-p 00000000 00:10 23456                      /anon_hugepage (deleted)
7ffff7600000-7ffff7604000 rw-s 00000000 00:01 2051                       /dev/zero (deleted)
7ffff7dd4000-7ffff7dfa000 r--p 00000000 fe:00 339380                     /usr/lib/x86_64-linux-gnu/libc.so.6
7ffff7fb8000-7ffff7fbf000 r--s 00000000 fe:00 338846                     /usr/lib/x86_64-linux-gnu/gconv/gconv-modules.cache
7ffff7fc0000-7ffff7fc2000 rw-p 00000000 00:00 0 
7ffff7fc2000-7ffff7fc6000 r--p 00000000 00:00 0                          [vvar]
7ffff7fc6000-7ffff7fc8000 r--p 00000000 00:00 0                          [vvar_vclock]
7ffff7fc8000-7ffff7fca000 r-xp 00000000 00:00 0                          [vdso]
7ffffffde000-7ffffffff000 rw-p 00000000 00:00 0                          [stack]
ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]
`;

function machineFrom(text: string): Machine {
  const parsed = parse(format(importMaps(text).scenario), IMPORTED);
  expect(parsed.diagnostics).toEqual([]);
  const program = compileParsed(parsed);
  const machine = machineOf(program.head);
  expect(run(program, machine).findings.filter((finding) => !finding.holds)).toEqual([]);
  expect(validate(machine)).toEqual([]);
  return machine;
}

/** Without device and inode, which the machine makes up. */
const areasOf = (text: string): string[] =>
  text
    .split('\n')
    .filter((line) => /^[0-9a-f]+-/.test(line))
    .map((line) => line.replace(/ [0-9a-f]+:[0-9a-f]+ \d+ */, ' ').trim());

describe('/proc/PID/maps as a scenario', () => {
  test('has the areas as they stand', () => {
    expect(areasOf(procMaps(machineFrom(MAPS).tasks.get(0)!))).toEqual(areasOf(MAPS));
  });

  test('places the next mapping where the kernel would', () => {
    const machine = machineFrom(MAPS);
    const { ret } = machine.execute({ who: 0, op: 'mmap', args: [0, 0x1000, 3, 0x22, -1, 0] });
    expect(ret).toBe(0x7ffff7fbf000);
    expect(machine.execute({ who: 0, op: 'brk', args: [0] }).ret).toBe(0x555555581000);
  });
});

describe('smaps as a scenario', () => {
  test('has what is present, page for page, in a machine that printed it', () => {
    const before = machineFrom(MAPS);
    const write = (address: number, count: number, stride = 4096): unknown =>
      before.execute({ who: 0, op: 'write', args: [address, count, stride] });
    write(0x555555560000, 5);
    write(0x7ffff7000000, 1, 1 << 21);
    write(0x7ffff7600000, 3);
    const smaps = procSmaps(before.tasks.get(0)!);
    const after = machineFrom(smaps);
    const figures = (machine: Machine): string[] =>
      procStatus(machine.tasks.get(0)!)
        .split('\n')
        .filter((line) => /^(VmSize|VmRSS|RssAnon|RssShmem|VmData|HugetlbPages)/.test(line));
    expect(areasOf(procMaps(after.tasks.get(0)!))).toEqual(areasOf(smaps));
    expect(figures(after)).toEqual(figures(before));
  });
});

test('100,000 damaged lines of smaps are read without a throw, and what comes of them is a scenario', () => {
  const random = seededRandom(12);
  const lines = procSmaps(machineFrom(MAPS).tasks.get(0)!).split('\n');
  const otherwise: string[] = [];
  for (let i = 0; i < 3400; i++) {
    const at = Math.floor(random() * (lines.length - 100));
    const damaged = lines.slice(at, at + 100).map((line) => (random() < 0.3 ? mutate(line, random) : line));
    const { scenario } = importMaps(damaged.join('\n'));
    if (i % 17 !== 0) continue;
    const { diagnostics } = parse(format(scenario), IMPORTED);
    if (diagnostics.length > 0) otherwise.push(`${diagnostics[0].message} ${damaged.join('\n')}`);
  }
  expect(otherwise).toEqual([]);
});
