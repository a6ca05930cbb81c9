title: The parent that takes its huge page back from the child

pool(1)
a = mmap(NULL, 2M, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_HUGETLB)
write(a)
expect HugePages_Free 0

child = fork()
child: read(a)

predict "The parent writes, and there is no page for a copy. Who loses?" | the parent | the child* | nobody
# The page was promised to the parent. The kernel takes it out of the child's tables, and the parent writes on.
write(a)
expect minflt 1
expect Private_Hugetlb(a) 2048
child: expect Private_Hugetlb(a) 0

# The child finds out when it touches its memory next.
child: read(a) → SIGBUS
