title: Surplus: borrowing beyond the pool

# Two pages of its own; up to two more may be borrowed from ordinary memory.
pool(2, 2)

# Three are wanted: one is borrowed when it is promised, not when it is touched.
a = mmap(NULL, 6M, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_HUGETLB)
expect HugePages_Total 3
expect HugePages_Surp 1
expect HugePages_Rsvd 3

b = mmap(NULL, 4M, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_HUGETLB) → ENOMEM
b = mmap(NULL, 2M, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_HUGETLB)
expect HugePages_Surp 2

# What was borrowed goes back as soon as it is not needed.
munmap(b, 2M)
expect HugePages_Total 3
write(a, 3, 2M)
munmap(a, 6M)
expect HugePages_Total 2
expect HugePages_Surp 0

# A smaller pool keeps pages in use, as surplus.
c = mmap(NULL, 4M, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_HUGETLB)
write(c, 2, 2M)
pool(0)
expect HugePages_Total 2
expect HugePages_Surp 2
