/**
 * The argument of March 2007 as stations, in order: a position in our own words, where it was said, operations that show the
 * point, and a question to decide before they run. Plain data.
 */

import { AFTER } from './after';
import type { Stop } from './stop';

const SERIES = '[PATCH 0/7] [RFC] hugetlb: pagetable_operations API';
const DEVICE = 'pagetable_ops: Hugetlb character device example';

export const STOPS: readonly Stop[] = [
  {
    title: 'One special case, tested by hand',
    says: 'In early 2007 Linux knows one kind of mapping whose page tables are not ordinary: huge pages. Wherever that matters, the core tests a bit of the area’s flags and calls a hugetlb routine by name. About twenty places do so.',
    source: {
      author: 'Linux 2.6.20',
      date: 'February 2007',
      list: 'the source itself',
      subject: 'mm/memory.c, mm/mmap.c, mm/mprotect.c …',
    },
    scenario: `title: The special case, as it was
rules: 2.6.20
pool(4)
fd = open("/dev/hugepages/data", O_RDWR|O_CREAT)
# The area of this mapping gets VM_HUGETLB; every site below tests for it.
h = mmap(NULL, 4M, rw, SHARED, fd)
write(h)
mprotect(h, 4M, r) → 0
# A cut inside a huge page is refused by such a test, too.
munmap(h, 4K) → EINVAL
munmap(h, 4M)
`,
    designs: ['flag'],
    question: {
      text: 'What does an ordinary page fault pay for the special case?',
      choices: ['nothing', 'one test of a bit that is in the cache anyway', 'an indirect call'],
      answer: 1,
    },
    shows:
      'Step through the write: the core loads vm_flags, tests one bit, and goes on. Huge mappings jump aside to a direct call.',
    verdict: 'In 6.18 the same test still stands at the head of the fault, of fork, of mprotect and of unmapping.',
  },
  {
    title: 'A pointer to six handlers',
    says: 'Teaching the virtual memory several page sizes would complicate it beyond measure. So collect what hugetlb needs in a table of six handlers, and hang a pointer to it on the area. The special cases move out of line, and other kinds of huge mapping become possible.',
    source: { author: 'Adam Litke', date: '2007-02-19', list: 'linux-mm', subject: SERIES },
    scenario: `title: The same life, through a pointer
rules: 2.6.20
pool(4)
fd = open("/dev/hugepages/data", O_RDWR|O_CREAT)
h = mmap(NULL, 4M, rw, SHARED, fd)
# fault: the pointer is loaded, tested, the member is loaded, tested, and called.
write(h)
mprotect(h, 4M, r) → 0
# Splitting was not converted: here both designs test the flag.
munmap(h, 4K) → EINVAL
munmap(h, 4M)
`,
    designs: ['ops', 'flag'],
    question: {
      text: 'The same operations, side by side. What will differ in areas, page tables and pool?',
      choices: ['the page tables', 'the pool', 'nothing'],
      answer: 2,
    },
    shows:
      'The states are equal after every step; only the way there differs. For hugetlbfs the series changes no behaviour, and says so.',
    verdict: 'Not merged, in this version or the next. Its six handlers went separate ways.',
  },
  {
    title: 'Make it constant',
    says: 'The table of handlers should be constant: then it lies in read-only memory and never shares a cache line with something that is written. Two cases at each site remain two cases, though; to replace bad code by bad code cleans up nothing.',
    source: { author: 'Arjan van de Ven', date: '2007-02-19', list: 'linux-mm', subject: `Re: ${SERIES}` },
    scenario: `title: Two cases at every site
rules: 2.6.20
pool(2)
fd = open("/dev/hugepages/data", O_RDWR|O_CREAT)
a = mmap(NULL, 16K, rw, PRIVATE|ANON)
h = mmap(NULL, 2M, rw, SHARED, fd)
# Ordinary memory: the pointer is NULL, and a jump leads past the call.
write(a)
# Huge memory: two loads and two tests before the call.
write(h)
`,
    designs: ['ops'],
    question: {
      text: 'Which way through the test takes the jump in the code that a compiler makes of it?',
      choices: ['the huge one', 'the ordinary one', 'neither'],
      answer: 1,
    },
    shows:
      'In the listing posted with the second version the ordinary way jumps over the call. Marking the test as unlikely was the agreed remedy.',
    verdict: 'Tables of operations are constant throughout the kernel today.',
  },
  {
    title: 'Never NULL',
    says: 'If handlers there must be, then for all memory: give ordinary areas a default table and call through it without a test. Then no site knows a special case.',
    source: {
      author: 'Arjan van de Ven; William Lee Irwin',
      date: '2007-02-19 and 2007-03-20',
      list: 'linux-mm',
      subject: `Re: ${SERIES}`,
    },
    scenario: `title: Everybody through the table
a = mmap(NULL, 64K, rw, PRIVATE|ANON)
write(a, 16)
child = fork()
child: write(a)
mprotect(a, 64K, r)
munmap(a, 64K)
child: exit()
`,
    designs: ['ops-always', 'ops'],
    question: {
      text: 'This program has no huge page at all. Under “never NULL”, how many of its faults make an indirect call?',
      choices: ['none', 'only the first', 'every one'],
      answer: 2,
    },
    shows:
      'The ledger shows it: no test is left, and every fault, copy and unmapping of ordinary memory calls through a pointer.',
    verdict: 'Never written. That price for ordinary faults was what everybody wanted to avoid.',
  },
  {
    title: 'There is a table already',
    says: 'Do not add another vector. Each mapping of a file points to vm_operations_struct; extend that one.',
    source: {
      author: 'Christoph Hellwig; Nick Piggin',
      date: '2007-02-19 and 2007-03-21',
      list: 'linux-mm',
      subject: `Re: ${SERIES}`,
    },
    scenario: `title: Members of vm_ops
pool(2)
fd = open("/dev/hugepages/data", O_RDWR|O_CREAT)
h = mmap(NULL, 2M, rw, SHARED, fd)
f = open("file:A", O_RDONLY)
m = mmap(NULL, 64K, r, PRIVATE, f)
write(h)
# A mapping of an ordinary file has vm_ops, too: the test for NULL passes, and the member is what is missing.
read(m)
`,
    designs: ['vm_ops', 'ops'],
    question: {
      text: 'Which ordinary mappings pay more here than under a pointer of its own?',
      choices: ['anonymous ones', 'those of files', 'none'],
      answer: 1,
    },
    shows: 'Anonymous memory has no vm_ops and stops at the first test. Files have, and come to the second.',
    verdict:
      'This is what happened, over ten years: pmd_fault (4.3, huge_fault since 4.11), split and pagesize became members, each with its second user.',
  },
  {
    title: 'Does it cost anything?',
    says: 'Measured with KernBench on three machines, the pointer makes no difference that can be told from noise. An indirect call is nothing beside clearing a huge page.',
    source: {
      author: 'Adam Litke; Mel Gorman',
      date: '2007-03-19 and 2007-03-22',
      list: 'linux-mm',
      subject: `${SERIES} (V2)`,
    },
    scenario: `title: What a huge fault spends its time on
pool(1)
fd = open("/dev/hugepages/data", O_RDWR|O_CREAT)
h = mmap(NULL, 2M, rw, SHARED, fd)
# One indirect call; then 2 MiB are cleared, and an entry is set.
write(h)
`,
    designs: ['ops', 'flag'],
    question: {
      text: 'By how much did system time differ on x86_64 in the posted table?',
      choices: ['1.64 per cent slower, read as noise', '12 per cent slower', '0.03 per cent faster'],
      answer: 0,
    },
    shows:
      'The ledger has the whole table. One reader objected that a kernel build is too coarse to show it, and asked for faults and forks by lmbench; nobody posted them.',
    verdict: 'The argument was never about speed.',
  },
  {
    title: 'One user is none',
    says: 'An interface with one user is an obstacle to reading and nothing else. Wait for another user. And there is a distaste for letting drivers and odd corners of architectures take the core over: perhaps one should call it by that name.',
    source: { author: 'Hugh Dickins', date: '2007-03-21', list: 'linux-mm', subject: `Re: ${SERIES} (V2)` },
    scenario: `title: One user
pool(2)
fd = open("/dev/hugepages/data", O_RDWR|O_CREAT)
h = mmap(NULL, 2M, rw, SHARED, fd)
# Whichever mapping of this machine has the pointer set: its table is the same one.
write(h)
a = mmap(NULL, 2M, rw, PRIVATE|ANON)
write(a)
`,
    designs: ['ops'],
    question: {
      text: 'What would have answered this objection?',
      choices: ['a faster kernel build', 'a second user that needs the table', 'a smaller structure'],
      answer: 1,
    },
    shows: 'On the same day the author posted one.',
    verdict: 'The rule held: each of the hooks that came later came with its second user.',
  },
  {
    title: 'The second user: a device',
    says: 'Programs want private huge pages without the fuss of a file system. A character device, like /dev/zero for huge pages, can give them through the table: five handlers of hugetlb’s, and a fault handler of its own.',
    source: { author: 'Adam Litke', date: '2007-03-21', list: 'linux-mm', subject: DEVICE },
    scenario: `title: /dev/page-huge
pool(4)
fd = open("/dev/page-huge", O_RDWR)
# Nothing is reserved: any length can be mapped.
a = mmap(NULL, 16M, rw, PRIVATE, fd)
expect HugePages_Rsvd 0
write(a)
expect HugePages_Free 3
child = fork()
child: write(a)
expect HugePages_Free 2
`,
    designs: ['ops'],
    question: {
      text: 'How many faults does the first write to a page of the device take?',
      choices: ['one', 'two', 'as many as 4 KiB pages'],
      answer: 1,
    },
    shows:
      'The handler installs every page read-only, so that a write faults again and finds itself alone with the page.',
    verdict: 'Private reservations (2.6.27) and MAP_HUGETLB (2.6.32) gave programs what the device was for.',
  },
  {
    title: 'The device, looked at closely',
    says: 'The posted example returns with its mutex held when there is no page, and counts resident pages that it never counts off. It was an example, and not meant to be applied.',
    source: { author: 'read off the posted code', date: '2007-03-21', list: 'linux-mm', subject: DEVICE },
    scenario: `title: The device with its faults of 2007
rules: 2.6.20
faulty_device: on
pool(1)
fd = open("/dev/page-huge", O_RDWR)
a = mmap(NULL, 6M, rw, PRIVATE, fd)
write(a)
# No page: the handler leaves, and takes the mutex along.
write(a + 2M) → SIGKILL
# With pages again, nobody can be served.
pool(4)
write(a + 2M) → SIGKILL
`,
    designs: ['ops'],
    question: {
      text: 'After the failure the pool gets three more pages. Does the next fault succeed?',
      choices: ['yes', 'no: it waits for a mutex that nobody will release'],
      answer: 1,
    },
    shows:
      'The lamp names the lock within the operation that loses it. A driver at the page tables can stop more than itself.',
    verdict: 'Whoever is let in has to get every path right, the failing ones, too.',
  },
  {
    title: 'No carte blanche',
    says: 'Two mails of one day. In the first, at 10:38: the goal is laudable, and this is the wrong way to it. In the second, in the evening: a flag that says “this is hugetlb backed anonymous memory” is nicer, because it makes plain that there is exactly one special case, “and no carte blanche for drivers to do whatever they want”.',
    source: {
      author: 'Christoph Hellwig; Mel Gorman',
      date: '2007-03-22 and 2007-03-23',
      list: 'linux-kernel',
      subject: `Re: ${DEVICE}`,
    },
    scenario: `title: What a driver is let do
pool(2)
fd = open("/dev/broken-free", O_RDWR)
# Under ops the driver is let in; under the flag its mmap is refused.
a = mmap(NULL, 2M, rw, PRIVATE, fd)
write(a)
child = fork()
# It gives each page back twice: the child loses what it still maps.
munmap(a, 2M)
`,
    designs: ['ops', 'flag'],
    question: {
      text: 'A driver frees each page twice. What does each design make of it?',
      choices: [
        'both refuse it',
        'ops lets it in and the child loses its page; flag refuses it at mmap',
        'both let it in, and both survive',
      ],
      answer: 1,
    },
    shows:
      'Under flag the mmap fails with ENODEV, and nothing else can happen. Under ops the lamp names what breaks at the munmap. Gorman’s answer of the next day: drivers “can already cause all sorts of mayhem through the existing hooks”.',
    verdict:
      'Hugetlb is still the one special case behind the flag. Drivers got a hook for the fault alone, behind checks of the core: pmd_fault in 4.3, called huge_fault since 4.11.',
  },
  {
    title: 'The veto',
    says: 'Why not do it in the core, then? Because the year before, at the VM Summit, Linus Torvalds had refused support for several page sizes inside the core, repeatedly, and others there agreed: it would get cases wrong, and make a core that is clear hard to understand. Whatever there is has to stand at its side.',
    source: {
      author: 'Mel Gorman, who tells of it',
      date: '2007-03-22',
      list: 'linux-kernel',
      subject: `Re: ${DEVICE}`,
    },
    scenario: `title: The core that knows one size
rules: 2.6.20
memory: 4G
fd = open("/dev/broken-member", O_RDWR)
# A leaf of 2 MiB, made by a driver that has no unmapping of its own.
a = mmap(NULL, 2M, rw, PRIVATE, fd)
write(a)
# The generic walk of 2007 takes the large leaf for a bad entry, clears it, and the page is lost.
munmap(a, 2M)
`,
    designs: ['ops'],
    question: {
      text: 'What does the core of 2007 make of a leaf that it does not know?',
      choices: ['it splits it', 'it calls it bad and clears it', 'it stops'],
      answer: 1,
    },
    shows:
      'That is the other side of the veto: whoever stands at the side has to bring every routine. Change the line “rules: 2.6.20” to 6.18, and the same walk frees the page.',
    verdict: 'The rule held for four years. Transparent huge pages (2.6.38) are the first large leaf in the core.',
  },
  {
    title: 'Page size as a device',
    says: 'By the rule of the year before, several page sizes have to stay out of the core. Then somebody with energy could try them entirely as a device on this interface. — Hopefully not: that would be braindead.',
    source: {
      author: 'Mel Gorman; Christoph Hellwig',
      date: '2007-03-22',
      list: 'linux-kernel',
      subject: `Re: ${DEVICE}`,
    },
    scenario: `title: 64 KiB, 2 MiB and 1 GiB as a device
memory: 8G
fd = open("/dev/superpage", O_RDWR)
a = mmap(NULL, 1026M, rw, PRIVATE, fd)
# The largest leaf that fits: one entry in a PUD table.
write(a)
# What is left over gets 2 MiB.
write(a + 1G)
# Giving back a part breaks the large leaf up: 1 GiB, then 2 MiB, then small entries.
madvise(a + 64K, 64K, DONTNEED)
munmap(a, 1026M)
`,
    designs: ['ops', 'core'],
    question: {
      text: 'Could it be done?',
      choices: ['no, six handlers are not enough', 'yes, and all of the work of the core is done again in the driver'],
      answer: 1,
    },
    shows:
      'It works: under ops through six handlers of the driver’s own. Under core none of them is entered: the driver says which sizes it may have and where its pages come from, and the core’s own walk sees leaves of every size.',
    verdict: 'Nobody wrote it. The core learnt the sizes: transparent huge pages in 2.6.38, several sizes in 6.8.',
  },
  {
    title: 'A number instead of a pointer',
    says: 'One bit cannot tell two kinds of huge mapping apart: the file’s fault looks into a page cache, the device’s does not. So let the area hold a small number that indexes a fixed table in the core. Nobody outside can add a row.',
    source: { author: 'Mel Gorman', date: '2007-03-23', list: 'linux-kernel', subject: `Re: ${DEVICE}` },
    scenario: `title: A fixed table in the core
pool(2)
fd = open("/dev/page-huge", O_RDWR)
# Row 2 is the device of 2007.
a = mmap(NULL, 2M, rw, PRIVATE, fd)
write(a)
other = open("/dev/superpage", O_RDWR)
# For this one there is no row.
b = mmap(NULL, 2M, rw, PRIVATE, other) → ENODEV
`,
    designs: ['table', 'ops'],
    question: {
      text: 'What has to change so that a new kind of mapping works under this design?',
      choices: ['nothing, the driver brings its table', 'the table in the core'],
      answer: 1,
    },
    shows: 'The look-up costs what a pointer costs; the licence is gone. The refused driver runs under ops.',
    verdict: 'Put on the back-burner by its author in the same mail, because of what comes next.',
  },
  {
    title: 'A file behind the device',
    says: 'The same goal with what is there already: a device whose mmap makes a nameless hugetlbfs file, puts it in the place of its own, and leaves the core alone.',
    source: { author: 'Ken Chen', date: '2007-03-23', list: 'linux-mm', subject: 'rfc: introduce /dev/hugetlb' },
    scenario: `title: The device that is a file
pool(2)
fd = open("/dev/page-huge", O_RDWR)
a = mmap(NULL, 4M, rw, PRIVATE, fd)
# One fault, not two: this is hugetlbfs by now.
write(a)
expect HugePages_Free 1
expect HugePages_Rsvd 0
`,
    designs: ['file', 'ops'],
    question: {
      text: 'After this mmap, which file does the area hold?',
      choices: ['the device that was opened', 'a nameless one that nobody opened'],
      answer: 1,
    },
    shows:
      'That swap was called rather dangerous. It also means one fault for a first write where the device’s own handler took two.',
    verdict:
      'Not merged as posted. MAP_HUGETLB does the same inside mmap: /proc shows it as “/anon_hugepage (deleted)”.',
  },
  ...AFTER,
];
