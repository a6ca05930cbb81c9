/** Brings what matters into sight, where a picture is taller than its pane; leaves the pane alone where any of it is. */
import type { Rect } from './scene';

/** The nearest element around `node` that scrolls downwards, if there is anything to scroll. */
function scrollerOf(node: Element): Element | null {
  for (let one = node.parentElement; one !== null; one = one.parentElement)
    if (one.scrollHeight > one.clientHeight + 1 && /auto|scroll/.test(getComputedStyle(one).overflowY)) return one;
  return null;
}

/** @param wanted rectangles of the picture in `root`, in its own pixels; the first of them is shown if none is in sight */
export function reveal(root: Element, wanted: readonly Rect[], smooth: boolean): void {
  if (wanted.length === 0) return;
  const pane = scrollerOf(root);
  if (pane === null) return;
  const top = pane.getBoundingClientRect().top - root.getBoundingClientRect().top;
  const bottom = top + pane.clientHeight;
  const inSight = (one: Rect): boolean => Math.min(one.y + one.h, bottom) - Math.max(one.y, top) >= Math.min(one.h, 20);
  if (wanted.some(inSight)) return;
  const first = wanted.reduce((a, b) => (b.y < a.y ? b : a));
  const to = pane.scrollTop + first.y - top - pane.clientHeight / 3;
  pane.scrollTo({ top: Math.max(0, to), behavior: smooth ? 'smooth' : 'instant' });
}
