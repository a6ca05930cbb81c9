/**
 * Design `file` (Ken Chen, 2007): nothing changes in the core, which tests its one flag. The character device makes a
 * nameless hugetlbfs file as long as the area, puts it in the place of its own, and is hugetlbfs from then on.
 */
import { hugetlbfs_pagetable_ops } from '../drivers/hugetlbfs';
import { page_pagetable_ops } from '../drivers/page-huge';
import { ENODEV } from '../errno';
import { Ev } from '../events';
import { fput } from '../fs/file_table';
import { hugetlb_file_setup, hugetlbfs_file_operations } from '../fs/hugetlbfs';
import type { Machine } from '../machine';
import type { vm_area_struct } from '../mm/mm_types';
import { VM_NORESERVE } from '../mm/vm_flags';
import { WHY } from '../routines';
import type { Design } from './design';
import { flag } from './flag';

/** Swaps the device's file for an internal one of huge pages, without reserving any, and maps that. */
function mapInternalFile(m: Machine, vma: vm_area_struct): number {
  const device = vma.vm_file!;
  const inner = hugetlb_file_setup(m, device.name, vma.vm_end - vma.vm_start, 0);
  if (typeof inner === 'number') return inner;
  if (m.rec !== null) m.rec.emit(Ev.Decide, WHY.internal_file, vma.id, inner.id);
  vma.vm_file = inner;
  vma.vm_flags |= VM_NORESERVE;
  const err = hugetlbfs_file_operations.mmap(m, inner, vma);
  if (err === 0) fput(m, device);
  else {
    // The caller of a failed mmap lets the device's own file go.
    vma.vm_file = device;
    fput(m, inner);
  }
  return err;
}

export const file: Design = {
  ...flag,
  name: 'file',
  attach(m, vma, table) {
    if (table === hugetlbfs_pagetable_ops) return 0;
    if (table === page_pagetable_ops) return mapInternalFile(m, vma);
    if (m.rec !== null) m.rec.emit(Ev.Decide, WHY.one_special_case, vma.id);
    return -ENODEV;
  },
};
