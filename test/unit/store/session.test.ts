import { describe, expect, test, vi } from 'vitest';
import { insertStatement } from '../../../src/store/insert';
import { createSession } from '../../../src/store/session';
import type { FromWorker } from '../../../src/protocol/messages';
import { createClient } from '../../../src/worker/client';
import { TestWorker } from '../protocol/page';

const TEXT = `pool(4)
a = mmap(NULL, 4M, rw, PRIVATE|ANONYMOUS|HUGETLB)
write(a)
munmap(a, 4M)
`;

async function opened(text = TEXT) {
  const workers: TestWorker[] = [];
  const client = createClient(() => {
    const worker = new TestWorker();
    workers.push(worker);
    return worker;
  });
  const session = createSession(client);
  await session.open(text);
  return { session, workers, get: session.store.getState };
}

type Named = { readonly ref: `area:${number}`; readonly id: number };

const idle = (ms = 30) => new Promise((resolve) => setTimeout(resolve, ms));

describe('a session', () => {
  test('opens paused at the start, with everything that is drawn', async () => {
    const { get, session } = await opened();
    expect(get().time).toMatchObject({ place: { k: 0, event: null }, playing: false, motion: 'jump' });
    expect(get().status.state).toBe('ready');
    const { left } = get().pictures;
    expect(left!.moment.n).toBe(4);
    for (const name of ['areas', 'tree', 'pool', 'frames', 'path', 'timeline'] as const)
      expect(left![name]).toBeDefined();
    session.end();
  });

  test('keeps up with a person who presses a key faster than it draws', async () => {
    const { get, session } = await opened();
    await Promise.all([session.move('nextOperation'), session.move('nextOperation'), session.move('nextOperation')]);
    expect(get().time.place.k).toBe(3);
    await Promise.all([
      session.go({ k: 1, event: null }),
      session.go({ k: 4, event: null }),
      session.go({ k: 2, event: null }),
    ]);
    expect(get().time.place.k).toBe(2);
    expect(get().pictures.left!.moment.k).toBe(2);
    session.end();
  });

  test('looks at the process that did what just happened, and leaves the choice to the person in between', async () => {
    const { get, session } = await opened(
      'a = mmap(NULL, 8K, rw, PRIVATE|ANONYMOUS)\nwrite(a)\nchild = fork()\nchild: write(a)\nwrite(a)\n',
    );
    await session.go({ k: 3, event: null });
    expect(get().want.who).toBe(0);
    await session.want({ who: 1 });
    expect(get().want.who).toBe(1);
    await session.want({ who: 0 });
    await session.move('nextOperation');
    expect(get().want.who).toBe(1);
    expect(get().pictures.left!.areas!.who).toBe(1);
    expect(get().time.place.k).toBe(4);
    await session.move('nextOperation');
    expect(get().want.who).toBe(0);
    session.end();
  });

  test('adds a statement after the moment, goes to it, and keeps what came after', async () => {
    const { get, session } = await opened();
    await session.go({ k: 3, event: null });
    await session.addStatement('write(a + 2M)');
    expect(get().scenario.text.split('\n')[3]).toBe('write(a + 2M)');
    expect(get().time.place.k).toBe(4);
    expect(get().time.motion).toBe('on');
    expect(get().pictures.left!.moment.statement!.text).toBe('write(a + 2M)');
    expect(get().pictures.left!.moment.n).toBe(5);
    const { branches } = get().pictures.left!.timeline!;
    expect(branches.length).toBe(2);
    await session.switchBranch(branches[0]!.id);
    expect(get().scenario.text).toBe(TEXT);
    await session.undo();
    expect(get().scenario.text).toContain('write(a + 2M)');
    session.end();
  });

  test('undoes and does again', async () => {
    const { get, session } = await opened();
    await session.edit(`${TEXT}write(a)\n`);
    await session.edit(`${TEXT}write(a)\nread(a)\n`);
    await session.undo();
    expect(get().scenario.text).toBe(TEXT);
    await session.redo();
    expect(get().scenario.text).toBe(`${TEXT}write(a)\nread(a)\n`);
    expect(get().scenario.loaded!.n).toBe(6);
    session.end();
  });

  test('selects a thing and says what lights up with it', async () => {
    const { get, session } = await opened();
    await session.go({ k: 3, event: null });
    const row = get().pictures.left!.areas!.rows.find((r) => r.row === 'area' && r.name === 'a')!;
    if (row.row !== 'area') throw new Error('no area');
    await session.select([row.ref]);
    expect(get().selection.inspection!.title).toBe('area a');
    expect(get().selection.selectedFellows!.areas).toEqual([row.id]);
    session.hover([row.ref]);
    await vi.waitFor(() => expect(get().selection.hoveredFellows?.frames.length).toBe(1));
    session.hover([]);
    expect(get().selection.hoveredFellows).toBeNull();
    session.end();
  });

  test('shows what the pointer is over now, whenever the answers come', async () => {
    const { get, session, workers } = await opened();
    await session.go({ k: 3, event: null });
    // Two areas of the program itself, drawn or folded away.
    const [first, second] = [1, 2].map((id) => ({ ref: `area:${id}` as const, id })) as [Named, Named];
    const worker = workers[0]!;
    const held: FromWorker[] = (worker.held = []);
    const asked = () => held.filter((message) => message.type === 'answer').length;
    session.hover([first.ref]);
    session.hover([second.ref]);
    await vi.waitFor(() => expect(asked()).toBe(2));
    const [forFirst, forSecond] = held;
    worker.deliver(forSecond!);
    await vi.waitFor(() => expect(get().selection.hoveredFellows!.areas).toEqual([second.id]));
    worker.deliver(forFirst!);
    await idle();
    expect(get().selection.hovered).toEqual([second.ref]);
    expect(get().selection.hoveredFellows!.areas).toEqual([second.id]);

    held.length = 0;
    session.hover([first.ref]);
    await vi.waitFor(() => expect(asked()).toBe(1));
    session.hover([]);
    worker.deliver(held[0]!);
    await idle();
    expect(get().selection.hoveredFellows).toBeNull();
    session.hover([]);
    session.end();
  });

  test('looks at another process when the one it looked at is gone', async () => {
    const { get, session } = await opened(`${TEXT}child = fork()\nchild: exit()\n`);
    await session.go({ k: 5, event: null });
    await session.want({ who: 1 });
    expect(get().pictures.left!.areas!.who).toBe(1);
    await session.go({ k: 4, event: null });
    expect(get().pictures.left!.areas!.who).toBe(0);
    session.end();
  });

  test('starts again from the scenario when its worker dies, where it stood, and says so', async () => {
    const { get, session, workers } = await opened();
    await session.go({ k: 3, event: null });
    workers[0]!.crash();
    await vi.waitFor(() => expect(workers[1]!.heard.length).toBeGreaterThan(1));
    await vi.waitFor(() => expect(get().status.state).toBe('ready'));
    expect(get().pictures.left!.moment.k).toBe(3);
    expect(get().status.notices.at(-1)!.text).toContain('Nothing is lost');
    await session.move('nextOperation');
    expect(get().time.place.k).toBe(4);
    session.end();
  });

  test('plays to the end and stops there', async () => {
    const { get, session } = await opened();
    session.setSpeed(400);
    session.play();
    expect(get().time.playing).toBe(true);
    await vi.waitFor(() => expect(get().time.place.k).toBe(4));
    await idle();
    expect(get().time.playing).toBe(false);
    session.play();
    expect(get().time.playing).toBe(false);
    session.end();
  });

  test('shows two designs side by side, and what differs', async () => {
    const { get, session } = await opened();
    await session.setDesigns('ops', 'flag');
    await session.go({ k: 3, event: null });
    expect(get().pictures.right!.moment).toMatchObject({ design: 'flag', k: 3 });
    await session.compare();
    expect(get().pictures.comparison!.firstPath!.k).toBe(3);
    await session.setDesigns('flag', '');
    expect(get().pictures.right).toBeNull();
    expect(get().pictures.left!.moment.design).toBe('flag');
    session.end();
  });
});

