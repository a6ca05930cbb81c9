/** Every step of the scenario with its pictures, from a machine of its own: the page's stays where it is. */
import type { Moment, Pictures } from '../../history/picture';
import type { Session } from '../../store/session';
import { createClient } from '../../worker/client';
import { startWorker } from '../../worker/start';

/** More do not fit any lesson. */
export const MOST_STEPS = 60;

export interface Step {
  readonly k: number;
  readonly pictures: Pictures;
  /** The heading that begins here; '' for none. */
  readonly heading: string;
  /** Asked before the step. */
  readonly predict: Moment['predict'];
}

/** The first steps in order, the state before them first. */
export async function collect(
  session: Session,
  progress: (done: number, of: number) => void,
  signal: AbortSignal,
): Promise<Step[]> {
  const { scenario, want } = session.store.getState();
  const client = createClient(startWorker);
  signal.addEventListener('abort', () => client.end());
  try {
    const { n } = await client.ask('load', { text: scenario.text, design: scenario.loaded?.design ?? '', other: '' });
    const last = Math.min(n, MOST_STEPS);
    const steps: Step[] = [];
    let { who } = want;
    for (let k = 0; k <= last; k++) {
      progress(k, last);
      const predict = steps.at(-1)?.pictures.moment.predict ?? null;
      const at = { k, event: null };
      let pictures = await client.ask('show', { at, pictures: request(who) });
      // Each step shows the process that acts.
      const acts = pictures.moment.statement?.who ?? who;
      if (acts !== who && pictures.moment.processes.some((one) => one.who === acts && one.mark !== 'gone')) {
        who = acts;
        pictures = await client.ask('show', { at, pictures: request(who) });
      }
      const { heading, statement } = pictures.moment;
      const begins = statement !== null && heading !== steps.at(-1)?.pictures.moment.heading;
      steps.push({ k, predict, heading: begins ? heading : '', pictures });
    }
    return steps;
  } finally {
    client.end();
  }
}

/** As much as a page of paper holds. */
const request = (who: number) => ({
  areas: { who, maxRows: 24, maxSegments: 32, keep: [] },
  tree: { who, auto: true, open: [], folded: [], maxMarks: 160 },
  pool: { maxCells: 64 },
  frames: { who: null, maxCells: 96, from: 0 },
});
