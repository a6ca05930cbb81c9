/** How an address is found: the page-table tree of one process. */
import { select } from 'd3';
import type { TreePicture } from '../../history/picture';
import type { Scene } from '../scene';
import { createStage } from '../stage';
import type { View, ViewContext, ViewHandlers } from '../view';
import { layoutPageTables, type Zoom } from './layout';
import { NO_GROUND, type Ground } from './places';
import type { Zooming } from './zooming';

/** The entry that is pointed at: the words below the tree are about it. */
const entryIn = (refs: ReadonlySet<string>): string => [...refs].find((ref) => ref.startsWith('entry:')) ?? '';

const FITTED: Zoom = { k: 1, x: 0 };

export function create(element: HTMLElement, handlers: ViewHandlers): View<TreePicture> {
  const stage = createStage(element, { ...handlers, toggle }, 'page-tables');
  let unfolded: ReadonlySet<string> = new Set();
  let ground: Ground = NO_GROUND;
  let view: Zoom = FITTED;
  let shown: { picture: TreePicture; context: ViewContext } | null = null;

  let drawn: { about: readonly unknown[]; scene: Scene } | null = null;

  function draw(duration: number, arrived = false): void {
    if (shown === null) return;
    const { picture, context } = shown;
    // Lights alone must not lay out anew: that would cut a motion short.
    const about = [
      picture,
      context.width,
      context.height,
      context.scale,
      context.selected,
      entryIn(context.hovered),
      view,
      unfolded,
      ground,
    ];
    if (drawn !== null && about.every((one, i) => one === drawn!.about[i])) {
      stage.show(drawn.scene, { ...context, duration }, arrived);
      return;
    }
    const laid = layoutPageTables(picture, context, view, ground, unfolded);
    ground = laid.ground;
    about[about.length - 1] = ground;
    drawn = { about, scene: laid.scene };
    stage.show(laid.scene, { ...context, duration }, arrived);
  }

  /** Opens or folds below a table: what is folded here at once, what the picture leaves out by asking for it. */
  function toggle(key: string, open: boolean): void {
    const others = [...unfolded].filter((ref) => ref !== key);
    unfolded = new Set(open ? [...others, key] : others);
    draw(shown?.context.duration ?? 0);
    handlers.toggle(key, open);
  }

  const svg = select(stage.svg);
  let zoom: Zooming | null = null;
  async function arm(): Promise<void> {
    const { zooming } = await import('./zooming');
    if (shown === null || zoom !== null) return;
    zoom = zooming(stage.svg, (to) => {
      view = to;
      draw(0);
    });
    zoom.bound(shown.context.width, shown.context.height);
  }
  stage.svg.addEventListener('pointerenter', () => void arm(), { once: true });
  stage.svg.addEventListener('dblclick', (event) => {
    if (stage.at(event.clientX, event.clientY) === null) fit();
  });

  /** The whole tree, every table at the place that it would have had from the start. */
  function fit(): void {
    ground = NO_GROUND;
    zoom?.reset();
    draw(0);
  }

  return {
    update(picture, context) {
      const same = shown?.picture === picture;
      const resized = shown?.context.width !== context.width || shown.context.height !== context.height;
      if (shown !== null && shown.context.scale !== context.scale) ground = NO_GROUND;
      shown = { picture, context };
      if (resized) zoom?.bound(context.width, context.height);
      draw(same ? 0 : context.duration, !same);
    },
    fit,
    changed: () => stage.changed(),
    destroy() {
      svg.on('.zoom', null);
      stage.destroy();
      shown = null;
    },
  };
}
