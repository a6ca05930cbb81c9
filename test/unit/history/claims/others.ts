/** What is said of everything but mapping and touching. */
import {
  agrees,
  backToPool,
  hasHole,
  isErrno,
  number,
  PAGE,
  POOL,
  poolMoved,
  size,
  spelledOut,
  stands,
  type Told,
} from './common';
import type { Facts } from './facts';
import { claim } from './judge';

// ---- advice ------------------------------------------------------------------------------------

const ADVICE: Readonly<Record<string, readonly [number: number, effect: string, flag: string, set: boolean]>> = {
  MADV_DONTFORK: [10, 'a child will not get it at fork', 'dc', true],
  MADV_DOFORK: [11, 'a child gets it again at fork', 'dc', false],
  MADV_HUGEPAGE: [14, 'the next fault in a whole free 2 MiB may bring in a huge page', 'hg', true],
  MADV_NOHUGEPAGE: [15, 'faults bring in small pages only', 'nh', true],
  MADV_MERGEABLE: [12, 'pages with equal contents may be merged into one', 'mg', true],
  MADV_UNMERGEABLE: [13, 'its pages are merged no more', 'mg', false],
  MADV_DONTDUMP: [16, 'a core dump leaves it out', 'dd', true],
  MADV_DODUMP: [17, 'a core dump includes it again', 'dd', false],
  MADV_WIPEONFORK: [18, 'a child will find zeroes there', 'wf', true],
  MADV_KEEPONFORK: [19, 'a child finds the contents again', 'wf', false],
};
const advice = (f: Facts): number => f.arg(2);
const whole = (f: Facts): boolean => !hasHole(f, ...f.range, true);

export const madvise: readonly Told[] = [
  spelledOut(
    'the area gets an advice',
    /(?:‹(\d+):[^›]*›|unmapped memory) gets (MADV_[A-Z]+): ([^.]+)\./,
    (f, id, name, effect) => {
      const known = ADVICE[name!];
      if (known === undefined) return false;
      const [n, text, flag, set] = known;
      const areas = f.now.areas(...f.range);
      return (
        advice(f) === n &&
        effect === text &&
        (f.arg(1) === 0 || stands(f, id, ...f.range)) &&
        areas.every((vma) => f.now.flags(vma.vm_start).includes(flag) === set)
      );
    },
  ),
  claim('The range is empty, so nothing changes.', (f) => f.arg(1) === 0 && f.sameMaps),
  claim('The area is split, because the rest was not spoken of.', (f) => {
    const [start, end] = f.range;
    return [start, end].some(
      (at) => f.was.area(at - 1)?.id === f.was.area(at)?.id && f.now.area(at - 1)?.id !== f.now.area(at)?.id,
    );
  }),
  spelledOut(
    'emptied',
    /(\d+[KMGTP]?) of (?:‹(\d+):[^›]*›|unmapped memory) are emptied: (\d+) (pages? goe?s?) at once, the area stays, and the next touch finds zeroes or the file\./,
    (f, bytes, id, n, go) => {
      const left = f.was.status('VmRSS') - f.now.status('VmRSS');
      const pages = left / 4 + Math.max(0, f.rise('Free'));
      return (
        size(bytes) === f.arg(1) &&
        (f.arg(1) === 0 || stands(f, id, ...f.range)) &&
        number(n) === pages &&
        go === (pages === 1 ? 'page goes' : 'pages go') &&
        f.sameMaps &&
        f.now.present(...f.range) === 0 &&
        [4, 24].includes(advice(f))
      );
    },
  ),
  claim(
    'The pages of (AREA|unmapped memory) may be taken when memory is short; until then they stay, and a write keeps them.',
    (f) => advice(f) === 8 && f.was.present(...f.range) === f.now.present(...f.range),
  ),
  claim(
    'A hole is punched into the file behind (AREA|unmapped memory): its pages go for everyone who maps it.',
    (f) => advice(f) === 9 && f.now.present(...f.range) === 0,
  ),
  claim(
    'The pages of (AREA|unmapped memory) are brought in at once, as if each had been touched.',
    (f) => [22, 23].includes(advice(f)) && f.now.present(...f.range) === f.range[1] - f.range[0],
  ),
  claim('The pages of (AREA|unmapped memory) are gathered into huge pages where they can be.', (f) => {
    const huge = (before: boolean): number =>
      (before ? f.was : f.now).leaves(...f.range).filter((leaf) => leaf.bytes > PAGE).length;
    return advice(f) === 25 && huge(false) >= huge(true);
  }),
  claim('The advice about (AREA|unmapped memory) is taken; nothing that is drawn here changes.', (f) => {
    const known = Object.values(ADVICE).find(([n]) => n === advice(f));
    const taken =
      known !== undefined && f.now.areas(...f.range).some((vma) => f.now.flags(vma.vm_start).includes(known[2]));
    return !taken && f.out.err === 0 && f.was.present(...f.range) === f.now.present(...f.range);
  }),
  claim(
    'madvise is refused with ERRNO: (part of the range is not mapped|this advice does not fit this area, or the range is not aligned|the kernel does not allow it there).',
    (f, errno, why) =>
      isErrno(f, errno) &&
      (why === 'part of the range is not mapped'
        ? errno === 'ENOMEM' && !whole(f)
        : why!.startsWith('this advice')
          ? errno === 'EINVAL'
          : errno !== 'EINVAL' && errno !== 'ENOMEM'),
  ),
  ...backToPool,
];

