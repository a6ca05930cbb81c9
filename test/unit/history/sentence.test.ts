import { describe, expect, test } from 'vitest';
import { lastSentence, pictures, runOf, words } from './told';

const POOL = 'pool(4)\n';
const MAP = 'a = mmap(NULL, 4M, rw, PRIVATE|ANONYMOUS|HUGETLB)\n';

/** A scenario, and what is said of its last step. */
const SAID: readonly (readonly [title: string, text: string, sentence: string])[] = [
  [
    'the pool is filled',
    'pool(4)\n',
    '4 pages of 2 MiB are taken out of ordinary memory and set aside: HugePages_Total rises from 0 to 4 and HugePages_Free rises from 0 to 4.',
  ],
  [
    'huge pages are promised',
    POOL + MAP,
    '4M of anonymous memory in huge pages become a at 0x7ffff7a00000 (rw-p), the highest gap with room at a multiple of 2 MiB. 2 pages of the pool are promised to it and none is taken yet: HugePages_Rsvd rises from 0 to 2.',
  ],
  [
    'a promise is kept',
    `${POOL}${MAP}write(a)\nwrite(a + 2M)\n`,
    'The second write to a takes a page that was promised at mmap: HugePages_Rsvd falls with HugePages_Free, so no one else can lose it.',
  ],
  [
    'more is asked for than there is',
    `${POOL}${MAP}b = mmap(NULL, 6M, rw, PRIVATE|ANONYMOUS|HUGETLB)\n`,
    'mmap is refused with ENOMEM: it asks for 3 huge pages, and the pool has only 2 that are free and promised to nobody. The refusal comes here, where a program can handle it, and not as a signal at a later touch.',
  ],
  [
    'nothing was promised and the pool is empty',
    'pool(1)\na = mmap(NULL, 4M, rw, PRIVATE|ANONYMOUS|HUGETLB|NORESERVE)\nwrite(a)\nwrite(a + 2M)\n',
    'The write to a ends in SIGBUS: nothing was promised to it, and the pool is empty. Without a reservation at mmap, this is where it shows that there are too few pages.',
  ],
  [
    'a huge mapping is cut in its middle',
    'pool(4)\na = mmap(NULL, 8M, rw, PRIVATE|ANONYMOUS|HUGETLB)\nwrite(a + 2M)\nmunmap(a + 2M, 2M)\n',
    '2M are cut out of a, which falls into two areas: 2M in pages go with it. 1 huge page goes back to the pool: HugePages_Free rises from 3 to 4.',
  ],
  [
    'a promise that was not used is given back',
    `${POOL}${MAP}write(a)\nmunmap(a, 4M)\n`,
    'a is unmapped: 2M in pages go with it. 1 huge page goes back to the pool and 1 promise that was never used is given back: HugePages_Free rises from 3 to 4 and HugePages_Rsvd falls from 1 to 0.',
  ],
  [
    'an ordinary page is touched',
    'a = mmap(NULL, 64K, rw, PRIVATE|ANONYMOUS)\nwrite(a)\n',
    'The first write to a faults: a page of zeroes is taken and mapped. VmRSS grows by 4 kB.',
  ],
  [
    'a page is read before it was written',
    'a = mmap(NULL, 64K, rw, PRIVATE|ANONYMOUS)\nread(a)\n',
    'The first read of a faults: there is no page, so the one shared page of zeroes is mapped read-only. No memory is taken.',
  ],
  [
    'a page is there already',
    'a = mmap(NULL, 64K, rw, PRIVATE|ANONYMOUS)\nwrite(a)\nread(a)\n',
    'The first read of a finds its page mapped and allowed: no fault, and nothing changes.',
  ],
  [
    'a child writes to what it shares',
    'a = mmap(NULL, 64K, rw, PRIVATE|ANONYMOUS)\nwrite(a)\nchild = fork()\nchild: write(a)\n',
    'The first write to a by child faults: the page is write-protected because somebody else maps it too, so the writer gets a copy of its own.',
  ],
  [
    'the last one who maps a page writes to it',
    'a = mmap(NULL, 64K, rw, PRIVATE|ANONYMOUS)\nwrite(a)\nchild = fork()\nchild: write(a)\nwrite(a)\n',
    'The second write to a faults: the entry was read-only, but nobody else maps the page any more, so it is made writable where it is. Nothing is copied.',
  ],
  [
    'nothing is mapped there',
    'a = mmap(NULL, 4K, rw, PRIVATE|ANONYMOUS)\nmunmap(a, 4K)\nwrite(a)\n',
    'The write ends in SIGSEGV: nothing is mapped at 0x7ffff7ff6000.',
  ],
  [
    'the area does not allow it',
    'a = mmap(NULL, 4K, r, PRIVATE|ANONYMOUS)\nwrite(a)\n',
    'The write to a ends in SIGSEGV: the area allows r-- only, whatever the page tables hold.',
  ],
  [
    'a huge mapping is cut where it cannot be',
    `${POOL}${MAP}munmap(a + 4K, 4K)\n`,
    'munmap is refused with EINVAL: an area of huge pages can only be cut at a multiple of 2 MiB. Nothing is unmapped.',
  ],
  [
    'an area goes back to what its neighbours are',
    'a = mmap(NULL, 64K, rw, PRIVATE|ANONYMOUS)\nmprotect(a + 16K, 4K, r)\nmprotect(a + 16K, 4K, rw)\n',
    '4K of a become rw-. It now looks like its neighbour and merges with it. No page is there, so no entry has to change.',
  ],
  [
    'a mapping joins the one above it',
    'a = mmap(NULL, 64K, rw, PRIVATE|ANONYMOUS)\nb = mmap(NULL, 64K, rw, PRIVATE|ANONYMOUS)\n',
    '64K of anonymous memory join a at 0x7ffff7fd7000 (rw-p), the highest gap that is large enough. The neighbour has the same flags and the same backing, so the area there only grows: no new vm_area_struct. No page is there yet; the first touch of each will bring it in.',
  ],
  [
    'MAP_FIXED fails after it took the old mapping away',
    'pool(1)\na = mmap(NULL, 4M, rw, PRIVATE|ANONYMOUS)\nmmap(a, 4M, rw, PRIVATE|ANONYMOUS|HUGETLB|FIXED)\n',
    'mmap is refused with ENOMEM: it asks for 2 huge pages, and the pool has only 1 that is free and promised to nobody. What was mapped there, a, is gone all the same: MAP_FIXED takes it away first.',
  ],
  [
    'the pool shrinks below what is in use',
    'pool(2)\na = mmap(NULL, 4M, rw, PRIVATE|ANONYMOUS|HUGETLB)\nwrite(a, 2, 2M)\npool(0)\n',
    '2 pages that are in use or promised become surplus: they leave the pool when they are given back.',
  ],
  [
    'a move loses promises',
    'pool(4)\na = mmap(NULL, 8M, rw, PRIVATE|ANONYMOUS|HUGETLB)\nb = mremap(a, 2M, 2M, MAYMOVE|FIXED, 0x10000000000)\n',
    'b moves from 0x7ffff7600000 to 0x10000000000. No page was there, so no entry has to move. Linux 6.18 loses count here: 3 pages stay counted in HugePages_Rsvd, promised to nobody.',
  ],
  [
    'the page of zeroes is written',
    'a = mmap(NULL, 16K, rw, PRIVATE|ANONYMOUS)\nread(a)\nwrite(a)\n',
    'The first write to a faults: the shared page of zeroes was mapped there, so the writer gets a page of its own. VmRSS grows by 4 kB.',
  ],
  [
    'a private copy of a file is written',
    'f = open("file:A", O_RDWR)\na = mmap(NULL, 160K, rw, PRIVATE, f)\nread(a)\nwrite(a)\n',
    "The first write to a faults: the mapping is private, so the writer gets a copy of the file's page, and the file stays as it is.",
  ],
  [
    'a guard is put into memory that holds pages',
    'a = mmap(NULL, 16K, rw, PRIVATE|ANONYMOUS)\nwrite(a, 4)\nmadvise(a, 8K, GUARD_INSTALL)\n',
    '8K of a become a guard: 2 pages go, and every touch raises SIGSEGV from now on. The area stays one area.',
  ],
  [
    'memory that was given up is paged out, and the rest stays',
    'a = mmap(NULL, 16K, rw, PRIVATE|ANONYMOUS)\nwrite(a, 4)\nmadvise(a, 8K, FREE)\nmadvise(a, 16K, PAGEOUT)\n',
    'What can be had again goes from a: 2 pages. There is no swap, so private pages that hold something stay.',
  ],
  [
    'a part of a huge page is cold',
    'a = mmap(0x10000000000, 2M, rw, PRIVATE|ANONYMOUS|FIXED)\nmadvise(a, 2M, HUGEPAGE)\nwrite(a)\nmadvise(a, 64K, COLD)\n',
    'The pages of a are marked as old. A huge page of which only a part was named is split, and 511 pages of it that held nothing but zeroes give way to the zero page.',
  ],
  [
    'more is asked for than the machine has',
    'mmap(NULL, 64G, rw, PRIVATE|ANONYMOUS)\n',
    'mmap is refused with ENOMEM: it is more than the whole memory of 24G, and could never be given. Nothing is mapped. MAP_NORESERVE would ask for no such promise.',
  ],
];

