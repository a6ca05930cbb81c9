/** mmap, munmap, mremap, mprotect, brk: what became of the areas, what was promised and given back. */
import { hex, PAGE_SIZE, PMD_SIZE, roundUp } from '../../base/units';
import { EACCES, EBADF, EEXIST, EINVAL, ENODEV, ENOMEM, EPERM } from '../../engine/errno';
import { Ev } from '../../engine/events';
import { vma_kernel_pagesize, vmaPerms } from '../../engine/fs/proc';
import type { vm_area_struct } from '../../engine/mm/mm_types';
import { VM_LOCKED, VM_MAYSHARE } from '../../engine/mm/vm_flags';
import {
  MAP_ANONYMOUS,
  MAP_FIXED,
  MAP_FIXED_NOREPLACE,
  MAP_HUGETLB,
  MAP_NORESERVE,
  MAP_POPULATE,
  MAP_PRIVATE,
  MAP_TYPE,
  PROT_EXEC,
  PROT_READ,
  PROT_WRITE,
} from '../../engine/uapi';
import { R } from '../../engine/routines';
import type { Sentence } from '../picture';
import { isHugetlb, promisedPages, tally } from '../pictures/look';
import { enteredRoutine } from './entered';
import { code, list, moved, NOTHING, number, plural, say, size, together, type Tale } from './say';

const at = (address: number) => code(`0x${hex(address)}`);

export function mmapSentence(tale: Tale): Sentence {
  const { outcome, scene } = tale;
  if (outcome.err !== 0) return mmapRefused(tale);
  const start = outcome.ret;
  const vma = tale.areaAt(start);
  const bytes = roundUp(tale.arg(1), PAGE_SIZE);
  const flags = tale.arg(3);
  if (vma === null) return say`mmap returns ${at(start)}.`;
  const name = tale.named(vma);
  const what =
    (flags & MAP_ANONYMOUS) !== 0
      ? isHugetlb(vma)
        ? 'anonymous memory in huge pages'
        : 'anonymous memory'
      : isHugetlb(vma)
        ? 'a file of huge pages'
        : 'a file';
  const joined = scene.recording.count(Ev.VmaLink) === 0;
  const neighbour = tale.named(tale.areaAt(start + bytes, true) ?? tale.areaAt(start - 1, true), true);
  const why = whyThere(tale);
  return together(
    say`${size(bytes)} of ${what} ${joined ? say`join ${neighbour}` : name.text === 'anonymous memory' ? 'are mapped' : say`become ${name}`} at ${at(start)} (${code(vmaPerms(vma.vm_flags))})${why}.`,
    joined
      ? say`The neighbour has the same flags and the same backing, so the area there only grows: no new ${code('vm_area_struct')}.`
      : NOTHING,
    metBefore(tale, start, start + bytes).length > 0 ? say`What was mapped there before is unmapped first.` : NOTHING,
    ignored(tale, flags),
    promise(tale, vma, flags),
    presence(tale, vma, start, bytes, flags),
  );
}

/** Linux 2.6.20 looked at no flag that came later. */
function ignored(tale: Tale, flags: number): Sentence {
  if ((flags & MAP_HUGETLB) === 0 || tale.scene.now.rules.hasMapHugetlb) return NOTHING;
  return say`Linux 2.6.20 knows no ${code('MAP_HUGETLB')} and looks past the bit: these are small pages. Huge ones came from a file of hugetlbfs, a segment with ${code('SHM_HUGETLB')}, or a device.`;
}

function isDevice(tale: Tale): boolean {
  const file = tale.scene.was.tasks.get(tale.operation.who)?.files[tale.arg(4)];
  return file?.inode.kind === 'device';
}

function whyThere(tale: Tale): string {
  const flags = tale.arg(3);
  if ((flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) !== 0) return ', exactly where it was asked for';
  if (tale.gave('hint_used')) return ', where it was asked for';
  if (tale.gave('hint_taken')) return ', because the address asked for is taken';
  if (tale.gave('thp_aligned')) return ', aligned so that huge pages of 2 MiB can come in';
  if (tale.gave('huge_aligned')) return ', the highest gap with room at a multiple of 2 MiB';
  if (tale.gave('gap_found')) return ', the highest gap that is large enough';
  return '';
}

