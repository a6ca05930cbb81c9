/** Where a move from a place leads. */
import type { Run } from '../history/run';
import type { Move, Place } from './messages';

/** `reach` runs on until an operation is known. The answer lies within the run. */
export async function moveFrom<Env>(
  run: Run<Env>,
  at: Place,
  move: Move | undefined,
  reach: (k: number) => Promise<void>,
): Promise<Place> {
  /** The end of operation k, or as near as the run goes. */
  const whole = async (k: number): Promise<Place> => {
    const wanted = Math.max(0, Math.min(Math.floor(k), run.length));
    await reach(wanted);
    return { k: Math.min(wanted, run.reached), event: null };
  };
  const within = async (k: number): Promise<boolean> => {
    await reach(k);
    return k >= 1 && k <= run.reached;
  };
  const { k, event } = at;
  switch (move) {
    case 'first':
      return whole(0);
    case 'last':
      return whole(Infinity);
    case 'nextOperation':
      return whole(event === null ? k + 1 : k);
    case 'backOperation':
      return whole(k - 1);
    case 'next': {
      const into = event === null ? k + 1 : k;
      if (!(await within(into))) return whole(k);
      const stop = run.record(into).nextStop(event ?? 0);
      return stop === null ? whole(into) : { k: into, event: stop };
    }
    case 'back': {
      if (!(await within(k))) return whole(k - 1);
      const recording = run.record(k);
      const stop = recording.stopBefore(event ?? recording.total + 1);
      return stop === null ? whole(k - 1) : { k, event: stop };
    }
    default: {
      if (event === null || !(await within(k))) return whole(k);
      const { total } = run.record(k);
      return event >= 1 && event < total ? { k, event: Math.floor(event) } : whole(k);
    }
  }
}
