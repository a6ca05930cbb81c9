title: A file mapped privately

# A file of 160 KiB that lies in the page cache.
f = open("file:A", O_RDWR)
a = mmap(NULL, 160K, PROT_READ|PROT_WRITE, MAP_PRIVATE, f, 0)

# A read maps the page of the cache, and those around it that are there: no disk, no copy.
read(a)
expect minflt 1
expect Rss(a) 128
expect Private_Dirty(a) 0

# A write takes a copy that belongs to no file.
write(a)
expect minflt 1
expect Anonymous(a) 4

# The mapping outlives the file's number.
close(f)
read(a + 64K)

# Beyond the end of the file there is an address but no page.
g = open("file:A", O_RDONLY)
b = mmap(NULL, 256K, PROT_READ, MAP_PRIVATE, g, 0)
read(b + 200K) → SIGBUS
