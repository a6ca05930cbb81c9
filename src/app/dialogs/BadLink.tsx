import { offerFile } from '../files';
import { Dialog } from '../parts/Dialog';
import button from '../parts/button.module.css';
import { useActions } from '../session';
import { openText } from '../start';
import type { Ui } from '../ui';
import style from './dialogs.module.css';

const TITLES = { broken: 'This link cannot be opened', differs: 'This run now ends otherwise' } as const;

/** A link that cannot be opened is explained; what could be read of it is offered, and never opened by itself. */
export function BadLink({ kind, message, text, onClose }: NonNullable<Ui['badLink']> & { onClose: () => void }) {
  const session = useActions();
  const whole = kind === 'differs';
  return (
    <Dialog title={TITLES[kind]} onClose={onClose}>
      <p>{message}</p>
      {text.trim() === '' ? (
        <p className={style.says}>Nothing of the scenario could be read. Ask for the link again, or for the file.</p>
      ) : (
        <>
          <p className={style.says}>
            {whole
              ? 'The scenario, as the link has it:'
              : 'This much of the scenario could be read, from its beginning:'}
          </p>
          <pre
            className={style.text}
            tabIndex={0}
            role="region"
            aria-label={whole ? 'The scenario' : 'What could be read'}
          >
            {text}
          </pre>
          <div className={style.row}>
            <button
              type="button"
              className={button.button}
              onClick={() => {
                onClose();
                if (!whole) void openText(session, text, {}, { address: null, brought: true });
              }}
            >
              {whole ? 'Go on with it' : 'Open what could be read'}
            </button>
            <button
              type="button"
              className={button.button}
              onClick={() => offerFile(whole ? 'scenario.mm' : 'recovered.mm', text)}
            >
              Save it as a file
            </button>
          </div>
        </>
      )}
    </Dialog>
  );
}
