/**
 * The page without its pictures: the session, and what opens and keeps scenarios. It loads in a moment, so that thousands of
 * sequences of what a person does can be tried in a real browser, with real tabs and real storage.
 */
import { openDB } from 'idb';
import { drafts } from '../../src/app/drafts';
import { openText, takeBack, begin } from '../../src/app/start';
import { useUi } from '../../src/app/ui';
import { createRunner } from '../../src/protocol/runner';
import { exampleNamed, LIBRARY } from '../../src/scenario/library';
import { seededRandom } from '../../src/base/random';
import { startWorker } from '../../src/worker/start';
import { createSession } from '../../src/store/session';
import { createClient, type WorkerLike } from '../../src/worker/client';
import { decodeLink } from '../../src/share/link';

export const FIRST = 'title: First\npool(1)\n';

/** The machine in the page's own thread. */
function machine(): WorkerLike {
  const turns = new MessageChannel();
  const due: (() => void)[] = [];
  turns.port1.addEventListener('message', () => due.shift()?.());
  turns.port1.start();
  const later = (task: () => void) => {
    due.push(task);
    turns.port2.postMessage(null);
  };
  const worker: WorkerLike = {
    onmessage: null,
    onerror: null,
    onmessageerror: null,
    postMessage: (message) => later(() => runner.receive(message)),
    terminate: () => undefined,
  };
  const runner = createRunner((data) => later(() => worker.onmessage?.({ data } as MessageEvent)), {
    now: () => performance.now(),
    later,
  });
  return worker;
}

/** The workers so far, where this page has real ones (`?workers`): the last is the one that is asked. */
const workers: Worker[] = [];
function realMachine(): WorkerLike {
  const worker = startWorker();
  workers.push(worker as unknown as Worker);
  return worker;
}

const session = createSession(createClient(location.search === '?workers' ? realMachine : machine));
const text = () => session.store.getState().scenario.text;

/** Every text that storage has, read by nothing but the browser. */
async function stored(): Promise<string[]> {
  const found = Object.values({ ...localStorage }).flatMap((value) => {
    try {
      return [(JSON.parse(value) as { text?: string }).text ?? ''];
    } catch {
      return [];
    }
  });
  const known = await indexedDB.databases();
  if (!known.some(({ name }) => name === 'mmscope')) return found;
  const db = await openDB('mmscope');
  try {
    if (!db.objectStoreNames.contains('texts')) return found;
    const all = (await db.getAll('texts')) as { text: string }[];
    return [...found, ...all.map((one) => one.text)];
  } finally {
    db.close();
  }
}

/** The text that the address gives; null where it names a draft, or nothing. */
function addressed(): string | null {
  const named = /^#ex=([\w-]+)/.exec(location.hash);
  if (named) return exampleNamed(named[1]!)?.text ?? null;
  const link = decodeLink(location.hash);
  return link.ok ? link.value.text : null;
}

