/**
 * What the model of version 1 has read before the first character: typical lines, the likeliest last. Links depend on every
 * character of it: it never changes. Another vocabulary is another version.
 */
export const VOCABULARY_1 = `memory:24G
memlock:8M
max_map_count:65530
overcommit_memory:2
faulty_device:on
thp:always
thp:never
rules:6.18
file:8M /usr/lib/libc.so.6
layout:sh mmap_base 7ffff7fbf000
layout:sh brk 555555577000
layout:sh 555555554000-555555577000 rw-p 00000000 35 /usr/bin/sh
layout:sh 7ffffffde000-7ffffffff000 rw-p 00000000 5 [stack]
exec("sh")
title:The parent that takes its huge page back from the child
design:flag
title:What the first fault builds: page tables, a page, an entry
design:ops
# The kernel answers with an error because the pool has no free huge page, and nothing is reserved for the other process.
# The first write takes a page of the pool; the second finds it there.
predict "What does the kernel answer?"|ENOMEM*|SIGBUS|an address|0
predict "How many pages are free now?"|3|4*|5
fd=open("/dev/page-huge",RDWR)
f=open("/dev/hugepages/A",RDWR|CREAT,0600)
g=open("file:A",RDONLY)
m=memfd_create("m",MFD_HUGETLB)
m=memfd_create("m")
ftruncate(m,4M)
fallocate(m,KEEP_SIZE|PUNCH_HOLE,0,2M)->0
s=mmap(NULL,4M,rw,SHARED,m,0)
h=mmap(NULL,16M,rw,PRIVATE,fd)
close(fd)
mlockall(CURRENT|FUTURE)
munlockall()
mlock2(a,64K,ONFAULT)
mlock(a,16K)
munlock(a,16K)
mincore(a,16K)
msync(s,4K,SYNC)
heap=brk(NULL)
brk(heap+132K)
madvise(a,2M,FREE)
madvise(a,2M,REMOVE)
madvise(a,2M,DONTFORK)
madvise(a,2M,WIPEONFORK)
madvise(a,2M,POPULATE_WRITE)
madvise(a,4M,HUGEPAGE)
madvise(a,2M,NOHUGEPAGE)
madvise(a,2M,DONTNEED)
d=mremap(a,8M,4M)
e=mremap(a,4M,8M,MAYMOVE)
e=mremap(a,4M,4M,MAYMOVE|FIXED,0x7ffff7400000)
mprotect(a,2M,none)
mprotect(a+4K,4K,r)
mprotect(a,4M,rw)
expect perms(a) r--p
expect Rss(a) 2048
expect AnonHugePages(a) 2048
expect Private_Hugetlb(a) 4096
expect areas(a,8M) 3
expect areas 12
expect VmSize 1060
expect VmData 8192
expect VmLck 64
expect VmRSS 100
expect VmPTE 40
expect HugetlbPages 2048
expect minflt 0
expect minflt 1
expect HugePages_Total 8
expect HugePages_Surp 2
expect HugePages_Rsvd 3
expect HugePages_Free 4
x=mmap(0x7ffff7200000,2M,rw,PRIVATE|ANON|FIXED_NOREPLACE)->EEXIST
x=mmap(0x10000000,4K,rw,PRIVATE|ANON|FIXED)
x=mmap(NULL,64K,rw,PRIVATE|ANON|GROWSDOWN)
x=mmap(NULL,64K,rw,PRIVATE|ANON|POPULATE)
x=mmap(NULL,64K,r,SHARED|ANON)
x=mmap(NULL,20M,rw,PRIVATE|ANON|NORESERVE)
x=mmap(NULL,20M,rw,PRIVATE|ANON|HUGETLB|NORESERVE)
x=mmap(NULL,20M,rw,SHARED|ANON|HUGETLB)
x=mmap(NULL,20M,rw,PRIVATE|ANON|HUGETLB)->ENOMEM
pool(4)
pool(4,8)
pool(16)
a=mmap(NULL,8M,rw,PRIVATE|ANON|HUGETLB)
b=mmap(NULL,4M,rw,PRIVATE|ANON|HUGETLB)
c=mmap(NULL,1G,rw,PRIVATE|ANON)
child=fork()
child:write(a)
child:write(a+2M)->SIGBUS
child:read(a)
child:c=mmap(NULL,16K,rw,PRIVATE|ANON)
child:munmap(a,4M)
child:exit()
write(a)->SIGSEGV
munmap(a,4K)->EINVAL
touch(c,1G)
touch(a,4M,2M)
touch(b,128K)
a=mmap(NULL,4K,rw,PRIVATE|ANON)
b=mmap(NULL,16K,rw,PRIVATE|ANON)
read(a)
read(b,4)
write(b,2)
write(b+8K)
read(a+4K)
munmap(b+4K,4K)
munmap(a,64K)
c=mmap(NULL,128K,rw,PRIVATE|ANON)
d=mmap(NULL,256K,rw,PRIVATE|ANON)
write(c)
write(d+12K)
write(c+60K)
munmap(c,128K)
a=mmap(NULL,64K,rw,PRIVATE|ANON)
write(a)
`;
