/**
 * What a design does to find out, one step at a time: loads of a pointer, tests, calls. A design writes each step with the
 * probe, and the probe records it where somebody looks; otherwise a step costs nothing but itself.
 */
import { Ev } from '../events';
import type { Machine } from '../machine';
import type { mm_struct, vm_area_struct } from '../mm/mm_types';
import { VM_HUGETLB } from '../mm/vm_flags';
import { R, type Routine } from '../routines';
import { SITES, type Site } from './sites';

/** Something with members that can be pointed at: a table of handlers, a mapping's own operations. */
export interface Named {
  readonly name: string;
}

/** Lines of the designs' files, each as `flag.ts:40`, by the number that events give it. */
const places: string[] = [''];
const numbers = new Map<string, number>([['', 0]]);

function numberOf(place: string): number {
  let n = numbers.get(place);
  if (n === undefined) {
    n = places.push(place) - 1;
    numbers.set(place, n);
  }
  return n;
}

/** The file and line that a step of an event stands at; null where it is not known (a build that does not note them). */
export function placeOfStep(n: number): { readonly file: string; readonly line: number } | null {
  const [file, line] = (places[n] ?? '').split(':');
  return file === undefined || line === undefined ? null : { file, line: Number(line) };
}

/** Names of tables and members by the number that events give them, in the order in which they were met; 0 is none. */
const names: string[] = [''];
const nameNumbers = new Map<string, number>([['', 0]]);

function nameNumber(name: string): number {
  let n = nameNumbers.get(name);
  if (n === undefined) {
    n = names.push(name) - 1;
    nameNumbers.set(name, n);
  }
  return n;
}

const tableNumber = (table: Named | null | undefined): number =>
  table === null || table === undefined ? 0 : nameNumber(table.name);

/** The name of a table that an event speaks of: `hugetlbfs_pagetable_ops`, `NULL`. */
export const tableName = (n: number): string => names[n] || 'NULL';

/** The member that an event speaks of, as it is written behind the pointer: `->fault`; empty for the table itself. */
export const memberOf = (n: number): string => (n === 0 ? '' : `->${names[n] ?? ''}`);

export class Probe {
  private site = 0;
  private vma = 0;
  /** Where the step stands that comes next. The build writes this in (see `designSources` of scripts/plugins.mjs). */
  private place = '';
  /** The table loaded last, and the member of it; empty before one is. */
  private table: Named | null = null;
  private of = '';

  constructor(private readonly machine: Machine) {}

  /** The core asks at `site` about `vma`. */
  begin(site: Site, vma: vm_area_struct): void {
    this.site = SITES.indexOf(site);
    this.vma = vma.id;
    this.of = '';
    this.place = '';
  }

  /** The step that comes next stands at `place`. */
  at(place: string): this {
    if (this.machine.rec !== null) this.place = place;
    return this;
  }

  private tell(kind: Ev, operand: number): void {
    this.machine.rec!.emit(kind, this.site, this.vma, operand, numberOf(this.place), nameNumber(this.of));
  }

  /** A pointer to a table is loaded. */
  load<T extends Named>(table: T | null): T | null {
    if (this.machine.rec !== null) {
      this.table = table;
      this.of = '';
      this.tell(Ev.TableLoad, tableNumber(table));
    }
    return table;
  }

  /** A member of a table is loaded. */
  member<T extends Named, K extends keyof T>(table: T, name: K): T[K] {
    const found = table[name];
    if (this.machine.rec !== null) {
      this.table = table;
      this.of = name as string;
      this.tell(Ev.MemberLoad, found === undefined ? 0 : tableNumber(table));
    }
    return found;
  }

  /** A small number is loaded from the area. */
  index(n: number): number {
    if (this.machine.rec !== null) this.tell(Ev.IndexLoad, n);
    return n;
  }

  isNull(pointer: unknown): pointer is null | undefined {
    const is = pointer === null || pointer === undefined;
    if (this.machine.rec !== null) this.tell(Ev.NullTest, is ? 1 : 0);
    return is;
  }

  /** Linux: is_vm_hugetlb_page. */
  hugetlb(vma: vm_area_struct): boolean {
    const set = (vma.vm_flags & VM_HUGETLB) !== 0;
    if (this.machine.rec !== null) this.tell(Ev.FlagTest, set ? 1 : 0);
    return set;
  }

  /** Which of two huge kinds it is: whether the area is one of the character device. */
  isDevice(is: boolean): boolean {
    if (this.machine.rec !== null) this.tell(Ev.FileTest, is ? 1 : 0);
    return is;
  }

  /** A routine is called by its name. */
  call<T>(name: Routine, routine: T): T {
    if (this.machine.rec !== null) this.tell(Ev.DirectCall, R[name]);
    return routine;
  }

  /** A routine is called through the pointer loaded last. */
  through<T>(handler: T): T {
    if (this.machine.rec !== null) this.tell(Ev.IndirectCall, tableNumber(this.table));
    return handler;
  }

  /** Nothing was found: the generic way. */
  generic(): void {
    this.tell(Ev.GenericWay, 0);
  }

  /** The generic walk looks at which level the leaf stands that maps `address`. */
  level(mm: mm_struct, vma: number, level: number, address: number): void {
    if (this.machine.rec !== null) this.machine.rec.emit(Ev.LevelLook, mm.id, vma, level, address);
  }
}
