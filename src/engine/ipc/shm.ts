/**
 * System V shared memory (Linux: ipc/shm.c, the part of ipc/util.c that gives numbers). Left out: permissions, quotas of
 * segments and bytes, every `shmctl` but IPC_RMID. In 2007 this was how large programs came by shared huge pages.
 */
import { PAGE_SIZE, pages, roundDown, roundUp, TASK_SIZE } from '../../base/units';
import { is_hugetlb } from '../designs/design';
import { EEXIST, EINVAL, ENOENT, ENOMEM } from '../errno';
import { Ev } from '../events';
import { fput, new_file, new_inode } from '../fs/file_table';
import { hugetlb_file_setup } from '../fs/hugetlbfs';
import type { Machine } from '../machine';
import { hugetlb_reserve_pages } from '../mm/hugetlb_pool';
import { type file, resv_map, type Task, type vm_area_struct } from '../mm/mm_types';
import { do_mmap } from '../mm/mmap';
import { do_munmap, vm_enough_memory } from '../mm/vma';
import { VM_NORESERVE } from '../mm/vm_flags';
import { R } from '../routines';
import {
  IPC_CREAT,
  IPC_EXCL,
  IPC_PRIVATE,
  IPC_RMID,
  MAP_FIXED,
  MAP_HUGE_MASK,
  MAP_HUGE_SHIFT,
  MAP_SHARED,
  O_RDONLY,
  O_RDWR,
  PROT_EXEC,
  PROT_READ,
  PROT_WRITE,
  SHM_EXEC,
  SHM_HUGETLB,
  SHM_NORESERVE,
  SHM_RDONLY,
  SHM_REMAP,
  SHM_RND,
} from '../uapi';
import { detached, shm_destroy, shmid_kernel } from './segment';

/** Numbers of segments are 32768 apart where their places in the table are the same. Linux: ipc/util.h SEQ_MULTIPLIER. */
const SEQ_MULTIPLIER = 32768;
/** Places that are used before the first is used again. Linux: ipc_min_cycle. */
const MIN_CYCLE = 64;

/** Places in the table that are taken. */
const taken = (m: Machine): Set<number> => new Set([...m.shm.keys()].map((id) => id % SEQ_MULTIPLIER));

/** The number of the next segment: places go round today; in 2007 the lowest free one, with another sequence number each. Linux: ipc_addid. */
function ipc_addid(m: Machine): number {
  const used = taken(m);
  const state = m.shm_ids;
  if (m.rules.cyclesSegmentIds) {
    const places = Math.max(MIN_CYCLE, Math.floor((used.size * 3) / 2));
    let place = state.last + 1;
    for (let i = 0; i < places; i++, place++) {
      if (place >= places) place = 0;
      if (!used.has(place)) break;
    }
    const seq = place <= state.last ? state.seq + 1 : state.seq;
    m.shm_ids = { last: place, seq };
    return seq * SEQ_MULTIPLIER + place;
  }
  let place = 0;
  while (used.has(place)) place++;
  m.shm_ids = { last: place, seq: state.seq + 1 };
  return state.seq * SEQ_MULTIPLIER + place;
}

/** The name that `/proc/PID/maps` shows. In 2007 a huge segment's is a running number. Linux: newseg; 2.6.20: hugetlb_zero_setup. */
function nameOf(m: Machine, key: number, huge: boolean): string {
  if (huge && !m.rules.stacksSegmentFiles) return `/${m.shm_ids.seq}`;
  return `/SYSV${(key >>> 0).toString(16).padStart(8, '0')}`;
}

/** Makes a segment; its number or a negative errno. Linux: ipc/shm.c newseg. */
function newseg(m: Machine, task: Task, key: number, size: number, flags: number): number {
  if (size < 1 || size > 2 ** 63) return -EINVAL;
  const rec = m.rec;
  if (rec !== null) rec.emit(Ev.Enter, R.newseg, key, size);
  const ret = make(m, task, key, size, flags);
  if (rec !== null) rec.emit(Ev.Leave, R.newseg, ret);
  return ret;
}

function make(m: Machine, task: Task, key: number, size: number, flags: number): number {
  const huge = (flags & SHM_HUGETLB) !== 0;
  const reserve = (flags & SHM_NORESERVE) === 0 || !m.rules.honoursNoreserve;
  const name = nameOf(m, key, huge);
  let f: file;
  let charged = 0;
  if (huge) {
    const setup = huge_file(m, name, size, flags, reserve);
    if (typeof setup === 'number') return setup;
    f = setup;
  } else {
    if (reserve || m.config.overcommit_memory === 2) {
      charged = pages(roundUp(size, PAGE_SIZE));
      if (vm_enough_memory(m, task.mm, charged) !== 0) return -ENOMEM;
    }
    const node = new_inode(m, 'shmem');
    node.i_size = size;
    f = new_file(m, node, name, O_RDWR);
  }
  const id = ipc_addid(m);
  f.inode.shmid = id;
  m.shm.set(id, new shmid_kernel(id, key, size, f, charged));
  return id;
}

