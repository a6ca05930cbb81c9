import { sizeText, ulongText } from '../../base/units';
import type { PoolCell, PoolPicture, WasNow } from '../../history/picture';
import type { TwinRow, TwinTable } from '../twin';

const STATE = { used: 'in use', reserved: 'promised', free: 'free' } as const;

const counter = (name: string, { was, now }: WasNow): TwinRow => ({
  key: `counter:${name}`,
  keys: [],
  cells: [name, ulongText(now), '', ''],
  ...(was === now ? {} : { change: `was ${ulongText(was)}` }),
});

function row(cell: PoolCell): TwinRow {
  const what = cell.count > 1 ? `${cell.count} pages` : cell.pfn >= 0 ? `page at frame ${cell.pfn}` : 'page';
  const holder = cell.label === '' ? 'nobody' : cell.label;
  const who = cell.who.length === 0 ? '' : `process ${cell.who.join(', ')}`;
  return {
    key: cell.key,
    keys: cell.ref === null ? [] : [cell.ref],
    cells: [what, `${STATE[cell.state]}${cell.surplus ? ', surplus' : ''}`, holder, who],
    ...(cell.mark === 'same' ? {} : { change: cell.mark }),
  };
}

/** The pool as a table: its counters, then its pages. */
export function twinOfPool(picture: PoolPicture): TwinTable {
  const { total, free, rsvd, surp } = picture;
  return {
    kind: 'table',
    label: `Huge-page pool, pages of ${sizeText(picture.pageSize)}`,
    columns: ['What', 'State', 'Holder', 'Process'],
    rows: [
      counter('HugePages_Total', total),
      counter('HugePages_Free', free),
      counter('HugePages_Rsvd', rsvd),
      counter('HugePages_Surp', surp),
      ...picture.cells.map(row),
      ...(picture.refused === undefined
        ? []
        : [{ key: 'refused', keys: [], cells: ['refused', picture.refused.says, '', ''], change: 'refused' }]),
    ],
  };
}
