/** Which page works on which draft: it holds a lock of the draft's name, and the browser gives it back when the page is gone. */

const PREFIX = 'mmscope draft ';

export interface Owners {
  /** Takes a draft for this page. False where another page has it and keeps it for `patience` milliseconds. */
  take(name: string, patience: number): Promise<boolean>;
  /** Gives it back. */
  release(name: string): void;
  /** Names of the drafts that any page works on. Null where the browser cannot tell. */
  taken(): Promise<ReadonlySet<string> | null>;
}

export function createOwners(locks: LockManager | undefined): Owners {
  const held = new Map<string, () => void>();

  return {
    async take(name, patience) {
      if (held.has(name) || locks === undefined) return true;
      return new Promise((resolve) => {
        const hold = () =>
          new Promise<void>((release) => {
            held.set(name, release);
            resolve(true);
          });
        const signal = AbortSignal.timeout(patience);
        locks.request(PREFIX + name, { signal }, hold).catch((error: unknown) => {
          // Where locks are forbidden there is no telling: each page goes on by itself.
          resolve(!(error instanceof DOMException && ['TimeoutError', 'AbortError'].includes(error.name)));
        });
      });
    },
    release(name) {
      held.get(name)?.();
      held.delete(name);
    },
    async taken() {
      try {
        const found = await locks?.query();
        if (found?.held === undefined) return null;
        return new Set(
          found.held.flatMap(({ name = '' }) => (name.startsWith(PREFIX) ? [name.slice(PREFIX.length)] : [])),
        );
      } catch {
        return null;
      }
    },
  };
}
