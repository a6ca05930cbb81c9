/**
 * Shows scenes in one element: SVG for texts, lines and up to `SVG_MARKS` boxes; more boxes go on a canvas below the same
 * texts. Reports what the pointer does by asking the scene, not the marks, what lies where.
 */
import { sameCommands } from './paths';
import { light, type Lights } from './lights';
import { join, set, settle } from './motion';
import { drawnOf, type Drawn } from './rects';
import { onTheme } from './on-theme';
import type * as Painting from './paint';
import { reveal } from './reveal';
import { changedMarks, type Box, type Rect, type Scene, type Text } from './scene';
import { putOnPage } from './on-page';
import type { ViewContext, ViewHandlers } from './view';

const SVG_MARKS = 2000;
const NONE: ReadonlySet<string> = new Set();
const SVG = 'http://www.w3.org/2000/svg';

const make = <N extends keyof SVGElementTagNameMap>(name: N): SVGElementTagNameMap[N] =>
  document.createElementNS(SVG, name);

export interface Stage {
  readonly svg: SVGSVGElement;
  /** @param arrived the picture is another one, not only its size or its zoom: what changed is brought into sight */
  show(scene: Scene, context: ViewContext, arrived?: boolean): void;
  /** The box at a place of the viewport; null for the ground. */
  at(clientX: number, clientY: number): Box | null;
  /** Where the marks of what changed are, in pixels of the element. */
  changed(): readonly Rect[];
  destroy(): void;
}

let stages = 0;

/** What paints; null until the first scene of so many boxes. */
let painting: typeof Painting | null = null;

export function createStage(element: HTMLElement, handlers: ViewHandlers, name: string): Stage {
  const id = `picture-${++stages}`;
  const root = document.createElement('div');
  root.className = `picture picture-${name}`;
  const canvas = document.createElement('canvas');
  canvas.setAttribute('aria-hidden', 'true');
  const svg = make('svg');
  set(svg, { role: 'img', 'aria-describedby': `${id}-says` });
  const says = make('desc');
  says.id = `${id}-says`;
  const patterns = make('defs');
  patterns.append(...Array.from({ length: 8 }, (_, slot) => hatch(id, slot)));
  const layers = Array.from({ length: 4 }, () => ({ lines: make('g'), boxes: make('g') }));
  const words = make('g');
  words.setAttribute('class', 'words');
  svg.append(says, patterns, ...layers.flatMap(({ lines, boxes }) => [lines, boxes]), words);
  root.append(canvas, svg);
  element.replaceChildren(root);

  let scene: Scene | null = null;
  let lastLights: Lights | null = null;
  let pointed = '';

  function at(clientX: number, clientY: number): Box | null {
    if (scene === null) return null;
    const bounds = svg.getBoundingClientRect();
    return boxAt(scene, clientX - bounds.left, clientY - bounds.top);
  }

  function report(box: Box | null): void {
    const now = box?.key ?? '';
    if (now === pointed) return;
    pointed = now;
    root.classList.toggle('over-mark', box !== null);
    handlers.point(box?.keys ?? []);
  }

  svg.addEventListener('pointermove', (event) => report(at(event.clientX, event.clientY)));
  svg.addEventListener('pointerleave', () => report(null));
  function toggle(box: Box): void {
    const range = box.extent?.range;
    if (range !== undefined) handlers.focus?.(range.start, range.end);
    else handlers.toggle(box.keys[0]!, box.open !== true);
  }

  svg.addEventListener('click', (event) => {
    const box = at(event.clientX, event.clientY);
    if (box?.button === true) toggle(box);
    else handlers.select(box?.keys ?? [], event.shiftKey || event.ctrlKey || event.metaKey, box?.extent?.range);
  });
  svg.addEventListener('dblclick', (event) => {
    const box = at(event.clientX, event.clientY);
    if (box?.open !== undefined && box.button !== true) toggle(box);
  });
  svg.addEventListener('contextmenu', (event) => {
    const box = at(event.clientX, event.clientY);
    if (box === null) return;
    event.preventDefault();
    handlers.menu(box.keys, event.clientX, event.clientY, box.extent?.range);
  });

  function draw(next: Scene, duration: number): void {
    set(svg, { width: next.width, height: next.height, viewBox: `0 0 ${next.width} ${next.height}` });
    svg.setAttribute('aria-label', next.title);
    says.textContent = next.description;
    const onCanvas = next.boxes.length > SVG_MARKS;
    layers.forEach(({ lines, boxes }, layer) => {
      drawBoxes(boxes, onCanvas ? [] : drawnOf(next, layer), id, onCanvas ? 0 : duration);
      drawLines(lines, next, layer, duration);
    });
    drawTexts(words, next.texts, duration);
    canvas.style.display = onCanvas ? '' : 'none';
  }

  function relight(lights: Lights): void {
    for (const { boxes } of layers)
      for (const node of boxes.children) {
        const { box, part } = drawnAt(node);
        const now = part === '' ? light(box, lights) : '';
        if ((node.getAttribute('data-light') ?? '') !== now) node.setAttribute('data-light', now);
      }
    for (const { lines } of layers)
      for (const node of lines.children) {
        const now = light(lineAt(node), lights);
        if ((node.getAttribute('data-light') ?? '') !== now) node.setAttribute('data-light', now);
      }
  }

  /** Paints what is shown now, if it has too many boxes for SVG. */
  function paint(): void {
    if (scene === null || lastLights === null || scene.boxes.length <= SVG_MARKS) return;
    if (painting !== null) return painting.paint(canvas, scene, lastLights);
    void import('./paint').then((loaded) => {
      painting = loaded;
      paint();
    });
  }

  const offTheme = onTheme(paint);

  const offPage = putOnPage({ name, svg, scene: () => scene });

  return {
    svg,
    at,
    changed: () => (scene === null ? [] : changedMarks(scene)),
    show(next, context, arrived = false) {
      const lights: Lights = {
        hovered: context.hovered,
        selected: context.selected,
        fellows: context.fellows ?? null,
        broken: context.broken ?? NONE,
      };
      const fresh = next !== scene;
      if (fresh) {
        scene = next;
        draw(next, context.duration);
      }
      const lightsMoved =
        lastLights?.hovered !== lights.hovered ||
        lastLights.selected !== lights.selected ||
        lastLights.fellows !== lights.fellows ||
        lastLights.broken !== lights.broken;
      if (!fresh && !lightsMoved) return;
      const chosenMoved = lastLights !== null && lastLights.selected !== lights.selected;
      lastLights = lights;
      relight(lights);
      paint();
      const changed = arrived ? changedMarks(next) : [];
      const chosen = chosenMoved
        ? next.boxes.filter((box) => light(box, { ...lights, hovered: NONE, broken: NONE }) !== '')
        : [];
      reveal(root, chosen.length > 0 ? chosen : changed, context.duration > 0);
    },
    destroy() {
      offTheme();
      offPage();
      for (const node of svg.querySelectorAll('[data-key]')) settle(node, {}, 0);
      root.remove();
      scene = null;
    },
  };
}

