import { hex, sizeText } from '../../base/units';
import type { WallEntry, WallFrame, WallPicture, WallSide } from '../../history/picture';
import { LEVEL_NAME } from '../page-tables/bits';
import type { TwinNode, TwinTree } from '../twin';

const plural = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;

function frameText(frame: WallFrame | undefined): string {
  if (frame === undefined) return '';
  const run = frame.count > 1 ? ` and ${plural(frame.count - 1, 'more')} in order`.replace('mores', 'more') : '';
  const mapped =
    frame.mapcount === 0 ? 'not counted' : `mapped by ${plural(frame.mapcount, 'entry').replace('entrys', 'entries')}`;
  const who = frame.names.length > 1 ? ` of ${frame.names.join(', ')}` : '';
  return `frame ${hex(frame.pfn)}${run}: ${frame.label}, ${mapped}${who}`;
}

const may = ({ bits }: WallEntry): string =>
  bits.includes('N') ? 'no access' : bits.includes('W') ? 'writable' : 'read-only';

function sideNode(
  side: WallSide,
  frames: ReadonlyMap<number, WallFrame>,
  copied: ReadonlyMap<number, number>,
): TwinNode {
  const key = `side:${side.who}`;
  if (!side.alive) return { key, keys: [], name: `${side.name}: not there at this moment`, children: [] };
  const tables = side.tables.map((table): TwinNode => {
    const shared = table.shared > 1 ? `, shared by ${table.shared} processes` : '';
    const above = table.above.map(({ level, index }) => `${LEVEL_NAME[level]} entry ${index}`).join(', ');
    return {
      key: `${key}:${table.ref}`,
      keys: [table.ref],
      name: `${LEVEL_NAME[table.level]} table${shared}, below ${above}`,
      children: table.entries.map((entry): TwinNode => {
        const count = entry.count > 1 ? `${plural(entry.count, 'page')} of ${sizeText(entry.pageSize)} from ` : '';
        const from = copied.get(entry.pfn);
        const copy = from === undefined ? '' : `, copied in this step from frame ${hex(from)}`;
        return {
          key: `${key}:${entry.ref}`,
          keys: [entry.ref, `frame:${entry.pfn}`],
          name: `${count}${entry.label}, ${may(entry)}, ${frameText(frames.get(entry.pfn))}${copy}`,
          children: [],
          ...(entry.mark === 'same' ? {} : { change: entry.mark }),
        };
      }),
    };
  });
  const { rss, pss, hugetlb } = side;
  const told = (name: string, { was, now }: { was: number; now: number }): string =>
    `${name} ${was === now ? '' : `${was} → `}${now} kB`;
  const counted = [told('RSS', rss), pss === null ? 'PSS not counted' : told('PSS', pss)];
  if (hugetlb.now + hugetlb.was > 0) counted.push(told('huge pages', hugetlb));
  const program = `${plural(side.program.areas, 'area')} of the program, which the scenario does not touch`;
  return {
    key,
    keys: [`process:${side.who}`],
    name: `${side.name}: ${counted.join(', ')}`,
    children: [...tables, { key: `${key}:program`, keys: [], name: program, children: [] }],
  };
}

/** Each process with what it counts, its leaf tables, and the frame behind each entry. */
export function twinOfWall(picture: WallPicture): TwinTree {
  const frames = new Map(picture.frames.map((frame) => [frame.pfn, frame]));
  const copied = new Map(picture.copies.map(({ from, to }) => [to, from]));
  return {
    kind: 'tree',
    label: `${picture.left.name} and ${picture.right.name}`,
    nodes: [sideNode(picture.left, frames, copied), sideNode(picture.right, frames, copied)],
  };
}
