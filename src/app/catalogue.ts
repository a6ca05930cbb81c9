/** What every design's file tells of itself (`about`), collected as plain data without the engine behind it. */
import type { About } from '../engine/designs/design';

const FILES = import.meta.glob<About>(
  ['../engine/designs/*.ts', '!../engine/designs/{design,designs,probe,sites,unconverted}.ts'],
  { eager: true, import: 'about', query: '?about' },
);

export const CATALOGUE: readonly About[] = Object.values(FILES).sort((a, b) => a.place - b.place);

/** The two that were argued for: the header's switch, and what is held side by side. */
export const ARGUED = CATALOGUE.filter((each): each is About & { argued: string } => each.argued !== undefined);

/** The design of a scenario that names none: the first. */
export const DEFAULT_DESIGN = CATALOGUE[0].design;

/** What stands beside a design when somebody compares: the other of the two, or the first of them. */
export const otherThan = (design: string): string => ARGUED.find((each) => each.design !== design)!.design;
