#!/bin/sh
# Records real programs with strace: `sh test/traces/record.sh [FOLDER]`. Each twice, without address randomisation and with.
# Needs strace, and the programs; one that is not there is left out. `huge` needs 8 free pages of 2 MiB in the pool.
set -u
out=$(realpath "${1:-$(dirname "$0")}")
work=$(mktemp -d)
cd "$work" || exit 1
export LC_ALL=C.UTF-8 HOME="$work" PYTHONDONTWRITEBYTECODE=1

seq 1 3000000 | sort -R --random-source=/dev/zero > numbers
cat > huge.c <<'C'
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
int main(void) {
  char *a = mmap(0, 8 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
  char *b = mmap(0, 3 << 20, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
  if (a == MAP_FAILED || b == MAP_FAILED) return 1;
  a[0] = b[0] = 1;
  munmap(a + (2 << 20), 2 << 20);
  munmap(a, 4096);
  mprotect(a + (4 << 20), 2 << 20, PROT_READ);
  madvise(a, 2 << 20, MADV_DONTNEED);
  char *c = mremap(a + (4 << 20), 2 << 20, 2 << 20, MREMAP_MAYMOVE | MREMAP_FIXED, a - (64 << 20));
  if (c == MAP_FAILED) return 1;
  if (fork() == 0) { a[0] = 2; _exit(0); }
  wait(0);
  char *d = malloc(3 << 20);
  memset(d, 1, 3 << 20);
  d = realloc(d, 9 << 20);
  char *e = mmap(0, 4 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  madvise(e, 4 << 20, MADV_HUGEPAGE);
  e[0] = 1;
  free(d);
  munmap(c, 2 << 20);
  return 0;
}
C
cat > threads.py <<'P'
import mmap, threading
def work(n):
    m = mmap.mmap(-1, 1 << 20)
    m[:4] = b"abcd"
    x = [bytes(100000 + i) for i in range(200)]
    m.close()
threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
for t in threads: t.start()
for t in threads: t.join()
P
mkdir tree && for i in $(seq 50); do head -c 3000 numbers > tree/$i; done

# name, options of strace, command
record() {
  name=$1 options=$2
  shift 2
  command -v "${1%% *}" > /dev/null || { echo "no $1" >&2; return; }
  setarch -R strace $options -o "$work/$name.strace" "$@" > /dev/null 2>&1
  strace $options -o "$work/$name-random.strace" "$@" > /dev/null 2>&1
  for each in "$name" "$name-random"; do gzip -9nc "$work/$each.strace" > "$out/$each.strace.gz"; done
}

memory='trace=%memory,%process,open,openat,close,dup,dup2,dup3,fcntl,memfd_create,ftruncate,fallocate'
record shell '-f' sh -c 'ls / | wc -l; for i in 1 2 3; do expr $i + $i; done; cat numbers | head -3'
record bash "-f -y -e $memory" bash -c 'x=$(printf "%s\n" {1..2000} | sort -n | tail -1); echo $x'
record python "-f -tt -e $memory" python3 -S -c 'import json, re, random; x = [random.random() for _ in range(100000)]; x.sort(); print(len(json.dumps(x)))'
record threads "-f -r -e $memory" python3 -S threads.py
record compiler "-f -e $memory" gcc -O1 -o huge huge.c
record sort "-f -ttt -T -e $memory" sort -n --parallel=4 -S 8M numbers
record node "-f -e $memory" node -e 'const x = []; for (let i = 0; i < 300000; i++) x.push({ i }); console.log(JSON.stringify(x).length)'
record huge "-f" ./huge
record perl "-y" perl -e 'my %h; $h{$_ % 5000} .= $_ for 1 .. 200000; print scalar keys %h'
git init -q tree && git -C tree add . && git -C tree -c user.name=a -c user.email=a@b commit -qm x
record git "-f -e $memory" git -C tree log --stat
record tar "-f -e $memory" tar czf tree.tgz tree
record awk "-e $memory" awk '{ s += $1; n[$1 % 1000]++ } END { print s, length(n) }' numbers
record grep "-y -tt" grep -c '7$' numbers
record memory "-e trace=memory" perl -e 'my $x = "x" x 5_000_000; my @y = map { "$x" } 1 .. 5; undef @y; print length $x'
rm -rf "$work"
