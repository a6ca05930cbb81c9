import { useEffect, useRef, useState, type KeyboardEvent } from 'react';
import type { PathPicture, PathStep, Ref } from '../../history/picture';
import style from './path.module.css';

interface Shown {
  step: PathStep;
  at: number;
}

/** Steps that are not inside a folded routine. */
function unfolded(steps: readonly PathStep[], shut: ReadonlySet<number>): Shown[] {
  const shown: Shown[] = [];
  let hiddenTo = -1;
  steps.forEach((step, at) => {
    if (step.index <= hiddenTo) return;
    shown.push({ step, at });
    if (shut.has(step.index)) hiddenTo = step.last;
  });
  return shown;
}

/** What the kernel did in this operation: its routines as a tree, and where it had to ask what kind of mapping this is. */
export function PathPanel({
  path,
  label,
  onGo,
  onPoint,
}: {
  path: PathPicture | undefined;
  label: string;
  /** Goes to the moment after this event. */
  onGo: (event: number) => void;
  onPoint: (refs: readonly Ref[]) => void;
}) {
  const [shut, setShut] = useState<ReadonlySet<number>>(new Set());
  const [focused, setFocused] = useState(-1);
  const tree = useRef<HTMLDivElement>(null);
  const current = path?.current ?? -1;
  useEffect(() => {
    const now = tree.current?.querySelector<HTMLElement>('[data-now]');
    const box = tree.current?.parentElement;
    if (!now || !box) return;
    const over = now.offsetTop + now.offsetHeight + 24 - (box.scrollTop + box.clientHeight);
    if (over > 0) box.scrollTop += over;
    else if (now.offsetTop - 24 < box.scrollTop) box.scrollTop = Math.max(0, now.offsetTop - 24);
  }, [current, path]);
  if (!path || path.steps.length === 0)
    return (
      <p className={style.empty}>
        No operation has run yet. Step on with → and every routine that the kernel enters stands here.
      </p>
    );
  const rows = unfolded(path.steps, shut);
  const found = rows.findIndex(({ step }) => step.index === focused);
  const at =
    found >= 0
      ? found
      : Math.max(
          0,
          rows.findIndex(({ at: place }) => place === current),
        );
  const fold = (index: number, close: boolean) =>
    setShut((before) => {
      const after = new Set(before);
      if (close) after.add(index);
      else after.delete(index);
      return after;
    });
  const key = (event: KeyboardEvent<HTMLDivElement>) => {
    const { step } = rows[at];
    const canFold = step.last > step.index;
    let to = -1;
    if (event.key === 'ArrowDown') to = Math.min(at + 1, rows.length - 1);
    else if (event.key === 'ArrowUp') to = Math.max(at - 1, 0);
    else if (event.key === 'Home') to = 0;
    else if (event.key === 'End') to = rows.length - 1;
    else if (event.key === 'ArrowLeft') {
      if (canFold && !shut.has(step.index)) fold(step.index, true);
      else to = rows.findLastIndex((row, i) => i < at && row.step.depth < step.depth);
    } else if (event.key === 'ArrowRight') {
      if (shut.has(step.index)) fold(step.index, false);
      else if (canFold) to = at + 1;
    } else if (event.key === 'Enter' || event.key === ' ') onGo(step.index + 1);
    else return;
    event.preventDefault();
    event.stopPropagation();
    if (to >= 0) event.currentTarget.querySelectorAll<HTMLElement>('[role="treeitem"]')[to]?.focus();
  };
  return (
    <div role="tree" aria-label={label} className={style.path} ref={tree} tabIndex={-1} onKeyDown={key}>
      {rows.map(({ step, at: place }, i) => {
        const canFold = step.last > step.index;
        const isShut = shut.has(step.index);
        return (
          <div
            key={step.index}
            role="treeitem"
            aria-level={step.depth + 1}
            aria-expanded={canFold ? !isShut : undefined}
            aria-selected={place === current}
            tabIndex={i === at ? 0 : -1}
            className={style.step}
            data-kind={step.kind}
            data-now={place === current || undefined}
            data-ahead={current >= 0 && place > current ? true : undefined}
            style={{ paddingInlineStart: `${1.25 + step.depth * 0.875}rem` }}
            title={step.where || undefined}
            onClick={() => onGo(step.index + 1)}
            onFocus={() => {
              setFocused(step.index);
              onPoint(step.refs);
            }}
            onBlur={() => onPoint([])}
            onPointerEnter={() => onPoint(step.refs)}
            onPointerLeave={() => onPoint([])}
          >
            {canFold ? (
              <span
                aria-hidden
                className={style.fold}
                onClick={(event) => {
                  event.stopPropagation();
                  fold(step.index, !isShut);
                }}
              >
                {isShut ? '▸' : '▾'}
              </span>
            ) : null}
            <code>{step.code}</code>
            {step.note ? (
              <span className={style.note} data-slot={step.slot > 0 && step.kind !== 'ask' ? step.slot : undefined}>
                {step.note}
              </span>
            ) : null}
          </div>
        );
      })}
      {path.left > 0 ? <p className={style.empty}>and {path.left} more of the same</p> : null}
    </div>
  );
}
