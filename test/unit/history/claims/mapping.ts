/** What is said of munmap, mprotect, mremap and brk. */
import {
  address,
  agrees,
  backToPool,
  BLOCK,
  hasHole,
  isErrno,
  isHuge,
  lostPromises,
  number,
  PAGE,
  size,
  spelledOut,
  stands,
  type Told,
} from './common';
import type { Facts } from './facts';
import { claim } from './judge';

// ---- munmap ------------------------------------------------------------------------------------

function gone(f: Facts, bytes: number): boolean {
  const [start, stop] = f.range;
  return f.was.present(start, stop) === bytes && f.now.present(start, stop) === 0;
}

/** What became of the pages, and of the tables that held them. */
const AND_PAGES =
  '(?:no page was there|(\\d+[KMGTP]?) in pages (are no longer mapped here, and stay in the file|go with it))(?:, and (\\d+) (page tables?) with nothing left in (it|them))?';

function pagesSaid(f: Facts, bytes = '0', what?: string, tables?: string, page?: string, them?: string): boolean {
  const areas = f.was.areas(...f.range);
  const files = areas.every((vma) => vma.vm_file !== null && f.was.perms(vma.vm_start).endsWith('s'));
  // Of a table that others share, the process only lets go.
  const shared = areas.some((vma) => isHuge(f, vma.vm_start, true) && f.was.perms(vma.vm_start).endsWith('s'));
  return (
    gone(f, size(bytes)) &&
    (what === undefined || what.includes('file') === files) &&
    (f.was.tables() - f.now.tables() === number(tables ?? '0') || shared) &&
    (tables === undefined || (agrees(number(tables), page === 'page table') && agrees(number(tables), them === 'it')))
  );
}

/** The areas that are named are among those met; `(3 areas)` is their number. */
function metSaid(f: Facts, names: string, areas: string | undefined): boolean {
  const met = f.was.areas(...f.range);
  const ids = [...names.matchAll(/‹(\d+):/g)].map((found) => Number(found[1]));
  const all = areas === undefined ? met.length === ids.length && met.length <= 3 : number(areas) === met.length;
  return all && ids.length > 0 && ids.every((id) => met.some((vma) => vma.id === id));
}

const NAMES = '((?:(?:, | and )?‹\\d+:[^›]*›)+)(?: \\((\\d+) areas?\\))?';

export const munmap: readonly Told[] = [
  spelledOut(
    'areas are unmapped',
    new RegExp(`${NAMES} (is|are) unmapped: ${AND_PAGES}\\.`),
    (f, names, areas, are, ...pages) => {
      const [start, stop] = f.range;
      return (
        metSaid(f, names!, areas) &&
        agrees([...names!.matchAll(/‹/g)].length, are === 'is') &&
        f.was.areas(start, stop).every((vma) => vma.vm_start >= start && vma.vm_end <= Math.max(stop, vma.vm_start)) &&
        f.now.areas(start, stop).length === 0 &&
        pagesSaid(f, ...pages)
      );
    },
  ),
  spelledOut(
    'a piece is cut out',
    new RegExp(`(\\d+[KMGTP]?) are cut out of ${NAMES}, which falls into two areas: ${AND_PAGES}\\.`),
    (f, bytes, names, areas, ...pages) => {
      const [start, stop] = f.range;
      const both = f.now.area(start - 1) !== null && f.now.area(stop) !== null;
      return (
        size(bytes) === stop - start &&
        metSaid(f, names!, areas) &&
        both &&
        f.was.area(start - 1)?.id === f.was.area(stop)?.id &&
        f.now.count === f.was.count + 1 &&
        pagesSaid(f, ...pages)
      );
    },
  ),
  spelledOut(
    'a piece is cut off',
    new RegExp(`(\\d+[KMGTP]?) are cut off ${NAMES}: ${AND_PAGES}\\.`),
    (f, bytes, names, areas, ...pages) =>
      size(bytes) === f.range[1] - f.range[0] &&
      metSaid(f, names!, areas) &&
      f.now.areas(...f.range).length === 0 &&
      pagesSaid(f, ...pages),
  ),
  claim(
    'Nothing is mapped there, and munmap succeeds all the same.',
    (f) => f.out.err === 0 && f.was.areas(...f.range).length === 0 && f.sameMaps,
  ),
  claim(
    'munmap is refused with ERRNO: an area of huge pages can only be cut at a multiple of 2 MiB. Nothing is unmapped.',
    (f, errno) => {
      const cut = f.range.some((at) => at % BLOCK !== 0 && isHuge(f, at, true));
      return isErrno(f, errno) && cut && f.was.present(0, f.userEnd) === f.now.present(0, f.userEnd);
    },
  ),
  claim(
    'munmap is refused with ERRNO: the cut would make one area more than max_map_count allows.',
    (f, errno) => isErrno(f, errno) && f.was.count >= f.scene.was.config.max_map_count,
  ),
  claim(
    'munmap is refused with ERRNO: (the address is no multiple of the page size|the length is 0|the range is not one of user space).',
    (f, errno, why) => {
      const so = why!.startsWith('the address')
        ? f.arg(0) % PAGE !== 0
        : why === 'the length is 0'
          ? f.arg(1) === 0
          : f.arg(0) + f.arg(1) > f.userEnd;
      return isErrno(f, errno) && so && f.sameMaps;
    },
  ),
  ...backToPool,
  ...lostPromises,
];

