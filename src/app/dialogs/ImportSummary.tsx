import type { Finish } from '../../protocol/messages';
import type { Imported } from '../../protocol/import';
import { Dialog } from '../parts/Dialog';
import button from '../parts/button.module.css';
import { useActions, useSession } from '../session';
import { tell, useUi } from '../ui';
import style from './dialogs.module.css';

const KINDS = { scenario: 'a scenario', strace: 'strace', maps: '/proc/PID/maps', smaps: '/proc/PID/smaps' } as const;

const count = (n: number, one: string, more = `${one}s`): string => `${n.toLocaleString('en')} ${n === 1 ? one : more}`;

/** What an import came to: what was taken over, what was left out, and where the machine answers otherwise. */
export function ImportSummary({ onClose }: { onClose: () => void }) {
  const imported = useUi((ui) => ui.imported);
  if (imported === null) return null;
  const { summary, finish } = imported;
  const { kind, lines, calls, processes, areas, ignored, unreadable, notes } = summary;
  const left = ignored.reduce((sum, one) => sum + one.count, 0);
  return (
    <Dialog title={`Imported from ${KINDS[kind]}`} onClose={onClose} wide>
      <div className={style.stack}>
        <dl className={style.figures}>
          <div>
            <dt>{kind === 'strace' ? 'calls' : 'areas'} taken over</dt>
            <dd>{(kind === 'strace' ? calls : areas).toLocaleString('en')}</dd>
          </div>
          <div>
            <dt>{processes === 1 ? 'process' : 'processes'}</dt>
            <dd>{processes.toLocaleString('en')}</dd>
          </div>
          <div>
            <dt>left out</dt>
            <dd>{left.toLocaleString('en')}</dd>
          </div>
          <div>
            <dt>unreadable</dt>
            <dd>{unreadable.toLocaleString('en')}</dd>
          </div>
          <div>
            <dt>answered otherwise</dt>
            <dd>{finish === null ? '…' : finish.unexpected.toLocaleString('en')}</dd>
          </div>
        </dl>
        <p className={style.says}>
          Of {count(lines, 'line')}.{' '}
          {kind === 'strace'
            ? 'Every call is run, and its answer held against the recorded one.'
            : 'One operation starts a program whose areas stand as they stood there.'}
        </p>
        {notes.length > 0 ? (
          <ul className={style.notes}>
            {notes.map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        ) : null}
        {ignored.length > 0 ? (
          <details className={style.more}>
            <summary>Which calls were left out</summary>
            <p className={style.says}>
              {ignored.map(({ name, count: times }) => `${name} ${times.toLocaleString('en')}`).join(', ')}
            </p>
          </details>
        ) : null}
        <Differences summary={summary} finish={finish} onClose={onClose} />
      </div>
    </Dialog>
  );
}

function Differences({ summary, finish, onClose }: { summary: Imported; finish: Finish | null; onClose: () => void }) {
  const session = useActions();
  const progress = useSession((state) => state.status.progress);
  if (finish === null)
    return (
      <div role="status" className={style.stack}>
        <p>Running all of it, to compare.</p>
        <progress
          className={style.wide}
          aria-label="Operations run"
          {...(progress && progress.of > 1 ? { value: progress.done, max: progress.of } : {})}
        />
      </div>
    );
  const { differences, unexpected } = finish;
  if (unexpected === 0)
    return (
      <>
        <p role="status">
          <strong>Every recorded answer is reproduced.</strong>
        </p>
        <div className={style.row}>
          <button type="button" className={`${button.button} ${button.main}`} onClick={onClose}>
            Look at it
          </button>
        </div>
      </>
    );
  return (
    <section aria-label="Answered otherwise" className={style.stack}>
      <p role="status">
        {count(unexpected, 'call')} of {summary.calls.toLocaleString('en')} {unexpected === 1 ? 'was' : 'were'} answered
        otherwise than recorded. {unexpected === 1 ? 'It leads' : 'Each leads'} to its step:
      </p>
      <ol className={style.differences}>
        {differences.map(({ k, line, text }) => (
          <li key={k}>
            <button
              type="button"
              onClick={() => {
                void session.go({ k, event: null });
                onClose();
                tell('told', `One of ${count(unexpected, 'difference')} to the recorded answers.`, {
                  label: 'Back to the list',
                  run: () => useUi.getState().set({ dialog: 'imported' }),
                });
              }}
            >
              <span>
                step {k}, line {line}
              </span>{' '}
              <code>{text}</code>
            </button>
          </li>
        ))}
      </ol>
      {differences.length < unexpected ? (
        <p className={style.says}>and {(unexpected - differences.length).toLocaleString('en')} more.</p>
      ) : null}
    </section>
  );
}
