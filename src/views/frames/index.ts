/** Physical memory, and who shares it. */
import type { FramesPicture } from '../../history/picture';
import { sceneView, type Room } from '../scene-view';
import type { View, ViewHandlers } from '../view';
import { layoutFrames } from './layout';

export function create(element: HTMLElement, handlers: ViewHandlers): View<FramesPicture> {
  let last: { room: Room; density: number } | null = null;
  return sceneView(element, handlers, 'frames', (picture, room) => {
    const same = last !== null && last.room.width === room.width && last.room.height === room.height;
    const scene = layoutFrames(picture, room, same ? last!.density : 0);
    last = { room, density: scene.density };
    return scene;
  });
}
