import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import '../../../src/app/theme.css';
import '../../../src/views/tokens.css';
import * as addressSpace from '../../../src/views/address-space';
import * as frames from '../../../src/views/frames';
import * as heatMap from '../../../src/views/heat-map';
import * as pageTables from '../../../src/views/page-tables';
import * as pool from '../../../src/views/pool';
import type { View, ViewContext, ViewHandlers } from '../../../src/views/view';
import { isMoving, loadMotion } from '../../../src/views/motion';
import * as fixture from '../../gallery/fixtures';

const context: ViewContext = {
  width: 580,
  height: 480,
  duration: 0,
  scale: 1,
  hovered: new Set<string>(),
  selected: new Set<string>(),
};

beforeAll(loadMotion);

let pane: HTMLElement;
let open: View<never>[] = [];

beforeEach(() => {
  pane = document.createElement('div');
  pane.style.cssText = 'width:580px;height:480px;position:absolute;inset:0 auto auto 0';
  document.body.append(pane);
});
afterEach(() => {
  for (const view of open) view.destroy();
  open = [];
  pane.remove();
});

const silent = (): ViewHandlers => ({
  point: vi.fn<ViewHandlers['point']>(),
  select: vi.fn<ViewHandlers['select']>(),
  menu: vi.fn<ViewHandlers['menu']>(),
  toggle: vi.fn<ViewHandlers['toggle']>(),
  focus: vi.fn<NonNullable<ViewHandlers['focus']>>(),
});

function show<P>(
  create: (element: HTMLElement, handlers: ViewHandlers) => View<P>,
  picture: P,
  handlers = silent(),
): View<P> {
  const view = create(pane, handlers);
  open.push(view);
  view.update(picture, context);
  return view;
}

const node = (key: string): SVGElement => {
  const found = pane.querySelector<SVGElement>(`[data-key="${key}"]`);
  if (found === null) throw new Error(`${key} is not drawn`);
  return found;
};

/** Everything that is drawn, each mark with all its attributes, in one text. */
const drawn = (): string =>
  [...pane.querySelectorAll('[data-key]')]
    .map((one) => {
      const attributes = one.getAttributeNames().filter((name) => name !== 'data-light' && name !== 'fill');
      return `${attributes
        .map((name) => `${name}=${one.getAttribute(name)}`)
        .toSorted()
        .join(' ')} ${one.textContent}`;
    })
    .toSorted()
    .join('\n');

const wait = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/** Sends a pointer or mouse event to the middle of a mark. */
function send(type: string, key: string, given: MouseEventInit = {}): void {
  const box = node(key).getBoundingClientRect();
  const at = {
    clientX: box.x + box.width / 2,
    clientY: box.y + box.height / 2,
    bubbles: true,
    cancelable: true,
    ...given,
  };
  const svg = pane.querySelector('svg')!;
  svg.dispatchEvent(type.startsWith('pointer') ? new PointerEvent(type, at) : new MouseEvent(type, at));
}

describe('one picture as an image', () => {
  test.each([
    ['address-space', () => show(addressSpace.create, fixture.huge(2)), /^Address space/, /7 areas/],
    [
      'page-tables',
      () => show(pageTables.create, fixture.hugeTree(2)),
      /^Page tables/,
      /1 PGD, 2 PUD, 2 PMD and 3 PTE/,
    ],
    ['pool', () => show(pool.create, fixture.pool(2, 2)), /^Huge-page pool/, /Free 6|free 6/],
    ['frames', () => show(frames.create, fixture.forked()), /^Frames/, /2 huge/],
  ] as const)('%s has the role img, a name and a description', (_, make, name, says) => {
    make();
    const svg = pane.querySelector('svg')!;
    expect(svg.getAttribute('role')).toBe('img');
    expect(svg.getAttribute('aria-label')).toMatch(name);
    expect(document.getElementById(svg.getAttribute('aria-describedby')!)!.textContent).toMatch(says);
    expect(pane.querySelector('[tabindex]')).toBeNull();
  });

  test('every mark of the pool is drawn once, with its state and its words', () => {
    show(pool.create, fixture.pool(2, 2));
    expect(pane.querySelectorAll('rect.double[data-key^="cell:"]').length).toBe(2);
    expect(pane.querySelectorAll('rect.dashed[data-key^="cell:"]').length).toBe(2);
    expect(pane.querySelectorAll('rect.faint[data-key^="cell:"]').length).toBe(4);
    expect([...pane.querySelectorAll('text')].map((text) => text.textContent)).toContain('a+2M');
    expect(node('counter:Free-was').textContent).toBe('7');
  });
});