// ---- mprotect ----------------------------------------------------------------------------------

export const mprotect: readonly Told[] = [
  claim('(AREA|unmapped memory) allows just this already: nothing changes.', (f, _what, id) => {
    const [start, stop] = f.range;
    return f.sameMaps && (f.arg(1) === 0 || id === undefined || stands(f, id, start, stop));
  }),
  spelledOut(
    'other permissions',
    /(\d+[KMGTP]?) of (?:‹(\d+):[^›]*›|unmapped memory) become (...)\./,
    (f, bytes, id, perms) => {
      const [start, stop] = f.range;
      const want = ['r', 'w', 'x'].map((letter, bit) => ((f.arg(2) & (1 << bit)) !== 0 ? letter : '-')).join('');
      return (
        size(bytes) === f.arg(1) &&
        stands(f, id, start, stop) &&
        perms === want &&
        f.now.areas(start, stop).every((vma) => f.now.perms(vma.vm_start).startsWith(want))
      );
    },
  ),
  claim('The area is split, because one area has one set of permissions.', (f) => {
    const [start, stop] = f.range;
    const cut = (at: number): boolean =>
      f.was.area(at - 1)?.id === f.was.area(at)?.id && f.now.area(at - 1)?.id !== f.now.area(at)?.id;
    return cut(start) || cut(stop) || f.now.count > f.was.count;
  }),
  claim('It now looks like its neighbour and merges with it.', (f) => {
    const [start, stop] = f.range;
    const joined = [start, stop, ...f.was.areas(start, stop).flatMap((vma) => [vma.vm_start, vma.vm_end])];
    const met = (at: number, before: boolean): boolean => {
      const look = before ? f.was : f.now;
      return look.area(at - 1) !== null && look.area(at - 1) === look.area(at);
    };
    return joined.some((at) => met(at, false) && !met(at, true)) || f.was.perms(start) !== f.now.perms(start);
  }),
  claim(
    'The one entry of a huge page becomes a table of 512, because only part of it changes.',
    (f) => f.now.tables() > f.was.tables() || leavesOver(f, false) < leavesOver(f, true),
  ),
  claim('No page is there, so no entry has to change.', (f) => {
    return f.now.leaves(...f.range).every((leaf) => f.was.page(leaf.address)?.writable === leaf.writable);
  }),
  claim(
    'N (entry is|entries are) rewritten and the translation cache is flushed.',
    (f, n, are) =>
      number(n) > 0 && agrees(number(n), are === 'entry is') && number(n) <= f.now.leaves(0, f.userEnd).length,
  ),
  claim(
    'mprotect is refused with ERRNO: (part of the range is not mapped|the file behind it may not be written|the address is no multiple of the page size|an area of huge pages can only be cut at a multiple of 2 MiB|the arguments do not fit).',
    (f, errno, why) => isErrno(f, errno) && MPROTECT[why!]!(f),
  ),
];

const leavesOver = (f: Facts, before: boolean): number =>
  (before ? f.was : f.now).leaves(0, f.userEnd).filter((leaf) => leaf.bytes > PAGE).length;

const MPROTECT: Readonly<Record<string, (f: Facts) => boolean>> = {
  'part of the range is not mapped': (f) => f.out.err === 12 && hasHole(f, ...f.range, true),
  'the file behind it may not be written': (f) =>
    f.out.err === 13 && f.was.areas(...f.range).some((vma) => vma.vm_file !== null && (vma.vm_file.f_flags & 3) === 0),
  'the address is no multiple of the page size': (f) => f.arg(0) % PAGE !== 0,
  'an area of huge pages can only be cut at a multiple of 2 MiB': (f) =>
    f.range.some((at) => at % BLOCK !== 0 && isHuge(f, at, true)),
  'the arguments do not fit': (f) => f.out.err === 22,
};

