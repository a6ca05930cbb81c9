/** What stands at one height on the wall: the entries of both sides for one address, by the tables that hold them. */
import type { WallEntry, WallPicture, WallTable } from '../../history/picture';

export interface Row {
  readonly address: number;
  readonly left: WallEntry | null;
  readonly right: WallEntry | null;
}

/** Rows of one table at the left and one at the right. */
export interface Group {
  readonly key: string;
  readonly left: WallTable | null;
  readonly right: WallTable | null;
  readonly rows: readonly Row[];
}

interface Found {
  readonly table: WallTable;
  readonly entry: WallEntry;
}

const byAddress = (tables: readonly WallTable[]): Map<number, Found> =>
  new Map(tables.flatMap((table) => table.entries.map((entry): [number, Found] => [entry.address, { table, entry }])));

/** Groups from the highest address down; a table stands once, however the other side's tables are cut. */
export function rowsOf({ left, right }: WallPicture): Group[] {
  const own = byAddress(left.tables);
  const other = byAddress(right.tables);
  const addresses = [...new Set([...own.keys(), ...other.keys()])].sort((a, b) => b - a);
  const groups: { key: string; left: WallTable | null; right: WallTable | null; rows: Row[] }[] = [];
  for (const address of addresses) {
    const a = own.get(address);
    const b = other.get(address);
    const last = groups.at(-1);
    const fits =
      last !== undefined &&
      (a === undefined || last.left === null || last.left.id === a.table.id) &&
      (b === undefined || last.right === null || last.right.id === b.table.id) &&
      sameStretch(last.rows[0]!, a ?? b!, last.left ?? last.right!);
    const row = { address, left: a?.entry ?? null, right: b?.entry ?? null };
    if (fits) {
      last.left ??= a?.table ?? null;
      last.right ??= b?.table ?? null;
      last.rows.push(row);
    } else
      groups.push({
        key: `${a?.table.id ?? 0}-${b?.table.id ?? 0}`,
        left: a?.table ?? null,
        right: b?.table ?? null,
        rows: [row],
      });
  }
  return groups;
}

/** Whether an entry lies in the stretch of addresses that the group's table covers. */
function sameStretch(first: Row, { table, entry }: Found, of: WallTable): boolean {
  const span = 512 * (of.level === 1 ? 4096 : of.level === 2 ? 2 ** 21 : 2 ** 30);
  return table.level === of.level && Math.floor(first.address / span) === Math.floor(entry.address / span);
}
