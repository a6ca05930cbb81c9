import { X } from 'lucide-react';
import { useEffect, useId, useRef, type ReactNode } from 'react';
import style from './dialog.module.css';

/** A modal dialog of the browser's own: it is open as long as it is mounted, Escape and a click outside close it. */
export function Dialog({
  title,
  onClose,
  wide,
  children,
}: {
  title: string;
  onClose: () => void;
  wide?: boolean;
  children: ReactNode;
}) {
  const element = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const dialog = element.current!;
    const before = document.activeElement;
    dialog.showModal();
    dialog.querySelector<HTMLElement>('[data-first]')?.focus();
    return () => {
      dialog.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={element}
      className={wide ? `${style.dialog} ${style.wide}` : style.dialog}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onMouseDown={(event) => {
        if (event.target === element.current) onClose();
      }}
    >
      <div className={style.inside}>
        <header className={style.head}>
          <h2 id={id}>{title}</h2>
          <button type="button" className={style.close} aria-label="Close" onClick={onClose}>
            <X size="1.125em" aria-hidden />
          </button>
        </header>
        {children}
      </div>
    </dialog>
  );
}