// ---- locks -------------------------------------------------------------------------------------

const locked = (f: Facts): number => f.now.status('VmLck') - f.was.status('VmLck');

export const locks: readonly Told[] = [
  spelledOut(
    'locked memory stays',
    /Locked memory stays in memory: (?:nothing had to be brought in|(\d+) (page is|pages are) brought in at once)\./,
    (f, n, are) =>
      locked(f) > 0 &&
      (n === undefined || (number(n) > 0 && agrees(number(n), are === 'page is'))) &&
      brought(f, number(n ?? '0')),
  ),
  claim(
    'The lock is taken off; the pages stay where they are.',
    (f) => locked(f) < 0 && f.was.present(0, f.userEnd) === f.now.present(0, f.userEnd),
  ),
  claim('VmLck is now N kB.', (f, kb) => number(kb) === f.now.status('VmLck')),
  spelledOut(
    'nothing is locked anew',
    /(m(?:un)?lock(?:all|2)?) changes no area that exists\./,
    (f, op) => op === f.op && locked(f) === 0,
  ),
  spelledOut(
    'a lock is refused',
    /(m(?:un)?lock(?:all|2)?) is refused with ([A-Z]+): (part of the range is not mapped, or more would be locked than RLIMIT_MEMLOCK allows|some pages could not be brought in|the process may not lock memory|the arguments do not fit)\./,
    (f, op, errno, why) =>
      op === f.op &&
      isErrno(f, errno) &&
      { ENOMEM: 'part', EAGAIN: 'some', EPERM: 'the process', EINVAL: 'the arguments' }[errno!] ===
        /^(part|some|the process|the arguments)/.exec(why!)![0],
  ),
];

/** Frames taken: what is present more than before, page tables not counted. */
function brought(f: Facts, n: number): boolean {
  const more = f.now.leaves(0, f.userEnd).length - f.was.leaves(0, f.userEnd).length;
  return n === 0 ? more <= 0 || f.now.status('RssAnon') === f.was.status('RssAnon') : more >= 0;
}

// ---- processes ---------------------------------------------------------------------------------

export const fork: readonly Told[] = [
  spelledOut(
    'a child starts',
    /(.+?) starts as a copy of (.+?): (\d+) areas? and (\d+) (entry|entries), but no page is copied\./,
    (f, child, parent, areas, entries, word) => {
      const made = f.scene.now.tasks.get(f.arg(0));
      const there = made?.mm;
      return (
        there !== undefined &&
        f.scene.names.processName(f.arg(0)) === child &&
        f.scene.names.processName(f.who) === parent &&
        number(areas) === there.map_count &&
        agrees(number(entries), word === 'entry') &&
        f.scene.now.frames.countFree() >= f.scene.was.frames.countFree() - there.pgtables_bytes / PAGE - 64
      );
    },
  ),
  claim(
    'Private pages that can be written are now shared and write-protected in both, so whoever writes first gets a copy.',
    (f) =>
      f.now
        .leaves(0, f.userEnd)
        .every(
          (leaf) =>
            leaf.kind !== 'anonymous' ||
            !f.now.perms(leaf.address).endsWith('p') ||
            !leaf.writable ||
            notGiven(f, leaf.address),
        ),
  ),
  spelledOut('promises stay', /Promises of huge pages stay with ([^.]+)\./, (f, parent) => {
    return f.was.pool('Rsvd') !== 0 && f.rise('Rsvd') === 0 && f.scene.names.processName(f.who) === parent;
  }),
  claim(
    'fork is refused with ERRNO: (there is no room for the copy|there is such a process already).',
    (f, errno, why) =>
      isErrno(f, errno) && (why!.startsWith('there is no room') ? errno === 'ENOMEM' : f.scene.was.tasks.has(f.arg(0))),
  ),
];

