import { hex } from '../../base/units';
import type { FrameCell, FramesPicture } from '../../history/picture';
import type { TwinRow, TwinTable } from '../twin';

const KIND = {
  anon: 'anonymous',
  file: 'page cache',
  shmem: 'shared memory',
  hugetlb: 'huge page of the pool',
  zero: 'zero page',
  kernel: 'kernel',
} as const;

function row(cell: FrameCell): TwinRow {
  const last = cell.run ? ` to 0x${hex(cell.pfn + cell.frames - 1)}` : '';
  return {
    key: cell.ref,
    keys: [cell.ref],
    cells: [
      `0x${hex(cell.pfn)}${last}`,
      KIND[cell.kind],
      cell.label,
      cell.sharers.length === 0 ? 'none' : cell.sharers.join(', '),
      String(cell.refcount),
      String(cell.mapcount),
    ],
    ...(cell.mark === 'same' ? {} : { change: cell.mark }),
  };
}

/** Frames as a table, by number. */
export function twinOfFrames(picture: FramesPicture): TwinTable {
  return {
    kind: 'table',
    label: picture.who === null ? 'Frames in use' : 'Frames of one process',
    columns: ['Frame', 'Kind', 'Of', 'Processes', 'References', 'Mapped'],
    rows: picture.cells.map(row),
  };
}
