/* The kernel's answers behind the scenarios beside it. cc -O1 -o kernel kernel.c && ./kernel (root, 6.18). */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <stdint.h>
#include <fcntl.h>
#include <unistd.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT 21
#endif
static const char *e(long r) { static char b[64]; if (r == -1) snprintf(b, 64, "-1 %s", strerrorname_np(errno)); else snprintf(b, 64, "%lx", r); return b; }
static char *present(void *p, int n) { static char b[600]; int f = open("/proc/self/pagemap", O_RDONLY); for (int i = 0; i < n; i++) { uint64_t v = 0; pread(f, &v, 8, ((uintptr_t)p / 4096 + i) * 8); b[i] = v >> 63 ? 'P' : v >> 62 & 1 ? 's' : '-'; } b[n] = 0; close(f); return b; }
static void smaps(const char *name, const char *keys) { FILE *f = fopen("/proc/self/smaps", "r"); char l[512]; int on = 0; while (fgets(l, 512, f)) { if (strchr(l, '-') && strchr(l, ':') && strchr(l, ' ') > strchr(l, '-') && strtoul(l, 0, 16)) { on = strstr(l, name) != 0; if (on) printf("    %s", l); } else if (on && (strncmp(l, "Rss", 3) == 0 || strncmp(l, "VmFlags", 7) == 0 || strncmp(l, "AnonHuge", 8) == 0 || strncmp(l, "Locked", 6) == 0)) printf("      %s", l); } fclose(f); (void)keys; }
static void at(void *p) { char n[32]; snprintf(n, 32, "%lx-", (unsigned long)p); smaps(n, ""); }
#define CHILD(t) puts("== " t); fflush(stdout); if (fork() == 0)
#define END fflush(stdout); _exit(0); 
int main(void) {
  setvbuf(stdout, 0, _IONBF, 0);
  CHILD("memlock 64K, not root") { struct rlimit r = {65536, 65536}; setrlimit(RLIMIT_MEMLOCK, &r); setresuid(65534, 65534, 65534);
    char *a = mmap(0, 262144, 3, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0);
    printf("mlock 128K %s\n", e(mlock(a, 131072))); printf("mlock2 ONFAULT 128K %s\n", e(mlock2(a, 131072, 1))); printf("mlock 64K %s\n", e(mlock(a, 65536)));
    printf("mlock again the same 64K %s\n", e(mlock(a, 65536))); printf("mlock 4K more %s\n", e(mlock(a + 65536, 4096)));
    printf("mmap LOCKED 4K %s\n", e((long)mmap(0, 4096, 3, MAP_PRIVATE|MAP_ANONYMOUS|MAP_LOCKED, -1, 0)));
    printf("mremap grow locked %s\n", e((long)mremap(a, 65536, 131072 + 262144, MREMAP_MAYMOVE)));
    printf("mlockall CURRENT %s\n", e(mlockall(MCL_CURRENT))); printf("mlockall FUTURE %s\n", e(mlockall(MCL_FUTURE)));
    printf("then mmap 4K %s\n", e((long)mmap(0, 4096, 3, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0))); void *b = sbrk(0); printf("then brk +4K %s\n", syscall(SYS_brk, (char *)b + 8192) == (long)b ? "refused (old break)" : "granted"); END }
  wait(0);
  CHILD("memlock 0, not root") { struct rlimit r = {0, 0}; setrlimit(RLIMIT_MEMLOCK, &r); setresuid(65534, 65534, 65534); char *a = mmap(0, 8192, 3, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0);
    printf("mlock %s\n", e(mlock(a, 4096))); printf("munlock %s\n", e(munlock(a, 4096))); printf("mlockall CURRENT %s\n", e(mlockall(MCL_CURRENT))); printf("mlockall ONFAULT alone %s\n", e(mlockall(4))); printf("mmap LOCKED %s\n", e((long)mmap(0, 4096, 3, MAP_PRIVATE|MAP_ANONYMOUS|MAP_LOCKED, -1, 0))); END }
  wait(0);
  CHILD("PAGEOUT") {
    int m = memfd_create("m", 0); ftruncate(m, 40960); char *a = mmap(0, 40960, 3, MAP_SHARED|MAP_POPULATE, m, 0);
    printf("memfd shared before %s", present(a, 10)); int r = madvise(a, 40960, MADV_PAGEOUT); printf(" PAGEOUT %s after %s", e(r), present(a, 10)); unsigned char v[10]; mincore(a, 40960, v); printf(" mincore %d\n", v[0]);
    char *s = mmap(0, 40960, 3, MAP_SHARED|MAP_ANONYMOUS|MAP_POPULATE, -1, 0); printf("shared anonymous before %s", present(s, 10)); r = madvise(s, 40960, MADV_PAGEOUT); printf(" PAGEOUT %s after %s\n", e(r), present(s, 10));
    char *p = mmap(0, 40960, 3, MAP_PRIVATE|MAP_ANONYMOUS|MAP_POPULATE, -1, 0); memset(p, 1, 40960); printf("private anonymous before %s", present(p, 10)); r = madvise(p, 40960, MADV_PAGEOUT); printf(" PAGEOUT %s after %s\n", e(r), present(p, 10));
    madvise(p, 20480, MADV_FREE); printf("  FREE of 5, then %s", present(p, 10)); r = madvise(p, 40960, MADV_PAGEOUT); printf(" PAGEOUT %s after %s\n", e(r), present(p, 10));
    madvise(p + 20480, 8192, MADV_FREE); p[20480] = 2; r = madvise(p + 20480, 8192, MADV_PAGEOUT); printf("  FREE of 2, first written again, PAGEOUT %s after %s\n", e(r), present(p + 20480, 2));
    int f = open("./pageout.bin", O_RDWR|O_CREAT|O_TRUNC, 0600); char buf[40960]; memset(buf, 3, 40960); write(f, buf, 40960); fsync(f);
    char *q = mmap(0, 40960, PROT_READ, MAP_PRIVATE, f, 0); for (int i = 0; i < 10; i++) *(volatile char *)(q + i * 4096); printf("ext4 private clean before %s", present(q, 10)); r = madvise(q, 40960, MADV_PAGEOUT); printf(" PAGEOUT %s after %s", e(r), present(q, 10)); mincore(q, 40960, v); printf(" mincore %d\n", v[0]);
    char *w = mmap(0, 40960, 3, MAP_SHARED, f, 0); for (int i = 0; i < 10; i++) w[i * 4096] = 4; printf("ext4 shared dirty before %s", present(w, 10)); r = madvise(w, 40960, MADV_PAGEOUT); printf(" PAGEOUT %s after %s\n", e(r), present(w, 10));
    char *t = mmap(0, 4 << 20, 3, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0); t = (char *)(((uintptr_t)t + (2 << 20) - 1) & ~((2ul << 20) - 1)); madvise(t, 2 << 20, MADV_HUGEPAGE); memset(t, 1, 2 << 20); puts("a huge page, PAGEOUT of its first 64K:"); at(t); r = madvise(t, 65536, MADV_PAGEOUT); printf("  %s %s\n", e(r), present(t, 20)); at(t);
    madvise(t, 2 << 20, MADV_DONTNEED); memset(t, 1, 2 << 20); puts("  another, PAGEOUT of all of it:"); r = madvise(t, 2 << 20, MADV_PAGEOUT); printf("  %s %s\n", e(r), present(t, 20)); at(t); r = madvise(t, 2 << 20, MADV_COLD); printf("  COLD %s\n", e(r)); END }
  wait(0);
  CHILD("COLD of part of a huge page") { char *t = mmap(0, 4 << 20, 3, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0); t = (char *)(((uintptr_t)t + (2 << 20) - 1) & ~((2ul << 20) - 1)); madvise(t, 2 << 20, MADV_HUGEPAGE); memset(t, 1, 2 << 20); at(t); printf("%s\n", e(madvise(t, 65536, MADV_COLD))); at(t); END }
  wait(0);
  CHILD("vdso") { smaps("[vdso]", ""); printf("mlockall CURRENT %s\n", e(mlockall(MCL_CURRENT))); smaps("[vdso]", ""); smaps("[vvar", ""); END }
  wait(0);
  CHILD("memfd_create flags") { printf("EXEC|NOEXEC_SEAL %s\n", e(syscall(SYS_memfd_create, "x", 0x18))); printf("the same with HUGETLB %s\n", e(syscall(SYS_memfd_create, "x", 0x1c))); printf("EXEC %s\n", e(syscall(SYS_memfd_create, "x", 0x10))); printf("NOEXEC_SEAL %s\n", e(syscall(SYS_memfd_create, "x", 0x8))); END }
  wait(0);
  CHILD("mmap at 0") { printf("root FIXED %s\n", e((long)mmap(0, 16384, 0, MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED, -1, 0))); munmap(0, 16384); printf("root NOREPLACE %s\n", e((long)mmap(0, 4096, 3, MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED_NOREPLACE, -1, 0))); munmap(0, 4096); char *h = mmap(0, 4096, 3, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0); printf("root mremap to 0 %s\n", e((long)mremap(h, 4096, 4096, MREMAP_MAYMOVE|MREMAP_FIXED, 0))); munmap(0, 4096); setresuid(65534, 65534, 65534); printf("user FIXED %s\n", e((long)mmap(0, 16384, 0, MAP_PRIVATE|MAP_ANONYMOUS|MAP_FIXED, -1, 0))); END }
  wait(0);
  CHILD("mlock of everything") { printf("mlock(0, ~0) %s\n", e(mlock(0, ~0ul))); printf("munlock(0, ~0) %s\n", e(munlock(0, ~0ul))); printf("mlock(0x1000, -0x1000) %s\n", e(mlock((void *)0x1000, -0x1000ul))); printf("mlock(0, -0x1000) %s\n", e(mlock(0, -0x1000ul))); printf("mlock(0x1001, ~0) %s\n", e(mlock((void *)0x1001, ~0ul))); END }
  wait(0);
  CHILD("KSM") { char *a = mmap(0, 65536, 3, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0); printf("MERGEABLE of the middle %s\n", e(madvise(a + 16384, 16384, MADV_MERGEABLE))); at(a); at(a + 16384); at(a + 32768); printf("UNMERGEABLE %s\n", e(madvise(a, 65536, MADV_UNMERGEABLE))); at(a); printf("of a shared area %s\n", e(madvise(mmap(0, 4096, 3, MAP_SHARED|MAP_ANONYMOUS, -1, 0), 4096, MADV_MERGEABLE))); END }
  wait(0);
  CHILD("stack limit 512K") { struct rlimit r = {524288, 8 << 20}; setrlimit(RLIMIT_STACK, &r); char *top = (char *)__builtin_frame_address(0); FILE *f = fopen("/proc/self/maps", "r"); char l[300]; unsigned long x = 0, y = 0; while (fgets(l, 300, f)) if (strstr(l, "[stack]")) sscanf(l, "%lx-%lx", &x, &y); volatile char *p = (char *)(y - 524288); *p = 1; printf("lowest page within the limit: written\n"); fflush(stdout); p = (char *)(y - 524288 - 4096); *p = 1; printf("one below: written\n"); (void)top; END }
  int st; wait(&st); printf("  ended by signal %d\n", WTERMSIG(st));
  CHILD("RLIMIT_AS, RLIMIT_DATA") { struct rlimit r = {64 << 20, 64 << 20}; setrlimit(RLIMIT_AS, &r); printf("mmap 128M under AS 64M %s\n", e((long)mmap(0, 128 << 20, 3, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0))); r.rlim_cur = r.rlim_max = 4 << 20; setrlimit(RLIMIT_DATA, &r); printf("mmap 8M rw private under DATA 4M %s\n", e((long)mmap(0, 8 << 20, 3, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0))); printf("mmap 8M read-only %s\n", e((long)mmap(0, 8 << 20, 1, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0))); END }
  wait(0);
  CHILD("MADV_GUARD_INSTALL") { char *a = mmap(0, 40960, 3, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0); memset(a, 1, 40960); printf("INSTALL of 2 %s %s\n", e(madvise(a + 4096, 8192, 102)), present(a, 10)); at(a); printf("POPULATE_WRITE %s\n", e(madvise(a, 40960, 23))); printf("DONTNEED %s then REMOVE %s\n", e(madvise(a, 40960, 4)), e(madvise(a + 4096, 8192, 103))); printf("%s\n", present(a, 10)); END }
  wait(0);
  return 0;
}
