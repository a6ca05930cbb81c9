import { lazy, Suspense } from 'react';
import { later } from '../first-picture';
import { usePlayed } from '../motion/use-conductor';
import { useSession } from '../session';
import { PLACES, useUi, type Place } from '../ui';
import { useMedia } from '../use-media';
import { ScenarioColumn } from '../columns';
import { FramesPane, PoolPane, SpacePane, TablesPane } from './panes';
import style from './stage.module.css';

const Splitter = later(async () => (await import('./Splitter')).Splitter);
const Drawer = later(async () => (await import('./Drawer')).Drawer);
const WallPane = lazy(async () => ({ default: (await import('./WallPane')).WallPane }));
const Comparison = lazy(async () => ({ default: (await import('./Comparison')).Comparison }));

const WireLayer = lazy(async () => ({ default: (await import('../motion/WireLayer')).WireLayer }));

const Tour = lazy(async () => ({ default: (await import('../argument/Tour')).Tour }));

const NAMES: Readonly<Record<Place, string>> = {
  scenario: 'Scenario',
  space: 'Addresses',
  tables: 'Tables',
  pool: 'Pool',
  drawer: 'Behind',
  wall: 'Wall',
};

/** The panes: the scenario, the pictures, and what lies behind them. On a small screen one at a time. */
export function Stage() {
  const { place, tour, presenting, behind, wall, set } = useUi();
  const left = usePlayed((played) => played.pictures);
  const ready = usePlayed((played) => played.ready);
  const right = useSession((state) => state.pictures.right);
  const other = useSession((state) => state.scenario.loaded?.other ?? '');
  // A scenario without huge pages leaves the pool's room to the frames.
  const pooled = left?.pool?.wanted === true;
  const narrow = useMedia('(max-width: 56em)');
  // Beside one another, which picture is shown is chosen above them.
  const walled = wall === 'open' && other === '' && left?.wall !== undefined;
  const places: readonly Place[] = other !== '' ? ['scenario', 'tables'] : walled ? [...PLACES, 'wall'] : PLACES;
  const shown = (name: Place) => (place === name ? true : undefined);
  return (
    <>
      <nav className={style.places} aria-label="What is shown">
        {places.map((name) => (
          <button
            key={name}
            type="button"
            aria-pressed={other === '' ? place === name : (place === 'scenario') === (name === 'scenario')}
            onClick={() => set({ place: name })}
          >
            {other !== '' && name === 'tables' ? 'Side by side' : name === 'pool' && !pooled ? 'Frames' : NAMES[name]}
          </button>
        ))}
      </nav>
      <main
        className={style.stage}
        data-comparing={other ? true : undefined}
        data-behind={!presenting || behind || undefined}
      >
        <div className={`${style.area} ${style.left}`} data-size="left" data-shown={shown('scenario')}>
          {tour === null ? (
            <ScenarioColumn />
          ) : (
            <Suspense fallback={null}>
              <Tour />
            </Suspense>
          )}
        </div>
        {other ? (
          narrow && place === 'scenario' ? null : (
            <Suspense fallback={null}>
              <Comparison left={left} right={right} />
            </Suspense>
          )
        ) : walled && (!narrow || place === 'wall') ? (
          <div className={`${style.area} ${style.wall}`} data-shown>
            <Suspense fallback={null}>
              <WallPane pictures={left} />
            </Suspense>
          </div>
        ) : (
          <>
            <div className={`${style.area} ${style.space}`} data-size="space" data-shown={shown('space')}>
              <SpacePane pictures={left} />
            </div>
            <div className={`${style.area} ${style.tables}`} data-shown={shown('tables')}>
              <TablesPane pictures={left} />
            </div>
            {presenting && !behind ? null : (
              <div className={`${style.area} ${style.drawer}`} data-size="drawer" data-shown={shown('drawer')}>
                <Suspense fallback={null}>
                  <Drawer pictures={left} />
                </Suspense>
              </div>
            )}
            <div className={`${style.area} ${style.right}`} data-size="right" data-shown={shown('pool')}>
              {pooled ? <PoolPane pictures={left} /> : null}
              <FramesPane pictures={left} />
            </div>
            <Suspense fallback={null}>
              <Splitter size="space" label="Width of the address space" edge="right" className={style.splitSpace} />
              <Splitter size="right" label="Width of pool and frames" edge="left" className={style.splitRight} />
              <Splitter size="drawer" label="Height of the drawer" edge="top" className={style.splitDrawer} />
            </Suspense>
          </>
        )}
        <Suspense fallback={null}>
          <Splitter size="left" label="Width of the scenario" edge="right" className={style.splitLeft} />
        </Suspense>
      </main>
      {other || walled || !ready ? null : (
        <Suspense fallback={null}>
          <WireLayer />
        </Suspense>
      )}
    </>
  );
}
