/** A machine with its first process. */
import { PAGE_SIZE } from '../base/units';
import { ops } from './designs/ops';
import { Machine, type MachineConfig, type Rlimits } from './machine';
import { BUDGET } from './meter';
import { hstate } from './mm/hugetlb_types';
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
  VM_MAYWRITE,
  VM_PFNMAP,
  VM_READ,
  VM_WRITE,
} from './mm/vm_flags';
import { loadProgram, ordinaryFile, type ProgramArea } from './program';

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

const DEFAULT_CONFIG: MachineConfig = {
  design: ops,
  memory: 24 * 2 ** 30,
  thp: 'madvise',
  overcommit_memory: 0,
  max_map_count: 65530,
  user: 'root',
  rlimit: { memlock: 8 << 20, stack: 8 << 20, as: Infinity, data: Infinity },
  faultyDevice: false,
  hugetlbfs_size: Infinity,
  rules: '6.18',
  tlb: null,
  budget: BUDGET,
};

/** What of the usual settings is otherwise. */
export type Settings = Partial<Omit<MachineConfig, 'rlimit'>> & { readonly rlimit?: Partial<Rlimits> };

/** A machine with one process, number 0, that runs a small static program. `config` overrides `DEFAULT_CONFIG`. */
export function createMachine(config: Settings = {}): Machine {
  return machineWith(DEFAULT_PROGRAM, config);
}

/** A machine whose process 0 has just these areas. */
export function machineWith(areas: readonly ProgramArea[], config: Settings = {}): Machine {
  const rlimit = { ...DEFAULT_CONFIG.rlimit, ...config.rlimit };
  const m = new Machine({ ...DEFAULT_CONFIG, ...config, rlimit }, new hstate());
  const who = 0;
  const mm = m.newMm(who);
  loadProgram(m, mm, areas);
  m.tasks.set(who, new Task(who, mm, [null, null, null], 'program', -1));
  for (const [path, pages] of ORDINARY_FILES) ordinaryFile(m, path, pages * PAGE_SIZE);
  return m;
}
