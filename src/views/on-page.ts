/** The pictures that are on the page now, for whoever draws across them. */
import type { Scene } from './scene';

/** A stage that is on the page. */
export interface OnPage {
  /** As `createStage` is told: `page-tables`. */
  readonly name: string;
  readonly svg: SVGSVGElement;
  scene(): Scene | null;
}

const there = new Set<OnPage>();

export const stages: ReadonlySet<OnPage> = there;

/** Makes a stage known; returns what makes it unknown again. */
export function putOnPage(stage: OnPage): () => void {
  there.add(stage);
  return () => there.delete(stage);
}
