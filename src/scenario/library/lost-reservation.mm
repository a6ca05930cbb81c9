title: The reservation that Linux 6.18 loses

pool(4)
a = mmap(NULL, 8M, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_HUGETLB)
expect HugePages_Rsvd 4

# A part of the mapping moves away, with nothing touched yet.
b = mremap(a, 2M, 2M, MREMAP_MAYMOVE|MREMAP_FIXED, 0x10000000000)
expect HugePages_Rsvd 4

predict "Everything is unmapped. How many pages stay promised?" | none | 1 | 3*
# The move forgets whose promise the rest was …
munmap(b, 2M)
munmap(a + 2M, 6M)

# … so that it is never given back. Four pages are free, and three of them nobody can have.
expect HugePages_Rsvd 3
expect HugePages_Free 4
c = mmap(NULL, 4M, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_HUGETLB) → ENOMEM
