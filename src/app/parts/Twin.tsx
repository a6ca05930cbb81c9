import { useState, type KeyboardEvent } from 'react';
import type { Twin as TwinData, TwinNode, TwinRow } from '../../views/twin';
import style from './twin.module.css';

interface Handlers {
  /** The row with the focus lights its marks. */
  onPoint(keys: readonly string[]): void;
  onSelect(keys: readonly string[]): void;
  onToggle(key: string, open: boolean): void;
  onMenu(keys: readonly string[], element: HTMLElement): void;
}

interface TwinProps extends Handlers {
  twin: TwinData;
  selected: ReadonlySet<string>;
}

const wantsMenu = (event: KeyboardEvent) => event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey);

/** A picture as text: one row has the focus, arrows move it, Enter selects, Shift-F10 opens the menu of what can be done. */
export function Twin(props: TwinProps) {
  return props.twin.kind === 'tree' ? <Tree {...props} /> : <Table {...props} />;
}

interface FlatNode {
  node: TwinNode;
  level: number;
  parent: number;
  place: number;
  of: number;
}

function flatten(nodes: readonly TwinNode[], shut: ReadonlySet<string>, level = 1, parent = -1, into: FlatNode[] = []) {
  nodes.forEach((node, i) => {
    into.push({ node, level, parent, place: i + 1, of: nodes.length });
    if (!shut.has(node.key)) flatten(node.children, shut, level + 1, into.length - 1, into);
  });
  return into;
}

function Tree({ twin, selected, onPoint, onSelect, onToggle, onMenu }: TwinProps) {
  const [shut, setShut] = useState<ReadonlySet<string>>(new Set());
  const [focused, setFocused] = useState<string | null>(null);
  if (twin.kind !== 'tree') return null;
  const rows = flatten(twin.nodes, shut);
  const found = rows.findIndex(({ node }) => node.key === focused);
  const at = found < 0 ? 0 : found;

  const setOpen = (node: TwinNode, open: boolean) => {
    if (node.folded !== undefined && node.children.length === 0) onToggle(node.key, open);
    else
      setShut((before) => {
        const after = new Set(before);
        if (open) after.delete(node.key);
        else after.add(node.key);
        return after;
      });
  };
  const key = (event: KeyboardEvent<HTMLElement>) => {
    const { node, parent } = rows[at];
    const isOpen = node.children.length > 0 && !shut.has(node.key);
    const isShut = node.folded === true || (node.children.length > 0 && shut.has(node.key));
    let to = -1;
    if (event.key === 'ArrowDown') to = Math.min(at + 1, rows.length - 1);
    else if (event.key === 'ArrowUp') to = Math.max(at - 1, 0);
    else if (event.key === 'Home') to = 0;
    else if (event.key === 'End') to = rows.length - 1;
    else if (event.key === 'ArrowRight') {
      if (isShut) setOpen(node, true);
      else if (isOpen) to = at + 1;
    } else if (event.key === 'ArrowLeft') {
      if (isOpen) setOpen(node, false);
      else to = parent;
    } else if (event.key === 'Enter' || event.key === ' ') onSelect(node.keys);
    else if (wantsMenu(event)) onMenu(node.keys, event.target as HTMLElement);
    else return;
    event.preventDefault();
    event.stopPropagation();
    if (to >= 0)
      event.currentTarget.querySelectorAll<HTMLElement>('[role="treeitem"]')[to]?.focus({ preventScroll: false });
  };
  if (rows.length === 0) return <p className={style.empty}>{twin.label}: nothing here yet.</p>;
  return (
    <div role="tree" aria-label={twin.label} className={style.tree} tabIndex={-1} onKeyDown={key}>
      {rows.map(({ node, level, place, of }, i) => {
        const many = node.children.length > 0;
        const folded = node.folded === true || (many && shut.has(node.key));
        return (
          <div
            key={node.key}
            role="treeitem"
            aria-level={level}
            aria-posinset={place}
            aria-setsize={of}
            aria-expanded={many || node.folded !== undefined ? !folded : undefined}
            aria-selected={node.keys.some((k) => selected.has(k))}
            tabIndex={i === at ? 0 : -1}
            className={style.item}
            style={{ paddingInlineStart: `${level * 0.875}rem` }}
            onFocus={() => {
              setFocused(node.key);
              onPoint(node.keys);
            }}
            onBlur={() => onPoint([])}
            onClick={() => onSelect(node.keys)}
            onDoubleClick={() => setOpen(node, folded)}
            onContextMenu={(event) => {
              event.preventDefault();
              onMenu(node.keys, event.currentTarget);
            }}
          >
            <span aria-hidden className={style.fold}>
              {folded ? '▸' : many ? '▾' : ''}
            </span>
            {node.name}
            {node.change ? <mark className={style.change}> {node.change}</mark> : null}
          </div>
        );
      })}
    </div>
  );
}

function Table({ twin, selected, onPoint, onSelect, onMenu }: TwinProps) {
  const [focused, setFocused] = useState<string | null>(null);
  if (twin.kind !== 'table') return null;
  const { rows } = twin;
  const found = rows.findIndex(({ key }) => key === focused);
  const at = found < 0 ? 0 : found;
  const key = (event: KeyboardEvent<HTMLElement>, row: TwinRow) => {
    let to = -1;
    if (event.key === 'ArrowDown') to = Math.min(at + 1, rows.length - 1);
    else if (event.key === 'ArrowUp') to = Math.max(at - 1, 0);
    else if (event.key === 'Home') to = 0;
    else if (event.key === 'End') to = rows.length - 1;
    else if (event.key === 'Enter' || event.key === ' ') onSelect(row.keys);
    else if (wantsMenu(event)) onMenu(row.keys, event.currentTarget);
    else return;
    event.preventDefault();
    event.stopPropagation();
    if (to >= 0)
      event.currentTarget.closest('tbody')?.querySelectorAll<HTMLElement>('tr')[to]?.focus({ preventScroll: false });
  };
  if (rows.length === 0) return <p className={style.empty}>{twin.label}: nothing here yet.</p>;
  return (
    <table className={style.table} aria-label={twin.label}>
      <thead>
        <tr>
          {twin.columns.map((column) => (
            <th key={column} scope="col">
              {column}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row, i) => (
          <tr
            key={row.key}
            tabIndex={i === at ? 0 : -1}
            data-chosen={row.keys.some((k) => selected.has(k)) || undefined}
            onFocus={() => {
              setFocused(row.key);
              onPoint(row.keys);
            }}
            onBlur={() => onPoint([])}
            onClick={() => onSelect(row.keys)}
            onKeyDown={(event) => key(event, row)}
            onContextMenu={(event) => {
              event.preventDefault();
              onMenu(row.keys, event.currentTarget);
            }}
          >
            {row.cells.map((cell, c) =>
              c === 0 ? (
                <th key={twin.columns[c]} scope="row">
                  {cell}
                </th>
              ) : (
                <td key={twin.columns[c]}>
                  {cell}
                  {row.change && c === row.cells.length - 1 ? (
                    <mark className={style.change}> {row.change}</mark>
                  ) : null}
                </td>
              ),
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
