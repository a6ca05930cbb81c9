/** Every picture that is asked for, of one scene. */
import type { AreasPicture, Moment, Pictures, PicturesRequest, PoolPicture, Refusal, Timeline } from '../picture';
import type { Scene } from '../run';
import { areasPicture } from './areas';
import { framesPicture } from './frames';
import { heatPicture } from './heat';
import { inspect } from './inspect';
import { momentOf, type MomentContext } from './moment';
import { pathPicture } from './path';
import { poolPicture } from './pool';
import { procPicture } from './proc';
import { timelineOf } from './timeline';
import { treePicture } from './tree';
import { wallPicture } from './wall';

export interface PicturesContext extends MomentContext {
  readonly branches: Timeline['branches'];
}

export function picturesOf(scene: Scene, ask: PicturesRequest, context: PicturesContext): Pictures {
  const moment = momentOf(scene, context);
  const refusal = moment.event === null ? moment.phases.find(({ refused }) => refused !== null)?.refused : undefined;
  return {
    moment,
    ...(ask.areas === undefined ? {} : { areas: withGhost(areasPicture(scene, ask.areas), moment, refusal?.place) }),
    ...(ask.tree === undefined ? {} : { tree: treePicture(scene, ask.tree) }),
    ...(ask.heat === undefined ? {} : { heat: heatPicture(scene, ask.heat) }),
    ...(ask.pool === undefined ? {} : { pool: withRefusal(poolPicture(scene, ask.pool), refusal) }),
    ...(ask.frames === undefined ? {} : { frames: framesPicture(scene, ask.frames) }),
    ...(ask.wall === undefined ? {} : { wall: wallPicture(scene, ask.wall) }),
    ...(ask.path === undefined ? {} : { path: pathPicture(scene, ask.path) }),
    ...(ask.proc === undefined ? {} : { proc: procPicture(scene, ask.proc) }),
    ...(ask.inspect === undefined ? {} : { inspection: inspect(scene, ask.inspect) }),
    ...(ask.timeline === undefined ? {} : { timeline: timelineOf(scene.run, ask.timeline, context.branches) }),
  };
}

/** With the area that was asked for and not made, in the space of the process that asked. */
function withGhost(picture: AreasPicture, { statement }: Moment, place: Refusal['place'] | undefined): AreasPicture {
  if (place == null || statement === null || statement.who !== picture.who) return picture;
  const name = /^(?:\w+: )?(\w+) = /.exec(statement.text)?.[1] ?? '';
  return { ...picture, ghost: { ...place, name } };
}

function withRefusal(picture: PoolPicture, refusal: Refusal | null | undefined): PoolPicture {
  if (refusal == null || refusal.of !== 'pool') return picture;
  const { wanted, has, says } = refusal;
  return { ...picture, refused: { wanted, has, says } };
}
