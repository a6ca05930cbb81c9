title: Transparent huge pages, made and split
thp: madvise

a = mmap(NULL, 4M, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS)

# Advice: this memory may be made of huge pages.
madvise(a, 4M, MADV_HUGEPAGE)

# One touch brings 2 MiB in, under one entry. The pool has nothing to do with it.
write(a)
expect minflt 1
expect AnonHugePages(a) 2048
expect Rss(a) 2048

# Another right for a part of it: one entry cannot say two things, so it is split into 512.
mprotect(a + 4K, 4K, PROT_READ)
expect AnonHugePages(a) 0
expect Rss(a) 4

write(a + 2M)
expect AnonHugePages(a + 2M) 2048

# Giving back a part of a huge page splits its entry, too.
madvise(a + 2M, 4K, MADV_DONTNEED)
expect AnonHugePages(a + 2M) 0
