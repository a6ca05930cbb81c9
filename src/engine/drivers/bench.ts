/**
 * A driver put together by choice: for each of the six members the right one, none, or a wrong one. Its path says which,
 * in the order of the call sites: `/dev/bench-rrrrnw` has no unmap_page_range and a wrong free_pgtable_range.
 */
import type { PagetableOperations } from '../designs/design';
import {
  copy_writable,
  fault_uncleared,
  fault_wrong_frame,
  free_all_tables,
  free_twice,
  map_on_bench,
  pin_for_ever,
  protect_without_flush,
  watched,
} from './broken';
import type { Driver } from './drivers';
import { superpage_alignment, superpage_pagetable_ops } from './superpage';
import { BENCH_MEMBERS } from './texts';

const PATH = /^\/dev\/bench-([rnwu][rnw]{5})$/;

const wrongMembers = (): Required<Omit<PagetableOperations, 'name'>> => ({
  fault: fault_wrong_frame,
  copy_vma: copy_writable,
  pin_pages: pin_for_ever,
  change_protection: protect_without_flush,
  unmap_page_range: free_twice,
  free_pgtable_range: free_all_tables,
});

const made = new Map<string, Driver>();

/** The driver that a bench path stands for; null for any other path. */
export function composed(path: string): Driver | null {
  const known = made.get(path);
  if (known !== undefined) return known;
  const letters = PATH.exec(path)?.[1];
  if (letters === undefined) return null;
  const driver = compose(path, letters);
  made.set(path, driver);
  return driver;
}

function compose(path: string, letters: string): Driver {
  const wrong = wrongMembers();
  const members: { -readonly [K in keyof PagetableOperations]?: PagetableOperations[K] } = {
    ...superpage_pagetable_ops,
  };
  const said: string[] = [];
  BENCH_MEMBERS.forEach(({ site, wrong: tells, uncleared }, i) => {
    const letter = letters[i];
    if (letter === 'r') return;
    const wrongOne = letter === 'u' ? fault_uncleared : wrong[site];
    Object.assign(members, { [site]: letter === 'n' ? undefined : wrongOne });
    said.push(letter === 'n' ? `${site} is left out` : `${site} ${letter === 'u' ? uncleared : tells}`);
  });
  const table = watched({ ...members, name: `bench_${letters}_pagetable_ops` });
  return {
    path,
    title: `bench ${letters}`,
    tells: said.length === 0 ? 'Every member is the right one.' : `${said.join('; ')}.`,
    broken: said.length > 0,
    table: () => table,
    alignment: superpage_alignment,
    mmap: (m, _f, vma) => map_on_bench(m, vma, table),
  };
}