// ---- mremap ------------------------------------------------------------------------------------

/** A length in whole pages of the area. */
function whole(f: Facts, n: number): number {
  const page = isHuge(f, f.arg(0), true) ? BLOCK : PAGE;
  return Math.ceil(f.arg(n) / page) * page;
}

export const mremap: readonly Told[] = [
  claim(
    '(AREA|unmapped memory) moves from HEX to HEX{ and is now SIZE long}.',
    (f, _what, id, _name, from, to, long) =>
      stands(f, id, f.out.ret, f.out.ret + f.arg(2)) &&
      address(from) === f.arg(0) &&
      address(to) === f.out.ret &&
      f.arg(0) !== f.out.ret &&
      (long === undefined ? whole(f, 1) === whole(f, 2) : size(long) === whole(f, 2)),
  ),
  claim(
    'The pages stay where they are in memory; only the entries move, (entry by entry|N (page table|page tables) hung over whole).',
    (f, _how, tables, page) => {
      const shared = f.was.leaves(...f.range).map((leaf) => [leaf.address - f.arg(0), leaf.pfn] as const);
      const moved = shared.filter(([offset]) => offset < f.arg(2));
      const there = moved.filter(([offset, pfn]) => f.now.page(f.out.ret + offset)?.pfn === pfn);
      return there.length > 0 && (tables === undefined || agrees(number(tables), page === 'page table'));
    },
  ),
  claim('No page was there, so no entry has to move.', (f) => f.now.present(f.out.ret, f.out.ret + f.arg(2)) === 0),
  claim(
    '(AREA|unmapped memory) grows in place to SIZE: the gap above it is free.',
    (f, _what, id, _name, bytes) =>
      f.out.ret === f.arg(0) &&
      size(bytes) === whole(f, 2) &&
      stands(f, id, ...f.range) &&
      whole(f, 2) > whole(f, 1) &&
      f.was.areas(f.range[1], f.arg(0) + f.arg(2)).length === 0 &&
      !hasHole(f, f.arg(0), f.arg(0) + f.arg(2), false),
  ),
  claim(
    '(AREA|unmapped memory) shrinks to SIZE: the rest is unmapped.',
    (f, _what, id, _name, bytes) =>
      f.out.ret === f.arg(0) &&
      size(bytes) === whole(f, 2) &&
      stands(f, id, ...f.range) &&
      whole(f, 2) < whole(f, 1) &&
      f.now.areas(f.arg(0) + whole(f, 2), f.arg(0) + whole(f, 1)).length === 0,
  ),
  claim(
    '(AREA|unmapped memory) already has this place and length: nothing changes.',
    (f, _what, id) =>
      stands(f, id, f.arg(0), f.arg(0) + 1) && whole(f, 1) === whole(f, 2) && f.out.ret === f.arg(0) && f.sameMaps,
  ),
  claim(
    'mremap is refused with ERRNO: (there is no room to grow in place or anywhere else that it may use|a mapping of huge pages cannot grow|the arguments do not fit the area).',
    (f, errno, why) => {
      const grows = whole(f, 2) > whole(f, 1);
      const so = why!.startsWith('there')
        ? errno === 'ENOMEM'
        : why!.startsWith('a mapping')
          ? grows && isHuge(f, f.arg(0))
          : errno !== 'ENOMEM' && !(grows && isHuge(f, f.arg(0)));
      return isErrno(f, errno) && so;
    },
  ),
  ...lostPromises,
  ...backToPool,
];

// ---- brk ---------------------------------------------------------------------------------------

export const brk: readonly Told[] = [
  claim('The heap stays as it is: brk answers with its end, HEX.', (f, at) => {
    return address(at) === f.out.ret && f.was.mm?.brk === f.now.mm?.brk && f.sameMaps;
  }),
  claim('The heap grows by SIZE to HEX. No page is there yet.', (f, by, at) => {
    const [was, now] = [f.was.mm!.brk, f.now.mm!.brk];
    return size(by) === now - was && address(at) === now && f.now.present(Math.ceil(was / PAGE) * PAGE, now) === 0;
  }),
  claim('The heap shrinks by SIZE to HEX, and the pages above go.', (f, by, at) => {
    const [was, now] = [f.was.mm!.brk, f.now.mm!.brk];
    return size(by) === was - now && address(at) === now && f.now.present(Math.ceil(now / PAGE) * PAGE, was) === 0;
  }),
];