describe('drawing', () => {
  test('what stays is the same node, what is new is added, what goes is removed', () => {
    const view = show(pageTables.create, fixture.hugeTree(1));
    const table = node('table:7');
    const entry = node('entry:7:443');
    view.update(fixture.hugeTree(2), context);
    expect(node('table:7')).toBe(table);
    expect(node('entry:7:443')).toBe(entry);
    expect(node('entry:7:444').getAttribute('data-mark')).toBe('new');
    view.update(fixture.hugeTree(1), context);
    expect(pane.querySelector('[data-key="entry:7:444"]')).toBeNull();
  });

  test('a step moves for its time, then stands where a jump would have put it', async () => {
    const view = show(addressSpace.create, fixture.bare);
    view.update(fixture.huge(1), { ...context, duration: 120 });
    const area = node('area:7');
    const early = Number(area.getAttribute('height'));
    await wait(300);
    const late = drawn();
    expect(Number(area.getAttribute('height'))).toBeGreaterThan(early);
    view.destroy();
    const other = show(addressSpace.create, fixture.bare);
    other.update(fixture.huge(1), context);
    expect(drawn()).toBe(late);
  });

  test('a picture that comes in the middle of a motion leaves nothing of it behind', async () => {
    const view = show(addressSpace.create, fixture.bare);
    const before = drawn();
    view.update(fixture.huge(2), { ...context, duration: 400 });
    await wait(60);
    expect(drawn()).not.toBe(before);
    view.update(fixture.bare, context);
    expect(drawn()).toBe(before);
    await wait(500);
    expect(drawn()).toBe(before);
  });

  test('a mark that comes back while it fades is whole again', async () => {
    const view = show(pool.create, fixture.pool(2, 2));
    const whole = drawn();
    view.update({ ...fixture.pool(2, 2), cells: fixture.pool(2, 2).cells.slice(0, 1) }, { ...context, duration: 200 });
    await wait(60);
    expect(Number(node('cell:1').getAttribute('opacity'))).toBeLessThan(1);
    view.update(fixture.pool(2, 2), { ...context, duration: 50 });
    await wait(300);
    expect(drawn()).toBe(whole);
  });

  test('any sequence of pictures, whatever their motion, ends like the last one alone', async () => {
    const steps = [fixture.forked(), fixture.manyFrames(30), fixture.manyFrames(100), fixture.manyFrames(7)];
    const view = show(frames.create, fixture.manyFrames(3));
    for (let i = 0; i < 12; i++) {
      view.update(steps[(i * 7) % 4]!, { ...context, duration: [0, 30, 200][i % 3]! });
      await wait([0, 10, 45][(i * 5) % 3]!);
    }
    const last = fixture.forked();
    view.update(last, context);
    const end = drawn();
    view.destroy();
    show(frames.create, last);
    expect(drawn()).toBe(end);
  });

  test('only what changes is set in motion', () => {
    const view = show(pageTables.create, fixture.hugeTree(1));
    view.update(fixture.hugeTree(2), { ...context, duration: 300 });
    const moving = [...pane.querySelectorAll('rect')].filter(isMoving);
    expect(moving.length).toBeGreaterThan(0);
    expect(moving.every((one) => one.getAttribute('data-key')!.startsWith('entry:7:44'))).toBe(true);
  });

  test('destroy leaves the element empty', () => {
    const view = show(frames.create, fixture.forked());
    view.update(fixture.manyFrames(20), { ...context, duration: 500 });
    view.destroy();
    expect(pane.childElementCount).toBe(0);
  });
});