const drawnAt = (node: Element): Drawn => (node as Element & { __data__: Drawn }).__data__;
const lineAt = (node: Element): Scene['lines'][number] =>
  (node as Element & { __data__: Scene['lines'][number] }).__data__;

/** The nearest box that can be pointed at, on the highest layer, within a finger's slack. */
function boxAt(scene: Scene, x: number, y: number, slack = 3): Box | null {
  let best: Box | null = null;
  let bestDistance = Infinity;
  for (const box of scene.boxes) {
    if (box.keys.length === 0 || (best !== null && box.layer < best.layer)) continue;
    const distance = Math.max(box.x - x, x - box.x - box.w, box.y - y, y - box.y - box.h, 0);
    if (distance > slack) continue;
    // A container that the pointer is in beats a neighbour's mark that it only nearly touches.
    if (best !== null && box.layer > best.layer && distance > 0 && bestDistance === 0 && box.w > 2 * slack) continue;
    if (best === null || box.layer > best.layer || distance < bestDistance) {
      best = box;
      bestDistance = distance;
    }
  }
  return best;
}

/** Share of a motion's time after which texts that are new, or say something else, appear: nothing runs into them then. */
const ARRIVED = 0.75;
/** Share of a motion's time over which many marks that change begin one after the other. */
const WAVE = 0.5;
/** So many marks that change in one row are a wave. */
const WAVE_FROM = 3;

/** When each mark of a layer begins to change: of many the ones that go from right to left, others from left to right. */
function waveOf(drawn: readonly Drawn[]): (datum: Drawn) => number {
  const inner = drawn.filter(({ box }) => box.layer > 0 && box.mark !== 'same');
  if (inner.length < WAVE_FROM) return () => 0;
  const left = Math.min(...inner.map(({ x }) => x));
  const wide = Math.max(...inner.map(({ x, w }) => x + w)) - left;
  return ({ box, x }) => {
    if (box.layer === 0 || box.mark === 'same' || wide <= 0) return 0;
    const at = (x - left) / wide;
    return WAVE * (box.mark === 'gone' ? 1 - at : at);
  };
}

