/** What a mark of a picture is, as an operation can name it. */
import type { AreaRow, AreasPicture, Moment } from '../../history/picture';
import { addressText, type Target } from '../operations';

/** Name of a process as the scenario calls it; '' is the first. */
export function processName(moment: Moment, who: number): string {
  return who === 0 ? '' : (moment.processes.find((one) => one.who === who)?.name ?? '');
}

const areaOf = (areas: AreasPicture | undefined, keys: readonly string[]): AreaRow | undefined =>
  areas?.rows.find((row): row is AreaRow => row.row === 'area' && row.mark !== 'gone' && keys.includes(row.ref));

/** The area that a mark belongs to, or the stretch of it that the mark stands for. */
export function targetOf(
  areas: AreasPicture | undefined,
  moment: Moment,
  keys: readonly string[],
  range?: { readonly start: number; readonly end: number },
): Target | null {
  const area = areaOf(areas, keys);
  if (!area) return null;
  const start = range ? Math.max(area.start, range.start) : area.start;
  const end = range ? Math.min(area.end, range.end) : area.end;
  return {
    address: addressText(area.name, area.start, start),
    length: end - start,
    pageSize: area.pageSize,
    process: processName(moment, areas!.who),
  };
}
