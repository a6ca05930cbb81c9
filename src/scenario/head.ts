/** The head of a scenario: its title, the design, the kernel's settings, and what stands before the first step. */
import type { MachineConfig } from '../engine/machine';

/** A mapping that stands before the first step, as a line of `/proc/PID/maps` says it. */
export interface LayoutArea {
  readonly start: number;
  readonly end: number;
  /** As in `maps`: `r-xp`. */
  readonly perms: string;
  /** Bytes. */
  readonly offset: number;
  readonly name: string;
}

/** An ordinary file that can be opened and mapped: clean, wholly in the page cache. */
export interface LayoutFile {
  readonly path: string;
  readonly bytes: number;
}

/** What a head sets; a setting that it leaves out is the default machine's. */
export interface Head {
  readonly title: string;
  /** Name of the design; '' leaves the choice to the page. */
  readonly design: string;
  /** Whose rules: a kernel release. */
  readonly rules: string;
  readonly config: Partial<Omit<MachineConfig, 'design'>>;
  readonly files: readonly LayoutFile[];
  /** The first process's areas; empty for the default process. */
  readonly areas: readonly LayoutArea[];
}
