/** Claims that sentences of several kinds make. */
import { errnoName } from '../../../../src/engine/errno';
import { BLOCK, bytesOf, PAGE, type Facts } from './facts';
import { claim, type Claim } from './judge';

export type Told = Claim<Facts>;

export const MAP = {
  SHARED: 1,
  TYPE: 0xf,
  FIXED: 0x10,
  ANONYMOUS: 0x20,
  LOW: 0x40,
  NORESERVE: 0x4000,
  POPULATE: 0x8000,
  HUGETLB: 0x40000,
  NOREPLACE: 0x100000,
} as const;

export const number = (text: string | undefined): number => Number(text);
export const address = (text: string | undefined): number => parseInt(text ?? '', 16);
export const size = (text: string | undefined): number => bytesOf(text ?? '');
/** Whether words agree with a number: `1 page is`, `2 pages are`. */
export const agrees = (n: number, singular: boolean): boolean => (n === 1) === singular;
export const isErrno = (f: Facts, text: string | undefined): boolean =>
  f.out.err !== 0 && errnoName(f.out.err) === text;

/** The area with this id stands (or stood) and reaches into the range. */
export function stands(f: Facts, id: string | undefined, start: number, end: number): boolean {
  for (const look of [f.now, f.was]) {
    const vma = look.byId(Number(id));
    if (vma !== null && vma.vm_mm.id === f.who && vma.vm_start < end && vma.vm_end > start) return true;
  }
  return false;
}

/** Whether areas of the range are huge pages of hugetlbfs, by what smaps prints. */
export const isHuge = (f: Facts, at: number, before = false): boolean =>
  (before ? f.was : f.now).flags(at).includes('ht');

const MOVED = '(HugePages_(Total|Free|Rsvd|Surp)) (rises|falls) from (-?\\d+) to (-?\\d+)';

/** `HugePages_Free rises from 3 to 4 and …`: every counter that moved, each as it did, and none that did not. */
export function poolMoved(f: Facts, text: string): boolean {
  const parts = [...text.matchAll(new RegExp(MOVED, 'g'))];
  const moved = ['Total', 'Free', 'Rsvd', 'Surp'].filter((name) => f.rise(name) !== 0);
  return (
    parts.map((part) => part[2]).join() === moved.join() &&
    parts.every(([, , name, how, from, to]) => {
      const [was, now] = [f.was.pool(name!), f.now.pool(name!)];
      return was === Number(from) && now === Number(to) && how === (now > was ? 'rises' : 'falls');
    })
  );
}

/** As many counters as moved, joined as a list. */
export const POOL = '((?:, | and )?(?:HugePages_[A-Z][a-z]+ (?:rises|falls) from -?\\d+ to -?\\d+(?:, | and )?)+)';

/** A claim whose pattern is written out, for lists of counters. */
export function spelledOut(says: string, pattern: RegExp, holds: Told['holds']): Told {
  return { says, pattern: new RegExp(pattern.source, 'y'), holds, used: 0 };
}

export const backToPool: readonly Told[] = [
  spelledOut(
    'pages go back to the pool, promises are given back',
    new RegExp(
      `(?:(\\d+) huge (pages? goe?s?) back to the pool)?(?: and )?(?:(\\d+) (promises? that (?:was|were) never used (?:is|are)) given back)?: ${POOL}\\.`,
    ),
    (f, back, go, ended, were, pool) => {
      const free = f.rise('Free');
      const rsvd = -f.rise('Rsvd');
      return (
        (back === undefined ? free <= 0 : number(back) === free && go === (free === 1 ? 'page goes' : 'pages go')) &&
        (ended === undefined
          ? rsvd <= 0
          : number(ended) === rsvd &&
            were === (rsvd === 1 ? 'promise that was never used is' : 'promises that were never used are')) &&
        poolMoved(f, pool!)
      );
    },
  ),
];

export const lostPromises: readonly Told[] = [
  claim(
    'Linux 6.18 loses count here: N (page|pages) (stays|stay) counted in HugePages_Rsvd, promised to nobody.',
    (f, n, page, stay) => {
      const lost = f.scene.now.hstate.lost - f.scene.was.hstate.lost;
      return number(n) === lost && agrees(lost, page === 'page') && agrees(lost, stay === 'stays');
    },
  ),
];

/** `[start, end)` was or is unmapped somewhere. */
export function hasHole(f: Facts, start: number, end: number, before: boolean): boolean {
  let at = start;
  for (const vma of (before ? f.was : f.now).areas(start, end)) {
    if (vma.vm_start > at) return true;
    at = vma.vm_end;
  }
  return at < end;
}

export { BLOCK, PAGE };