function promise(tale: Tale, vma: vm_area_struct, flags: number): Sentence {
  if (!isHugetlb(vma)) return NOTHING;
  const { was, now } = tale.scene;
  const n = now.hstate.resv_huge_pages - was.hstate.resv_huge_pages;
  if (n > 0) {
    const surplus = now.hstate.surplus_huge_pages - was.hstate.surplus_huge_pages;
    return say`${plural(n, 'page')} of the pool ${n === 1 ? 'is' : 'are'} promised to it and none is taken yet: ${moved('HugePages_Rsvd', was.hstate.resv_huge_pages, now.hstate.resv_huge_pages)}${surplus > 0 ? `, ${surplus} of them borrowed beyond the fixed size` : ''}.`;
  }
  if ((flags & MAP_NORESERVE) !== 0)
    return say`With ${code('MAP_NORESERVE')} nothing is promised: a fault may find the pool empty.`;
  const held = promisedPages(vma);
  if (held > 0 && metBefore(tale, vma.vm_start, vma.vm_end).some(isHugetlb))
    return say`${plural(held, 'page')} of the pool ${held === 1 ? 'is' : 'are'} promised to it, as what was mapped there gives its own back.`;
  if (held > 0) return say`The file's pages were promised before; nothing more is set aside.`;
  return NOTHING;
}

function presence(tale: Tale, vma: vm_area_struct, start: number, bytes: number, flags: number): Sentence {
  const end = start + bytes;
  const there = tally(vma.vm_mm, start, Math.min(vma.vm_end, end));
  if (there.bytes === 0) {
    if (isHugetlb(vma) && tale.scene.now.hstate.resv_huge_pages > tale.scene.was.hstate.resv_huge_pages) return NOTHING;
    return say`No page is there yet; the first touch of each will bring it in.`;
  }
  const why =
    (flags & MAP_POPULATE) !== 0 ? code('MAP_POPULATE') : (vma.vm_flags & VM_LOCKED) !== 0 ? code('VM_LOCKED') : null;
  const pages = there.huge > 0 ? plural(there.huge, 'huge page') : plural(there.small, 'page');
  return say`${pages} ${there.huge + there.small === 1 ? 'is' : 'are'} brought in at once${why === null ? '' : ' because of '}${why ?? ''}.`;
}

