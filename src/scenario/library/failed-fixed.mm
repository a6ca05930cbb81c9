title: A failed MAP_FIXED that leaves a hole

pool(1)

# Ordinary memory, in use.
a = mmap(NULL, 4M, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS)
write(a)

predict "The pool cannot promise two pages. What becomes of the old mapping?" | it stays | it is gone*
# What stood there is cleared before the promise is tried. The call fails, and nothing is put back.
mmap(a, 4M, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_HUGETLB|MAP_FIXED) → ENOMEM
expect areas(a, 4M) 0

# Who relied on the old mapping finds nothing there.
write(a) → SIGSEGV
