/** How marks move: from wherever they are to where they belong, once, and not at all when there is no time. */
import { easeCubicInOut } from 'd3-ease';
import { interrupt } from 'd3-transition';
import { select } from 'd3-selection';
import 'd3-transition';

export type Attributes = Readonly<Record<string, string | number>>;

/**
 * Brings attributes to their values within `duration` milliseconds, from what they are now; 0 sets them at once. Stops
 * whatever moved the node before. A node that is already there does not move.
 */
export function settle(node: Element, to: Attributes, duration: number, then?: () => void): void {
  interrupt(node);
  const moving = Object.entries(to).filter(([name, value]) => node.getAttribute(name) !== String(value));
  if (duration <= 0 || moving.length === 0) {
    for (const [name, value] of moving) node.setAttribute(name, String(value));
    then?.();
    return;
  }
  const motion = select(node).transition().duration(duration).ease(easeCubicInOut);
  for (const [name, value] of moving) motion.attr(name, value);
  if (then !== undefined) motion.on('end', then);
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
