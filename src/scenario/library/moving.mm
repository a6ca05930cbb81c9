title: mremap: grow, shrink, move

a = mmap(NULL, 64K, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS)
b = mmap(NULL, 64K, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS) → a - 64K
write(a, 16)

# Smaller is always possible: the end is unmapped.
mremap(a, 64K, 32K) → a
expect Rss(a) 32

# And back, since nothing has come in between.
mremap(a, 32K, 64K) → a

# The area below cannot grow upwards: something stands there.
mremap(b, 64K, 128K) → ENOMEM

# Unless it may move.
b = mremap(b, 64K, 128K, MREMAP_MAYMOVE)
expect Size(b) 128

# Pages move without being copied: their entries are taken out here and set there.
read(b, 32)
c = mremap(a, 32K, 32K, MREMAP_MAYMOVE|MREMAP_FIXED, 0x10000000000) → 0x10000000000
expect Rss(c) 32
expect minflt 0
read(a) → SIGSEGV

# A huge mapping can shrink and move, but not grow.
pool(4)
h = mmap(NULL, 4M, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_HUGETLB)
mremap(h, 4M, 8M, MREMAP_MAYMOVE) → EINVAL
mremap(h, 4M, 2M) → h
