/** What may be touched: the areas of one process. */
import type { AreasPicture } from '../../history/picture';
import { sceneView } from '../scene-view';
import type { View, ViewHandlers } from '../view';
import { layoutAddressSpace, type AddressMemory } from './layout';

export function create(element: HTMLElement, handlers: ViewHandlers): View<AreasPicture> {
  let memory: AddressMemory | null = null;
  return sceneView(element, handlers, 'address-space', (picture, context) => {
    const laid = layoutAddressSpace(picture, context, memory);
    memory = laid.memory;
    return laid.scene;
  });
}
