import { useEffect, useState } from 'react';
import type { Twin as TwinData } from '../../views/twin';
import type { ViewHandlers } from '../../views/view';
import type { Lit } from '../parts/PictureHost';
import { Twin } from '../parts/Twin';
import style from './picture-pane.module.css';

/** Loads what tells a picture as text. */
export type LoadTwin<P> = () => Promise<(picture: P) => TwinData>;

/** A picture as text, in the place of the picture. */
export function AsText<P>({
  twin,
  picture,
  lit,
  handlers,
}: {
  twin: LoadTwin<P>;
  picture: P;
  lit: Lit;
  handlers: ViewHandlers;
}) {
  const [twinOf, setTwinOf] = useState<((picture: P) => TwinData) | null>(null);
  useEffect(() => {
    let wanted = true;
    void twin().then((tell) => {
      if (wanted) setTwinOf(() => tell);
    });
    return () => {
      wanted = false;
    };
  }, [twin]);
  if (twinOf === null) return null;
  return (
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
  );
}
