import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../../..');
const folder = mkdtempSync(join(tmpdir(), 'mmscope-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Ended {
  code: number;
  out: string;
  err: string;
}

const cli = (...args: string[]): Promise<Ended> =>
  new Promise((done) =>
    execFile(
      process.execPath,
      [join(root, 'scripts/run-ts.mjs'), 'src/cli/main.ts', ...args],
      { cwd: root },
      (e, out, err) => done({ code: e === null ? 0 : Number(e.code), out, err }),
    ),
  );

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const GOOD =
  'pool(2)\na = mmap(NULL, 4M, rw, PRIVATE|ANON|HUGETLB)\nexpect HugePages_Rsvd 2\nwrite(a + 8M) → SIGSEGV\n';

describe('a scenario on the command line', { timeout: 60_000 }, () => {
  const good = file('good.mm', GOOD);
  const bad = file('bad.mm', GOOD.replace('Rsvd 2', 'Rsvd 3').replace('SIGSEGV', 'SIGBUS'));

  test('check is silent about what holds, has a line for each that does not, and a code for a course to grade by', async () => {
    expect(await cli('check', good)).toMatchObject({
      code: 0,
      out: `${good}: 2 of 2 expectations hold, 3 operations\n`,
    });
    const { code, out } = await cli('check', good, bad);
    expect(code).toBe(1);
    expect(out.split('\n').slice(1, 4)).toEqual([
      `${bad}:3: expected HugePages_Rsvd 3, found HugePages_Rsvd 2`,
      `${bad}:4: expected → SIGBUS, found → SIGSEGV`,
      `${bad}: 0 of 2 expectations hold, 3 operations`,
    ]);
  });

  test('check says where a text is wrong', async () => {
    const wrong = file('wrong.mm', 'brk()\nwriet(1)\n');
    const { code, err } = await cli('check', wrong);
    expect([code, err]).toEqual([2, `${wrong}:2:1: There is no call “wriet”. Did you mean “write”?\n`]);
  });

  test('a file in which nothing is expected was not checked, and is no success', async () => {
    const empty = file('empty.mm', '');
    const silent = file('silent.mm', 'a = brk()\n');
    expect(await cli('check', empty)).toMatchObject({ code: 3, err: expect.stringContaining('nothing was checked') });
    expect(await cli('check', good, silent)).toMatchObject({ code: 3 });
    expect(await cli('check', '--allow-empty', empty, silent)).toMatchObject({ code: 0, err: '' });
  });

  test('a name in an expectation stands for what it stood for before its line', async () => {
    const circles = 'a = mmap(1, 0, r, 0) → a\nb = munmap(1, 1) → b\n';
    const { code, out } = await cli('check', file('circles.mm', circles));
    expect([code, out]).toEqual([1, expect.stringContaining('0 of 2 expectations hold')]);
    expect(out).toContain('expected → a (which stood for nothing before this line), found → EBADF');
    const moved = 'a = mmap(NULL, 8K, rw, PRIVATE|ANON)\na = mremap(a, 8K, 4K) → a\nb = brk()\nb = brk(b + 4K) → b\n';
    expect(await cli('check', file('moved.mm', moved))).toMatchObject({
      code: 1,
      out: expect.stringMatching(/moved\.mm:4: expected → b [^]*1 of 2 expectations hold/),
    });
  });

  test('one file that cannot be read does not keep the others from being checked', async () => {
    const { code, out, err } = await cli('check', join(folder, 'missing.mm'), good);
    expect(code).toBe(2);
    expect(err).toContain('there is no such file');
    expect(out).toContain('2 of 2 expectations hold');
  });

  test('run prints what happened and the end state, and goes on under the other design', async () => {
    const { out } = await cli('run', '--design', 'flag', good);
    expect(out).toContain('   3  write(a + 8M) → SIGSEGV');
    expect(out).toMatch(/^HugePages_Rsvd: +2$/m);
    expect((await cli('run', '--as', 'jsonl', good)).out.trim().split('\n')).toHaveLength(4);
    expect((await cli('run', '--as', 'nothing', good)).code).toBe(2);
  });

  test('link and open are inverses, and a damaged link says what is wrong', async () => {
    const link = (await cli('link', '--step', '2', good)).out.trim();
    expect(link).toMatch(/^#1\.[\w-]+\.[\w-]+&s=2$/);
    expect(await cli('open', link)).toMatchObject({
      code: 0,
      err: '',
      out: expect.stringContaining('expect HugePages_Rsvd 2'),
    });
    expect(await cli('open', link.slice(0, 20))).toMatchObject({ code: 1, err: expect.stringContaining('cut short') });
  });

  test('a trace becomes a scenario that checks out', async () => {
    const trace = await cli('import-strace', join(root, 'test/traces/tar.strace.gz'));
    expect(await cli('check', file('tar.mm', trace.out))).toMatchObject({ code: 0 });
    const maps = '7ffff7fc8000-7ffff7fca000 r-xp 00000000 00:00 0                          [vdso]\n';
    const { out } = await cli('import-maps', file('maps', maps));
    expect(await cli('check', file('maps.mm', out))).toMatchObject({ code: 0, out: expect.stringContaining('2 of 2') });
  });
});
