import { useRef, type KeyboardEvent, type PointerEvent } from 'react';
import { useUi, type Sizes } from '../ui';
import style from './stage.module.css';

const rem = () => parseFloat(getComputedStyle(document.documentElement).fontSize);

/** The edge between two panes: drag it, or move it with the arrows; a double click gives the size back to the stylesheet. */
export function Splitter({
  size,
  label,
  edge,
  className,
}: {
  size: keyof Sizes;
  label: string;
  /** Side of the sized pane at which the splitter stands. */
  edge: 'right' | 'left' | 'top';
  className: string;
}) {
  const element = useRef<HTMLDivElement>(null);
  const sizes = useUi((ui) => ui.sizes);
  const set = useUi((ui) => ui.set);
  const upright = edge !== 'top';
  const from = useRef<{ at: number; size: number } | null>(null);

  /** Size of the pane now, in rem. */
  const now = (): number => {
    const pane = element.current!.parentElement!.querySelector<HTMLElement>(`[data-size="${size}"]`);
    const box = pane?.getBoundingClientRect();
    return box ? (upright ? box.width : box.height) / rem() : 0;
  };
  const change = (wanted: number) => {
    const most = ((upright ? innerWidth : innerHeight) / rem()) * (upright ? 0.45 : 0.7);
    const least = upright ? 11 : 6;
    set({
      sizes: { ...useUi.getState().sizes, [size]: Math.round(Math.max(least, Math.min(most, wanted)) * 100) / 100 },
    });
  };
  const sign = edge === 'right' ? 1 : -1;
  const key = (event: KeyboardEvent) => {
    const grow = upright ? { ArrowRight: sign, ArrowLeft: -sign } : { ArrowUp: 1, ArrowDown: -1 };
    const step = grow[event.key as keyof typeof grow] as number | undefined;
    if (event.key === 'Enter') set({ sizes: { ...sizes, [size]: null } });
    else if (step) change(now() + step * (event.shiftKey ? 4 : 1));
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const at = (event: PointerEvent) => (upright ? event.clientX : event.clientY);
  return (
    <div
      ref={element}
      role="separator"
      tabIndex={0}
      aria-label={label}
      aria-orientation={upright ? 'vertical' : 'horizontal'}
      aria-valuenow={sizes[size] === null ? 50 : Math.round(sizes[size])}
      aria-valuemin={upright ? 11 : 6}
      aria-valuemax={100}
      className={`${style.splitter} ${upright ? style.upright : style.level} ${className}`}
      onKeyDown={key}
      onDoubleClick={() => set({ sizes: { ...sizes, [size]: null } })}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        from.current = { at: at(event), size: now() };
      }}
      onPointerMove={(event) => {
        if (from.current === null) return;
        const moved = (at(event) - from.current.at) / rem();
        change(from.current.size + (edge === 'right' ? moved : -moved));
      }}
      onPointerUp={() => {
        from.current = null;
      }}
    />
  );
}