/** Thirty operations, each a step. */
const LONG = `a = mmap(NULL, 128K, rw, PRIVATE|ANONYMOUS)\n${Array.from({ length: 29 }, (_, i) => `write(a + ${i * 4}K)\n`).join('')}`;

describe('key presses', () => {
  test('are never lost: twelve quick ones end at twelve', async () => {
    const { get, session } = await opened(LONG);
    await Promise.all(Array.from({ length: 12 }, () => session.move('nextOperation')));
    expect(get().time.place).toEqual({ k: 12, event: null });
    expect(get().pictures.left!.moment.k).toBe(12);
    await Promise.all(Array.from({ length: 5 }, () => session.move('backOperation')));
    expect(get().pictures.left!.moment.k).toBe(7);
    session.end();
  });

  test('inside an operation count as they do one by one', async () => {
    const slow = await opened(LONG);
    for (let i = 0; i < 12; i++) await slow.session.move('next');
    const quick = await opened(LONG);
    await Promise.all(Array.from({ length: 12 }, () => quick.session.move('next')));
    expect(quick.get().time.place).toEqual(slow.get().time.place);
    expect(quick.get().time.place).not.toEqual({ k: 0, event: null });
    slow.session.end();
    quick.session.end();
  });

  test('draw fewer pictures than there are presses, and the last one in full', async () => {
    const { get, session, workers } = await opened(LONG);
    workers[0]!.heard.length = 0;
    await Promise.all(Array.from({ length: 12 }, () => session.move('nextOperation')));
    const shows = workers[0]!.heard.flatMap((said) =>
      said.type === 'ask' && said.question === 'show' ? [said.ask] : [],
    );
    expect(shows.length).toBe(12);
    expect(shows.filter(({ pictures }) => pictures.areas !== undefined).length).toBeLessThan(4);
    expect(get().pictures.left!.areas).toBeDefined();
    session.end();
  });

  test('wait behind every other wish, and none of these replaces them', async () => {
    const others: Readonly<
      Record<string, (session: Awaited<ReturnType<typeof opened>>['session']) => Promise<unknown>>
    > = {
      'another window': (session) => session.want({ maxPoolCells: 64 }),
      'a selection': (session) => session.select(['area:1']),
      'an edit below': (session) => session.edit(`${LONG}write(a)\n`),
      'another design': (session) => session.setDesigns('flag', ''),
      'two designs': (session) => session.setDesigns('ops', 'flag'),
      'the end of the run': (session) => session.finish(),
      'an import': (session) => session.importTexts([{ name: 'x', text: 'pool(1)\n' }]),
    };
    for (const [name, other] of Object.entries(others)) {
      const { get, session } = await opened(LONG);
      const press = () => session.move('nextOperation');
      const all = [press(), press(), press(), other(session), press(), press(), press(), press()];
      await idle(3);
      all.push(press(), press(), other(session), press(), press(), press());
      await Promise.all(all);
      expect(get().time.place.k, name).toBe(12);
      expect(get().pictures.left!.moment.k, name).toBe(12);
      expect(get().status.notices, name).toEqual([]);
      session.end();
    }
  });

  test('after a jump count from where it leads; those before it have had their effect', async () => {
    const { get, session } = await opened(LONG);
    const press = () => session.move('nextOperation');
    await Promise.all([press(), press(), session.go({ k: 10, event: null }), press(), press()]);
    expect(get().time.place.k).toBe(12);
    await Promise.all([press(), session.move('first'), press(), session.move('last'), session.move('backOperation')]);
    expect(get().time.place.k).toBe(29);
    session.end();
  });

  test('belong to the scenario that is being opened', async () => {
    const { get, session } = await opened(LONG);
    const press = () => session.move('nextOperation');
    await Promise.all([press(), press(), press(), session.open(`${LONG}write(a)\n`), press(), press()]);
    expect(get().time.place.k).toBe(2);
    expect(get().scenario.loaded!.n).toBe(31);
    session.end();
  });

  test('put a statement where they have led', async () => {
    const { get, session } = await opened(LONG);
    const press = () => session.move('nextOperation');
    await Promise.all([
      press(),
      press(),
      press(),
      session.addStatement('read(a)'),
      session.addStatement('read(a + 4K)'),
      press(),
    ]);
    expect(get().scenario.text.split('\n').slice(3, 5)).toEqual(['read(a)', 'read(a + 4K)']);
    expect(get().time.place.k).toBe(6);
    session.end();
  });

  test('survive the end of the worker', async () => {
    const { get, session, workers } = await opened(LONG);
    const all = Array.from({ length: 7 }, () => session.move('nextOperation'));
    await idle(2);
    workers[0]!.crash();
    all.push(...Array.from({ length: 5 }, () => session.move('nextOperation')));
    await Promise.all(all);
    expect(get().time.place.k).toBe(12);
    expect(get().pictures.left!.moment.k).toBe(12);
    session.end();
  });

  test('stop where they are told to', async () => {
    const { session, workers } = await opened('pool(1)\n');
    session.end();
    expect(workers[0]!.terminated).toBe(true);
    const client = createClient(() => new TestWorker());
    const held: string[] = [];
    const gated = createSession(client, {
      refuses(moment, move) {
        if (move !== 'nextOperation' || moment.k < 5) return false;
        held.push(move);
        return true;
      },
    });
    await gated.open(LONG);
    await Promise.all(Array.from({ length: 12 }, () => gated.move('nextOperation')));
    expect(gated.store.getState().time.place.k).toBe(5);
    expect(gated.store.getState().pictures.left!.moment.k).toBe(5);
    expect(held.length).toBe(7);
    gated.end();
  });
});

