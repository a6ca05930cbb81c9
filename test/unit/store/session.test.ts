import { describe, expect, test, vi } from 'vitest';
import { insertStatement } from '../../../src/store/insert';
import { createSession } from '../../../src/store/session';
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

describe('a new statement', () => {
  test('goes below the lines of the moment, and leaves the others as they are', () => {
    expect(insertStatement('a\nb\nc\n', 1, 'x')).toBe('a\nx\nb\nc\n');
    expect(insertStatement('a\n', Infinity, 'x')).toBe('a\nx\n');
    expect(insertStatement('', 0, 'x')).toBe('x\n');
  });
});
