import { useState } from 'react';
import type { Pictures } from '../../history/picture';
import button from '../parts/button.module.css';
import { Sentence } from '../parts/Sentence';
import { useActions, useSession } from '../session';
import { useUi } from '../ui';
import { useMedia } from '../use-media';
import { PathDrawer } from './Drawer';
import { PoolPane, SpacePane, TablesPane } from './panes';
import style from './comparison.module.css';

const CHOICES = { tables: 'Page tables', space: 'Address space', pool: 'Pool' } as const;
type Compared = keyof typeof CHOICES;

/**
 * One scenario under two designs: the same picture twice, the two paths beneath, and where they differ in a sentence. On a
 * small screen one after the other in the same place, so that what differs is what moves.
 */
export function Comparison({ left, right }: { left: Pictures | null; right: Pictures | null }) {
  const session = useActions();
  const pooled = left?.pool?.wanted === true;
  const compared = useUi((ui) => (ui.compared === 'pool' && !pooled ? 'tables' : ui.compared));
  const set = useUi((ui) => ui.set);
  const comparison = useSession((state) => state.pictures.comparison);
  const design = useSession((state) => state.scenario.loaded?.design);
  const other = useSession((state) => state.scenario.loaded?.other);
  const narrow = useMedia('(max-width: 44em)');
  const low = useMedia('(max-height: 40em)');
  const [front, setFront] = useState(0);
  const names = [design, other].map((name, i) => name?.replace('@', ' by ') || (i === 0 ? 'this design' : 'the other'));
  const choices = (Object.keys(CHOICES) as Compared[]).filter((name) => name !== 'pool' || pooled);
  return (
    <section className={style.comparison} aria-label="Side by side">
      <div className={style.bar}>
        <div className={button.segments} role="group" aria-label="Picture that is compared">
          {choices.map((name) => (
            <button
              key={name}
              type="button"
              className={button.button}
              aria-pressed={compared === name}
              onClick={() => set({ compared: name })}
            >
              {CHOICES[name]}
            </button>
          ))}
        </div>
        {narrow ? (
          <div className={button.segments} role="group" aria-label="Design that is in front">
            {names.map((name, i) => (
              <button
                key={i === 0 ? 'left' : 'right'}
                type="button"
                className={button.button}
                aria-pressed={front === i}
                onClick={() => setFront(i)}
              >
                {name}
              </button>
            ))}
          </div>
        ) : null}
        <p className={style.sentence}>
          {comparison ? <Sentence parts={comparison.sentence} /> : 'Both designs run the same operations in lock-step.'}
        </p>
        {(comparison?.firstState ?? comparison?.firstPath) ? (
          <button type="button" className={button.button} onClick={() => void session.find('difference')}>
            First difference
          </button>
        ) : null}
      </div>
      <div className={style.sides}>
        {[left, right].map((pictures, i) =>
          narrow && front !== i ? null : (
            <div key={i === 0 ? 'left' : 'right'} className={style.side}>
              <div className={style.picture}>
                {compared === 'tables' ? (
                  <TablesPane pictures={pictures} under={names[i]} />
                ) : compared === 'space' ? (
                  <SpacePane pictures={pictures} under={names[i]} />
                ) : (
                  <PoolPane pictures={pictures} under={names[i]} />
                )}
              </div>
              {low ? null : (
                <section className={style.path} aria-label={`Path under ${names[i]}`}>
                  <h2>Path under {names[i]}</h2>
                  <PathDrawer pictures={pictures} bare />
                </section>
              )}
            </div>
          ),
        )}
      </div>
    </section>
  );
}
