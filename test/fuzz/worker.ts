/** A worker that ends, is silent or says anything at any moment: each question comes to an end, and another worker stands. */
import { createRunner } from '../../src/protocol/runner';
import { createSession } from '../../src/store/session';
import { createClient, type WorkerLike } from '../../src/worker/client';
import type { Kind } from './frame/kind';

const TEXT = 'a = mmap(NULL, 64K, rw, PRIVATE|ANONYMOUS)\nwrite(a)\nwrite(a + 4K)\nmunmap(a, 64K)\n';
const STEPS = ['next', 'back', 'edit', 'add', 'undo', 'open', 'designs', 'go', 'end', 'crash', 'say', 'turn'];
const SAID: readonly unknown[] = [
  null,
  {},
  'x',
  { type: 'answer', id: 1e9 },
  { type: 'progress', id: 2, done: 1, of: 0 },
  { type: 'problem', id: 1e9, problem: { kind: 'mistake', message: '' } },
  { type: 'lives', lock: 'x' },
  { type: 'answer', id: -1, answer: null },
];

const kind: Kind = {
  what: 'worker: one that ends, is lost or speaks nonsense at any moment',
  seeds: [],
  words: STEPS,
  draw(random) {
    const below = (n: number): number => Math.floor(random() * n);
    return Array.from({ length: 2 + below(6) }, () => `${STEPS[below(STEPS.length)]} ${below(8)}`).join('\n');
  },
  async take(input) {
    const due: (() => void)[] = [];
    const ends: (() => void)[] = [];
    let last: WorkerLike | null = null;
    const start = (): WorkerLike => {
      let alive = true;
      const runner = createRunner(
        (data) => void due.push(() => alive && worker.onmessage?.({ data } as MessageEvent)),
        { now: () => performance.now(), later: (task) => void due.push(() => alive && task()) },
      );
      const worker: WorkerLike = {
        onmessage: null,
        onerror: null,
        onmessageerror: null,
        postMessage: (message) => void due.push(() => alive && runner.receive(structuredClone(message))),
        terminate: () => void (alive = false),
      };
      last = worker;
      return worker;
    };
    const client = createClient(start, {
      ended: (_, signal) =>
        new Promise((resolve, reject) => {
          ends.push(resolve);
          signal.addEventListener('abort', () => reject(new Error()));
        }),
    });
    const session = createSession(client);
    const lives = () => due.push(() => last?.onmessage?.({ data: { type: 'lives', lock: 'x' } } as MessageEvent));
    lives();
    const { getState } = session.store;
    const asked: Promise<unknown>[] = [session.open(TEXT)];
    let expected = TEXT;
    let losses = 0;
    const turn = async (times: number): Promise<void> => {
      for (let i = 0; i < times; i++) {
        due.shift()?.();
        for (let j = 0; j < 4; j++) await Promise.resolve();
      }
    };
    const lines = input.split('\n').slice(0, 40);
    for (const [i, line] of lines.entries()) {
      const [step = '', number = '0'] = line.split(' ');
      const n = Math.abs(Number(number)) || 0;
      if (step === 'next') asked.push(session.move('nextOperation'));
      else if (step === 'back') asked.push(session.move('backOperation'));
      else if (step === 'go') asked.push(session.go({ k: n, event: null }));
      else if (step === 'edit') {
        expected = `${TEXT}write(a)\n# ${i}\n`;
        asked.push(session.edit(expected));
      } else if (step === 'open') {
        expected = `${TEXT}# ${i}\n`;
        asked.push(session.open(expected));
      } else if (step === 'undo') {
        asked.push(session.undo());
        expected = getState().scenario.text;
      } else if (step === 'designs') asked.push(session.setDesigns('flag', n % 2 === 0 ? '' : 'ops'));
      else if (step === 'end' && losses < 3) {
        losses++;
        const end = ends.pop();
        if (end) {
          last!.terminate();
          end();
        } else last!.onerror?.({ message: 'could not be started' } as ErrorEvent);
        await turn(1);
        lives();
      } else if (step === 'crash' && losses < 3) {
        losses++;
        last!.onerror?.({ message: 'out of memory' } as ErrorEvent);
        lives();
      } else if (step === 'say') last!.onmessage?.({ data: SAID[n % SAID.length] } as MessageEvent);
      else await turn(n);
      if (step !== 'add' && getState().scenario.text !== expected) return `after “${line}” the page has another text`;
    }
    const came = { done: false };
    void Promise.all(asked).then(() => (came.done = true));
    for (let i = 0; i < 3_000 && !came.done; i++) await turn(1);
    client.end();
    if (!came.done) return 'a question never came to its end';
    return getState().scenario.text === expected ? '' : 'the page has another text in the end';
  },
};
export default kind;
