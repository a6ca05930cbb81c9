/** How a scenario names what can be opened. */
import { driverOf } from '../engine/drivers/drivers';

const HUGETLBFS = '/dev/hugepages/';

/**
 * The machine's name of a path. Names below the hugetlbfs mount, and names without a folder, are files of huge pages;
 * devices keep their path; `file:A` and every other path is an ordinary file.
 */
export function enginePath(path: string): string {
  if (path.startsWith(HUGETLBFS) && path.length > HUGETLBFS.length) return path.slice(HUGETLBFS.length);
  if (driverOf(path) !== null || !path.startsWith('/')) return path;
  return `file:${path}`;
}
