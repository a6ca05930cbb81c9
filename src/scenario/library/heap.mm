title: The heap: brk

# Where the heap ends now.
heap = brk()

# Moving the end upwards makes memory, one area that grows.
brk(heap + 128K) → heap + 128K
write(heap, 8)
expect minflt 8

# And downwards gives it back.
brk(heap + 16K) → heap + 16K
expect Rss(heap) 24

# It can be locked like any memory: all of it comes in.
mlock(heap, 16K)
expect VmLck 16

# An impossible wish changes nothing: the answer is where the heap ended before.
brk(0x1000) → heap + 16K
