import { chordText, type Command } from '../keyboard';
import { Dialog } from '../parts/Dialog';
import { SHAPES, SHAPE_NAMES } from '../parts/shapes';
import { useUi } from '../ui';
import style from './dialogs.module.css';

/** Every key and every shape, and the switch for single keys. */
export function KeysSheet({ commands, onClose }: { commands: readonly Command[]; onClose: () => void }) {
  const singleKeys = useUi((ui) => ui.singleKeys);
  const set = useUi((ui) => ui.set);
  return (
    <Dialog title="Keys" onClose={onClose} wide>
      <label className={style.check}>
        <input type="checkbox" checked={singleKeys} onChange={(event) => set({ singleKeys: event.target.checked })} />
        Single keys act as shortcuts (none does in a text field)
      </label>
      <dl className={style.keys}>
        {commands
          .filter(({ keys }) => keys.length > 0)
          .map(({ id, name, keys }) => (
            <div key={id}>
              <dt>
                {keys.map((chord) => (
                  <kbd key={chord}>{chordText(chord)}</kbd>
                ))}
              </dt>
              <dd>{name}</dd>
            </div>
          ))}
        <div>
          <dt>
            <kbd>1</kbd>
            <kbd>2</kbd>
            <kbd>Enter</kbd>
          </dt>
          <dd>Go to step 12</dd>
        </div>
        <div>
          <dt>
            <kbd>Shift F10</kbd>
          </dt>
          <dd>What can be done with the row that has the focus (pictures as text)</dd>
        </div>
      </dl>
      <h3 className={style.apart}>Marks on the time line</h3>
      <ul className={style.shapes}>
        {Object.entries(SHAPES).map(([kind, path]) => (
          <li key={kind}>
            <svg viewBox="-6 -6 12 12" width="1em" height="1em" aria-hidden>
              <path d={path} fill={kind === 'failure' ? 'var(--bad)' : 'currentColor'} />
            </svg>
            {SHAPE_NAMES[kind as keyof typeof SHAPE_NAMES]}
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
