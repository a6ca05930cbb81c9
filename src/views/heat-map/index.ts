/** Every entry of a stretch of address space as one pixel: what a tree of a million entries looks like. */
import type { HeatPicture } from '../../history/picture';
import { onTheme } from '../on-theme';
import type { View, ViewHandlers } from '../view';
import { drawHeatMap } from './draw';
import { layoutHeatMap, rangeAt, type HeatLayout } from './layout';

export function create(element: HTMLElement, handlers: ViewHandlers): View<HeatPicture> {
  const root = document.createElement('div');
  root.className = 'picture picture-heat-map';
  const canvas = document.createElement('canvas');
  canvas.setAttribute('role', 'img');
  const caption = document.createElement('p');
  root.append(canvas, caption);
  element.replaceChildren(root);
  let shown: { picture: HeatPicture; layout: HeatLayout } | null = null;

  canvas.addEventListener('click', (event) => {
    if (shown === null) return;
    const bounds = canvas.getBoundingClientRect();
    const range = rangeAt(shown.picture, shown.layout, event.clientX - bounds.left, event.clientY - bounds.top);
    if (range === null) return;
    // The neighbourhood of the pixel: 64 MiB, as much as 32 tables.
    const around = 1 << 25;
    handlers.focus?.(
      Math.max(shown.picture.start, range.start - around),
      Math.min(shown.picture.end, range.end + around),
    );
  });
  const offTheme = onTheme(() => {
    if (shown !== null) drawHeatMap(canvas, shown.picture, shown.layout);
  });

  return {
    update(picture, context) {
      const layout = layoutHeatMap(picture, context);
      const { columns, rows, side } = shown?.layout ?? { columns: 0, rows: 0, side: 0 };
      const same =
        shown?.picture === picture && columns === layout.columns && rows === layout.rows && side === layout.side;
      shown = { picture, layout };
      if (same) return;
      drawHeatMap(canvas, picture, layout);
      canvas.setAttribute('aria-label', 'Entries, one pixel each');
      caption.textContent = layout.caption;
    },
    destroy() {
      offTheme();
      root.remove();
      shown = null;
    },
  };
}
