/**
 * What a person does, and what happens to them, over two tabs: typing, reloads, crashes, copied tabs, storage that is full or
 * emptied, links, imports, undo, steps back. After each of them, every text that would be missed is in storage, in an address
 * or in an open page.
 */
import { array, assert, asyncProperty, constant, constantFrom, nat, oneof, tuple } from 'fast-check';
import type { BrowserContext } from 'playwright-core';
import { Tab, type Harness } from './harness';
import type { KeptState } from './page';

/** A link of another text, or one that cannot be opened. */
const LINKS = ['#ex=zero-page', '#ex=moving', '#ex=fork-small', '#s=9', '#1.broken', '#ex=nothing'];

interface Situation {
  readonly context: BrowserContext;
  readonly url: string;
  readonly tabs: [Tab, Tab];
  /** What they showed after the step before. */
  states: [KeptState, KeptState];
  /** Texts that would be missed, wherever they are. */
  readonly missed: Set<string>;
  full: boolean;
  /** Crashes end the tab's process. */
  readonly real: boolean;
}

type Which = 0 | 1;

const own = (text: string): boolean => text.startsWith('title: Own');
let counter = 0;
const newText = (long: boolean): string =>
  `title: Own ${++counter}\npool(${counter % 9})\n${long ? '# a line that says nothing, but says it at length\n'.repeat(4_000) : ''}`;

/** What a tab shows gives way to what the person makes of it. */
async function instead(at: Situation, which: Which, make: () => Promise<unknown>): Promise<void> {
  const before = at.states[which].text;
  await make();
  const { text } = await at.tabs[which].call('state');
  if (text !== before && before !== at.states[which === 0 ? 1 : 0].text) at.missed.delete(before);
  if (own(text)) at.missed.add(text);
}

const commands: Readonly<Record<string, (at: Situation, which: Which, n: number) => Promise<void>>> = {
  type: (at, which, n) => instead(at, which, () => at.tabs[which].call('edit', newText(n % 11 === 0))),
  undo: (at, which) => instead(at, which, () => at.tabs[which].call('undo')),
  async import(at, which, n) {
    const text = newText(n % 7 === 0);
    await at.tabs[which].call('bring', text);
    at.missed.add(text);
  },
  link: (at, which, n) => at.tabs[which].call('follow', LINKS[n % LINKS.length]!),
  back: (at, which) =>
    at.tabs[which].page.evaluate(() => {
      // Never further than the page itself.
      const { navigation } = window as unknown as {
        navigation: { currentEntry: { index: number }; entries(): { sameDocument: boolean }[] };
      };
      if (navigation.entries()[navigation.currentEntry.index - 1]?.sameDocument) history.back();
    }),
  async reload(at, which) {
    const { page } = at.tabs[which];
    const { text: before, alone, hash } = at.states[which];
    if (alone.length > 0) {
      // The browser asks only for a page that was touched.
      await page.mouse.click(5, 5);
      const asked = page.waitForEvent('dialog', { timeout: 10_000 }).then((dialog) => dialog.dismiss());
      await page.evaluate(() => void setTimeout(() => location.reload(), 0));
      await asked.catch(() => {
        throw new Error('a page that alone holds a text was left without a question');
      });
      return;
    }
    await page.reload({ waitUntil: 'commit' });
    await at.tabs[which].begun();
    if (at.full) await at.tabs[which].call('full', true);
    const { text: after } = await at.tabs[which].call('state');
    if (own(before) && hash === '' && after !== before)
      throw new Error(`a reload shows ${after.slice(0, 20)}, not ${before.slice(0, 20)}`);
  },
  async crash(at, which) {
    // Nothing had room for it, and the person knows.
    for (const text of await at.tabs[which].call('alone')) at.missed.delete(text);
    await at.tabs[which].crash(at.real);
    at.tabs[which] = await Tab.open(at.context, at.url);
    if (at.full) await at.tabs[which].call('full', true);
  },
  async copy(at, which) {
    const other: Which = which === 0 ? 1 : 0;
    if (at.states[other].alone.length > 0) return;
    const [copy] = await Promise.all([
      at.context.waitForEvent('page'),
      at.tabs[which].page.evaluate(() => void window.open(location.href)),
    ]);
    const before = at.tabs[other];
    at.tabs[other] = await Tab.of(copy, at.url);
    await before.page.close();
    if (at.full) await at.tabs[other].call('full', true);
  },
  async room(at) {
    at.full = !at.full;
    for (const tab of at.tabs) await tab.call('full', at.full);
  },
  async clear(at) {
    const client = await at.context.newCDPSession(at.tabs[0].page);
    await client.send('Storage.clearDataForOrigin', {
      origin: new URL(at.url).origin,
      storageTypes: 'local_storage,indexeddb',
    });
    await client.detach();
    at.missed.clear();
    for (const { text, alone } of at.states) for (const one of [text, ...alone]) if (own(one)) at.missed.add(one);
  },
  takeBack: (at, which, n) => at.tabs[which].call('takeBack', n),
  async forget(at, which, n) {
    const text = await at.tabs[which].call('forget', n);
    if (text !== null && !at.states.some((state) => state.text === text)) at.missed.delete(text);
  },
};

