/** Huge pages set aside: free, promised, in use. */
import type { PoolPicture } from '../../history/picture';
import { sceneView } from '../scene-view';
import type { View, ViewHandlers } from '../view';
import { layoutPool } from './layout';

export function create(element: HTMLElement, handlers: ViewHandlers): View<PoolPicture> {
  return sceneView(element, handlers, 'pool', (picture, context) => layoutPool(picture, context));
}
