/** A program that has just been loaded: its areas, and what of them is present (Linux: fs/binfmt_elf.c). */
import { assert } from '../base/assert';
import { PAGE_SIZE, roundUp, TASK_SIZE } from '../base/units';
import { f_op } from './fs/file';
import { fput, get_file, new_file } from './fs/file_table';
import type { Machine } from './machine';
import { createRegularFile, filemap_add_folio } from './mm/filemap';
import { type file, type inode, type mm_struct, vm_area_struct } from './mm/mm_types';
import { PG_anon, PG_anon_exclusive, PG_swapbacked, PG_uptodate } from './mm/page_alloc';
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
import { special_mapping_vmops, special_page } from './mm/vdso';
import { STACK_GUARD_GAP, vm_stat_account, vma_link } from './mm/vma';
import { VM_ACCOUNT, VM_EXEC, VM_WRITE } from './mm/vm_flags';
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

/** Room kept free for the stack below `TASK_SIZE`, at least. */
const MIN_GAP = 128 * 2 ** 20;
/** Top of the room for mappings below so large a stack. Linux: arch/x86/mm/mmap.c mmap_base, without randomisation. */
function mmap_base(stack: number): number {
  const gap = stack + STACK_GUARD_GAP;
  return roundUp(TASK_SIZE - Math.min(Math.max(gap, MIN_GAP), Math.floor(TASK_SIZE / 6) * 5), PAGE_SIZE);
}

/** Gives an empty address space a program's areas, and what of them is present. Linux: fs/binfmt_elf.c load_elf_binary. */
export function loadProgram(m: Machine, mm: mm_struct, areas: readonly ProgramArea[]): void {
  mm.mmap_base = mmap_base(m.config.rlimit.stack);
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
      if ((a.vm_flags & VM_WRITE) !== 0) {
        mm.start_data = a.start;
        mm.end_data = a.end;
      }
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
    f = new_file(m, ordinaryFile(m, `file:${a.name}`, bytes), a.name, O_RDONLY);
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
      pfn = special_page(m, vma.special_name, index);
      frames.get_page(pfn);
    }
    mm.rss_file++;
  }
  frames.addMapcount(pfn, 1);
  set_entry(mm, pte_alloc(mm, address), pte_index(address), address, mk_pte(pfn, bits));
}
