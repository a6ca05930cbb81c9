/** `/dev/zero` (Linux: drivers/char/mem.c). */
import { type FileOperations, fput } from '../fs/file_table';
import { shmem_zero_setup } from '../mm/shmem';
import { VM_SHARED } from '../mm/vm_flags';

export const zero_file_operations: FileOperations = {
  // A shared mapping gets shared memory of its own; a private one is anonymous memory that shows the device's name.
  mmap(m, f, vma) {
    if ((vma.vm_flags & VM_SHARED) === 0) return 0;
    fput(m, f);
    return shmem_zero_setup(m, vma);
  },
  read: (_m, _node, _offset, len) => len,
};
