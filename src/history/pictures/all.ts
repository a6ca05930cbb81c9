/** Every picture that is asked for, of one scene. */
import type { Pictures, PicturesRequest, Timeline } from '../picture';
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
  return {
    moment: momentOf(scene, context),
    ...(ask.areas === undefined ? {} : { areas: areasPicture(scene, ask.areas) }),
    ...(ask.tree === undefined ? {} : { tree: treePicture(scene, ask.tree) }),
    ...(ask.heat === undefined ? {} : { heat: heatPicture(scene, ask.heat) }),
    ...(ask.pool === undefined ? {} : { pool: poolPicture(scene, ask.pool) }),
    ...(ask.frames === undefined ? {} : { frames: framesPicture(scene, ask.frames) }),
    ...(ask.wall === undefined ? {} : { wall: wallPicture(scene, ask.wall) }),
    ...(ask.path === undefined ? {} : { path: pathPicture(scene, ask.path) }),
    ...(ask.proc === undefined ? {} : { proc: procPicture(scene, ask.proc) }),
    ...(ask.inspect === undefined ? {} : { inspection: inspect(scene, ask.inspect) }),
    ...(ask.timeline === undefined ? {} : { timeline: timelineOf(scene.run, ask.timeline, context.branches) }),
  };
}
