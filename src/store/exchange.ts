/** One question to the worker, and what the person is told of it: how far it is, and why there is no answer. */
import type { StoreApi } from 'zustand/vanilla';
import type { Answer, Ask, Problem, Question } from '../protocol/messages';
import { NoAnswer, type Client } from '../worker/client';
import type { State, StatusPart } from './state';

const NOTICES = 5;

export interface Exchange {
  tell(kind: 'told' | 'trouble', text: string): void;
  /** Does what asks; its failure becomes a notice where a person should know of it. Null if it went well. */
  attempt(what: () => Promise<void>): Promise<Problem | null>;
  /** Asks for something that the person may stop. Null where there is no answer. */
  answer<Q extends Question>(question: Q, ask: Ask<Q>): Promise<Answer<Q> | null>;
  progress(done: number, of: number, steps: number): void;
}

export function createExchange(store: StoreApi<State>, client: Client, stopped: () => AbortSignal): Exchange {
  let nextNotice = 1;
  const status = (change: Partial<StatusPart>): void =>
    store.setState((state) => ({ status: { ...state.status, ...change } }));

  function tell(kind: 'told' | 'trouble', text: string): void {
    const { notices } = store.getState().status;
    const notice = { id: nextNotice++, kind, text };
    status({ notices: [...notices.filter((one) => one.text !== text), notice].slice(-NOTICES) });
  }

  async function attempt(what: () => Promise<void>): Promise<Problem | null> {
    try {
      await what();
      return null;
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      const { kind, message } = error.problem;
      if (kind === 'mistake') tell('trouble', `mmscope made a mistake: ${message}`);
      else if (kind === 'invalid') tell('trouble', message);
      return error.problem;
    } finally {
      const ended = store.getState().status.state === 'ended';
      status({ progress: null, state: client.busy ? 'busy' : ended ? 'ended' : 'ready' });
    }
  }

  const progress = (done: number, of: number, steps: number): void =>
    status({ progress: { done, of, steps }, state: 'busy' });

  return {
    tell,
    attempt,
    progress,
    async answer<Q extends Question>(question: Q, ask: Ask<Q>) {
      let answer: Answer<Q> | null = null;
      await attempt(async () => {
        answer = await client.ask(question, ask, { progress, signal: stopped() });
      });
      return answer;
    },
  };
}
