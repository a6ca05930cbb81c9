import type { Pictures } from '../../history/picture';
import button from '../parts/button.module.css';
import { Sentence } from '../parts/Sentence';
import { useActions, useSession } from '../session';
import { useUi } from '../ui';
import { PathDrawer } from './Drawer';
import { PoolPane, SpacePane, TablesPane } from './panes';
import style from './comparison.module.css';

const CHOICES = { tables: 'Page tables', space: 'Address space', pool: 'Pool' } as const;

/** One scenario under two designs: the same picture twice, the two paths beneath, and where they differ in a sentence. */
export function Comparison({ left, right }: { left: Pictures | null; right: Pictures | null }) {
  const session = useActions();
  const pooled = left?.pool?.wanted === true;
  const compared = useUi((ui) => (ui.compared === 'pool' && !pooled ? 'tables' : ui.compared));
  const set = useUi((ui) => ui.set);
  const comparison = useSession((state) => state.pictures.comparison);
  const design = useSession((state) => state.scenario.loaded?.design);
  const other = useSession((state) => state.scenario.loaded?.other);
  const names = [design, other];
  const sides = [left, right];
  return (
    <section className={style.comparison} aria-label="Side by side">
      <div className={style.bar}>
        <div className={button.segments} role="group" aria-label="Picture that is compared">
          {Object.entries(CHOICES)
            .filter(([name]) => name !== 'pool' || pooled)
            .map(([name, label]) => (
              <button
                key={name}
                type="button"
                className={button.button}
                aria-pressed={compared === name}
                onClick={() => set({ compared: name as keyof typeof CHOICES })}
              >
                {label}
              </button>
            ))}
        </div>
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
        {sides.map((pictures, i) => {
          const under = names[i]?.replace('@', ' by ') || (i === 0 ? 'this design' : 'the other');
          return (
            <div key={i === 0 ? 'left' : 'right'} className={style.side}>
              <div className={style.picture}>
                {compared === 'tables' ? (
                  <TablesPane pictures={pictures} under={under} />
                ) : compared === 'space' ? (
                  <SpacePane pictures={pictures} under={under} />
                ) : (
                  <PoolPane pictures={pictures} under={under} />
                )}
              </div>
              <section className={style.path} aria-label={`Path under ${under}`}>
                <h2>Path under {under}</h2>
                <PathDrawer pictures={pictures} bare />
              </section>
            </div>
          );
        })}
      </div>
    </section>
  );
}
