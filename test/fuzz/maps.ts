/** `/proc/PID/maps` and `smaps`, as the page and the command line import them. */
import { format } from '../../src/scenario/format';
import { IMPORTED } from '../../src/scenario/limits';
import { parse } from '../../src/scenario/parse';
import { importMaps } from '../../src/scenario/proc-maps';
import type { Kind } from './frame/kind';

const kind: Kind = {
  what: 'files of /proc, made into scenarios',
  seeds: [
    `00400000-00401000 r--p 00000000 08:01 1234                               /usr/bin/program
00401000-0047a000 r-xp 00001000 08:01 1234                               /usr/bin/program
004be000-004e0000 rw-p 00000000 00:00 0                                  [heap]
7ffff7c00000-7ffff7e00000 rw-p 00000000 00:0f 77                         /anon_hugepage (deleted)
7ffff7ff0000-7ffff7ff2000 rw-s 00000000 00:01 5                          /memfd:x (deleted)
7ffff7ff7000-7ffff7ffb000 r--p 00000000 00:00 0                          [vvar]
7ffffffde000-7ffffffff000 rw-p 00000000 00:00 0                          [stack]
ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]
`,
    `7ffff7400000-7ffff7800000 rw-p 00000000 00:0f 41                         /anon_hugepage (deleted)
Size:               4096 kB
KernelPageSize:     2048 kB
MMUPageSize:        2048 kB
Rss:                   0 kB
Shared_Hugetlb:        0 kB
Private_Hugetlb:    2048 kB
VmFlags: rd wr mr mw me de ht
7ffffffde000-7ffffffff000 rw-p 00000000 00:00 0                          [stack]
Size:                132 kB
KernelPageSize:        4 kB
Rss:                  20 kB
Anonymous:            20 kB
AnonHugePages:         0 kB
VmFlags: rd wr mr mw me gd ac
`,
  ],
  words: [
    'rw-p',
    'r-xs',
    '(deleted)',
    '[heap]',
    '[anon: x]',
    'Rss:',
    'kB',
    'VmFlags: ht',
    'KernelPageSize:  2048 kB',
    '/dev/shm/x',
    '/SYSV00000000',
  ],
  take(text) {
    const { scenario, areas, unreadable, lines } = importMaps(text);
    if (areas + unreadable > lines) return 'more areas than lines';
    const [wrong] = parse(format(scenario), IMPORTED).diagnostics;
    return wrong === undefined ? '' : `what was made is not read: ${wrong.at.line}: ${wrong.message}`;
  },
};
export default kind;
