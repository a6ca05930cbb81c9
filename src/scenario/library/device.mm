title: The character device of 2007

pool(4)
fd = open("/dev/page-huge", O_RDWR)

# Huge pages without a file system. The device reserves nothing: any length can be mapped.
a = mmap(NULL, 16M, PROT_READ|PROT_WRITE, MAP_PRIVATE, fd)
expect HugePages_Rsvd 0

predict "A first write to hugetlbfs costs one fault. And here?" | one | two*
# The device's own fault handler sets a read-only entry; the write then faults again, and is let through.
write(a)
expect minflt 2
expect HugePages_Free 3

read(a + 2M)
expect minflt 1

# It is for private mappings only, and in whole huge pages.
mmap(NULL, 2M, PROT_READ|PROT_WRITE, MAP_SHARED, fd) → EINVAL
mmap(NULL, 2M, PROT_READ|PROT_WRITE, MAP_PRIVATE, fd, 2M) → EINVAL

child = fork()
child: write(a)
expect HugePages_Free 1
