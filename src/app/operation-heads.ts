/** The operations that have a form, by name: what a button needs before anybody opens it. */
export interface OperationHead {
  readonly name: string;
  /** What it asks of the kernel, in a sentence. */
  readonly says: string;
  /** In the grid of buttons, or in the menu behind "more". */
  readonly main: boolean;
}

export const OPERATION_HEADS: readonly OperationHead[] = [
  { name: 'mmap', says: 'Ask for a new area of addresses. Memory comes later, at the first touch.', main: true },
  { name: 'read', says: 'Read a byte: a page that is not there is brought in.', main: true },
  { name: 'write', says: 'Write a byte: a page that is not there is brought in, a shared one copied.', main: true },
  { name: 'munmap', says: 'Give back a stretch of addresses, and what stands behind it.', main: true },
  { name: 'mprotect', says: 'Change what may be done with a stretch of addresses.', main: true },
  { name: 'mremap', says: 'Grow, shrink or move an area: its entries move, its memory stays.', main: true },
  { name: 'madvise', says: 'Tell the kernel how a stretch will be used, or that it may be emptied.', main: true },
  {
    name: 'fork',
    says: 'A second process with the same memory: entries are copied, pages are shared until one writes.',
    main: true,
  },
  { name: 'exit', says: 'The process ends: everything it held goes back.', main: true },
  {
    name: 'pool',
    says: 'Set aside 2 MiB pages for MAP_HUGETLB, and how many more may be taken when they run out.',
    main: true,
  },
  { name: 'mlock', says: 'Bring a stretch in and keep it in memory.', main: false },
  { name: 'munlock', says: 'No longer keep a stretch in memory.', main: false },
  { name: 'open', says: 'Open a file: /dev/page-huge is the character device of 2007.', main: false },
  { name: 'memfd_create', says: 'A file that lives in memory only.', main: false },
  {
    name: 'shmget',
    says: 'A System V segment, found by number: how large programs shared huge pages in 2007.',
    main: false,
  },
  { name: 'shmat', says: 'Map a segment.', main: false },
  { name: 'shmdt', says: 'Unmap a segment; what stands in it stays.', main: false },
  { name: 'shmctl', says: 'Give a segment up: it goes when nobody has it attached any more.', main: false },
  { name: 'pread', says: 'Read a file by read(2), without a mapping.', main: false },
  { name: 'ftruncate', says: 'Set the length of a file; what is mapped beyond its new end goes.', main: false },
];
