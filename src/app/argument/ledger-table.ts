/** The ledger as rows of a table, as text to be copied, and as a chart. */
import type { Counts, Ledger, LedgerColumn } from '../../history/ledger';
import type { ChartPicture } from '../../views/chart';

export type Kind = 'normal' | 'huge';

export interface Measure {
  readonly label: string;
  readonly of: (column: LedgerColumn) => number;
}

const counted = (kind: Kind, label: string, key: keyof Counts): Measure => ({ label, of: (c) => c[kind][key] });

/** What is counted from a run, in the order of the columns. */
export const measured = (kind: Kind): readonly Measure[] => [
  counted(kind, 'asked', 'asked'),
  counted(kind, 'flag tests', 'flagTests'),
  counted(kind, 'loads', 'loads'),
  counted(kind, 'NULL tests', 'nullTests'),
  counted(kind, 'taken jumps', 'takenJumps'),
  counted(kind, 'direct calls', 'directCalls'),
  counted(kind, 'indirect calls', 'indirectCalls'),
  counted(kind, 'leaf levels', 'levels'),
];

/** What a design costs without running. */
export const FIXED: readonly Measure[] = [
  { label: 'bytes per area', of: (c) => c.price.bytesPerArea },
  { label: 'call sites that know', of: (c) => c.price.sitesThatKnow },
  { label: 'members a new kind brings', of: (c) => c.price.membersToAdd },
  { label: 'places a new kind changes', of: (c) => c.price.placesToChange },
  { label: 'answers that differ', of: (c) => c.otherwise },
];

export const KIND_NAMES: Readonly<Record<Kind, string>> = { normal: 'ordinary mappings', huge: 'huge mappings' };

/** All of it with tabs between, as a spreadsheet takes it. */
export function ledgerText(ledger: Ledger): string {
  const kinds: readonly Kind[] = ['normal', 'huge'];
  const head = ['design', ...kinds.flatMap((kind) => measured(kind).map((m) => `${KIND_NAMES[kind]}: ${m.label}`))];
  const rows = ledger.columns.map((column) => [
    column.design,
    ...kinds.flatMap((kind) => measured(kind).map((m) => String(m.of(column)))),
    ...FIXED.map((m) => String(m.of(column))),
  ]);
  return [[...head, ...FIXED.map((m) => m.label)], ...rows].map((row) => row.join('\t')).join('\n');
}

/** What finding out comes to: all loads and tests, and the calls through a pointer. */
export function ledgerChart(ledger: Ledger, kind: Kind, chosen: string): ChartPicture {
  const group = (key: string, label: string, unit: string, value: (counts: Counts) => number) => ({
    key,
    label,
    unit,
    bars: ledger.columns.map((column) => ({
      key: column.design,
      label: column.design,
      value: value(column[kind]),
      slot: 1 as const,
      chosen: column.design === chosen,
    })),
  });
  return {
    title: `What finding out costs on ${KIND_NAMES[kind]}`,
    groups: [
      group('looks', 'Loads and tests', 'times', (c) => c.flagTests + c.loads + c.nullTests),
      group('calls', 'Calls through a pointer', 'times', (c) => c.indirectCalls),
      group('jumps', 'Taken jumps', 'times', (c) => c.takenJumps),
      group('levels', 'Looks at the level of a leaf', 'times', (c) => c.levels),
    ],
  };
}
