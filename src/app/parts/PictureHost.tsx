import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { reveal } from '../../views/reveal';
import type { View, ViewContext, ViewHandlers } from '../../views/view';
import { useUi } from '../ui';
import style from './picture.module.css';

/** Makes a view around an element. */
export type MakeView<P> = (element: HTMLElement, handlers: ViewHandlers) => View<P>;

/** What is lit in every picture. */
export type Lit = Pick<ViewContext, 'hovered' | 'selected' | 'fellows' | 'broken'>;

/** The element that a d3 view owns: tells it the picture, the size of the pane, and what is lit. */
export function PictureHost<P>({
  label,
  make,
  picture,
  lit,
  duration,
  handlers,
}: {
  label: string;
  make: MakeView<P>;
  picture: P;
  lit: Lit;
  /** Milliseconds of motion for the next change of the picture. */
  duration: number;
  handlers: ViewHandlers;
}) {
  const frame = useRef<HTMLDivElement>(null);
  // What scrolls must be reachable by keyboard.
  const [scrolls, setScrolls] = useState(false);
  const element = useRef<HTMLDivElement>(null);
  const view = useRef<ReturnType<MakeView<P>>>(null);
  const size = useRef({ width: 0, height: 0 });
  const latest = useRef({ picture, lit, duration, handlers });

  const draw = useRef((moved: number) => {
    const { width, height } = size.current;
    if (view.current === null || width === 0) return;
    const scale = parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
    view.current.update(latest.current.picture, { width, height, scale, duration: moved, ...latest.current.lit });
  });

  useEffect(() => {
    const pane = frame.current!;
    const pass = () => latest.current.handlers;
    const made = make(element.current!, {
      point: (keys) => pass().point(keys),
      select: (...said) => pass().select(...said),
      menu: (...said) => pass().menu(...said),
      toggle: (key, open) => pass().toggle(key, open),
      focus: (start, end) => pass().focus?.(start, end),
    });
    view.current = made;
    const observer = new ResizeObserver(() => {
      setScrolls(pane.scrollHeight > pane.clientHeight + 1 || pane.scrollWidth > pane.clientWidth + 1);
      const box = { width: Math.floor(pane.clientWidth), height: Math.floor(pane.clientHeight) };
      if (box.width === size.current.width && box.height === size.current.height) return;
      size.current = box;
      draw.current(0);
    });
    observer.observe(pane);
    observer.observe(element.current!);
    return () => {
      observer.disconnect();
      made.destroy();
      view.current = null;
      size.current = { width: 0, height: 0 };
    };
  }, [make]);

  // A card that comes over the foot of the pane must not hide what this step changed.
  const covered = useUi((ui) => ui.covered);
  useEffect(() => {
    const picture = element.current?.firstElementChild;
    if (covered > 0 && picture) reveal(picture, view.current?.changed?.() ?? [], false);
  }, [covered]);

  const fits = useUi((ui) => ui.fits);
  useEffect(() => view.current?.fit?.(), [fits]);

  useLayoutEffect(() => {
    const before = latest.current;
    latest.current = { picture, lit, duration, handlers };
    if (before.picture !== picture) draw.current(duration);
    else if (before.lit !== lit) draw.current(0);
  });

  return (
    <div
      ref={frame}
      className={style.frame}
      {...(scrolls ? { tabIndex: 0, role: 'group', 'aria-label': `${label}, as a picture` } : {})}
    >
      <div ref={element} className={style.host} />
    </div>
  );
}
