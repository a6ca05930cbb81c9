import { FolderOpen } from 'lucide-react';
import { useEffect, useRef, useState, type ClipboardEvent } from 'react';
import type { Session } from '../../store/session';
import { receive } from '../incoming';
import { Dialog } from '../parts/Dialog';
import button from '../parts/button.module.css';
import { useActions, useSession } from '../session';
import { openText } from '../start';
import { useUi } from '../ui';
import style from './dialogs.module.css';

/** Bytes of all files together; more is refused. */
const LARGEST = 64 * 1024 * 1024;
/** Characters of a pasted text that a text field shows; a longer one is taken at once. */
const SHOWN = 20_000;

async function readAll(incoming: readonly (File | string)[]): Promise<{ name: string; text: string }[] | string> {
  const bytes = incoming.reduce((sum, one) => sum + (typeof one === 'string' ? one.length : one.size), 0);
  if (bytes > LARGEST)
    return `That is ${Math.ceil(bytes / 1024 / 1024)} MiB, and at most ${LARGEST / 1024 / 1024} MiB can be opened.`;
  try {
    return await Promise.all(
      incoming.map(async (one) =>
        typeof one === 'string' ? { name: 'pasted text', text: one } : { name: one.name, text: await one.text() },
      ),
    );
  } catch {
    return 'A file could not be read: it may have been moved, or the browser may not read it.';
  }
}

/** Imports and opens; then runs to the end, so that the differences are known. Text for trouble, '' if it was stopped. */
async function takeIn(session: Session, incoming: readonly (File | string)[]): Promise<string | null> {
  const files = await readAll(incoming);
  if (typeof files === 'string') return files;
  if (files.some(({ text }) => text.slice(0, 4096).includes('\0'))) return 'That is not text: nothing was opened.';
  const summary = await session.importTexts(files);
  if (summary === null) return '';
  const { set } = useUi.getState();
  if (summary.kind === 'scenario') {
    await openText(session, summary.text, {}, { address: null, brought: true });
    return null;
  }
  set({ imported: { summary, finish: null }, dialog: 'imported', incoming: null });
  await openText(session, summary.text, {}, { address: null, brought: true });
  const finish = await session.finish();
  if (useUi.getState().imported?.summary === summary) set({ imported: { summary, finish } });
  return null;
}

/** Opens a scenario, or makes one of what another program printed. */
export function OpenDialog({ onChoose, onClose }: { onChoose: () => void; onClose: () => void }) {
  const session = useActions();
  const incoming = useUi((ui) => ui.incoming);
  const progress = useSession((state) => state.status.progress);
  const area = useRef<HTMLTextAreaElement>(null);
  const [trouble, setTrouble] = useState('');
  useEffect(() => {
    if (incoming === null) return;
    let wanted = true;
    setTrouble('');
    void takeIn(session, incoming).then((found) => {
      if (!wanted) return;
      useUi.getState().set({ incoming: null });
      if (found === null) {
        if (useUi.getState().dialog === 'open') onClose();
      } else setTrouble(found === '' ? 'Stopped. Nothing was opened.' : found);
    });
    return () => {
      wanted = false;
    };
  }, [incoming, session, onClose]);
  const close = () => {
    if (incoming !== null) {
      session.stop();
      useUi.getState().set({ incoming: null });
    }
    onClose();
  };
  const paste = (event: ClipboardEvent) => {
    const text = event.clipboardData.getData('text/plain');
    if (text.length <= SHOWN) return;
    event.preventDefault();
    receive([text]);
  };
  if (incoming !== null)
    return (
      <Dialog title="Opening" onClose={close}>
        <div role="status" className={style.stack}>
          <p>Reading {incoming.map((one) => (typeof one === 'string' ? 'the pasted text' : one.name)).join(', ')}.</p>
          <progress
            className={style.wide}
            aria-label="How far it is"
            {...(progress && progress.of > 1 ? { value: progress.done, max: progress.of } : {})}
          />
        </div>
        <div className={style.row}>
          <button type="button" className={button.button} onClick={() => session.stop()}>
            Cancel
          </button>
        </div>
      </Dialog>
    );
  return (
    <Dialog title="Open or import" onClose={close} wide>
      <div className={style.stack}>
        <p className={style.says}>
          A scenario (<code>.mm</code>), what <code>strace</code> printed about a real program, or{' '}
          <code>/proc/PID/maps</code> or <code>smaps</code>. Files can also be dropped on the page. Nothing is uploaded.
        </p>
        {trouble ? (
          <p role="alert" className={style.trouble}>
            {trouble}
          </p>
        ) : null}
        <div className={style.row}>
          <button type="button" data-first className={`${button.button} ${button.main}`} onClick={onChoose}>
            <FolderOpen size="1em" aria-hidden /> Choose files
          </button>
        </div>
        <label className={style.field}>
          Or paste the text
          <textarea ref={area} rows={7} wrap="off" spellCheck={false} onPaste={paste} />
        </label>
        <div className={style.row}>
          <button type="button" className={button.button} onClick={() => receive([area.current!.value])}>
            Open the text
          </button>
        </div>
        <p className={style.says}>
          To record a program: <code>strace -f -o trace.txt PROGRAM</code> (all calls), or with{' '}
          <code>-e trace=memory,process,desc</code>.
        </p>
        <div className={style.row}>
          <button type="button" className={button.button} onClick={() => useUi.getState().set({ dialog: 'kept' })}>
            Kept work …
          </button>
        </div>
      </div>
    </Dialog>
  );
}
