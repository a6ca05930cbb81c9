/** Every sentence is held against the state that it speaks of: what each kind may say stands in `claims/`. */
import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../../src/base/random';
import { DESIGNS } from '../../../src/engine/designs/designs';
import { Ev } from '../../../src/engine/events';
import type { Operation, OperationName } from '../../../src/engine/operation';
import { createMachine } from '../../../src/engine/process';
import { Run, type Scene } from '../../../src/history/run';
import { sentenceOf } from '../../../src/history/sentence';
import { isRefused } from '../../../src/history/source';
import { LIBRARY } from '../../../src/scenario/library';
import { madeSource } from '../../bench/seek';
import { KINDS, RandomOperations, type Kind } from '../engine/random-operations';
import type { Told } from './claims/common';
import { EVENTS, Moment } from './claims/events';
import { Facts } from './claims/facts';
import { judge, spelled } from './claims/judge';
import { brk, mprotect, mremap, munmap } from './claims/mapping';
import { mmap } from './claims/mmap';
import { exec, exit, files, fork, locks, looks, madvise, pool } from './claims/others';
import { segments } from './claims/shm';
import { touches } from './claims/touch';
import { runOf } from './told';

/** Sequences of each kind: `SEQUENCES=100 npm run test:unit -- history/claims` looks for longer. */
const SEQUENCES = Number(process.env['SEQUENCES'] ?? 3);
const OPERATIONS = 40;

const OPERATION_CLAIMS: Readonly<Record<OperationName, readonly Told[]>> = {
  mmap,
  munmap,
  mprotect,
  mremap,
  madvise,
  read: touches,
  write: touches,
  mlock: locks,
  mlock2: locks,
  munlock: locks,
  mlockall: locks,
  munlockall: locks,
  mincore: looks,
  msync: looks,
  brk,
  fork,
  exec,
  exit,
  open: files,
  close: files,
  ftruncate: files,
  fallocate: files,
  memfd: files,
  unlink: files,
  fcntl: files,
  pread: files,
  pool,
  shmget: segments,
  shmat: segments,
  shmdt: segments,
  shmctl: segments,
};

/** What is wrong with the sentence of the moment. */
function wrong(scene: Scene): string[] {
  const operation = scene.run.log.operation(scene.k - 1);
  const sentence = sentenceOf(scene);
  if (isRefused(operation))
    return spelled(sentence).startsWith('This step is not carried out: ') ? [] : ['not carried out'];
  if (!scene.was.tasks.has(operation.who) && operation.op !== 'pool')
    return spelled(sentence) === 'There is no such process any more, so nothing happens (ESRCH).'
      ? []
      : ['no such process'];
  return judge(sentence, OPERATION_CLAIMS[operation.op], new Facts(scene));
}

/** What is wrong with the sentences inside operation k: at `most` of its events. */
function wrongInside(run: Run, twin: Run, k: number, most: number, random: () => number): string[] {
  const found: string[] = [];
  const { recording } = run.stand(k);
  const before = twin.stand(k - 1).now;
  // Of every kind of event, one or two.
  const byKind = new Map<Ev, number[]>();
  for (let e = 1; e < Math.min(recording.total, recording.kept); e++) {
    const kind = recording.kind(e - 1);
    byKind.set(kind, [...(byKind.get(kind) ?? []).slice(-8), e]);
  }
  const stops = [...byKind.values()].flatMap((all) => {
    const drawn = all[Math.floor(random() * all.length)]!;
    return most > 8 ? [...new Set([all[0]!, drawn])] : [drawn];
  });
  while (stops.length > most) stops.splice(Math.floor(random() * stops.length), 1);
  stops.sort((x, y) => x - y);
  for (const e of stops) {
    const scene = run.stand(k, e);
    const event = recording.event(e - 1);
    const claims = EVENTS[event.kind];
    if (claims === undefined) found.push(`nobody can tell what is so of an event ${Ev[event.kind]}`);
    else
      for (const text of judge(sentenceOf(scene), claims, new Moment(scene, before, e - 1)))
        found.push(`${text} ${JSON.stringify(event)}`);
  }
  return found;
}

/** `twin` is the same run once more, to stand before an operation while the other stands inside it. */
function check(run: Run, twin: Run, where: string, inside = 40): void {
  const random = seededRandom(1);
  for (let k = 1; k <= run.reached; k++) {
    const place = `${where}, operation ${k}: ${JSON.stringify(run.log.operation(k - 1))}`;
    const scene = run.stand(k);
    expect(wrong(scene), `${place}: ${spelled(sentenceOf(scene))}`).toEqual([]);
    expect(wrongInside(run, twin, k, inside, random), place).toEqual([]);
  }
}

describe('what is said of the library', () => {
  for (const { examples } of LIBRARY)
    for (const { name, text } of examples)
      test(`${name} is so`, () => {
        for (const design of ['ops', 'flag'])
          check(runOf(text, design), runOf(text, design), `${name} under ${design}`);
      });
});

