/** What the page opens on: a link, the work of last time, or a scenario worth seeing. Nothing unsaved is ever lost. */
import type { Session } from '../store/session';
import { keep, kept, KEPT_AT_MOST } from './storage';
import { tell } from './ui';

const DRAFT = 'draft';
const ASIDE = 'aside';
/** Milliseconds without a change after which the scenario is kept. */
const PAUSE = 600;

interface Draft {
  readonly text: string;
  readonly k: number;
  /** What it was opened as: unchanged text is not work. */
  readonly opened: string;
}

function readDraft(name: string): Draft | null {
  try {
    const said = JSON.parse(kept(name) ?? 'null') as Partial<Draft> | null;
    if (said === null || typeof said.text !== 'string' || typeof said.opened !== 'string') return null;
    return { text: said.text, opened: said.opened, k: typeof said.k === 'number' ? said.k : 0 };
  } catch {
    return null;
  }
}

const isWork = (draft: Draft | null): draft is Draft =>
  draft !== null && draft.text.trim() !== '' && draft.text !== draft.opened;

let opened = '';

/** Whether the scenario differs from what was opened. */
export const hasWork = (session: Session): boolean => {
  const { text } = session.store.getState().scenario;
  return text.trim() !== '' && text !== opened;
};

/** Opens a text in the place of the present one. What was changed there is put aside and can be taken back. */
export async function openText(
  session: Session,
  text: string,
  options: Parameters<Session['open']>[1] = {},
): Promise<void> {
  const { scenario, time } = session.store.getState();
  if (hasWork(session)) {
    const draft: Draft = { text: scenario.text, k: time.place.k, opened };
    keep(ASIDE, JSON.stringify(draft));
    tell('told', 'Your changed scenario was put aside.', {
      label: 'Take it back',
      run: () => takeBack(session, draft),
    });
  }
  opened = text;
  await session.open(text, options);
}

function takeBack(session: Session, draft: Draft): void {
  opened = draft.opened;
  void session.open(draft.text, { at: { k: draft.k, event: null } });
}

/** Keeps the scenario on this computer while it changes; returns what ends it. */
function autosave(session: Session): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let warned = false;
  const save = () => {
    clearTimeout(timer);
    const { scenario, time } = session.store.getState();
    const draft: Draft = { text: scenario.text, k: time.place.k, opened: opened.length > 50_000 ? '' : opened };
    if (!keep(DRAFT, JSON.stringify(draft)) && scenario.text.length > KEPT_AT_MOST / 2 && !warned) {
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

/** Opens what the address asks for, or the work of last time, or `first`; then keeps what changes. Returns what ends that. */
export async function begin(session: Session, first: string): Promise<() => void> {
  const draft = readDraft(DRAFT);
  const framed = window.parent !== window;
  if (location.hash.length > 1) {
    const { openLink } = await import('./link');
    if (isWork(draft) && !framed)
      tell('told', 'What you worked on last time is kept.', {
        label: 'Take it back',
        run: () => takeBack(session, draft),
      });
    if (await openLink(session, location.hash)) opened = session.store.getState().scenario.text;
    else await open(session, first);
  } else if (isWork(draft) && !framed) {
    takeBack(session, draft);
    tell('told', 'This is your scenario of last time.', {
      label: 'Begin with the first one',
      run: () => void openText(session, first),
    });
  } else await open(session, first);
  return framed ? () => undefined : autosave(session);
}

async function open(session: Session, text: string): Promise<void> {
  opened = text;
  await session.open(text);
}
