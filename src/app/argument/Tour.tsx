import { useEffect, useRef, useState } from 'react';
import type { Stop } from '../history-tour/stop';
import { STOPS } from '../history-tour/stops';
import button from '../parts/button.module.css';
import { useActions } from '../session';
import { openText } from '../start';
import { useUi } from '../ui';
import style from './argument.module.css';

/** The told history, in the place of the scenario: one stop at a time, each with operations to step through. */
export function Tour() {
  const at = useUi((ui) => ui.tour) ?? 0;
  const set = useUi((ui) => ui.set);
  const session = useActions();
  const stop = STOPS[at]!;
  const shown = useRef<Stop | null>(null);
  useEffect(() => {
    if (shown.current === stop) return;
    shown.current = stop;
    const [design, other = ''] = stop.designs;
    void openText(session, stop.scenario, { design, other }).then(() => (other === '' ? undefined : session.compare()));
  }, [stop, session]);
  return <StopCard key={stop.title} stop={stop} at={at} onGo={(to) => set({ tour: to })} />;
}

function StopCard({ stop, at, onGo }: { stop: Stop; at: number; onGo: (to: number | null) => void }) {
  const [chosen, setChosen] = useState<number | null>(null);
  const title = useRef<HTMLHeadingElement>(null);
  const decided = useRef<HTMLDivElement>(null);
  useEffect(() => title.current?.focus(), []);
  useEffect(() => {
    if (chosen !== null) decided.current?.scrollIntoView({ block: 'nearest' });
  }, [chosen]);
  const { question, source } = stop;
  return (
    <section className={style.tour} aria-label="The argument, told">
      <header>
        <span>
          Stop {at + 1} of {STOPS.length}
        </span>
        <button type="button" className={`${button.button} ${button.plain}`} onClick={() => onGo(null)}>
          Leave the tour
        </button>
      </header>
      <h2 ref={title} tabIndex={-1}>
        {stop.title}
      </h2>
      <p>{stop.says}</p>
      <p className={style.source}>
        {source.author}, {source.date}, {source.list}: “{source.subject}”
      </p>
      <div className={style.question} role="group" aria-label="Decide before you go on">
        <p>{question.text}</p>
        {question.choices.map((choice, i) => (
          <button
            key={choice}
            type="button"
            className={button.button}
            aria-pressed={chosen === i}
            onClick={() => setChosen(i)}
          >
            {choice}
          </button>
        ))}
        {chosen === null ? (
          <p className={style.source}>
            An answer is wanted: choose one, and the way to {at + 1 < STOPS.length ? `stop ${at + 2}` : 'the end'}{' '}
            opens. The operations can be stepped through with →.
          </p>
        ) : (
          <div ref={decided} role="status">
            <p className={chosen === question.answer ? style.good : style.bad}>
              {chosen === question.answer ? 'Right.' : `Rather: ${question.choices[question.answer]}.`}
            </p>
            <p>{stop.shows}</p>
          </div>
        )}
      </div>
      {chosen === null ? null : <p className={style.verdict}>{stop.verdict}</p>}
      <div className={style.foot}>
        <button type="button" className={button.button} disabled={at === 0} onClick={() => onGo(at - 1)}>
          Back
        </button>
        {at + 1 < STOPS.length ? (
          <button
            type="button"
            className={`${button.button} ${button.main}`}
            disabled={chosen === null}
            onClick={() => onGo(at + 1)}
          >
            Next stop
          </button>
        ) : (
          <button type="button" className={`${button.button} ${button.main}`} onClick={() => onGo(null)}>
            End
          </button>
        )}
      </div>
    </section>
  );
}
