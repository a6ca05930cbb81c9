title: MADV_DONTNEED: the pages go, the area stays

a = mmap(0x10000000000, 4M, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED)
write(a, 1024)
expect Rss(a) 4096
expect VmPTE 44

# The pages go at once. The area, and its addresses, stay.
madvise(a, 16K, MADV_DONTNEED)
expect Rss(a) 4080
expect areas(a, 4M) 1

# The next read finds zeros, not what was written.
read(a)
expect minflt 1

# A whole block of 2 MiB without its pages: its table goes with them.
madvise(a + 2M, 2M, MADV_DONTNEED)
expect VmPTE 40

# MADV_FREE only allows the kernel to take the pages; while there is memory, they stay.
madvise(a, 16K, MADV_FREE)
expect Rss(a) 2032
