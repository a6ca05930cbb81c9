/** What is said of a read or a write. */
import { BLOCK, isHuge, number, PAGE, POOL, poolMoved, spelledOut, stands, address, agrees, type Told } from './common';
import type { Facts, Leaf } from './facts';
import { claim } from './judge';

const count = (f: Facts): number => Math.max(1, f.arg(1));
const stride = (f: Facts): number => (count(f) === 1 ? PAGE : f.arg(2) || PAGE);
const writes = (f: Facts): boolean => f.op === 'write';

/** The addresses touched, one by one. */
const touched = (f: Facts): number[] =>
  Array.from({ length: Math.min(count(f), 4096) }, (_, i) => f.arg(0) + i * stride(f));

/** Each page touched, before and after. */
const pages = (f: Facts): { was: Leaf | null; now: Leaf | null }[] =>
  touched(f).map((at) => ({ was: f.was.page(at), now: f.now.page(at) }));

/** kB that were taken or mapped beyond what was. */
const grown = (f: Facts): number => f.now.status('VmRSS') - f.was.status('VmRSS');

const ORDINALS = 'first second third fourth fifth sixth seventh eighth ninth tenth'.split(' ');

/** How often the process touched the present mapping so, this time included. */
function ordinal(f: Facts): number {
  const { scene } = f;
  const here = scene.names.lookup(f.arg(0), f.who, scene.k);
  if (here === null) return 0;
  let n = 0;
  for (let k = here.k; k < scene.k; k++) {
    const other = scene.run.log.operation(k);
    if ('refused' in other || other.op !== f.op || other.who !== f.who) continue;
    if (other.args[0]! >= here.start && other.args[0]! < here.end) n++;
  }
  return n;
}

/** The subject: which touch of what, by whom. */
const SUBJECT =
  '(?:The (?:([a-z]+) )?(read|write)|(\\d+) (reads?|writes?)|(Read|Write)s?) (to|of) (?:‹(\\d+):[^›]*›|unmapped memory)(?: by (.+?))?';
const SUBJECTS = 8;

function subject(f: Facts, said: readonly (string | undefined)[]): boolean {
  const [nth, one, times, verbs, , to, id, by] = said;
  const verb = writes(f) ? 'write' : 'read';
  const many = count(f);
  const number =
    one !== undefined
      ? many === 1 && one === verb
      : many === Number(times) && verbs === (many === 1 ? verb : `${verb}s`);
  const order =
    nth === undefined ? one === undefined || ordinal(f) === 0 || ordinal(f) > 10 : ORDINALS[ordinal(f) - 1] === nth;
  const who = by === undefined ? f.who === 0 : f.scene.names.processName(f.who) === by && f.who !== 0;
  const what = id === undefined || stands(f, id, f.arg(0), f.arg(0) + 1);
  return number && order && who && what && (to === 'to') === writes(f);
}

/** A sentence that begins with the subject; `rest` is as in a pattern, its captures follow. */
const touch = (says: string, rest: string, holds: (f: Facts, ...captured: string[]) => boolean): Told =>
  spelledOut(says, new RegExp(`${SUBJECT} ${rest}`), (f, ...captured) => {
    return f.out.sig === 0 && subject(f, captured.slice(0, SUBJECTS)) && holds(f, ...captured.slice(SUBJECTS));
  });

/** `faults:`, `fault 3 times:`. */
const FAULTS = '(faults?)(?: (once|\\d+ times))?';
const faults = (f: Facts, verb?: string, times?: string): boolean => {
  const n = Math.max(1, f.out.minflt);
  return (
    verb === (count(f) === 1 ? 'faults' : 'fault') &&
    times === (n > 1 ? `${n} times` : count(f) === 1 ? undefined : 'once')
  );
};
const ordinary = (says: string, rest: string, holds: (f: Facts, ...captured: string[]) => boolean): Told =>
  touch(
    says,
    `${FAULTS}${rest}`,
    (f, verb, times, ...captured) => !isHuge(f, f.arg(0)) && faults(f, verb, times) && holds(f, ...captured),
  );

