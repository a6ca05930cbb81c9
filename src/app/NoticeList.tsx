import { X } from 'lucide-react';
import button from './parts/button.module.css';
import { useActions, useSession } from './session';
import { dismiss, useUi, type Notice } from './ui';
import style from './notices.module.css';

/** What the person should know: a long run, a machine that ended or was started again, a file that could not be read. */
export function NoticeList() {
  const session = useActions();
  const { state, progress, notices } = useSession((all) => all.status);
  const own = useUi((ui) => ui.notices);
  return (
    <aside className={style.notices} aria-label="Notices">
      {state === 'ended' ? (
        <div className={style.trouble} role="alert">
          <span>The machine has ended. Your scenario is safe.</span>
          <button
            type="button"
            className={button.button}
            onClick={() => {
              const { scenario, time } = session.store.getState();
              void session.open(scenario.text, { at: time.place });
            }}
          >
            Start it again
          </button>
        </div>
      ) : null}
      {progress && (progress.of > 1 || progress.steps > 0) ? (
        <div className={style.told}>
          <label className={style.progress}>
            Running: {progress.done.toLocaleString('en')} of {progress.of.toLocaleString('en')} operations
            {progress.steps > 0 ? `; inside one of them: ${progress.steps.toLocaleString('en')} steps` : ''}
            <progress value={progress.done} max={progress.of} />
          </label>
          <button type="button" className={button.button} onClick={() => session.stop()}>
            Stop
          </button>
        </div>
      ) : null}
      {notices.map((notice) => (
        <One key={`machine ${notice.id}`} notice={notice} onDismiss={() => session.dismiss(notice.id)} />
      ))}
      {own.map((notice) => (
        <One key={notice.id} notice={notice} onDismiss={() => dismiss(notice.id)} />
      ))}
    </aside>
  );
}

function One({ notice, onDismiss }: { notice: Notice; onDismiss: () => void }) {
  const { kind, text, action } = notice;
  return (
    <div className={kind === 'trouble' ? style.trouble : style.told} role={kind === 'trouble' ? 'alert' : 'status'}>
      <span>{text}</span>
      {action ? (
        <button
          type="button"
          className={button.button}
          onClick={() => {
            onDismiss();
            action.run();
          }}
        >
          {action.label}
        </button>
      ) : null}
      <button
        type="button"
        className={`${button.button} ${button.plain} ${button.icon}`}
        aria-label={`Dismiss: ${text}`}
        onClick={onDismiss}
      >
        <X size="1em" aria-hidden />
      </button>
    </div>
  );
}
