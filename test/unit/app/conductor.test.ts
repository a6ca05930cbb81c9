import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createStore } from 'zustand/vanilla';
import { createConductor } from '../../../src/app/motion/conductor';
import type { Pictures } from '../../../src/history/picture';
import { initialState } from '../../../src/store/initial';
import type { State } from '../../../src/store/state';
import { beatsOf } from '../../../src/views/beats/beats';
import { stagedPictures } from '../../../src/views/beats/staged';
import { EVERYTHING, pictures, runOf } from '../history/told';

const TEXT = 'pool(8)\na = mmap(NULL, 8M, rw, PRIVATE|ANONYMOUS|HUGETLB)\nwrite(a)\nwrite(a + 2M)\n';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** A session that answers with the moments of a scenario, and its conductor. */
function conducted(still = false) {
  const run = runOf(TEXT);
  const at = (k: number): Pictures => pictures(run.stand(k), EVERYTHING);
  const session = createStore<State>(() => initialState());
  const conductor = createConductor(session, () => still);
  conductor.load({ beatsOf, stagedPictures });
  const show = (left: Pictures, motion: 'on' | 'back' | 'jump'): void =>
    session.setState((state) => ({
      time: { ...state.time, motion, place: { k: left.moment.k, event: left.moment.event } },
      pictures: { ...state.pictures, left },
    }));
  return { at, show, conductor, now: () => conductor.store.getState() };
}

test('a step on is told beat by beat, and ends in its own pictures', () => {
  const { at, show, now } = conducted();
  show(at(2), 'jump');
  const after = at(3);
  show(after, 'on');
  expect(now().beats.map(({ kind }) => kind)).toEqual(['ask', 'walk', 'give']);
  const free: number[] = [];
  for (let i = 0; i < 4; i++) {
    free.push(now().pictures!.pool!.free.now);
    vi.advanceTimersByTime(300);
  }
  expect(free).toEqual([8, 8, 7, 7]);
  expect(now().pictures).toBe(after);
});

test('a step that comes in the middle of another ends that one at once', () => {
  const { at, show, now } = conducted();
  show(at(2), 'jump');
  show(at(3), 'on');
  vi.advanceTimersByTime(350);
  const after = at(4);
  show(after, 'on');
  expect(now().at).toBe(0);
  // What the new step begins with is the end of the one before.
  expect(now().pictures!.pool!.free.now).toBe(7);
  vi.advanceTimersByTime(2000);
  expect(now().pictures).toBe(after);
});

test('beats can be stepped through and back, and stand where they are left', () => {
  const { at, show, now, conductor } = conducted();
  show(at(2), 'jump');
  show(at(3), 'on');
  vi.advanceTimersByTime(2000);
  expect([conductor.step(-1), now().at]).toEqual([true, 2]);
  expect([conductor.step(-1), now().at]).toEqual([true, 1]);
  vi.advanceTimersByTime(5000);
  expect(now().at).toBe(1);
  for (const to of [2, 3]) expect([conductor.step(1), now().at]).toEqual([true, to]);
  expect(conductor.step(1)).toBe(false);
});

test('a jump, a step back and a person who wants nothing to move get the end at once, with the beats to read', () => {
  for (const [still, motion] of [
    [false, 'jump'],
    [false, 'back'],
    [true, 'on'],
  ] as const) {
    const { at, show, now } = conducted(still);
    show(at(2), 'jump');
    const after = at(3);
    show(after, motion);
    expect(now().pictures).toBe(after);
    expect(now().at).toBe(now().beats.length);
    expect(now().beats.length).toBe(3);
    if (motion !== 'back') expect(now().duration).toBe(0);
  }
});

test('the same moment in more detail does not begin its step anew', () => {
  const { at, show, now } = conducted();
  show(at(2), 'jump');
  show(at(3), 'on');
  vi.advanceTimersByTime(350);
  const again = at(3);
  show(again, 'jump');
  expect(now().at).toBe(1);
  vi.advanceTimersByTime(2000);
  expect(now().pictures).toBe(again);
});
