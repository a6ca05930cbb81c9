/** strace's output, as the page and the command line import it. */
import { format } from '../../src/scenario/format';
import { IMPORTED } from '../../src/scenario/limits';
import { parse } from '../../src/scenario/parse';
import { importStraceNow } from '../../src/scenario/strace';
import { WANTED } from '../../src/scenario/strace-calls';
import type { Kind } from './frame/kind';

const kind: Kind = {
  what: 'output of strace, made into scenarios',
  seeds: [
    `execve("/bin/sh", ["sh", "-c", "true"], 0x7ffd /* 12 vars */) = 0
brk(NULL) = 0x555555578000
mmap(NULL, 8192, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7ffff7fc3000
openat(AT_FDCWD, "/etc/ld.so.cache", O_RDONLY|O_CLOEXEC) = 3</etc/ld.so.cache>
mmap(NULL, 20480, PROT_READ, MAP_PRIVATE, 3</etc/ld.so.cache>, 0) = 0x7ffff7fbe000
close(3) = 0
mprotect(0x7ffff7fc3000, 4096, PROT_READ) = 0
munmap(0x7ffff7fbe000, 20480) = 0
brk(0x555555599000) = 0x555555599000
mremap(0x7ffff7fc3000, 8192, 16384, MREMAP_MAYMOVE) = 0x7ffff7d00000
madvise(0x7ffff7d00000, 8192, MADV_DONTNEED) = -1 EINVAL (Invalid argument)
exit_group(0) = ?
+++ exited with 0 +++
`,
    `[pid   101] 10:11:12.123456 clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|SIGCHLD, child_tidptr=0x7f) = 102
[pid   102] 10:11:12.123457 mmap(NULL, 4096, PROT_READ, MAP_SHARED|MAP_ANONYMOUS, -1, 0 <unfinished ...>
[pid   101] 10:11:12.123458 clone3({flags=CLONE_VM|CLONE_THREAD, stack=0x7f0000000000, stack_size=0x7fff00} => {parent_tid=[103]}, 88) = 103
[pid   102] 10:11:12.123459 <... mmap resumed>) = 0x7ffff7ff0000
[pid   103] 10:11:12.123460 mlock2(0x7ffff7ff0000, 4096, MLOCK_ONFAULT) = 0
[pid   101] 10:11:12.123461 --- SIGCHLD {si_signo=SIGCHLD} ---
[pid   102] 10:11:12.123462 +++ exited with 0 +++
`,
    `7 memfd_create("x y", MFD_CLOEXEC) = 3
7 ftruncate(3, 8192) = 0
7 dup2(3, 9) = 9
7 mmap(0x10000, 8192, PROT_READ|PROT_WRITE, MAP_SHARED|MAP_FIXED, 9, 0x1000) = 0x10000
7 fallocate(9, FALLOC_FL_KEEP_SIZE|FALLOC_FL_PUNCH_HOLE, 0, 4096) = 0
7 vfork( <unfinished ...>
8 execve("/usr/bin/env", ["env"], NULL) = 0
7 <... vfork resumed>) = 8
8 mmap(NULL, 4194304, PROT_READ|PROT_WRITE, MAP_PRIVATE|MAP_ANONYMOUS|MAP_HUGETLB|21<<MAP_HUGE_SHIFT, -1, 0) = 0x7ffff7400000
8 mincore(0x10000, 8192, [1, 0]) = 0
`,
  ],
  words: [
    ...WANTED,
    '= 0',
    '= -1 ENOMEM (Cannot allocate memory)',
    '<unfinished ...>',
    '<... brk resumed>',
    '/* 3 vars */',
    '= ?',
    '()',
    '3</a/b>',
    '-1',
  ],
  take(text) {
    const { scenario, lines } = importStraceNow([{ name: 'trace', text }]);
    if (lines > text.split('\n').length) return 'more lines than there are';
    const [wrong] = parse(format(scenario), IMPORTED).diagnostics;
    return wrong === undefined ? '' : `what was made is not read: ${wrong.at.line}: ${wrong.message}`;
  },
};
export default kind;
