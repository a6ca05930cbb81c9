import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DESIGN_NAMES, DESIGNS } from '../../src/engine/designs/designs';
import { errnoName } from '../../src/engine/errno';
import { createMachine } from '../../src/engine/process';
import { MFD_HUGETLB, O_CREAT, O_RDWR } from '../../src/engine/uapi';
import { parse } from '../../src/scenario/parse';
import { compileParsed } from '../../src/scenario/program';
import { machineOf, run } from '../../src/scenario/run';

/** What other test suites do, with the kernel's answers: as scenarios, and as C programs with what they printed. */
const PEERS = join(import.meta.dirname, '../oracle/peers');
const read = (name: string): string => readFileSync(join(PEERS, name), 'utf8');

describe('what other suites do, answered as by the kernel', () => {
  test.each(readdirSync(PEERS).filter((name) => name.endsWith('.mm')))('%s', (name) => {
    const parsed = parse(read(name));
    expect(parsed.diagnostics).toEqual([]);
    const program = compileParsed(parsed);
    for (const design of DESIGN_NAMES) {
      const { findings } = run(program, machineOf(program.head, DESIGNS[design]));
      expect(findings.length).toBeGreaterThan(0);
      const wrong = findings.filter(({ holds }) => !holds);
      expect(wrong.map(({ expected, found }) => `${design}: expected ${expected}, found ${found}`)).toEqual([]);
    }
  });
});

describe('fallocate, mode by mode (fallocate-modes.c)', () => {
  const kinds = {
    tmpfs: { op: 'memfd', args: [0], path: 'm', size: 65536, at: 4096, length: 8192 },
    hugetlbfs: { op: 'memfd', args: [MFD_HUGETLB], path: 'h', size: 4 << 20, at: 2 << 20, length: 2 << 20 },
    ext4: { op: 'open', args: [O_RDWR | O_CREAT, 0o600], path: 'file:fa', size: 65536, at: 4096, length: 8192 },
  } as const;
  const line = /^(\w+) +mode (0x[\da-f]+|0): (\w+) +size (\d+) blocks/;
  const facts = [...read('fallocate-modes.out').matchAll(new RegExp(line, 'gm'))].map((found) => found.slice(1));

  test('the program printed a line for each mode, with and without KEEP_SIZE, on three kinds of file', () => {
    expect(facts).toHaveLength(57);
  });

  test.each(facts)('on %s mode %s: %s, and the file has %s bytes', (kind, mode, answer, size) => {
    const { op, args, path, size: before, at, length } = kinds[kind as keyof typeof kinds];
    const m = createMachine();
    const fd = m.execute({ who: 0, op, args, path }).ret;
    m.execute({ who: 0, op: 'ftruncate', args: [fd, before] });
    const { err } = m.execute({ who: 0, op: 'fallocate', args: [fd, Number(mode), at, length] });
    expect(err === 0 ? '0' : errnoName(err)).toBe(answer);
    expect(m.tasks.get(0)!.files[fd]!.inode.i_size).toBe(Number(size));
  });
});
