/** The session that the page shows, for every component below `App`. */
import { createContext, useContext } from 'react';
import { useStore } from 'zustand';
import type { Session } from '../store/session';
import type { State } from '../store/state';

export const SessionContext = createContext<Session | null>(null);

/** The session with its actions. */
export function useActions(): Session {
  const session = useContext(SessionContext);
  if (session === null) throw new Error('no session around this component');
  return session;
}

/** A part of what the page knows. */
export function useSession<T>(selector: (state: State) => T): T {
  return useStore(useActions().store, selector);
}
