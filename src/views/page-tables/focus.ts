/** The entry that a picture of the tables is about, the way to it, and what is said of it below the tree. */
import { hex } from '../../base/units';
import type { EntryRun, TableNode, TreePicture } from '../../history/picture';
import type { Text } from '../scene';
import { grouped } from '../text';
import { bitWords, ENTRY_BYTES, indexText, LEVEL_NAME, takenApart } from './bits';

export interface Focus {
  readonly table: TableNode;
  readonly run: EntryRun;
  /** Of the entry in its table. */
  readonly index: number;
}

/** A line of text: the longest of its candidates that fits is shown. */
interface FootLine {
  readonly candidates: readonly string[];
  readonly tone: Text['tone'];
  readonly face: Text['face'];
}

export const isLeaf = (run: EntryRun): boolean => run.kind === 'leaf' || run.kind === 'huge';

/** The first entry named among `refs`, set by set; else the lowest page that was mapped or changed in this step. */
export function findFocus(picture: TreePicture, refs: readonly ReadonlySet<string>[]): Focus | null {
  for (const ref of refs.flatMap((set) => [...set])) {
    const [kind, id, index] = ref.split(':');
    if (kind !== 'entry') continue;
    const table = picture.tables.find((one) => one.id === Number(id));
    const run = table?.runs.find((one) => one.from <= Number(index) && Number(index) < one.to);
    if (table !== undefined && run !== undefined) return { table, run, index: Number(index) };
  }
  for (const table of [...picture.tables].reverse())
    for (const run of table.runs)
      if ((run.mark === 'new' || run.mark === 'changed') && isLeaf(run)) return { table, run, index: run.from };
  return null;
}

/** The index by which each table above `table` points on towards it, by table id. */
export function wayTo(picture: TreePicture, table: TableNode): Map<number, number> {
  const byId = new Map(picture.tables.map((one) => [one.id, one]));
  const way = new Map<number, number>();
  for (let up = byId.get(table.parent); up !== undefined; up = byId.get(table.parent)) {
    way.set(up.id, table.index);
    table = up;
  }
  return way;
}

function wordsOf(run: EntryRun): string[] {
  if (isLeaf(run)) return bitWords(run.bits);
  if (run.kind === 'tables') return [`${grouped(run.tables)} lower tables`];
  return [run.kind === 'mixed' ? `${grouped(run.leaves)} unlike entries` : 'points to a lower table'];
}

/** The entry in words, and its address taken apart. */
export function focusWords({ table, run, index }: Focus): FootLine[] {
  const address = run.address + (index - run.from) * ENTRY_BYTES[table.level];
  const where = run.to - run.from > 1 && run.kind === 'tables' ? indexText(run) : `[${index}]`;
  const was = run.was === '' ? '' : ` (was ${bitWords(run.was).join(' · ')})`;
  const told = `${LEVEL_NAME[table.level]} ${where} ${wordsOf(run).join(' · ')}`;
  const parts = takenApart(address, table.level);
  const full = parts.map(({ name, value }) => `${name} ${value}`).join(' · ');
  const short = parts.map(({ value }) => value).join('·');
  return [
    { candidates: [`${told}${was}`, told, `${where} ${run.bits}`, where], tone: 'ink', face: 'mono' },
    {
      candidates: [`${hex(address)} = ${full}`, full, `${hex(address)} = ${short}`, short],
      tone: 'muted',
      face: 'mono',
    },
  ];
}

/** What is said while there is no such entry. */
export const HINT: readonly FootLine[] = [
  {
    candidates: [
      'Point at an entry: its bits are told here, and its address taken apart.',
      'Point at an entry to read it.',
    ],
    tone: 'muted',
    face: 'sans',
  },
];
