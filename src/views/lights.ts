/** Which marks light up: those that share a key with what is pointed at, and its fellows as the machine names them. */
import type { Fellows } from '../history/picture';
import type { Box, Extent } from './scene';

export interface Lights {
  readonly hovered: ReadonlySet<string>;
  readonly selected: ReadonlySet<string>;
  readonly fellows: Fellows | null;
  readonly broken: ReadonlySet<string>;
}

const shares = (keys: readonly string[], lit: ReadonlySet<string>): boolean =>
  lit.size > 0 && keys.some((key) => lit.has(key));

const meet = (a: { from: number; to: number }, b: { from: number; to: number }): boolean =>
  a.from < b.to && b.from < a.to;

function isFellow(key: string | undefined, extent: Extent | undefined, fellows: Fellows): boolean {
  if (key !== undefined) {
    const [kind, id] = key.split(':');
    if (kind === 'area' && extent?.range === undefined && fellows.areas.includes(Number(id))) return true;
    if (kind === 'table' && fellows.tables.includes(Number(id))) return true;
    if (kind === 'process' && fellows.processes.includes(Number(id))) return true;
  }
  if (extent === undefined) return false;
  const { entries, frames, range } = extent;
  return (
    (entries !== undefined && fellows.entries.some((one) => one.table === entries.table && meet(one, entries))) ||
    (frames !== undefined && fellows.frames.some((one) => meet(one, frames))) ||
    (range !== undefined &&
      fellows.ranges.some((one) => one.who === range.who && one.start < range.end && range.start < one.end))
  );
}

export type Light = 'broken' | 'chosen' | 'lit' | '';

/** How a mark is lit: an invariant broke on what is `broken`, `chosen` is selected, `lit` is what is pointed at or belongs to it. */
export function light(box: Pick<Box, 'keys' | 'litBy' | 'extent'>, lights: Lights): Light {
  const by = box.litBy ?? box.keys;
  if (by.length > 0 && shares(box.keys, lights.broken)) return 'broken';
  if (by.length > 0 && lights.selected.has(by[0]!)) return 'chosen';
  if (shares(by, lights.hovered)) return 'lit';
  return lights.fellows !== null && isFellow(box.keys[0], box.extent, lights.fellows) ? 'lit' : '';
}
