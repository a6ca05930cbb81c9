/**
 * Everything that the page draws of one moment, as plain data: bounded, structured-cloneable, without methods.
 *
 * Addresses are byte addresses as numbers, ranges half-open, sizes in bytes unless a name says pages. Identities (`id`,
 * `pfn`, `who`) are the machine's and hold for life: key joins by `ref`. What changed is told since the step before, at the
 * grain of the moment: the operation before, or inside an operation the event before.
 */
import type { Ref } from './picture/basics';
import type { Inspection } from './picture/inspection';
import type { FramesPicture, FramesRequest, PoolPicture, PoolRequest } from './picture/memory';
import type { Moment } from './picture/moment';
import type { PathPicture, PathRequest, ProcPicture, ProcRequest } from './picture/path';
import type { AreasPicture, AreasRequest, HeatPicture, HeatRequest } from './picture/space';
import type { TreePicture, TreeRequest } from './picture/tables';
import type { Timeline, TimelineRequest } from './picture/time';
import type { WallPicture, WallRequest } from './picture/wall';

export type * from './picture/basics';
export type * from './picture/moment';
export type * from './picture/phases';
export type * from './picture/space';
export type * from './picture/tables';
export type * from './picture/memory';
export type * from './picture/path';
export type * from './picture/inspection';
export type * from './picture/time';
export type * from './picture/wall';

/** Everything that is drawn of one moment, as asked for. */
export interface Pictures {
  readonly moment: Moment;
  readonly areas?: AreasPicture;
  readonly tree?: TreePicture;
  readonly heat?: HeatPicture;
  readonly pool?: PoolPicture;
  readonly frames?: FramesPicture;
  readonly wall?: WallPicture;
  readonly path?: PathPicture;
  readonly proc?: ProcPicture;
  readonly inspection?: Inspection;
  readonly timeline?: Timeline;
}

/** Which pictures of a moment are wanted, and how much of each. */
export interface PicturesRequest {
  readonly areas?: AreasRequest;
  readonly tree?: TreeRequest;
  readonly heat?: HeatRequest;
  readonly pool?: PoolRequest;
  readonly frames?: FramesRequest;
  readonly wall?: WallRequest;
  readonly path?: PathRequest;
  readonly proc?: ProcRequest;
  readonly inspect?: Ref;
  readonly timeline?: TimelineRequest;
}
