title: Areas split and merge

a = mmap(NULL, 64K, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS)
expect areas(a, 64K) 1

# One page in the middle is to be read only: one area becomes three.
mprotect(a + 16K, 4K, PROT_READ)
expect areas(a, 64K) 3
expect perms(a + 16K) r--p

# Alike again, they become one.
mprotect(a + 16K, 4K, PROT_READ|PROT_WRITE)
expect areas(a, 64K) 1

# New memory that fits below an old area extends it.
b = mmap(NULL, 64K, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS) → a - 64K
expect areas(b, 128K) 1

# With other rights it stays an area of its own.
c = mmap(NULL, 64K, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS) → b - 64K
expect areas(c, 192K) 2

# A hole makes two of one.
munmap(a, 4K)
expect areas(b, 128K) 2
