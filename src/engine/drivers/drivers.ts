/**
 * Every character device of the machine, by the path that opens it: those that are right, those that make a small, honest
 * mistake, and those that a person puts together on the bench. A device gives an area its page-table members at mmap.
 */
import { PMD_SIZE } from '../../base/units';
import { DEFAULT_TABLE, PLAIN_VM_OPS, type PagetableOperations } from '../designs/design';
import type { FileOperations } from '../fs/file_table';
import type { Machine } from '../machine';
import type { file, vm_area_struct } from '../mm/mm_types';
import { composed, composedById } from './bench';
import { BROKEN } from './broken';
import { hugetlbfs_pagetable_ops } from './hugetlbfs';
import { page_mmap, page_pagetable_ops } from './page-huge';
import { page_zero_pagetable_ops } from './page-huge-zero';
import { superpage_alignment, superpage_mmap, superpage_pagetable_ops } from './superpage';

export interface Driver {
  /** `/dev/…` */
  readonly path: string;
  readonly title: string;
  /** What it does, or which mistake it makes, in a sentence. */
  readonly tells: string;
  /** It makes a mistake. */
  readonly broken: boolean;
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
    path: '/dev/page-huge',
    title: 'page-huge',
    tells: 'Private huge pages of the pool without a file, as posted in March 2007.',
    broken: false,
    table: () => page_pagetable_ops,
    alignment: huge_aligned,
    mmap: (m, f, vma) => page_mmap(m, f, vma),
  },
  {
    path: '/dev/page-huge-zero',
    title: 'page-huge with a zero page',
    tells: 'The same, but a read maps one shared page of zeroes; a huge page is taken at the first write.',
    broken: false,
    table: page_zero_pagetable_ops,
    alignment: huge_aligned,
    mmap: (m, f, vma) => page_mmap(m, f, vma, page_zero_pagetable_ops()),
  },
  {
    path: '/dev/superpage',
    title: 'superpage',
    tells:
      'Pages of 64 KiB, 2 MiB and 1 GiB, the largest that alignment, length and memory allow: page size as a device.',
    broken: false,
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
  mmap: (m, f, vma) => driverOf(f.name)!.mmap(m, f, vma),
};

/** The name of a table of handlers by the number that events give it: `page_pagetable_ops`. */
export function tableName(id: number): string {
  if (id === 0) return 'NULL';
  if (id === hugetlbfs_pagetable_ops.id) return hugetlbfs_pagetable_ops.name;
  if (id === DEFAULT_TABLE) return 'default_pagetable_ops';
  if (id === PLAIN_VM_OPS) return 'vm_ops without members';
  const known = drivers().find((d) => d.table().id === id) ?? composedById(id);
  return known === undefined ? `pagetable_ops ${id}` : known.table().name;
}
