/** The session as the person may use it: a question waits for its answer, and a frame's range of steps is kept to. */
import type { Moment } from '../history/picture';
import type { Session } from '../store/session';
import { useUi } from './ui';

/** The question that waits for an answer at this moment, if any. */
function waiting(moment: Moment | undefined): Moment['predict'] {
  const { predict = null, k = 0 } = moment ?? {};
  return predict === null || useUi.getState().answers[k]?.predict.question === predict.question ? null : predict;
}

export function guarded(session: Session): Session {
  const { store } = session;
  const steps = () => useUi.getState().embed?.steps ?? null;
  const place = () => store.getState().time.place;
  const asks = () => waiting(store.getState().pictures.left?.moment) !== null;
  const nudge = () => useUi.getState().set({ asked: useUi.getState().asked + 1 });
  const within = (k: number): number => {
    const range = steps();
    return range === null ? k : Math.max(range.from, Math.min(range.to, k));
  };
  const last = () => Math.min(steps()?.to ?? Infinity, store.getState().scenario.loaded?.n ?? Infinity);
  const atEnd = () => place().event === null && place().k >= last();
  const atStart = () => place().event === null && place().k <= (steps()?.from ?? 0);

  store.subscribe(({ time, scenario }, before) => {
    // Answers belong to the questions of one text.
    if (scenario.text !== before.scenario.text) useUi.getState().set({ answers: {} });
    if (!time.playing || (time.place === before.time.place && before.time.playing)) return;
    if (atEnd()) session.pause();
    else if (asks()) {
      session.pause();
      nudge();
    }
  });

  const go: Session['go'] = (to) => session.go(within(to.k) === to.k ? to : { k: within(to.k), event: null });

  return {
    ...session,
    go,
    async move(move) {
      const forth = move === 'next' || move === 'nextOperation';
      if (forth && asks()) return nudge();
      if ((forth && atEnd()) || ((move === 'back' || move === 'backOperation') && atStart())) return;
      const range = steps();
      if (range !== null && move === 'first') return go({ k: range.from, event: null });
      if (range !== null && move === 'last') return go({ k: last(), event: null });
      return session.move(move);
    },
    play() {
      if (atEnd()) return;
      if (asks()) nudge();
      else session.play();
    },
  };
}
