/** Scenarios for the drivers' bench: one life of a mapping with neighbours, or the present scenario on another device. */

const DEVICE = /"\/dev\/(?!hugepages)[^"]*"/g;

/** Whether the scenario opens a device that can be exchanged. */
export const opensDevice = (text: string): boolean => text.search(DEVICE) >= 0;

/** The same scenario with this device in the place of those that it opens. */
export const onDevice = (text: string, path: string): string => text.replace(DEVICE, `"${path}"`);

/** The generic walks of today know leaves of 2 MiB; where a member is left out, those of 2007 show what that comes to. */
const rulesFor = (path: string): string =>
  path === '/dev/broken-member' || /^\/dev\/bench-[rwu]*n/.test(path) ? 'rules: 2.6.20\n' : '';

/** One page too few, where the mistake is in what happens then. */
const poolFor = (path: string): number => (path === '/dev/broken-lock' ? 3 : 4);

/** Devices whose pages are those of the pool: 2 MiB, nothing smaller. */
const POOLED = /^\/dev\/(page-huge|broken-lock|broken-reserve)/;

/** A life of a mapping of a device, beside ordinary neighbours, through every one of the six members. */
export function lifeOf(path: string, title: string): string {
  // Pages of 64 KiB at both ends, where the device has them: one shares its page table with a neighbour, one has its own.
  const pooled = POOLED.test(path);
  const [start, length, first, beyond] = pooled
    ? ['0x40000000000', '4M', 'd', 'd + 2M']
    : ['0x3ffffff0000', '4224K', 'd + 64K', 'd + 2112K'];
  return `title: On the bench: ${title}
${rulesFor(path)}tlb: 4x4+1x8
pool(${poolFor(path)})
fd = open("${path}", O_RDWR)

# An ordinary neighbour, in the same page tables.
below = mmap(${start} - 64K, 64K, rw, PRIVATE|ANON|FIXED)
write(below)

# The driver gives the area its members here; or the design refuses it.
d = mmap(${start}, ${length}, rw, PRIVATE|FIXED, fd)

# fault
write(d)
write(${first})
# pin_pages
mlock(d, ${length})
# copy_vma
child = fork()
write(${first})
# change_protection
mprotect(${first}, 2M, r)
read(${first})
# unmap_page_range
madvise(${beyond}, 2M, DONTNEED)
write(${beyond})
# unmap_page_range, then free_pgtable_range
munmap(d, ${length})
write(below)
child: exit()
`;
}
