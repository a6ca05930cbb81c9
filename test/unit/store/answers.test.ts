/** What a session keeps, asks and tells: every part of its state, by what a person does. */
import { describe, expect, test, vi } from 'vitest';
import type { Move } from '../../../src/protocol/messages';
import { initialState } from '../../../src/store/initial';
import { requestOf } from '../../../src/store/request';
import { createSession } from '../../../src/store/session';
import { createClient } from '../../../src/worker/client';
import { TestWorker } from '../protocol/page';

const TEXT = `pool(4)
a = mmap(NULL, 4M, rw, PRIVATE|ANONYMOUS|HUGETLB)
write(a)
munmap(a, 4M)
`;

async function opened(text = TEXT, options: { design?: string; other?: string } = {}) {
  const worker = new TestWorker();
  // It shares its thread with the page here, and may hear late that it should stop.
  const session = createSession(createClient(() => worker, { hearing: 60_000 }));
  await session.open(text, options);
  return { session, worker, get: session.store.getState };
}

test('a session that nothing was opened in knows nothing, and wants what the panes draw at first', () => {
  const { get } = { get: createSession(createClient(() => new TestWorker())).store.getState };
  expect(get()).toEqual(initialState());
  expect(get().scenario).toEqual({ text: '', loaded: null, undo: [], redo: [] });
  expect(get().time).toMatchObject({ place: { k: 0, event: null }, playing: false, speed: 1, fine: false });
  expect(get().pictures).toEqual({ left: null, right: null, comparison: null });
  expect(get().selection).toEqual({
    selected: [],
    hovered: [],
    selectedFellows: null,
    hoveredFellows: null,
    inspection: null,
  });
  expect(get().status).toEqual({ state: 'starting', progress: null, notices: [] });
  expect(get().want.tree).toMatchObject({ open: [], folded: [] });
});

describe('what is asked of the worker', () => {
  const state = initialState();
  const asked = (want: Partial<typeof state.want>, selected: readonly `area:${number}`[] = []) =>
    requestOf({ ...state, want: { ...state.want, ...want }, selection: { ...state.selection, selected } });

  test('leaves out what nobody looks at, and only that', () => {
    const plain = asked({ heat: null, maxSteps: 0, proc: null, wall: null });
    expect(Object.keys(plain).sort()).toEqual(['areas', 'frames', 'pool', 'timeline', 'tree']);
    const heat = { start: 0, end: 4096, maxPixels: 4 };
    const wall = { left: 0, right: 1, maxEntries: 8 };
    const all = asked({ who: 3, heat, maxSteps: 7, proc: { file: 'smaps', maxLines: 9 }, wall }, ['area:5']);
    expect(all).toMatchObject({
      heat: { ...heat, who: 3 },
      path: { maxSteps: 7 },
      proc: { file: 'smaps', maxLines: 9, who: 3 },
      wall,
      inspect: 'area:5',
      timeline: { maxMarks: state.want.maxTimeMarks },
      pool: { maxCells: state.want.maxPoolCells },
      tree: { who: 3, auto: true, maxMarks: state.want.tree.maxMarks },
    });
  });

  test('keeps in sight the areas that are pointed at, and no other things', () => {
    const selection = { ...state.selection, selected: ['area:5', 'frame:7'] as const, hovered: ['area:9'] as const };
    expect(requestOf({ ...state, selection }).areas?.keep).toEqual([5, 9]);
  });
});

describe('the pictures come', () => {
  const MOVES: readonly (readonly [from: number, move: Move, k: number, motion: string])[] = [
    [1, 'nextOperation', 2, 'on'],
    [1, 'next', 2, 'on'],
    [3, 'backOperation', 2, 'back'],
    [1, 'last', 4, 'jump'],
    [3, 'first', 0, 'jump'],
  ];
  test.each(MOVES)('from step %i by %s to %i as "%s"', async (from, move, k, motion) => {
    const { get, session } = await opened();
    await session.go({ k: from, event: null });
    await session.move(move);
    expect(get().time.motion).toBe(motion);
    expect(get().time.place.k).toBe(k);
    session.end();
  });

  test('by a step back inside an operation as "back"', async () => {
    const { get, session } = await opened();
    await session.go({ k: 3, event: null });
    await session.move('back');
    expect([get().time.place.k, get().time.motion]).toEqual([3, 'back']);
    expect(get().time.place.event).not.toBeNull();
    session.end();
  });

  test('by a place as the step that it is: one on, one back, or a jump', async () => {
    const { get, session } = await opened();
    const went = async (k: number, event: number | null = null) => {
      await session.go({ k, event });
      return get().time.motion;
    };
    expect([await went(1), await went(2), await went(1), await went(3), await went(1)]).toEqual([
      'on',
      'on',
      'back',
      'jump',
      'jump',
    ]);
    await went(3);
    expect([await went(3, 2), await went(3), await went(3)]).toEqual(['jump', 'jump', 'jump']);
    session.end();
  });
});

