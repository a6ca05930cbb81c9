/**
 * The owner of drafts. At every moment at least one of storage, address and open page holds a person's text: a new copy is
 * made first, and the old one goes after. A small text is in the journal before anything else happens; every text goes to
 * the archive; what neither takes is held by this page, which does not let itself be closed without a question.
 */
import type { Archive, Refusal } from './archive';
import { headOf, isWork, newName, OPENED_AT_MOST, type Content, type Draft, type Head } from './draft';
import type { Journal } from './journal';
import type { Owners } from './owners';

/** Characters that are kept at once, with every key press. */
const SMALL = 100_000;
/** Milliseconds without a change after which a text that the journal has goes to the archive. */
const PAUSE = 600;
/** Milliseconds after which what could not be kept is tried again. */
const AGAIN = 10_000;
/** Milliseconds that a page which is just being closed may take to give its draft back. */
const PATIENCE = 300;
/** Milliseconds after which a draft is nobody's, where the browser cannot tell whose it is. */
const DAY = 86_400_000;
/** Characters from which on a text is too large for what some browsers give. */
const LARGE = 1_000_000;

/** Why this page alone holds a text. */
export type Unkept = 'large' | 'full' | 'blocked';

export interface Listed extends Head {
  /** `here`: what this page shows. `elsewhere`: another page works on it. `only here`: nothing but this page holds it. */
  readonly where: 'here' | 'elsewhere' | 'kept' | 'only here';
}

export interface DraftsParts {
  readonly journal: Journal;
  readonly archive: Archive;
  readonly owners: Owners;
  /** The name of this tab's draft: a reload finds it again, a copied tab as well. */
  readonly tab: { get(): string | null; set(name: string): void };
  /** Told once for each reason. */
  readonly unkept: (why: Unkept) => void;
  /** The page may, or may not, be closed without a question. */
  readonly guard: (alone: boolean) => void;
  /** Does it after so many milliseconds; returns what calls that off. */
  readonly later: (task: () => void, ms: number) => () => void;
}

interface Held {
  readonly draft: Draft;
  /** Copies by other pages that it may take the place of are no newer. */
  readonly base: number;
  journaled: boolean;
}

export interface Drafts {
  /** Finds what this tab worked on, or copied from another; `wanted` where the address's own history names one. */
  begin(wanted: string | null): Promise<{ readonly draft: Draft | null; readonly copied: boolean }>;
  /** The newest draft that no page works on. */
  newest(): Promise<Head | null>;
  /** Whether this page alone holds a text. */
  readonly alone: boolean;
  /** Name of the draft of this page's scenario. */
  readonly own: string;
  /** Keeps the page's scenario. `then` is called as soon as storage has it. */
  keep(content: Content, then: () => void): void;
  /** The page's scenario is what was opened, and the address says so: there is nothing to keep any more. */
  settle(): void;
  /** A draft to go on with, by name: its own, or a copy where another page works on it. Null where it is gone. */
  take(name: string): Promise<Draft | null>;
  /** From now on the page's scenario is this draft, or a new one. What it was before stays kept. */
  enter(draft: Draft | null): void;
  /** The newest copy. */
  find(name: string): Promise<Draft | null>;
  /** All of them, newest first. */
  list(): Promise<Listed[]>;
  /** Keeps a draft that was forgotten. */
  restore(draft: Draft): void;
  /** Forgets a draft as it was listed: a copy that is newer stays. */
  forget(head: Pick<Head, 'name' | 'time'>): Promise<void>;
  /** Brings everything to the archive that is on its way there. */
  flush(): Promise<void>;
  /** Calls back when storage was emptied from outside. */
  onLost(listener: () => void): void;
}

