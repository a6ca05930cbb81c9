/** The structures that the memory manager is about (Linux: include/linux/mm_types.h, fs.h, rmap.h, hugetlb.h). */
import { PAGE_SIZE } from '../../base/units';
import type { PagetableOperations } from '../designs/design';
import type { Machine } from '../machine';
import type { PageSource } from './page_source';
import type { Table } from './pgtable';
import type { VmaBlock, VmaTree } from './vma_tree';
import type { XArray } from './xarray';

/** Handlers that a file gives its mappings (Linux: struct vm_operations_struct). Null on an area: anonymous memory. */
export interface vm_operations_struct {
  readonly name: string;
  /** Where pages come from; the generic fault path calls it. Returns VM_FAULT_* bits. */
  readonly backing: 'file' | 'shmem' | 'hugetlb' | 'special';
  /** Splitting at `address` is refused with a negative errno. */
  readonly may_split?: (vma: vm_area_struct, address: number) => number;
  /** Bytes of one page of the mapping, where not 4096. */
  readonly pagesize?: (vma: vm_area_struct) => number;
  /** The area was copied (split, fork, move). */
  readonly open?: (vma: vm_area_struct) => void;
  /** The area goes away. Areas with it are extended by merges, never removed by them. */
  readonly close?: (vma: vm_area_struct) => void;
  /** Moving is refused with a negative errno (Linux asks after the move, and moves back). */
  readonly mremap?: (vma: vm_area_struct) => number;
  /** Linux 6.18: a fault that may map a large leaf. */
  readonly huge_fault?: PagetableOperations['fault'];
  /** Design `vm_ops`: the six page-table handlers as members of this table; absent in ordinary ones. */
  readonly pagetable?: PagetableOperations;
}

/** One area of an address space: `[vm_start, vm_end)`, bytes. */
export class vm_area_struct {
  vm_ops: vm_operations_struct | null = null;
  /** What design `ops` hangs on the area; null means the generic way. Other designs leave it null. */
  pagetable_ops: PagetableOperations | null = null;
  /** Design `table`: which row of the core's fixed table serves the area; 0 is the ordinary one. */
  pagetable_index = 0;
  /** What the mapping says of its pages, where the core itself walks its leaves; null for ordinary memory. */
  pages: PageSource | null = null;
  vm_file: file | null = null;
  anon_vma: anon_vma | null = null;
  /** All anon_vmas whose pages the area may hold, its own first to last by age (Linux: a list of anon_vma_chain). */
  anon_vma_chain: anon_vma[] = [];
  /** Private hugetlb areas: the owner's reservation map. */
  resv_map: resv_map | null = null;
  /** This private hugetlb area made the reservation (HPAGE_RESV_OWNER). */
  resv_owner = false;
  /** The owner took a page from this area; any further fault on a missing page dies (HPAGE_RESV_UNMAPPED). */
  resv_unmapped = false;
  /** Name shown where there is no file: `[heap]`, `[stack]`, `[vdso]` …; empty otherwise. */
  special_name = '';
  /** Block of the area tree that holds it. */
  block: VmaBlock | null = null;
  /** Free for a driver: small numbers and ids only. */
  driver_data = 0;
  /** Id of the area that it was cut from or copied from at first: halves of a split mapping share it. */
  origin: number;

  constructor(
    /** Unique within the machine, for life: what views call the area. */
    public id: number,
    public vm_mm: mm_struct,
    public vm_start: number,
    public vm_end: number,
    /** Offset into the file, or address at birth, in 4 KiB pages. */
    public vm_pgoff: number,
    public vm_flags: number,
  ) {
    this.origin = id;
  }

  /** Makes an area that nobody holds any more into a new one, every field as the constructor leaves it. */
  renew(id: number, vm_mm: mm_struct, vm_start: number, vm_end: number, vm_pgoff: number, vm_flags: number): void {
    this.id = id;
    this.vm_mm = vm_mm;
    this.vm_start = vm_start;
    this.vm_end = vm_end;
    this.vm_pgoff = vm_pgoff;
    this.vm_flags = vm_flags;
    this.vm_ops = null;
    this.pagetable_ops = null;
    this.pagetable_index = 0;
    this.pages = null;
    this.vm_file = null;
    this.anon_vma = null;
    if (this.anon_vma_chain.length > 0) this.anon_vma_chain = [];
    this.resv_map = null;
    this.resv_owner = false;
    this.resv_unmapped = false;
    this.special_name = '';
    this.block = null;
    this.driver_data = 0;
    this.origin = id;
  }
}

/** One address space. */
export class mm_struct {
  total_vm = 0;
  locked_vm = 0;
  /** Pages in `locked_vm` that no area locks: MREMAP_DONTUNMAP of a locked area leaves them there (Linux 6.18). */
  locked_lost = 0;
  data_vm = 0;
  exec_vm = 0;
  stack_vm = 0;
  private table_bytes = 0;
  /** Base pages present: file, anonymous, shared memory. Huge pages of the pool are not counted. */
  rss_file = 0;
  rss_anon = 0;
  rss_shmem = 0;
  /** Pages of the pool present in this address space, in base pages (Linux: hugetlb_usage). */
  hugetlb_usage = 0;
  /** It has once shared a PMD table: from then on `hugetlb_usage` counts what it faulted itself, as Linux's does. */
  has_shared_pmd = false;
  start_brk = 0;
  brk = 0;
  start_code = 0;
  end_code = 0;
  start_data = 0;
  end_data = 0;
  start_stack = 0;
  /** Top of the area in which new mappings are placed, top down. */
  mmap_base = 0;
  /** Flags that every new mapping gets (mlockall MCL_FUTURE). */
  def_flags = 0;
  /** Area found last, and the PTE table used last; both may be stale in snapshots only. */
  cached_vma: vm_area_struct | null = null;
  cached_pte_table: Table | null = null;
  cached_pte_base = 0;
  /** High-water marks of `total_vm` and of the resident pages. */
  hiwater_vm = 0;
  hiwater_rss = 0;

