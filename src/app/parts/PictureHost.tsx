import { useEffect, useLayoutEffect, useRef } from 'react';
import type { View, ViewContext, ViewHandlers } from '../../views/view';
import { useLight } from '../light';
import style from './picture.module.css';

/** Makes a view around an element. */
export type MakeView<P> = (element: HTMLElement, handlers: ViewHandlers) => View<P>;

/**
 * The element that a d3 view owns: tells it the picture, the size of the pane and what is lit. What is drawn here has a
 * text twin, so a screen reader passes by.
 */
export function PictureHost<P>({
  make,
  picture,
  duration,
  handlers,
}: {
  make: MakeView<P>;
  picture: P;
  /** Milliseconds of motion for the next change of the picture. */
  duration: number;
  handlers: ViewHandlers;
}) {
  const element = useRef<HTMLDivElement>(null);
  const view = useRef<View<P>>(null);
  const latest = useRef({ picture, handlers, duration });
  const size = useRef({ width: 0, height: 0 });

  const draw = useRef((moved: number) => {
    const { width, height } = size.current;
    if (view.current === null || width === 0) return;
    const { hovered, selected } = useLight.getState();
    const scale = parseFloat(getComputedStyle(document.documentElement).fontSize) / 16;
    const context: ViewContext = { width, height, duration: moved, scale, hovered, selected };
    view.current.update(latest.current.picture, context);
  });

  useEffect(() => {
    const host = element.current!;
    const pass = (): ViewHandlers => latest.current.handlers;
    const made = make(host, {
      point: (keys) => pass().point(keys),
      select: (keys, add) => pass().select(keys, add),
      menu: (keys, x, y) => pass().menu(keys, x, y),
      toggle: (key, open) => pass().toggle(key, open),
    });
    view.current = made;
    const observer = new ResizeObserver(() => {
      const pane = host.parentElement!;
      const box = { width: Math.floor(pane.clientWidth), height: Math.floor(pane.clientHeight) };
      if (box.width === size.current.width && box.height === size.current.height) return;
      size.current = box;
      draw.current(0);
    });
    observer.observe(host.parentElement!);
    const off = useLight.subscribe(() => draw.current(0));
    return () => {
      off();
      observer.disconnect();
      made.destroy();
      view.current = null;
      size.current = { width: 0, height: 0 };
    };
  }, [make]);

  useLayoutEffect(() => {
    const changed = latest.current.picture !== picture;
    latest.current = { picture, handlers, duration };
    if (changed) draw.current(duration);
  });

  return (
    <div className={style.frame}>
      <div ref={element} className={style.host} aria-hidden />
    </div>
  );
}
