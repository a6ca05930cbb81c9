/** What is kept on this computer between visits. Reading or writing may be forbidden (an embedding, a private window): then nothing is kept. */

const PREFIX = 'mmscope.';
/** A frame of somebody's course page keeps nothing, and knows nothing of what the person's own page keeps. */
let allowed = window.parent === window;

/** From now on nothing is kept, and nothing is known. */
export function forgetStorage(): void {
  allowed = false;
}

export const mayKeep = (): boolean => allowed;

/** The browser's storage for all tabs; null, or an exception, where nothing may be kept. */
export const storageArea = (): Storage | null => (allowed ? localStorage : null);

/** A word that this tab keeps, and that a reload and a copy of the tab find again. */
export const tabWord = {
  get(): string | null {
    try {
      return allowed ? sessionStorage.getItem(`${PREFIX}tab`) : null;
    } catch {
      return null;
    }
  },
  set(word: string): void {
    try {
      if (allowed) sessionStorage.setItem(`${PREFIX}tab`, word);
    } catch {
      // Then a reload begins as a new tab does.
    }
  },
};

/** What was kept under a name, or null. */
export function kept(name: string): string | null {
  try {
    return storageArea()?.getItem(PREFIX + name) ?? null;
  } catch {
    return null;
  }
}

/** Keeps a short text. False if it could not be kept. */
export function keep(name: string, text: string): boolean {
  try {
    const area = storageArea();
    area?.setItem(PREFIX + name, text);
    return area !== null;
  } catch {
    return false;
  }
}
