import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../src/base/random';
import { format } from '../../../src/scenario/format';
import { IMPORTED } from '../../../src/scenario/limits';
import { parse } from '../../../src/scenario/parse';
import { compile, type Program } from '../../../src/scenario/program';
import { machineOf, run } from '../../../src/scenario/run';
import { importStrace, importStraceNow, type TraceImport } from '../../../src/scenario/strace';
import { mutate } from './mutate';

const folder = join(import.meta.dirname, '../../traces');
const traces = readdirSync(folder).filter((name) => name.endsWith('.gz'));
const traceText = (name: string): string => gunzipSync(readFileSync(join(folder, name))).toString();

const imported = (text: string): TraceImport => importStraceNow([{ name: 'trace', text }]);
/** The calls of the scenario, without those that set the stage. */
const callsOf = (text: string): string[] =>
  format(imported(text).scenario)
    .split('\n')
    .filter((line) => /\(/.test(line) && !line.includes('exec(') && !line.startsWith('layout'));
const wrongOf = (program: Program): unknown[] =>
  run(program, machineOf(program.head)).findings.filter((finding) => !finding.holds);

describe('a real program', () => {
  test.each(traces)('%s: each call runs and comes to what the kernel answered', (name) => {
    const { scenario, unreadable } = imported(traceText(name));
    expect(unreadable).toBe(0);
    expect(parse(format(scenario), IMPORTED)).toMatchObject({ diagnostics: [], scenario });
    expect(wrongOf(compile(scenario))).toEqual([]);
  });

  test('that answered otherwise shows the difference', () => {
    const { scenario } = imported(
      traceText('perl.strace.gz').replace(
        'MAP_ANONYMOUS, -1, 0) = 0x7ffff7fc0000',
        'MAP_ANONYMOUS, -1, 0) = 0x7ffff0000000',
      ),
    );
    expect(wrongOf(compile(scenario)).length).toBeGreaterThan(0);
  });
});

describe('the forms of strace', () => {
  const line = 'munmap(0x7ffff7fb6000, 38759)     = 0';
  const call = 'munmap(0x7ffff7fb6000, 38759) → 0';
  test.each([
    line,
    `1234  ${line}`,
    `[pid  1234] ${line}`,
    `1234<sh> ${line}`,
    `12:34:56 ${line}`,
    `1234  12:34:56.123456 ${line}`,
    `1700000000.123456 ${line}`,
    `     0.000123 ${line}`,
    `[pid 77] 12:34:56.7 ${line} <0.000012>`,
    `[00007ffff7fe5b17] ${line}`,
  ])('%s', (text) => expect(callsOf(text)).toEqual([call]));

  test('a call that another process interrupts is put together again', () => {
    const text = [
      '7 mmap(NULL, 8192, PROT_READ, <unfinished ...>',
      '8 read(3, "x", 1) = 1',
      '7 <... mmap resumed>MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7ffff7fbd000',
      '8 <... read resumed>) = 3',
    ];
    expect(callsOf(text.join('\n'))).toEqual(['mmap(NULL, 8K, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS) → 0x7ffff7fbd000']);
  });

  test('an error is expected by its name, and one that cannot be told is counted', () => {
    expect(callsOf('madvise(0x1000, 4096, MADV_DONTNEED) = -1 ENOMEM (Cannot allocate memory)')).toEqual([
      'madvise(0x1000, 4K, MADV_DONTNEED) → ENOMEM',
    ]);
    expect(imported('mmap(NULL, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = -1 EFOO (Foo)').notes).toEqual([
      '1 calls ended with EFOO, which is not checked.',
    ]);
  });

  test('files are called by what was opened, or by what -y says', () => {
    const open = 'openat(AT_FDCWD, "/lib/libc.so.6", O_RDONLY|O_CLOEXEC) = 3\n';
    const map = 'mmap(NULL, 8192, PROT_READ, MAP_PRIVATE, 3, 0x1000) = 0x7ffff7fbd000\n';
    const lines = [
      'libc_so_6 = open("/lib/libc.so.6", O_RDONLY)',
      'mmap(NULL, 8K, PROT_READ, MAP_PRIVATE, libc_so_6, 4K) → 0x7ffff7fbd000',
    ];
    expect(callsOf(`${open}${map}close(3) = 0`)).toEqual([...lines, 'close(libc_so_6) → 0']);
    expect(callsOf(map.replace('3, 0x', '3</lib/libc.so.6>, 0x'))).toEqual([
      lines[0].replace('RDONLY', 'RDWR'),
      lines[1],
    ]);
  });

  test('threads share an address space, processes do not', () => {
    const map = 'mmap(NULL, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7ffff7fbd000';
    const thread = 'clone3({flags=CLONE_VM|CLONE_FILES|CLONE_THREAD, stack=0x7f}, 88) => {parent_tid=[8]} = 8';
    expect(callsOf(`7 ${thread}\n8 ${map}`)).toEqual([expect.stringMatching(/^mmap/)]);
    expect(callsOf(`7 clone(child_stack=NULL, flags=SIGCHLD) = 8\n8 ${map}\n8 +++ exited with 0 +++`)).toEqual([
      'p8 = fork()',
      expect.stringMatching(/^p8: mmap/),
      'p8: exit()',
    ]);
  });

  test('a child whose first call comes before its parent knows of it is born first', () => {
    const text =
      '7 clone(child_stack=NULL, flags=SIGCHLD <unfinished ...>\n8 brk(NULL) = 0x1000\n7 <... clone resumed>) = 8';
    expect(callsOf(text)).toEqual(['p8 = fork()', 'p8: brk() → 0x1000']);
  });

  test('of processes that nobody was seen to make, those that ask for the heap first are programs, the others threads', () => {
    const map = 'mmap(NULL, 4096, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7ffff7fbd000';
    const { scenario, notes } = imported(`7 brk(NULL) = 0x1000\n8 ${map}\n9 brk(NULL) = 0x5000`);
    const processes = scenario.statements.flatMap((s) => (s.kind === 'call' ? [`${s.process} ${s.call}`.trim()] : []));
    expect(processes).toEqual(['exec', 'brk', 'mmap', 'fork', 'p9 exec', 'p9 brk']);
    expect(notes).toEqual(['1 processes were taken for threads: the trace does not say how they were made.']);
  });

  test('one file for each process is one scenario', () => {
    const parent = 'execve("/bin/sh", ["sh", "-c", "ls"], 0x7f /* 3 vars */) = 0\nfork() = 8\nbrk(NULL) = 0x2000\n';
    const child = 'execve("/bin/ls", ["ls"], 0x7f /* 3 vars */) = 0\nbrk(NULL) = 0x1000\n';
    const { scenario } = importStraceNow([
      { name: 'trace.8', text: child },
      { name: 'trace.7', text: parent },
    ]);
    expect(
      format(scenario)
        .split('\n')
        .filter((l) => /[()]/.test(l)),
    ).toEqual(['exec("sh") → 0', 'p8 = fork()', 'p8: exec("ls") → 0', 'p8: brk() → 0x1000', 'brk() → 0x2000']);
  });

  test('what is no business of memory is counted and left out', () => {
    const { other, unreadable, notes } = imported(
      'read(3, "a, b) = 3", 10) = 10\nread(3, "", 1) = 0\nnonsense\n--- SIGCHLD {si=1} ---\nshmat(1, NULL, 0) = 0x7000',
    );
    expect([...other]).toEqual([
      ['read', 2],
      ['shmat', 1],
    ]);
    expect(unreadable).toBe(1);
    expect(notes.join(' ')).toContain('shmat is not in the machine');
  });
});

test('progress is told, and ends at the whole', () => {
  const text = traceText('python.strace.gz');
  const shares = [...importStrace([{ name: 'x', text }])].map(({ done, of }) => done / of);
  expect(shares.length).toBeGreaterThan(4);
  expect(shares).toEqual([...shares].sort((a, b) => a - b));
  expect(shares.at(-1)).toBeLessThanOrEqual(1);
});

test('100,000 damaged lines of strace are read without a throw, and what comes of them is a scenario', () => {
  const random = seededRandom(11);
  const lines = traces
    .flatMap((name) => traceText(name).split('\n').slice(0, 400))
    .filter((l) => /mmap|clone|exec|brk|open|resumed/.test(l));
  const otherwise: string[] = [];
  for (let i = 0; i < 10_000; i++) {
    const damaged = Array.from({ length: 10 }, () =>
      mutate(lines[Math.floor(random() * lines.length)].slice(0, 200), random),
    );
    const { scenario } = imported(damaged.join('\n'));
    if (i % 10 !== 0) continue;
    const { diagnostics } = parse(format(scenario), IMPORTED);
    if (diagnostics.length > 0) otherwise.push(`${diagnostics[0].message} ${damaged.join('\n')}`);
  }
  expect(otherwise).toEqual([]);
});