test('what is said of a mount with a size, and of a file that is read, is so', () => {
  const life = `pool(4)
f = open("/dev/hugepages/A", O_RDWR|O_CREAT)
a = mmap(NULL, 4M, rw, SHARED, f)
touch(a, 4M, 2M)
pread(f, 8M)
pread(f, 4K, 2M)
b = mmap(NULL, 4M, rw, PRIVATE, f)
c = mmap(NULL, 8M, rw, PRIVATE|NORESERVE, f)
touch(c, 8M, 2M)
g = open("file:B")
ftruncate(g, 0)
ftruncate(g, 16K)
pread(g, 100, 4K)
pread(99, 1)
`;
  for (const rules of ['6.18', '2.6.20']) {
    const text = `hugetlbfs_size: 6M\nrules: ${rules}\n${life}`;
    check(runOf(text, 'ops'), runOf(text, 'ops'), `a mount with a size under ${rules}`);
  }
});

test('what is said of System V segments is so', () => {
  const text = `pool(4)
s = shmget(IPC_PRIVATE, 4M, IPC_CREAT|SHM_HUGETLB|0600)
a = shmat(s)
write(a)
c = fork()
shmctl(s, IPC_RMID)
shmdt(a)
shmdt(a)
c: shmdt(a)
t = shmget(5, 4K)
shmget(5, 4K)
shmget(6, 16M, IPC_CREAT|SHM_HUGETLB)
b = shmat(t, NULL, SHM_RDONLY)
shmctl(t, IPC_RMID)
shmdt(b)
u = shmget(IPC_PRIVATE, 4K)
shmctl(u, IPC_RMID)
shmctl(t, IPC_RMID)
`;
  check(runOf(text, 'ops'), runOf(text, 'ops'), 'segments');
});

function drawn(kind: Kind, seed: number): Operation[] {
  const m = createMachine();
  const draw = new RandomOperations(m, kind, seed);
  return Array.from({ length: OPERATIONS }, (_, i) => {
    const operation = i === 0 ? draw.first() : draw.next();
    m.execute(operation);
    return operation;
  });
}

describe('what is said of random runs', () => {
  for (const [name, kind] of Object.entries(KINDS))
    test(`${name} is so`, () => {
      const designs = Object.values(DESIGNS);
      for (let seed = 1; seed <= SEQUENCES; seed++) {
        const operations = drawn(kind, 100 + seed);
        const design = designs[seed % designs.length]!;
        const source = madeSource(operations.length, (k) => operations[k]!);
        const [run, twin] = [0, 1].map(() => {
          const made = new Run(source, { create: () => createMachine({ design }), now: () => 0 });
          made.advance(Infinity);
          return made as unknown as Run;
        });
        check(run!, twin!, `${name}, seed ${seed}, ${design.name}`, 4);
      }
    });
});

const HUGE = 'PRIVATE|ANONYMOUS|HUGETLB';
const ANON = 'PRIVATE|ANONYMOUS';

