import { X } from 'lucide-react';
import { useEffect, useRef } from 'react';
import type { Moment } from '../history/picture';
import { Pace } from './panes/Player';
import { Sentence } from './parts/Sentence';
import button from './parts/button.module.css';
import { useActions, useSession } from './session';
import { Futures, usePace } from './Strip';
import style from './cards.module.css';

/** What the strip has no room for: the whole sentence, the author's words, where in the kernel this is, what is wrong. */
export function MoreCard({ moment, roomy, onClose }: { moment: Moment; roomy: boolean; onClose: () => void }) {
  const session = useActions();
  const pace = usePace();
  const step = useSession((state) => {
    const path = state.pictures.left?.path;
    return path?.steps.findLast((one, i) => one.kind === 'routine' && (path.current < 0 || i <= path.current));
  });
  const { statement, lamp } = moment;
  const close = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    const leave = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && !document.querySelector('dialog[open], :popover-open')) {
        event.stopPropagation();
        onClose();
      }
    };
    document.addEventListener('keydown', leave, true);
    return () => document.removeEventListener('keydown', leave, true);
  }, [onClose]);
  return (
    <section className={style.card} aria-label="More about this moment">
      <div className={style.head}>
        {statement ? <code className={style.statement}>{statement.text}</code> : <b>Before the first operation</b>}
        <button
          ref={close}
          type="button"
          className={`${button.button} ${button.plain} ${button.icon}`}
          aria-label="Close"
          onClick={onClose}
        >
          <X size="1em" aria-hidden />
        </button>
      </div>
      <p>
        <Sentence parts={moment.sentence} onPoint={(ref) => session.hover(ref ? [ref] : [])} />
        {moment.unexpected ? <strong className={style.bad}> Expected {moment.unexpected}.</strong> : null}
      </p>
      {moment.explanation ? <p className={style.explanation}>{moment.explanation}</p> : null}
      {step?.where ? (
        <p className={style.where}>
          {step.where} {step.code.split('(', 1)[0]}()
        </p>
      ) : null}
      {lamp.ok ? null : (
        <>
          <ul className={style.broken} aria-label="What does not balance">
            {lamp.broken.map(({ text, ref }) => (
              <li key={text}>
                <button type="button" onClick={() => ref && void session.select([ref])}>
                  {text}
                </button>
              </li>
            ))}
          </ul>
          <button type="button" className={button.button} onClick={() => void session.find('broken')}>
            Go to where it broke
          </button>
        </>
      )}
      {roomy ? null : (
        <div className={style.row}>
          <Pace {...pace} />
          <Futures />
        </div>
      )}
    </section>
  );
}