const page = {
  text,
  stored,
  /** Texts that nothing but this page holds. */
  async alone(): Promise<string[]> {
    if (!drafts.alone) return [];
    const list = await drafts.list();
    const only = list.filter(({ where }) => where === 'only here');
    return Promise.all(only.map(async ({ name }) => (await drafts.find(name))?.text ?? ''));
  },
  async listed(): Promise<string[]> {
    return Promise.all((await drafts.list()).map(async ({ name }) => (await drafts.find(name))?.text ?? ''));
  },
  /** All that a test asks for after each step. */
  async state() {
    return { text: text(), alone: await page.alone(), addressed: addressed(), hash: location.hash };
  },
  edit: (to: string) => void session.edit(to),
  undo: () => void session.undo(),
  bring: (brought: string) => openText(session, brought, {}, { address: null, brought: true }),
  follow: (hash: string) => void (location.hash = hash),
  async takeBack(which: number): Promise<void> {
    const list = await drafts.list();
    if (list.length > 0) await takeBack(session, list[which % list.length]!.name);
  },
  /** Deletes one that no page works on, as the list does; returns its text. */
  async forget(which: number): Promise<string | null> {
    const list = (await drafts.list()).filter(({ where }) => where === 'kept');
    if (list.length === 0) return null;
    const one = list[which % list.length]!;
    const forgotten = await drafts.find(one.name);
    await drafts.forget(one);
    return forgotten?.text ?? null;
  },
  /**
   * Opens scenarios of the library, goes to and fro in them, and ends the worker at a moment by chance, without a word to the
   * page. Returns what was not as it must be: the text, the moment that the key presses lead to, the other futures.
   */
  async workerEnds(times: number, seed: number): Promise<{ wrong: string[]; slowest: number }> {
    const random = seededRandom(seed);
    const below = (n: number): number => Math.floor(random() * n);
    const pause = (ms: number) => new Promise((done) => setTimeout(done, ms));
    const all = LIBRARY.flatMap(({ examples }) => examples);
    const wrong: string[] = [];
    let slowest = 0;
    for (let i = 0; i < times; i++) {
      const example = all[below(all.length)]!;
      const opened = session.open(example.text);
      let k = 0;
      let { text: expected } = example;
      let branches = 1;
      if (below(2) === 0) await opened;
      if (below(3) === 0) {
        await session.addStatement('pool(3)');
        expected = text();
        branches = session.store.getState().scenario.loaded!.futures.length;
        k = 1;
      }
      const n = session.store.getState().scenario.loaded?.n ?? 0;
      const before = workers.length;
      for (let press = below(6); press > 0; press--) {
        const forth = below(4) > 0;
        void session.move(forth ? 'nextOperation' : 'backOperation');
        k = forth ? k + 1 : Math.max(0, k - 1);
      }
      await pause(below(12));
      workers.at(-1)!.terminate();
      const ended = performance.now();
      if (below(2) === 0) {
        void session.move('nextOperation');
        k++;
      }
      while (workers.length === before && performance.now() < ended + 5_000) await pause(1);
      slowest = Math.max(slowest, performance.now() - ended);
      // Whatever waits is carried out, then one more that changes nothing.
      await session.want({});
      const { scenario, time, pictures } = session.store.getState();
      const reached = Math.min(k, scenario.loaded?.n ?? n);
      const name = `${i}: ${example.name}`;
      if (scenario.text !== expected) wrong.push(`${name}: another text`);
      else if (k < n && time.place.k !== reached) wrong.push(`${name}: step ${time.place.k}, not ${reached}`);
      else if (pictures.left?.moment.k !== time.place.k) wrong.push(`${name}: pictures of ${pictures.left?.moment.k}`);
      else if (scenario.loaded?.futures.length !== branches)
        wrong.push(`${name}: ${scenario.loaded?.futures.length} futures`);
      for (const notice of session.store.getState().status.notices) session.dismiss(notice.id);
    }
    return { wrong, slowest };
  },
  /** What the page has told and not been read. */
  notices: () => useUi.getState().notices.map((notice) => notice.text),
  /** From now on there is no room, or there is again. */
  full(on: boolean): void {
    const { prototype } = Storage;
    const own = window as unknown as { setItem?: typeof prototype.setItem };
    own.setItem ??= prototype.setItem;
    prototype.setItem = on
      ? () => {
          throw new DOMException('full', 'QuotaExceededError');
        }
      : own.setItem;
    const { prototype: store } = IDBObjectStore;
    const put = window as unknown as { put?: typeof store.put };
    put.put ??= store.put;
    store.put = on
      ? function (this: IDBObjectStore) {
          this.transaction.abort();
          throw new DOMException('full', 'QuotaExceededError');
        }
      : put.put;
  },
};

export type KeptPage = typeof page;
export type KeptState = Awaited<ReturnType<KeptPage['state']>>;

void begin(session, FIRST).then(() => Object.assign(window, { page }));
