title: MAP_NORESERVE: no promise, no refusal
overcommit_memory: 0

pool(4)

# Ordinary memory is charged in advance when it is private and writable; far too much is refused.
mmap(NULL, 64G, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS) → ENOMEM
big = mmap(NULL, 64G, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_NORESERVE)

# Next to each other, but not alike: one is charged and one is not.
a = mmap(NULL, 64K, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS)
b = mmap(NULL, 64K, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_NORESERVE) → a - 64K
expect areas(b, 128K) 2

# Of huge pages, too, more can be mapped than there are.
c = mmap(NULL, 16M, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_HUGETLB|MAP_NORESERVE)
write(c, 3, 2M)
expect HugePages_Free 1

# Who is promised a page gets it before whoever merely asks.
d = mmap(NULL, 2M, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_HUGETLB)
predict "One page is free, and promised. Who asks without a promise gets" | the page | SIGBUS*
write(c + 6M) → SIGBUS
write(d)
