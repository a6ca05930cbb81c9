/** The designs that there are, by name. */
import type { Design } from './design';
import { flag } from './flag';
import { ops } from './ops';

export const DESIGNS = { ops, flag } as const satisfies Record<string, Design>;
export type DesignName = keyof typeof DESIGNS;
export const DESIGN_NAMES = Object.keys(DESIGNS) as readonly DesignName[];

export const isDesignName = (text: string): text is DesignName => Object.hasOwn(DESIGNS, text);
