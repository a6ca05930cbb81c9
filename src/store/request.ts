/** What the worker is asked to describe of a moment. */
import type { PicturesRequest } from '../history/picture';
import type { State } from './state';

export function requestOf({ want, selection }: State): PicturesRequest {
  const { who } = want;
  const keep = [...selection.selected, ...selection.hovered]
    .filter((ref) => ref.startsWith('area:'))
    .map((ref) => Number(ref.slice(5)));
  return {
    areas: { ...want.areas, who, keep },
    tree: { who, auto: true, ...want.tree },
    ...(want.heat === null ? {} : { heat: { ...want.heat, who } }),
    pool: { maxCells: want.maxPoolCells },
    frames: want.frames,
    ...(want.wall === null ? {} : { wall: want.wall }),
    ...(want.maxSteps === 0 ? {} : { path: { maxSteps: want.maxSteps } }),
    ...(want.proc === null ? {} : { proc: { ...want.proc, who } }),
    ...(selection.selected.length === 0 ? {} : { inspect: selection.selected[0]! }),
    timeline: { maxMarks: want.maxTimeMarks },
  };
}
