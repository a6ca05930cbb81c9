title: fork and copy on write, with huge pages

pool(4)
a = mmap(NULL, 4M, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_HUGETLB)
write(a, 2, 2M)
expect HugePages_Free 2
expect HugePages_Rsvd 0

# The child shares both pages. It has no promise of its own.
child = fork()
expect HugePages_Free 2
child: expect Shared_Hugetlb(a) 4096

# Its write takes a page that happens to be free: 2 MiB are copied.
child: write(a)
expect HugePages_Free 1
child: expect Private_Hugetlb(a) 2048

# The parent has its page alone again.
write(a)
expect HugePages_Free 1
expect Private_Hugetlb(a) 2048

child: exit()
expect HugePages_Free 2
