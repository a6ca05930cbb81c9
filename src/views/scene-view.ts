/** A view that is a layout and a stage: it lays out when the picture or the room changes, and only relights otherwise. */
import type { Scene } from './scene';
import { createStage } from './stage';
import type { View, ViewContext, ViewHandlers } from './view';

/** What a layout is told of the pane. */
export type Room = Pick<ViewContext, 'width' | 'height' | 'scale'>;

/**
 * @param layout makes a scene; what it remembers (where things were) it keeps to itself
 * @param looksAt whether the layout also depends on what is pointed at or selected
 */
export function sceneView<Picture>(
  element: HTMLElement,
  handlers: ViewHandlers,
  name: string,
  layout: (picture: Picture, context: ViewContext) => Scene,
  looksAt = false,
): View<Picture> {
  const stage = createStage(element, handlers, name);
  let shown: { picture: Picture; context: ViewContext; scene: Scene } | null = null;

  return {
    update(picture, context) {
      const stale =
        shown === null ||
        shown.picture !== picture ||
        shown.context.width !== context.width ||
        shown.context.height !== context.height ||
        shown.context.scale !== context.scale ||
        (looksAt && (shown.context.hovered !== context.hovered || shown.context.selected !== context.selected));
      const samePicture = shown?.picture === picture;
      const scene = shown !== null && !stale ? shown.scene : layout(picture, context);
      shown = { picture, context, scene };
      // Motion is for a step: the same moment in another size is there at once.
      stage.show(scene, samePicture ? { ...context, duration: 0 } : context, !samePicture);
    },
    changed: () => stage.changed(),
    destroy() {
      stage.destroy();
      shown = null;
    },
  };
}
