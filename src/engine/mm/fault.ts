/** What the processor does with an access, and the kernel's first answer where it cannot (Linux: arch/x86/mm/fault.c). */
import { hex, PAGE_SIZE, PMD_SIZE, PUD_SIZE, TASK_SIZE } from '../../base/units';
import { Ev } from '../events';
import type { Machine } from '../machine';
import type { Outcome } from '../operation';
import { R, WHY } from '../routines';
import { BUS_ADRERR, SEGV_ACCERR, SEGV_MAPERR, SIGBUS, SIGKILL, SIGSEGV } from '../uapi';
import type { Contents } from './contents';
import { handle_mm_fault } from './memory';
import { FAULT_FLAG_WRITE, type mm_struct, type Task, VM_FAULT_ERROR, VM_FAULT_OOM, VM_FAULT_SIGBUS } from './mm_types';
import {
  _PAGE_ACCESSED,
  _PAGE_DIRTY,
  _PAGE_PRESENT,
  _PAGE_RW,
  pmd_index,
  pmd_table,
  pte_index,
  pte_pfn,
  pud_index,
  pud_table,
  set_entry,
  type Table,
} from './pgtable';
import { PG_anon, PG_hugetlb, PG_written } from './page_alloc';
import { walk_page_range } from './pagewalk';
import { alignDown } from './prot';
import { isBacked, type Tlb, type Translation } from './tlb';
import { expand_stack } from './vma';
import { VM_ACCESS_FLAGS, VM_WRITE } from './vm_flags';

/** si_code of a signal that the kernel raises for another reason than an address (an address that is none). */
const SI_KERNEL = 128;
/** First address that is not one (48-bit canonical form), and the first that is one again. */
const NOT_CANONICAL = 2 ** 47;
const KERNEL_SPACE = 2 ** 64 - 2 ** 47;

/**
 * Touches one byte at `address`, `address + stride`, … `count` times. Each access that the page tables allow sets the accessed
 * and dirty bits and costs nothing else; any other faults. The first signal ends it: `out.ret` −1, `out.sig`, `out.code`.
 */
export function touch(
  m: Machine,
  task: Task,
  address: number,
  count: number,
  stride: number,
  write: boolean,
  out: Outcome,
): void {
  const mm = task.mm;
  const needed = write ? _PAGE_PRESENT | _PAGE_RW : _PAGE_PRESENT;
  const marks = write ? _PAGE_ACCESSED | _PAGE_DIRTY : _PAGE_ACCESSED;
  const { tlb, contents, meter } = m;
  if (stride === 0) count = Math.min(count, 1);
  for (let i = 0; i < count; i++) {
    const at = address + i * stride;
    meter.spend(1);
    if (tlb !== null) {
      if (!access_by_tlb(m, tlb, mm, at, write, needed, marks, out)) return;
      if (contents !== null) watch(contents, mm, at, write, tlb.lookup(mm.id, at));
      continue;
    }
    if (contents !== null) {
      if (!access(m, mm, at, write, needed, marks, out)) return;
      watch(contents, mm, at, write, null);
      continue;
    }
    const offset = at - mm.cached_pte_base;
    const table = mm.cached_pte_table;
    if (table !== null && offset >= 0 && offset < PMD_SIZE) {
      const index = (offset / PAGE_SIZE) | 0;
      const entry = table.entries[index]!;
      if ((entry & needed) === needed) {
        if ((entry & marks) !== marks) set_entry(mm, table, index, alignDown(at, PAGE_SIZE), (entry | marks) >>> 0);
        if (write && m.has_blank_pages) note_written(m, entry >>> 8);
        continue;
      }
      if (entry === 0 && stride >= PAGE_SIZE) {
        // The table is there and the page is not: what a long row of first touches meets.
        if (!fault(m, mm, at, write, out)) return;
        if (mm.cached_pte_table === table && (table.entries[index]! & (needed | marks)) === (needed | marks)) continue;
      }
    }
    if (!access(m, mm, at, write, needed, marks, out)) return;
    if (stride > 0 && stride < PAGE_SIZE) {
      // Further touches of the page that now is there change nothing.
      i += Math.ceil((alignDown(at, PAGE_SIZE) + PAGE_SIZE - at) / stride) - 1;
    }
  }
}

