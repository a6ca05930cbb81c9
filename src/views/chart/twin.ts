import type { TwinTable } from '../twin';
import type { ChartPicture } from './layout';

/** The figures as a table: a row for each thing counted, a column for each bar of the first group. */
export function twinOfChart(picture: ChartPicture): TwinTable {
  const bars = picture.groups[0]?.bars ?? [];
  return {
    kind: 'table',
    label: picture.title,
    columns: ['Counted', ...bars.map((bar) => bar.label)],
    rows: picture.groups.map((group) => ({
      key: group.key,
      keys: [],
      cells: [
        group.unit === '' ? group.label : `${group.label} (${group.unit})`,
        ...bars.map((bar) => String(group.bars.find((one) => one.key === bar.key)?.value ?? '')),
      ],
    })),
  };
}
