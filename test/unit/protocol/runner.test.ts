import { describe, expect, test } from 'vitest';
import type { Place } from '../../../src/protocol/messages';
import { EVERYTHING, words } from '../history/told';
import { createPage, Failed } from './page';

const TEXT = `title: Reserve at mmap
pool(4)
a = mmap(NULL, 4M, rw, PRIVATE|ANONYMOUS|HUGETLB)
write(a)
munmap(a, 4M)
`;
/** Without the timeline, which goes on being known while one steps back. */
const { timeline: _timeline, ...STILL } = EVERYTHING;
const at = (k: number, event: number | null = null): Place => ({ k, event });
const problemOf = (error: unknown): string => (error instanceof Failed ? error.problem.kind : 'none');

async function loaded(text = TEXT, design = '', other = '') {
  const page = createPage();
  const answer = await page.ask('load', { text, design, other });
  return { page, answer };
}

describe('a scenario', () => {
  test('is read once, and told about', async () => {
    const { answer } = await loaded();
    expect(answer).toMatchObject({
      title: 'Reserve at mmap',
      n: 4,
      design: 'ops',
      other: '',
      diagnostics: [],
      branch: 1,
    });
  });

  test('runs up to its first error', async () => {
    const { page, answer } = await loaded(`${TEXT}mmpa(1)\nwrite(a)\n`);
    expect(answer.n).toBe(4);
    expect(answer.diagnostics[0]).toMatchObject({ code: 'unknown-call', suggestion: 'mmap' });
    const { moment } = await page.ask('show', { at: at(99), pictures: {} });
    expect(moment).toMatchObject({ k: 4, n: 4 });
  });

  test('runs under the design that it names, or that is asked for', async () => {
    expect((await loaded(`design: flag\n${TEXT}`)).answer.design).toBe('flag');
    const { page } = await loaded(TEXT, 'flag', 'ops');
    const left = await page.ask('show', { at: at(3), pictures: EVERYTHING });
    const right = await page.ask('show', { at: at(3), side: 'right', pictures: EVERYTHING });
    expect([left.moment.design, right.moment.design]).toEqual(['flag', 'ops']);
    expect(right.pool!.free).toEqual(left.pool!.free);
  });

  test('before which nothing can be asked', async () => {
    const page = createPage();
    expect(await page.ask('show', { at: at(0), pictures: {} }).catch(problemOf)).toBe('invalid');
    const { page: other } = await loaded();
    expect(await other.ask('show', { at: at(0), side: 'right', pictures: {} }).catch(problemOf)).toBe('invalid');
  });
});

describe('a place in time', () => {
  test('is reached step by step, and back the same way with the same pictures', async () => {
    const { page } = await loaded();
    const seen: { place: Place; text: string }[] = [];
    let place = at(0);
    for (;;) {
      const shown = await page.ask('show', { at: place, move: 'next', pictures: STILL });
      const next = at(shown.moment.k, shown.moment.event);
      if (next.k === place.k && next.event === place.event) break;
      place = next;
      seen.push({ place, text: JSON.stringify(shown) });
    }
    expect(seen.length).toBeGreaterThan(40);
    expect(place).toEqual(at(4));
    for (let i = seen.length - 2; i >= 0; i--) {
      const shown = await page.ask('show', { at: place, move: 'back', pictures: STILL });
      place = at(shown.moment.k, shown.moment.event);
      expect(place).toEqual(seen[i]!.place);
      expect(JSON.stringify(shown)).toBe(seen[i]!.text);
    }
    const { moment } = await page.ask('show', { at: place, move: 'back', pictures: {} });
    expect(at(moment.k, moment.event)).toEqual(at(0));
  });

  test('moves by whole operations out of the middle of one', async () => {
    const { page } = await loaded();
    const k = async (from: Place, move: 'nextOperation' | 'backOperation' | 'first' | 'last') => {
      const { moment } = await page.ask('show', { at: from, move, pictures: {} });
      return at(moment.k, moment.event);
    };
    expect(await k(at(3, 5), 'nextOperation')).toEqual(at(3));
    expect(await k(at(3, 5), 'backOperation')).toEqual(at(2));
    expect(await k(at(2), 'last')).toEqual(at(4));
    expect(await k(at(4), 'nextOperation')).toEqual(at(4));
    expect(await k(at(0), 'backOperation')).toEqual(at(0));
    expect(await k(at(3, 7), 'first')).toEqual(at(0));
  });

  test('that does not exist is the nearest that does', async () => {
    const { page } = await loaded();
    const go = async (place: Place) => (await page.ask('show', { at: place, pictures: {} })).moment;
    expect(await go(at(-3))).toMatchObject({ k: 0, event: null });
    expect(await go(at(3, 9_999))).toMatchObject({ k: 3, event: null });
    expect(await go(at(3, 0))).toMatchObject({ k: 3, event: null });
  });

  test('tells where a new statement would go, and what an expectation found', async () => {
    const { page } = await loaded(
      'pool(2)\nexpect HugePages_Free 3\n\n# why\na = mmap(NULL, 4K, rw, PRIVATE|ANONYMOUS)\n',
    );
    const go = async (k: number) => (await page.ask('show', { at: at(k), pictures: {} })).moment;
    expect((await go(0)).linesAbove).toBe(0);
    const first = await go(1);
    expect(first.linesAbove).toBe(2);
    expect(first.unexpected).toContain('found');
    expect(await go(2)).toMatchObject({ linesAbove: 5, explanation: 'why', unexpected: '' });
  });
});