/** Texts that would be missed and are nowhere. */
async function lost(at: Situation): Promise<string[]> {
  const open = new Set(at.states.flatMap(({ text, alone, addressed }) => [text, addressed ?? '', ...alone]));
  const missing = [...at.missed].filter((text) => !open.has(text));
  if (missing.length === 0) return [];
  const stored = await at.tabs[0].call('stored');
  return missing.filter((text) => !stored.includes(text));
}

/** Where the address gives a text, the page shows it, unless nothing but the page has what was made of it. */
function disagreement({ states }: Situation): string {
  for (const { text, alone, addressed } of states)
    if (addressed !== null && text !== addressed && !alone.includes(text))
      return `the address gives ${addressed.slice(0, 30)}, the page shows ${text.slice(0, 30)}`;
  return '';
}

class Step {
  constructor(
    readonly name: string,
    readonly which: Which,
    readonly n: number,
  ) {}
  async run(at: Situation): Promise<void> {
    await commands[this.name]!(at, this.which, this.n);
    await look(at);
    const missing = await lost(at);
    if (missing.length > 0)
      throw new Error(`lost after ${this.toString()}: ${missing.map((text) => text.slice(0, 20)).join(', ')}`);
    // A link takes a moment to open.
    for (let turn = 0; disagreement(at) !== '' && turn < 100; turn++) {
      await new Promise((done) => setTimeout(done, 10));
      await look(at);
    }
    const wrong = disagreement(at);
    if (wrong !== '') throw new Error(`after ${this.toString()} ${wrong}`);
  }
  toString = () => `${this.name}(${this.which}, ${this.n})`;
}

async function look(at: Situation): Promise<void> {
  at.states = await Promise.all([at.tabs[0].call('state'), at.tabs[1].call('state')]);
  // What a tab shows, and is the person's, must not be lost from now on.
  for (const { text } of at.states) if (own(text)) at.missed.add(text);
}

/** What happens often is tried often; what takes long, or ends most of it, seldom. */
const WEIGHTS: Readonly<Record<string, number>> = {
  type: 8,
  undo: 3,
  import: 2,
  link: 3,
  back: 3,
  reload: 3,
  crash: 3,
  copy: 1,
  room: 1,
  clear: 1,
  takeBack: 2,
  forget: 1,
};

export interface SequencesOptions {
  readonly runs: number;
  readonly seed: number;
  readonly real: boolean;
  readonly maxLength: number;
  /** Makes a sequence that loses a text as short as it goes. */
  readonly shrink?: boolean;
}

/** Tries so many sequences, two at a time. Resolves to how many steps there were; rejects with a sequence that loses a text. */
export async function trySequences(
  harness: Harness,
  { runs, seed, real, maxLength, shrink }: SequencesOptions,
): Promise<number> {
  let steps = 0;
  const step = tuple(
    oneof(...Object.entries(WEIGHTS).map(([name, weight]) => ({ arbitrary: constant(name), weight }))),
    constantFrom<Which>(0, 1),
    nat(1000),
  ).map(([name, which, n]) => new Step(name, which, n));
  const property = asyncProperty(array(step, { minLength: 2, maxLength, size: 'max' }), async (sequence) => {
    const context = await harness.browser.newContext();
    try {
      const tabs = await Promise.all([Tab.open(context, harness.url), Tab.open(context, harness.url)]);
      const states = await Promise.all([tabs[0].call('state'), tabs[1].call('state')]);
      const at: Situation = { context, url: harness.url, tabs, states, missed: new Set(), full: false, real };
      for (const one of sequence) {
        steps++;
        await one.run(at);
      }
    } finally {
      await context.close();
    }
  });
  const half = (numRuns: number, from: number) =>
    assert(property, { numRuns, seed: from, endOnFailure: shrink !== true });
  await Promise.all([half(Math.ceil(runs / 2), seed), half(Math.floor(runs / 2), seed + 1_000_000)]);
  return steps;
}
