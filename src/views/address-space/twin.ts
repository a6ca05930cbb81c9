import { hex, sizeText } from '../../base/units';
import type { AddressRow, AreaRow, AreaSegment, AreasPicture } from '../../history/picture';
import { offsetText, roundSize } from '../text';
import type { TwinNode, TwinTree } from '../twin';
import { rowKey } from './layout';

const STATE = { present: 'present', absent: 'not present', reserved: 'reserved', mixed: 'partly present' } as const;

const plural = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;

function segmentNode(row: AreaRow, segment: AreaSegment): TwinNode {
  const pages = `${plural(segment.pages, 'page')} of ${sizeText(segment.pageSize)}`;
  const where = offsetText(row.name, segment.start, row.base ?? row.start);
  const state = segment.state === 'mixed' ? `${segment.present} present` : STATE[segment.state];
  return {
    key: `segment:${row.id}:${segment.start}`,
    keys: [row.ref],
    name: `${where}: ${pages}, ${state}`,
    children: [],
    ...(segment.mark === 'same' ? {} : { change: segment.mark }),
  };
}

function changeOf(row: AreaRow): string | undefined {
  const { mark, was } = row;
  if (mark === 'same') return undefined;
  if (mark !== 'changed' || was === undefined) return mark;
  const told = [
    ...(was.end - was.start === row.end - row.start ? [] : [`was ${sizeText(was.end - was.start)}`]),
    ...(was.perms === row.perms ? [] : [`was ${was.perms}`]),
    ...(was.start === row.start ? [] : [`was at ${hex(was.start)}`]),
  ];
  return told.length > 0 ? told.join(', ') : mark;
}

function node(row: AddressRow): TwinNode {
  const key = rowKey(row);
  if (row.row === 'gap') return { key, keys: [], name: `gap of ${roundSize(row.end - row.start)}`, children: [] };
  if (row.row === 'fold') {
    const what = row.untouched
      ? `${plural(row.areas, 'area')} of the program, which the scenario does not touch`
      : `${plural(row.areas, 'area')} folded`;
    const name = `${what}, ${roundSize(row.bytes)}, from ${hex(row.start)} to ${hex(row.end)}`;
    const change = row.changed > 0 ? { change: `${row.changed} changed` } : {};
    return { key, keys: [`area:${row.first}`], name, children: [], folded: true, ...change };
  }
  const reserved = row.reserved > 0 ? `, ${row.reserved} reserved` : '';
  const there = row.pages > 0 ? `, ${row.present} of ${plural(row.pages, 'page')} present${reserved}` : '';
  const change = changeOf(row);
  return {
    key,
    keys: [row.ref],
    name: `${row.name}, ${sizeText(row.end - row.start)} at ${hex(row.start)}, ${row.perms}${there}`,
    children: row.segments.map((segment) => segmentNode(row, segment)),
    ...(change === undefined ? {} : { change }),
  };
}

/** The areas as a tree: an area's stretches below it; gaps are rows too. */
export function twinOfAddressSpace(picture: AreasPicture): TwinTree {
  const { ghost: asked } = picture;
  const where = asked === undefined ? '' : `${sizeText(asked.end - asked.start)} at ${hex(asked.start)}`;
  const ghost: TwinNode[] =
    asked === undefined
      ? []
      : [{ key: 'ghost', keys: [], name: `${asked.name || 'an area'}, ${where}: not made`, children: [] }];
  return { kind: 'tree', label: `Address space of ${picture.name}`, nodes: [...picture.rows.map(node), ...ghost] };
}