describe('a change of the text', () => {
  test('at the end goes on; in the past it keeps the other future', async () => {
    const { page } = await loaded();
    const on = await page.ask('edit', { text: `${TEXT}b = mmap(NULL, 4K, rw, PRIVATE|ANONYMOUS)\n`, amend: false });
    expect(on).toMatchObject({ n: 5, branch: 1, common: 4 });
    const lines = on.text.split('\n');
    const past = [...lines.slice(0, 4), 'write(a + 2M)', ''].join('\n');
    const left = await page.ask('edit', { text: past, amend: false });
    expect(left).toMatchObject({ n: 4, branch: 2, common: 3 });
    const { timeline, moment } = await page.ask('show', { at: at(4), pictures: EVERYTHING });
    expect(words(moment.sentence)).toMatch(/^The second write to a takes a page that was promised/);
    expect(timeline!.branches.map((b) => [b.id, b.from, b.at, b.n, b.current])).toEqual([
      [1, -1, 0, 5, false],
      [2, 1, 3, 4, true],
    ]);
    const back = await page.ask('branch', { id: 1 });
    expect(back.text).toBe(on.text);
    expect((await page.ask('show', { at: at(4), pictures: {} })).moment.statement!.text).toBe('munmap(a, 4M)');
  });

  test('typed on does not make a branch for every key, and a text seen before is its branch', async () => {
    const { page } = await loaded();
    const type = (text: string, amend: boolean) => page.ask('edit', { text, amend });
    const typed = (size: string) => TEXT.replace('4M, rw', `${size}, rw`);
    expect((await type(typed('2M'), false)).branch).toBe(2);
    expect((await type(typed('24M'), true)).branch).toBe(2);
    expect((await type(TEXT, false)).branch).toBe(1);
    const { timeline } = await page.ask('show', { at: at(0), pictures: EVERYTHING });
    expect(timeline!.branches.length).toBe(2);
  });

  test('of the head begins anew', async () => {
    const { page } = await loaded();
    await page.ask('show', { at: at(4), pictures: {} });
    const small = await page.ask('edit', {
      text: `memory: 64M\n${TEXT.replace('pool(4)', 'pool(400)')}`,
      amend: false,
    });
    expect(small.common).toBe(0);
    const { pool } = await page.ask('show', { at: at(1), pictures: EVERYTHING });
    expect(pool!.total.now).toBeLessThan(32);
  });
});

describe('long work', () => {
  const LONG = `a = mmap(NULL, 64K, rw, PRIVATE|ANONYMOUS)\n${'write(a, 16)\nmadvise(a, 64K, DONTNEED)\n'.repeat(4_000)}`;

  test('tells how far it is, and can be stopped', async () => {
    const { page } = await loaded(LONG);
    const run = page.ask('run', { to: Infinity });
    page.cancel(run.id);
    expect(await run.catch(problemOf)).toBe('cancelled');
    const { reached } = await page.ask('run', { to: 500 });
    expect(reached).toBeGreaterThanOrEqual(500);
    expect(reached).toBeLessThan(8_001);
  });

  test('gives way to a newer wish of the same side', async () => {
    const { page } = await loaded(LONG);
    const far = page.ask('show', { at: at(Infinity), pictures: {} }).catch(problemOf);
    const near = page.ask('show', { at: at(2), pictures: {} });
    expect(await far).toBe('cancelled');
    expect((await near).moment.k).toBe(2);
  });

  test('ends when the text changes under it', async () => {
    const { page } = await loaded(LONG);
    const run = page.ask('run', { to: Infinity }).catch(problemOf);
    await page.ask('edit', { text: TEXT, amend: false });
    expect(await run).toBe('cancelled');
    expect((await page.ask('show', { at: at(4), pictures: {} })).moment.n).toBe(4);
  });

  test('compares, and finds the first place that differs or is broken', async () => {
    const { page } = await loaded(TEXT, 'ops', 'flag');
    const comparison = await page.ask('compare', { other: 'flag' });
    expect(comparison).toMatchObject({ leftDesign: 'ops', rightDesign: 'flag', compared: 4, firstState: null });
    expect(await page.ask('find', { what: 'difference' })).toEqual({ k: 3 });
    expect(await page.ask('find', { what: 'broken' })).toEqual({ k: null });
  });
});
