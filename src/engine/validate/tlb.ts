/** The translation cache, while there is one: what it holds must be in the page tables. */
import { hex } from '../../base/units';
import type { Machine } from '../machine';
import { pte_pfn } from '../mm/pgtable';
import { isBacked } from '../mm/tlb';
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
