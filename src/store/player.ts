/** Plays: one step after another, each when the one before has been shown, until the end or a pause. */
import type { StoreApi } from 'zustand/vanilla';
import type { State } from './state';

/** Milliseconds between steps at speed 1, for whole operations and for the steps inside them. */
const OPERATION_PAUSE = 1200;
const EVENT_PAUSE = 500;

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
    timer = setTimeout(() => void tick(), (fine ? EVENT_PAUSE : OPERATION_PAUSE) / speed);
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
