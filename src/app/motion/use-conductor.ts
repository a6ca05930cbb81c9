/** The conductor of the page's session, for the panes and for what is drawn across them. */
import { createContext, useContext, useEffect, useState } from 'react';
import { useStore } from 'zustand';
import { useActions } from '../session';
import { firstPicture, firstPictureMade } from '../first-picture';
import { useUi } from '../ui';
import { createConductor, type Conductor, type Played } from './conductor';

export const ConductorContext = createContext<Conductor | null>(null);

const reduced = matchMedia('(prefers-reduced-motion: reduce)');

/** Makes the conductor of this page; the choreographies follow when the first picture is there. */
export function useNewConductor(): Conductor {
  const session = useActions();
  const [conductor] = useState(() =>
    createConductor(
      session.store,
      () =>
        reduced.matches ||
        document.hidden ||
        useUi.getState().twins ||
        (session.store.getState().scenario.loaded?.other ?? '') !== '',
    ),
  );
  useEffect(() => {
    let wanted = true;
    const load = async (): Promise<void> => {
      await firstPicture;
      const { beatsOf, loadMotion, stagedPictures } = await import('./choreography');
      await loadMotion();
      if (wanted) conductor.load({ beatsOf, stagedPictures });
    };
    void load();
    return () => {
      wanted = false;
    };
  }, [conductor]);
  const drawn = useStore(conductor.store, ({ pictures }) => pictures !== null);
  useEffect(() => {
    if (drawn) firstPictureMade();
  }, [drawn]);
  useEffect(() => () => conductor.end(), [conductor]);
  return conductor;
}

export function usePlayed<T>(selector: (played: Played) => T): T {
  const conductor = useContext(ConductorContext);
  if (conductor === null) throw new Error('no conductor around this component');
  return useStore(conductor.store, selector);
}
