/** The worker: a runner that hears the page's messages and posts back. */
import type { ToWorker } from '../protocol/messages';
import { createRunner } from '../protocol/runner';

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

scope.onmessage = (event: MessageEvent<ToWorker>) => runner.receive(event.data);
