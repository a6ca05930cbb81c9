/** Huge pages set aside: free, promised, in use. */
import type { PoolPicture } from '../../history/picture';
import type { Places } from '../places';
import { sceneView } from '../scene-view';
import type { View, ViewHandlers } from '../view';
import { layoutPool } from './layout';

export function create(element: HTMLElement, handlers: ViewHandlers): View<PoolPicture> {
  let places: Places = new Map();
  return sceneView(element, handlers, 'pool', (picture, context) => {
    const laid = layoutPool(picture, context, places);
    places = laid.places;
    return laid.scene;
  });
}
