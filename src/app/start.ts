/** What the page opens on: a link, the work of last time, or a scenario worth seeing; and what becomes of the one before. */
import type { OpenOptions, Session } from '../store/session';
import { drafts, onUnkept } from './drafts';
import { draftNow, goOn, hashNow, onAddress, sayAddress, sayDraft } from './drafts/address';
import { isWork, type Content, type Draft } from './drafts/draft';
import type { Unkept } from './drafts/drafts';
import { readEmbed, roughSettings } from './embed';
import { saveScenario } from './files';
import { forgetStorage } from './storage';
import { tell, useUi } from './ui';

/** Milliseconds after which the step that is looked at is kept. */
const PAUSE = 600;

/** Where an opened text comes from. */
export interface Origin {
  /** What stands in the address, from `#` on, when it gives this text; empty for the first scenario, null for none. */
  readonly address: string | null;
  /** The person brought it along: it is work before anything is changed. */
  readonly brought?: boolean;
  /** The address stays as it is. */
  readonly stay?: boolean;
}

/** What the page's scenario was opened as, and the address that gives it. */
let source: Pick<Draft, 'opened' | 'address'> = { opened: '', address: null };

/** The scenario of the page as something to keep. */
function contentOf(session: Session): Content {
  const { scenario, time } = session.store.getState();
  return { text: scenario.text, k: time.place.k, ...source };
}

/** A frame's scenario is its link's. */
const framed = window.parent !== window;

/** Keeps the page's scenario where it differs from what was opened; once it does not, the address says what it is. */
function save(session: Session): void {
  if (framed) return;
  const content = contentOf(session);
  const from = source;
  if (isWork(content)) {
    drafts.keep(content, () => {
      // A reload shows the work, not what the address says it began as.
      if (source === from && isWork(contentOf(session))) sayDraft(drafts.own);
    });
  } else if (content.text === from.opened && from.address !== null && sayAddress(from.address)) drafts.settle();
}

/** Tells that the changed scenario of the page, where there is one, makes room for another. */
function putAside(session: Session): void {
  if (framed || !isWork(contentOf(session))) return;
  const name = drafts.own;
  tell('told', 'Your changed scenario was put aside.', {
    label: 'Take it back',
    run: () => void takeBack(session, name),
  });
}

function show(session: Session, text: string, options: OpenOptions): Promise<void> {
  useUi.getState().set({ answers: {}, wall: 'auto' });
  const done = session.open(text, options);
  save(session);
  return done;
}

/** Opens a text in the place of the present one. What was changed there is put aside and can be taken back. */
export async function openText(
  session: Session,
  text: string,
  options: OpenOptions = {},
  { address, brought = false, stay = false }: Origin = { address: null },
): Promise<void> {
  putAside(session);
  drafts.enter(null);
  source = { opened: brought ? '' : text, address };
  if (!stay) goOn(address ?? '', brought ? drafts.own : null);
  await show(session, text, options);
}

/** Goes on with a draft that was kept; as a copy, where another tab works on it. False where it is gone. */
export async function takeBack(session: Session, name: string): Promise<boolean> {
  const draft = await drafts.take(name);
  if (draft === null) {
    tell('told', 'That scenario is no longer kept.');
    return false;
  }
  if (draft.name !== drafts.own) putAside(session);
  await resume(session, draft);
  return true;
}

async function resume(session: Session, draft: Draft): Promise<void> {
  drafts.enter(draft);
  source = { opened: draft.opened, address: draft.address };
  if (hashNow() === '') goOn('', draft.name);
  await show(session, draft.text, { at: { k: draft.k, event: null } });
}

const WHY: Readonly<Record<Unkept, string>> = {
  full: 'The browser has no room left for this site: your changes are in this page only. Save the scenario as a file, or delete something under “Kept work”.',
  blocked:
    'This browser keeps nothing for this page (a private window or its settings forbid it): your changes are in this page only. Save the scenario as a file before you close it.',
  large:
    'This scenario is larger than what this browser keeps: it is in this page only. Save it as a file before you close it.',
};

