title: Reserve at mmap, take at fault

# Eight huge pages are set aside for everyone.
pool(8)
expect HugePages_Free 8

# Mapping promises pages and takes none.
a = mmap(NULL, 8M, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_HUGETLB)
expect HugePages_Free 8
expect HugePages_Rsvd 4

# The first touch takes a promised page: one less is free, one less is promised.
write(a)
expect HugePages_Free 7
expect HugePages_Rsvd 3

# Of eight, three are promised and one is taken: four are left to promise.
b = mmap(NULL, 8M, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_HUGETLB)
expect HugePages_Rsvd 7

predict "Seven pages are free. Can one more be mapped?" | yes | no*
# They are free, but promised.
c = mmap(NULL, 2M, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_HUGETLB) → ENOMEM

# Unmapping gives back what was taken and what was promised.
munmap(a, 8M)
expect HugePages_Free 8
expect HugePages_Rsvd 4
