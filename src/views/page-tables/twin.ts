import { hex } from '../../base/units';
import type { EntryRun, Ref, TableNode, TreePicture } from '../../history/picture';
import type { TwinNode, TwinTree } from '../twin';
import { bitWords, indexText, leafText, LEVEL_NAME } from './bits';

function change(mark: EntryRun['mark'], was = ''): { change?: string } {
  if (mark === 'same') return {};
  return { change: was === '' ? mark : `was ${bitWords(was).join(', ')}` };
}

/** The tables as a tree: below a table its entries, below an entry the table that it points to. */
export function twinOfPageTables(picture: TreePicture): TwinTree {
  const byId = new Map(picture.tables.map((table) => [table.id, table]));

  function tableNode(table: TableNode): TwinNode {
    const shared = table.shared > 1 ? `, shared by ${table.shared} processes` : '';
    const names = table.names !== undefined && table.names.length > 0 ? `, maps ${table.names.join(', ')}` : '';
    return {
      key: table.ref,
      keys: [table.ref],
      name: `${LEVEL_NAME[table.level]} table from ${hex(table.base)}, ${table.used} of 512 entries used${shared}${names}`,
      children: table.runs.map((run) => runNode(table, run)),
      ...(table.open || table.level === 1 ? {} : { folded: true }),
      ...change(table.mark),
    };
  }

  function runNode(table: TableNode, run: EntryRun): TwinNode {
    const child = byId.get(run.child);
    const keys: Ref[] = [run.ref, ...(run.pfn >= 0 && run.to - run.from === 1 ? [`frame:${run.pfn}` as const] : [])];
    const where = `${LEVEL_NAME[table.level]} ${indexText(run)} at ${hex(run.address)}`;
    const told = { key: run.ref, keys, ...change(run.mark, run.was) };
    if (run.kind === 'table') {
      const children = child === undefined ? [] : [tableNode(child)];
      return { ...told, name: `${where}: points to a ${LEVEL_NAME[table.level - 1]} table`, children };
    }
    if (run.kind === 'tables') {
      const name = `${where}: ${run.tables} ${LEVEL_NAME[table.level - 1]} tables folded, ${run.leaves} entries below`;
      return { ...told, keys: [table.ref], name, children: [], folded: true };
    }
    const many = run.to - run.from;
    if (run.kind === 'mixed')
      return { ...told, name: `${where}: ${run.leaves} of ${many} entries set, unlike`, children: [] };
    const size = `${many > 1 ? `${many} pages` : 'page'} of ${leafText(table.level)}`;
    const frame = run.pfn < 0 ? '' : `, frame 0x${hex(run.pfn)}${many > 1 && run.contiguous ? ' and on' : ''}`;
    return { ...told, name: `${where}: ${size}, ${bitWords(run.bits).join(', ')}${frame}`, children: [] };
  }

  const top = picture.tables.find((table) => table.level === 4);
  return {
    kind: 'tree',
    label: 'Page tables',
    nodes: top === undefined ? [] : [tableNode(top)],
  };
}
