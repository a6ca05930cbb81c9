/** Zooming sideways, by wheel, pinch and drag. Loaded when a pointer first comes to the picture. */
import { select, zoom, zoomIdentity, type D3ZoomEvent } from 'd3';
import type { Zoom } from './layout';

export interface Zooming {
  /** The picture has another size: what is zoomed stays within it. */
  bound(width: number, height: number): void;
  /** Shows everything. */
  reset(): void;
}

export function zooming(svg: SVGSVGElement, zoomed: (zoom: Zoom) => void): Zooming {
  const root = select<SVGSVGElement, unknown>(svg);
  const behaviour = zoom<SVGSVGElement, unknown>()
    .scaleExtent([1, 64])
    .on('zoom', ({ transform }: D3ZoomEvent<SVGSVGElement, unknown>) => zoomed({ k: transform.k, x: transform.x }));
  root.call(behaviour).on('dblclick.zoom', null);
  return {
    bound(width, height) {
      const all: [[number, number], [number, number]] = [
        [0, 0],
        [width, height],
      ];
      behaviour.translateExtent(all).extent(all);
    },
    reset: () => behaviour.transform(root, zoomIdentity),
  };
}
