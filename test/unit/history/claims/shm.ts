/** What is said of System V segments, against the machine's own list of them. */
import type { shmid_kernel } from '../../../../src/engine/ipc/segment';
import { address, agrees, backToPool, isErrno, number, size, spelledOut, type Told } from './common';
import type { Facts } from './facts';
import { claim } from './judge';

const segment = (f: Facts, id: string | undefined, before = false): shmid_kernel | undefined =>
  (before ? f.scene.was : f.scene.now).shm.get(number(id));

export const segments: readonly Told[] = [
  spelledOut('a call is refused', /shm(get|at|dt|ctl) is refused with ([A-Z]+): [^.]+\./, (f, call, errno) => {
    return f.op === `shm${call}` && isErrno(f, errno) && f.sameMaps;
  }),
  claim('There is a segment with this key already: number N.', (f, id) => {
    return f.op === 'shmget' && segment(f, id, true) !== undefined && f.out.ret === number(id) && f.sameMaps;
  }),
  claim(
    'Segment N is made: SIZE of (huge pages|shared memory), which no process has mapped yet.',
    (f, id, bytes, kind) => {
      const made = segment(f, id);
      return (
        made !== undefined &&
        segment(f, id, true) === undefined &&
        made.shm_segsz === size(bytes) &&
        (made.shm_file.inode.kind === 'hugetlb') === (kind === 'huge pages') &&
        f.sameMaps
      );
    },
  ),
  spelledOut(
    'its pages are promised',
    /All of its (\d+) (pages?) (is|are) promised from the pool now, before anybody attaches it\./,
    (f, n, pages, are) =>
      f.rise('Rsvd') === number(n) && agrees(number(n), pages === 'page') && agrees(number(n), are === 'is'),
  ),
  spelledOut(
    'a segment is attached',
    /Segment (\d+) is attached at 0x([0-9a-f]+) as ‹(\d+):[^›]*› \(([rwxps-]{4})\), (\d+[KMGTP]?): its pages are the same in every process that attaches it\./,
    (f, id, at, area, perms, bytes) => {
      const vma = f.now.area(address(at));
      return (
        f.op === 'shmat' &&
        vma !== null &&
        vma.id === number(area) &&
        vma.vm_file?.inode === segment(f, id)?.shm_file.inode &&
        f.now.perms(address(at)) === perms &&
        vma.vm_end - vma.vm_start === size(bytes)
      );
    },
  ),
  claim(
    'The segment at HEX is detached: the area goes, the segment and what stands in it stay.',
    (f, at) => f.op === 'shmdt' && f.was.area(address(at)) !== null && f.now.area(address(at)) === null,
  ),
  claim('Segment N is given up.', (f, id) => segment(f, id, true) !== undefined && segment(f, id) === undefined),
  spelledOut(
    'areas still have it',
    /Segment (\d+) is given up; (an area still has|(\d+) areas still have) it, so it goes with the last of them\./,
    (f, id, _words, n) => segment(f, id)!.shm_nattch === number(n ?? '1') && segment(f, id)!.dest,
  ),
  claim(
    'The segment was given up, and nobody has it attached any more: it goes.',
    (f) => f.scene.now.shm.size < f.scene.was.shm.size,
  ),
  ...backToPool,
];
