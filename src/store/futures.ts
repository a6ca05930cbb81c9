/** The futures of the scenario as the worker told them, with their texts: a worker that ends takes nothing along. */
import type { Future, Loaded } from '../protocol/messages';

export interface Futures {
  /** What was loaded belongs to one of them, whose text it is from now on. */
  note(loaded: Loaded): void;
  /** All of them, to load again. */
  all(): readonly Future[];
  clear(): void;
}

export function createFutures(): Futures {
  let texts = new Map<number, string>();
  let futures: Loaded['futures'] = [];
  return {
    note(loaded) {
      ({ futures } = loaded);
      texts.set(loaded.branch, loaded.text);
      texts = new Map([...texts].filter(([id]) => futures.some((future) => future.id === id)));
    },
    all: () => futures.flatMap((future) => (texts.has(future.id) ? [{ ...future, text: texts.get(future.id)! }] : [])),
    clear() {
      texts = new Map();
      futures = [];
    },
  };
}
