import { type KeyboardEvent } from 'react';
import { Popover, type Anchor } from './Popover';
import style from './menu.module.css';

export interface MenuItem {
  readonly label: string;
  /** What it would write, or a key: shown in grey. */
  readonly hint?: string;
  /** A line above it. */
  readonly apart?: boolean;
  readonly checked?: boolean;
  readonly run: () => void;
}

/** A menu at its anchor: arrows move, letters jump, Enter chooses. */
export function Menu({
  anchor,
  label,
  items,
  onClose,
}: {
  anchor: Anchor;
  label: string;
  items: readonly MenuItem[];
  onClose: () => void;
}) {
  const move = (event: KeyboardEvent<HTMLDivElement>) => {
    const all = [...event.currentTarget.querySelectorAll<HTMLElement>('[role^="menuitem"]')];
    const at = all.indexOf(document.activeElement as HTMLElement);
    const to =
      event.key === 'ArrowDown'
        ? (at + 1) % all.length
        : event.key === 'ArrowUp'
          ? (at - 1 + all.length) % all.length
          : event.key === 'Home'
            ? 0
            : event.key === 'End'
              ? all.length - 1
              : event.key.length === 1
                ? all.findIndex((item, i) => i > at && item.textContent.toLowerCase().startsWith(event.key))
                : -1;
    if (to < 0) return;
    event.preventDefault();
    event.stopPropagation();
    all[to].focus();
  };
  return (
    <Popover anchor={anchor} label={label} role="none" onClose={onClose}>
      <div role="menu" aria-label={label} className={style.menu} tabIndex={-1} onKeyDown={move}>
        {items.map((item) => (
          <button
            key={item.label}
            type="button"
            role={item.checked === undefined ? 'menuitem' : 'menuitemradio'}
            aria-checked={item.checked}
            className={item.apart ? `${style.item} ${style.apart}` : style.item}
            tabIndex={-1}
            onClick={() => {
              onClose();
              item.run();
            }}
          >
            <span>
              {item.checked === undefined ? null : <span aria-hidden>{item.checked ? '✓ ' : '  '}</span>}
              {item.label}
            </span>
            {item.hint ? <code className={style.hint}>{item.hint}</code> : null}
          </button>
        ))}
      </div>
    </Popover>
  );
}
