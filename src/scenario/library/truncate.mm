title: A file truncated under its mapping

m = memfd_create("m")
ftruncate(m, 16K)

# Two mappings of one file: what one writes, the other sees.
a = mmap(NULL, 16K, PROT_READ|PROT_WRITE, MAP_SHARED, m, 0)
b = mmap(NULL, 16K, PROT_READ, MAP_SHARED, m, 0)
write(a, 4)
read(b, 4)
expect RssShmem 32

# Half of the file is cut off. Its pages go from under both mappings.
ftruncate(m, 8K)
expect RssShmem 16
expect Size(a) 16

read(a + 4K)
predict "The area is still 16 KiB. What does a read of its end do?" | finds zeros | SIGSEGV | SIGBUS*
# The address is mapped, but there is nothing behind it.
read(b + 8K) → SIGBUS

# The file grows again: now there are zeros.
ftruncate(m, 16K)
read(b + 8K)
