/** What the page opens on: a link, the work of last time, or a scenario worth seeing. Nothing unsaved is ever lost. */
import type { Session } from '../store/session';
import { forgetDraft, isWork, keepDraft, keptDrafts, type Draft } from './drafts';
import { readEmbed, roughSettings } from './embed';
import { forgetStorage, KEPT_AT_MOST, newName, tabName } from './storage';
import { tell, useUi } from './ui';

/** Milliseconds without a change after which the scenario is kept. */
const PAUSE = 600;
/** Characters of an opened text that are kept beside the changed one. */
const OPENED_AT_MOST = 50_000;

let opened = '';

/** The scenario of the page as something to keep. */
function draftOf(session: Session): Draft {
  const { scenario, time } = session.store.getState();
  return {
    text: scenario.text,
    k: time.place.k,
    opened: opened.length > OPENED_AT_MOST && scenario.text !== opened ? '' : opened,
    time: Date.now(),
  };
}

/** Whether the scenario differs from what was opened. */
const hasWork = (session: Session): boolean => isWork(draftOf(session));

/** Opens a text in the place of the present one. What was changed there is put aside and can be taken back. */
export async function openText(
  session: Session,
  text: string,
  options: Parameters<Session['open']>[1] = {},
): Promise<void> {
  if (hasWork(session)) {
    const draft = draftOf(session);
    const name = newName();
    keepDraft(name, draft);
    tell('told', 'Your changed scenario was put aside.', {
      label: 'Take it back',
      run: () => {
        forgetDraft(name);
        void takeBack(session, draft);
      },
    });
  }
  opened = text;
  useUi.getState().set({ answers: {} });
  await session.open(text, options);
}

/** Goes on with work that was kept. */
export async function takeBack(session: Session, draft: Draft): Promise<void> {
  await openText(session, draft.text, { at: { k: draft.k, event: null } });
  opened = draft.opened;
}

/** Keeps the scenario on this computer while it differs from what was opened; returns what ends it. */
function autosave(session: Session): () => void {
  const name = tabName();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let warned = false;
  const save = () => {
    clearTimeout(timer);
    const draft = draftOf(session);
    if (!isWork(draft)) {
      forgetDraft(name);
      return;
    }
    // A reload shows the work, not what the address says it began as.
    if (location.hash !== '') forgetAddress();
    if (!keepDraft(name, draft) && draft.text.length > KEPT_AT_MOST / 2 && !warned) {
      warned = true;
      tell('told', 'This scenario is too large to be kept in the browser: save it as a file (Ctrl-S).');
    }
  };
  const off = session.store.subscribe((state, before) => {
    if (state.scenario.text === before.scenario.text && state.time.place === before.time.place) return;
    clearTimeout(timer);
    timer = setTimeout(save, PAUSE);
  });
  addEventListener('pagehide', save);
  return () => {
    off();
    clearTimeout(timer);
    removeEventListener('pagehide', save);
  };
}

function forgetAddress(): void {
  try {
    history.replaceState(history.state, '', location.pathname + location.search);
  } catch {
    // A page from a file may not change its address: then it keeps it.
  }
}

/** Lays out the page for a frame before anything is read, so that nothing jumps. */
export function dressForFrame(): void {
  const embed = readEmbed(roughSettings(location.hash));
  if (embed === null) return;
  forgetStorage();
  useUi.getState().set({ embed, theme: embed.theme ?? 'system', singleKeys: embed.keys, twins: false });
}

/** Opens what the address asks for, or the work of last time, or `first`; then keeps what changes. Returns what ends that. */
export async function begin(session: Session, first: string): Promise<() => void> {
  const framed = window.parent !== window;
  const [draft] = framed ? [] : keptDrafts();
  const adopt = (kept: NonNullable<typeof draft>) => {
    forgetDraft(kept.name);
    return takeBack(session, kept);
  };
  if (location.hash.length > 1) {
    if (draft)
      tell('told', 'What you worked on last time is kept.', { label: 'Take it back', run: () => void adopt(draft) });
    await followAddress(session);
    if (session.store.getState().scenario.loaded === null) await openText(session, '');
  } else if (draft) {
    await adopt(draft);
    tell('told', 'This is your scenario of last time.', {
      label: 'Begin with the first one',
      run: () => void openText(session, first),
    });
  } else await openText(session, first);
  const follow = () => {
    if (location.hash.length > 1) void followAddress(session);
  };
  addEventListener('hashchange', follow);
  const end = framed ? () => undefined : autosave(session);
  return () => {
    removeEventListener('hashchange', follow);
    end();
  };
}

async function followAddress(session: Session): Promise<void> {
  const { openLink } = await import('./link');
  await openLink(session, location.hash);
}
