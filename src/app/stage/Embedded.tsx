import { ExternalLink } from 'lucide-react';
import { lazy, Suspense, useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { Pictures } from '../../history/picture';
import button from '../parts/button.module.css';
import { ScenarioColumn } from '../columns';
import { useActions, useSession } from '../session';
import { useUi, type PanePlace } from '../ui';
import { arrange, type Item } from './arrangement';
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

const NAMES: Readonly<Record<Item, string>> = {
  scenario: 'Scenario',
  space: 'Addresses',
  tables: 'Tables',
  pool: 'Pool',
  frames: 'Frames',
  drawer: 'Behind',
};

/** What the panes of a link come to: the pool is there where the scenario has one. */
const itemsOf = (places: readonly PanePlace[], pooled: boolean): Item[] =>
  places.flatMap((place): Item[] => (place === 'pool' ? (pooled ? ['pool', 'frames'] : ['frames']) : [place]));

/** The panes that a frame was made with, side by side as far as there is room, and behind tabs where there is none. */
export function EmbedStage() {
  const places = useUi((ui) => ui.embed?.panes ?? []);
  const left = useSession((state) => state.pictures.left);
  const right = useSession((state) => state.pictures.right);
  const other = useSession((state) => state.scenario.loaded?.other ?? '');
  const main = useRef<HTMLElement>(null);
  const [room, setRoom] = useState<{ width: number; height: number } | null>(null);
  useLayoutEffect(() => {
    const element = main.current!;
    const measure = () => {
      const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
      const { clientWidth, clientHeight } = element;
      setRoom({ width: clientWidth / rem, height: clientHeight / rem });
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  const columns =
    room === null || other !== '' ? [] : arrange(itemsOf(places, left?.pool?.wanted === true), room.width, room.height);
  return (
    <main
      ref={main}
      className={style.stage}
      style={other === '' ? { gridTemplateColumns: columns.map(({ width }) => `minmax(0, ${width}fr)`).join(' ') } : {}}
    >
      {other !== '' ? (
        <Suspense fallback={null}>
          <Comparison left={left} right={right} />
        </Suspense>
      ) : (
        columns.map(({ cells }) => (
          <div key={cells.flat().join()} className={style.column}>
            {cells.map((items) => (
              <CellOf key={items.join()} items={items} pictures={left} />
            ))}
          </div>
        ))
      )}
    </main>
  );
}

/** One pane, or several that share its place. */
function CellOf({ items, pictures }: { items: readonly Item[]; pictures: Pictures | null }) {
  const [chosen, setChosen] = useState<Item>(items[0]!);
  const shown = items.includes(chosen) ? chosen : items[0]!;
  return (
    <div className={style.cell} data-pane={shown}>
      {items.length > 1 ? (
        <nav className={style.tabs} aria-label="What is shown">
          {items.map((item) => (
            <button key={item} type="button" aria-pressed={item === shown} onClick={() => setChosen(item)}>
              {NAMES[item]}
            </button>
          ))}
        </nav>
      ) : null}
      <PaneOf item={shown} pictures={pictures} />
    </div>
  );
}

function PaneOf({ item, pictures }: { item: Item; pictures: Pictures | null }) {
  if (item === 'scenario') return <ScenarioColumn />;
  if (item === 'space') return <SpacePane pictures={pictures} />;
  if (item === 'tables') return <TablesPane pictures={pictures} />;
  if (item === 'drawer') return <Drawer pictures={pictures} />;
  if (item === 'pool') return <PoolPane pictures={pictures} />;
  return <FramesPane pictures={pictures} />;
}
