title: What the first fault builds

# mmap only writes down an area, here far away from everything: no page, no table, nothing present.
a = mmap(0x10000000000, 64K, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED)
expect Rss(a) 0
expect VmPTE 28

predict "How many faults does writing one byte cost?" | none | 1* | 16
# The first touch finds no entry. The kernel makes the three tables that lead there, takes a page, and sets one entry.
write(a)
expect minflt 1
expect VmPTE 40
expect Rss(a) 4

# The same page again: the entry is there, the processor needs no kernel.
write(a + 1)
expect minflt 0

# Every page has a fault of its own. Their entries share one table.
write(a + 4K, 15)
expect minflt 15
expect Rss(a) 64

# All goes: entries, pages, then the tables that have become empty.
munmap(a, 64K)
expect VmPTE 28
