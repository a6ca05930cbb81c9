/** The pictures at each beat: what has arrived stands as after the step, everything else as before it. */
import type {
  AreasPicture,
  EntryRun,
  FramesPicture,
  Mark,
  Pictures,
  PoolPicture,
  TreePicture,
  WasNow,
} from '../../history/picture';
import type { Beat, Step } from './types';

/**
 * One set of pictures for each beat, and after them the pictures of the step itself. A picture that has not arrived stands
 * as before the step, without that step's marks; of another process (the page goes over to who acts) it stands as after it.
 */
export function stagedPictures({ before, after }: Step, beats: readonly Beat[]): readonly Pictures[] {
  const areas = sameSpace(before.areas, after.areas) ? calmAreas(before.areas!) : after.areas;
  const tree = sameSpace(before.tree, after.tree) ? calmTree(before.tree!) : undefined;
  const ways = after.tree === undefined ? undefined : waysOf(after.tree);
  const pool = before.pool === undefined || after.pool === undefined ? after.pool : calmPool(before.pool);
  const frames =
    before.frames !== undefined && before.frames.who === after.frames?.who ? calmFrames(before.frames) : after.frames;
  const staged = beats.map(({ shown }) => ({
    ...after,
    areas: shown.areas ? after.areas : areas,
    tree: shown.tables === 'after' ? after.tree : shown.tables === 'ways' ? ways : (tree ?? ways),
    pool: shown.memory ? after.pool : pool,
    frames: shown.memory ? after.frames : frames,
  }));
  return [...staged, after] as Pictures[];
}

const sameSpace = (a: { readonly who: number } | undefined, b: { readonly who: number } | undefined): boolean =>
  a !== undefined && b !== undefined && a.who === b.who;

const calm = <T extends { readonly mark: Mark }>(all: readonly T[]): T[] =>
  all.filter(({ mark }) => mark !== 'gone').map((one) => (one.mark === 'same' ? one : { ...one, mark: 'same' }));

const still = ({ now }: WasNow): WasNow => ({ was: now, now });

function calmAreas(picture: AreasPicture): AreasPicture {
  const rows = picture.rows
    .filter((row) => row.row !== 'area' || row.mark !== 'gone')
    .map((row) => {
      if (row.row === 'fold') return { ...row, changed: 0 };
      if (row.row === 'gap') return row;
      const { was: _, ...rest } = row;
      const segments = row.segments.map((one) => (one.mark === 'same' ? one : { ...one, mark: 'same' as const }));
      return { ...rest, mark: 'same' as const, segments };
    });
  return { ...picture, rows };
}

const calmRuns = (runs: readonly EntryRun[]): EntryRun[] =>
  calm(runs).map((run) => (run.was === '' ? run : { ...run, was: '' }));

const calmTree = (picture: TreePicture): TreePicture => ({
  ...picture,
  tables: calm(picture.tables).map((table) => ({ ...table, runs: calmRuns(table.runs) })),
});

const calmPool = (picture: PoolPicture): PoolPicture => ({
  ...picture,
  total: still(picture.total),
  free: still(picture.free),
  rsvd: still(picture.rsvd),
  surp: still(picture.surp),
  cells: calm(picture.cells),
});

const calmFrames = (picture: FramesPicture): FramesPicture => ({ ...picture, cells: calm(picture.cells) });

/** The tables after the step with their entries as before it: what is new is awaited, what changed or went is as it was. */
function waysOf(picture: TreePicture): TreePicture {
  const tables = picture.tables.map((table) => {
    const kept = table.runs.filter((run) => run.mark !== 'gone');
    const taken = (run: EntryRun): boolean => kept.some((one) => one.from < run.to && run.from < one.to);
    const runs = table.runs
      .filter((run) => run.mark !== 'gone' || !taken(run))
      .map((run): EntryRun => {
        if (run.mark === 'same' || run.kind === 'table' || run.kind === 'tables')
          return run.mark === 'gone' ? { ...run, mark: 'same' } : run;
        if (run.mark === 'new') return { ...run, mark: 'same', awaited: true };
        return { ...run, mark: 'same', bits: run.was === '' ? run.bits : run.was, was: '' };
      });
    return { ...table, mark: table.mark === 'gone' ? ('same' as const) : table.mark, runs };
  });
  return { ...picture, tables };
}
