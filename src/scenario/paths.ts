/** How a scenario names what can be opened. */
import { driverOf } from '../engine/drivers/drivers';
import { DEV_ZERO, TMPFS } from '../engine/fs/file';

const HUGETLBFS = '/dev/hugepages/';

/**
 * The machine's name of a path. Names below the hugetlbfs mount, and names without a folder, are files of huge pages;
 * devices keep their path, and so do files of shared memory; `file:A` and every other path is an ordinary file.
 */
export function enginePath(path: string): string {
  if (path.startsWith(HUGETLBFS) && path.length > HUGETLBFS.length) return path.slice(HUGETLBFS.length);
  if (driverOf(path) !== null || path === DEV_ZERO || path.startsWith(TMPFS) || !path.startsWith('/')) return path;
  return `file:${path}`;
}

/** A path from outside as one line of text: what would end a line, or move a terminal's cursor, becomes `_`. */
export const plainPath = (path: string): string =>
  path
    .slice(0, 1000)
    .replace(/[\p{Cc}\u2028\u2029]/gu, '_')
    .trim();
