import { useLayoutEffect, useRef } from 'react';
import type { Pictures } from '../../history/picture';
import { PICTURE_KINDS, showPicture, type PictureName } from '../export/picture-image';
import { sentenceText } from '../parts/Sentence';
import type { Step } from './collect';
import style from './handout.module.css';

/** CSS pixels on a sheet of A4 or Letter between its margins, two side by side. */
const WIDTHS: Readonly<Record<PictureName, number>> = {
  'address-space': 260,
  'page-tables': 410,
  pool: 260,
  frames: 260,
};
const HEIGHT = 240;

/** One operation: what the author says, the question, the call, what happened, and the pictures that changed. */
export function HandoutStep({ step, names, answers }: { step: Step; names: readonly PictureName[]; answers: boolean }) {
  const { k, pictures, predict, heading } = step;
  const { moment } = pictures;
  const told = predict === null || answers;
  const shown = names.filter((name) => k === 0 || changed(name, pictures));
  return (
    <section className={style.step} aria-label={k === 0 ? 'Before the first step' : `Step ${k}`}>
      {heading ? <p className={style.heading}>{heading}</p> : null}
      {k === 0 ? (
        <h2>Before the first step</h2>
      ) : (
        <h2>
          <span>{k}</span> <code>{moment.statement?.text}</code>
        </h2>
      )}
      {moment.explanation && told ? <p>{moment.explanation}</p> : null}
      {predict ? (
        <div className={style.question}>
          <p>{predict.question}</p>
          <ul>
            {predict.choices.map((choice, i) => (
              <li key={choice} data-right={(answers && i === predict.answer) || undefined}>
                <span aria-hidden>{answers && i === predict.answer ? '☒' : '☐'}</span> {choice}
                {answers && i === predict.answer ? <span className="unseen"> (right)</span> : null}
              </li>
            ))}
          </ul>
        </div>
      ) : null}
      {told ? (
        <>
          {k === 0 ? null : (
            <p className={style.said}>
              {moment.ending?.text ? <code>{moment.ending.text}</code> : null} {sentenceText(moment.sentence)}
            </p>
          )}
          {shown.length > 0 ? (
            <div className={style.pictures}>
              {shown.map((name) => (
                <Picture key={name} name={name} pictures={pictures} />
              ))}
            </div>
          ) : null}
        </>
      ) : (
        <div className={style.lines} role="img" aria-label="Room to write" />
      )}
    </section>
  );
}

/** Whether anything in a picture is other than one step before. */
function changed(name: PictureName, { areas, tree, pool, frames }: Pictures): boolean {
  const picture = { 'address-space': areas, 'page-tables': tree, pool, frames }[name];
  return /"mark":"(?:new|changed|gone)"/.test(JSON.stringify(picture) ?? '');
}

function Picture({ name, pictures }: { name: PictureName; pictures: Pictures }) {
  const element = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const view = showPicture(element.current!, name, pictures);
    view?.update(WIDTHS[name], HEIGHT);
    return () => view?.destroy();
  }, [name, pictures]);
  return (
    <figure className={style.picture}>
      <div ref={element} style={{ width: `${WIDTHS[name]}px` }} />
      <figcaption>
        {PICTURE_KINDS[name].title}
        {pictures.moment.processes.length > 1 && name !== 'pool' && pictures.areas ? ` of ${pictures.areas.name}` : ''}
      </figcaption>
    </figure>
  );
}
