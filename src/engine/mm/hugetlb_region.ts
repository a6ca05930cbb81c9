/**
 * Reservation maps: sets of half-open ranges of huge-page indexes (Linux: mm/hugetlb.c region_chg and kin).
 * Left out: cgroup uncharge marks, the cache of entries, adds in progress.
 *
 * A map's list is replaced, never changed in place, so that a snapshot may keep it.
 */
import type { resv_map } from './mm_types';

/** How many indexes of `[from, to)` are in the map. Linux: region_count. */
export function region_count(map: resv_map, from: number, to: number): number {
  let n = 0;
  for (const r of map.regions) n += Math.max(0, Math.min(r.to, to) - Math.max(r.from, from));
  return n;
}

/** How many indexes of `[from, to)` an add would bring in. Linux: region_chg. */
export const region_chg = (map: resv_map, from: number, to: number): number => to - from - region_count(map, from, to);

/** Adds `[from, to)`; returns how many indexes were not in the map before. Linux: region_add. */
export function region_add(map: resv_map, from: number, to: number): number {
  const added = region_chg(map, from, to);
  if (added === 0) return 0;
  const before = map.regions.filter((r) => r.to < from);
  const after = map.regions.filter((r) => r.from > to);
  const met = map.regions.slice(before.length, map.regions.length - after.length);
  const first = met[0];
  const last = met[met.length - 1];
  const whole = {
    from: first === undefined ? from : Math.min(from, first.from),
    to: last === undefined ? to : Math.max(to, last.to),
  };
  map.regions = [...before, whole, ...after];
  return added;
}

/** Takes `[from, to)` out; returns how many indexes were in the map. Linux: region_del. */
export function region_del(map: resv_map, from: number, to: number): number {
  const deleted = region_count(map, from, to);
  if (deleted === 0) return 0;
  map.regions = map.regions.flatMap((r) => {
    if (r.to <= from || r.from >= to) return [r];
    const rest = [];
    if (r.from < from) rest.push({ from: r.from, to: from });
    if (r.to > to) rest.push({ from: to, to: r.to });
    return rest;
  });
  return deleted;
}
