import { useId, type ReactNode } from 'react';
import { Guarded } from './Guarded';
import style from './pane.module.css';

/** A titled pane: what it is in a heading, what it shows in a sentence. */
export function Pane({
  title,
  name,
  says,
  tools,
  className,
  fill,
  children,
}: {
  /** May hold a choice: what the pane is about is chosen in its heading. */
  title: ReactNode;
  /** The title in words, where it holds more than words. */
  name?: string;
  says?: ReactNode;
  /** Buttons at the right of the heading. */
  tools?: ReactNode;
  className?: string;
  /** The body takes the height that is left and scrolls by itself. */
  fill?: boolean;
  children: ReactNode;
}) {
  const id = useId();
  return (
    <section aria-labelledby={id} className={[style.pane, fill ? style.fill : '', className ?? ''].join(' ')}>
      <header className={style.head}>
        <h2 id={id}>{title}</h2>
        {tools ? <div className={style.tools}>{tools}</div> : null}
      </header>
      {says ? <p className={style.says}>{says}</p> : null}
      <div className={style.body}>
        <Guarded what={name ?? (typeof title === 'string' ? title : 'This pane')}>{children}</Guarded>
      </div>
    </section>
  );
}