/** A huge page of hugetlbfs; the verb agrees with how many touches there are. */
const huge = (
  says: string,
  one: string,
  many: string,
  rest: string,
  holds: (f: Facts, ...captured: string[]) => boolean,
): Told =>
  touch(says, `(${one}|${many})${rest}`, (f, verb, ...captured) => {
    return isHuge(f, f.arg(0)) && verb === (count(f) === 1 ? one : many) && holds(f, ...captured);
  });

const free = (f: Facts): number => f.rise('Free') - f.rise('Surp');
const promised = (f: Facts): number => f.rise('Rsvd');

const KEPT = (f: Facts): boolean =>
  pages(f).every(({ was, now }) => now !== null && was !== null && was.pfn === now.pfn);

const hugePages: readonly Told[] = [
  huge(
    'the owner takes the page from its children',
    'needs',
    'need',
    ' a copy, and the pool is empty: as the owner of the reservation it takes the page away from its children\\. A child that touches it again dies\\.',
    (f) => {
      const others = [...f.scene.now.tasks.values()].filter((task) => task.who !== f.who);
      const lost = others.some((task) => {
        const before = f.scene.was.tasks.get(task.who);
        return before !== undefined && task.mm.hugetlb_usage < before.mm.hugetlb_usage;
      });
      return writes(f) && lost;
    },
  ),
  huge(
    'a page of the pool for a copy',
    'takes a page',
    'take pages',
    ' of the pool for a private copy: somebody else still maps the old one\\.',
    (f) =>
      writes(f) && (f.now.taken > f.was.taken || pages(f).some(({ was, now }) => was !== null && was.pfn !== now!.pfn)),
  ),
  touch(
    'made writable where it is',
    'finds that nobody else maps the huge page any more, so it is made writable where it is\\.',
    (f) => isHuge(f, f.arg(0)) && writes(f) && f.now.taken <= f.was.taken && pages(f).every(({ now }) => now!.writable),
  ),
  huge(
    'a promise is used up',
    'takes a page that was',
    'take pages that were',
    ' promised at mmap: HugePages_Rsvd falls with HugePages_Free, so no one else can lose it\\.',
    (f) => promised(f) < 0 && f.now.taken > f.was.taken && f.rise('Free') === f.rise('Rsvd'),
  ),
  huge(
    'borrowed',
    'finds',
    'find',
    ` no free page, so the pool borrows one beyond its fixed size: ${POOL}\\.`,
    (f, pool) => f.rise('Surp') > 0 && poolMoved(f, pool!),
  ),
  huge(
    'nobody was promised it',
    'takes a page',
    'take pages',
    ' that nobody was promised: HugePages_Free falls, HugePages_Rsvd stays\\.',
    (f) => free(f) < 0 && promised(f) === 0,
  ),
  huge(
    'in the file already',
    'faults',
    'fault',
    ', and the huge page is in the file already: it only has to be mapped\\.',
    (f) => f.rise('Free') === 0 && f.now.present(f.arg(0), f.arg(0) + 1) > 0,
  ),
  huge(
    'from the pool',
    'takes a page',
    'take pages',
    ' from the pool(, even for a read)?\\.',
    (f, read) => f.now.taken > f.was.taken && (read === undefined) === writes(f),
  ),
  spelledOut('the counters that moved', new RegExp(`${POOL}\\.`), (f, pool) => poolMoved(f, pool!)),
];

/** `3 page tables had to be made on the way there.` */
const BUILT = spelledOut(
  'tables had to be made',
  /(\d+) (Page|page) (tables?) had to be made on the way there\./,
  () => false,
);

