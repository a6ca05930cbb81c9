import { CATALOGUE } from '../catalogue';
import button from '../parts/button.module.css';
import { useActions, useSession } from '../session';
import { useUi } from '../ui';
import style from './argument.module.css';

const DRIVERS = {
  any: 'any driver that brings a table',
  hints: 'a driver that only says which page sizes it wants',
  none: 'none but those that the core knows',
} as const;

/** Every design that was floated: who, when, for and against, and what became of it. */
export function DesignsTab({ onClose }: { onClose: () => void }) {
  const session = useActions();
  const running = useSession((state) => state.scenario.loaded?.design ?? '');
  const set = useUi((ui) => ui.set);
  return (
    <>
      <div className={style.row}>
        <p className={style.says}>
          Each is a real way through the same machine. Run the scenario under one, or read its source in the drawer.
        </p>
        <button
          type="button"
          className={`${button.button} ${button.main}`}
          onClick={() => {
            set({ tour: 0 });
            onClose();
          }}
        >
          The argument, told stop by stop
        </button>
      </div>
      <div className={style.designs}>
        {CATALOGUE.map(({ design, title, who, when, how, pro, contra, since, drivers, source }) => (
          <article key={design} className={style.design} aria-label={design}>
            <header>
              <h3>
                <span className={style.mono}>{design}</span>: {title}
              </h3>
              <button
                type="button"
                className={button.button}
                aria-pressed={running === design}
                onClick={() => void session.setDesigns(design, '')}
              >
                {running === design ? 'runs' : 'run'}
              </button>
            </header>
            <dl>
              <dt>proposed</dt>
              <dd>
                {who}, {when}
              </dd>
              <dt>how</dt>
              <dd>{how}</dd>
              <dt>for</dt>
              <dd>{pro}</dd>
              <dt>against</dt>
              <dd>{contra}</dd>
              <dt>lets in</dt>
              <dd>{DRIVERS[drivers]}</dd>
              <dt>since</dt>
              <dd>{since}</dd>
              <dt>source</dt>
              <dd>{source}</dd>
            </dl>
          </article>
        ))}
      </div>
    </>
  );
}
