import { offerFile } from '../files';
import { Dialog } from '../parts/Dialog';
import button from '../parts/button.module.css';
import { useActions } from '../session';
import { openText } from '../start';
import style from './dialogs.module.css';

/** A link that cannot be opened is explained; what could be read of it is offered, and never opened by itself. */
export function BadLink({ message, text, onClose }: { message: string; text: string; onClose: () => void }) {
  const session = useActions();
  return (
    <Dialog title="This link cannot be opened" onClose={onClose}>
      <p>{message}</p>
      {text.trim() === '' ? (
        <p className={style.says}>Nothing of the scenario could be read. Ask for the link again, or for the file.</p>
      ) : (
        <>
          <p className={style.says}>This much of the scenario could be read, from its beginning:</p>
          <pre className={style.text} tabIndex={0} role="region" aria-label="What could be read">
            {text}
          </pre>
          <div className={style.row}>
            <button
              type="button"
              className={button.button}
              onClick={() => {
                onClose();
                void openText(session, text);
              }}
            >
              Open what could be read
            </button>
            <button type="button" className={button.button} onClick={() => offerFile('recovered.mm', text)}>
              Save it as a file
            </button>
          </div>
        </>
      )}
    </Dialog>
  );
}
