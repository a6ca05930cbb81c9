/**
 * The page's end of the worker. It owns one worker at a time: asks it, ends it when it crashes or no longer answers, and
 * starts another, which is empty. Nothing of a person's work lives in the worker alone.
 */
import type { Answer, Ask, FromWorker, Problem, Question, ToWorker } from '../protocol/messages';

/** What a worker says: answers, and once, when it has started, which lock of the browser it holds for as long as it lives. */
export type Said = FromWorker | { readonly type: 'lives'; readonly lock: string };

/** What a worker must be able to do; the browser's `Worker` is one, and so is a test's. */
export interface WorkerLike {
  postMessage(message: ToWorker): void;
  terminate(): void;
  onmessage: ((event: MessageEvent<Said>) => void) | null;
  onerror: ((event: ErrorEvent) => void) | null;
  onmessageerror: ((event: MessageEvent) => void) | null;
}

/** Rejects a question: why there is no answer. */
export class NoAnswer extends Error {
  constructor(readonly problem: Problem) {
    super(problem.message);
  }
}

export interface AskOptions {
  readonly signal?: AbortSignal;
  readonly progress?: (done: number, of: number, steps: number) => void;
}

export interface Client {
  /** Asks the worker. Rejects with `NoAnswer`. */
  ask<Q extends Question>(question: Q, ask: Ask<Q>, options?: AskOptions): Promise<Answer<Q>>;
  /** Whether anything is asked that has no answer yet. */
  readonly busy: boolean;
  /** Tells when a worker was lost and a new, empty one stands. Returns what takes the listener away. */
  onRestart(listener: (problem: Problem) => void): () => void;
  /** Ends the worker and starts another, as after a crash. */
  restart(problem: Problem): void;
  /** Ends the worker for good. */
  end(): void;
}

export interface ClientOptions {
  /** Milliseconds without a word from a worker that owes an answer, after which it is asked whether it lives … */
  readonly patience?: number;
  /** … and after which it is taken for hung. */
  readonly grace?: number;
  /** Milliseconds after which a worker that does not hear that it should stop is ended. */
  readonly hearing?: number;
  /** Resolves when the worker that holds this lock has ended; never, where the browser has no locks. */
  readonly ended?: (lock: string, signal: AbortSignal) => Promise<void>;
}

/** A lock that was asked for behind its holder is granted when the holder is gone, for whatever reason. */
async function endedByLock(lock: string, signal: AbortSignal): Promise<void> {
  await navigator.locks.request(lock, { signal }, () => undefined);
}

/** Milliseconds that a text of a million characters may take to be read, in one piece, on a slow computer. */
const READING = 6_000;
/** Milliseconds by which a timer may be late before the page itself has slept. */
const LATE = 500;

/** Milliseconds more than usual without a word while this is answered. */
function allowance(question: Question, ask: Ask<Question>): number {
  if (question !== 'load' && question !== 'edit') return 0;
  return ((ask as Ask<'edit'>).text.length / 1e6) * READING;
}

interface Waiting {
  readonly resolve: (answer: never) => void;
  readonly reject: (error: NoAnswer) => void;
  readonly progress: ((done: number, of: number, steps: number) => void) | undefined;
  readonly release: () => void;
  readonly allowance: number;
}

/** Why a signal is aborted when a person wants it to stop now, and not only something else instead. */
export const STOP = 'stop';

export function createClient(start: () => WorkerLike, options: ClientOptions = {}): Client {
  const { patience = 1_800, grace = 1_000, hearing = 150, ended = endedByLock } = options;
  const listeners = new Set<(problem: Problem) => void>();
  let waiting = new Map<number, Waiting>();
  let nextId = 1;
  let worker: WorkerLike | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** Aborted when the worker is dismissed. */
  let employed = new AbortController();

  /** Does it after so many milliseconds, unless the page slept meanwhile: then the watch begins anew. */
  function after(ms: number, what: () => void): void {
    const due = performance.now() + ms;
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (performance.now() > due + LATE) watch();
      else what();
    }, ms);
  }

  function watch(): void {
    clearTimeout(timer);
    if (waiting.size === 0) return;
    const more = Math.max(...[...waiting.values()].map((asked) => asked.allowance));
    after(patience + more, () => {
      worker?.postMessage({ type: 'ask', id: 0, question: 'ping', ask: {} });
      after(grace, () => restart({ kind: 'hang', message: 'The machine no longer answered.' }));
    });
  }

  function receive(message: Said): void {
    watch();
    if (message.type === 'lives') {
      const { signal } = employed;
      ended(message.lock, signal).then(
        () => {
          if (!signal.aborted) restart({ kind: 'crash', message: 'The machine has ended.' });
        },
        // Without locks its silence tells.
        () => undefined,
      );
      return;
    }
    const asked = waiting.get(message.id);
    if (asked === undefined) return;
    if (message.type === 'progress') {
      asked.progress?.(message.done, message.of, message.steps);
      return;
    }
    waiting.delete(message.id);
    asked.release();
    watch();
    if (message.type === 'answer') asked.resolve(message.answer as never);
    else asked.reject(new NoAnswer(message.problem));
  }

  function hire(): void {
    const hired = start();
    worker = hired;
    employed = new AbortController();
    const crash = (what: string) => {
      if (worker === hired) restart({ kind: 'crash', message: what });
    };
    hired.onmessage = (event) => {
      if (worker === hired) receive(event.data);
    };
    hired.onerror = (event) => crash(event.message === '' ? 'The machine could not be started.' : event.message);
    hired.onmessageerror = () => crash('A message from the machine could not be read.');
  }

  function dismiss(problem: Problem): void {
    if (worker !== null) {
      worker.onmessage = null;
      worker.onerror = null;
      worker.onmessageerror = null;
      worker.terminate();
      worker = null;
    }
    clearTimeout(timer);
    employed.abort();
    const lost = waiting;
    waiting = new Map();
    for (const asked of lost.values()) {
      asked.release();
      asked.reject(new NoAnswer(problem));
    }
  }

  function restart(problem: Problem): void {
    dismiss(problem);
    hire();
    for (const listener of listeners) listener(problem);
  }

  hire();

  return {
    ask(question, ask, { signal, progress } = {}) {
      const id = nextId++;
      if (worker === null) {
        return Promise.reject(new NoAnswer({ kind: 'cancelled', message: 'The machine has been ended.' }));
      }
      const to = worker;
      return new Promise((resolve, reject) => {
        const cancel = () => {
          to.postMessage({ type: 'cancel', id });
          if (signal?.reason !== STOP) return;
          // Inside an operation no message is heard: then the worker is ended, and another begins from the scenario.
          setTimeout(() => {
            if (worker === to && waiting.has(id))
              restart({
                kind: 'stopped',
                message: 'Stopped. The page stands where it stood before.',
              });
          }, hearing);
        };
        signal?.addEventListener('abort', cancel, { once: true });
        const release = () => signal?.removeEventListener('abort', cancel);
        waiting.set(id, { resolve, reject, progress, release, allowance: allowance(question, ask) });
        to.postMessage({ type: 'ask', id, question, ask } as ToWorker);
        if (signal?.aborted === true) cancel();
        if (waiting.size === 1) watch();
      });
    },
    get busy() {
      return waiting.size > 0;
    },
    onRestart(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    restart,
    end: () => dismiss({ kind: 'cancelled', message: 'The machine has been ended.' }),
  };
}