describe('the sentence of an operation', () => {
  test.each(SAID)('when %s', (_title, text, sentence) => {
    expect(lastSentence(text)).toBe(sentence);
  });

  test('names areas with their colour and links to them', () => {
    const run = runOf(`${POOL}${MAP}write(a)\n`);
    const { sentence } = pictures(run.stand(3), {}).moment;
    const area = sentence.find((part) => part.kind === 'area')!;
    expect(area).toMatchObject({ text: 'a', slot: 1 });
    expect(area.ref).toMatch(/^area:\d+$/);
    expect(sentence.filter((part) => part.kind === 'code').map((part) => part.text)).toEqual([
      'HugePages_Rsvd',
      'HugePages_Free',
    ]);
  });
});

describe('the sentence of a step inside', () => {
  test('is said of every event of every operation, without a hole in it', () => {
    const run = runOf(
      'pool(4)\na = mmap(NULL, 4M, rw, PRIVATE|ANONYMOUS|HUGETLB)\nwrite(a)\nb = mmap(NULL, 64K, rw, PRIVATE|ANONYMOUS)\nwrite(b, 3)\nchild = fork()\nchild: write(b)\nmprotect(b, 4K, r)\nmremap(b, 64K, 128K, MAYMOVE)\nmunmap(a, 4M)\nchild: exit()\n',
    );
    for (let k = 1; k <= run.reached; k++) {
      const { recording } = run.stand(k);
      for (let e: number | null = recording.nextStop(0); e !== null; e = recording.nextStop(e)) {
        if (e >= recording.total) break;
        const said = words(pictures(run.stand(k, e), {}).moment.sentence);
        expect(said).toMatch(/^[A-Z`a-z].*[.:]$/s);
        expect(said).not.toMatch(/undefined|NaN|null|\[object/);
      }
    }
  });

  test('tells what the design looked at', () => {
    const run = runOf(`${POOL}${MAP}write(a)\n`);
    const { recording } = run.stand(3);
    const said: string[] = [];
    for (let e = recording.nextStop(0); e !== null && e < recording.total; e = recording.nextStop(e))
      said.push(words(pictures(run.stand(3, e), {}).moment.sentence));
    expect(said).toContain('At fault the core loads vma->pagetable_ops of a: it points to hugetlbfs_pagetable_ops.');
    expect(said).toContain('Why: the page was promised at mmap, so the promise is used up.');
  });
});
