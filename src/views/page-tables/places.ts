/**
 * Where page tables stand, from left to right. A table keeps its place for life: places are remembered by level and first
 * address, so a table that comes back comes back there. A new table goes between its neighbours by address; where there is
 * no room, everything to its right makes some, as one.
 */

import type { PlannedTable } from '../../history/picture';
import type { Row } from './entries';

/** A table, or a stack of folded ones, in the order of the picture: parents before children. */
export interface Plot {
  /** Level and first address: `2:7fff00000000`. */
  readonly key: string;
  readonly level: number;
  readonly base: number;
  /** Key of the table above; empty for the top. */
  readonly parent: string;
  /** Where in the parent it hangs, 0 to 1. */
  readonly at: number;
}

export interface Ground {
  /** Left edge and width of each plot ever seen, in pixels at no zoom. */
  readonly plots: ReadonlyMap<string, { readonly x: number; readonly w: number; readonly level: number }>;
  readonly width: number;
  /** How many times their natural width tables have: wide panes have wide tables. */
  readonly stretch: number;
  /** Where entries stand in each table, by its key. */
  readonly rows?: ReadonlyMap<string, Row>;
  /** Whether it has a place for whatever comes in this run. */
  readonly planned?: boolean;
}

export const NO_GROUND: Ground = { plots: new Map(), width: 0, stretch: 1 };

/** Natural width of a table by level. */
const WIDTH = [0, 92, 200, 104, 0] as const;
const WIDEST = 2;
/** The tree may be so many times as wide as it needs to be, for tables to keep their places. */
const ROOM_KEPT = 1.6;
const GAP = 14;

/** @param room pixels that the first picture should fill. Level 4, the top, stretches over everything. */
export function placeTables(plots: readonly Plot[], before: Ground, room: number, scale: number): Ground {
  if (before.planned === true) return settleNewcomers(plots, before, scale * before.stretch);
  const known = plots.filter((plot) => plot.level < 4 && before.plots.has(plot.key)).length;
  const anew = tidy(plots, room, scale);
  // Where more comes than is there, there is little to be kept.
  if (known < (plots.length - 1) / 2) return anew;
  const kept = settleNewcomers(plots, before, scale * before.stretch);
  // After a gigabyte was unmapped its room is empty: what is left may be seen again.
  return kept.width > ROOM_KEPT * anew.width ? anew : kept;
}

/** The places of a run's plan. `rowOf` says where a table's entries stand in it, as wide as it is. */
export function placePlanned(
  plan: readonly PlannedTable[],
  room: number,
  scale: number,
  rowOf: (table: PlannedTable, width: number) => Row,
): Ground {
  const ground = tidy(
    plan.map(({ index, ...plot }) => ({ ...plot, at: index / 512 })),
    room,
    scale,
  );
  const fit = room / ground.width;
  const rows = new Map(plan.map((table) => [table.key, rowOf(table, ground.plots.get(table.key)!.w * fit)]));
  return { ...ground, rows, planned: true };
}