function mmapRefused(tale: Tale): Sentence {
  const { outcome, scene } = tale;
  const errno = code(tale.errno);
  const [address, length, prot, flags] = [tale.arg(0), tale.arg(1), tale.arg(2), tale.arg(3)];
  const huge = (flags & MAP_HUGETLB) !== 0;
  const because = (text: string): Sentence => say`mmap is refused with ${errno}: ${text}. Nothing is mapped.`;
  if (outcome.err === ENOMEM) {
    const h = scene.was.hstate;
    if (tale.gave('pool_exhausted')) {
      const need = Math.ceil(length / PMD_SIZE);
      const spare = h.free_huge_pages - h.resv_huge_pages;
      return together(
        say`mmap is refused with ${errno}: it asks for ${plural(need, 'huge page')}, and the pool has ${spare === 0 ? 'none' : `only ${spare}`} that ${spare === 1 ? 'is' : 'are'} free and promised to nobody.`,
        lostOld(tale) ??
          say`The refusal comes here, where a program can handle it, and not as a signal at a later touch.`,
      );
    }
    if (tale.gave('mount_full'))
      return because('the mount of the file may not have so many pages more, promised ones included');
    if (tale.gave('gap_not_found')) return because('no gap in the address space is large enough');
    const mm = scene.was.tasks.get(tale.operation.who)?.mm;
    if (mm !== undefined && mm.map_count >= scene.was.config.max_map_count)
      return say`mmap is refused with ${errno}: the process has ${number(mm.map_count)} areas, as many as ${code('max_map_count')} allows.`;
    const whole = scene.was.frames.total * PAGE_SIZE;
    if (!huge && length > whole && (flags & MAP_NORESERVE) === 0)
      return together(
        because(`it is more than the whole memory of ${size(whole)}, and could never be given`),
        say`${code('MAP_NORESERVE')} would ask for no such promise.`,
      );
    if (length === 0) return because('the length is too large once rounded up');
    return because('there is no room for it: address space, a limit, or memory that may be promised');
  }
  if (outcome.err === EINVAL) {
    if (length === 0) return because('a mapping of no length makes no sense');
    if ((flags & MAP_TYPE) === 0) return because('it must be either private or shared');
    if (tale.arg(5) % PAGE_SIZE !== 0) return because('the offset is no multiple of the page size');
    if (isDevice(tale)) {
      if ((flags & MAP_TYPE) !== MAP_PRIVATE) return because('the device can only be mapped privately');
      if (tale.arg(5) !== 0) return because('the device has no offsets');
      if (length % PMD_SIZE !== 0) return because('the device maps whole pages of 2 MiB only');
    }
    const fixed = (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) !== 0;
    if (fixed && address % (huge ? PMD_SIZE : PAGE_SIZE) !== 0)
      return because(`a fixed address must be a multiple of ${huge ? '2 MiB' : 'the page size'}`);
    return because('the arguments do not fit together');
  }
  if (outcome.err === EEXIST) return because('something is mapped there, and MAP_FIXED_NOREPLACE must not replace it');
  if (outcome.err === EBADF) return because('there is no such open file');
  if (outcome.err === EACCES) {
    const writes = (prot & PROT_WRITE) !== 0;
    return because(writes ? 'the file is not open for writing' : 'the file is not open for this');
  }
  if (outcome.err === EPERM) return because('it is not permitted');
  if (outcome.err === ENODEV) {
    if (tale.gave('not_in_core_table')) return because("the core's fixed table has no entry for this driver");
    if (tale.gave('one_special_case'))
      return because('under this design the core knows one special kind of mapping, and this driver is not it');
    return because('what is behind the file cannot be mapped');
  }
  return because('the kernel does not allow it');
}

/** With MAP_FIXED the old mapping goes before the new one is refused. */
function lostOld(tale: Tale): Sentence | null {
  const [start, length] = [tale.arg(0), tale.arg(1)];
  const gone = metBefore(tale, start, start + length);
  if (gone.length === 0 || tale.areaAt(gone[0]!.vm_start) !== null) return null;
  return say`What was mapped there, ${tale.named(gone[0]!, true)}, is gone all the same: ${code('MAP_FIXED')} takes it away first.`;
}

/** Areas that lie wholly or partly in `[start, end)` before the operation. */
function metBefore(tale: Tale, start: number, end: number): vm_area_struct[] {
  return tale.scene.was.tasks.get(tale.operation.who)?.mm.mm_mt.range(start, end) ?? [];
}

