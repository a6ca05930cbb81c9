import { lazy, Suspense, useEffect, type KeyboardEvent, type ReactNode } from 'react';
import type { Pictures } from '../../history/picture';
import { Guarded } from '../parts/Guarded';
import { PathPanel } from '../panes/PathPanel';
import { useActions, useSession } from '../session';
import { DRAWERS, useUi, type Drawer as DrawerName } from '../ui';
import style from './drawer.module.css';
import { DEFAULT_DESIGN } from '../catalogue';

const Inspector = lazy(async () => ({ default: (await import('../panes/Inspector')).Inspector }));
const ProcPanel = lazy(async () => ({ default: (await import('../panes/ProcPanel')).ProcPanel }));
const SourcePanel = lazy(async () => ({ default: (await import('../panes/SourcePanel')).SourcePanel }));

const NAMES: Readonly<Record<DrawerName, string>> = {
  path: 'Path',
  source: 'Design',
  proc: '/proc',
  inspector: 'Selection',
};

/** Which lines of `/proc` are drawn at most; copying takes them all. */
const PROC_LINES = 400;

/** What lies behind the pictures: the path, the design's source, `/proc`, and everything about what is selected. */
export function Drawer({ pictures }: { pictures: Pictures | null }) {
  const drawer = useUi((ui) => ui.drawer);
  const set = useUi((ui) => ui.set);
  const session = useActions();
  const wantsProc = drawer === 'proc';
  useEffect(() => {
    const { proc } = session.store.getState().want;
    if (wantsProc && proc === null) void session.want({ proc: { file: 'maps', maxLines: PROC_LINES } });
    else if (!wantsProc && proc !== null) void session.want({ proc: null });
  }, [wantsProc, session]);
  const key = (event: KeyboardEvent<HTMLDivElement>) => {
    const at = DRAWERS.indexOf(drawer);
    const to =
      event.key === 'ArrowRight'
        ? (at + 1) % DRAWERS.length
        : event.key === 'ArrowLeft'
          ? (at + 3) % DRAWERS.length
          : -1;
    if (to < 0) return;
    event.preventDefault();
    event.stopPropagation();
    set({ drawer: DRAWERS[to] });
    event.currentTarget.querySelectorAll<HTMLElement>('[role="tab"]')[to]?.focus();
  };
  return (
    <section className={style.drawer} aria-label="Behind the pictures">
      <div role="tablist" aria-label="Behind the pictures" className={style.tabs} onKeyDown={key}>
        {DRAWERS.map((name) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`tab-${name}`}
            aria-selected={drawer === name}
            aria-controls="drawer-panel"
            tabIndex={drawer === name ? 0 : -1}
            onClick={() => set({ drawer: name })}
          >
            {NAMES[name]}
          </button>
        ))}
      </div>
      <div role="tabpanel" tabIndex={0} id="drawer-panel" aria-labelledby={`tab-${drawer}`} className={style.panel}>
        <Guarded key={drawer} what={NAMES[drawer]}>
          <Suspense fallback={null}>
            {drawer === 'path' ? (
              <PathDrawer pictures={pictures} />
            ) : drawer === 'source' ? (
              <SourcePanel design={pictures?.moment.design ?? DEFAULT_DESIGN} place={pictures?.path?.source ?? null} />
            ) : drawer === 'proc' ? (
              <ProcDrawer pictures={pictures} />
            ) : (
              <InspectorDrawer />
            )}
          </Suspense>
        </Guarded>
      </div>
    </section>
  );
}

/** The path of the operation of the moment, titled with it. */
export function PathDrawer({ pictures, bare }: { pictures: Pictures | null; bare?: boolean }): ReactNode {
  const session = useActions();
  const statement = pictures?.moment.statement;
  return (
    <>
      <p className={bare ? 'unseen' : style.says}>
        {statement ? (
          <>
            What the kernel did for <code>{statement.text}</code>, and where it had to ask what kind of mapping this is.
          </>
        ) : (
          'What the kernel does in an operation, and where it has to ask what kind of mapping this is.'
        )}
      </p>
      <PathPanel
        path={pictures?.path}
        label={statement ? `Path of ${statement.text}` : 'Path'}
        onGo={(event) => session.go({ k: pictures?.moment.k ?? 0, event })}
        onPoint={(refs) => session.hover(refs)}
      />
    </>
  );
}

function ProcDrawer({ pictures }: { pictures: Pictures | null }) {
  const session = useActions();
  const file = useSession((state) => state.want.proc?.file ?? 'maps');
  const who = useSession((state) => state.want.who);
  return (
    <ProcPanel
      file={file}
      picture={pictures?.proc}
      pid={String(who + 1)}
      onFile={(name) => session.want({ proc: { file: name, maxLines: PROC_LINES } })}
      onCopy={() => void session.procText(who, file).then((text) => navigator.clipboard.writeText(text))}
    />
  );
}

function InspectorDrawer() {
  const session = useActions();
  const inspection = useSession((state) => state.selection.inspection);
  return (
    <Inspector
      inspection={inspection}
      onSelect={(ref) => session.select([ref])}
      onPoint={(ref) => session.hover(ref ? [ref] : [])}
    />
  );
}
