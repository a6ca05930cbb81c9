/** A page's end of a runner in the same process: for tests. */
import type { Answer, Ask, FromWorker, Problem, Question, ToWorker } from '../../../src/protocol/messages';
import { createRunner } from '../../../src/protocol/runner';
import type { WorkerLike } from '../../../src/worker/client';

const surroundings = { now: () => performance.now(), later: (task: () => void) => void setImmediate(task) };

export class Failed extends Error {
  constructor(readonly problem: Problem) {
    super(problem.message);
  }
}

/** Asks a runner as a page would. Answers go through a structured clone, as between threads. */
export function createPage() {
  const waiting = new Map<number, (message: FromWorker) => void>();
  const progress: number[] = [];
  const runner = createRunner((message) => {
    const copy = structuredClone(message);
    if (copy.type === 'progress') progress.push(copy.done / copy.of);
    else waiting.get(copy.id)?.(copy);
  }, surroundings);
  let nextId = 1;
  return {
    progress,
    ask<Q extends Question>(question: Q, ask: Ask<Q>): Promise<Answer<Q>> & { id: number } {
      const id = nextId++;
      const answer = new Promise<Answer<Q>>((resolve, reject) => {
        waiting.set(id, (message) => {
          if (message.type === 'answer') resolve(message.answer as Answer<Q>);
          else if (message.type === 'problem') reject(new Failed(message.problem));
        });
      });
      runner.receive({ type: 'ask', id, question, ask } as ToWorker);
      return Object.assign(answer, { id });
    },
    cancel: (id: number) => runner.receive({ type: 'cancel', id }),
  };
}

/** A worker in the same thread, with messages that arrive later. `hang` and `crash` are what a test does to it. */
export class TestWorker implements WorkerLike {
  onmessage: WorkerLike['onmessage'] = null;
  onerror: WorkerLike['onerror'] = null;
  onmessageerror: WorkerLike['onmessageerror'] = null;
  terminated = false;
  hung = false;
  readonly heard: ToWorker[] = [];
  /** Where its messages are kept for `deliver`, while a test wants them late or in another order. */
  held: FromWorker[] | null = null;
  private readonly runner = createRunner((message) => {
    const copy = structuredClone(message);
    if (this.held === null) setImmediate(() => this.deliver(copy));
    else this.held.push(copy);
  }, surroundings);

  deliver(message: FromWorker): void {
    if (!this.terminated && !this.hung) this.onmessage?.({ data: message } as MessageEvent<FromWorker>);
  }

  postMessage(message: ToWorker): void {
    this.heard.push(message);
    const copy = structuredClone(message);
    setImmediate(() => {
      if (!this.terminated && !this.hung) this.runner.receive(copy);
    });
  }

  terminate(): void {
    this.terminated = true;
  }

  crash(): void {
    this.hung = true;
    this.onerror?.({ message: 'out of memory' } as ErrorEvent);
  }
}
