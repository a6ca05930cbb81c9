import { useId, type ReactNode } from 'react';
import { Guarded } from './Guarded';
import style from './pane.module.css';

/** A titled pane: what it is in a heading, what it shows in a sentence. */
export function Pane({
  title,
  beside,
  says,
  tools,
  className,
  fill,
  children,
}: {
  title: ReactNode;
  /** Stands behind the title, without being part of the heading. */
  beside?: ReactNode;
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
        {beside}
        {tools ? <div className={style.tools}>{tools}</div> : null}
      </header>
      {says ? <p className={style.says}>{says}</p> : null}
      <div className={style.body}>
        <Guarded what={typeof title === 'string' ? title : 'This pane'}>{children}</Guarded>
      </div>
    </section>
  );
}
