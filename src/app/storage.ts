/** What is kept on this computer between visits. Reading or writing may be forbidden (an embedding, a private window): then nothing is kept. */

const PREFIX = 'mmscope.';
/** Characters; more is not kept, so that a large scenario does not fill the origin's storage. */
export const KEPT_AT_MOST = 500_000;

/** What was kept under a name, or null. */
export function kept(name: string): string | null {
  try {
    return localStorage.getItem(PREFIX + name);
  } catch {
    return null;
  }
}

/** Keeps a text; null forgets it. False if it could not be kept. */
export function keep(name: string, text: string | null): boolean {
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
