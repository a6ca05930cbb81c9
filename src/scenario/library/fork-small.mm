title: fork and copy on write

a = mmap(NULL, 8K, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS)
write(a, 2)
expect Private_Dirty(a) 8

# The child gets entries that point to the same pages; both lose the right to write.
child = fork()
expect Private_Dirty(a) 0
expect Shared_Dirty(a) 8

# The first to write gets a copy.
child: write(a)
expect minflt 1
child: expect Private_Dirty(a) 4

predict "The parent writes to the same page. Is it copied again?" | yes | no*
# Nobody else has the old page now: the parent takes it as it is.
write(a)
expect minflt 1
expect Private_Dirty(a) 4

# With the child its half of the sharing goes, but the entry still says read only: the next write faults once.
child: exit()
write(a + 4K)
expect minflt 1
expect Private_Dirty(a) 8
