/**
 * Every character device of the machine, by the path that opens it: those that are right, those that make a small, honest
 * mistake, and those that a person puts together on the bench. A device gives an area its page-table members at mmap.
 */
import { PMD_SIZE } from '../../base/units';
import type { PagetableOperations } from '../designs/design';
import type { FileOperations } from '../fs/file_table';
import type { Machine } from '../machine';
import { Contents } from '../mm/contents';
import type { file, vm_area_struct } from '../mm/mm_types';
import { composed } from './bench';
import { BROKEN } from './broken';
import { page_mmap, page_pagetable_ops } from './page-huge';
import { page_zero_pagetable_ops } from './page-huge-zero';
import { superpage_alignment, superpage_mmap, superpage_pagetable_ops } from './superpage';
import { driverText, type DriverText } from './texts';

export interface Driver extends DriverText {
  /** The members that it brings. */
  readonly table: () => PagetableOperations;
  /** Where an area of `len` bytes should start: at a multiple of so many bytes. */
  readonly alignment: (len: number) => number;
  /** Gives a fresh area what it needs; may refuse with a negative errno. */
  readonly mmap: (m: Machine, f: file, vma: vm_area_struct) => number;
}

const huge_aligned = (): number => PMD_SIZE;

const RIGHT: readonly Driver[] = [
  {
    ...driverText('/dev/page-huge'),
    table: () => page_pagetable_ops,
    alignment: huge_aligned,
    mmap: (m, f, vma) => page_mmap(m, f, vma),
  },
  {
    ...driverText('/dev/page-huge-zero'),
    table: page_zero_pagetable_ops,
    alignment: huge_aligned,
    mmap: (m, f, vma) => page_mmap(m, f, vma, page_zero_pagetable_ops()),
  },
  {
    ...driverText('/dev/superpage'),
    table: () => superpage_pagetable_ops,
    alignment: superpage_alignment,
    mmap: (m, _f, vma) => superpage_mmap(m, vma, superpage_pagetable_ops),
  },
];

let byPath: ReadonlyMap<string, Driver> | null = null;

/** All devices that have a fixed path. */
export const drivers = (): readonly Driver[] => [...named().values()];

function named(): ReadonlyMap<string, Driver> {
  return (byPath ??= new Map([...RIGHT, ...BROKEN].map((d) => [d.path, d])));
}

/** The device that a path opens, composed ones included; null for a path of no device. */
export const driverOf = (path: string): Driver | null =>
  path.startsWith('/dev/') ? (named().get(path) ?? composed(path)) : null;

export const device_file_operations: FileOperations = {
  mmap(m, f, vma) {
    const driver = driverOf(f.name)!;
    const err = m.design.map_device?.(m, vma, driver.table()) ?? driver.mmap(m, f, vma);
    // From here on what a driver does to the contents of memory shows.
    if (err === 0) m.contents ??= Contents.of(m);
    return err;
  },
};
