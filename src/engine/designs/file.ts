/**
 * Design `file` (Ken Chen, 2007): nothing changes in the core, which tests its one flag. The character device makes a
 * nameless hugetlbfs file as long as the area, puts it in the place of its own, and is hugetlbfs from then on.
 */
import { hugetlbfs_pagetable_ops } from '../drivers/hugetlbfs';
import { page_pagetable_ops } from '../drivers/page-huge';
import { ENODEV } from '../errno';
import { Ev } from '../events';
import { fput, get_file } from '../fs/file_table';
import { hugetlb_file_setup, hugetlbfs_file_operations } from '../fs/hugetlbfs';
import type { Machine } from '../machine';
import type { vm_area_struct } from '../mm/mm_types';
import { VM_MAYSHARE, VM_NORESERVE } from '../mm/vm_flags';
import { WHY } from '../routines';
import type { About, Design } from './design';
import { flag } from './flag';

/**
 * The device's own mmap, as posted: a file of huge pages as long as the area takes the place of the device's, and the area is
 * given to hugetlbfs. Nothing is checked and nothing reserved ahead; shared mappings and offsets are hugetlbfs's business.
 * Where hugetlbfs refuses, the posted code has let go of the device's file already, as the caller will do again, and nobody
 * lets go of the new one: shown with `faultyDevice`, mended without.
 */
function hugetlb_mmap(m: Machine, vma: vm_area_struct): number {
  const device = vma.vm_file!;
  const inner = hugetlb_file_setup(m, device.name, vma.vm_end - vma.vm_start, 0);
  if (typeof inner === 'number') return inner;
  if (m.rec !== null) m.rec.emit(Ev.Decide, WHY.internal_file, vma.id, inner.id);
  if ((vma.vm_flags & VM_MAYSHARE) === 0) vma.vm_flags |= VM_NORESERVE;
  fput(m, device);
  vma.vm_file = inner;
  const err = hugetlbfs_file_operations.mmap(m, inner, vma);
  if (err === 0) return 0;
  if (m.config.faultyDevice) {
    m.damaged(
      'file-leaked',
      `the file of huge pages that the device made for area ${vma.id} is held by nobody, and stays`,
    );
    return err;
  }
  // The caller of a failed mmap lets the device's own file go.
  vma.vm_file = get_file(device);
  fput(m, inner);
  return err;
}

/** What is known of it: plain data, which the page reads without the rest. */
export const about: About = {
  design: 'file',
  place: 7,
  title: 'A file behind the device',
  who: 'Ken Chen',
  when: '23 March 2007',
  how: 'The core keeps its flag. The device makes a nameless hugetlbfs file as long as the mapping and puts it in its own place.',
  pro: 'Nothing in the core changes.',
  contra:
    'The file that is mapped is not the one that was opened; an interface is stacked on an interface; and it can do only what hugetlbfs can.',
  since: 'Not merged; but MAP_HUGETLB works just so, with a nameless file on an internal mount.',
  drivers: 'none',
  source: '“rfc: introduce /dev/hugetlb”, linux-mm, 23 March 2007',
};

export const file: Design = {
  ...flag,
  name: 'file',
  about,
  // The device's own mmap is all there is to write, and it can do what hugetlbfs can.
  touches: [],
  map_device: (m, vma, table) => (table === page_pagetable_ops ? hugetlb_mmap(m, vma) : null),
  attach(m, vma, table) {
    if (table === hugetlbfs_pagetable_ops) return 0;
    if (m.rec !== null) m.rec.emit(Ev.Decide, WHY.one_special_case, vma.id);
    return -ENODEV;
  },
};