export function munmapSentence(tale: Tale): Sentence {
  const { outcome, scene } = tale;
  const start = tale.arg(0);
  const length = roundUp(tale.arg(1), PAGE_SIZE);
  const end = start + length;
  if (outcome.err !== 0) {
    if (tale.gave('split_refused'))
      return say`munmap is refused with ${code(tale.errno)}: an area of huge pages can only be cut at a multiple of 2 MiB. Nothing is unmapped.`;
    if (outcome.err === ENOMEM)
      return say`munmap is refused with ${code(tale.errno)}: the cut would make one area more than ${code('max_map_count')} allows.`;
    return say`munmap is refused with ${code(tale.errno)}: ${start % PAGE_SIZE !== 0 ? 'the address is no multiple of the page size' : length === 0 ? 'the length is 0' : 'the range is not one of user space'}.`;
  }
  const met = metBefore(tale, start, end);
  if (met.length === 0) return say`Nothing is mapped there, and munmap succeeds all the same.`;
  const parts = met.slice(0, 64).map((vma) => tale.named(vma, true));
  const distinct = parts.filter((part, i) => parts.findIndex((p) => p.text === part.text) === i);
  const names = list(distinct.slice(0, 3).map((part) => say`${part}`));
  const more = met.length === distinct.length && met.length <= 3 ? '' : ` (${plural(met.length, 'area')})`;
  const gone = before(tale, start, end);
  const whole = met.every((vma) => vma.vm_start >= start && vma.vm_end <= end);
  const middle = met.length === 1 && met[0]!.vm_start < start && met[0]!.vm_end > end;
  const how = whole
    ? say`${names}${more} ${distinct.length === 1 ? 'is' : 'are'} unmapped`
    : middle
      ? say`${size(length)} are cut out of ${names}, which falls into two areas`
      : say`${size(length)} are cut off ${names}${more}`;
  const huge = met.some(isHugetlb);
  const tables = scene.recording.count(Ev.TableFree);
  const kept = met.every((vma) => vma.vm_file !== null && (vma.vm_flags & VM_MAYSHARE) !== 0);
  const pages =
    gone.bytes === 0
      ? 'no page was there'
      : kept
        ? `${size(gone.bytes)} in pages are no longer mapped here, and stay in the file`
        : `${size(gone.bytes)} in pages go with it`;
  return together(
    say`${how}: ${pages}${tables === 0 ? '' : `, and ${plural(tables, 'page table')} with nothing left in ${tables === 1 ? 'it' : 'them'}`}.`,
    huge ? backToPool(tale) : NOTHING,
    lostPromises(tale),
  );
}

function before(tale: Tale, start: number, end: number): { bytes: number } {
  const mm = tale.scene.was.tasks.get(tale.operation.who)?.mm;
  return mm === undefined || end <= start ? { bytes: 0 } : tally(mm, start, end);
}

/** Reservations that no area holds any more, although they are counted. */
function lostPromises(tale: Tale): Sentence {
  const lost = tale.scene.now.hstate.lost - tale.scene.was.hstate.lost;
  if (lost <= 0) return NOTHING;
  return say`Linux 6.18 loses count here: ${plural(lost, 'page')} ${lost === 1 ? 'stays' : 'stay'} counted in ${code('HugePages_Rsvd')}, promised to nobody.`;
}

/** What an operation gave back to the pool, and which promises ended. */
export function backToPool(tale: Tale): Sentence {
  const a = tale.scene.was.hstate;
  const b = tale.scene.now.hstate;
  const free = b.free_huge_pages - a.free_huge_pages;
  const rsvd = a.resv_huge_pages - b.resv_huge_pages;
  if (free === 0 && rsvd === 0 && a.surplus_huge_pages === b.surplus_huge_pages) return NOTHING;
  const back = free > 0 ? say`${plural(free, 'huge page')} ${free === 1 ? 'goes' : 'go'} back to the pool` : NOTHING;
  const ends =
    rsvd > 0
      ? say`${plural(rsvd, 'promise')} that ${rsvd === 1 ? 'was' : 'were'} never used ${rsvd === 1 ? 'is' : 'are'} given back`
      : NOTHING;
  return say`${list([back, ends])}: ${tale.pool()}.`;
}

