/** Plays: one step after another, each when the one before has been shown, until the end or a pause. */
import type { StoreApi } from 'zustand/vanilla';
import type { Sentence } from '../history/picture';
import type { State } from './state';

/** Milliseconds at speed 1: to see what moves in a step, to find the beginning of its sentence, and to read a word of it. */
const SEE = 900;
const FIND = 300;
const WORD = 240;
/** Within an operation, where there is little to be seen and the same is said again and again. */
const EVENT_PAUSE = 500;

/** Milliseconds that a step of a whole operation stands, at speed 1: as long as its sentence takes to read. */
export function readingTime(sentence: Sentence): number {
  const words = sentence
    .map(({ text }) => text)
    .join('')
    .split(/\s+/)
    .filter(Boolean).length;
  return SEE + FIND + words * WORD;
}

export interface Player {
  play(): void;
  pause(): void;
}

export function createPlayer(store: StoreApi<State>, step: () => Promise<void>): Player {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const playing = (on: boolean): void => store.setState((s) => ({ time: { ...s.time, playing: on } }));

  const atEnd = (): boolean => {
    const moment = store.getState().pictures.left?.moment;
    return moment === undefined || (moment.k >= moment.n && moment.event === null);
  };

  function schedule(): void {
    const { speed, fine } = store.getState().time;
    const pause = fine ? EVENT_PAUSE : readingTime(store.getState().pictures.left?.moment.sentence ?? []);
    timer = setTimeout(() => void tick(), pause / speed);
  }

  async function tick(): Promise<void> {
    const before = store.getState().pictures.left;
    await step();
    if (!store.getState().time.playing) return;
    // A step that failed must not be tried for ever.
    if (atEnd() || store.getState().pictures.left === before) pause();
    else schedule();
  }

  function pause(): void {
    clearTimeout(timer);
    if (store.getState().time.playing) playing(false);
  }

  return {
    play() {
      clearTimeout(timer);
      if (atEnd()) return;
      playing(true);
      void tick();
    },
    pause,
  };
}
