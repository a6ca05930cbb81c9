/** A process that has just started: its areas, what of them is present, and its place in the machine. Linux: fs/binfmt_elf.c. */
import { assert } from '../base/assert';
import { PAGE_SIZE, TASK_SIZE } from '../base/units';
import { ops } from './designs/ops';
import { EINVAL } from './errno';
import { f_op } from './fs/file';
import { fput, get_file, new_file } from './fs/file_table';
import { Machine, type MachineConfig } from './machine';
import { createRegularFile, filemap_add_folio } from './mm/filemap';
import { hstate } from './mm/hugetlb_types';
import { type file, type inode, type mm_struct, Task, vm_area_struct, type vm_operations_struct } from './mm/mm_types';
import { PG_anon, PG_anon_exclusive, PG_reserved, PG_swapbacked, PG_uptodate } from './mm/page_alloc';
import {
  _PAGE_ACCESSED,
  _PAGE_DIRTY,
  _PAGE_PRESENT,
  _PAGE_RW,
  mk_pte,
  pte_alloc,
  pte_index,
  set_entry,
} from './mm/pgtable';
import { anon_vma_prepare, linear_page_index } from './mm/rmap';
import { vm_stat_account, vma_link } from './mm/vma';
import {
  VM_ACCOUNT,
  VM_DONTDUMP,
  VM_DONTEXPAND,
  VM_EXEC,
  VM_GROWSDOWN,
  VM_IO,
  VM_MAYEXEC,
  VM_MAYREAD,
  VM_MAYWRITE,
  VM_PFNMAP,
  VM_READ,
  VM_WRITE,
} from './mm/vm_flags';
import { O_RDONLY } from './uapi';

/** One area of a program that has just started, `[start, end)`. */
export interface ProgramArea {
  readonly start: number;
  readonly end: number;
  readonly vm_flags: number;
  /** Offset into the file, bytes. */
  readonly offset: number;
  /** The program's file, a bracketed name that the kernel gives, or empty for anonymous memory. */
  readonly name: string;
  /** Present pages as runs `[address, pages]`. */
  readonly present: readonly (readonly [number, number])[];
}

const MAYREAD_FLAGS = VM_READ | VM_MAYREAD;
const TEXT_FLAGS = VM_READ | VM_MAYREAD | VM_MAYWRITE | VM_MAYEXEC;
const DATA_FLAGS = TEXT_FLAGS | VM_WRITE | VM_ACCOUNT;
const VVAR_FLAGS = MAYREAD_FLAGS | VM_PFNMAP | VM_IO | VM_DONTEXPAND | VM_DONTDUMP;

const PROGRAM = '/usr/bin/program';

/** Ordinary files that there are from the start, in pages. */
const ORDINARY_FILES = [
  ['file:A', 40],
  ['file:B', 700],
] as const;

/** A small static program as Linux lays it out without address randomisation. */
const DEFAULT_PROGRAM: readonly ProgramArea[] = [
  area(0x400000, 0x401000, TEXT_FLAGS, 0, PROGRAM, [[0x400000, 1]]),
  area(0x401000, 0x47a000, TEXT_FLAGS | VM_EXEC, 0x1000, PROGRAM, [[0x401000, 121]]),
  area(0x47a000, 0x4a2000, TEXT_FLAGS, 0x7a000, PROGRAM, [[0x47a000, 40]]),
  area(0x4a2000, 0x4a6000, TEXT_FLAGS | VM_ACCOUNT, 0xa1000, PROGRAM, [[0x4a2000, 2]]),
  area(0x4a6000, 0x4a9000, DATA_FLAGS, 0xa5000, PROGRAM, [[0x4a6000, 3]]),
  area(0x4a9000, 0x4be000, DATA_FLAGS, 0, '', [[0x4a9000, 17]]),
  area(0x4be000, 0x4e0000, DATA_FLAGS, 0, '[heap]', [[0x4be000, 2]]),
  area(0x7ffff7ff7000, 0x7ffff7ffb000, VVAR_FLAGS, 0, '[vvar]', []),
  area(0x7ffff7ffb000, 0x7ffff7ffd000, VVAR_FLAGS, 0, '[vvar_vclock]', []),
  area(0x7ffff7ffd000, 0x7ffff7fff000, TEXT_FLAGS | VM_EXEC | VM_DONTEXPAND, 0, '[vdso]', [[0x7ffff7ffd000, 1]]),
  area(0x7ffffffde000, 0x7ffffffff000, DATA_FLAGS | VM_GROWSDOWN, 0, '[stack]', [[0x7fffffffa000, 5]]),
];

function area(
  start: number,
  end: number,
  vm_flags: number,
  offset: number,
  name: string,
  present: readonly (readonly [number, number])[],
): ProgramArea {
  return { start, end, vm_flags, offset, name, present };
}

/** Linux: mm/mmap.c special_mapping_vmops. Left out: mremap, access. */
export const special_mapping_vmops: vm_operations_struct = {
  name: 'special_mapping_vmops',
  backing: 'special',
  may_split: () => -EINVAL,
  close: () => {},
};

/** Room kept free for the stack below `TASK_SIZE`, at least. */
const MIN_GAP = 128 * 2 ** 20;
/** Linux: arch/x86/mm/mmap.c mmap_base, for a stack limit of 8 MiB and without randomisation: the smallest gap wins. */
const MMAP_BASE = TASK_SIZE - MIN_GAP;

export const DEFAULT_CONFIG: MachineConfig = {
  design: ops,
  memory: 24 * 2 ** 30,
  thp: 'madvise',
  overcommit_memory: 0,
  max_map_count: 65530,
  memlock: Infinity,
  faultyDevice: false,
  rules: '6.18',
  tlb: null,
};