/**
 * One access with a translation cache: by what it holds, whether or not that is still true; else the long way, and what
 * was found there is kept. False after a signal.
 */
function access_by_tlb(
  m: Machine,
  tlb: Tlb,
  mm: mm_struct,
  at: number,
  write: boolean,
  needed: number,
  marks: number,
  out: Outcome,
): boolean {
  const cached = tlb.lookup(mm.id, at);
  if (cached !== null && (cached.entry & needed) === needed) {
    if (isBacked(mm, cached)) {
      // A first write through a clean translation sets the dirty bit by a walk.
      if ((cached.entry & marks) === marks) {
        if (write) note_written(m, pte_pfn(cached.entry) + Math.floor((at - cached.address) / PAGE_SIZE));
        tlb.hits++;
        return true;
      }
    } else {
      tlb.hits++;
      tlb.stale++;
      if (m.rec !== null) m.rec.emit(Ev.Decide, WHY.stale_translation, mm.id, at, pte_pfn(cached.entry));
      m.damaged('tlb-stale-used', `process ${mm.id} used a translation of ${hex(at)} that is no longer there`, {
        mm: mm.id,
        address: at,
        pfn: pte_pfn(cached.entry),
      });
      return true;
    }
  }
  tlb.misses++;
  if (!access(m, mm, at, write, needed, marks, out)) return false;
  walk_page_range(mm, alignDown(at, PAGE_SIZE), alignDown(at, PAGE_SIZE) + PAGE_SIZE, (_address, entry, table) =>
    tlb.fill(mm.id, at, table.level, entry),
  );
  return true;
}

/** Notes what an access that came about has read or written: through the cached translation, else by the tables. */
function watch(contents: Contents, mm: mm_struct, at: number, write: boolean, cached: Translation | null): void {
  const page = alignDown(at, PAGE_SIZE);
  let pfn = -1;
  if (cached !== null) pfn = pte_pfn(cached.entry) + (page - cached.address) / PAGE_SIZE;
  else
    walk_page_range(mm, page, page + PAGE_SIZE, (address, entry) => {
      pfn = pte_pfn(entry) + (page - address) / PAGE_SIZE;
    });
  if (pfn < 0) return;
  if (write) contents.stored(mm, at, pfn);
  else contents.loaded(mm, at, pfn);
}

/** One access the long way: walks the tables, faults until they allow it. False after a signal. */
function access(
  m: Machine,
  mm: mm_struct,
  at: number,
  write: boolean,
  needed: number,
  marks: number,
  out: Outcome,
): boolean {
  // A driver may need several faults for one access (the device of 2007 takes two), never many.
  for (let tries = 0; tries < 16; tries++) {
    const pmd = at < TASK_SIZE ? pmd_table(mm, at) : null;
    if (pmd === null) {
      // A leaf of 1 GiB stands one level higher.
      const pud = at < TASK_SIZE ? pud_table(mm, at) : null;
      const giant = pud === null ? 0 : pud.entries[pud_index(at)]!;
      if ((giant & needed) === needed) return allowed(mm, pud!, pud_index(at), alignDown(at, PUD_SIZE), giant, marks);
    } else {
      const i = pmd_index(at);
      const huge = pmd.entries[i]!;
      const table = pmd.down![i]!;
      if ((huge & needed) === needed) {
        if (write) note_written(m, pte_pfn(huge) + pte_index(at));
        return allowed(mm, pmd, i, alignDown(at, PMD_SIZE), huge, marks);
      }
      if (table !== null) {
        const k = pte_index(at);
        const entry = table.entries[k]!;
        if ((entry & needed) === needed) {
          mm.cached_pte_table = table;
          mm.cached_pte_base = alignDown(at, PMD_SIZE);
          if (write && m.has_blank_pages) note_written(m, pte_pfn(entry));
          return allowed(mm, table, k, alignDown(at, PAGE_SIZE), entry, marks);
        }
      }
    }
    if (!fault(m, mm, at, write, out)) return false;
  }
  // Linux would fault for ever; the process is ended, and the mistake is named.
  m.damaged('fault-without-end', `an access to ${hex(at)} in process ${mm.id} faults without end`, {
    mm: mm.id,
    address: at,
  });
  out.ret = -1;
  out.sig = SIGKILL;
  out.code = SI_KERNEL;
  if (m.rec !== null) m.rec.emit(Ev.Signal, mm.id, out.sig, out.code, at);
  return false;
}

