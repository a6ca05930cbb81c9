/** Paints the boxes of a scene on a canvas, in the colours of the page's theme: for more marks than SVG carries. */
import { light, type Light, type Lights } from './lights';
import type { Box, Scene } from './scene';

interface Ink {
  readonly mark: string;
  readonly soft: string;
}

interface Palette {
  readonly slots: readonly Ink[];
  readonly bg: string;
  readonly sunken: string;
  readonly edge: string;
  readonly strong: string;
  readonly accent: string;
  readonly highlight: string;
  readonly bad: string;
}

/** The theme's colours as they hold at an element. Slots are read through the tokens of tokens.css. */
export function paletteAt(element: Element): Palette {
  const style = getComputedStyle(element);
  const read = (name: string): string => style.getPropertyValue(name).trim() || '#808080';
  return {
    slots: Array.from({ length: 8 }, (_, slot) => ({
      mark: read(`--tone-${slot}`),
      soft: read(`--tone-${slot}-soft`),
    })),
    bg: read('--bg'),
    sunken: read('--sunken'),
    edge: read('--edge'),
    strong: read('--strong'),
    accent: read('--accent'),
    highlight: read('--highlight'),
    bad: read('--bad'),
  };
}

/** Gives a canvas its size in CSS pixels at the screen's own resolution, and returns its context. */
export function sized(canvas: HTMLCanvasElement, width: number, height: number): CanvasRenderingContext2D {
  const density = Math.min(2, window.devicePixelRatio || 1);
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  canvas.width = Math.ceil(width * density);
  canvas.height = Math.ceil(height * density);
  const pen = canvas.getContext('2d');
  if (pen === null) throw new Error('this browser has no canvas');
  pen.scale(density, density);
  return pen;
}

export function paint(canvas: HTMLCanvasElement, scene: Scene, lights: Lights): void {
  const pen = sized(canvas, scene.width, scene.height);
  const palette = paletteAt(canvas);
  for (let layer = 0; layer < 4; layer++)
    for (const box of scene.boxes) if (box.layer === layer) paintBox(pen, box, palette, light(box, lights));
}

function paintBox(pen: CanvasRenderingContext2D, box: Box, palette: Palette, lit: Light): void {
  const { x, y, w, h, look, mark } = box;
  if (look === 'blank') return;
  if (look === 'diamond') return paintDiamond(pen, box, palette);
  const ink = palette.slots[box.slot]!;
  if (mark === 'new' || mark === 'changed') {
    pen.fillStyle = palette.highlight;
    pen.fillRect(x - 2, y - 2, w + 4, h + 4);
  }
  const gone = mark === 'gone';
  pen.fillStyle = fillOf(look, ink, palette, gone);
  pen.fillRect(x, y, w, h);
  if (box.fill !== undefined && box.fill > 0) {
    pen.fillStyle = ink.mark;
    pen.fillRect(x, y, Math.max(1, w * box.fill), h);
  }
  if (look === 'hatched' && w > 4 && h > 4 && !gone) {
    pen.save();
    pen.beginPath();
    pen.rect(x, y, w, h);
    pen.clip();
    pen.strokeStyle = ink.mark;
    pen.lineWidth = 2;
    pen.beginPath();
    for (let at = x - h; at < x + w; at += 6) {
      pen.moveTo(at, y + h);
      pen.lineTo(at + h, y);
    }
    pen.stroke();
    pen.restore();
  }
  if (look === 'ground' || look === 'bright' || (w < 4 && lit === '')) return;
  const changed = mark === 'new' || mark === 'changed';
  const plain = changed ? palette.strong : edgeOf(look, ink, palette);
  const edge = look === 'ghost' ? palette.bad : plain;
  pen.strokeStyle = { broken: palette.bad, chosen: palette.accent, lit: palette.strong, '': edge }[lit];
  pen.lineWidth = lit === '' ? (changed ? 1.5 : 1) : 2.5;
  pen.setLineDash(look === 'dashed' || look === 'ghost' || gone || lit === 'broken' ? [3, 2] : []);
  pen.strokeRect(x + 0.5, y + 0.5, w - 1, h - 1);
  pen.setLineDash([]);
}

/** As `tokens.css` turns it: a square on its corner, a little smaller than its box's diagonal. */
function paintDiamond(pen: CanvasRenderingContext2D, { x, y, w, h, slot }: Box, palette: Palette): void {
  const [cx, cy, r] = [x + w / 2, y + h / 2, 0.9 * w * Math.SQRT1_2];
  pen.beginPath();
  pen.moveTo(cx, cy - r);
  pen.lineTo(cx + r, cy);
  pen.lineTo(cx, cy + r);
  pen.lineTo(cx - r, cy);
  pen.closePath();
  pen.fillStyle = palette.bg;
  pen.fill();
  pen.strokeStyle = palette.slots[slot]!.mark;
  pen.lineWidth = 1;
  pen.stroke();
}

function fillOf(look: Box['look'], ink: Ink, palette: Palette, gone: boolean): string {
  if (gone) return palette.bg;
  if (look === 'bright') return palette.highlight;
  if (look === 'solid' || look === 'double') return ink.mark;
  if (look === 'soft' || look === 'hatched') return ink.soft;
  return look === 'faint' || look === 'ground' ? palette.sunken : palette.bg;
}

function edgeOf(look: Box['look'], ink: Ink, palette: Palette): string {
  return look === 'outline' || look === 'stack' || look === 'faint' ? palette.edge : ink.mark;
}
