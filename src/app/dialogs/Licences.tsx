import { useEffect, useState } from 'react';
import { Dialog } from '../parts/Dialog';
import style from './dialogs.module.css';

/** The licences as the build made them: a file beside the page, or a part of it where the page is one file. */
async function textOfLicences(): Promise<string> {
  const inside = document.querySelector<HTMLTemplateElement>('template#licences');
  if (inside) return inside.content.textContent;
  const answer = await fetch('./licences.txt');
  if (!answer.ok) throw new Error(answer.statusText);
  return answer.text();
}

/** Whose work is shipped with the page, and under which terms. */
export function Licences({ onClose }: { onClose: () => void }) {
  const [text, setText] = useState<string | null>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    textOfLicences().then(setText, () => setFailed(true));
  }, []);
  return (
    <Dialog title="Licences" onClose={onClose} wide>
      <p className={style.says}>
        mmscope is free to use, to change and to pass on under the MIT licence. What it is made of stands under these
        licences:
      </p>
      {failed ? <p role="alert">The texts could not be read. They stand in licences.txt beside the page.</p> : null}
      {text === null ? null : (
        <pre className={style.text} tabIndex={0} role="region" aria-label="Texts of the licences">
          {text}
        </pre>
      )}
    </Dialog>
  );
}