  constructor(
    readonly machine: Machine,
    /** The number of its process. */
    readonly id: number,
    public pgd: Table,
    readonly mm_mt: VmaTree,
  ) {}

  /** Bytes of PTE, PMD and PUD pages; the top table is not counted. They are taken out of the machine's memory. */
  get pgtables_bytes(): number {
    return this.table_bytes;
  }

  set pgtables_bytes(bytes: number) {
    this.machine.frames.tables += (bytes - this.table_bytes) / PAGE_SIZE;
    this.table_bytes = bytes;
  }

  /** Areas that it has. */
  get map_count(): number {
    return this.mm_mt.size;
  }
}

/** Groups the areas that may share anonymous pages (Linux: struct anon_vma). */
export class anon_vma {
  num_children = 0;
  num_active_vmas = 0;
  /** Areas whose chain holds it. */
  degree = 0;
  parent: anon_vma;
  root: anon_vma;

  constructor(readonly id: number) {
    this.parent = this;
    this.root = this;
  }
}

/** A set of half-open ranges of huge-page indexes, ascending, disjoint (Linux: struct resv_map). */
export class resv_map {
  /** Reserved ranges of a file; consumed ranges of a private owner (Linux inverts them too). */
  regions: { from: number; to: number }[] = [];
  /** Areas that hold it (private owners after a split). */
  refs = 1;
}

/** A file's pages and the areas that map it (Linux: struct address_space). */
export class address_space {
  /** Page cache: pfn + 1 by index (in pages of the file's own size). */
  constructor(
    readonly i_pages: XArray,
    readonly i_mmap: Set<vm_area_struct>,
  ) {}
}

export type InodeKind = 'file' | 'shmem' | 'hugetlb' | 'device' | 'zero';

export class inode {
  i_size = 0;
  /** Names in a directory. */
  i_nlink = 0;
  /** Open files and areas that hold it; with `i_nlink` 0 the inode goes at 0. */
  refs = 0;
  /** F_SEAL_* of a memfd; null for a file that cannot be sealed. */
  seals: number | null = null;
  /** A memfd with permission to be executed. */
  executable = false;
  /** hugetlbfs: on the mount that people use, which may have a size; else on the kernel's own. */
  on_mount = false;
  /** hugetlbfs: reserved ranges of the file, in huge pages. */
  resv: resv_map | null = null;
  /** Free for a driver: small numbers and ids only. */
  driver_data = 0;
  /** The System V segment that it is behind, −1 for none. */
  shmid = -1;

  constructor(
    readonly id: number,
    readonly kind: InodeKind,
    readonly i_mapping: address_space,
    /** Bytes of one page in `i_pages`: 4096, or the huge page's size. */
    readonly page_bytes: number,
  ) {}
}

/** An open file (Linux: struct file). Areas hold one reference each. */
export class file {
  f_count = 1;

  constructor(
    readonly id: number,
    readonly inode: inode,
    /** As `/proc/PID/maps` prints it, without ` (deleted)`. */
    readonly name: string,
    readonly f_flags: number,
    /** For a character device: the driver's name. */
    readonly driver: string = '',
  ) {}

  /** Printed as deleted: it has no name in a directory. */
  get deleted(): boolean {
    return this.inode.i_nlink === 0;
  }
}

/** A process: an address space and its open files. */
export class Task {
  constructor(
    readonly who: number,
    public mm: mm_struct,
    public files: (file | null)[],
    /** `/proc/PID/status` Name. */
    readonly comm: string,
    readonly parent: number,
    /** Descriptors that exec closes. */
    readonly close_on_exec: Set<number> = new Set(),
  ) {}
}

/** Bits that a fault handler returns (Linux: enum vm_fault_reason). */
export const VM_FAULT_OOM = 0x1;
export const VM_FAULT_SIGBUS = 0x2;
/** A page had to be read from the disk: not a minor fault. */
export const VM_FAULT_MAJOR = 0x4;
export const VM_FAULT_SIGSEGV = 0x40;
export const VM_FAULT_RETRY = 0x400;
export const VM_FAULT_NOPAGE = 0x100;
export const VM_FAULT_FALLBACK = 0x800;
export const VM_FAULT_ERROR = VM_FAULT_OOM | VM_FAULT_SIGBUS | VM_FAULT_SIGSEGV;

/** How an address is touched (Linux: enum fault_flag). */
export const FAULT_FLAG_WRITE = 0x1;
/** Not a touch by the process but by the kernel on its behalf (populate, mlock). */
export const FAULT_FLAG_REMOTE = 0x80;