/** Stories for what neither the library nor the random runs come to, told to the last event. */
const STORIES: readonly (readonly [title: string, text: string])[] = [
  ['an old mapping goes', `a = mmap(NULL, 64K, rw, ${ANON})\nwrite(a)\nmmap(a, 16K, r, ${ANON}|FIXED)\n`],
  ['a promise takes the place of another', `pool(4)\na = mmap(NULL, 4M, rw, ${HUGE})\nmmap(a, 4M, r, ${HUGE}|FIXED)\n`],
  [
    'there are as many areas as may be',
    `max_map_count: 14\na = mmap(NULL, 64K, rw, ${ANON})\nmmap(NULL, 64K, r, ${ANON})\nmmap(NULL, 64K, none, ${ANON})\nmmap(NULL, 64K, rw, ${ANON})\nmmap(NULL, 64K, r, ${ANON})\nmunmap(a + 4K, 4K)\n`,
  ],
  [
    'advice of every kind',
    `a = mmap(NULL, 4M, rw, ${ANON})\nwrite(a)\nmadvise(a, 0, HUGEPAGE)\nmadvise(a, 0, DONTNEED)\nmadvise(a, 16K, WILLNEED)\nmadvise(a, 2M, COLLAPSE)\nmadvise(a, 8K, FREE)\nmadvise(a, 8K, POPULATE_READ)\nmadvise(a, 4K, DONTDUMP)\nmadvise(a, 4K, DODUMP)\nmadvise(a, 4K, WIPEONFORK)\nmadvise(a, 4K, KEEPONFORK)\n`,
  ],
  [
    'holes in a file',
    'f = memfd_create("m")\nftruncate(f, 64K)\na = mmap(NULL, 64K, rw, SHARED, f, 0)\nwrite(a, 16)\nmadvise(a, 16K, REMOVE)\nfallocate(f, PUNCH_HOLE|KEEP_SIZE, 16K, 4K)\nfallocate(f, PUNCH_HOLE|KEEP_SIZE, 32K, 16K)\nftruncate(f, 8K)\n',
  ],
  [
    'the pool borrows, lends and is asked for more than there is',
    `memory: 64M\npool(1, 2)\na = mmap(NULL, 4M, rw, ${HUGE}|NORESERVE)\nwrite(a)\nwrite(a + 2M)\npool(1000000)\npool(0)\npool(3, 0)\nmunmap(a, 4M)\n`,
  ],
  [
    'a huge file is touched',
    'pool(4)\nf = memfd_create("h", HUGETLB)\nftruncate(f, 8M)\na = mmap(NULL, 4M, rw, SHARED, f, 0)\nread(a)\nb = mmap(NULL, 4M, rw, SHARED, f, 0)\nread(b)\nwrite(b, 2, 2M)\nfallocate(f, 0, 4M, 4M)\nfallocate(f, PUNCH_HOLE|KEEP_SIZE, 4M, 2M)\nread(b)\n',
  ],
  [
    'a huge page of zeroes',
    `a = mmap(NULL, 4M, rw, ${ANON})\nmadvise(a, 4M, HUGEPAGE)\nread(a)\nread(a + 2M)\nwrite(a)\n`,
  ],
  [
    'locks',
    `a = mmap(NULL, 16K, rw, ${ANON})\nmlock(a, 8K)\nmunlock(a, 4K)\nmlock(a, 4K)\nmunlockall()\nmlockall(CURRENT)\nmunlockall()\nmlock(0x1000, 4K)\n`,
  ],
  ['a fork without room', `memory: 64M\novercommit_memory: 2\na = mmap(NULL, 20M, rw, ${ANON})\nchild = fork()\n`],
  [
    'a family',
    `a = mmap(NULL, 16K, rw, ${ANON})\nwrite(a, 4)\nchild = fork()\nchild: write(a)\nwrite(a)\nchild: exit()\nexit()\n`,
  ],
  [
    'a file loses its name, and another is sealed',
    'f = open("file:A", O_RDWR)\na = mmap(NULL, 16K, rw, SHARED, f, 0)\nread(a)\nunlink("file:A")\nclose(f)\ng = memfd_create("m", ALLOW_SEALING)\nfcntl(g, F_ADD_SEALS, F_SEAL_SHRINK)\nfcntl(g, F_GET_SEALS)\nmadvise(a, 4K, MERGEABLE)\nb = mmap(NULL, 16K, rw, PRIVATE|ANONYMOUS)\nmadvise(b, 4K, MERGEABLE)\nmadvise(b, 4K, UNMERGEABLE)\n',
  ],
  [
    'another program',
    'layout: sh 555555554000-555555577000 rw-p 00001000 3 /bin/sh\na = mmap(NULL, 16K, rw, PRIVATE|ANONYMOUS)\nwrite(a)\nexec("sh")\n',
  ],
  [
    'a table moves',
    `a = mmap(0x200000000000, 4M, rw, ${ANON}|FIXED)\nmadvise(a, 4M, NOHUGEPAGE)\nwrite(a, 1024)\nmremap(a, 4M, 4M, MAYMOVE|FIXED, 0x300000000000)\n`,
  ],
  [
    'a reservation is lost',
    `pool(4)\na = mmap(NULL, 8M, rw, ${HUGE})\nmremap(a, 2M, 2M, MAYMOVE|FIXED, 0x10000000000)\n`,
  ],
  [
    'a table is shared',
    'pool(600)\nf = memfd_create("h", HUGETLB)\nftruncate(f, 1G)\na = mmap(0x200000000000, 1G, rw, SHARED|FIXED, f, 0)\nwrite(a)\nchild = fork()\nchild: write(a)\nchild: munmap(a, 1G)\n',
  ],
];

describe('what is said of stories', () => {
  for (const [title, text] of STORIES)
    test(`${title}: is so`, () => {
      for (const design of ['ops', 'table', 'mainline', 'core'])
        check(runOf(text, design), runOf(text, design), `${title} under ${design}`);
    });
});

/** What a teller says where nothing else fits, and what no moment stands at. */
const LAST_RESORT = new Set(['from the pool', 'exec is refused with ERRNO.', 'back']);

test('every claim is made somewhere, and every kind of operation and event has claims', () => {
  const kinds = Object.values(Ev).filter((kind) => typeof kind === 'number');
  expect(kinds.filter((kind) => EVENTS[kind] === undefined).map((kind) => Ev[kind])).toEqual([]);
  const operations = new Set(Object.values(OPERATION_CLAIMS).flat());
  const events = Object.values(EVENTS).flat();
  const never = [...operations, ...events].filter((claim) => claim.used === 0).map((claim) => claim.says);
  expect(never.filter((says) => !LAST_RESORT.has(says))).toEqual([]);
});
