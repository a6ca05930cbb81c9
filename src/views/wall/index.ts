/** Two processes at once, and the frames between them. */
import type { WallPicture } from '../../history/picture';
import { sceneView } from '../scene-view';
import type { View, ViewContext, ViewHandlers } from '../view';
import { layoutWall } from './layout';

export function create(element: HTMLElement, handlers: ViewHandlers): View<WallPicture> {
  let open: ReadonlySet<string> = new Set();
  let shown: { picture: WallPicture; context: ViewContext } | null = null;
  const view = sceneView<{ readonly picture: WallPicture }>(
    element,
    { ...handlers, toggle },
    'wall',
    ({ picture }, context) => layoutWall(picture, context, open),
  );
  let asked: { readonly picture: WallPicture } | null = null;

  /** Shows or folds the levels above a table, here alone. */
  function toggle(key: string, on: boolean): void {
    const others = [...open].filter((ref) => ref !== key);
    open = new Set(on ? [...others, key] : others);
    if (shown === null) return;
    asked = { picture: shown.picture };
    view.update(asked, { ...shown.context, duration: 0 });
  }

  return {
    update(picture, context) {
      if (asked?.picture !== picture) asked = { picture };
      shown = { picture, context };
      view.update(asked, context);
    },
    changed: () => view.changed?.() ?? [],
    destroy() {
      view.destroy();
      shown = null;
    },
  };
}
