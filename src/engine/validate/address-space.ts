/** Areas, page tables and counters of one process. */
import { hex, PAGE_SIZE, TASK_SIZE } from '../../base/units';
import type { anon_vma, mm_struct, vm_area_struct } from '../mm/mm_types';
import { PG_anon, PG_hugetlb, PG_swapbacked } from '../mm/page_alloc';
import {
  _PAGE_PRESENT,
  _PAGE_PSE,
  _PAGE_RW,
  _PAGE_SPECIAL,
  LEVEL_NAME,
  LEVEL_SIZE,
  PGD,
  PMD,
  PTE,
  PTE_MARKER_GUARD,
  PTRS_PER_TABLE,
  pte_pfn,
  pte_present,
  PUD,
  type Table,
} from '../mm/pgtable';
import {
  VM_ACCESS_FLAGS,
  VM_EXEC,
  VM_GROWSDOWN,
  VM_HUGETLB,
  VM_LOCKED,
  VM_MAYBE_GUARD,
  VM_SHARED,
  VM_WRITE,
} from '../mm/vm_flags';
import { areaText, type Findings } from './findings';
import type { FrameUse } from './frames';

/** Checks one process; adds what its entries map to `use`. */
export function validateAddressSpace(mm: mm_struct, use: FrameUse, found: Findings): void {
  const areas = [...mm.mm_mt];
  validateAreas(mm, areas, found);
  validateAnonVmas(areas, found);
  const tables = new TableWalk(mm, use, found);
  tables.walk(mm.pgd, PGD, 0);
  const where = { mm: mm.id };
  found.equal(
    'pgtables-bytes',
    `pgtables_bytes of process ${mm.id}`,
    mm.pgtables_bytes,
    (tables.count + tables.deposited) * PAGE_SIZE,
    where,
  );
  found.equal('rss-anon', `rss_anon of process ${mm.id}`, mm.rss_anon, tables.anon, where);
  found.equal('rss-file', `rss_file of process ${mm.id}`, mm.rss_file, tables.file, where);
  found.equal('rss-shmem', `rss_shmem of process ${mm.id}`, mm.rss_shmem, tables.shmem, where);
  if (!mm.has_shared_pmd)
    found.equal('hugetlb-usage', `hugetlb_usage of process ${mm.id}`, mm.hugetlb_usage, tables.hugetlb, where);
}

function validateAreas(mm: mm_struct, areas: readonly vm_area_struct[], found: Findings): void {
  const where = { mm: mm.id };
  let end = 0;
  const sum = { total: 0, locked: 0, exec: 0, stack: 0, data: 0 };
  for (const vma of areas) {
    const at = { mm: mm.id, vma: vma.id, address: vma.vm_start };
    if (vma.vm_mm !== mm)
      found.add('area-of-its-process', `${areaText(vma)} stands in the list of process ${mm.id}`, at);
    if (vma.vm_start % PAGE_SIZE !== 0 || vma.vm_end % PAGE_SIZE !== 0)
      found.add('area-aligned', `${areaText(vma)} is not page-aligned`, at);
    if (vma.vm_start >= vma.vm_end || vma.vm_end > TASK_SIZE)
      found.add('area-bounds', `${areaText(vma)} is empty or leaves user space`, at);
    if (vma.vm_start < end)
      found.add('areas-disjoint', `${areaText(vma)} starts below ${hex(end)}, the end of the area before it`, at);
    if (mm.mm_mt.find(vma.vm_start) !== vma)
      found.add('area-found', `${areaText(vma)} is not found by its own start`, at);
    end = vma.vm_end;
    const n = (vma.vm_end - vma.vm_start) / PAGE_SIZE;
    const flags = vma.vm_flags;
    sum.total += n;
    if ((flags & VM_LOCKED) !== 0) sum.locked += n;
    if ((flags & (VM_EXEC | VM_WRITE | VM_GROWSDOWN)) === VM_EXEC) sum.exec += n;
    else if ((flags & VM_GROWSDOWN) !== 0) sum.stack += n;
    else if ((flags & (VM_WRITE | VM_SHARED)) === VM_WRITE) sum.data += n;
  }
  found.equal('map-count', `map_count of process ${mm.id}`, mm.map_count, areas.length, where);
  found.equal('total-vm', `total_vm of process ${mm.id}`, mm.total_vm, sum.total, where);
  found.equal('locked-vm', `locked_vm of process ${mm.id}`, mm.locked_vm, sum.locked + mm.locked_lost, where);
  found.equal('exec-vm', `exec_vm of process ${mm.id}`, mm.exec_vm, sum.exec, where);
  found.equal('stack-vm', `stack_vm of process ${mm.id}`, mm.stack_vm, sum.stack, where);
  found.equal('data-vm', `data_vm of process ${mm.id}`, mm.data_vm, sum.data, where);
}

function validateAnonVmas(areas: readonly vm_area_struct[], found: Findings): void {
  for (const vma of areas) {
    const at = { mm: vma.vm_mm.id, vma: vma.id };
    if (vma.anon_vma !== null && !vma.anon_vma_chain.includes(vma.anon_vma))
      found.add('anon-vma-in-chain', `${areaText(vma)} has an anon_vma that is not in its chain`, at);
    if (new Set<anon_vma>(vma.anon_vma_chain).size !== vma.anon_vma_chain.length)
      found.add('anon-vma-chain-once', `${areaText(vma)} has an anon_vma twice in its chain`, at);
  }
}

