/** How an address is found: the page-table tree of one process. */
import { select } from 'd3-selection';
import { zoom, zoomIdentity, type D3ZoomEvent } from 'd3-zoom';
import type { TreePicture } from '../../history/picture';
import { createStage } from '../stage';
import type { View, ViewContext, ViewHandlers } from '../view';
import { layoutPageTables, type Zoom } from './layout';
import { NO_GROUND, type Ground } from './places';

export { twinOfPageTables } from './twin';

const FITTED: Zoom = { k: 1, x: 0 };

export function create(element: HTMLElement, handlers: ViewHandlers): View<TreePicture> {
  const stage = createStage(element, handlers, 'page-tables');
  let ground: Ground = NO_GROUND;
  let view: Zoom = FITTED;
  let shown: { picture: TreePicture; context: ViewContext } | null = null;

  function draw(duration: number, arrived = false): void {
    if (shown === null) return;
    const { picture, context } = shown;
    const laid = layoutPageTables(picture, context, view, ground);
    ground = laid.ground;
    stage.show(laid.scene, { ...context, duration }, arrived);
  }

  const zooming = zoom<SVGSVGElement, unknown>()
    .scaleExtent([1, 64])
    .on('zoom', ({ transform }: D3ZoomEvent<SVGSVGElement, unknown>) => {
      view = { k: transform.k, x: transform.x };
      draw(0);
    });
  const svg = select(stage.svg);
  svg.call(zooming).on('dblclick.zoom', null);
  stage.svg.addEventListener('dblclick', (event) => {
    if (stage.at(event.clientX, event.clientY) === null) fit();
  });

  /** The whole tree, every table at the place that it would have had from the start. */
  function fit(): void {
    ground = NO_GROUND;
    svg.call(zooming.transform, zoomIdentity);
    draw(0);
  }

  return {
    update(picture, context) {
      const same = shown?.picture === picture;
      const resized = shown?.context.width !== context.width || shown.context.height !== context.height;
      if (shown !== null && shown.context.scale !== context.scale) ground = NO_GROUND;
      shown = { picture, context };
      if (resized)
        zooming
          .translateExtent([
            [0, 0],
            [context.width, context.height],
          ])
          .extent([
            [0, 0],
            [context.width, context.height],
          ]);
      draw(same ? 0 : context.duration, !same);
    },
    fit,
    destroy() {
      svg.on('.zoom', null);
      stage.destroy();
      shown = null;
    },
  };
}
