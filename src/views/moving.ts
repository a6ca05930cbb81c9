/** The moving itself, by d3's transitions. Loaded after the first picture, which stands still. */
import { easeCubicInOut, interrupt, select, transition } from 'd3';
import type { Attributes } from './motion';

// d3-transition gives selections their `transition` when it is loaded: named here, or a bundler leaves it out.
void transition;

/** Stops whatever moves a node. */
export function stop(node: Element): void {
  interrupt(node);
}

/** Moves attributes from what they are to what they shall be; `begin` and `done` are called when it begins and is over. */
export function move(
  node: Element,
  to: Attributes,
  duration: number,
  { delay, begin, done }: { readonly delay: number; readonly begin: () => void; readonly done: () => void },
): void {
  const way = select(node).transition().delay(delay).duration(duration).ease(easeCubicInOut);
  for (const [name, value] of Object.entries(to)) way.attr(name, value);
  way.on('start', begin).on('end', done);
}
