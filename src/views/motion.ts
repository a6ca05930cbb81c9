/** How marks move: from wherever they are to where they belong, once, and not at all when there is no time. */
import { easeCubicInOut } from 'd3-ease';
import { select } from 'd3-selection';
import { timer, type Timer } from 'd3-timer';

export type Attributes = Readonly<Record<string, string | number>>;

/** What moves a node now. (d3-transition would do as well, and bring colours and transforms that nothing here has.) */
const clocks = new WeakMap<Element, Timer>();

/** Whether a node is on its way. */
export const isMoving = (node: Element): boolean => clocks.has(node);

const NUMBER = /[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?/gi;

/** Between two texts of one shape (a number, path data), each number on its way; null where there is nothing to start from. */
function wayTo(node: Element, name: string, to: string): ((t: number) => string) | null {
  const from = node.getAttribute(name)?.match(NUMBER);
  if (!from) return null;
  return (t) => {
    let i = 0;
    return to.replace(NUMBER, (end) => {
      const start = Number(from[i++] ?? end);
      return String(start + (Number(end) - start) * t);
    });
  };
}

/**
 * Brings attributes to their values within `duration` milliseconds, from what they are now; 0 sets them at once. Stops
 * whatever moved the node before. A node that is already there does not move.
 */
export function settle(node: Element, to: Attributes, duration: number, then?: () => void): void {
  clocks.get(node)?.stop();
  clocks.delete(node);
  const moving = Object.entries(to).filter(([name, value]) => node.getAttribute(name) !== String(value));
  if (duration <= 0 || moving.length === 0) {
    for (const [name, value] of moving) node.setAttribute(name, String(value));
    then?.();
    return;
  }
  const ways = moving.map(([name, value]) => ({ name, value, way: wayTo(node, name, String(value)) }));
  const clock = timer((elapsed) => {
    const t = Math.min(1, elapsed / duration);
    for (const { name, value, way } of ways)
      node.setAttribute(name, String(t === 1 || way === null ? value : way(easeCubicInOut(t))));
    if (t < 1) return;
    clock.stop();
    clocks.delete(node);
    then?.();
  });
  clocks.set(node, clock);
}

/** Sets attributes that never move. */
export function set(node: Element, to: Attributes): void {
  for (const [name, value] of Object.entries(to))
    if (node.getAttribute(name) !== String(value)) node.setAttribute(name, String(value));
}

/**
 * Joins nodes to data by key, as d3 does, but for nodes that are on their way out: those come back. `enter` makes a node,
 * `leave` is called for nodes without data and removes them in its own time.
 */
export function join<D extends { readonly key: string }>(
  group: SVGGElement,
  data: readonly D[],
  enter: (datum: D) => SVGElement,
  leave: (node: SVGElement) => void,
): SVGElement[] {
  return select(group)
    .selectChildren<SVGElement, D>()
    .data(data, function (datum) {
      return datum?.key ?? this.getAttribute('data-key') ?? '';
    })
    .join(
      (entering) => entering.append((datum) => enter(datum)),
      (staying) => staying,
      (leaving) => leaving.each((_, i, nodes) => leave(nodes[i]!)),
    )
    .order()
    .nodes();
}