export function createDrafts({ journal, archive, owners, tab, unkept, guard, later }: DraftsParts): Drafts {
  const writer = newName();
  let own = { name: newName(), base: 0 };
  let lastTime = 0;
  /** Newest copies that are on their way to the archive, or that nothing else holds. */
  const held = new Map<string, Held>();
  const timers = new Map<string, () => void>();
  const writing = new Map<string, Promise<void>>();
  const waiting = new Map<string, () => void>();
  const told = new Set<Unkept>();

  const isAlone = (): boolean => [...held.values()].some(({ journaled }) => !journaled);
  /** The page may not be closed without a question while it alone holds a text. */
  const heed = (): void => guard(isAlone());

  function kept(name: string): void {
    waiting.get(name)?.();
    waiting.delete(name);
  }

  function hold(draft: Draft, base: number, pause: number): void {
    const journaled = draft.text.length <= SMALL && journal.write(draft) === 'kept';
    held.set(draft.name, { draft, base, journaled });
    if (journaled) kept(draft.name);
    schedule(draft.name, journaled ? pause : 0);
    heed();
  }

  function schedule(name: string, pause: number): void {
    timers.get(name)?.();
    timers.set(
      name,
      later(() => void bring(name), pause),
    );
  }

  /** Brings the newest copy of a draft to the archive. */
  function bring(name: string): Promise<void> {
    timers.get(name)?.();
    const under = writing.get(name);
    const mine = (under ?? Promise.resolve()).then(() => bringOnce(name));
    const done = mine.finally(() => {
      if (writing.get(name) === done) writing.delete(name);
    });
    writing.set(name, done);
    return done;
  }

  async function bringOnce(name: string): Promise<void> {
    const one = held.get(name);
    if (one === undefined) return;
    const came = await archive.write(one.draft, one.base);
    const newest = held.get(name) === one;
    if (came === 'kept') {
      if (newest) held.delete(name);
      // The journal keeps the copy of what is being worked on: the next key press takes its place.
      if (name !== own.name || !one.journaled) journal.remove(name, one.draft.time);
      if (newest) kept(name);
    } else if (came === 'theirs') {
      if (name === own.name) moveOn();
      else if (newest) {
        held.delete(name);
        hold({ ...one.draft, name: newName() }, 0, 0);
      }
    } else if (newest) refused(one, came);
    heed();
  }

  function refused(one: Held, why: Exclude<Refusal, 'theirs'>): void {
    const { name, text } = one.draft;
    if (!one.journaled) {
      const came = journal.write(one.draft);
      one.journaled = came === 'kept';
      if (came !== 'kept') {
        const reason = why === 'full' ? 'full' : came === 'full' && text.length >= LARGE ? 'large' : came;
        if (!told.has(reason)) unkept(reason);
        told.add(reason);
        schedule(name, AGAIN);
        return;
      }
    }
    held.delete(name);
    kept(name);
  }

  /** Another page writes under the name of this page's draft: this page goes on under a name of its own. */
  function moveOn(): void {
    const one = held.get(own.name);
    const then = waiting.get(own.name);
    held.delete(own.name);
    waiting.delete(own.name);
    rename(newName(), 0);
    if (then) waiting.set(own.name, then);
    if (one) hold({ ...one.draft, name: own.name }, 0, PAUSE);
  }

  function rename(name: string, base: number): void {
    const before = own.name;
    own = { name, base };
    tab.set(name);
    void owners.take(name, PATIENCE);
    // Nobody takes it over before its newest copy is where others find it.
    const ready = held.has(before) ? bring(before) : Promise.resolve();
    if (before !== name) void ready.then(() => before !== own.name && owners.release(before));
  }

  /** The newest of the copies that the page and the journal have. */
  function near(name: string): Draft | null {
    const here = held.get(name)?.draft ?? null;
    const written = journal.read(name);
    return here && (!written || here.time >= written.time) ? here : written;
  }

  async function find(name: string): Promise<Draft | null> {
    const far = await archive.read(name);
    const close = near(name);
    return far && (!close || far.time > close.time) ? far : close;
  }

  async function heads(): Promise<Map<string, Head>> {
    const all = new Map((await archive.heads()).map((head) => [head.name, head]));
    for (const name of new Set([...journal.names(), ...held.keys()])) {
      const draft = near(name);
      if (draft && isWork(draft) && draft.time >= (all.get(name)?.time ?? 0)) all.set(name, headOf(draft));
    }
    return all;
  }

  /** Drafts of pages that are gone move from the journal to the archive: the journal is small. */
  async function tidy(): Promise<void> {
    const taken = await owners.taken();
    for (const name of journal.names()) {
      if (name === own.name || held.has(name) || taken?.has(name)) continue;
      const draft = journal.read(name);
      if (draft === null || (taken === null && Date.now() - draft.time < DAY)) continue;
      if (!isWork(draft)) journal.remove(name, draft.time);
      else {
        held.set(name, { draft, base: draft.time, journaled: true });
        await bring(name);
      }
    }
  }

  return {
    get own() {
      return own.name;
    },
    get alone() {
      return isAlone();
    },
    async begin(wanted) {
      const mine = wanted ?? tab.get();
      later(() => void tidy(), 2_000);
      if (mine === null) {
        rename(own.name, 0);
        return { draft: null, copied: false };
      }
      const free = await owners.take(mine, PATIENCE);
      const draft = await find(mine);
      if (free) {
        rename(mine, draft?.time ?? 0);
        return { draft, copied: false };
      }
      rename(newName(), 0);
      return { draft: draft && { ...draft, name: own.name, time: 0 }, copied: true };
    },
    async newest() {
      const taken = (await owners.taken()) ?? new Set();
      const free = [...(await heads()).values()].filter(({ name }) => !taken.has(name));
      return free.sort((a, b) => b.time - a.time)[0] ?? null;
    },
    keep(content, then) {
      const there = journal.read(own.name);
      if (there && there.writer !== writer && there.time > own.base) moveOn();
      lastTime = Math.max(Date.now(), lastTime + 1, own.base + 1);
      const opened = content.opened.length > OPENED_AT_MOST ? '' : content.opened;
      waiting.set(own.name, then);
      hold({ ...content, opened, name: own.name, time: lastTime, writer }, own.base, PAUSE);
    },
    settle() {
      const { name } = own;
      timers.get(name)?.();
      held.delete(name);
      waiting.delete(name);
      lastTime = Math.max(Date.now(), lastTime);
      journal.remove(name, lastTime);
      const done = (writing.get(name) ?? Promise.resolve()).then(() => archive.remove(name, lastTime));
      writing.set(name, done);
      heed();
    },
    async take(name) {
      const free = name === own.name || (await owners.take(name, PATIENCE));
      const draft = await find(name);
      if (draft === null && free && name !== own.name) owners.release(name);
      return draft && (free ? draft : { ...draft, name: newName(), time: 0 });
    },
    enter(draft) {
      const before = own.name;
      if (draft?.name === before) return;
      const left = held.has(before) ? null : journal.read(before);
      if (left) held.set(before, { draft: left, base: left.time, journaled: true });
      rename(draft?.name ?? newName(), draft?.time ?? 0);
    },
    find,
    async list() {
      const taken = await owners.taken();
      const where = (name: string): Listed['where'] => {
        const one = held.get(name);
        if (one && !one.journaled) return 'only here';
        return name === own.name ? 'here' : taken?.has(name) ? 'elsewhere' : 'kept';
      };
      return [...(await heads()).values()]
        .sort((a, b) => b.time - a.time)
        .map((head) => ({ ...head, where: where(head.name) }));
    },
    restore: (draft) => hold(draft, draft.time, 0),
    async forget({ name, time }) {
      if ((held.get(name)?.draft.time ?? 0) <= time) {
        timers.get(name)?.();
        held.delete(name);
        heed();
      }
      await writing.get(name);
      journal.remove(name, time);
      await archive.remove(name, time);
    },
    async flush() {
      await Promise.all([...held.keys()].map(bring));
    },
    onLost: (listener) => archive.onLost(listener),
  };
}
