/** Figures of several designs beside one another. */
import { sceneView } from '../scene-view';
import type { View, ViewHandlers } from '../view';
import { layoutChart, type ChartPicture } from './layout';

export { chartHeight, type ChartPicture } from './layout';

export function create(element: HTMLElement, handlers: ViewHandlers): View<ChartPicture> {
  return sceneView(element, handlers, 'chart', layoutChart);
}
