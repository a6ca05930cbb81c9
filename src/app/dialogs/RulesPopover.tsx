import { CATALOGUE, DEFAULT_DESIGN } from '../catalogue';
import { Popover, type Anchor } from '../parts/Popover';
import { useActions, useSession } from '../session';
import style from './dialogs.module.css';

const DESIGN_NAMES = CATALOGUE.map(({ design }) => design);

/** Whose rules the machine runs by, and under which design. */
export function RulesPopover({ anchor, onClose }: { anchor: Anchor; onClose: () => void }) {
  const session = useActions();
  const loaded = useSession((state) => state.scenario.loaded);
  const design = loaded?.design ?? DEFAULT_DESIGN;
  const other = loaded?.other ?? '';
  return (
    <Popover anchor={anchor} label="Rules and designs" onClose={onClose}>
      <div className={style.rules}>
        <h3>Rules</h3>
        <p className={style.says}>
          The machine answers as {loaded?.rules || 'Linux 6.18'} does on x86-64. A scenario sets its own in its head:{' '}
          <code>rules: 6.18</code>, <code>memory: 24G</code>, <code>thp: madvise</code>.
        </p>
        <h3>Design</h3>
        <p className={style.says}>How the core finds out that a mapping is special.</p>
        <div className={style.pair}>
          <label>
            runs{' '}
            <select value={design} onChange={(event) => void session.setDesigns(event.target.value, other)}>
              {DESIGN_NAMES.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          </label>
          <label>
            beside it{' '}
            <select
              value={other}
              onChange={(event) =>
                void session
                  .setDesigns(design, event.target.value)
                  .then(() => (event.target.value ? session.compare() : undefined))
              }
            >
              <option value="">none</option>
              {DESIGN_NAMES.filter((name) => name !== design).map((name) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          </label>
        </div>
      </div>
    </Popover>
  );
}
