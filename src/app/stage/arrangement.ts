/** Which panes of a frame stand side by side, which on top of one another, and which share a place behind tabs. */

/** One picture or list; `pool` of a link stands for the pool and the frames, which are two. */
export type Item = 'scenario' | 'space' | 'tables' | 'pool' | 'frames' | 'drawer';

/** Width that each needs at least, in rem; where there is more, it is shared out in these proportions. */
const LEAST: Readonly<Record<Item, number>> = { scenario: 16, space: 13, tables: 18, pool: 13, frames: 13, drawer: 18 };
/** Height that a pane needs at least, in rem: a picture of 220 pixels with its heading and its sentence. */
const HEIGHT = 20;

/** A place in a column; more than one item share it behind tabs. */
export type Cell = readonly Item[];

export interface Column {
  /** In rem, at least. */
  readonly width: number;
  readonly cells: readonly Cell[];
}

const widthOf = (items: readonly Item[]): number => Math.max(...items.map((item) => LEAST[item]));

/** @param cells in order; as many to a column as it takes. */
function columnsOf(cells: readonly Cell[], columns: number): Column[] {
  const made: Column[] = [];
  for (let i = 0, left = columns; i < cells.length; left--) {
    const n = Math.ceil((cells.length - i) / left);
    const own = cells.slice(i, i + n);
    made.push({ width: widthOf(own.flat()), cells: own });
    i += n;
  }
  return made;
}

/**
 * @param width of the room in rem
 * @param height of the room in rem
 */
export function arrange(items: readonly Item[], width: number, height: number): readonly Column[] {
  if (items.length === 0) return [];
  const rows = Math.max(1, Math.floor(height / HEIGHT));
  const fits = (columns: readonly Column[]): boolean => columns.reduce((sum, one) => sum + one.width, 0) <= width;
  const alone = items.map((item): Cell => [item]);
  for (let n = items.length; n * rows >= items.length; n--) {
    const columns = columnsOf(alone, n);
    if (fits(columns)) return columns;
  }
  for (let n = items.length - 1; n > 1; n--) {
    const own = Math.min(n * rows, items.length) - 1;
    const columns = columnsOf([...alone.slice(0, own), items.slice(own)], n);
    if (fits(columns)) return columns;
  }
  const own = Math.min(rows, items.length) - 1;
  return columnsOf([...alone.slice(0, own), items.slice(own)], 1);
}
