/** Drafts: whatever happens to two pages and their storage, in any order, each text that would be missed is somewhere. */
import type { Archive } from '../../src/app/drafts/archive';
import { headOf, isWork, type Draft } from '../../src/app/drafts/draft';
import { createDrafts, type Drafts } from '../../src/app/drafts/drafts';
import { createJournal } from '../../src/app/drafts/journal';
import type { Kind } from './frame/kind';

/** Storage as a map, which may be full. */
class Area {
  readonly kept = new Map<string, string>();
  full = false;
  /** What `Object.keys` and the journal ask for. */
  readonly storage = new Proxy({} as Storage, {
    get: (_, name) => {
      if (name === 'getItem') return (key: string) => this.kept.get(key) ?? null;
      if (name === 'removeItem') return (key: string) => void this.kept.delete(key);
      if (name === 'setItem')
        return (key: string, value: string) => {
          if (this.full) throw new DOMException('full', 'QuotaExceededError');
          this.kept.set(key, value);
        };
      return undefined;
    },
    ownKeys: () => [...this.kept.keys()],
    getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true, value: '' }),
  });
}

interface World {
  readonly area: Area;
  readonly archived: Map<string, Draft>;
  readonly locks: Map<string, Page>;
  archiveFull: boolean;
  /** Transactions under way: they are done when their turn comes, or never, where their page ends before. */
  transactions: { page: Page; run: () => void }[];
}

class Page {
  text = '';
  ended = false;
  readonly drafts: Drafts;
  timers: (() => void)[] = [];
  constructor(
    readonly world: World,
    public word: string | null,
  ) {
    this.drafts = createDrafts({
      journal: createJournal(() => world.area.storage),
      archive: archiveOf(world, this),
      owners: {
        take: async (name) => {
          if (world.locks.get(name) !== undefined && world.locks.get(name) !== this) return false;
          world.locks.set(name, this);
          return true;
        },
        release: (name) => void world.locks.delete(name),
        taken: async () => new Set(world.locks.keys()),
      },
      tab: { get: () => this.word, set: (word) => void (this.word = word) },
      unkept: () => undefined,
      guard: () => undefined,
      later: (task) => {
        this.timers.push(task);
        return () => void (this.timers = this.timers.filter((one) => one !== task));
      },
    });
  }
  show(text: string): void {
    this.text = text;
    if (text !== '') this.drafts.keep({ text, k: 0, opened: '', address: null }, () => undefined);
  }
  end(): void {
    this.ended = true;
    for (const [name, page] of this.world.locks) if (page === this) this.world.locks.delete(name);
    this.world.transactions = this.world.transactions.filter(({ page }) => page !== this);
  }
}

function archiveOf(world: World, page: Page): Archive {
  const turn = <T>(what: () => T) =>
    new Promise<T>((resolve) => world.transactions.push({ page, run: () => resolve(what()) }));
  return {
    write: (draft, seen) =>
      turn(() => {
        if (world.archiveFull) return 'full';
        const there = world.archived.get(draft.name);
        if (there && there.writer !== draft.writer && there.time > seen) return 'theirs';
        world.archived.set(draft.name, draft);
        return 'kept';
      }),
    read: async (name) => world.archived.get(name) ?? null,
    remove: (name, time) =>
      turn(() => {
        if ((world.archived.get(name)?.time ?? Infinity) <= time) world.archived.delete(name);
      }),
    heads: async () => [...world.archived.values()].map(headOf),
    onLost: () => undefined,
  };
}

const turns = async (): Promise<void> => {
  for (let i = 0; i < 12; i++) await Promise.resolve();
};

const STEPS = ['type', 'large', 'open', 'back', 'turn', 'time', 'crash', 'reload', 'copy', 'room', 'archive', 'forget'];

