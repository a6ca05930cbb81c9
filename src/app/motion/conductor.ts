/**
 * Plays a step in beats: between the pictures before it and those after it the panes get what has arrived at each beat.
 * What a beat is, is data (`views/beats`); this only keeps the time.
 */
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Pictures } from '../../history/picture';
import type { State } from '../../store/state';
import type { Beat, Step } from '../../views/beats/types';

/** Milliseconds of one beat at speed 1. */
const BEAT = 300;

/** The choreographies, loaded after the first picture. */
export interface Choreography {
  beatsOf(step: Step): readonly Beat[];
  stagedPictures(step: Step, beats: readonly Beat[]): readonly Pictures[];
}

export interface Played {
  /** What the panes show now; null before the first picture. */
  readonly pictures: Pictures | null;
  readonly beats: readonly Beat[];
  /** The beat that lasts; the number of beats when all are over. */
  readonly at: number;
  /** Milliseconds in which the pictures move to how they are now; 0 for at once. */
  readonly duration: number;
  /** Milliseconds in which the wires of the present beat come; 0 for at once. */
  readonly beat: number;
  /** Whether the beats are told by their numbers alone, all at once: nothing may move. */
  readonly still: boolean;
  /** Whether the choreographies are there. */
  readonly ready: boolean;
}

export interface Conductor {
  readonly store: StoreApi<Played>;
  /** Goes on by one beat, or back, and stays there. False where there is none. */
  step(by: 1 | -1): boolean;
  /** Shows the end of the step at once. */
  finish(): void;
  load(choreography: Choreography): void;
  end(): void;
}

/**
 * @param session what the machine's answers arrive in
 * @param still whether nothing may move now (the person asked for that, pictures are read as text, two designs are compared, nobody sees the page)
 */
export function createConductor(session: StoreApi<State>, still: () => boolean): Conductor {
  let choreography: Choreography | null = null;
  let staged: readonly Pictures[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const store = createStore<Played>(() => ({
    pictures: session.getState().pictures.left,
    beats: [],
    at: 0,
    duration: 0,
    beat: 0,
    still: false,
    ready: false,
  }));

  const speed = (): number => {
    const { playing, speed } = session.getState().time;
    return playing ? speed : 1;
  };

  function show(at: number, duration: number): void {
    store.setState({ at, duration, beat: duration, still: still(), pictures: staged[at] ?? store.getState().pictures });
  }

  function run(at: number): void {
    clearTimeout(timer);
    const duration = BEAT / speed();
    show(at, duration);
    if (at < store.getState().beats.length) timer = setTimeout(() => run(at + 1), duration);
  }

  /** The pictures of a moment without a way to it. */
  function stand(pictures: Pictures | null, duration: number, beats: readonly Beat[] = []): void {
    clearTimeout(timer);
    staged = pictures === null ? [] : [...beats.map(() => pictures), pictures];
    store.setState({ pictures, beats, at: beats.length, duration, beat: 0, still: still() });
  }

  function arrive(now: State, before: State): void {
    const after = now.pictures.left;
    const was = before.pictures.left;
    if (after === was) return;
    const { at, beats } = store.getState();
    if (after === null || was === null || choreography === null) return stand(after, moved(now));
    const { k, event } = after.moment;
    const same = k === was.moment.k && event === was.moment.event && after.moment.branch === was.moment.branch;
    const step: Step = { before: was, after };
    if (same && beats.length > 0) {
      // The same moment in more or less detail: the way to it goes on from where it is.
      if (at >= beats.length) return stand(after, 0, beats);
      staged = [...staged.slice(0, -1), after];
      return;
    }
    const onward = now.time.motion === 'on' && event === null && was.moment.event === null && k === was.moment.k + 1;
    const told = event === null && k > 0 ? choreography.beatsOf(onward ? step : { before: after, after }) : [];
    if (!onward || told.length === 0 || still()) return stand(after, moved(now), told);
    staged = choreography.stagedPictures(step, told);
    store.setState({ beats: told });
    run(0);
    // The page goes over to the process that acts: its pictures are there at once, and what moves then is the step.
    if (was.areas?.who !== after.areas?.who) store.setState({ duration: 0 });
  }

  const moved = (now: State): number => (now.time.motion === 'jump' || still() ? 0 : 320 / speed());
  const stop = session.subscribe(arrive);

  return {
    store,
    step(by) {
      const { at, beats } = store.getState();
      const to = at + by;
      if (to < 0 || to > beats.length) return false;
      clearTimeout(timer);
      show(to, still() ? 0 : BEAT);
      return true;
    },
    finish() {
      clearTimeout(timer);
      const { beats } = store.getState();
      if (beats.length > 0) show(beats.length, 0);
    },
    load(loaded) {
      choreography = loaded;
      store.setState({ ready: true });
    },
    end() {
      clearTimeout(timer);
      stop();
    },
  };
}
