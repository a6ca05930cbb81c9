title: A promise to a file is made once

pool(8)
f = open("/dev/hugepages/A", O_RDWR|O_CREAT, 0600)

# A shared mapping reserves for the file: whoever maps the same pages shares the promise.
a = mmap(NULL, 8M, PROT_READ|PROT_WRITE, MAP_SHARED, f, 0)
expect HugePages_Rsvd 4
b = mmap(NULL, 8M, PROT_READ|PROT_WRITE, MAP_SHARED, f, 0)
expect HugePages_Rsvd 4

# Two pages further on in the file: two of the four are promised already.
c = mmap(NULL, 8M, PROT_READ|PROT_WRITE, MAP_SHARED, f, 4M)
expect HugePages_Rsvd 6

write(a)
expect HugePages_Free 7
expect HugePages_Rsvd 5

# The other mapping finds the page in the file: a fault, but no page of the pool.
read(b)
expect minflt 1
expect HugePages_Free 7

# A private mapping of the same file reserves for itself.
p = mmap(NULL, 4M, PROT_READ|PROT_WRITE, MAP_PRIVATE, f, 0)
expect HugePages_Rsvd 7

# Unmapping leaves the pages, and the promise, with the file.
munmap(a, 8M)
munmap(b, 8M)
munmap(c, 8M)
expect HugePages_Free 7
expect HugePages_Rsvd 7