/** A page of an area that a child does not get, or gets empty. */
const notGiven = (f: Facts, at: number): boolean => f.now.flags(at).some((flag) => flag === 'dc' || flag === 'wf');

export const exit: readonly Told[] = [
  spelledOut(
    'a process ends',
    /(.+?) ends: (\d+) areas?, (\d+) page tables? and (?:no page but what others share|(\d+) (pages?) that nobody else has) go with it\./,
    (f, name, areas, tables, pages, word) =>
      f.scene.names.processName(f.who) === name &&
      !f.now.alive &&
      number(areas) === f.was.mm!.map_count &&
      number(tables) <= f.was.tables() &&
      number(tables) >= f.was.tables() - 2 &&
      (pages === undefined
        ? f.scene.now.frames.countFree() - f.scene.was.frames.countFree() <= f.was.tables() + 1
        : number(pages) > 0 && agrees(number(pages), word === 'page')),
  ),
  ...backToPool,
];

export const exec: readonly Told[] = [
  spelledOut(
    'a process becomes a program',
    /(.+?) becomes (.*): everything that was mapped goes, and (\d+) (areas?) of the new program (stands?)\./,
    (f, name, program, areas, word, stand) =>
      f.scene.names.processName(f.who) === name &&
      (f.operation.path ?? '').split('\n')[0] === program &&
      number(areas) === f.now.mm!.map_count &&
      agrees(number(areas), word === 'area') &&
      agrees(number(areas), stand === 'stands') &&
      f.was.areas().every((vma) => f.now.byId(vma.id) !== vma),
  ),
  claim('exec is refused with ERRNO.', (f, errno) => isErrno(f, errno)),
];

// ---- the pool ----------------------------------------------------------------------------------

const fixed = (f: Facts, before: boolean): number => {
  const look = before ? f.was : f.now;
  return look.pool('Total') - look.pool('Surp');
};

export const pool: readonly Told[] = [
  spelledOut(
    'the pool keeps its size',
    /The pool keeps (\d+) huge (pages?)(?:, although (\d+) were asked for)?\./,
    (f, n, word, asked) => {
      return (
        number(n) === fixed(f, false) &&
        fixed(f, false) === fixed(f, true) &&
        agrees(number(n), word === 'page') &&
        (asked === undefined ? f.arg(0) === number(n) : f.arg(0) === number(asked) && number(asked) !== number(n))
      );
    },
  ),
  claim('It may borrow up to N more when a fault needs them.', (f, n) => f.arg(1) === number(n)),
  spelledOut(
    'pages become surplus',
    /(\d+) (pages? that (?:is|are)) in use or promised (becomes?) surplus: (it leaves|they leave) the pool when (it is|they are) given back\./,
    (f, n, pages, become, leave, are) => {
      const one = number(n) === 1;
      return (
        number(n) === f.rise('Surp') &&
        f.rise('Total') === 0 &&
        pages === (one ? 'page that is' : 'pages that are') &&
        become === (one ? 'becomes' : 'become') &&
        leave === (one ? 'it leaves' : 'they leave') &&
        are === (one ? 'it is' : 'they are')
      );
    },
  ),
  spelledOut(
    'the pool grows',
    new RegExp(`(\\d+) (pages?) of 2 MiB (is|are) taken out of ordinary memory and set aside: ${POOL}\\.`),
    (f, n, pages, are, moved) => {
      const more = fixed(f, false) - fixed(f, true);
      return number(n) === more && agrees(more, pages === 'page') && agrees(more, are === 'is') && poolMoved(f, moved!);
    },
  ),
  spelledOut(
    'the pool shrinks',
    new RegExp(`(\\d+) (pages?) that nobody uses (goe?s?) back to ordinary memory: ${POOL}\\.`),
    (f, n, pages, go, moved) => {
      const less = -f.rise('Total');
      return (
        number(n) === less && agrees(less, pages === 'page') && agrees(less, go === 'goes') && poolMoved(f, moved!)
      );
    },
  ),
  claim(
    'N were asked for; (there is no room for more|the others are in use or promised, and become surplus).',
    (f, n, why) =>
      number(n) === f.arg(0) &&
      number(n) !== fixed(f, false) &&
      why!.startsWith('there is no') === fixed(f, false) > fixed(f, true),
  ),
];

// ---- files -------------------------------------------------------------------------------------

const open = (f: Facts, fd: number, before: boolean): boolean =>
  (before ? f.scene.was : f.scene.now).tasks.get(f.who)?.files[fd] != null;
const named = (f: Facts, name: string): boolean =>
  name !== '' &&
  (f.scene.run.source.statement(f.scene.k - 1).text.includes(`"${name}"`) ||
    f.operation.path === name ||
    name === `file ${f.arg(0)}`);
