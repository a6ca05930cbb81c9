/** The translation cache, while there is one: what it holds must be in the page tables. */
import { hex, PAGE_SIZE } from '../../base/units';
import type { Machine } from '../machine';
import type { mm_struct } from '../mm/mm_types';
import { walk_page_range } from '../mm/pagewalk';
import { _PAGE_PRESENT, _PAGE_RW, LEVEL_SIZE, pte_pfn } from '../mm/pgtable';
import type { Translation } from '../mm/tlb';
import type { Findings } from './findings';

/** Names every translation that the page tables do not have, or no longer allow. */
export function validateTlb(m: Machine, found: Findings): void {
  if (m.tlb === null) return;
  for (const who of m.tlb.processes) {
    const task = m.tasks.get(who);
    for (const t of m.tlb.entries(who)) {
      if (task === undefined || !isBacked(task.mm, t))
        found.add(
          'tlb-stale',
          `the translation of ${hex(t.address)} in process ${who} is cached, but no longer what the page tables say: a flush was left out`,
          { mm: who, address: t.address, pfn: pte_pfn(t.entry) },
        );
    }
  }
}

/** Whether the tables map every page of the translation to the same frame, with the same rights at least. */
export function isBacked(mm: mm_struct, t: Translation): boolean {
  const size = LEVEL_SIZE[t.level]!;
  const rights = t.entry & (_PAGE_PRESENT | _PAGE_RW);
  let covered = 0;
  let same = true;
  walk_page_range(mm, t.address, t.address + size, (address, entry, table) => {
    const bytes = LEVEL_SIZE[table.level]!;
    // A leaf larger than the translation starts before it.
    const offset = (address - t.address) / PAGE_SIZE;
    if (pte_pfn(entry) !== pte_pfn(t.entry) + offset || (entry & rights) !== rights) same = false;
    covered += Math.min(address + bytes, t.address + size) - Math.max(address, t.address);
  });
  return same && covered === size;
}
