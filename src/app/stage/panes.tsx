import { lazy, Suspense, type ReactNode } from 'react';
import type { Pictures } from '../../history/picture';
import { create as createAddressSpace } from '../../views/address-space';
import { create as createFrames } from '../../views/frames';
import { create as createPageTables } from '../../views/page-tables';
import { create as createPool } from '../../views/pool';
import button from '../parts/button.module.css';
import { useActions, useSession } from '../session';
import { PicturePane } from './PicturePane';
import { useDuration, useHandlers, useLit } from './use-pictures';
import style from './panes.module.css';

const HeatPane = lazy(async () => ({ default: (await import('./HeatPane')).HeatPane }));

/** What tells each picture as text, loaded when it is asked for. */
const twins = {
  addressSpace: async () => (await import('../../views/address-space/twin')).twinOfAddressSpace,
  pageTables: async () => (await import('../../views/page-tables/twin')).twinOfPageTables,
  pool: async () => (await import('../../views/pool/twin')).twinOfPool,
  frames: async () => (await import('../../views/frames/twin')).twinOfFrames,
};

/** Which of two machines, and its design's name where two are shown. */
interface Shown {
  pictures: Pictures | null;
  under?: string;
}

const WAITING = 'The machine is getting ready.';

function useShared() {
  return { lit: useLit(), duration: useDuration(), handlers: useHandlers() };
}

/** What a picture shows, in a sentence; side by side there is no room to say it twice. */
const introduced = (under: string | undefined, says: string): string => (under ? '' : says);

const titled = (what: string, under: string | undefined): string => (under ? `${what}, under ${under}` : what);

/** A title whose process is chosen in the title itself, where there are several. */
function OfProcess({ what, name, under }: { what: string; name: string; under: string | undefined }) {
  const session = useActions();
  const processes = useSession((state) => state.pictures.left?.moment.processes);
  const who = useSession((state) => state.want.who);
  if (!processes || processes.length < 2) return titled(`${what} of ${name}`, under);
  return (
    <>
      {what} of{' '}
      <span className={style.choice}>
        <select
          className={style.process}
          aria-label={name}
          title="Which process is looked at"
          value={who}
          onChange={(event) => {
            const to = Number(event.target.value);
            const { frames } = session.store.getState().want;
            void session.want({ who: to, frames: frames.who === null ? frames : { ...frames, who: to, from: 0 } });
          }}
        >
          {processes.map((one) => (
            <option key={one.who} value={one.who}>
              {one.name}
            </option>
          ))}
        </select>
      </span>
      {under ? `, under ${under}` : ''}
    </>
  );
}

export function SpacePane({ pictures, under }: Shown) {
  const session = useActions();
  const { areas: wanted } = useSession((state) => state.want);
  const areas = pictures?.areas;
  const window = wanted.window;
  return (
    <PicturePane
      title={titled(`Address space of ${areas?.name ?? 'process 1'}`, under)}
      heading={<OfProcess what="Address space" name={areas?.name ?? 'process 1'} under={under} />}
      says={introduced(under, 'What may be touched, highest address first; gaps on a log scale.')}
      tools={
        window ? (
          <button
            type="button"
            className={button.button}
            onClick={() => void session.want({ areas: { ...wanted, window: undefined } })}
          >
            Show all
          </button>
        ) : wanted.foldUntouched ? null : (
          <button
            type="button"
            className={button.button}
            title="Fold the areas that the scenario does not touch"
            onClick={() => void session.want({ areas: { ...wanted, foldUntouched: true } })}
          >
            Fold
          </button>
        )
      }
      make={createAddressSpace}
      twin={twins.addressSpace}
      picture={areas}
      empty={WAITING}
      {...useShared()}
    />
  );
}

export function TablesPane({ pictures, under }: Shown) {
  const session = useActions();
  const heat = useSession((state) => state.want.heat);
  const shared = useShared();
  const name = pictures?.areas?.name ?? 'process 1';
  const stretch = largestOwn(pictures);
  const tools = (
    <button
      type="button"
      className={button.button}
      aria-pressed={heat !== null}
      title="Every entry of the largest area as one pixel"
      disabled={stretch === null && heat === null}
      onClick={() => void session.want({ heat: heat === null && stretch ? { ...stretch, maxPixels: 262_144 } : null })}
    >
      Every entry
    </button>
  );
  if (heat !== null)
    return (
      <Suspense fallback={null}>
        <HeatPane
          title={titled(`Page-table entries of ${name}`, under)}
          heading={<OfProcess what="Page-table entries" name={name} under={under} />}
          tools={tools}
          picture={pictures?.heat}
          empty={WAITING}
          {...shared}
        />
      </Suspense>
    );
  return (
    <PicturePane
      title={titled(`Page tables of ${name}`, under)}
      heading={<OfProcess what="Page tables" name={name} under={under} />}
      says={introduced(
        under,
        'How an address is found: four levels, 512 entries a table. Only populated tables exist.',
      )}
      tools={tools}
      make={createPageTables}
      twin={twins.pageTables}
      picture={pictures?.tree}
      empty={WAITING}
      {...shared}
    />
  );
}

/** Addresses of the largest area of the scenario's own. */
function largestOwn(pictures: Pictures | null): { start: number; end: number } | null {
  let found: { start: number; end: number } | null = null;
  for (const row of pictures?.areas?.rows ?? [])
    if (row.row === 'area' && row.slot !== 0 && (found === null || row.end - row.start > found.end - found.start))
      found = { start: row.start, end: row.end };
  return found;
}

export function PoolPane({ pictures, under }: Shown) {
  return (
    <PicturePane
      title={titled('Huge-page pool', under)}
      says={introduced(under, '2 MiB pages set aside. Reserved: promised, not yet taken.')}
      make={createPool}
      twin={twins.pool}
      picture={pictures?.pool}
      empty={WAITING}
      {...useShared()}
    />
  );
}

export function FramesPane({ pictures, under }: Shown): ReactNode {
  return (
    <PicturePane
      title={titled('Frames', under)}
      says={introduced(under, 'Physical memory in use.')}
      make={createFrames}
      twin={twins.frames}
      picture={pictures?.frames}
      empty={WAITING}
      {...useShared()}
    />
  );
}