function drawBoxes(group: SVGGElement, drawn: readonly Drawn[], id: string, duration: number): void {
  const nodes = join(
    group,
    drawn,
    (datum) => {
      const node = make('rect');
      const from = duration > 0 ? (datum.box.cause ?? datum) : datum;
      set(node, { 'data-key': datum.key, x: from.x, y: from.y, width: from.w, height: from.h, rx: datum.r });
      node.setAttribute('opacity', duration > 0 && datum.box.cause === undefined ? '0' : '1');
      return node;
    },
    (node) => fade(node, duration),
  );
  const begins = duration > 0 ? waveOf(drawn) : () => 0;
  nodes.forEach((node, i) => {
    const datum = drawn[i]!;
    const { box, part, x, y, w, h, r } = datum;
    const look = part === '' ? box.look : part;
    const dress = (): void => {
      set(node, { class: look, 'data-slot': box.slot, 'data-mark': box.mark });
      if (look === 'hatched') node.setAttribute('fill', `url(#${id}-hatch-${box.slot})`);
      else node.removeAttribute('fill');
    };
    const at = begins(datum);
    // A node that was just made has no look to keep until its turn comes.
    if (at === 0 || !node.hasAttribute('class')) dress();
    const manner = at === 0 ? {} : { delay: at * duration, begin: dress };
    settle(node, { x, y, width: w, height: h, rx: r, opacity: 1 }, duration * (1 - at), manner);
  });
}

function drawLines(group: SVGGElement, scene: Scene, layer: number, duration: number): void {
  const lines = scene.lines.filter((line) => line.layer === layer);
  const nodes = join(
    group,
    lines,
    (line) => {
      const node = make('path');
      set(node, { 'data-key': line.key, d: line.d, opacity: duration > 0 ? 0 : 1 });
      return node;
    },
    (node) => fade(node, duration),
  );
  nodes.forEach((node, i) => {
    const line = lines[i]!;
    set(node, { class: line.look, 'data-slot': line.slot });
    if (!sameCommands(node.getAttribute('d') ?? '', line.d)) set(node, { d: line.d });
    settle(node, { d: line.d, opacity: 1 }, duration);
  });
}

/** Texts that stay move with their marks; one that goes is gone at once, and what is new waits until nothing moves there. */
function drawTexts(group: SVGGElement, texts: readonly Text[], duration: number): void {
  const nodes = join(
    group,
    texts,
    (text) => {
      const node = make('text');
      set(node, { 'data-key': text.key, x: text.x, y: text.y, opacity: duration > 0 ? 0 : 1 });
      return node;
    },
    (node) => fade(node, 0),
  );
  nodes.forEach((node, i) => {
    const text = texts[i]!;
    const says = { 'text-anchor': text.anchor, 'font-size': text.size };
    const same =
      node.textContent === text.text &&
      Object.entries(says).every(([name, value]) => node.getAttribute(name) === String(value));
    set(node, { class: `${text.face} ${text.tone}`, 'data-slot': text.slot, ...says });
    if (same || duration <= 0) {
      node.textContent = text.text;
      settle(node, { x: text.x, y: text.y, opacity: 1 }, duration);
      return;
    }
    node.textContent = text.text;
    settle(node, { x: text.x, y: text.y, opacity: 0 }, 0);
    settle(node, { opacity: 1 }, duration * (1 - ARRIVED), { delay: duration * ARRIVED });
  });
}

function fade(node: SVGElement, duration: number): void {
  settle(node, { opacity: 0 }, duration, { done: () => node.remove() });
}

/** Diagonal strokes in a mapping's colour: there, but not to be written; or a file's. */
function hatch(id: string, slot: number): SVGPatternElement {
  const pattern = make('pattern');
  set(pattern, { id: `${id}-hatch-${slot}`, width: 6, height: 6, patternUnits: 'userSpaceOnUse' });
  set(pattern, { patternTransform: 'rotate(45)', 'data-slot': slot });
  const ground = make('rect');
  set(ground, { width: 6, height: 6, class: 'hatch-ground' });
  const stroke = make('rect');
  set(stroke, { width: 3, height: 6, class: 'hatch-stroke' });
  pattern.append(ground, stroke);
  return pattern;
}
