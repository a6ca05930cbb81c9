/** The worker: a runner that hears the page's messages and posts back. */
import type { ToWorker } from '../protocol/messages';
import { createRunner } from '../protocol/runner';
import type { Said } from './client';

const scope = self as unknown as DedicatedWorkerGlobalScope;

/** Turns of the event loop without the delay that nested timers have. */
const turns = new MessageChannel();
const due: (() => void)[] = [];
turns.port1.onmessage = () => due.shift()?.();

const runner = createRunner((message, transfer) => scope.postMessage(message, transfer as Transferable[]), {
  now: () => performance.now(),
  later(task) {
    due.push(task);
    turns.port2.postMessage(null);
  },
});

// The page learns of this worker's end by a lock: the browser takes it back whatever the end was.
const lock = `mmscope machine ${Array.from(crypto.getRandomValues(new Uint32Array(4))).join('-')}`;
(navigator.locks as LockManager | undefined)
  ?.request(lock, () => {
    scope.postMessage({ type: 'lives', lock } satisfies Said);
    return new Promise<never>(() => undefined);
  })
  .catch(() => undefined);

scope.onmessage = (event: MessageEvent<ToWorker>) => runner.receive(event.data);