const ordinaryPages: readonly Told[] = [
  touch(
    'no fault',
    '(finds its page|find their pages) mapped and allowed: no fault, and nothing changes\\.',
    (f, finds) => {
      return (
        finds === (count(f) === 1 ? 'finds its page' : 'find their pages') &&
        f.out.minflt === 0 &&
        f.sameMaps &&
        KEPT(f)
      );
    },
  ),
  ordinary('grows down', ' below it: the area may grow downwards, so it does, and the page is mapped\\.', (f) => {
    const now = f.now.area(f.arg(0));
    return (
      f.was.area(f.arg(0)) === null &&
      now !== null &&
      f.was.byId(now.id)!.vm_start > now.vm_start &&
      pages(f)[0]!.now !== null
    );
  }),
  ordinary('huge zero page', ': the shared huge page of zeroes is mapped, because nothing was written yet\\.', (f) => {
    return (
      !writes(f) &&
      grown(f) === 0 &&
      pages(f).some(({ now }) => now !== null && now.kind === 'zero' && now.bytes === BLOCK)
    );
  }),
  ordinary(
    'a whole huge page',
    ': one fault brings in a whole huge page of 2 MiB, mapped by one PMD entry without a PTE table in use below it\\.',
    (f) =>
      grown(f) >= 2048 && f.now.leaves(...around(f)).some((leaf) => leaf.bytes === BLOCK && leaf.kind === 'anonymous'),
  ),
  ordinary(
    "a copy of the file's page",
    ": the mapping is private, so the writer gets a copy of the file's page(, and the file stays as it is)?\\.",
    (f) => writes(f) && f.now.perms(f.arg(0)).endsWith('p') && pages(f).some(({ now }) => now?.kind === 'anonymous'),
  ),
  ordinary(
    'a copy of what is shared',
    ': the page is write-protected because somebody else maps it too, so the writer gets a copy of its own\\.',
    (f) =>
      writes(f) &&
      pages(f).some(
        ({ was, now }) => was !== null && !was.writable && now !== null && now.writable && was.pfn !== now.pfn,
      ),
  ),
  ordinary(
    'made writable where it is',
    ': the entry was read-only, but nobody else maps the page any more, so it is made writable where it is\\. Nothing is copied\\.',
    (f) =>
      writes(f) &&
      pages(f).some(({ was, now }) => was !== null && !was.writable && now!.writable && was.pfn === now!.pfn) &&
      grown(f) === 0,
  ),
  ordinary(
    'the page of zeroes',
    ': there is no page, so the one shared page of zeroes is mapped read-only\\. No memory is taken\\.',
    (f) =>
      !writes(f) &&
      grown(f) === 0 &&
      pages(f).some(({ was, now }) => was === null && now?.kind === 'zero' && !now.writable),
  ),
  ordinary(
    'a page in the place of zeroes',
    ': the shared page of zeroes was mapped there, so the writer gets a page of its own\\. VmRSS grows by (\\d+) kB\\.',
    (f, by) =>
      writes(f) &&
      number(by) === grown(f) &&
      pages(f).some(({ was, now }) => was?.kind === 'zero' && now?.kind === 'anonymous'),
  ),
  ordinary(
    'pages of zeroes are taken',
    ': (?:a page of zeroes is taken|(\\d+) pages of zeroes are taken, one for each fault,) and mapped\\. VmRSS grows by (\\d+) kB\\.',
    (f, many, by) => {
      const taken = pages(f).filter(({ was, now }) => was === null && now?.kind !== 'zero' && now !== null);
      return number(many ?? '1') === Math.max(1, f.out.minflt) && number(by) === grown(f) && taken.length > 0;
    },
  ),
  ordinary(
    'from the page cache',
    ": the file's page is in the page cache, and is mapped from there\\.( Pages of the file next to it that are in memory anyway are mapped along\\.)?",
    (f, along) => {
      const more = f.now.leaves(...area(f)).length - f.was.leaves(...area(f)).length;
      return pages(f).some(({ now }) => now?.kind === 'file') && (along === undefined || more > 0);
    },
  ),
  ordinary('mapped', ', and the page is mapped\\.', (f) => pages(f).some(({ now }) => now !== null)),
  {
    ...BUILT,
    holds: (f, n, _page, tables) =>
      number(n) === f.now.tables() - f.was.tables() && agrees(number(n), tables === 'table'),
  },
];