describe('when the worker ends', () => {
  test('other futures are still there', async () => {
    const { get, session, workers } = await opened();
    await session.go({ k: 3, event: null });
    await session.addStatement('write(a + 2M)');
    await session.go({ k: 2, event: null });
    await session.addStatement('read(a)');
    const before = get().pictures.left!.timeline!.branches;
    expect(before.length).toBe(3);
    workers[0]!.crash();
    await vi.waitFor(() => expect(get().status.state).toBe('ready'));
    await session.move('backOperation');
    expect(get().pictures.left!.timeline!.branches).toEqual(before);
    await session.switchBranch(before[0]!.id);
    expect(get().scenario.text).toBe(TEXT);
    session.end();
  });

  test('while a scenario is being opened, that one is opened, where and as it was asked for', async () => {
    const { get, session, workers } = await opened();
    const opening = session.open(LONG, { at: { k: 4, event: null }, design: 'flag', other: 'ops' });
    workers[0]!.crash();
    await opening;
    await vi.waitFor(() => expect(get().pictures.left?.moment.k).toBe(4));
    expect(get().scenario.text).toBe(LONG);
    expect(get().scenario.loaded).toMatchObject({ design: 'flag', other: 'ops' });
    session.end();
  });
});

describe('a new statement', () => {
  test('goes below the lines of the moment, and leaves the others as they are', () => {
    expect(insertStatement('a\nb\nc\n', 1, 'x')).toBe('a\nx\nb\nc\n');
    expect(insertStatement('a\n', Infinity, 'x')).toBe('a\nx\n');
    expect(insertStatement('', 0, 'x')).toBe('x\n');
  });
});
