title: Reading before writing: the zero page

a = mmap(NULL, 16K, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS)

# A read of memory that was never written maps one page that everybody shares, full of zeros. It counts as nobody's.
read(a, 4)
expect minflt 4
expect Rss(a) 0

predict "The page is mapped already. Does the first write fault?" | yes* | no
# It does: the shared page may not be written. The process gets a page of its own.
write(a)
expect minflt 1
expect Rss(a) 4

# Reading again changes nothing.
read(a, 4)
expect minflt 0
expect Rss(a) 4
