title: One gigabyte, by 4 KiB and by 2 MiB
thp: never

## By pages of 4 KiB
small = mmap(NULL, 1G, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS)

# 262,144 faults, and 512 tables of entries.
touch(small, 1G)
expect minflt 262144
expect Rss(small) 1048576
expect VmPTE 2080

munmap(small, 1G)
expect VmPTE 28

## By pages of 2 MiB
pool(512)
huge = mmap(NULL, 1G, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_HUGETLB)

predict "How many faults now?" | 262144 | 512* | 1
# One fault for each huge page; each entry stands a level higher, and needs no table below it.
touch(huge, 1G, 2M)
expect minflt 512
expect HugetlbPages 1048576
expect VmPTE 32