/** One fault. False after a signal, which the outcome then tells. */
function fault(m: Machine, mm: mm_struct, at: number, write: boolean, out: Outcome): boolean {
  const signal = do_user_addr_fault(m, mm, at, write);
  if (signal === 0) return true;
  out.ret = -1;
  out.sig = signal & 0xff;
  out.code = signal >> 8;
  if (m.rec !== null) m.rec.emit(Ev.Signal, mm.id, out.sig, out.code, at);
  return false;
}

/** Anonymous memory that held nothing but zeroes holds something now. */
function note_written(m: Machine, pfn: number): void {
  const { frames } = m;
  if ((frames.flags(pfn) & PG_written) === 0 && (frames.folio_flags(pfn) & (PG_anon | PG_hugetlb)) === PG_anon)
    frames.setFlags(pfn, PG_written);
}

/** The processor marks what it used. */
function allowed(mm: mm_struct, table: Table, index: number, address: number, entry: number, marks: number): boolean {
  if ((entry & marks) !== marks) set_entry(mm, table, index, address, (entry | marks) >>> 0);
  return true;
}

const signalled = (signal: number, code: number): number => signal | (code << 8);

/**
 * Linux: arch/x86/mm/fault.c do_user_addr_fault. Returns 0 after a fault that was resolved, else the signal in the low
 * byte and its si_code above.
 */
function do_user_addr_fault(m: Machine, mm: mm_struct, address: number, write: boolean): number {
  const rec = m.rec;
  if (address >= NOT_CANONICAL && address < KERNEL_SPACE) return signalled(SIGSEGV, SI_KERNEL);
  let vma = mm.cached_vma;
  if (vma === null || vma.block === null || address < vma.vm_start || address >= vma.vm_end) {
    vma = address < TASK_SIZE ? mm.mm_mt.lookup(address) : null;
    if (vma === null && address < TASK_SIZE) vma = expand_stack(mm, address);
    mm.cached_vma = vma;
  }
  if (rec !== null) {
    rec.emit(Ev.Fault, mm.id, address, write ? 1 : 0, vma === null ? 0 : vma.id);
    rec.emit(Ev.Enter, R.do_user_addr_fault, address, write ? 1 : 0);
  }
  let signal = 0;
  if (vma === null) {
    if (rec !== null) rec.emit(Ev.Decide, WHY.no_mapping, address);
    signal = signalled(SIGSEGV, SEGV_MAPERR);
  } else if ((vma.vm_flags & (write ? VM_WRITE : VM_ACCESS_FLAGS)) === 0) {
    if (rec !== null) rec.emit(Ev.Decide, WHY.access_denied, vma.id, address);
    signal = signalled(SIGSEGV, SEGV_ACCERR);
  } else {
    const ret = handle_mm_fault(mm, vma, address, write ? FAULT_FLAG_WRITE : 0);
    if ((ret & VM_FAULT_ERROR) !== 0) {
      // Out of memory, Linux looks for a victim; the machine has one process to spare: the one that asked.
      if ((ret & VM_FAULT_OOM) !== 0) signal = signalled(SIGKILL, SI_KERNEL);
      else if ((ret & VM_FAULT_SIGBUS) !== 0) signal = signalled(SIGBUS, BUS_ADRERR);
      else signal = signalled(SIGSEGV, SEGV_MAPERR);
    }
  }
  if (rec !== null) rec.emit(Ev.Leave, R.do_user_addr_fault, signal);
  return signal;
}