describe('going back in the text', () => {
  test('and on again gives each text once, and a new one ends what could be done again', async () => {
    const { get, session } = await opened();
    await session.addStatement('read(a)');
    await session.go({ k: 0, event: null });
    await session.edit(`${TEXT}brk()\n`);
    const texts = [...get().scenario.undo, get().scenario.text];
    expect(texts.length).toBe(3);
    await session.undo();
    await session.undo();
    expect(get().scenario).toMatchObject({ text: texts[0], undo: [], redo: [texts[2], texts[1]] });
    await session.undo();
    expect(get().scenario.text).toBe(texts[0]);
    await session.redo();
    expect(get().scenario).toMatchObject({ text: texts[1], undo: [texts[0]], redo: [texts[2]] });
    await session.edit(`${TEXT}read(a)\n`);
    expect(get().scenario.redo).toEqual([]);
    await session.redo();
    expect(get().scenario.text).toBe(`${TEXT}read(a)\n`);
    session.end();
  });

  test('takes what is typed in one go as one', async () => {
    const { get, session } = await opened();
    for (const more of ['b', 'br', 'brk()\n']) await session.edit(TEXT + more);
    expect(get().scenario.undo).toEqual([TEXT]);
    await session.move('last');
    await session.edit(`${TEXT}brk()\nbrk()\n`);
    expect(get().scenario.undo).toEqual([TEXT, `${TEXT}brk()\n`]);
    await session.edit(get().scenario.text);
    expect(get().scenario.undo.length).toBe(2);
    session.end();
  });

  test('opening another scenario forgets all of it, and what was selected', async () => {
    const { get, session } = await opened();
    await session.edit(`${TEXT}brk()\n`);
    await session.go({ k: 3, event: null });
    await session.select(['area:2']);
    await session.toggleTable(1, false);
    expect(get().selection.inspection).not.toBeNull();
    await session.open('brk()\n');
    expect(get().scenario).toMatchObject({ text: 'brk()\n', undo: [], redo: [] });
    expect(get().selection).toMatchObject({ selected: [], hovered: [], selectedFellows: null, inspection: null });
    expect(get().want).toMatchObject({ who: 0, tree: { open: [], folded: [] }, wall: null });
    expect(get().time.place).toEqual({ k: 0, event: null });
    session.end();
  });
});

describe('what is selected', () => {
  test('is told of, and no longer once it is let go', async () => {
    const { get, session } = await opened();
    await session.go({ k: 3, event: null });
    await session.select(['area:2']);
    expect(get().selection.selectedFellows).not.toBeNull();
    await session.select([]);
    expect(get().selection).toMatchObject({ selected: [], selectedFellows: null, inspection: null });
    session.end();
  });

  test('a table is open or folded, never both', async () => {
    const { get, session } = await opened();
    await session.toggleTable(7, true);
    await session.toggleTable(8, true);
    await session.toggleTable(7, true);
    expect(get().want.tree).toMatchObject({ open: [8, 7], folded: [] });
    await session.toggleTable(7, false);
    expect(get().want.tree).toMatchObject({ open: [8], folded: [7] });
    await session.toggleTable(7, true);
    expect(get().want.tree).toMatchObject({ open: [8, 7], folded: [] });
    session.end();
  });
});

describe('questions about the whole run', () => {
  test('are answered, and say so where there is nothing to find', async () => {
    const { get, session } = await opened(TEXT, { design: 'ops', other: 'flag' });
    await session.find('broken');
    expect(get().status.notices.map(({ kind, text }) => [kind, text])).toEqual([
      ['told', 'No invariant is broken in the whole run.'],
    ]);
    await session.find('difference');
    expect([get().time.place.k, get().time.motion]).toEqual([3, 'jump']);
    expect(await session.finish()).toMatchObject({ n: 4, unexpected: 0 });
    expect((await session.ledger(['ops', 'flag']))!.columns.length).toBe(2);
    expect(await session.exportRun('meminfo')).toContain('HugePages_Total:       4');
    expect(await session.procText(0, 'maps')).toContain('[stack]');
    expect(await session.procText(77, 'maps')).toBe('');
    await session.runAll();
    expect(get().status).toMatchObject({ state: 'ready', progress: null });
    session.end();
  });

  test('are told of once each, newest last, five at most, and go when they are dismissed', async () => {
    const { get, session } = await opened('brk()\n'.repeat(3), { design: 'ops', other: 'ops' });
    await session.find('broken');
    await session.find('difference');
    await session.find('broken');
    const { notices } = get().status;
    expect(notices.map((n) => n.text)).toEqual([
      'The two runs do not differ.',
      'No invariant is broken in the whole run.',
    ]);
    expect(notices[1]!.id).toBeGreaterThan(notices[0]!.id);
    session.dismiss(notices[0]!.id);
    expect(get().status.notices.map((n) => n.id)).toEqual([notices[1]!.id]);
    session.end();
    expect(get().status).toMatchObject({ state: 'ended', progress: null });
  });

  test('that were stopped have no answer, and tell nothing', async () => {
    const { get, session } = await opened(
      `a = mmap(NULL, 64K, rw, PRIVATE|ANONYMOUS)\n${'write(a, 16)\n'.repeat(19_000)}`,
    );
    const answers = [session.finish(), session.exportRun('jsonl'), session.ledger(['ops'])];
    session.stop();
    expect(await Promise.all(answers)).toEqual([null, null, null]);
    expect(get().status.notices).toEqual([]);
    session.end();
  });
});

describe('playing', () => {
  test('goes by the steps inside operations where it is told to, and stops at a pause', async () => {
    const { get, session } = await opened();
    await session.go({ k: 2, event: null });
    session.setFine(true);
    session.setSpeed(100);
    expect(get().time).toMatchObject({ fine: true, speed: 100 });
    session.play();
    await vi.waitFor(() => expect(get().time.place).toMatchObject({ k: 3, event: expect.any(Number) }));
    session.pause();
    expect(get().time.playing).toBe(false);
    session.end();
  });
});
