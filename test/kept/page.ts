/**
 * The page without its pictures: the session, and what opens and keeps scenarios. It loads in a moment, so that thousands of
 * sequences of what a person does can be tried in a real browser, with real tabs and real storage.
 */
import { openDB } from 'idb';
import { drafts } from '../../src/app/drafts';
import { openText, takeBack, begin } from '../../src/app/start';
import { useUi } from '../../src/app/ui';
import { createRunner } from '../../src/protocol/runner';
import { exampleNamed } from '../../src/scenario/library';
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

const session = createSession(createClient(machine));
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
  addressed,
  hash: () => location.hash,
  /** Texts that nothing but this page holds. */
  async alone(): Promise<string[]> {
    const list = await drafts.list();
    const only = list.filter(({ where }) => where === 'only here');
    return Promise.all(only.map(async ({ name }) => (await drafts.find(name))?.text ?? ''));
  },
  async listed(): Promise<string[]> {
    return Promise.all((await drafts.list()).map(async ({ name }) => (await drafts.find(name))?.text ?? ''));
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
    const { name } = list[which % list.length]!;
    const forgotten = await drafts.find(name);
    await drafts.forget(name);
    return forgotten?.text ?? null;
  },
  badLink: () => useUi.getState().badLink !== null,
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

void begin(session, FIRST).then(() => Object.assign(window, { page }));
