/** The session as the person may use it: a question waits for its answer, and a frame's range of steps is kept to. */
import type { Moment } from '../history/picture';
import type { Move } from '../protocol/messages';
import type { Session } from '../store/session';
import { useUi } from './ui';

/** Whether the question of this moment waits for its answer. */
function asks({ predict, k }: Moment): boolean {
  return predict !== null && useUi.getState().answers[k]?.predict.question !== predict.question;
}

const nudge = (): void => useUi.getState().set({ asked: useUi.getState().asked + 1 });
const range = () => useUi.getState().embed?.steps ?? null;
const atEnd = ({ event, k, n }: Moment): boolean => event === null && k >= Math.min(range()?.to ?? Infinity, n);

/** Whether a move from this moment is not to be made, so late as its turn comes. Points at the question that holds it. */
export function refuses(moment: Moment, move: Move): boolean {
  const forth = move === 'next' || move === 'nextOperation';
  const back = move === 'back' || move === 'backOperation';
  if (forth && asks(moment)) {
    nudge();
    return true;
  }
  if (forth) return atEnd(moment);
  return back && moment.event === null && moment.k <= (range()?.from ?? 0);
}

/** A session made with `refuses`, whose other ways forward are held as well. */
export function guarded(session: Session): Session {
  const { store } = session;
  const moment = () => store.getState().pictures.left?.moment;
  const within = (k: number): number => {
    const steps = range();
    return steps === null ? k : Math.max(steps.from, Math.min(steps.to, k));
  };

  store.subscribe(({ time, scenario }, before) => {
    // Answers belong to the questions of one text.
    if (scenario.text !== before.scenario.text) useUi.getState().set({ answers: {} });
    if (!time.playing || (time.place === before.time.place && before.time.playing)) return;
    const now = moment();
    if (now === undefined) return;
    if (atEnd(now)) session.pause();
    else if (asks(now)) {
      session.pause();
      nudge();
    }
  });

  const go: Session['go'] = (to) => session.go(within(to.k) === to.k ? to : { k: within(to.k), event: null });

  return {
    ...session,
    go,
    async move(move) {
      const steps = range();
      if (steps !== null && move === 'first') return go({ k: steps.from, event: null });
      if (steps !== null && move === 'last') {
        const n = store.getState().scenario.loaded?.n ?? steps.to;
        return go({ k: Math.min(steps.to, n), event: null });
      }
      return session.move(move);
    },
    play() {
      const now = moment();
      if (now === undefined || atEnd(now)) return;
      if (asks(now)) nudge();
      else session.play();
    },
  };
}
