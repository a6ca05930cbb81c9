/**
 * What has a place in the pictures at any moment of a run: page tables and their entries, and whose each page of the pool is.
 * A fact of the run, not of what was looked at before: a moment looks alike however one came to it, and a step moves nothing
 * but what the machine moved.
 */
import type { Machine } from '../engine/machine';
import { LEVEL_SIZE, PTE, PTRS_PER_TABLE, type Table } from '../engine/mm/pgtable';
import type { PlannedTable } from './picture';
import { ownedKeys } from './pictures/pool-keys';
import { keepPlaces, type Places } from '../base/places';

/** Tables of one process that are planned for; a process with more has no plan, for its tables are folded. */
const MOST_TABLES = 64;
/** Entries are told apart in groups of so many. */
const GROUP = 8;

/** What a group of entries holds at its fullest: nothing, some of it, or (three less) all of it alike. */
const EMPTY = 0;
const TABLES = 4;
const LEAVES = 5;
const HUGE = 6;
const WHOLE = 3;
const KIND = ['leaf', 'table', 'leaf', 'huge', 'table', 'leaf', 'huge'] as const;

interface Seat {
  readonly key: string;
  readonly level: PlannedTable['level'];
  readonly base: number;
  readonly parent: string;
  readonly index: number;
  readonly groups: Uint8Array;
}

export class Plan {
  /** Tables by process, then by level and first address. */
  private readonly spaces = new Map<number, Map<string, Seat>>();
  private readonly told = new Map<number, readonly PlannedTable[]>();
  /** Places in the pool after each operation. */
  private readonly pool: Places[] = [];

  /** Takes in the machine as it stands after the next operation, which process `who` did; all processes at the start. */
  learn(m: Machine, who: number | null): void {
    for (const task of m.tasks.values()) {
      const { id } = task.mm;
      if (who !== null && id !== who && this.spaces.has(id)) continue;
      const space = this.spaces.get(id) ?? new Map<string, Seat>();
      this.spaces.set(id, space);
      visit(space, task.mm.pgd, 0, 0, '');
    }
    const before = this.pool.at(-1) ?? new Map<string, number>();
    const keys = ownedKeys(m);
    this.pool.push(keys.length === 0 && before.size === 0 ? before : placed(keys, before));
  }

  /** The tables that process `who` ever has, parents first; undefined where they are too many to stand side by side. */
  tables(who: number): readonly PlannedTable[] | undefined {
    const known = this.told.get(who);
    if (known !== undefined) return known;
    const space = this.spaces.get(who);
    if (space === undefined || space.size > MOST_TABLES) return undefined;
    const tables = [...space.values()]
      .sort((a, b) => b.level - a.level || a.base - b.base)
      .map(({ groups, ...table }) => ({ ...table, uses: usesOf(groups) }));
    this.told.set(who, tables);
    return tables;
  }

  /** Places of the pool's pages after `k` operations, or within the operation that follows them. */
  poolAt(k: number): Places {
    return this.pool[Math.min(k, this.pool.length - 1)] ?? new Map();
  }
}

/** Only who has a page or a promise of one keeps a place. */
function placed(keys: readonly string[], before: Places): Places {
  const all = keepPlaces(keys, before);
  return new Map(keys.map((key) => [key, all.get(key)!]));
}

function visit(space: Map<string, Seat>, table: Table, base: number, index: number, parent: string): void {
  const key = `${table.level}:${base}`;
  let seat = space.get(key);
  if (seat === undefined) {
    if (space.size > MOST_TABLES) return;
    const level = table.level as Seat['level'];
    seat = { key, level, base, parent, index, groups: new Uint8Array(PTRS_PER_TABLE / GROUP) };
    space.set(key, seat);
  }
  const { entries, down } = table;
  let left = table.used;
  for (let g = 0; g * GROUP < PTRS_PER_TABLE && left > 0; g++) {
    const from = g * GROUP;
    let leaves = 0;
    let tables = 0;
    let alike = true;
    for (let i = from; i < from + GROUP; i++) {
      if (entries[i] !== 0) {
        leaves++;
        // Like entries side by side are drawn as one, and need no room of their own.
        if ((entries[i]! & 0xff) !== (entries[from]! & 0xff)) alike = false;
      } else if (down !== null && down[i] !== null) tables++;
    }
    left -= leaves + tables;
    const kind = leaves > 0 ? (table.level === PTE ? LEAVES : HUGE) : tables > 0 ? TABLES : EMPTY;
    const whole = alike && (leaves === GROUP || tables === GROUP);
    const use = whole ? kind - WHOLE : kind;
    if (use > seat.groups[g]!) seat.groups[g] = use;
  }
  if (down === null) return;
  const size = LEVEL_SIZE[table.level]!;
  down.forEach((lower, i) => {
    if (lower !== null) visit(space, lower, base + i * size, i, key);
  });
}

/** The groups in which anything ever stands, as stretches of entries: one entry for a group of which some are used. */
function usesOf(groups: Uint8Array): PlannedTable['uses'] {
  const uses: { from: number; to: number; kind: (typeof KIND)[number] }[] = [];
  groups.forEach((use, g) => {
    if (use === EMPTY) return;
    const kind = KIND[use]!;
    const last = uses.at(-1);
    if (use >= TABLES) uses.push({ from: g * GROUP, to: g * GROUP + 1, kind });
    else if (last !== undefined && last.to === g * GROUP && last.kind === kind) last.to += GROUP;
    else uses.push({ from: g * GROUP, to: (g + 1) * GROUP, kind });
  });
  return uses;
}
