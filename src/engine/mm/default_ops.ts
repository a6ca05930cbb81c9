/** The generic routines as a table of handlers: what ordinary memory has under the designs that always call through one. */
import type { PagetableOperations } from '../designs/design';
import { __get_user_pages } from './gup';
import { __handle_mm_fault } from './memory';
import { __copy_page_range } from './memory_copy';
import { change_protection_range } from './memory_protect';
import { free_pgd_range } from './memory_tables';
import { EMPTYING, unmap_page_range, UNMAPPING } from './memory_zap';
import { flush_tlb_range } from './tlb';

/** Made when it is first asked for: its parts come from modules that need one another. */
let made: PagetableOperations | null = null;

export const default_pagetable_ops = (): PagetableOperations =>
  (made ??= {
    name: 'default_pagetable_ops',
    fault: __handle_mm_fault,
    copy_vma: __copy_page_range,
    pin_pages: __get_user_pages,
    change_protection(vma, start, end) {
      change_protection_range(vma, start, end);
      flush_tlb_range(vma.vm_mm, start, end);
    },
    unmap_page_range: (vma, start, end, reclaim_pt) =>
      unmap_page_range(vma, start, end, reclaim_pt ? EMPTYING : UNMAPPING),
    free_pgtable_range: free_pgd_range,
  });
