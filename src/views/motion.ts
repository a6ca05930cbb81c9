/** How marks move: from wherever they are to where they belong, once, and not at all when there is no time. */
import { select } from 'd3';
import type * as Moving from './moving';

export type Attributes = Readonly<Record<string, string | number>>;

export interface Manner {
  /** Milliseconds before it begins. */
  readonly delay?: number;
  /** Called when it begins; at once where nothing moves. */
  readonly begin?: () => void;
  /** Called when it is over. */
  readonly done?: () => void;
}

/** What moves marks; null until it is loaded: then everything is there at once. */
let mover: typeof Moving | null = null;

/** Loads what moves marks. */
export async function loadMotion(): Promise<void> {
  mover ??= await import('./moving');
}

/** Nodes whose motion was asked for and is not over. */
const moving = new WeakSet<Element>();

/** Whether a node is on its way. */
export const isMoving = (node: Element): boolean => moving.has(node);

/**
 * Brings attributes to their values within `duration` milliseconds, from what they are now; 0 sets them at once. Stops
 * whatever moved the node before. A node that is already there, and has nothing to begin later, does not move.
 */
export function settle(node: Element, to: Attributes, duration: number, manner: Manner = {}): void {
  if (moving.delete(node)) mover?.stop(node);
  const { delay = 0, begin, done } = manner;
  const others = Object.entries(to).filter(([name, value]) => node.getAttribute(name) !== String(value));
  if (duration <= 0 || mover === null || (others.length === 0 && begin === undefined)) {
    begin?.();
    for (const [name, value] of others) node.setAttribute(name, String(value));
    done?.();
    return;
  }
  moving.add(node);
  mover.move(node, Object.fromEntries(others), duration, {
    delay,
    begin: () => begin?.(),
    done() {
      moving.delete(node);
      done?.();
    },
  });
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
