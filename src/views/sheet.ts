/** What a layout draws on: it collects the marks of a scene, and knows how large things are at the page's text size. */
import type { Box, Line, Scene, Text } from './scene';

export class Sheet {
  readonly boxes: Box[] = [];
  readonly texts: Text[] = [];
  readonly lines: Line[] = [];
  /** Pixels of the smallest text, in which most is set. */
  readonly size: number;

  /** @param scale of the page's text, 1 to 2 */
  constructor(protected readonly scale: number) {
    this.size = 12 * scale;
  }

  /** Pixels of a length that is `n` at a scale of 1. */
  protected px(n: number): number {
    return Math.round(n * this.scale);
  }

  /** Sets a text at a baseline; an empty one (nothing fitted) is none. */
  protected write(key: string, text: string, x: number, y: number, given: Partial<Text> = {}): void {
    if (text !== '') this.texts.push(this.text(key, text, x, y, given));
  }

  protected text(key: string, text: string, x: number, y: number, given: Partial<Text>): Text {
    return { key, text, x, y, size: this.size, face: 'sans', anchor: 'start', tone: 'ink', slot: 0, ...given };
  }

  scene(given: Omit<Scene, 'boxes' | 'texts' | 'lines'>): Scene {
    return { ...given, boxes: this.boxes, texts: this.texts, lines: this.lines };
  }
}