const area = (f: Facts): [number, number] => {
  const vma = f.now.area(f.arg(0));
  return vma === null ? [0, 0] : [vma.vm_start, vma.vm_end];
};
const around = (f: Facts): [number, number] => [
  Math.floor(f.arg(0) / BLOCK) * BLOCK,
  Math.floor(touched(f).at(-1)! / BLOCK) * BLOCK + BLOCK,
];

// ---- what ends in a signal ---------------------------------------------------------------------

const SIGNALS: Readonly<Record<string, number>> = { SIGSEGV: 11, SIGBUS: 7, SIGKILL: 9 };
/** The first address that could not be had. */
const KILLED = 'The (read|write)(?: (to|of) (?:‹(\\d+):[^›]*›|0x([0-9a-f]+)))? ends in (SIG[A-Z]+)';
const killed = (says: string, rest: string, holds: (f: Facts, ...captured: string[]) => boolean): Told =>
  spelledOut(says, new RegExp(`${KILLED}${rest}`), (f, verb, to, id, _at, signal, ...captured) => {
    const last = touched(f).at(-1)! + PAGE;
    return (
      verb === f.op &&
      (to === undefined || (to === 'to') === writes(f)) &&
      (id === undefined || stands(f, id, f.arg(0), last)) &&
      SIGNALS[signal!] === f.out.sig &&
      holds(f, ...captured)
    );
  });

/** The page where the first missing or forbidden touch was. */
const failed = (f: Facts): number | undefined => touched(f).find((at) => f.now.page(at) === null);

const signals: readonly Told[] = [
  killed('nothing is mapped', ': nothing is mapped at 0x([0-9a-f]+)\\.', (f, at) => f.now.area(address(at)) === null),
  killed(
    'the area does not allow it',
    ': the area allows (...) only, whatever the page tables hold\\.',
    (f, perms) =>
      touched(f).some((at) => f.now.perms(at).startsWith(perms!)) && !perms!.includes(writes(f) ? 'w' : 'r'),
  ),
  killed('beyond the file', ': the page lies beyond the end of the file behind it\\.', (f) =>
    touched(f).some((at) => {
      const vma = f.now.area(at);
      const offset = vma === null ? 0 : vma.vm_pgoff * PAGE + (at - vma.vm_start);
      return vma?.vm_file != null && offset >= vma.vm_file.inode.i_size;
    }),
  ),
  killed('the mount is full', ': the mount of its file has all the pages that its size allows\\.', (f) => {
    const { config, hstate } = f.scene.now;
    return (
      isHuge(f, failed(f) ?? f.arg(0), true) && hstate.used_hpages === Math.floor(config.hugetlbfs_size / (2 * 2 ** 20))
    );
  }),
  killed(
    'taken away by the owner',
    ': the owner of the reservation took this page away when the pool was empty, and its child must not get another\\.',
    (f) => f.who !== 0 && isHuge(f, f.arg(0), true) && failed(f) !== undefined,
  ),
  killed(
    'nothing was promised',
    ': nothing was promised to it, and (the pool is empty|the one free page is promised to others|all (\\d+) free pages are promised to others)\\.',
    (f, why, n) => {
      const left = f.was.pool('Free');
      const so =
        why === 'the pool is empty'
          ? left === 0
          : why!.startsWith('the one')
            ? left === 1
            : left === number(n) && left > 1;
      return so && isHuge(f, failed(f) ?? f.arg(0), true);
    },
  ),
  claim('Without a reservation at mmap, this is where it shows that there are too few pages.', (f) => f.out.sig === 7),
  killed('killed', '\\.', (f) => f.out.sig !== 11 && f.out.sig !== 7),
];

export const touches: readonly Told[] = [...hugePages, ...ordinaryPages, ...signals];
