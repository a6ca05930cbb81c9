/**
 * The pages that the kernel gives every process: code in `[vdso]`, data in `[vvar]` and `[vvar_vclock]` (Linux:
 * arch/x86/entry/vdso/vma.c, lib/vdso/datastore.c). Processes share their frames, and never give them back.
 */
import { PAGE_SIZE } from '../../base/units';
import { EINVAL } from '../errno';
import type { Machine } from '../machine';
import { VM_FAULT_OOM, VM_FAULT_SIGBUS, type vm_area_struct, type vm_operations_struct } from './mm_types';
import { PG_reserved, PG_uptodate } from './page_alloc';
import { _PAGE_SPECIAL, mk_pte, pte_index, set_entry, type Table } from './pgtable';
import { page_offset, vm_page_prot } from './prot';

/** Linux: mm/mmap.c special_mapping_vmops. Left out: mremap, access. */
export const special_mapping_vmops: vm_operations_struct = {
  name: 'special_mapping_vmops',
  backing: 'special',
  may_split: () => -EINVAL,
  close: () => {},
};

/** Places in `Machine.vdso_image`. */
const PLACE: Readonly<Record<string, number>> = { '[vdso]': 0, '[vvar]': 8, '[vvar_vclock]': 16 };
/** Pages of data that there are: those of the clock and of the random numbers, and the hypervisor's clock. */
const DATA_PAGES = [8, 10, 16];

/** The frame of a page of such an area; −1 where memory is out. */
export function special_page(m: Machine, name: string, index: number): number {
  const place = PLACE[name]! + index;
  const known = m.vdso_image[place];
  if (known !== undefined) return known;
  const pfn = m.frames.alloc_pages(0);
  if (pfn < 0) return -1;
  m.frames.setFlags(pfn, PG_reserved | PG_uptodate);
  const image = m.vdso_image.slice();
  image[place] = pfn;
  m.vdso_image = image;
  return pfn;
}

/** The frame behind page `index` of the vdso, or −VM_FAULT_*. Linux: vdso_fault. */
export function vdso_fault(vma: vm_area_struct, index: number): number {
  if (vma.special_name !== '[vdso]') return -VM_FAULT_SIGBUS;
  const pfn = special_page(vma.vm_mm.machine, vma.special_name, index);
  return pfn < 0 ? -VM_FAULT_OOM : pfn;
}

/** Maps a page of data, which is not counted; SIGBUS where there is none. Linux: vvar_fault, vdso_vmf_insert. */
export function vvar_fault(vma: vm_area_struct, address: number, table: Table): number {
  const index = page_offset(vma, address);
  if (!DATA_PAGES.includes((PLACE[vma.special_name] ?? 0) + index)) return VM_FAULT_SIGBUS;
  const pfn = special_page(vma.vm_mm.machine, vma.special_name, index);
  if (pfn < 0) return VM_FAULT_OOM;
  const at = address - (address % PAGE_SIZE);
  set_entry(vma.vm_mm, table, pte_index(at), at, mk_pte(pfn, vm_page_prot(vma) | _PAGE_SPECIAL));
  return 0;
}
