/** Links: what stands after `#` in the address. Read at the start, and written when the person shares. */
import { decodeLink, encodeLink, recoverText, type LinkTrouble } from '../share/link';
import type { Session } from '../store/session';
import { tell, useUi } from './ui';

/** Opens the scenario of a link. False if it cannot be opened; then the person is told why, and what can be saved of it. */
export async function openLink(session: Session, hash: string): Promise<boolean> {
  const link = decodeLink(hash);
  if (!link.ok) {
    useUi.getState().set({ badLink: { ...link.error, text: recoverText(hash) } });
    return false;
  }
  const { text, view, notice } = link.value;
  if (notice) tell('told', notice);
  await session.open(text, { at: { k: view.k, event: view.event }, design: view.design, other: view.other });
  return true;
}

/** The address of this page with the scenario in it: at the step shown, or at the start. */
export function linkTo(session: Session, here: boolean): { ok: true; url: string } | { ok: false; error: LinkTrouble } {
  const { scenario, time } = session.store.getState();
  const { loaded, text } = scenario;
  const link = encodeLink(text, null, {
    k: here ? time.place.k : 0,
    event: here ? time.place.event : null,
    design: loaded?.design ?? '',
    other: loaded?.other ?? '',
    more: {},
  });
  if (!link.ok) return link;
  return { ok: true, url: `${location.href.replace(/#.*$/s, '')}#${link.value}` };
}