export function mprotectSentence(tale: Tale): Sentence {
  const { outcome, scene } = tale;
  const [start, length, prot] = [tale.arg(0), tale.arg(1), tale.arg(2)];
  const want = `${(prot & PROT_READ) !== 0 ? 'r' : '-'}${(prot & PROT_WRITE) !== 0 ? 'w' : '-'}${(prot & PROT_EXEC) !== 0 ? 'x' : '-'}`;
  if (outcome.err !== 0) {
    const why =
      outcome.err === ENOMEM
        ? 'part of the range is not mapped'
        : outcome.err === EACCES
          ? 'the file behind it may not be written'
          : start % PAGE_SIZE !== 0
            ? 'the address is no multiple of the page size'
            : tale.gave('split_refused')
              ? 'an area of huge pages can only be cut at a multiple of 2 MiB'
              : 'the arguments do not fit';
    return say`mprotect is refused with ${code(tale.errno)}: ${why}.`;
  }
  const what = tale.at(start);
  const splits = scene.recording.count(Ev.VmaSplit);
  const merges = scene.recording.count(Ev.VmaMerge);
  const entries = scene.recording.count(Ev.EntrySet);
  const flags = scene.recording.count(Ev.VmaFlags) + scene.recording.count(Ev.VmaResize);
  if (flags + splits + merges === 0) return say`${what} allows just this already: nothing changes.`;
  const cut = splits === 0 ? '' : ` The area is split, because one area has one set of permissions.`;
  const joined = merges === 0 ? '' : ' It now looks like its neighbour and merges with it.';
  const halved = enteredRoutine(tale, R.__split_huge_pmd)
    ? ' The one entry of a huge page becomes a table of 512, because only part of it changes.'
    : '';
  const changed =
    entries === 0
      ? 'No page is there, so no entry has to change'
      : `${plural(entries, 'entry', 'entries')} ${entries === 1 ? 'is' : 'are'} rewritten and the translation cache is flushed`;
  return say`${size(length)} of ${what} become ${code(want)}.${cut}${joined}${halved} ${changed}.`;
}

export function mremapSentence(tale: Tale): Sentence {
  const { outcome, scene } = tale;
  const old = tale.arg(0);
  const page = pageOf(tale.areaAt(old, true));
  const [oldLength, newLength] = [roundUp(tale.arg(1), page), roundUp(tale.arg(2), page)];
  if (outcome.err !== 0) {
    const vma = tale.areaAt(old);
    const why =
      outcome.err === ENOMEM
        ? 'there is no room to grow in place or anywhere else that it may use'
        : vma !== null && isHugetlb(vma) && newLength > oldLength
          ? 'a mapping of huge pages cannot grow'
          : 'the arguments do not fit the area';
    return say`mremap is refused with ${code(tale.errno)}: ${why}.`;
  }
  const what = tale.at(outcome.ret);
  const moves = scene.recording.count(Ev.TableMove);
  if (outcome.ret !== old) {
    const present = tally(scene.now.tasks.get(tale.operation.who)!.mm, outcome.ret, outcome.ret + newLength).bytes > 0;
    const how = moves > 0 ? `${plural(moves, 'page table')} hung over whole` : 'entry by entry';
    return together(
      say`${what} moves from ${at(old)} to ${at(outcome.ret)}${newLength === oldLength ? '' : ` and is now ${size(newLength)} long`}. ${present ? `The pages stay where they are in memory; only the entries move, ${how}.` : 'No page was there, so no entry has to move.'}`,
      lostPromises(tale),
      backToPool(tale),
    );
  }
  if (newLength > oldLength) return say`${what} grows in place to ${size(newLength)}: the gap above it is free.`;
  if (newLength < oldLength)
    return together(say`${what} shrinks to ${size(newLength)}: the rest is unmapped.`, backToPool(tale));
  return say`${what} already has this place and length: nothing changes.`;
}

const pageOf = (vma: vm_area_struct | null): number => (vma === null ? PAGE_SIZE : vma_kernel_pagesize(vma));

export function brkSentence(tale: Tale): Sentence {
  const was = tale.scene.was.tasks.get(tale.operation.who)?.mm;
  const now = tale.scene.now.tasks.get(tale.operation.who)?.mm;
  if (was === undefined || now === undefined || was.brk === now.brk)
    return say`The heap stays as it is: ${code('brk')} answers with its end, ${at(tale.outcome.ret)}.`;
  return now.brk > was.brk
    ? say`The heap grows by ${size(now.brk - was.brk)} to ${at(now.brk)}. No page is there yet.`
    : say`The heap shrinks by ${size(was.brk - now.brk)} to ${at(now.brk)}, and the pages above go.`;
}
