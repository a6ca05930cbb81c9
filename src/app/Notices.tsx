import { X } from 'lucide-react';
import { useActions, useSession } from './session';
import button from './parts/button.module.css';
import style from './notices.module.css';

/** What the person should know about the machine: it runs, it ended, it was started again. */
export function Notices() {
  const session = useActions();
  const { state, progress, notices } = useSession((all) => all.status);
  if (!progress && notices.length === 0 && state !== 'ended') return null;
  return (
    <div className={style.notices}>
      {state === 'ended' ? (
        <div className={style.trouble} role="alert">
          <span>The machine has ended. Your scenario is safe.</span>
          <button type="button" className={button.button} onClick={() => session.restart()}>
            Start it again
          </button>
        </div>
      ) : null}
      {progress ? (
        <div className={style.told} role="status">
          <label className={style.progress}>
            Running: {progress.done.toLocaleString('en')} of {progress.of.toLocaleString('en')} operations
            <progress value={progress.done} max={progress.of} />
          </label>
          <button type="button" className={button.button} onClick={() => session.stop()}>
            Stop
          </button>
        </div>
      ) : null}
      {notices.map((notice) => (
        <div
          key={notice.id}
          className={notice.kind === 'trouble' ? style.trouble : style.told}
          role={notice.kind === 'trouble' ? 'alert' : 'status'}
        >
          <span>{notice.text}</span>
          <button
            type="button"
            className={`${button.button} ${button.plain} ${button.icon}`}
            aria-label={`Dismiss: ${notice.text}`}
            onClick={() => session.dismiss(notice.id)}
          >
            <X size="1em" aria-hidden />
          </button>
        </div>
      ))}
    </div>
  );
}
