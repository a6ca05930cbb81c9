/** What stands behind a driver's mapping, while that is watched: what the process must find there is in the page tables. */
import { hex, PAGE_SIZE } from '../../base/units';
import type { Machine } from '../machine';
import { CLEARED, type Contents, contentsText, differs, isWatched } from '../mm/contents';
import type { mm_struct, vm_area_struct } from '../mm/mm_types';
import { walk_page_range } from '../mm/pagewalk';
import { LEVEL_SIZE, pte_pfn } from '../mm/pgtable';
import { areaText, type Findings } from './findings';

/** Names each area of a driver whose pages hold something else than its process must find; its first such page. */
export function validateContents(m: Machine, found: Findings): void {
  const { contents } = m;
  if (contents === null) return;
  for (const { mm } of m.tasks.values())
    for (const vma of mm.mm_mt) if (isWatched(vma)) validateArea(contents, mm, vma, found);
}

/** What is wrong with a page: how it is called, and in words. */
interface Wrong {
  readonly invariant: string;
  readonly text: string;
  readonly page: number;
  readonly pfn?: number;
}

function validateArea(contents: Contents, mm: mm_struct, vma: vm_area_struct, found: Findings): void {
  const mapped: [from: number, to: number][] = [];
  const wrong = wrongInLeaves(contents, mm, vma, mapped) ?? unmapped(contents, mm, vma, mapped);
  if (wrong === null) return;
  const { invariant, text, page, pfn } = wrong;
  found.add(invariant, text, {
    mm: mm.id,
    vma: vma.id,
    address: page * PAGE_SIZE,
    ...(pfn === undefined ? {} : { pfn }),
  });
}

/** The first page that is mapped and holds something else than it must. Adds the pages of every leaf to `mapped`. */
function wrongInLeaves(
  contents: Contents,
  mm: mm_struct,
  vma: vm_area_struct,
  mapped: [from: number, to: number][],
): Wrong | null {
  const expected = contents.of(mm.id);
  let wrong: Wrong | null = null;
  walk_page_range(mm, vma.vm_start, vma.vm_end, (address, entry, table) => {
    const base = address / PAGE_SIZE;
    const from = Math.max(vma.vm_start / PAGE_SIZE, base);
    const to = Math.min(vma.vm_end / PAGE_SIZE, base + LEVEL_SIZE[table.level]! / PAGE_SIZE);
    mapped.push([from, to]);
    const first = pte_pfn(entry) + (from - base);
    // A large leaf is mostly of one kind.
    const clear = expected.uniform(from, to) === 0 && contents.frames.uniform(first, first + to - from) === CLEARED;
    if (wrong !== null || clear) return;
    for (let page = from; page < to; page++) {
      const must = expected.get(page) || CLEARED;
      const pfn = first + page - from;
      const is = contents.frames.get(pfn);
      if (is === must) continue;
      const invariant =
        must === CLEARED ? 'contents-not-cleared' : is === CLEARED ? 'contents-lost' : 'contents-of-another';
      wrong = { invariant, text: differs(mm.id, page * PAGE_SIZE, must, is), page, pfn };
      return;
    }
  });
  return wrong;
}

/** The first page that was written and is in no leaf. `mapped` ascends. */
function unmapped(
  contents: Contents,
  mm: mm_struct,
  vma: vm_area_struct,
  mapped: readonly (readonly [from: number, to: number])[],
): Wrong | null {
  const written: [page: number, tag: number][] = [];
  contents
    .of(mm.id)
    .forEach(vma.vm_start / PAGE_SIZE, vma.vm_end / PAGE_SIZE, (page, tag) => written.push([page, tag]));
  let i = 0;
  for (const [page, tag] of written.sort(([a], [b]) => a - b)) {
    while (i < mapped.length && mapped[i]![1] <= page) i++;
    if (i < mapped.length && mapped[i]![0] <= page) continue;
    const where = `at ${hex(page * PAGE_SIZE)} in ${areaText(vma)}, and nothing is mapped there`;
    const text = `process ${mm.id} must find ${contentsText(tag)} ${where}: the data is lost`;
    return { invariant: 'contents-lost', text, page };
  }
  return null;
}
