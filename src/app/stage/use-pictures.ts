/** What every picture of the stage needs beside its data: what is lit, how fast it moves, and what a pointer does. */
import { useContext, useMemo, useSyncExternalStore } from 'react';
import type { Lamp, Ref } from '../../history/picture';
import type { ViewHandlers } from '../../views/view';
import type { Lit } from '../parts/PictureHost';
import { ConductorContext } from '../motion/use-conductor';
import { useActions, useSession } from '../session';
import { useUi } from '../ui';

const REF = /^(?:area|table|entry|frame|process|file|event|operation):\d+(?::\d+)?$/;
const isRef = (key: string): key is Ref => REF.test(key);

/** As one text, which is the same from step to step while nothing more breaks. */
const refsOf = (broken: Lamp['broken']): string => broken.flatMap(({ ref }) => ref ?? []).join(' ');

export function useLit(): Lit {
  const selection = useSession((state) => state.selection);
  const broken = useSession((state) => refsOf(state.pictures.left?.moment.lamp.broken ?? []));
  return useMemo(
    () => ({
      hovered: new Set<string>(selection.hovered),
      selected: new Set<string>(selection.selected),
      fellows: selection.hovered.length > 0 ? selection.hoveredFellows : selection.selectedFellows,
      broken: new Set(broken.split(' ').filter(Boolean)),
    }),
    [selection, broken],
  );
}

/** Motion is for one step on or back, a beat at a time; a jump is there at once. */
export function useDuration(): number {
  const conductor = useContext(ConductorContext);
  return useSyncExternalStore(conductor?.store.subscribe ?? never, () => conductor?.store.getState().duration ?? 0);
}

/** Where nobody conducts (a frame in another page), pictures are there at once. */
const never = () => () => {};

export function useHandlers(): ViewHandlers {
  const session = useActions();
  const set = useUi((ui) => ui.set);
  return useMemo(
    () => ({
      point: (keys) => session.hover(keys.filter(isRef)),
      select(keys, add, range) {
        const refs = keys.filter(isRef);
        set({ range: range ?? null });
        void session.select(add ? [...session.store.getState().selection.selected, ...refs] : refs);
      },
      menu(keys, x, y, range) {
        void session.select(keys.filter(isRef));
        set({ menu: { x, y }, range: range ?? null });
      },
      toggle(key, open) {
        const [kind, id] = key.split(':');
        if (kind === 'table') void session.toggleTable(Number(id), open);
        else if (kind === 'area')
          void session.want({ areas: { ...session.store.getState().want.areas, foldUntouched: !open } });
      },
      focus: (start, end) =>
        void session.want({ areas: { ...session.store.getState().want.areas, window: { start, end } } }),
    }),
    [session, set],
  );
}
