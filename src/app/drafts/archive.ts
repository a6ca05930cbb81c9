/** Drafts in IndexedDB. It has room for any text, and takes a moment to keep it. */
import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import { asDraft, headOf, type Draft, type Head } from './draft';

/** Why a draft was not kept: no room; forbidden or broken; or another page's newer copy stands under its name. */
export type Refusal = 'full' | 'blocked' | 'theirs';

export interface Archive {
  /** Keeps a draft unless another page wrote a copy under its name after `seen`. */
  write(draft: Draft, seen: number): Promise<'kept' | Refusal>;
  read(name: string): Promise<Draft | null>;
  /** Forgets a draft, but no copy that is newer. */
  remove(name: string, time: number): Promise<void>;
  /** All of them, in no order; empty where nothing can be read. */
  heads(): Promise<Head[]>;
  /** Calls back when the browser has taken away what was kept. */
  onLost(listener: () => void): void;
}

interface Schema extends DBSchema {
  /** What a list says, apart from the texts: a list must not read all of them. */
  heads: { key: string; value: Head };
  texts: { key: string; value: Draft };
}

const DATABASE = 'mmscope';
/** Milliseconds after which a database that does not open is given up. */
const OPENING = 4_000;

export function createArchive(allowed: () => boolean): Archive {
  let open: Promise<IDBPDatabase<Schema>> | null = null;
  let lost = (): void => undefined;

  function database(): Promise<IDBPDatabase<Schema>> {
    if (!allowed()) return Promise.reject(new DOMException('Nothing is kept here.', 'SecurityError'));
    if (open !== null) return open;
    const opening = openDB<Schema>(DATABASE, 1, {
      upgrade(db) {
        db.createObjectStore('heads', { keyPath: 'name' });
        db.createObjectStore('texts', { keyPath: 'name' });
      },
      // A page of a newer version must not wait for this one.
      blocking(_now, _then, event) {
        (event.target as IDBDatabase).close();
        open = null;
      },
      terminated() {
        open = null;
        lost();
      },
    });
    const late = new Promise<never>((_, reject) => {
      setTimeout(() => reject(new DOMException('The database does not open.', 'TimeoutError')), OPENING);
    });
    const mine = Promise.race([opening, late]);
    open = mine;
    mine.catch(() => {
      if (open === mine) open = null;
    });
    return mine;
  }

  /** Runs a transaction; once more where the connection was closed from outside. */
  async function transact<T>(what: (db: IDBPDatabase<Schema>) => Promise<T>): Promise<T> {
    try {
      return await what(await database());
    } catch (error) {
      if (!(error instanceof DOMException) || error.name !== 'InvalidStateError') throw error;
      open = null;
      return what(await database());
    }
  }

  return {
    async write(draft, seen) {
      try {
        return await transact(async (db) => {
          const tx = db.transaction(['heads', 'texts'], 'readwrite');
          const heads = tx.objectStore('heads');
          const there = await heads.get(draft.name);
          if (there !== undefined && there.writer !== draft.writer && there.time > seen) {
            await tx.done;
            return 'theirs';
          }
          // A failed request ends the transaction, whose own promise tells why.
          void heads.put(headOf(draft)).catch(() => undefined);
          void tx
            .objectStore('texts')
            .put(draft)
            .catch(() => undefined);
          tx.commit();
          await tx.done;
          return 'kept';
        });
      } catch (error) {
        return error instanceof DOMException && error.name === 'QuotaExceededError' ? 'full' : 'blocked';
      }
    },
    async read(name) {
      try {
        return asDraft(name, await transact((db) => db.get('texts', name)));
      } catch {
        return null;
      }
    },
    async remove(name, time) {
      try {
        await transact(async (db) => {
          const tx = db.transaction(['heads', 'texts'], 'readwrite');
          const there = await tx.objectStore('heads').get(name);
          if (there !== undefined && there.time <= time) {
            void tx.objectStore('heads').delete(name);
            void tx.objectStore('texts').delete(name);
          }
          await tx.done;
        });
      } catch {
        // What cannot be forgotten now is still listed, and can be forgotten later.
      }
    },
    async heads() {
      try {
        return await transact((db) => db.getAll('heads'));
      } catch {
        return [];
      }
    },
    onLost(listener) {
      lost = listener;
    },
  };
}
