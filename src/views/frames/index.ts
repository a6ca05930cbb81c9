/** Physical memory, and who shares it. */
import type { FramesPicture } from '../../history/picture';
import { sceneView } from '../scene-view';
import type { View, ViewHandlers } from '../view';
import { layoutFrames } from './layout';

export function create(element: HTMLElement, handlers: ViewHandlers): View<FramesPicture> {
  return sceneView(element, handlers, 'frames', layoutFrames);
}
