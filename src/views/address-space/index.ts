/** What may be touched: the areas of one process. */
import type { AreasPicture } from '../../history/picture';
import { sceneView } from '../scene-view';
import type { View, ViewHandlers } from '../view';
import { layoutAddressSpace, type Rows } from './layout';

export { twinOfAddressSpace } from './twin';

export function create(element: HTMLElement, handlers: ViewHandlers): View<AreasPicture> {
  let rows: Rows = new Map();
  return sceneView(element, handlers, 'address-space', (picture, context) => {
    const laid = layoutAddressSpace(picture, context, rows);
    rows = laid.rows;
    return laid.scene;
  });
}
