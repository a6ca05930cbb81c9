import { useEffect, useRef, useState } from 'react';
import { createPortal } from 'react-dom';
import { PICTURE_KINDS, PICTURE_NAMES, type PictureName } from '../export/picture-image';
import button from '../parts/button.module.css';
import { useActions, useSession } from '../session';
import { drawnTheme, useUi } from '../ui';
import { collect, MOST_STEPS, type Step } from './collect';
import { HandoutStep } from './HandoutStep';
import style from './handout.module.css';

/** The steps of the scenario on paper, in the order of the run: for a lecture's audience, or as an exercise. */
export function Handout({ onClose }: { onClose: () => void }) {
  const session = useActions();
  const title = useSession((state) => state.scenario.loaded?.title || 'A scenario');
  const design = useSession((state) => state.scenario.loaded?.design ?? '');
  const n = useSession((state) => state.scenario.loaded?.n ?? 0);
  const [answers, setAnswers] = useState(true);
  const [names, setNames] = useState<readonly PictureName[]>(['address-space', 'page-tables']);
  const [steps, setSteps] = useState<readonly Step[] | null>(null);
  const [far, setFar] = useState({ done: 0, of: 1 });
  const [trouble, setTrouble] = useState('');
  const heading = useRef<HTMLHeadingElement>(null);

  useEffect(() => {
    const ended = new AbortController();
    collect(session, (done, of) => setFar({ done, of }), ended.signal).then(setSteps, () => {
      if (!ended.signal.aborted) setTrouble('The machine did not answer. Close this, and try again.');
    });
    return () => ended.abort();
  }, [session]);

  useEffect(() => {
    const root = document.documentElement;
    const before = document.activeElement;
    // Strong lines and no greys: what a copying machine can keep apart.
    root.dataset.theme = 'projector';
    root.dataset.handout = '';
    heading.current?.focus();
    const keys = (event: KeyboardEvent) => {
      // The page behind hears nothing.
      event.stopPropagation();
      if (event.key === 'Escape') onClose();
    };
    addEventListener('keydown', keys, true);
    return () => {
      removeEventListener('keydown', keys, true);
      root.dataset.theme = drawnTheme(useUi.getState().theme);
      delete root.dataset.handout;
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, [onClose]);

  const questions = steps?.filter(({ predict }) => predict !== null).length ?? 0;
  return createPortal(
    <div className={style.handout} role="dialog" aria-modal="true" aria-label="Handout">
      <div className={style.tools}>
        <button
          type="button"
          className={`${button.button} ${button.main}`}
          disabled={steps === null}
          onClick={() => print()}
        >
          Print
        </button>
        {questions > 0 ? (
          <label>
            <input type="checkbox" checked={answers} onChange={(event) => setAnswers(event.target.checked)} /> with the
            answers to {questions === 1 ? 'the question' : `${questions} questions`}
          </label>
        ) : null}
        <fieldset>
          <legend>Pictures:</legend>
          {PICTURE_NAMES.map((name) => (
            <label key={name}>
              <input
                type="checkbox"
                checked={names.includes(name)}
                onChange={(event) =>
                  setNames(PICTURE_NAMES.filter((one) => (one === name ? event.target.checked : names.includes(one))))
                }
              />{' '}
              {PICTURE_KINDS[name].title}
            </label>
          ))}
        </fieldset>
        <button type="button" className={button.button} onClick={onClose}>
          Close
        </button>
      </div>
      <article className={style.paper}>
        <header>
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
          <p>
            Design {design}. {answers ? '' : 'Name: ……………………………………………'}
          </p>
        </header>
        {trouble ? <p role="alert">{trouble}</p> : null}
        {steps === null && !trouble ? (
          <p role="status" className={style.waiting}>
            Drawing the steps. <progress aria-label="Steps drawn" value={far.done} max={far.of} />
          </p>
        ) : null}
        {steps?.map((step) => (
          <HandoutStep key={step.k} step={step} names={names} answers={answers} />
        ))}
        {n > MOST_STEPS ? <p>A handout has at most {MOST_STEPS} steps.</p> : null}
      </article>
    </div>,
    document.body,
  );
}
