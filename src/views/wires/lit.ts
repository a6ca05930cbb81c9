/** Wires for what is pointed at or selected: from its area over its entries to its pages, as the machine's fellows say. */
import type { Ref, Slot } from '../../history/picture';
import type { Anchor, Wire } from '../beats/types';
import { light, type Lights } from '../lights';
import type { Box, Scene } from '../scene';

/** Entries that are joined one by one, at most: of more only the area and its tables are. */
const MOST = 8;

export interface LitScenes {
  readonly areas: Scene | null;
  readonly tables: Scene | null;
}

const isLit = (box: Box, lights: Lights): boolean => {
  const how = light(box, lights);
  return how === 'lit' || how === 'chosen';
};

/** @param scenes what is drawn of the areas and the tables */
export function litWires(scenes: LitScenes, lights: Lights): Wire[] {
  const entries = (scenes.tables?.boxes ?? []).filter(
    (box) =>
      box.extent?.entries !== undefined && box.extent.frames !== undefined && box.mark !== 'gone' && isLit(box, lights),
  );
  if (entries.length === 0 || entries.length > MOST) return [];
  const areas = (scenes.areas?.boxes ?? []).filter((box) => box.keys.length > 0 && isLit(box, lights));
  // A page of the area says more than the area.
  const pages = areas.filter(({ layer, extent }) => layer === 1 && extent?.range !== undefined);
  const area = pages.length === 1 ? pages[0]! : areas.find(({ layer }) => layer === 0);
  return entries.flatMap((box, i): Wire[] => {
    const entry = entryOf(box);
    const frames = box.extent!.frames!;
    const to = (view: 'pool' | 'frames'): Anchor => ({
      view,
      refs: [],
      frames: { from: frames.from, to: frames.from + 1 },
      name: 'its page',
    });
    const wires = [
      wire(`lit-${i}-pool`, entry, to('pool'), box.slot),
      wire(`lit-${i}-frame`, entry, to('frames'), box.slot),
    ];
    if (area !== undefined && i === 0) wires.unshift(wire('lit-area', areaOf(area), entry, box.slot));
    return wires;
  });
}

const wire = (key: string, from: Anchor, to: Anchor, slot: Slot): Wire => ({
  key,
  from,
  to,
  look: 'lit',
  slot,
  stays: 'rest',
  at: 0,
});

function entryOf({ extent }: Box): Anchor {
  const { table, from } = extent!.entries!;
  return { view: 'tables', refs: [`entry:${table}:${from}` as Ref], name: 'its entry' };
}

const areaOf = (box: Box): Anchor => ({
  view: 'areas',
  refs: [box.keys[0]!],
  ...(box.extent?.range === undefined ? {} : { range: box.extent.range }),
  name: 'its area',
});
