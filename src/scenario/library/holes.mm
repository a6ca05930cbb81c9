title: Holes that are not used again

pool(8)
a = mmap(NULL, 6M, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_HUGETLB)

# A hole of exactly one huge page, well aligned.
munmap(a + 2M, 2M)

predict "Where does the next huge page go?" | into the hole | below everything*
# The search wants room to align in: 2 MiB and nearly 2 MiB more. The hole is passed over.
b = mmap(NULL, 2M, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_HUGETLB) → a - 2M

# Ordinary memory of another size needs no room to align, and takes it.
c = mmap(NULL, 64K, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS)

# Who says where gets the hole.
munmap(c, 64K)
d = mmap(a + 2M, 2M, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_HUGETLB|MAP_FIXED) → a + 2M
