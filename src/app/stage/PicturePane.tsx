import { List, Shapes } from 'lucide-react';
import { lazy, Suspense, useState, type ReactNode } from 'react';
import type { ViewHandlers } from '../../views/view';
import { Pane } from '../parts/Pane';
import { PictureHost, type Lit, type MakeView } from '../parts/PictureHost';
import button from '../parts/button.module.css';
import { useUi } from '../ui';
import type { LoadTwin } from './AsText';
import style from './picture-pane.module.css';

const AsText = lazy(async () => ({ default: (await import('./AsText')).AsText })) as <P>(props: {
  twin: LoadTwin<P>;
  picture: P;
  lit: Lit;
  handlers: ViewHandlers;
}) => ReactNode;

/** A picture with its title and its sentence; the same content as text takes its place when asked for. */
export function PicturePane<P>({
  title,
  heading = title,
  says,
  tools,
  make,
  twin,
  picture,
  lit,
  duration,
  handlers,
  empty,
}: {
  title: string;
  /** The title with a choice in it. */
  heading?: ReactNode;
  says?: ReactNode;
  tools?: ReactNode;
  make: MakeView<P>;
  twin: LoadTwin<P>;
  picture: P | undefined;
  lit: Lit;
  duration: number;
  handlers: ViewHandlers;
  /** Shown while there is no picture. */
  empty: string;
}) {
  const twins = useUi((ui) => ui.twins);
  const [own, setOwn] = useState<{ all: boolean; here: boolean } | null>(null);
  const asText = own !== null && own.all === twins ? own.here : twins;
  return (
    <Pane
      title={heading}
      name={title}
      says={says}
      fill
      tools={
        <>
          {tools}
          <button
            type="button"
            className={`${button.button} ${button.plain} ${button.icon}`}
            aria-pressed={asText}
            aria-label={`As text: ${title}`}
            title="As text (t for all pictures)"
            onClick={() => setOwn({ all: twins, here: !asText })}
          >
            {asText ? <Shapes size="1em" aria-hidden /> : <List size="1em" aria-hidden />}
          </button>
        </>
      }
    >
      {picture === undefined ? (
        <p className={style.empty}>{empty}</p>
      ) : asText ? (
        <Suspense fallback={null}>
          <AsText twin={twin} picture={picture} lit={lit} handlers={handlers} />
        </Suspense>
      ) : (
        <PictureHost label={title} make={make} picture={picture} lit={lit} duration={duration} handlers={handlers} />
      )}
    </Pane>
  );
}
