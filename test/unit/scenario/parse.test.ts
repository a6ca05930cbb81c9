import { describe, expect, test } from 'vitest';
import { format } from '../../../src/scenario/format';
import { parse } from '../../../src/scenario/parse';
import { compileParsed } from '../../../src/scenario/program';
import type { Operation } from '../../../src/engine/operation';

const canonical = (text: string): string => {
  const parsed = parse(text);
  expect(parsed.diagnostics).toEqual([]);
  return format(parsed.scenario).trimEnd();
};

const only = (text: string): { at: string; message: string; suggestion: string } => {
  const { diagnostics } = parse(text);
  expect(diagnostics).toHaveLength(1);
  const [{ at, message, suggestion }] = diagnostics;
  return { at: `${at.line}:${at.column}-${at.end}`, message, suggestion };
};

const firstOperation = (text: string): Operation => {
  const program = compileParsed(parse(text));
  const operation = program.resolve(0, program.start());
  if ('refused' in operation) throw new Error(operation.refused);
  return operation;
};

describe('writing a call', () => {
  test('flags can be short and come out as in the manual page', () => {
    expect(canonical('a = mmap(NULL, 8388608, rw, PRIVATE|ANON|HUGETLB)')).toBe(
      'a = mmap(NULL, 8M, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_HUGETLB)',
    );
    expect(canonical('mmap(0, 1G, none, SHARED|0x20|21<<MAP_HUGE_SHIFT, -1, 0);')).toBe(
      'mmap(NULL, 1G, PROT_NONE, MAP_SHARED|MAP_ANONYMOUS|MAP_HUGE_2MB, -1, 0)',
    );
    expect(canonical('madvise(0x10000, 4KiB, DONTNEED)')).toBe('madvise(0x10000, 4K, MADV_DONTNEED)');
  });

  test('a line of strace is a call with its result as expectation', () => {
    expect(canonical('mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7ffff7fbd000')).toBe(
      'mmap(NULL, 8K, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) → 0x7ffff7fbd000',
    );
    expect(canonical('munmap(0x1000, 1) = -1 EINVAL (Invalid argument)')).toBe('munmap(0x1000, 1) → EINVAL');
    expect(canonical('munlockall() = ?')).toBe('munlockall()');
  });

  test('names stand for addresses, with bytes added and another name taken away', () => {
    expect(canonical('a = brk(NULL)\nb=brk(a+2*4K)\nmunmap(a, b-a - 4096)\nwrite(a+0)')).toBe(
      'a = brk(NULL)\nb = brk(a + 8K)\nmunmap(a, b - a - 4K)\nwrite(a)',
    );
  });

  test('a process stands before its calls', () => {
    expect(canonical('child=fork()\nchild:x=brk()\nchild : exit()')).toBe(
      'child = fork()\nchild: x = brk()\nchild: exit()',
    );
  });

  test('arguments that may be missing get their defaults', () => {
    expect(firstOperation('mmap(NULL, 4K, r, PRIVATE|ANON)')).toEqual({
      who: 0,
      op: 'mmap',
      args: [0, 4096, 1, 34, -1, 0],
    });
    expect(firstOperation('read(0x10000)')).toEqual({ who: 0, op: 'read', args: [0x10000, 1, 4096] });
    expect(firstOperation('mremap(0x10000, 4K, 8K)')).toEqual({
      who: 0,
      op: 'mremap',
      args: [0x10000, 4096, 8192, 0, 0],
    });
    expect(firstOperation('touch(0x10000, 1G)')).toEqual({ who: 0, op: 'write', args: [0x10000, 262144, 4096] });
    expect(firstOperation('open("/dev/hugepages/B")')).toEqual({ who: 0, op: 'open', args: [2, 0o600], path: 'B' });
    expect(firstOperation('pool(16)')).toEqual({ who: 0, op: 'pool', args: [16, 0] });
  });

  test('the comment lines directly above a call explain it, and a heading begins a part', () => {
    const { steps } = compileParsed(
      parse('# about the file\n\n## First\n# It takes\n# a page.\nwrite(0x1000)\nread(0x1000)'),
    );
    expect(steps.map((s) => [s.heading, s.explanation])).toEqual([
      ['First', 'It takes a page.'],
      ['', ''],
    ]);
  });
});

