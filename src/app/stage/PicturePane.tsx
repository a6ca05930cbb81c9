import { List, Shapes } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import type { Twin as TwinData } from '../../views/twin';
import type { ViewHandlers } from '../../views/view';
import { Pane } from '../parts/Pane';
import { PictureHost, type Lit, type MakeView } from '../parts/PictureHost';
import { Twin } from '../parts/Twin';
import button from '../parts/button.module.css';
import { useUi } from '../ui';
import style from './picture-pane.module.css';

/** A picture with its title and its sentence; the same content as text takes its place when asked for. */
export function PicturePane<P>({
  title,
  beside,
  says,
  tools,
  make,
  twinOf,
  picture,
  lit,
  duration,
  handlers,
  empty,
}: {
  title: string;
  /** Stands behind the title in its line. */
  beside?: ReactNode;
  says: ReactNode;
  tools?: ReactNode;
  make: MakeView<P>;
  twinOf: (picture: P) => TwinData;
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
      title={title}
      beside={beside}
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
        <div className={style.twin}>
          <Twin
            twin={twinOf(picture)}
            selected={lit.selected}
            onPoint={(keys) => handlers.point(keys)}
            onSelect={(keys) => handlers.select(keys, false)}
            onToggle={(key, open) => handlers.toggle(key, open)}
            onMenu={(keys, element) => {
              const box = element.getBoundingClientRect();
              handlers.menu(keys, box.left + 16, box.bottom);
            }}
          />
        </div>
      ) : (
        <PictureHost label={title} make={make} picture={picture} lit={lit} duration={duration} handlers={handlers} />
      )}
    </Pane>
  );
}
