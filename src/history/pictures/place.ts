/** A table at its place in one process's tree, while the picture of the tree is made. */
import type { Table } from '../../engine/mm/pgtable';
import type { Mark } from '../picture';

/** A table at its place in one tree. */
export interface Place {
  readonly table: Table;
  readonly parent: Place | null;
  readonly index: number;
  /** First address that it covers in this process. */
  readonly base: number;
  readonly children: Place[];
  /** The same table (by id) at the step before; null where there was none. */
  before: Place | null;
  mark: Mark;
  weight: number;
  chosen: boolean;
}
