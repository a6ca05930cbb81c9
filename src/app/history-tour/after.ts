/** What the years after 2007 made of the argument: the stations that follow those of the mails. */
import type { Stop } from './stop';

export const AFTER: readonly Stop[] = [
  {
    title: 'Promises',
    says: 'What made private huge pages unpleasant was not the interface. In 2007 a private mapping always succeeds and dies at the fault, because only shared ones are promised their pages.',
    source: {
      author: 'Mel Gorman',
      date: '2008-07-23',
      list: 'Linux 2.6.27',
      subject: 'hugetlb reservations for private mappings',
    },
    scenario: `title: A private mapping in 2007
rules: 2.6.20
pool(1)
fd = open("/dev/hugepages/data", O_RDWR|O_CREAT)
# Six MiB on a pool of one page: it succeeds.
a = mmap(NULL, 6M, rw, PRIVATE, fd)
expect HugePages_Rsvd 0
write(a)
write(a + 2M) → SIGKILL
`,
    designs: ['flag'],
    question: {
      text: 'What does the same mmap answer today?',
      choices: ['success, as then', 'ENOMEM', 'SIGBUS'],
      answer: 1,
    },
    shows: 'Today the pages are promised at mmap or the call fails. Change the line “rules: 2.6.20” to 6.18 and see.',
    verdict:
      'Reservations for private mappings came sixteen months after the mail, and took the point from the device.',
  },
  {
    title: 'Eighteen years later',
    says: 'Linux 6.18 tests the flag at the hot sites, asks members of vm_ops at others, and has made the generic walks see large leaves at the rest. MAP_HUGETLB is a flag that means: hugetlb-backed anonymous memory.',
    source: {
      author: 'Linux 6.18',
      date: 'November 2025',
      list: 'the source itself',
      subject: 'mm/memory.c, mm/gup.c, mm/vma.c, mm/mremap.c',
    },
    scenario: `title: Anonymous huge pages today
pool(4)
# Asked for by a flag; inside, a nameless file.
a = mmap(NULL, 4M, rw, PRIVATE|ANON|HUGETLB)
expect HugePages_Rsvd 2
write(a)
b = mremap(a, 4M, 4M, MAYMOVE|FIXED, 0x10000000000)
madvise(b, 2M, DONTNEED) → 0
munmap(b, 4M)
expect HugePages_Free 4
`,
    designs: ['mainline', 'flag'],
    question: {
      text: 'Who was right?',
      choices: [
        'the flag: one special case, to this day',
        'vm_ops: each hook came with its second user',
        'the core: it learnt the page sizes',
        'each of the three, in part; the pointer of 2007, never',
      ],
      answer: 3,
    },
    shows: 'Step through and read the path: a flag here, a member there, and nothing at all where two tests stood.',
    verdict:
      'The flag stayed, the hooks came one by one where Hellwig had first pointed, and the core did what had been forbidden.',
  },
  {
    title: 'A second memory management',
    says: 'Hugetlb walks by itself what the core walks, too: a memory management beside the other. From 2023 on it is taken apart from the side of the walks. Pinning was unified (Xu, 2023); high-granularity mapping of hugetlb pages was not merged (Houghton, 2023); 45 patches then let the common walks of /proc and others read hugetlb’s entries (Salvador, July 2024): very nearly what was wished for in 2007.',
    source: {
      author: 'Peter Xu; James Houghton; Oscar Salvador',
      date: '2023 to 2026',
      list: 'linux-mm; told in an article of April 2025',
      subject: 'hugetlb pagewalk unification (45 patches, +1089 −617); Implement a new generic pagewalk API',
    },
    scenario: `title: Who walks here?
pool(4)
a = mmap(NULL, 4M, rw, PRIVATE|ANON|HUGETLB)
# The fault is hugetlb’s own.
write(a)
# Pinning is the common walk today: it reads the large leaf that stands there.
mlock(a, 4M)
expect HugePages_Free 2
# Unmapping is hugetlb’s own.
munmap(a, 4M)
`,
    designs: ['mainline', 'core'],
    question: {
      text: 'Under mainline, which of these three goes through a walk that hugetlb shares with all other memory?',
      choices: ['the fault', 'the pinning', 'the unmapping', 'none of them'],
      answer: 1,
    },
    shows:
      'Beside it, under core, all three do. In the common walk “everything reads as a PTE” for hugetlb today, whatever size it is; in 2024 the special case’s own lock made a bug in a common walk (5f75cfbd6bb0).',
    verdict:
      'A new interface to walk page tables was posted in April 2026, and again in May: one that says what it has found. The gathering of tables lost its hugetlb routine in 6.17.',
  },
  {
    title: 'No carte blanche, again',
    says: 'A driver’s own mmap gets the area itself and may do to it what it likes. Since 2025 it is being replaced by mmap_prepare: a driver or file system describes what it wants, before there is an area, and the core does it. The old hook, it is said, gives “drivers and filesystems raw access to a VMA”.',
    source: {
      author: 'Lorenzo Stoakes',
      date: '2025 to 2026',
      list: 'linux-s390 and others; c84bf6dd2b83',
      subject: 'f_op->mmap_prepare',
    },
    scenario: `title: Whoever gets the area
fd = open("/dev/broken-range", O_RDWR)
a = mmap(0x40000000000, 256K, rw, PRIVATE|FIXED, fd)
write(a)
# A neighbour of ours, in the same 2 MiB.
n = mmap(0x40000040000, 64K, rw, PRIVATE|ANON|FIXED)
write(n)
# The driver works in whole blocks, and takes what is not its own.
munmap(a, 256K)
`,
    designs: ['ops', 'core'],
    question: {
      text: 'Under core a driver only describes its pages. What becomes of this one, which brings routines?',
      choices: ['its routines are called', 'its mmap is refused', 'it takes the neighbour’s page there, too'],
      answer: 1,
    },
    shows:
      'Under ops the neighbour’s page is gone, and the lamp says who took it. Under core there is nothing that the driver could do it with.',
    verdict: 'The sentence of 2007 has become the design of an interface, eighteen years later and for all mappings.',
  },
  {
    title: 'Towards the end of hugetlb',
    says: 'What would have to be there so that nobody needs hugetlb? Shared page tables for everybody (mshare, posted again in February 2026, “supposed to help replace hugetlb page table sharing”), transparent pages of 1 GiB (an RFC of the same month), and memory that is reserved. A session under this heading is announced for Linux Plumbers 2026.',
    source: {
      author: 'Pedro Falcato; Usama Arif; and the call of a conference',
      date: '2025 to 2026',
      list: 'linux-kernel; Linux Plumbers',
      subject: 'mshare; 1 GiB THP; Making hugetlb less weird; Towards deprecating hugetlb',
    },
    scenario: `title: What the pool still does that nothing else does
thp: always
pool(2)
# Promised: no fault in it can fail.
a = mmap(NULL, 4M, rw, PRIVATE|ANON|HUGETLB)
expect HugePages_Rsvd 2
# Transparent: large where it can be, and nothing is promised.
b = mmap(NULL, 4M, rw, PRIVATE|ANON)
write(b)
expect AnonHugePages(b) 2048
# A cut inside a page: here it is split, there it is refused.
munmap(b + 4K, 4K) → 0
munmap(a + 4K, 4K) → EINVAL
`,
    designs: ['mainline'],
    question: {
      text: 'What does hugetlb give that transparent huge pages do not?',
      choices: ['larger entries', 'a promise, kept at the fault', 'less to set up'],
      answer: 1,
    },
    shows: 'Both map 2 MiB by one entry. Only one of them has promised its pages, and only that one refuses to be cut.',
    verdict: 'Not decided. The argument of 2007 goes on, with other names.',
  },
];
