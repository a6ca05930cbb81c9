/** When the wall of two processes stands open: by itself at a fork, by a key, and until somebody closes it. */
import { useEffect, useMemo } from 'react';
import type { Moment } from '../history/picture';
import type { Session } from '../store/session';
import { tell, useUi } from './ui';

/** Entries of both sides that are asked for. */
const ENTRIES = 96;

const alive = ({ processes }: Moment) => processes.filter(({ mark }) => mark !== 'gone');

export interface Wall {
  open(left: number, right: number): void;
  close(): void;
  toggle(): void;
  choose(side: 'left' | 'right', who: number): void;
}

function wallOf(session: Session): Wall {
  const ui = useUi.getState;
  const open = (left: number, right: number): void => {
    ui().set({ wall: 'open', place: 'wall' });
    void session.want({ wall: { left, right, maxEntries: ENTRIES } });
  };
  const close = (): void => {
    ui().set({ wall: 'closed', ...(ui().place === 'wall' ? { place: 'space' as const } : {}) });
    void session.want({ wall: null });
  };
  return {
    open,
    close,
    toggle() {
      const moment = session.store.getState().pictures.left?.moment;
      if (ui().wall === 'open') close();
      else if (moment === undefined || alive(moment).length < 2)
        tell('told', 'The wall shows two processes at once, and there is only one: step on to a fork.');
      else {
        const [first, second] = alive(moment);
        const child = alive(moment).findLast(({ parent }) => parent !== null) ?? second!;
        open(child.parent ?? first!.who, child.who);
      }
    },
    choose(side, who) {
      const { wall } = session.store.getState().want;
      if (wall === null) return;
      const other = side === 'left' ? 'right' : 'left';
      // Who is chosen for one side and stands at the other changes places with it.
      const swapped = wall[other] === who ? { [other]: wall[side] } : {};
      void session.want({ wall: { ...wall, ...swapped, [side]: who } });
    },
  };
}

export const useWall = (session: Session): Wall => useMemo(() => wallOf(session), [session]);

/** Opens the wall at a fork, unless it was closed in this run; without a second process it goes. */
export function useWallAtForks(session: Session): void {
  const wall = useWall(session);
  useEffect(() => {
    let seen = session.store.getState().pictures.left?.moment;
    return session.store.subscribe(({ pictures, scenario }) => {
      const moment = pictures.left?.moment;
      if (moment === undefined || moment === seen) return;
      const moved = moment.k !== seen?.k;
      seen = moment;
      const { wall: now, embed, place, set } = useUi.getState();
      if (now === 'open' && alive(moment).length < 2) {
        set({ wall: 'auto', ...(place === 'wall' ? { place: 'space' as const } : {}) });
        void session.want({ wall: null });
        return;
      }
      if (!moved || now === 'closed' || embed !== null || scenario.loaded?.other) return;
      const child = moment.processes.find(({ mark }) => mark === 'new');
      const { statement, ending } = moment;
      if (statement?.kind === 'fork' && ending?.kind === 'ok' && child !== undefined)
        wall.open(statement.who, child.who);
    });
  }, [session, wall]);
}
