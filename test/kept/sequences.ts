/**
 * What a person does, and what happens to them, over two tabs: typing, reloads, crashes, copied tabs, storage that is full or
 * emptied, links, imports, undo, steps back. After each of them, every text that would be missed is in storage, in an address
 * or in an open page.
 */
import { array, assert, asyncProperty, constant, constantFrom, nat, oneof, tuple } from 'fast-check';
import type { BrowserContext } from 'playwright-core';
import { Tab, type Harness } from './harness';

/** A link of another text, or one that cannot be opened. */
const LINKS = ['#ex=zero-page', '#ex=moving', '#ex=fork-small', '#s=9', '#1.broken', '#ex=nothing'];

interface Situation {
  readonly context: BrowserContext;
  readonly url: string;
  readonly tabs: [Tab, Tab];
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

/** The text that a tab shows, which it must not lose from now on. */
async function shown(at: Situation, which: Which): Promise<string> {
  return at.tabs[which].call('text');
}

/** What a tab shows gives way to what the person makes of it. */
async function instead(at: Situation, which: Which, make: () => Promise<unknown>): Promise<void> {
  const before = await shown(at, which);
  await make();
  const after = await shown(at, which);
  const other = await shown(at, which === 0 ? 1 : 0);
  if (after !== before && before !== other) at.missed.delete(before);
  if (own(after)) at.missed.add(after);
}

/** What a tab shows is replaced by something else, not by the person's own change of it. */
async function aside(at: Situation, which: Which, make: () => Promise<unknown>): Promise<void> {
  const before = await shown(at, which);
  if (own(before)) at.missed.add(before);
  await make();
}

const commands: Readonly<Record<string, (at: Situation, which: Which, n: number) => Promise<void>>> = {
  type: (at, which, n) => instead(at, which, () => at.tabs[which].call('edit', newText(n % 11 === 0))),
  undo: (at, which) => instead(at, which, () => at.tabs[which].call('undo')),
  import: (at, which, n) =>
    aside(at, which, async () => {
      const text = newText(n % 7 === 0);
      await at.tabs[which].call('bring', text);
      at.missed.add(text);
    }),
  async link(at, which, n) {
    await aside(at, which, async () => {
      const { page } = at.tabs[which];
      const hash = LINKS[n % LINKS.length]!;
      await at.tabs[which].call('follow', hash);
      await page.waitForTimeout(5);
    });
  },
  async back(at, which) {
    await aside(at, which, async () => {
      const { page } = at.tabs[which];
      await page.evaluate(() => {
        // Never further than the page itself.
        const { navigation } = window as unknown as {
          navigation: { currentEntry: { index: number }; entries(): { sameDocument: boolean }[] };
        };
        if (navigation.entries()[navigation.currentEntry.index - 1]?.sameDocument) history.back();
      });
      await page.waitForTimeout(20);
    });
  },
  async reload(at, which) {
    const { page } = at.tabs[which];
    const before = await shown(at, which);
    const alone = await at.tabs[which].call('alone');
    let asked = false;
    page.once('dialog', (dialog) => {
      asked = true;
      void dialog.dismiss();
    });
    if (alone.length > 0) {
      // The browser asks only for a page that was touched.
      await page.mouse.click(5, 5);
      await page.evaluate(() => void setTimeout(() => location.reload(), 0));
      await page.waitForTimeout(50);
      if (!asked) throw new Error('a page that alone holds a text was left without a question');
      return;
    }
    const hash = await at.tabs[which].call('hash');
    await page.reload({ waitUntil: 'commit' });
    await at.tabs[which].begun();
    if (at.full) await at.tabs[which].call('full', true);
    const after = await shown(at, which);
    if (own(before) && hash === '' && after !== before)
      throw new Error(`a reload shows ${after.slice(0, 20)}, not ${before.slice(0, 20)}`);
  },
  async crash(at, which) {
    for (const text of await at.tabs[which].call('alone')) {
      // Nothing had room for it, and the person knows.
      at.missed.delete(text);
    }
    await at.tabs[which].crash(at.real);
    at.tabs[which] = await Tab.open(at.context, at.url);
    if (at.full) await at.tabs[which].call('full', true);
  },
  async copy(at, which) {
    const other: Which = which === 0 ? 1 : 0;
    if ((await at.tabs[other].call('alone')).length > 0) return;
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
    const shows = await Promise.all(at.tabs.map((tab) => tab.call('text')));
    const alone = (await Promise.all(at.tabs.map((tab) => tab.call('alone')))).flat();
    const client = await at.context.newCDPSession(at.tabs[0].page);
    await client.send('Storage.clearDataForOrigin', {
      origin: new URL(at.url).origin,
      storageTypes: 'local_storage,indexeddb',
    });
    await client.detach();
    at.missed.clear();
    for (const text of [...shows.filter(own), ...alone]) at.missed.add(text);
  },
  async takeBack(at, which, n) {
    await aside(at, which, () => at.tabs[which].call('takeBack', n));
  },
  async forget(at, which, n) {
    const text = await at.tabs[which].call('forget', n);
    const shows = await Promise.all(at.tabs.map((tab) => tab.call('text')));
    if (text !== null && !shows.includes(text)) at.missed.delete(text);
  },
};

/** Texts that would be missed and are nowhere. */
async function lost(at: Situation): Promise<string[]> {
  const everywhere = new Set<string>();
  for (const tab of at.tabs) {
    const [text, alone, addressed] = await tab.page.evaluate(async () => {
      const { page } = window;
      return [page!.text(), await page!.alone(), page!.addressed()] as const;
    });
    for (const one of [text, addressed ?? '', ...alone]) everywhere.add(one);
  }
  let missing = [...at.missed].filter((text) => !everywhere.has(text));
  if (missing.length === 0) return [];
  for (const text of await at.tabs[0].call('stored')) everywhere.add(text);
  missing = missing.filter((text) => !everywhere.has(text));
  return missing;
}

/** Where the address gives a text, the page shows it. */
async function disagreement(at: Situation): Promise<string | null> {
  for (const tab of at.tabs) {
    const given = await tab.call('addressed');
    if (given === null) continue;
    const text = await tab.call('text');
    const alone = await tab.call('alone');
    if (text !== given && !alone.includes(text))
      return `the address gives ${given.slice(0, 30)}, the page shows ${text.slice(0, 30)}`;
  }
  return null;
}

class Step {
  constructor(
    readonly name: string,
    readonly which: Which,
    readonly n: number,
  ) {}
  async run(at: Situation): Promise<void> {
    await commands[this.name]!(at, this.which, this.n);
    const missing = await lost(at);
    if (missing.length > 0)
      throw new Error(`lost after ${this.toString()}: ${missing.map((text) => text.slice(0, 20)).join(', ')}`);
    const wrong = await disagreement(at);
    if (wrong !== null) throw new Error(`after ${this.toString()} ${wrong}`);
  }
  toString = () => `${this.name}(${this.which}, ${this.n})`;
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

/** Tries so many sequences. Resolves to how many steps there were; rejects with the shortest sequence that loses a text. */
export async function trySequences(harness: Harness, options: SequencesOptions): Promise<number> {
  const { runs, seed, real, maxLength } = options;
  let steps = 0;
  const step = tuple(
    oneof(...Object.entries(WEIGHTS).map(([name, weight]) => ({ arbitrary: constant(name), weight }))),
    constantFrom<Which>(0, 1),
    nat(1000),
  ).map(([name, which, n]) => new Step(name, which, n));
  await assert(
    asyncProperty(array(step, { minLength: 2, maxLength, size: 'max' }), async (sequence) => {
      const context = await harness.browser.newContext();
      try {
        const tabs = await Promise.all([Tab.open(context, harness.url), Tab.open(context, harness.url)]);
        const at: Situation = { context, url: harness.url, tabs, missed: new Set(), full: false, real };
        for (const one of sequence) {
          steps++;
          await one.run(at);
        }
      } finally {
        await context.close();
      }
    }),
    { numRuns: runs, seed, endOnFailure: options.shrink !== true },
  );
  return steps;
}
