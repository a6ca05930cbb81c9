import { ExternalLink } from 'lucide-react';
import { lazy, Suspense, useEffect, useState } from 'react';
import type { Pictures } from '../../history/picture';
import button from '../parts/button.module.css';
import { ScenarioColumn } from '../columns';
import { useActions, useSession } from '../session';
import { useUi, type Place } from '../ui';
import { Drawer } from './Drawer';
import { FramesPane, PoolPane, SpacePane, TablesPane } from './panes';
import style from './embedded.module.css';

const Comparison = lazy(async () => ({ default: (await import('./Comparison')).Comparison }));

/** Milliseconds without a step after which the link to the whole page follows. */
const PAUSE = 250;

/** The head of a frame: what it shows, and the way to the whole page. */
export function EmbedHead() {
  const session = useActions();
  const loaded = useSession((state) => state.scenario.loaded);
  const place = useSession((state) => state.time.place);
  const text = useSession((state) => state.scenario.text);
  const [url, setUrl] = useState('');
  useEffect(() => {
    // Not while somebody steps through: pressing a scenario into a link takes a moment.
    const timer = setTimeout(() => {
      void import('../link').then(({ linkTo }) => {
        const link = linkTo(session, { here: true, fingerprint: null, embed: null });
        setUrl(link.ok ? link.url : '');
      });
    }, PAUSE);
    return () => clearTimeout(timer);
  }, [session, place, text]);
  const title = loaded?.title || 'A scenario';
  return (
    <header className={style.head}>
      <h1>{title}</h1>
      <span>{loaded?.other ? `${loaded.design} beside ${loaded.other}` : (loaded?.design ?? '')}</span>
      {url ? (
        <a className={button.button} href={url} target="_blank" rel="noopener">
          <ExternalLink size="1em" aria-hidden /> Open in mmscope
        </a>
      ) : null}
    </header>
  );
}

/** The panes that a frame was made with, side by side as far as there is room. */
export function EmbedStage() {
  const panes = useUi((ui) => ui.embed?.panes ?? []);
  const left = useSession((state) => state.pictures.left);
  const right = useSession((state) => state.pictures.right);
  const other = useSession((state) => state.scenario.loaded?.other ?? '');
  if (other !== '')
    return (
      <main className={style.stage}>
        <Suspense fallback={null}>
          <Comparison left={left} right={right} />
        </Suspense>
      </main>
    );
  return (
    <main className={style.stage}>
      {panes.map((name) => (
        <div key={name} className={style.pane} data-pane={name}>
          <PaneOf place={name} pictures={left} />
        </div>
      ))}
    </main>
  );
}

function PaneOf({ place, pictures }: { place: Place; pictures: Pictures | null }) {
  if (place === 'scenario') return <ScenarioColumn />;
  if (place === 'space') return <SpacePane pictures={pictures} />;
  if (place === 'tables') return <TablesPane pictures={pictures} />;
  if (place === 'drawer') return <Drawer pictures={pictures} />;
  return (
    <>
      <PoolPane pictures={pictures} />
      <FramesPane pictures={pictures} />
    </>
  );
}
