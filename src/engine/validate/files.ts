/** Files: who holds them, and which areas map them. */
import type { Machine } from '../machine';
import type { anon_vma, file, inode, vm_area_struct } from '../mm/mm_types';
import { areaText, type Findings } from './findings';

/** Every inode that a name, an open file or an area reaches. */
export function inodesOf(m: Machine): Set<inode> {
  const nodes = new Set<inode>(m.names.values());
  for (const { shm_file } of m.shm.values()) nodes.add(shm_file.inode);
  for (const task of m.tasks.values()) {
    for (const f of task.files) if (f !== null) nodes.add(f.inode);
    for (const vma of task.mm.mm_mt) if (vma.vm_file !== null) nodes.add(vma.vm_file.inode);
  }
  return nodes;
}

/** Checks references to files, the areas of each file, and the counts of anon_vmas. */
export function validateFiles(m: Machine, found: Findings): void {
  const holders = new Map<file, number>();
  const mapped = new Map<inode, Set<vm_area_struct>>();
  const hold = (f: file): void => void holders.set(f, (holders.get(f) ?? 0) + 1);
  for (const task of m.tasks.values()) {
    for (const f of task.files) if (f !== null) hold(f);
    for (const vma of task.mm.mm_mt) {
      const f = vma.vm_file;
      if (f === null) continue;
      hold(f);
      let set = mapped.get(f.inode);
      if (set === undefined) mapped.set(f.inode, (set = new Set()));
      set.add(vma);
    }
  }
  for (const { shm_file } of m.shm.values()) hold(shm_file);
  validateSegments(m, mapped, found);
  const opens = new Map<inode, number>();
  for (const [f, n] of holders) {
    found.equal('file-count', `f_count of file ${f.id} (${f.name})`, f.f_count, n);
    opens.set(f.inode, (opens.get(f.inode) ?? 0) + 1);
  }
  for (const node of inodesOf(m)) {
    found.equal('inode-refs', `refs of inode ${node.id}`, node.refs, opens.get(node) ?? 0);
    if (node.kind === 'device' && node.driver_data !== 0)
      found.add('device-lock', `the lock of device inode ${node.id} is held although no operation is under way`);
    const areas = mapped.get(node) ?? new Set();
    for (const vma of areas)
      if (!node.i_mapping.i_mmap.has(vma))
        found.add('i-mmap', `${areaText(vma)} maps inode ${node.id}, which does not know it`, { vma: vma.id });
    for (const vma of node.i_mapping.i_mmap)
      if (!areas.has(vma))
        found.add('i-mmap', `inode ${node.id} knows ${areaText(vma)}, which does not map it`, { vma: vma.id });
    node.i_mapping.i_pages.forEach(0, Infinity, (index, value) => {
      const pfn = value - 1;
      if (m.frames.mapping(pfn) !== node.id || m.frames.index(pfn) !== index)
        found.add('cache-owner', `frame ${pfn} is page ${index} of inode ${node.id}, but says otherwise`, { pfn });
    });
  }
  validateAnonVmaCounts(m, found);
}

/** Segments: how many areas each has. Of a huge one by the rules of 2007 nobody counts them. */
function validateSegments(m: Machine, mapped: ReadonlyMap<inode, ReadonlySet<vm_area_struct>>, found: Findings): void {
  for (const { id, shm_file, shm_nattch, dest } of m.shm.values()) {
    const { inode } = shm_file;
    const counted = m.rules.stacksSegmentFiles || inode.kind !== 'hugetlb';
    const areas = counted ? (mapped.get(inode)?.size ?? 0) : 0;
    found.equal('segment-attached', `shm_nattch of segment ${id}`, shm_nattch, areas);
    if (dest && shm_nattch === 0) found.add('segment-gone', `segment ${id} was given up and has no area, but is kept`);
    if (inode.shmid !== id) found.add('segment-file', `segment ${id} has the file of segment ${inode.shmid}`);
  }
}

function validateAnonVmaCounts(m: Machine, found: Findings): void {
  const degree = new Map<anon_vma, number>();
  const active = new Map<anon_vma, number>();
  for (const task of m.tasks.values()) {
    for (const vma of task.mm.mm_mt) {
      for (const av of vma.anon_vma_chain) degree.set(av, (degree.get(av) ?? 0) + 1);
      if (vma.anon_vma !== null) active.set(vma.anon_vma, (active.get(vma.anon_vma) ?? 0) + 1);
    }
  }
  for (const [av, n] of degree) {
    found.equal('anon-vma-degree', `degree of anon_vma ${av.id}`, av.degree, n);
    found.equal('anon-vma-active', `num_active_vmas of anon_vma ${av.id}`, av.num_active_vmas, active.get(av) ?? 0);
  }
}
