/** Draws wires, their words and what travels on them over the whole page. Nothing of it can be pointed at. */
import { select } from 'd3';
import { join, set, settle } from '../motion';
import type { Drawing, DrawnWire, Label } from './geometry';

const SVG = 'http://www.w3.org/2000/svg';
const make = <N extends keyof SVGElementTagNameMap>(name: N): SVGElementTagNameMap[N] =>
  document.createElementNS(SVG, name);

export interface Wires {
  /** Shows a drawing; what is new comes within `duration` milliseconds, 0 at once. */
  show(drawing: Drawing, duration: number): void;
  destroy(): void;
}

export function createWires(element: HTMLElement): Wires {
  const svg = make('svg');
  set(svg, { class: 'wires', 'aria-hidden': 'true' });
  const [lines, ends, words, pages] = Array.from({ length: 4 }, () => make('g')) as [
    SVGGElement,
    SVGGElement,
    SVGGElement,
    SVGGElement,
  ];
  svg.append(lines, ends, words, pages);
  element.replaceChildren(svg);
  return {
    show(drawing, duration) {
      drawLines(lines, drawing.wires, duration);
      drawEnds(ends, drawing.ends, duration);
      drawWords(words, drawing.labels, duration);
      drawPages(pages, drawing.travels, duration);
    },
    destroy() {
      for (const node of svg.querySelectorAll('[data-key]')) settle(node, {}, 0);
      svg.remove();
    },
  };
}

/** What goes is gone at once: a wire that is no longer true is not drawn. */
function leave(node: SVGElement): void {
  settle(node, {}, 0);
  node.remove();
}

function drawLines(group: SVGGElement, wires: readonly DrawnWire[], duration: number): void {
  const comes = (wire: DrawnWire): boolean => duration > 0 && wire.at >= 0;
  const nodes = join(
    group,
    wires,
    (wire) => {
      const node = make('path');
      // A wire of length 1, drawn from its beginning: what is left out shrinks to nothing.
      set(node, {
        'data-key': wire.key,
        d: wire.d,
        pathLength: 1,
        'stroke-dashoffset': comes(wire) ? 1 : 0,
        opacity: 1,
      });
      return node;
    },
    leave,
  );
  nodes.forEach((node, i) => {
    const wire = wires[i]!;
    set(node, { class: `wire ${wire.look}`, 'data-slot': wire.slot, 'marker-end': 'none', d: wire.d });
    const begun = Number(node.getAttribute('stroke-dashoffset')) === 0;
    const wait = begun ? 0 : wire.at * duration;
    settle(node, { 'stroke-dashoffset': 0 }, begun ? 0 : Math.max(0, duration - wait) * 0.9, { delay: wait });
  });
}

function drawEnds(group: SVGGElement, ends: Drawing['ends'], duration: number): void {
  const nodes = join(
    group,
    ends,
    (end) => {
      const node = make('rect');
      set(node, { 'data-key': end.key, opacity: duration > 0 ? 0 : 1 });
      return node;
    },
    leave,
  );
  nodes.forEach((node, i) => {
    const { x, y, w, h, slot, look } = ends[i]!;
    set(node, { class: `end ${look}`, 'data-slot': slot, x: x - 2, y: y - 2, width: w + 4, height: h + 4, rx: 4 });
    settle(node, { opacity: 1 }, duration * 0.2, { delay: duration * 0.8 });
  });
}

function drawWords(group: SVGGElement, labels: readonly Label[], duration: number): void {
  const nodes = join(
    group,
    labels,
    (label) => {
      const node = make('text');
      set(node, { 'data-key': label.key, opacity: duration > 0 ? 0 : 1 });
      return node;
    },
    leave,
  );
  nodes.forEach((node, i) => {
    const { text, x, y, anchor, slot, tone } = labels[i]!;
    set(node, { class: `word ${tone}`, 'data-slot': slot, x, y, 'text-anchor': anchor });
    if (node.textContent !== text) node.textContent = text;
    settle(node, { opacity: 1 }, duration * 0.2, { delay: duration * 0.5 });
  });
}

/** Pages that travel are drawn while they do, and only then. */
function drawPages(group: SVGGElement, travels: Drawing['travels'], duration: number): void {
  for (const node of group.children) settle(node, {}, 0);
  select(group).selectChildren().remove();
  if (duration <= 0) return;
  for (const { key, from, to, slot, tears } of travels) {
    const node = make('rect');
    set(node, { 'data-key': key, class: tears ? 'travel torn' : 'travel', 'data-slot': slot, rx: 3 });
    // What is large in one picture and small in the other is never less than can be followed.
    const at = (r: { x: number; y: number; w: number; h: number }) => {
      const w = Math.min(60, Math.max(10, r.w));
      const h = Math.min(40, Math.max(10, r.h));
      return { x: r.x + (r.w - w) / 2, y: r.y + (r.h - h) / 2, width: w, height: h };
    };
    set(node, at(from));
    group.append(node);
    settle(node, at(to), duration * 0.95, { done: () => node.remove() });
  }
}
