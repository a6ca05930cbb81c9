/** What is broken, in words. */
import { hex } from '../../base/units';
import type { vm_area_struct } from '../mm/mm_types';

/** One broken invariant. */
export interface Broken {
  /** Short and stable: which rule. */
  readonly invariant: string;
  /** One sentence that names the thing. */
  readonly text: string;
  /** Number of the process. */
  readonly mm?: number;
  readonly address?: number;
  readonly pfn?: number;
  /** Id of the area. */
  readonly vma?: number;
}

/** Collects what is broken, up to a limit that keeps a wrecked machine readable. */
export class Findings {
  readonly list: Broken[] = [];

  constructor(private readonly limit = 100) {}

  add(invariant: string, text: string, where: Omit<Broken, 'invariant' | 'text'> = {}): void {
    if (this.list.length < this.limit) this.list.push({ invariant, text, ...where });
  }

  /** Holds a counter against its recount. */
  equal(
    invariant: string,
    what: string,
    counter: number,
    recount: number,
    where: Omit<Broken, 'invariant' | 'text'> = {},
  ): void {
    if (counter !== recount) this.add(invariant, `${what} is ${counter}, but a recount gives ${recount}`, where);
  }
}

/** An area in words: `area 12 of process 0 (7f…000-7f…000)`. */
export const areaText = (vma: vm_area_struct): string =>
  `area ${vma.id} of process ${vma.vm_mm.id} (${hex(vma.vm_start)}-${hex(vma.vm_end)})`;
