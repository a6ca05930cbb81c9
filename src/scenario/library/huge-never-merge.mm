title: Huge areas never merge

pool(8)
a = mmap(NULL, 8M, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_HUGETLB)
expect areas(a, 8M) 1

mprotect(a + 2M, 2M, PROT_READ)
expect areas(a, 8M) 3

predict "All pages are made alike again. How many areas?" | 1 | 3*
# Ordinary areas would become one. A huge one carries a mark that keeps it from being merged.
mprotect(a + 2M, 2M, PROT_READ|PROT_WRITE)
expect areas(a, 8M) 3

# Nor can one be cut inside a huge page.
munmap(a, 4K) → EINVAL
mprotect(a + 1M, 1M, PROT_READ) → EINVAL
