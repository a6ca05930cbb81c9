import { lazy, Suspense, useRef, useState } from 'react';
import { OPERATION_HEADS } from '../operation-heads';
import type { Anchor } from '../parts/anchor';
import button from '../parts/button.module.css';
import style from './palette.module.css';

const Menu = lazy(async () => ({ default: (await import('../parts/Menu')).Menu }));

/** Buttons that add a line after the current moment; each opens its form beside the column, so that the scenario stays in sight. */
export function Palette({ open, onOpen }: { open: string; onOpen: (name: string, beside: Anchor) => void }) {
  const group = useRef<HTMLDivElement>(null);
  const [more, setMore] = useState<Anchor | null>(null);
  const show = (name: string) => onOpen(name, group.current!.getBoundingClientRect());
  return (
    <div ref={group} className={style.palette} role="group" aria-label="Add an operation">
      {OPERATION_HEADS.filter(({ main }) => main).map(({ name, says }) => (
        <button
          key={name}
          type="button"
          className={`${button.button} ${button.mono}`}
          aria-haspopup="dialog"
          aria-expanded={open === name}
          title={says}
          onClick={() => show(name)}
        >
          {name}
        </button>
      ))}
      <button
        type="button"
        className={button.button}
        aria-haspopup="menu"
        onClick={(event) => setMore(event.currentTarget.getBoundingClientRect())}
      >
        more …
      </button>
      {more ? (
        <Suspense fallback={null}>
          <Menu
            anchor={more}
            label="More operations"
            items={OPERATION_HEADS.filter(({ main }) => !main).map(({ name }) => ({
              label: name,
              run: () => show(name),
            }))}
            onClose={() => setMore(null)}
          />
        </Suspense>
      ) : null}
    </div>
  );
}