/** A machine with one process, number 0, that runs a small static program. `config` overrides `DEFAULT_CONFIG`. */
export function createMachine(config: Partial<MachineConfig> = {}): Machine {
  return machineWith(DEFAULT_PROGRAM, config);
}

/** A machine whose process 0 has just these areas. */
export function machineWith(areas: readonly ProgramArea[], config: Partial<MachineConfig> = {}): Machine {
  const m = new Machine({ ...DEFAULT_CONFIG, ...config }, new hstate());
  const who = 0;
  const mm = m.newMm(who);
  loadProgram(m, mm, areas);
  m.tasks.set(who, new Task(who, mm, [null, null, null], 'program', -1));
  for (const [path, pages] of ORDINARY_FILES) ordinaryFile(m, path, pages * PAGE_SIZE);
  return m;
}

/** Gives an empty address space a program's areas, and what of them is present. Linux: fs/binfmt_elf.c load_elf_binary. */
export function loadProgram(m: Machine, mm: mm_struct, areas: readonly ProgramArea[]): void {
  mm.mmap_base = MMAP_BASE;
  const programs = new Map<string, file>();
  for (const a of areas) {
    const vma = new vm_area_struct(m.next_vma_id++, mm, a.start, a.end, a.start / PAGE_SIZE, a.vm_flags);
    const special = a.name.startsWith('[');
    if (a.name === '[heap]') {
      mm.start_brk = a.start;
      mm.brk = a.end;
    } else if (a.name === '[stack]') {
      // The place of the arguments, above the part of the stack that is in use.
      mm.start_stack = a.end - 16;
    } else if (special) {
      vma.vm_ops = special_mapping_vmops;
      vma.special_name = a.name;
      vma.vm_pgoff = 0;
    } else if (a.name !== '') {
      mapProgramFile(m, vma, a, programs, areas);
      if ((a.vm_flags & VM_EXEC) !== 0 && mm.start_code === 0) {
        mm.start_code = a.start;
        mm.end_code = a.end;
      }
      if ((a.vm_flags & VM_WRITE) !== 0) mm.end_data = a.end;
    }
    vma_link(mm, vma);
    vm_stat_account(mm, vma.vm_flags, (a.end - a.start) / PAGE_SIZE);
    if ((a.vm_flags & VM_ACCOUNT) !== 0) m.committed += (a.end - a.start) / PAGE_SIZE;
    for (const [address, n] of a.present) for (let i = 0; i < n; i++) makePresent(vma, address + i * PAGE_SIZE);
  }
  mm.hiwater_vm = mm.total_vm;
  mm.hiwater_rss = mm.rss_file + mm.rss_anon;
  for (const f of programs.values()) fput(m, f);
}

/** The ordinary file of that name, made or enlarged to hold at least `bytes`, wholly in the page cache. */
export function ordinaryFile(m: Machine, path: string, bytes: number): inode {
  const node = m.names.get(path);
  if (node === undefined || node.kind !== 'file') return createRegularFile(m, path, bytes);
  node.i_size = Math.max(node.i_size, bytes);
  for (let i = 0; i < bytes / PAGE_SIZE; i++)
    if (node.i_mapping.i_pages.get(i) === 0) filemap_add_folio(m, node, i, PG_uptodate);
  return node;
}

/** Puts the program's own file behind an area. */
function mapProgramFile(
  m: Machine,
  vma: vm_area_struct,
  a: ProgramArea,
  programs: Map<string, file>,
  areas: readonly ProgramArea[],
): void {
  let f = programs.get(a.name);
  if (f === undefined) {
    const bytes = Math.max(...areas.filter((x) => x.name === a.name).map((x) => x.offset + x.end - x.start));
    f = new_file(m, ordinaryFile(m, `file:${a.name}`, bytes), a.name, false, O_RDONLY);
    programs.set(a.name, f);
  }
  vma.vm_pgoff = a.offset / PAGE_SIZE;
  vma.vm_file = get_file(f);
  f_op(f.inode).mmap(m, f, vma);
}

/** Maps one page as the loader and the running program left it: what may have been written is the process's own. */
function makePresent(vma: vm_area_struct, address: number): void {
  const mm = vma.vm_mm;
  const m = mm.machine;
  const frames = m.frames;
  const index = linear_page_index(vma, address);
  let bits = _PAGE_PRESENT | _PAGE_ACCESSED;
  let pfn: number;
  if ((vma.vm_flags & VM_ACCOUNT) !== 0) {
    assert(anon_vma_prepare(vma) === 0, 'no anon_vma for a program that starts');
    pfn = frames.alloc_pages(0);
    frames.setFlags(pfn, PG_anon | PG_swapbacked | PG_anon_exclusive | PG_uptodate);
    frames.setMapping(pfn, vma.anon_vma!.id, index);
    bits |= _PAGE_DIRTY;
    if ((vma.vm_flags & VM_WRITE) !== 0) bits |= _PAGE_RW;
    mm.rss_anon++;
  } else {
    if (vma.vm_file !== null) {
      pfn = vma.vm_file.inode.i_mapping.i_pages.get(index) - 1;
      frames.get_page(pfn);
    } else {
      pfn = frames.alloc_pages(0);
      frames.get_page(pfn);
      frames.setFlags(pfn, PG_reserved | PG_uptodate);
    }
    mm.rss_file++;
  }
  frames.addMapcount(pfn, 1);
  set_entry(mm, pte_alloc(mm, address), pte_index(address), address, mk_pte(pfn, bits));
}
