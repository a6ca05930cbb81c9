/** For whoever draws: every view with hand-made pictures, without the page. `?theme=dark&scale=1.5&only=pool`. */
import '../../src/app/fonts.css';
import '../../src/app/theme.css';
import '../../src/views/tokens.css';
import './gallery.css';
import * as addressSpace from '../../src/views/address-space';
import * as chart from '../../src/views/chart';
import * as frames from '../../src/views/frames';
import * as heatMap from '../../src/views/heat-map';
import * as pageTables from '../../src/views/page-tables';
import * as pool from '../../src/views/pool';
import type { View, ViewContext, ViewHandlers } from '../../src/views/view';
import * as fixture from './fixtures';

interface Exhibit<P> {
  readonly name: string;
  readonly create: (element: HTMLElement, handlers: ViewHandlers) => View<P>;
  readonly pictures: readonly P[];
  readonly sizes: readonly (readonly [number, number])[];
}

const exhibit = <P>(
  name: string,
  create: Exhibit<P>['create'],
  pictures: readonly P[],
  ...sizes: (readonly [number, number])[]
): Exhibit<unknown> => ({ name, create, pictures, sizes }) as Exhibit<unknown>;

const exhibits: Exhibit<unknown>[] = [
  exhibit(
    'address-space',
    addressSpace.create,
    [fixture.bare, fixture.huge(1), fixture.huge(2)],
    [227, 640],
    [180, 640],
    [360, 640],
  ),
  exhibit('address-kinds', addressSpace.create, [fixture.manyKinds()], [227, 640], [180, 640], [420, 640]),
  exhibit('address-many', addressSpace.create, [fixture.thousandsOfAreas(80)], [227, 640]),
  exhibit(
    'page-tables',
    pageTables.create,
    [fixture.hugeTree(1), fixture.hugeTree(2)],
    [580, 470],
    [380, 420],
    [180, 420],
    [1180, 560],
  ),
  exhibit('page-tables-1g', pageTables.create, [fixture.gigabyteTree()], [580, 470], [380, 420]),
  exhibit('page-tables-wide', pageTables.create, [fixture.wideTree()], [1180, 470], [580, 420]),
  exhibit('pool', pool.create, [fixture.pool(1, 3), fixture.pool(2, 2)], [250, 300], [180, 300], [480, 300]),
  exhibit('pool-mixed', pool.create, [fixture.mixedPool()], [250, 420], [180, 420]),
  exhibit('pool-big', pool.create, [fixture.bigPool()], [250, 300], [420, 300]),
  exhibit('pool-none', pool.create, [fixture.noPool], [250, 200]),
  exhibit('frames', frames.create, [fixture.forked()], [250, 420], [180, 420], [480, 420]),
  exhibit('frames-many', frames.create, [fixture.manyFrames(5000)], [600, 420]),
  exhibit('heat-map', heatMap.create, [fixture.heat()], [580, 560], [300, 400]),
  exhibit('chart', chart.create, [fixture.ledger], [420, 220], [220, 260]),
];

const asked = new URLSearchParams(location.search);
const theme = asked.get('theme');
if (theme !== null) document.documentElement.dataset.theme = theme;
const scale = Number(asked.get('scale') ?? '1');
document.documentElement.style.fontSize = `${100 * scale}%`;
const lit = new Set(asked.get('lit')?.split(',') ?? []);
const chosen = new Set(asked.get('chosen')?.split(',') ?? []);

await document.fonts.ready;
for (const { name, create, pictures, sizes } of exhibits) {
  if (asked.has('only') && !name.startsWith(asked.get('only')!)) continue;
  for (const [width, height] of sizes) {
    const figure = document.createElement('figure');
    const caption = document.createElement('figcaption');
    const pane = document.createElement('div');
    pane.style.cssText = `width:${width}px;height:${height}px`;
    pane.className = 'pane';
    caption.textContent = `${name} ${width}×${height}`;
    figure.append(caption, pane);
    document.body.append(figure);
    let hovered: ReadonlySet<string> = lit;
    let selected: ReadonlySet<string> = chosen;
    let at = Number(asked.get('at') ?? pictures.length - 1);
    const show = (duration: number): void => {
      const context: ViewContext = { width, height, duration, scale, hovered, selected };
      view.update(pictures[at], context);
    };
    const view = create(pane, {
      point(keys) {
        hovered = new Set(keys);
        show(0);
      },
      select(keys) {
        selected = new Set(keys);
        show(0);
      },
      menu: (keys, x, y) => console.log('menu', keys, x, y),
      toggle: (key, open) => console.log('toggle', key, open),
      focus: (start, end) => console.log('focus', start.toString(16), end.toString(16)),
    });
    const to = at;
    for (at = 0; at < to; at++) show(0);
    show(0);
    caption.addEventListener('click', () => {
      at = (at + 1) % pictures.length;
      show(600);
    });
  }
}
document.documentElement.dataset.ready = 'yes';
