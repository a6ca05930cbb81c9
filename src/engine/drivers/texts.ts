/** What each device is, in words, and what can be chosen on the bench. Plain data, fit for a page without a machine. */
import type { HandlerSite } from '../designs/sites';

export interface DriverText {
  readonly path: string;
  readonly title: string;
  /** What it does, or which mistake it makes, in a sentence. */
  readonly tells: string;
  /** It makes a mistake. */
  readonly broken: boolean;
}

const text = (path: string, broken: boolean, title: string, tells: string): DriverText => ({
  path,
  title,
  tells,
  broken,
});

export const DRIVER_TEXTS: readonly DriverText[] = [
  text('/dev/page-huge', false, 'page-huge', 'Private huge pages of the pool without a file, as posted in March 2007.'),
  text(
    '/dev/page-huge-zero',
    false,
    'page-huge with a zero page',
    'The same, but a read maps one shared page of zeroes; a huge page is taken at the first write.',
  ),
  text(
    '/dev/superpage',
    false,
    'superpage',
    'Pages of 64 KiB, 2 MiB and 1 GiB, the largest that alignment, length and memory allow: page size as a device.',
  ),
  text(
    '/dev/broken-tables',
    true,
    'forgets its tables',
    'Its free_pgtable_range does nothing: the tables stay when the area has gone.',
  ),
  text(
    '/dev/broken-free',
    true,
    'frees a page twice',
    'Its unmap_page_range gives back each page once for the entry and once more.',
  ),
  text(
    '/dev/broken-flush',
    true,
    'skips the flush',
    'It takes entries and rights away and does not tell the translation cache.',
  ),
  text(
    '/dev/broken-member',
    true,
    'leaves out a member',
    'It has no unmap_page_range, so that the generic one runs into leaves that it did not make.',
  ),
  text(
    '/dev/broken-range',
    true,
    'unmaps too much',
    'It works in whole 2 MiB blocks and takes what its neighbours have in them.',
  ),
  text(
    '/dev/broken-lock',
    true,
    'keeps its lock on failure',
    'A fault that finds no page returns with the lock of the device held; no later fault can be served.',
  ),
  text(
    '/dev/broken-reserve',
    true,
    'keeps a reservation',
    'It promises pages of the pool at mmap and does not take the promise back at munmap.',
  ),
];

/** The words for a device with a fixed path. */
export function driverText(path: string): DriverText {
  const found = DRIVER_TEXTS.find((each) => each.path === path);
  if (found === undefined) throw new Error(`no words for ${path}`);
  return found;
}

/** What may stand in the place of a member: the right one, none, a wrong one; for `fault` one that is wrong in another way. */
export type Choice = 'right' | 'none' | 'wrong' | 'uncleared';

/** One member, and in words what each wrong one does. */
export interface BenchMember {
  readonly site: HandlerSite;
  readonly wrong: string;
  readonly uncleared?: string;
}

/** The members that are chosen, in the order of their letters. */
export const BENCH_MEMBERS: readonly BenchMember[] = [
  {
    site: 'fault',
    wrong: 'maps the frame next to the one that it has counted',
    uncleared: 'does not clear the page that it maps',
  },
  { site: 'copy_vma', wrong: 'leaves both processes the right to write' },
  { site: 'pin_pages', wrong: 'holds every page once more and never lets go' },
  { site: 'change_protection', wrong: 'does not flush the translation cache' },
  { site: 'unmap_page_range', wrong: 'gives every page back twice' },
  { site: 'free_pgtable_range', wrong: 'frees the tables that its neighbours use, too' },
];

/** The choices that there are for a member. */
export const choicesFor = (member: BenchMember): readonly Choice[] =>
  member.uncleared === undefined ? ['right', 'none', 'wrong'] : ['right', 'none', 'wrong', 'uncleared'];

/** The letter of a choice. */
const LETTER: Readonly<Record<Choice, string>> = { right: 'r', none: 'n', wrong: 'w', uncleared: 'u' };

/** The path that opens the driver of these choices: `/dev/bench-rrrrnw`. */
export const benchPath = (choices: Readonly<Record<HandlerSite, Choice>>): string =>
  `/dev/bench-${BENCH_MEMBERS.map(({ site }) => LETTER[choices[site]]).join('')}`;