const opened = (f: Facts, name: string, fd: string): boolean =>
  f.out.ret === number(fd) && open(f, number(fd), false) && !open(f, number(fd), true) && named(f, name);

/** Pages of files in memory. */
const cached = (f: Facts, before: boolean): number => {
  const fd = (before ? f.scene.was : f.scene.now).tasks.get(f.who)?.files[f.arg(0)];
  let n = 0;
  fd?.inode.i_mapping.i_pages.forEach(0, Infinity, () => void n++);
  return n;
};

export const files: readonly Told[] = [
  spelledOut(
    'a file is open',
    /(?!A file that)(.+) is open as file descriptor (\d+)\./,
    (f, name, fd) => f.op === 'open' && opened(f, name!, fd!),
  ),
  spelledOut(
    'a file in memory is open',
    /A file that lives in memory only, (.+), is open as file descriptor (\d+)\./,
    (f, name, fd) => f.op === 'memfd' && opened(f, name!, fd!),
  ),
  spelledOut(
    'a name is gone',
    /The name (.+) is gone; the file stays as long as somebody has it open or mapped\./,
    (f, name) => f.op === 'unlink' && f.out.err === 0 && named(f, name!) && f.sameMapsButNames,
  ),
  claim(
    "The file's seals are N. Nothing changes.",
    (f, seals) => f.op === 'fcntl' && number(seals) === f.out.ret && f.sameMaps,
  ),
  claim(
    'The file is sealed: what its seals forbid is refused from now on.',
    (f) => f.op === 'fcntl' && f.out.err === 0 && f.sameMaps,
  ),
  claim(
    'File descriptor N is closed; mappings of the file stay.',
    (f, fd) =>
      f.op === 'close' &&
      number(fd) === f.arg(0) &&
      open(f, number(fd), true) &&
      !open(f, number(fd), false) &&
      f.sameMaps,
  ),
  spelledOut(
    'a file has a length',
    /The file is now (\d+[KMGTP]?) long(?:: (\d+) (pages?) beyond its end (goe?s?), wherever (it was|they were) mapped)?\./,
    (f, bytes, n, pages, go, were) =>
      f.op === 'ftruncate' &&
      size(bytes) === f.scene.now.tasks.get(f.who)?.files[f.arg(0)]?.inode.i_size &&
      cached(f, true) - cached(f, false) === number(n ?? '0') &&
      (n === undefined ||
        (agrees(number(n), pages === 'page') &&
          agrees(number(n), go === 'goes') &&
          agrees(number(n), were === 'it was'))),
  ),
  spelledOut(
    'a file is read',
    /(\d+) bytes of the file are read, without a mapping(?:; (\d+) (pages?) of it (comes?) into memory)?\./,
    (f, bytes, n, pages, come) =>
      f.op === 'pread' &&
      f.out.ret === number(bytes) &&
      f.sameMaps &&
      cached(f, false) - cached(f, true) === number(n ?? '0') &&
      (n === undefined || (agrees(number(n), pages === 'page') && agrees(number(n), come === 'comes'))),
  ),
  spelledOut('a hole', /A hole is punched into the file: (\d+) (pages? goe?s?)\./, (f, n, go) => {
    return (
      f.op === 'fallocate' &&
      cached(f, true) - cached(f, false) === number(n) &&
      go === (number(n) === 1 ? 'page goes' : 'pages go')
    );
  }),
  spelledOut('pages ahead', /The file gets (\d+) (pages?) of its own before anybody touches them\./, (f, n, pages) => {
    return (
      f.op === 'fallocate' && cached(f, false) - cached(f, true) === number(n) && agrees(number(n), pages === 'page')
    );
  }),
  spelledOut(
    'a call is refused',
    /([a-z_]+) is refused with ([A-Z0-9]+)\./,
    (f, op, errno) => op === f.op && isErrno(f, errno),
  ),
  ...backToPool,
];

export const looks: readonly Told[] = [
  claim('mincore tells which pages are in memory: N of N. Nothing changes.', (f, there, of) => {
    return (
      f.op === 'mincore' &&
      number(of) === Math.ceil(f.arg(1) / PAGE) &&
      number(there) <= number(of) &&
      number(there) * PAGE >= f.now.present(...f.range) &&
      f.sameMaps
    );
  }),
  claim(
    "msync returns: everything that was written is in the file's pages already, because a shared mapping is the page cache itself.",
    (f) => f.op === 'msync' && f.sameMaps,
  ),
  spelledOut(
    'a call is refused',
    /(mincore|msync) is refused with ([A-Z]+)\./,
    (f, op, errno) => op === f.op && isErrno(f, errno),
  ),
];
