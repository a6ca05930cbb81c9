/** The designs that there are, by name. */
import { anonFlag } from './anon-flag';
import { core } from './core';
import type { Design } from './design';
import { file } from './file';
import { flag } from './flag';
import { mainline } from './mainline';
import { ops } from './ops';
import { opsAlways } from './ops-always';
import { table } from './table';
import { vmOps } from './vm_ops';

export const DESIGNS = {
  ops,
  flag,
  'anon-flag': anonFlag,
  'ops-always': opsAlways,
  vm_ops: vmOps,
  table,
  file,
  core,
  mainline,
} as const satisfies Record<string, Design>;
export type DesignName = keyof typeof DESIGNS;
export const DESIGN_NAMES = Object.keys(DESIGNS) as readonly DesignName[];

/** Those under which files of huge pages can be mapped, so that they answer as Linux does. */
export const LINUX_DESIGNS = DESIGN_NAMES.filter((name) => (DESIGNS[name] as Design).map_anonymous === undefined);

/** The two that were argued for in 2007. */
export const ARGUED = DESIGN_NAMES.filter((name) => DESIGNS[name].about.argued !== undefined);

/** The design of a scenario that names none. */
export const DEFAULT_DESIGN: DesignName = DESIGN_NAMES[0]!;

export const isDesignName = (text: string): text is DesignName => Object.hasOwn(DESIGNS, text);
