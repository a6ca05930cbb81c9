/** What is kept on this computer between visits. Reading or writing may be forbidden (an embedding, a private window): then nothing is kept. */

const PREFIX = 'mmscope.';
/** A frame of somebody's course page keeps nothing, and knows nothing of what the person's own page keeps. */
let allowed = window.parent === window;

/** From now on nothing is kept, and nothing is known. */
export function forgetStorage(): void {
  allowed = false;
}

/** Names under which something is kept. */
export function keptNames(): string[] {
  if (!allowed) return [];
  try {
    return Object.keys(localStorage)
      .filter((name) => name.startsWith(PREFIX))
      .map((name) => name.slice(PREFIX.length));
  } catch {
    return [];
  }
}

/** A name that nothing else is kept under. */
export const newName = (): string => Math.random().toString(36).slice(2, 10);

/** A name for this tab that a reload does not change. */
export function tabName(): string {
  try {
    const known = sessionStorage.getItem(`${PREFIX}tab`) ?? newName();
    sessionStorage.setItem(`${PREFIX}tab`, known);
    return known;
  } catch {
    return 'only';
  }
}
/** Characters; more is not kept, so that a large scenario does not fill the origin's storage. */
export const KEPT_AT_MOST = 500_000;

/** What was kept under a name, or null. */
export function kept(name: string): string | null {
  if (!allowed) return null;
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null;
  }
}

/** Keeps a text; null forgets it. False if it could not be kept. */
export function keep(name: string, text: string | null): boolean {
  if (!allowed) return false;
  try {
    if (text === null || text.length > KEPT_AT_MOST) {
      localStorage.removeItem(PREFIX + name);
      return text === null;
    }
    localStorage.setItem(PREFIX + name, text);
    return true;
  } catch {
    return false;
  }
}
