import { useEffect, useLayoutEffect, useRef, type ReactNode } from 'react';
import type { Anchor } from './anchor';
import style from './popover.module.css';

export { pointAnchor, type Anchor } from './anchor';

/**
 * A native popover beside its anchor, within the viewport; open as long as it is mounted. Escape and a click elsewhere
 * close it, and the focus returns to where it was.
 */
export function Popover({
  anchor,
  label,
  role = 'dialog',
  beside = false,
  onClose,
  children,
}: {
  anchor: Anchor;
  label: string;
  role?: 'dialog' | 'menu' | 'none';
  /** To the right of the anchor instead of below it. */
  beside?: boolean;
  onClose: () => void;
  children: ReactNode;
}) {
  const element = useRef<HTMLDivElement>(null);
  const close = useRef(onClose);
  useEffect(() => {
    close.current = onClose;
  });
  useLayoutEffect(() => {
    const box = element.current!;
    const before = document.activeElement;
    box.showPopover();
    const first = box.querySelector<HTMLElement>('[data-first], input, select, textarea, button, [tabindex="0"]');
    first?.focus({ preventScroll: true });
    const toggled = (event: Event) => {
      if ((event as ToggleEvent).newState === 'closed') close.current();
    };
    box.addEventListener('toggle', toggled);
    return () => {
      box.removeEventListener('toggle', toggled);
      const inside = box.contains(document.activeElement) || document.activeElement === document.body;
      if (box.matches(':popover-open')) box.hidePopover();
      if (inside && before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, []);
  const { left, top, right, bottom } = anchor;
  useLayoutEffect(() => {
    const box = element.current!;
    const { width, height } = box.getBoundingClientRect();
    const gap = 6;
    const edge = 8;
    const x = beside ? right + gap : left;
    const y = beside ? top : bottom + gap;
    const flippedY = !beside && y + height > innerHeight - edge && top - gap - height >= edge ? top - gap - height : y;
    box.style.left = `${Math.max(edge, Math.min(x, innerWidth - width - edge))}px`;
    box.style.top = `${Math.max(edge, Math.min(flippedY, innerHeight - height - edge))}px`;
  });
  return (
    <div
      ref={element}
      className={style.popover}
      popover="auto"
      role={role === 'none' ? undefined : role}
      aria-label={role === 'none' ? undefined : label}
    >
      {children}
    </div>
  );
}