/** Keeps the scenario from now on; returns what ends it. */
function keepOn(session: Session): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const keepNow = () => save(session);
  const off = session.store.subscribe((state, before) => {
    if (state.scenario.text !== before.scenario.text) keepNow();
    else if (state.time.place !== before.time.place) {
      clearTimeout(timer);
      timer = setTimeout(keepNow, PAUSE);
    }
  });
  const leave = () => {
    clearTimeout(timer);
    keepNow();
    void drafts.flush();
  };
  // Another tab has emptied the storage: what this page shows is kept again.
  const emptied = ({ key, newValue }: StorageEvent) => {
    if (key === null || (newValue === null && key.endsWith(drafts.own))) keepNow();
  };
  drafts.onLost(keepNow);
  onUnkept((why) =>
    tell('trouble', WHY[why], {
      label: 'Save as a file',
      run: () => saveScenario(session),
    }),
  );
  addEventListener('pagehide', leave);
  addEventListener('storage', emptied);
  return () => {
    off();
    clearTimeout(timer);
    removeEventListener('pagehide', leave);
    removeEventListener('storage', emptied);
  };
}

/** Lays out the page for a frame before anything is read, so that nothing jumps. */
export function dressForFrame(): void {
  const embed = readEmbed(roughSettings(location.hash));
  if (embed === null) return;
  forgetStorage();
  useUi.getState().set({ embed, theme: embed.theme ?? 'system', singleKeys: embed.keys, twins: false });
}

/** Opens what the address asks for. Where it cannot, nothing changes, and the person is told why. */
async function followLink(session: Session): Promise<boolean> {
  const { openLink } = await import('./link');
  return openLink(session, hashNow());
}

async function openFirst(session: Session, first: string): Promise<void> {
  await openText(session, first, {}, { address: '' });
}

/** Opens what the page begins with, in a page of its own. */
async function openLast(session: Session, first: string): Promise<void> {
  const { draft, copied } = await drafts.begin(draftNow());
  const hash = hashNow();
  const mine = draft !== null && isWork(draft) ? draft : null;
  if (hash !== '' && mine?.address !== hash) {
    if (mine) drafts.enter(null);
    const name = mine?.name ?? (await drafts.newest())?.name;
    if (name !== undefined)
      tell('told', 'What you worked on last time is kept.', {
        label: 'Take it back',
        run: () => void takeBack(session, name),
      });
    if (!(await followLink(session))) await openText(session, '', {}, { address: null, stay: true });
    return;
  }
  const last = mine ? null : await drafts.newest();
  const found = mine ?? (last && (await drafts.take(last.name)));
  if (found === null) return openFirst(session, first);
  await resume(session, found);
  tell('told', copied ? 'This tab goes on with a copy of its own.' : 'This is your scenario of last time.', {
    label: 'Begin with the first one',
    run: () => void openFirst(session, first),
  });
}

/** The address has changed: the person went back or forth, or typed another one. */
async function follow(session: Session, first: string): Promise<void> {
  const from = source;
  if (hashNow() !== '') {
    if (await followLink(session)) return;
    // What cannot be opened leaves the page as it is, and the address says so.
    if (framed || source !== from) return;
    if (from.address === null || isWork(contentOf(session))) sayDraft(drafts.own);
    else sayAddress(from.address);
    return;
  }
  const name = draftNow();
  if (name !== null && (name === drafts.own || (await takeBack(session, name)))) return;
  await openFirst(session, first);
}

/** Opens what the address asks for, or the work of last time, or `first`; then keeps what changes. Returns what ends that. */
export async function begin(session: Session, first: string): Promise<() => void> {
  const keeping = framed ? () => undefined : keepOn(session);
  if (!framed) await openLast(session, first);
  else if (hashNow() === '') await openFirst(session, first);
  else if (!(await followLink(session))) await openText(session, '', {}, { address: null, stay: true });
  // One after another: what was asked for last is what the page shows in the end.
  let followed = Promise.resolve();
  const following = onAddress(() => {
    followed = followed.then(() => follow(session, first));
  });
  return () => {
    following();
    keeping();
  };
}
