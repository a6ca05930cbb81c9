/** Scenarios for the drivers' bench: one life of a mapping with neighbours, or the present scenario on another device. */

const DEVICE = /"\/dev\/(?!hugepages)[^"]*"/g;

/** Whether the scenario opens a device that can be exchanged. */
export const opensDevice = (text: string): boolean => text.search(DEVICE) >= 0;

/** The same scenario with this device in the place of those that it opens. */
export const onDevice = (text: string, path: string): string => text.replace(DEVICE, `"${path}"`);

/** A life of a mapping of a device, between two ordinary neighbours, through every one of the six members. */
export const lifeOf = (path: string, title: string): string => `title: On the bench: ${title}
tlb: 4x4+1x8
pool(4)
fd = open("${path}", O_RDWR)

# Ordinary neighbours, in the same page tables.
below = mmap(0x40000000000 - 64K, 64K, rw, PRIVATE|ANON|FIXED)
write(below)

# The driver gives the area its members here; or the design refuses it.
d = mmap(0x40000000000, 4M, rw, PRIVATE|FIXED, fd)
above = mmap(0x40000400000, 64K, rw, PRIVATE|ANON|FIXED)
write(above)

# fault
write(d)
write(d + 2M)
# pin_pages
madvise(d, 4M, POPULATE_WRITE)
# copy_vma
child = fork()
write(d)
# change_protection
mprotect(d, 2M, r)
read(d)
# unmap_page_range
madvise(d + 2M, 2M, DONTNEED)
write(d + 2M)
# unmap_page_range, then free_pgtable_range
munmap(d, 4M)
write(below)
child: exit()
`;
