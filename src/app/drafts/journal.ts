/** Drafts in localStorage. It keeps a text before the next line of the program runs, but not much of it. */
import { asDraft, type Draft } from './draft';

const PREFIX = 'mmscope.work.';
/** As earlier versions named what they kept; a page of such a version may still be open. */
const EARLIER = 'mmscope.draft.';

export interface Journal {
  /** Keeps a draft in the place of its copy before. That copy stays where there is no room, or nothing may be kept. */
  write(draft: Draft): 'kept' | 'full' | 'blocked';
  read(name: string): Draft | null;
  /** Forgets copies of a draft that are no newer. */
  remove(name: string, time: number): void;
  names(): string[];
}

/** `area` throws, or is null, where nothing may be kept. */
export function createJournal(area: () => Storage | null): Journal {
  function attempt<T>(what: (storage: Storage) => T, otherwise: T): T {
    try {
      const storage = area();
      return storage === null ? otherwise : what(storage);
    } catch {
      return otherwise;
    }
  }

  function parsed(storage: Storage, key: string, name: string): Draft | null {
    try {
      return asDraft(name, JSON.parse(storage.getItem(key) ?? 'null'));
    } catch {
      return null;
    }
  }

  const keysOf = (name: string): string[] => [PREFIX + name, EARLIER + name];

  return {
    write({ name, ...rest }) {
      try {
        const storage = area();
        if (storage === null) return 'blocked';
        storage.setItem(PREFIX + name, JSON.stringify(rest));
        return 'kept';
      } catch (error) {
        return error instanceof DOMException && error.name === 'QuotaExceededError' ? 'full' : 'blocked';
      }
    },
    read: (name) =>
      attempt((storage) => {
        const [now, earlier] = keysOf(name).map((key) => parsed(storage, key, name));
        return now && earlier && earlier.time > now.time ? earlier : (now ?? earlier ?? null);
      }, null),
    remove: (name, time) =>
      attempt((storage) => {
        for (const key of keysOf(name)) {
          const found = parsed(storage, key, name);
          if (found !== null && found.time <= time) storage.removeItem(key);
        }
      }, undefined),
    names: () =>
      attempt(
        (storage) => [
          ...new Set(
            Object.keys(storage).flatMap((key) =>
              [PREFIX, EARLIER].filter((prefix) => key.startsWith(prefix)).map((prefix) => key.slice(prefix.length)),
            ),
          ),
        ],
        [],
      ),
  };
}