/** Everything anew: children side by side below their parent, what is left over where the addresses leap the furthest. */
function tidy(plots: readonly Plot[], room: number, scale: number): Ground {
  const gap = GAP * scale;
  const children = new Map<string, Plot[]>();
  for (const plot of plots) children.set(plot.parent, [...(children.get(plot.parent) ?? []), plot]);
  for (const siblings of children.values()) siblings.sort((a, b) => a.base - b.base);
  const below = (plot: Plot): Plot[] => children.get(plot.key) ?? [];
  const spans = new Map<string, number>();
  const widths = new Map<string, number>();
  for (const plot of [...plots].reverse()) {
    const inner = below(plot).reduce((sum, child) => sum + spans.get(child.key)! + gap, -gap);
    // Who has many children is wide, so that the links to them do not all start in one place.
    const w = Math.max(WIDTH[plot.level]! * scale, inner / 2);
    widths.set(plot.key, w);
    spans.set(plot.key, Math.max(w, inner));
  }
  const tops = (children.get('') ?? []).flatMap((top) => (top.level === 4 ? below(top) : [top]));
  const natural = tops.reduce((sum, top) => sum + spans.get(top.key)! + gap, -gap);
  const stretch = Math.max(1, Math.min(WIDEST, (0.85 * room) / Math.max(1, natural)));
  const total = natural * stretch;
  const width = Math.max(room, total);
  let widest = -1;
  for (let i = 1; i < tops.length; i++)
    if (widest < 0 || tops[i]!.base - tops[i - 1]!.base > tops[widest]!.base - tops[widest - 1]!.base) widest = i;
  const placed = new Map<string, { x: number; w: number; level: number }>();
  const put = (plot: Plot, x: number): void => {
    const span = spans.get(plot.key)!;
    const w = widths.get(plot.key)!;
    placed.set(plot.key, { x: left + (x + (span - w) / 2) * stretch, w: w * stretch, level: plot.level });
    const inner = below(plot).reduce((sum, child) => sum + spans.get(child.key)! + gap, -gap);
    let at = x + (span - inner) / 2;
    for (const child of below(plot)) {
      put(child, at);
      at += spans.get(child.key)! + gap;
    }
  };
  let left = tops.length === 1 ? (width - total) / 2 : 0;
  let x = 0;
  tops.forEach((top, i) => {
    if (i === widest) left += width - total;
    put(top, x);
    x += spans.get(top.key)! + gap;
  });
  for (const plot of plots) if (plot.level === 4) placed.set(plot.key, { x: 0, w: width, level: 4 });
  return { plots: placed, width, stretch };
}

function settleNewcomers(plots: readonly Plot[], before: Ground, scale: number): Ground {
  const gap = GAP * scale;
  const placed = new Map(before.plots);
  let width = before.width;
  const alive = new Map<string, Plot>();
  const free = (plot: Plot, x: number, w: number): boolean =>
    [...alive.values()].every((other) => {
      if (other.level !== plot.level || other.key === plot.key) return true;
      const at = placed.get(other.key)!;
      return other.base < plot.base ? at.x + at.w <= x : at.x >= x + w;
    });
  for (const plot of plots) if (placed.has(plot.key) && free(plot, ...edges(placed, plot))) alive.set(plot.key, plot);
  for (const plot of plots) {
    if (alive.has(plot.key) || plot.level === 4) continue;
    const w = WIDTH[plot.level]! * scale;
    const near = neighbours(plot, alive, placed, gap);
    const up = placed.get(plot.parent);
    const desired = (up === undefined ? width / 2 : up.x + up.w * plot.at) - w / 2;
    let { right } = near;
    const missing = near.left + w - right;
    if (missing > 0) {
      for (const [key, place] of placed)
        if (place.level < 4 && place.x >= right) placed.set(key, { ...place, x: place.x + missing });
      right += missing;
    }
    const most = right === Infinity ? width - w : right - w;
    placed.set(plot.key, { x: Math.max(near.left, Math.min(desired, most)), w, level: plot.level });
    alive.set(plot.key, plot);
  }
  for (const place of placed.values()) if (place.level < 4) width = Math.max(width, place.x + place.w);
  for (const plot of plots) if (plot.level === 4) placed.set(plot.key, { x: 0, w: width, level: 4 });
  return { plots: placed, width, stretch: before.stretch };
}

const edges = (placed: ReadonlyMap<string, { x: number; w: number }>, plot: Plot): [number, number] => {
  const { x, w } = placed.get(plot.key)!;
  return [x, w];
};

/** The room between the neighbours by address on the same level; without end where there is none to the right. */
function neighbours(
  plot: Plot,
  alive: ReadonlyMap<string, Plot>,
  placed: ReadonlyMap<string, { x: number; w: number }>,
  gap: number,
): { left: number; right: number } {
  let left = 0;
  let right = Infinity;
  for (const other of alive.values()) {
    if (other.level !== plot.level) continue;
    const at = placed.get(other.key)!;
    if (other.base < plot.base) left = Math.max(left, at.x + at.w + gap);
    else right = Math.min(right, at.x - gap);
  }
  return { left, right };
}
