/**
 * Segments of System V shared memory and the areas that map them (Linux: ipc/shm.c). An area has the operations of the
 * segment's file, wrapped: each area counts.
 */
import { Ev } from '../events';
import { type FileOperations, fput } from '../fs/file_table';
import type { Machine } from '../machine';
import type { file, vm_area_struct, vm_operations_struct } from '../mm/mm_types';
import { R } from '../routines';

/** A segment (Linux: struct shmid_kernel). */
export class shmid_kernel {
  /** Areas that map it. */
  shm_nattch = 0;
  /** It goes when the last area does (Linux: SHM_DEST). */
  dest = false;

  constructor(
    readonly id: number,
    /** 0 for none: it cannot be found by others, or no longer. */
    public key: number,
    /** As it was asked for, bytes. */
    readonly shm_segsz: number,
    readonly shm_file: file,
    /** Base pages charged to the commit limit. */
    readonly charged: number,
  ) {}
}

/** The wrapped operations of an area of a segment, one for each that is wrapped. */
const wrapped = new WeakMap<vm_operations_struct, vm_operations_struct>();

/** Counts the areas and forwards everything else, which each new member of the table must be. Linux: shm_vm_ops. */
function shm_vm_ops(inner: vm_operations_struct): vm_operations_struct {
  const known = wrapped.get(inner);
  if (known !== undefined) return known;
  const ops: vm_operations_struct = {
    ...inner,
    name: 'shm_vm_ops',
    open(vma) {
      inner.open?.(vma);
      segmentOf(vma).shm_nattch++;
    },
    close(vma) {
      inner.close?.(vma);
      detached(vma.vm_mm.machine, segmentOf(vma));
    },
  };
  wrapped.set(inner, ops);
  return ops;
}

const segmentOf = (vma: vm_area_struct): shmid_kernel => vma.vm_mm.machine.shm.get(vma.vm_file!.inode.shmid)!;

/** One area less; the last one takes a segment along that was given up. Linux: __shm_close, shm_destroy. */
export function detached(m: Machine, segment: shmid_kernel): void {
  segment.shm_nattch--;
  if (segment.shm_nattch === 0 && segment.dest) shm_destroy(m, segment);
}

export function shm_destroy(m: Machine, segment: shmid_kernel): void {
  if (m.rec !== null) m.rec.emit(Ev.Enter, R.shm_destroy, segment.id);
  m.shm.delete(segment.id);
  m.committed -= segment.charged;
  fput(m, segment.shm_file);
  if (m.rec !== null) m.rec.emit(Ev.Leave, R.shm_destroy);
}

/**
 * Gives a fresh area of a segment what its file gives (`inner`), and counts it. In 2007 a huge segment's areas were
 * hugetlbfs's own, and nobody counted them. Linux: shm_mmap.
 */
export function shm_mmap(m: Machine, f: file, vma: vm_area_struct, inner: FileOperations): number {
  const err = inner.mmap(m, f, vma);
  if (err !== 0 || !countsAreas(m, f)) return err;
  vma.vm_ops = shm_vm_ops(vma.vm_ops!);
  segmentOf(vma).shm_nattch++;
  return 0;
}

const countsAreas = (m: Machine, f: file): boolean => m.rules.stacksSegmentFiles || f.inode.kind !== 'hugetlb';
