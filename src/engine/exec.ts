/** A process starts another program: its address space goes, and the program's areas come (Linux: fs/exec.c, binfmt_elf.c). */
import { PAGE_SIZE, TASK_SIZE } from '../base/units';
import { EINVAL, ENOMEM } from './errno';
import { Ev } from './events';
import { do_close_on_exec } from './fs/file_table';
import type { Machine } from './machine';
import { exit_mmap } from './mm/fork';
import { Task } from './mm/mm_types';
import {
  VM_ACCOUNT,
  VM_DONTDUMP,
  VM_DONTEXPAND,
  VM_EXEC,
  VM_GROWSDOWN,
  VM_IO,
  VM_MAYEXEC,
  VM_MAYREAD,
  VM_MAYSHARE,
  VM_MAYWRITE,
  VM_PFNMAP,
  VM_READ,
  VM_SHARED,
  VM_WRITE,
} from './mm/vm_flags';
import { loadProgram, type ProgramArea } from './program';

/** Permissions among the arguments. */
const READ = 1;
const WRITE = 2;
const EXEC = 4;
const SHARED = 8;
/** Numbers that stand for one area. */
const AREA_ARGS = 5;
/** Frames left for page tables, at least. */
const KERNEL_FRAMES = 4096;

function vmFlags(perms: number, name: string, present: number): number {
  let flags = VM_MAYREAD;
  if ((perms & READ) !== 0) flags |= VM_READ;
  if ((perms & WRITE) !== 0) flags |= VM_WRITE;
  if ((perms & EXEC) !== 0) flags |= VM_EXEC;
  if (name.startsWith('[vvar')) return flags | VM_PFNMAP | VM_IO | VM_DONTEXPAND | VM_DONTDUMP;
  flags |= VM_MAYWRITE | VM_MAYEXEC;
  if (name === '[vdso]') return flags | VM_DONTEXPAND;
  if ((perms & SHARED) !== 0) return flags | VM_SHARED | VM_MAYSHARE;
  if (name === '[stack]') flags |= VM_GROWSDOWN;
  // Memory without a file that holds pages was writable once.
  const written = present > 0 && (name === '' || name.startsWith('['));
  return (perms & WRITE) !== 0 || written ? flags | VM_ACCOUNT : flags;
}

/** The areas among `exec`'s arguments, or null where they are none: out of order, misaligned, beyond user space. */
function readAreas(args: readonly number[], names: readonly string[]): ProgramArea[] | null {
  const areas: ProgramArea[] = [];
  let floor = 0;
  for (let i = 2; i + AREA_ARGS <= args.length; i += AREA_ARGS) {
    const [start, end, perms, offset, present] = args.slice(i, i + AREA_ARGS);
    const name = names[1 + (i - 2) / AREA_ARGS] ?? '';
    const aligned = start % PAGE_SIZE === 0 && end % PAGE_SIZE === 0 && offset % PAGE_SIZE === 0;
    if (!aligned || start < floor || end <= start || end > TASK_SIZE || offset < 0 || offset + end - start > TASK_SIZE)
      return null;
    if (!(present >= 0 && present <= (end - start) / PAGE_SIZE)) return null;
    // Shared memory without a file is a mapping's, not a program's.
    if ((perms & SHARED) !== 0 && (name === '' || name.startsWith('['))) return null;
    areas.push({
      start,
      end,
      vm_flags: vmFlags(perms, name, present),
      offset,
      name,
      present: present > 0 ? [[start, present]] : [],
    });
    floor = end;
  }
  return areas;
}

/** Frames that the areas need at once: what is present, and the files, whose pages are all in the cache. */
function framesNeeded(areas: readonly ProgramArea[]): number {
  let need = 0;
  const files = new Map<string, number>();
  for (const { start, end, offset, name, present } of areas) {
    for (const [, n] of present) need += n;
    if (name !== '' && !name.startsWith('['))
      files.set(name, Math.max(files.get(name) ?? 0, (offset + end - start) / PAGE_SIZE));
  }
  for (const pages of files.values()) need += pages;
  return need;
}

/**
 * Replaces the address space of a process by that of a program, and closes what is O_CLOEXEC. Left out: the loading itself.
 * `args` and `path` are those of the operation `exec`. Linux: fs/exec.c begin_new_exec.
 */
export function do_execve(m: Machine, task: Task, args: readonly number[], path: string): number {
  const names = path.split('\n');
  const areas = readAreas(args, names);
  const mmap_base = args[0] ?? 0;
  const brk = args[1] ?? 0;
  if (areas === null || !(mmap_base >= 0 && mmap_base <= TASK_SIZE) || !(brk >= 0 && brk < TASK_SIZE)) return -EINVAL;
  if (framesNeeded(areas) > m.frames.total - m.frames.used - KERNEL_FRAMES) return -ENOMEM;
  if (m.rec !== null) m.rec.emit(Ev.Exit, task.who);
  exit_mmap(task.mm);
  do_close_on_exec(m, task);
  const mm = m.newMm(task.who);
  loadProgram(m, mm, areas);
  if (mmap_base > 0) mm.mmap_base = mmap_base;
  if (brk > 0) {
    mm.start_brk = brk;
    mm.brk = Math.max(mm.brk, brk);
  } else if (mm.brk === 0) {
    mm.start_brk = areas.findLast((area) => area.end <= mm.mmap_base)?.end ?? 0;
    mm.brk = mm.start_brk;
  }
  m.tasks.set(task.who, new Task(task.who, mm, task.files, names[0].slice(0, 15), task.parent, task.close_on_exec));
  return 0;
}
