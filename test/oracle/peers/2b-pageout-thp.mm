title: MADV_PAGEOUT and MADV_COLD split a transparent huge page (kernel.c; ksft-cow:947)

x = mmap(NULL, 2M, rw, PRIVATE|ANON)
t = mmap(NULL, 2M, rw, PRIVATE|ANON)
madvise(t, 2M, HUGEPAGE)
# Every small page of it: one that holds only zeroes gives way to the shared zero page when it is split.
touch(t, 2M)
expect AnonHugePages(t) 2048
madvise(t, 64K, COLD) → 0
expect AnonHugePages(t) 0
expect Rss(t) 2048