/** Goes through all tables of a process and counts what they hold. */
class TableWalk {
  count = 0;
  /** PTE tables kept in reserve, one for each huge leaf of anonymous memory. */
  deposited = 0;
  anon = 0;
  file = 0;
  shmem = 0;
  hugetlb = 0;

  constructor(
    private readonly mm: mm_struct,
    private readonly use: FrameUse,
    private readonly found: Findings,
  ) {}

  walk(table: Table, level: number, base: number): void {
    const { mm, found } = this;
    const name = `${LEVEL_NAME[level]} table ${table.id} of process ${mm.id} at ${hex(base)}`;
    const where = { mm: mm.id, address: base };
    if (table.level !== level) found.add('table-level', `${name} says it is of level ${table.level}`, where);
    const size = LEVEL_SIZE[level]!;
    if (level !== PGD) {
      this.count++;
      if (mm.mm_mt.range(base, base + size * PTRS_PER_TABLE).length === 0)
        found.add('table-without-area', `${name} is kept although no area lies in its span`, where);
    }
    // A table that processes share counts the frames it maps once.
    const first = !this.use.tables.has(table);
    this.use.tables.add(table);
    let used = 0;
    for (let i = 0; i < PTRS_PER_TABLE; i++) {
      const at = base + i * size;
      const entry = table.entries[i]!;
      const lower = table.down === null ? null : table.down[i]!;
      if (entry !== 0) {
        used++;
        if (lower !== null)
          found.add('entry-or-table', `${name} has both a leaf and a lower table at ${hex(at)}`, where);
        this.leaf(entry, table, level, at, first);
      }
      if (lower !== null) {
        used++;
        this.walk(lower, level - 1, at);
      }
    }
    found.equal('table-used', `used of ${name}`, table.used, used, where);
    if (table.share_count < 1) found.add('table-shared', `${name} is shared by ${table.share_count} processes`, where);
  }

  private leaf(entry: number, table: Table, level: number, at: number, first: boolean): void {
    const { mm, found, use } = this;
    const where = { mm: mm.id, address: at, pfn: pte_pfn(entry) };
    const what = `the entry for ${hex(at)} in process ${mm.id}`;
    if (entry === PTE_MARKER_GUARD) {
      if (((mm.mm_mt.lookup(at)?.vm_flags ?? 0) & VM_MAYBE_GUARD) === 0)
        found.add('entry-in-area', `${what} is a guard, but its area knows of none`, where);
      return;
    }
    if (!pte_present(entry)) {
      found.add('entry-present', `${what} is neither empty nor present`, where);
      return;
    }
    if (level > PUD || level >= PMD !== ((entry & _PAGE_PSE) !== 0))
      found.add('entry-level', `${what} is a leaf of the wrong size`, where);
    const vma = mm.mm_mt.lookup(at);
    const size = LEVEL_SIZE[level]!;
    if (vma === null || at + size > vma.vm_end) {
      found.add('entry-in-area', `${what} is present, but lies in no area`, where);
      return;
    }
    if (level === PMD && vma.vm_ops === null) this.deposited++;
    const writable = (entry & _PAGE_RW) !== 0;
    if (writable && (vma.vm_flags & VM_WRITE) === 0)
      found.add('entry-rights', `${what} may be written, but ${areaText(vma)} may not`, { ...where, vma: vma.id });
    if ((entry & _PAGE_PRESENT) !== 0 && (vma.vm_flags & VM_ACCESS_FLAGS) === 0)
      found.add('entry-rights', `${what} may be used, but ${areaText(vma)} may not`, { ...where, vma: vma.id });
    if ((entry & _PAGE_SPECIAL) !== 0) return;
    const frames = mm.machine.frames;
    const pfn = pte_pfn(entry);
    const huge = (frames.flags(pfn) & PG_hugetlb) !== 0;
    if ((vma.vm_flags & VM_HUGETLB) !== 0 && level === PTE)
      found.add('entry-level', `${what} is a small page in a huge-page area`, where);
    if (level >= PMD && pfn % (size / PAGE_SIZE) !== 0)
      found.add('entry-level', `${what} is huge, but its frame ${pfn} is not aligned`, where);
    if (first) {
      const counts = level >= PMD && !huge ? use.entire : use.entries;
      counts.set(pfn, (counts.get(pfn) ?? 0) + 1);
    }
    const n = size / PAGE_SIZE;
    const flags = frames.flags(frames.compound_head(pfn));
    if (writable && first && (flags & PG_anon) !== 0 && (vma.vm_flags & VM_SHARED) === 0)
      use.writable.set(pfn, level >= PMD && !huge);
    if (huge) this.hugetlb += n;
    else if ((flags & PG_anon) !== 0) this.anon += n;
    else if ((flags & PG_swapbacked) !== 0) this.shmem += n;
    else this.file += n;
    if (table.share_count > 1 && !huge)
      found.add('table-shared', `${what} stands in a shared table of an ordinary area`, where);
  }
}
