/** shmget, shmat, shmdt, shmctl: segments of shared memory that have a number. */
import { EEXIST, EINVAL, ENOENT, ENOMEM } from '../../engine/errno';
import type { shmid_kernel } from '../../engine/ipc/segment';
import type { Machine } from '../../engine/machine';
import { hex } from '../../base/units';
import { vmaPerms } from '../../engine/fs/proc';
import { R } from '../../engine/routines';
import type { Sentence } from '../picture';
import { enteredRoutine } from './entered';
import { backToPool } from './mapping';
import { code, NOTHING, number, plural, say, size, together, type Tale } from './say';

const at = (address: number) => code(`0x${hex(address)}`);
const segmentOf = (m: Machine, id: number): shmid_kernel | undefined => m.shm.get(id);
const isHuge = (segment: shmid_kernel): boolean => segment.shm_file.inode.kind === 'hugetlb';

export function shmgetSentence(tale: Tale): Sentence {
  const { outcome, scene } = tale;
  const { was, now } = scene;
  if (outcome.err !== 0) {
    const why: Readonly<Record<number, string>> = {
      [ENOMEM]: 'the pool has too few free pages to promise so many, or there is too little memory',
      [ENOENT]: 'there is no segment with this key, and none is to be made',
      [EEXIST]: 'there is a segment with this key, and a new one was asked for',
      [EINVAL]: 'the size is none that the segment can have',
    };
    return say`shmget is refused with ${code(tale.errno)}: ${why[outcome.err] ?? 'the kernel does not allow it'}.`;
  }
  const segment = segmentOf(now, outcome.ret);
  if (segment === undefined || segmentOf(was, outcome.ret) !== undefined)
    return say`There is a segment with this key already: number ${number(outcome.ret)}.`;
  const promised = now.hstate.resv_huge_pages - was.hstate.resv_huge_pages;
  return together(
    say`Segment ${number(outcome.ret)} is made: ${size(segment.shm_segsz)} of ${isHuge(segment) ? 'huge pages' : 'shared memory'}, which no process has mapped yet.`,
    promised > 0
      ? say`All of its ${plural(promised, 'page')} ${promised === 1 ? 'is' : 'are'} promised from the pool now, before anybody attaches it.`
      : NOTHING,
  );
}

export function shmatSentence(tale: Tale): Sentence {
  const { outcome } = tale;
  if (outcome.err !== 0)
    return say`shmat is refused with ${code(tale.errno)}: ${outcome.err === EINVAL ? 'there is no such segment, or it cannot stand at that address' : 'there is no room for it'}.`;
  const vma = tale.areaAt(outcome.ret);
  if (vma === null) return say`shmat returns ${at(outcome.ret)}.`;
  return say`Segment ${number(tale.arg(0))} is attached at ${at(outcome.ret)} as ${tale.named(vma)} (${code(vmaPerms(vma.vm_flags))}), ${size(vma.vm_end - vma.vm_start)}: its pages are the same in every process that attaches it.`;
}

/** What became of a segment that was given up: whether the operation has taken it along. */
const destroyed = (tale: Tale): Sentence =>
  enteredRoutine(tale, R.shm_destroy)
    ? together(say`The segment was given up, and nobody has it attached any more: it goes.`, backToPool(tale))
    : NOTHING;

export function shmdtSentence(tale: Tale): Sentence {
  const { outcome } = tale;
  if (outcome.err !== 0)
    return say`shmdt is refused with ${code(tale.errno)}: no segment is attached at ${at(tale.arg(0))}.`;
  return together(
    say`The segment at ${at(tale.arg(0))} is detached: the area goes, the segment and what stands in it stay.`,
    destroyed(tale),
  );
}

export function shmctlSentence(tale: Tale): Sentence {
  const { outcome, scene } = tale;
  if (outcome.err !== 0)
    return say`shmctl is refused with ${code(tale.errno)}: there is no such segment, or this cannot be done with it here.`;
  const left = segmentOf(scene.now, tale.arg(0));
  if (left === undefined) return together(say`Segment ${number(tale.arg(0))} is given up.`, destroyed(tale));
  return say`Segment ${number(tale.arg(0))} is given up; ${left.shm_nattch === 1 ? 'an area still has' : `${left.shm_nattch} areas still have`} it, so it goes with the last of them.`;
}