describe('what is wrong with a text', () => {
  test('a misspelt call, flag, name, setting, field and error each get the nearest right spelling', () => {
    expect(only('a = mmpa(NULL, 4K, r, PRIVATE)')).toMatchObject({ at: '1:5-9', suggestion: 'mmap' });
    expect(only('\nmmap(NULL, 4K, PROT_RAED, PRIVATE)')).toMatchObject({ at: '2:16-25', suggestion: 'PROT_READ' });
    expect(only('mmap(NULL, 4K, r, PRIVAT)')).toMatchObject({ suggestion: 'MAP_PRIVATE' });
    expect(only('heap = brk()\nwrite(haep)')).toMatchObject({ at: '2:7-11', suggestion: 'heap' });
    expect(only('desing: ops')).toMatchObject({ at: '1:1-7', suggestion: 'design' });
    expect(only('thp: madvice')).toMatchObject({ at: '1:6-13', suggestion: 'madvise' });
    expect(only('brk()\nexpect HugePage_Free 3')).toMatchObject({ suggestion: 'HugePages_Free' });
    expect(only('munmap(0x1000, 4K) → ENOMEN')).toMatchObject({ at: '1:22-28', suggestion: 'ENOMEM' });
  });

  test('an error says what would have been right there', () => {
    expect(only('write(0x1000').message).toBe('Expected “,” or “)” here, found the end of the line.');
    expect(only('munmap(0x1000)').message).toBe('munmap takes addr, length.');
    expect(only('mmap(NULL, 4K)').message).toBe('mmap takes addr, length, prot, flags [, fd, offset].');
    expect(only('fork(1)').message).toBe('fork takes no arguments.');
    expect(only('write(12z)').message).toBe('“12z” is no number of at most 64 bits.');
    expect(only('child = fork()\nwrite(child)').message).toBe('“child” is a process, not an address.');
    expect(only('open("file:A').message).toBe('The text in quotes does not end.');
    expect(only('exec("sh")').message).toBe('The head has no layout of “sh”.');
    expect(only('predict "Which?" | a | b').message).toBe('No choice is marked as right.');
    expect(only('predict "Which?" | a* | b').message).toBe('No call follows for which to predict anything.');
    expect(only('brk()\nthp: never').message).toBe('“thp” belongs to the head, above the first call.');
  });

  test('a name whose own line is wrong is not told again at each of its uses', () => {
    expect(parse('a = mmpa(NULL)\nwrite(a)\nmunmap(a, 4K)').diagnostics).toHaveLength(1);
  });

  test('ten errors are told at once, and the lines before the first still run', () => {
    const parsed = parse(`write(0x1000)\nwrite(0x2000)\n${'wriet(1)\n'.repeat(50)}`);
    expect(parsed.diagnostics).toHaveLength(10);
    expect(parsed.diagnostics[9].at.line).toBe(12);
    expect(compileParsed(parsed).steps).toHaveLength(2);
  });

  test('a text that is too large, and too many calls, are refused', () => {
    expect(only('#'.repeat(300_000))).toMatchObject({
      message: 'The text is larger than 256 KiB, the most that is read.',
    });
    expect(only('é'.repeat(150_000)).message).toContain('larger');
    const parsed = parse('brk()\n'.repeat(12), { bytes: 1e6, operations: 10 });
    expect(parsed.diagnostics.map((d) => d.message)).toEqual(['At most 10 calls are read.']);
    expect(compileParsed(parsed).steps).toHaveLength(10);
  });

  test('a range that would take too many touches is not run', () => {
    const program = compileParsed(parse('a = brk()\nread(a, 1000000000)\ntouch(a, 4K, 0)'));
    expect(program.resolve(1, program.start())).toEqual({
      refused: 'One call touches at most 16777216 times, not 1000000000.',
    });
    expect(program.resolve(2, program.start())).toEqual({ refused: 'The stride is not above 0.' });
  });
});
