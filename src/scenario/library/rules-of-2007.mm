title: The rules of 2007: promised to nobody, killed at the fault
rules: 2.6.20

pool(2)
f = open("/dev/hugepages/A", O_RDWR|O_CREAT)

# Under the rules of 2.6.20 a private mapping always succeeds: nothing is reserved for it.
a = mmap(NULL, 8M, PROT_READ|PROT_WRITE, MAP_PRIVATE, f, 0)
expect HugePages_Rsvd 0

write(a, 2, 2M)
expect HugePages_Free 0

predict "The pool is empty. Today a third touch would end in SIGBUS. In 2007?" | SIGBUS, too | the process is killed* | it waits
# The fault fails for want of memory, and the kernel kills the process.
write(a + 4M) → SIGKILL