describe('scale', () => {
  test('1,990 marks are SVG; more are a canvas behind the same words', () => {
    const view = show(frames.create, fixture.manyFrames(1500));
    expect(pane.querySelectorAll('rect[data-key^="frame:"]').length).toBe(1500);
    expect(pane.querySelector('canvas')!.style.display).toBe('none');
    view.update(fixture.manyFrames(5000), context);
    expect(pane.querySelectorAll('rect[data-key^="frame:"]').length).toBe(0);
    expect(pane.querySelector('canvas')!.style.display).toBe('');
    expect(node('summary').textContent).toContain('5\u202f000');
  });

  test('marks on the canvas can be pointed at like any other', () => {
    const handlers = silent();
    show(frames.create, fixture.manyFrames(5000), handlers);
    const svg = pane.querySelector('svg')!;
    const { x, y } = svg.getBoundingClientRect();
    svg.dispatchEvent(new PointerEvent('pointermove', { clientX: x + 60, clientY: y + 10, bubbles: true }));
    expect(handlers.point).toHaveBeenCalledWith([expect.stringMatching(/^frame:/)]);
  });

  test('a canvas is painted anew in another theme', () => {
    show(frames.create, fixture.manyFrames(5000));
    const canvas = pane.querySelector('canvas')!;
    const pixel = (): string =>
      canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height).data.join().slice(0, 200_000);
    const light = pixel();
    document.documentElement.dataset.theme = 'dark';
    return wait(50).then(() => {
      const dark = pixel();
      delete document.documentElement.dataset.theme;
      expect(dark === light).toBe(false);
    });
  });

  test('a gigabyte is one pixel an entry', () => {
    const view = show(heatMap.create, fixture.heat());
    const canvas = pane.querySelector('canvas')!;
    expect([canvas.style.width, canvas.style.height]).toEqual(['512px', '512px']);
    expect(canvas.getAttribute('role')).toBe('img');
    view.update(fixture.heat(4096), context);
    expect(Number.parseInt(canvas.style.width, 10)).toBeLessThanOrEqual(570);
  });
});

describe('a picture that is taller than its pane', () => {
  test('what changed is brought into sight by a step, and nothing is scrolled while some of it is in sight', () => {
    pane.style.cssText = 'width:580px;height:200px;overflow:auto;position:absolute;inset:0 auto auto 0';
    const view = show(addressSpace.create, fixture.bare);
    view.update({ ...fixture.bare }, context);
    expect(pane.scrollTop).toBe(0);
    const [pages] = fixture.huge(1).rows.filter((row) => row.row === 'area' && row.id === 7);
    const low = { ...pages, ref: 'area:99', id: 99, start: 0x1000, end: 0x5000, mark: 'new', segments: [] } as const;
    const picture = { ...fixture.bare, rows: [...fixture.bare.rows, low as (typeof fixture.bare.rows)[number]] };
    view.update(picture, context);
    const after = pane.scrollTop;
    expect(after).toBeGreaterThan(0);
    const box = node('area:99').getBoundingClientRect();
    expect(box.top).toBeLessThan(200);
    pane.scrollTop = after - 20;
    view.update({ ...picture }, context);
    expect(pane.scrollTop).toBe(after - 20);
  });

  test('what is selected elsewhere is brought into sight', () => {
    pane.style.cssText = 'width:580px;height:200px;overflow:auto;position:absolute;inset:0 auto auto 0';
    const picture = fixture.manyFrames(1500);
    const view = show(frames.create, picture);
    view.update(picture, { ...context, selected: new Set([picture.cells.at(-1)!.ref]) });
    expect(pane.scrollTop).toBeGreaterThan(0);
  });
});

