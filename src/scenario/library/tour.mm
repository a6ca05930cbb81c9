title: A first walk: promise, touch, fork, refuse

# Eight huge pages are set aside for everyone.
pool(8)

# Asking for addresses promises four pages and takes none: HugePages_Rsvd rises, HugePages_Free stays.
a = mmap(NULL, 8M, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_HUGETLB)

# The first touch takes one of the promised pages.
write(a)
write(a + 2M)

# What is given back is free for others at once.
munmap(a + 2M, 2M)

# Ordinary memory needs no promise: its pages are found when they are touched.
b = mmap(NULL, 64K, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS)
write(b, 4)

# A child shares every page until one of the two writes.
child = fork()
child: write(a)

# More than the pool can promise is refused here, at mmap, and not later by a signal.
c = mmap(NULL, 16M, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_HUGETLB) → ENOMEM
expect HugePages_Free 6
expect HugePages_Rsvd 2