const kind: Kind = {
  what: 'drafts: what happens to two pages and their storage, in any order',
  seeds: [],
  words: STEPS,
  draw(random) {
    const below = (n: number): number => Math.floor(random() * n);
    return Array.from({ length: 3 + below(14) }, () => `${STEPS[below(STEPS.length)]} ${below(2)} ${below(5)}`).join(
      '\n',
    );
  },
  async take(input) {
    const world: World = {
      area: new Area(),
      archived: new Map(),
      locks: new Map(),
      archiveFull: false,
      transactions: [],
    };
    const pages = [new Page(world, null), new Page(world, null)];
    for (const page of pages) await page.drafts.begin(null);
    const missed = new Set<string>();
    let made = 0;
    /** What a page alone holds when it ends, the person knows to be lost. */
    const held = async (page: Page): Promise<Set<string>> => {
      const only = (await page.drafts.list()).filter(({ where }) => where === 'only here');
      return new Set(await Promise.all(only.map(async ({ name }) => (await page.drafts.find(name))!.text)));
    };
    for (const line of input.split('\n').slice(0, 60)) {
      const [step = '', at = '0', number = '0'] = line.split(' ');
      const which = Number(at) === 1 ? 1 : 0;
      const n = Math.abs(Number(number)) || 0;
      const page = pages[which];
      const other = pages[1 - which];
      if (step === 'type' || step === 'large') {
        if (page.text !== other.text) missed.delete(page.text);
        page.show(`${++made} ${step === 'large' ? 'x'.repeat(100_001) : ''}`);
      } else if (step === 'open') {
        page.drafts.enter(null);
        page.show(n === 0 ? '' : `${++made} brought`);
      } else if (step === 'back') {
        const list = await page.drafts.list();
        const draft = list.length > 0 ? await page.drafts.take(list[n % list.length].name) : null;
        if (draft !== null) {
          page.drafts.enter(draft);
          page.show(draft.text);
        }
      } else if (step === 'turn') for (const { run } of world.transactions.splice(0, n + 1)) run();
      else if (step === 'time') for (const task of page.timers.splice(0)) task();
      else if (step === 'crash' || step === 'reload') {
        for (const text of await held(page)) missed.delete(text);
        page.end();
        const next = new Page(world, step === 'reload' ? page.word : null);
        pages[which] = next;
        const { draft } = await next.drafts.begin(null);
        if (draft !== null && isWork(draft)) next.show(draft.text);
      } else if (step === 'copy') {
        for (const text of await held(other)) missed.delete(text);
        other.end();
        const next = new Page(world, page.word);
        pages[1 - which] = next;
        const { draft } = await next.drafts.begin(null);
        if (draft !== null) next.show(draft.text);
      } else if (step === 'room') world.area.full = !world.area.full;
      else if (step === 'archive') world.archiveFull = !world.archiveFull;
      else if (step === 'forget') {
        const list = (await page.drafts.list()).filter(({ where }) => where === 'kept');
        if (list.length > 0) {
          const one = list[n % list.length];
          const text = (await page.drafts.find(one.name))?.text ?? '';
          const came = { done: false };
          void page.drafts.forget(one).then(() => (came.done = true));
          for (let turn = 0; !came.done && turn < 20; turn++) {
            await turns();
            for (const { run } of world.transactions.splice(0)) run();
          }
          if (!came.done) return 'forgetting never ends';
          if (!pages.some((open) => open.text === text)) missed.delete(text);
        }
      }
      await turns();
      for (const one of pages) if (one.text !== '') missed.add(one.text);
      const there = new Set([...world.archived.values()].map(({ text }) => text));
      for (const value of world.area.kept.values()) there.add((JSON.parse(value) as Draft).text);
      for (const one of pages) for (const text of [one.text, ...(await held(one))]) there.add(text);
      const lost = [...missed].filter((text) => !there.has(text));
      if (lost.length > 0) return `after “${line}” ${lost.map((text) => text.slice(0, 12)).join(', ')} is nowhere`;
    }
    return '';
  },
};
export default kind;
