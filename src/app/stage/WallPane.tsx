import { X } from 'lucide-react';
import type { Pictures, WallPicture } from '../../history/picture';
import { create } from '../../views/wall';
import button from '../parts/button.module.css';
import { useActions } from '../session';
import { useWall } from '../wall';
import { PicturePane } from './PicturePane';
import { useDuration, useHandlers, useLit } from './use-pictures';
import style from './panes.module.css';

const twin = async () => (await import('../../views/wall/twin')).twinOfWall;

/** Two processes at once, in the place of the pictures of one. */
export function WallPane({ pictures }: { pictures: Pictures }) {
  const session = useActions();
  const { close, choose } = useWall(session);
  const wall = pictures.wall!;
  const { processes } = pictures.moment;
  const choice = (side: 'left' | 'right') => (
    <span className={style.choice}>
      <select
        className={style.process}
        aria-label={wall[side].name}
        title={`Which process stands at the ${side}`}
        value={wall[side].who}
        onChange={(event) => choose(side, Number(event.target.value))}
      >
        {processes.map(({ who, name }) => (
          <option key={who} value={who}>
            {name}
          </option>
        ))}
      </select>
    </span>
  );
  return (
    <PicturePane<WallPicture>
      title={`The memory of ${wall.left.name} and ${wall.right.name}`}
      heading={
        <>
          The memory of {choice('left')} and {choice('right')}
        </>
      }
      says="Leaf tables of both, and the frames between them. The number on a frame is how many entries point to it."
      tools={
        <button
          type="button"
          className={`${button.button} ${button.plain} ${button.icon}`}
          aria-label="Close the wall"
          title="Close the wall (w)"
          onClick={close}
        >
          <X size="1em" aria-hidden />
        </button>
      }
      make={create}
      twin={twin}
      picture={wall}
      lit={useLit()}
      duration={useDuration()}
      handlers={useHandlers()}
      empty=""
    />
  );
}
