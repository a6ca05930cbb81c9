/** Brings what matters into sight, where a picture is taller than its pane; leaves the pane alone where all of it is. */
import type { Rect } from './scene';

/** Pixels of ground that stay above and below what was brought into sight. */
const MARGIN = 12;

/** Whether a mark is in sight between two heights; of one taller than that, a piece as tall as a line of text and its frame. */
export const inSight = (one: Rect, top: number, bottom: number): boolean =>
  Math.min(one.y + one.h, bottom) - Math.max(one.y, top) >= Math.min(one.h - 1, 24);

/**
 * Where a pane that shows `height` of a picture should stand, so that as many as can be of the wanted rectangles are in
 * sight; where it stands now, if they are. Of equally good places the one nearest to now.
 */
export function standing(wanted: readonly Rect[], now: number, height: number, most: number): number {
  const seen = (top: number): number => wanted.reduce((n, one) => n + (inSight(one, top, top + height) ? 1 : 0), 0);
  if (wanted.length === 0 || seen(now) === wanted.length) return now;
  let best = now;
  let bestSeen = seen(now);
  const edges = new Set(wanted.flatMap(({ y, h }) => [y - MARGIN, y + h + MARGIN - height]));
  for (const edge of edges) {
    const top = Math.max(0, Math.min(most, edge));
    const n = seen(top);
    if (n > bestSeen || (n === bestSeen && n > 0 && best !== now && Math.abs(top - now) < Math.abs(best - now))) {
      best = top;
      bestSeen = n;
    }
  }
  return best;
}

/** The nearest element around `node` that scrolls downwards, if there is anything to scroll. */
function scrollerOf(node: Element): Element | null {
  for (let one = node.parentElement; one !== null; one = one.parentElement)
    if (one.scrollHeight > one.clientHeight + 1 && /auto|scroll/.test(getComputedStyle(one).overflowY)) return one;
  return null;
}

/** More rectangles than this are a picture that changed everywhere. */
const MANY = 400;

/** @param wanted rectangles of the picture in `root`, in its own pixels */
export function reveal(root: Element, wanted: readonly Rect[], smooth: boolean): void {
  if (wanted.length === 0) return;
  const pane = scrollerOf(root);
  if (pane === null) return;
  // What lies over the foot of the pane (a question) takes from what it shows.
  const covered = parseFloat(getComputedStyle(pane).getPropertyValue('--covered')) || 0;
  const now = pane.getBoundingClientRect().top - root.getBoundingClientRect().top;
  const most = now + pane.scrollHeight - pane.clientHeight - pane.scrollTop;
  const to = standing(wanted.slice(0, MANY), now, pane.clientHeight - covered, most);
  if (Math.abs(to - now) < 1) return;
  pane.scrollTo({ top: Math.max(0, pane.scrollTop + to - now), behavior: smooth ? 'smooth' : 'instant' });
}
