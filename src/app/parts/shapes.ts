import type { OperationKind } from '../../history/picture';

/** The mark of each kind of operation, in a box of 12 by 12 around 0: told apart by shape, not by colour. */
export const SHAPES: Readonly<Record<OperationKind | 'failure', string>> = {
  map: 'M0-4.5L4.5 3.5H-4.5Z',
  unmap: 'M0 4.5L4.5-3.5H-4.5Z',
  touch: 'M3.5 0A3.5 3.5 0 1 1-3.5 0A3.5 3.5 0 1 1 3.5 0Z',
  protect: 'M-3.5-3.5H3.5V3.5H-3.5Z',
  move: 'M-4-4L4.5 0L-4 4Z',
  advise: 'M-3-4.5H3V4.5L0 1.5L-3 4.5Z',
  lock: 'M-3.5-1H-2.5V-2.5A2.5 2.5 0 0 1 2.5-2.5V-1H3.5V4.5H-3.5ZM-1-1H1V-2.5A1 1 0 0 0-1-2.5Z',
  fork: 'M0-5L5 0L0 5L-5 0Z',
  exit: 'M-4.5-1.25H4.5V1.25H-4.5Z',
  file: 'M-3.5-4.5H1.5L3.5-2.5V4.5H-3.5Z',
  pool: 'M-4-4H-.5V-.5H-4ZM.5-4H4V-.5H.5ZM-4 .5H-.5V4H-4ZM.5 .5H4V4H.5Z',
  other: 'M-1.25-4H1.25V-1.25H4V1.25H1.25V4H-1.25V1.25H-4V-1.25H-1.25Z',
  failure: 'M-4-2.6L-2.6-4L0-1.4L2.6-4L4-2.6L1.4 0L4 2.6L2.6 4L0 1.4L-2.6 4L-4 2.6L-1.4 0Z',
};

/** What each shape stands for, as the sheet of keys tells it. */
export const SHAPE_NAMES: Readonly<Record<OperationKind | 'failure', string>> = {
  map: 'mmap, brk',
  unmap: 'munmap',
  touch: 'read, write',
  protect: 'mprotect',
  move: 'mremap',
  advise: 'madvise',
  lock: 'mlock',
  fork: 'fork',
  exit: 'exit',
  file: 'files',
  pool: 'pool',
  other: 'other',
  failure: 'errno or signal',
};