/** The file of a huge segment, all of it reserved. Linux: hugetlb_file_setup; 2.6.20: hugetlb_zero_setup, which does not round. */
function huge_file(m: Machine, name: string, size: number, flags: number, reserve: boolean): file | number {
  const code = m.rules.roundsHugeLength ? (flags >>> MAP_HUGE_SHIFT) & MAP_HUGE_MASK : 0;
  const f = hugetlb_file_setup(m, name, size, code);
  if (typeof f === 'number') return f;
  const node = f.inode;
  if (!m.rules.roundsHugeLength) node.i_size = size;
  node.resv ??= new resv_map();
  const n = Math.floor(node.i_size / node.page_bytes);
  const err = hugetlb_reserve_pages(m, node, 0, n, null, reserve ? 0 : VM_NORESERVE);
  if (err === 0) return f;
  fput(m, f);
  return err;
}

/** The number of the segment with this key, made where it is missing and asked for. Linux: ksys_shmget, ipcget. */
export function ksys_shmget(m: Machine, task: Task, key: number, size: number, flags: number): number {
  if (key === IPC_PRIVATE) return newseg(m, task, key, size, flags);
  for (const segment of m.shm.values()) {
    if (segment.key !== key) continue;
    if ((flags & (IPC_CREAT | IPC_EXCL)) === (IPC_CREAT | IPC_EXCL)) return -EEXIST;
    return segment.shm_segsz < size ? -EINVAL : segment.id;
  }
  return (flags & IPC_CREAT) === 0 ? -ENOENT : newseg(m, task, key, size, flags);
}

/** Maps a segment; its address or a negative errno. Linux: do_shmat. */
export function do_shmat(m: Machine, task: Task, id: number, at: number, flags: number): number {
  const rec = m.rec;
  if (rec !== null) rec.emit(Ev.Enter, R.do_shmat, id, at, flags);
  const ret = attach(m, task, id, at, flags);
  if (rec !== null) rec.emit(Ev.Leave, R.do_shmat, ret);
  return ret;
}

function attach(m: Machine, task: Task, id: number, at: number, flags: number): number {
  let addr = at;
  let map = MAP_SHARED;
  if (addr !== 0) {
    if (addr % PAGE_SIZE !== 0) {
      if ((flags & SHM_RND) === 0) return -EINVAL;
      addr = roundDown(addr, PAGE_SIZE);
      if (addr === 0 && (flags & SHM_REMAP) !== 0) return -EINVAL;
    }
    map |= MAP_FIXED;
  } else if ((flags & SHM_REMAP) !== 0) return -EINVAL;
  const segment = m.shm.get(id);
  if (segment === undefined) return -EINVAL;
  const readonly = (flags & SHM_RDONLY) !== 0;
  let prot = readonly ? PROT_READ : PROT_READ | PROT_WRITE;
  if ((flags & SHM_EXEC) !== 0) prot |= PROT_EXEC;
  const node = segment.shm_file.inode;
  const size = node.i_size;
  if (addr !== 0 && (flags & SHM_REMAP) === 0) {
    if (addr + size >= 2 ** 64) return -EINVAL;
    const there = task.mm.mm_mt.find(addr);
    if (there !== null && there.vm_start < addr + size) return -EINVAL;
  }
  const opened = new_file(m, node, segment.shm_file.name, readonly ? O_RDONLY : O_RDWR);
  segment.shm_nattch++;
  const ret = do_mmap(task.mm, opened, addr, size, prot, map, 0);
  fput(m, opened);
  detached(m, segment);
  return ret;
}

/** Whether an area is a segment's. In 2007 those of huge segments were hugetlbfs's, and any huge area would do. */
function isAttached(m: Machine, vma: vm_area_struct): boolean {
  if (vma.vm_file !== null && vma.vm_file.inode.shmid >= 0) return true;
  return !m.rules.stacksSegmentFiles && is_hugetlb(m, vma, 'shmdt');
}

/** Unmaps the segment that is attached at `addr`, and what is left of it behind. 0 or −EINVAL. Linux: ksys_shmdt. */
export function ksys_shmdt(m: Machine, task: Task, addr: number): number {
  if (addr % PAGE_SIZE !== 0) return -EINVAL;
  const { mm } = task;
  const attachedAt = (vma: vm_area_struct): boolean =>
    (vma.vm_start - addr) / PAGE_SIZE === vma.vm_pgoff && isAttached(m, vma);
  const areas = mm.mm_mt.range(addr, TASK_SIZE);
  const first = areas.findIndex(attachedAt);
  if (first < 0) return -EINVAL;
  const { vm_file } = areas[first]!;
  const size = roundUp(vm_file!.inode.i_size, PAGE_SIZE);
  const rest: [start: number, end: number][] = [];
  for (const vma of areas.slice(first)) {
    if (rest.length > 0 && vma.vm_end - addr > size) break;
    if (attachedAt(vma) && (rest.length === 0 || vma.vm_file === vm_file)) rest.push([vma.vm_start, vma.vm_end]);
  }
  for (const [start, end] of rest) do_munmap(mm, start, end - start);
  return 0;
}

/** IPC_RMID: the segment goes, once no area maps it. 0 or −EINVAL. Linux: ksys_shmctl, do_shm_rmid. */
export function ksys_shmctl(m: Machine, id: number, cmd: number): number {
  const segment = m.shm.get(id);
  if (segment === undefined || cmd !== IPC_RMID) return -EINVAL;
  if (segment.shm_nattch === 0) shm_destroy(m, segment);
  else {
    segment.dest = true;
    segment.key = IPC_PRIVATE;
  }
  return 0;
}
