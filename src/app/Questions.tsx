import { ChevronDown, ChevronUp, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { Moment } from '../history/picture';
import button from './parts/button.module.css';
import { useActions } from './session';
import { useUi } from './ui';
import style from './cards.module.css';

/** The question before the next step, which waits for an answer; after that step, whether the answer was right. */
export function Questions({ moment }: { moment: Moment }) {
  const { k, event, predict } = moment;
  return (
    <>
      {event === null && k > 0 ? <Reveal key={k} k={k} /> : null}
      {predict ? <Question key={`${k} ${predict.question}`} k={k} predict={predict} /> : null}
    </>
  );
}

/** A card over the stage, with every choice on it; it can be folded to look at what it lies over. */
function Question({ k, predict }: { k: number; predict: NonNullable<Moment['predict']> }) {
  const session = useActions();
  const answers = useUi((ui) => ui.answers);
  const asked = useUi((ui) => ui.asked);
  const set = useUi((ui) => ui.set);
  const group = useRef<HTMLDivElement>(null);
  const before = useRef(asked);
  const [folded, setFolded] = useState(false);
  const chosen = answers[k]?.chosen;
  const answered = chosen !== undefined;
  useEffect(() => {
    if (asked === before.current) return;
    before.current = asked;
    setFolded(false);
    group.current?.querySelector<HTMLElement>('[data-choice]')?.focus();
  }, [asked]);
  const choose = (choice: number) => set({ answers: { ...answers, [k]: { predict, chosen: choice } } });
  return (
    <div
      ref={group}
      className={`${style.card} ${style.question}`}
      role="group"
      aria-label="What will happen?"
      data-folded={folded || undefined}
    >
      <div className={style.head}>
        <p>{predict.question}</p>
        <button
          type="button"
          className={`${button.button} ${button.plain} ${button.icon}`}
          aria-label={folded ? 'Open the question' : 'Fold the question'}
          onClick={() => setFolded(!folded)}
        >
          {folded ? <ChevronUp size="1em" aria-hidden /> : <ChevronDown size="1em" aria-hidden />}
        </button>
      </div>
      <div className={style.choices}>
        {predict.choices.map((choice, i) => (
          <button
            key={choice}
            type="button"
            data-choice
            className={button.button}
            aria-pressed={chosen === i}
            onClick={() => choose(i)}
          >
            {choice}
          </button>
        ))}
      </div>
      <div className={style.row}>
        {answered ? (
          <button
            type="button"
            className={`${button.button} ${button.main}`}
            onClick={() => void session.move('nextOperation')}
          >
            See
          </button>
        ) : (
          <button type="button" className={`${button.button} ${button.plain}`} onClick={() => choose(-1)}>
            Skip
          </button>
        )}
        <p role="status" className={style.hint}>
          {answered ? '' : asked > 0 ? 'The next step waits for your answer.' : ''}
        </p>
      </div>
    </div>
  );
}

/** What was asked before step k, and what the answer was worth. The right one is not told before. */
function Reveal({ k }: { k: number }) {
  const answer = useUi((ui) => ui.answers[k - 1]);
  const [read, setRead] = useState(false);
  if (answer === undefined || read) return null;
  const { choices, answer: truth } = answer.predict;
  const right = choices[truth];
  return (
    <div className={`${style.card} ${style.reveal}`}>
      <p role="status" className={answer.chosen === truth ? style.good : style.bad}>
        {answer.chosen === truth ? (
          <>You predicted “{right}”: right.</>
        ) : answer.chosen < 0 ? (
          <>The question was skipped: it is “{right}”.</>
        ) : (
          <>
            You predicted “{choices[answer.chosen]}”. It is “{right}”.
          </>
        )}
      </p>
      <button
        type="button"
        className={`${button.button} ${button.plain} ${button.icon}`}
        aria-label="Close"
        onClick={() => setRead(true)}
      >
        <X size="1em" aria-hidden />
      </button>
    </div>
  );
}
