title: Stacks grow down, and keep their distance

# Something that must not be run over.
low = mmap(0x10000000000, 4K, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED)

# A stack 2 MiB above it.
stack = mmap(0x10000200000, 16K, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED|MAP_GROWSDOWN)

# A touch right below the stack makes it grow.
write(stack - 4K)
expect Size(stack) 20

# It may grow far at once.
write(stack - 512K)
expect Size(stack) 528

predict "256 pages above the other area: does the stack grow there?" | yes | no*
# Within 1 MiB of another mapping it stops, so that a runaway stack is caught and not written over its neighbour.
write(low + 1M) → SIGSEGV
write(low + 1032K)

# The gap holds for mappings that look for a place, too: a hint inside it is not followed.
mmap(0x10000100000, 4K, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS)
expect areas(0x10000100000, 4K) 0
