/** Where a popover hangs: a point of the viewport, or an element's box. */
export interface Anchor {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

export const pointAnchor = (x: number, y: number): Anchor => ({ left: x, top: y, right: x, bottom: y });
