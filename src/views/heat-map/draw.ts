/** Owns the heat map's canvas. */
import type { HeatPicture } from '../../history/picture';
import { paletteAt, sized } from '../paint';
import { colourPixels, MARGIN, type Colour, type HeatColours, type HeatLayout } from './layout';

/** A colour of the stylesheet, whatever way it is written, as numbers. */
function numbersOf(colour: string, pen: CanvasRenderingContext2D): Colour {
  pen.fillStyle = colour;
  pen.fillRect(0, 0, 1, 1);
  const [r, g, b] = pen.getImageData(0, 0, 1, 1).data;
  return [r!, g!, b!];
}

function coloursAt(element: Element): HeatColours {
  const palette = paletteAt(element);
  const probe = document.createElement('canvas');
  probe.width = probe.height = 1;
  const pen = probe.getContext('2d', { willReadFrequently: true });
  if (pen === null) throw new Error('this browser has no canvas');
  return {
    nothing: numbersOf(palette.bg, pen),
    absent: palette.slots.map((slot) => numbersOf(slot.soft, pen)),
    present: palette.slots.map((slot) => numbersOf(slot.mark, pen)),
    changed: numbersOf(palette.strong, pen),
  };
}

export function drawHeatMap(canvas: HTMLCanvasElement, picture: HeatPicture, layout: HeatLayout): void {
  const { columns, rows, side } = layout;
  const small = document.createElement('canvas');
  small.width = columns;
  small.height = rows;
  const pen = small.getContext('2d');
  if (pen === null) throw new Error('this browser has no canvas');
  const image = pen.createImageData(columns, rows);
  colourPixels(picture, layout, coloursAt(canvas), image.data);
  pen.putImageData(image, 0, 0);
  const out = sized(canvas, columns * side, rows * side);
  out.imageSmoothingEnabled = false;
  out.drawImage(small, 0, 0, columns * side, rows * side);
  canvas.style.margin = `${MARGIN}px`;
}