describe('pointing, choosing, opening', () => {
  test('a mark that is pointed at reports its own ref first, once; the ground none', () => {
    const handlers = silent();
    show(pageTables.create, fixture.hugeTree(2), handlers);
    send('pointermove', 'entry:7:444');
    send('pointermove', 'entry:7:444');
    expect(handlers.point).toHaveBeenCalledTimes(1);
    expect(handlers.point).toHaveBeenLastCalledWith(['entry:7:444', 'frame:10752']);
    pane.querySelector('svg')!.dispatchEvent(new PointerEvent('pointerleave'));
    expect(handlers.point).toHaveBeenLastCalledWith([]);
  });

  test('a click chooses, with Ctrl beside others; a right click asks for the menu at its place', () => {
    const handlers = silent();
    show(pool.create, fixture.pool(2, 2), handlers);
    send('click', 'cell:0');
    expect(vi.mocked(handlers.select).mock.lastCall!.slice(0, 2)).toEqual([['frame:10240'], false]);
    send('click', 'cell:2', { ctrlKey: true });
    expect(vi.mocked(handlers.select).mock.lastCall!.slice(0, 2)).toEqual([['area:7'], true]);
    send('contextmenu', 'cell:0');
    const [keys, x] = vi.mocked(handlers.menu).mock.lastCall!;
    expect(keys).toEqual(['frame:10240']);
    expect(x).toBeGreaterThan(0);
  });

  test('a folded stack opens by a click, a folded stretch of addresses asks for its window', () => {
    const handlers = silent();
    const view = show(pageTables.create, fixture.gigabyteTree(), handlers);
    send('click', '1:140735340871680:stack');
    expect(handlers.toggle).toHaveBeenCalledWith('table:6', true);
    view.destroy();
    show(addressSpace.create, fixture.thousandsOfAreas(20), handlers);
    send('click', 'fold:1000');
    expect(handlers.focus).toHaveBeenCalledWith(expect.any(Number), fixture.A);
  });

  test('lights go on and off without drawing anew', () => {
    const view = show(addressSpace.create, fixture.huge(2));
    const picture = fixture.huge(2);
    view.update(picture, context);
    const before = drawn();
    view.update(picture, { ...context, hovered: new Set(['area:7']) });
    expect(node('area:7').getAttribute('data-light')).toBe('lit');
    expect(node('area:4').getAttribute('data-light') ?? '').toBe('');
    view.update(picture, { ...context, selected: new Set(['area:4']) });
    expect(node('area:7').getAttribute('data-light')).toBe('');
    expect(node('area:4').getAttribute('data-light')).toBe('chosen');
    expect(drawn()).toBe(before);
  });

  test('lights in the middle of a motion do not cut it short', async () => {
    const view = show(pageTables.create, fixture.hugeTree(1));
    const picture = fixture.hugeTree(2);
    view.update(picture, { ...context, duration: 300 });
    await wait(40);
    view.update(picture, { ...context, hovered: new Set(['area:7']) });
    const entry = node('entry:7:444');
    expect(entry.getAttribute('data-light')).toBe('lit');
    const width = Number(entry.getAttribute('width'));
    await wait(400);
    expect(Number(entry.getAttribute('width'))).toBeGreaterThan(width);
  });

  test('the wheel zooms the tables, text keeps its size, and fit shows the whole again', async () => {
    const view = show(pageTables.create, fixture.hugeTree(2));
    const before = drawn();
    const wide = Number(node('table:7').getAttribute('width'));
    const svg = pane.querySelector('svg')!;
    const box = node('table:7').getBoundingClientRect();
    svg.dispatchEvent(new PointerEvent('pointerenter'));
    await vi.waitFor(() => {
      svg.dispatchEvent(
        new WheelEvent('wheel', { deltaY: -400, clientX: box.x + 40, clientY: box.y, bubbles: true, cancelable: true }),
      );
      expect(Number(node('table:7').getAttribute('width'))).toBeGreaterThan(wide);
    });
    expect(node('table:7-name').getAttribute('font-size')).toBe('12');
    view.fit!();
    expect(drawn()).toBe(before);
  });
});
