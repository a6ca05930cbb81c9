/** Files out: nothing leaves the computer but what the person saves. */

import type { Session } from '../store/session';

/** A title as the name of a file, without its ending. */
export function fileName(title: string): string {
  const name = title.normalize('NFKD').replace(/[^\w.-]+/g, '-');
  let start = 0;
  let end = name.length;
  while (start < end && '-.'.includes(name[start])) start++;
  while (end > start && '-.'.includes(name[end - 1])) end--;
  return name.slice(start, Math.min(end, start + 80)) || 'scenario';
}

/** Gives the person a text, or bytes, as a file. */
export function offerFile(name: string, content: string | Blob, type = 'text/plain;charset=utf-8'): void {
  const url = URL.createObjectURL(typeof content === 'string' ? new Blob([content], { type }) : content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** Gives the person the scenario of the page. */
export function saveScenario(session: Session): void {
  const { text, loaded } = session.store.getState().scenario;
  offerFile(`${fileName(loaded?.title ?? '')}.mm`, text);
}
