title: Tables freed, and tables that stay

# Two blocks of 2 MiB, side by side in an empty part of the address space.
a = mmap(0x10000000000, 4M, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED)
write(a)
expect VmPTE 40

# The second block needs one more table; those above it are there.
write(a + 2M)
expect VmPTE 44

# Unmapping a whole block frees its table, since nothing else can use it.
munmap(a + 2M, 2M)
expect VmPTE 40

# Half a block: its table still serves the other half.
munmap(a, 1M)
expect VmPTE 40

predict "The last mapping here goes. How much is freed?" | nothing | one table | all three*
# Below and above there is nothing now: every table on the way goes.
munmap(a + 1M, 1M)
expect VmPTE 28
