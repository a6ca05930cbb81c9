/** The address says what the page shows: a link, a scenario of the library, or, with nothing behind `#`, a draft by name. */

interface Entry {
  /** Name of the draft that this entry of the browser's history stands for. */
  readonly draft?: string;
}

/** A frame's steps back are those of the page around it. */
const framed = window.parent !== window;
let shown = '';

export const hashNow = (): string => (location.hash.length > 1 ? location.hash : '');

export function draftNow(): string | null {
  const state = history.state as Entry | null;
  return typeof state?.draft === 'string' ? state.draft : null;
}

const sign = (): string => `${hashNow()} ${hashNow() === '' ? (draftNow() ?? '') : ''}`;

function write(how: 'pushState' | 'replaceState', entry: Entry | null, hash: string): void {
  if (framed) return;
  try {
    history[how](entry, '', location.pathname + location.search + hash);
  } catch {
    // A page from a file may not change its address everywhere: then it keeps it.
  }
  shown = sign();
}

/** The page shows this draft. */
export function sayDraft(draft: string): void {
  if (hashNow() !== '' || draftNow() !== draft) write('replaceState', { draft }, '');
}

/** The page shows what this address gives. False where the address could not be changed. */
export function sayAddress(hash: string): boolean {
  if (hashNow() !== hash || draftNow() !== null) write('replaceState', null, hash);
  return hashNow() === hash;
}

/** The page goes on to something else; the browser's step back leads to what it shows now. */
export function goOn(hash: string, draft: string | null): void {
  const entry = draft === null ? null : { draft };
  if (hashNow() !== hash || draftNow() !== draft) write('pushState', entry, hash);
}

/** Calls back when the person has gone back or forth, or typed another address. Returns what ends it. */
export function onAddress(listener: () => void): () => void {
  shown = sign();
  const heard = () => {
    if (sign() === shown) return;
    shown = sign();
    listener();
  };
  addEventListener('popstate', heard);
  addEventListener('hashchange', heard);
  return () => {
    removeEventListener('popstate', heard);
    removeEventListener('hashchange', heard);
  };
}
