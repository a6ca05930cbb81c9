title: ENOMEM at mmap, SIGBUS at the fault

pool(2)

# Too much to promise is refused at once, by a return value.
a = mmap(NULL, 8M, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_HUGETLB) → ENOMEM

# Without a promise everything can be mapped …
b = mmap(NULL, 8M, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_HUGETLB|MAP_NORESERVE)
expect HugePages_Rsvd 0

write(b, 2, 2M)
expect HugePages_Free 0

predict "The pool is empty. What happens at the third page?" | the call waits | ENOMEM | SIGBUS*
# … until a touch finds no page. A touch has no return value: the process gets a signal.
write(b + 4M) → SIGBUS
