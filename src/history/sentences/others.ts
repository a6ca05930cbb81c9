/** Everything but touching and mapping: advice, locks, fork and exit, files, the pool. */
import { sizeText } from '../../base/units';
import { EAGAIN, EINVAL, ENOMEM, EPERM } from '../../engine/errno';
import { Ev } from '../../engine/events';
import {
  F_GET_SEALS,
  MADV_COLD,
  MADV_COLLAPSE,
  MADV_DODUMP,
  MADV_DOFORK,
  MADV_DONTDUMP,
  MADV_DONTFORK,
  MADV_DONTNEED,
  MADV_DONTNEED_LOCKED,
  MADV_FREE,
  MADV_GUARD_INSTALL,
  MADV_GUARD_REMOVE,
  MADV_HUGEPAGE,
  MADV_KEEPONFORK,
  MADV_MERGEABLE,
  MADV_NOHUGEPAGE,
  MADV_PAGEOUT,
  MADV_POPULATE_READ,
  MADV_POPULATE_WRITE,
  MADV_REMOVE,
  MADV_UNMERGEABLE,
  MADV_WIPEONFORK,
} from '../../engine/uapi';
import { VM_MERGEABLE } from '../../engine/mm/vm_flags';
import type { Sentence } from '../picture';
import { backToPool } from './mapping';
import { code, NOTHING, number, plural, say, size, together, type Tale } from './say';

const ADVICE: Readonly<Record<number, readonly [name: string, effect: string]>> = {
  [MADV_DONTFORK]: ['MADV_DONTFORK', 'a child will not get it at fork'],
  [MADV_DOFORK]: ['MADV_DOFORK', 'a child gets it again at fork'],
  [MADV_HUGEPAGE]: ['MADV_HUGEPAGE', 'the next fault in a whole free 2 MiB may bring in a huge page'],
  [MADV_NOHUGEPAGE]: ['MADV_NOHUGEPAGE', 'faults bring in small pages only'],
  [MADV_DONTDUMP]: ['MADV_DONTDUMP', 'a core dump leaves it out'],
  [MADV_DODUMP]: ['MADV_DODUMP', 'a core dump includes it again'],
  [MADV_WIPEONFORK]: ['MADV_WIPEONFORK', 'a child will find zeroes there'],
  [MADV_MERGEABLE]: ['MADV_MERGEABLE', 'pages with equal contents may be merged into one'],
  [MADV_UNMERGEABLE]: ['MADV_UNMERGEABLE', 'its pages are merged no more'],
  [MADV_KEEPONFORK]: ['MADV_KEEPONFORK', 'a child finds the contents again'],
};

export function madviseSentence(tale: Tale): Sentence {
  const { outcome, scene } = tale;
  const [start, length, advice] = [tale.arg(0), tale.arg(1), tale.arg(2)];
  const what = tale.at(start);
  if (outcome.err !== 0) {
    const why =
      outcome.err === ENOMEM
        ? 'part of the range is not mapped'
        : outcome.err === EINVAL
          ? 'this advice does not fit this area, or the range is not aligned'
          : 'the kernel does not allow it there';
    return say`madvise is refused with ${code(tale.errno)}: ${why}.`;
  }
  if (length === 0) return say`The range is empty, so nothing changes.`;
  const freed = resident(tale, true) - resident(tale, false) + poolBack(tale);
  switch (advice) {
    case MADV_DONTNEED:
    case MADV_DONTNEED_LOCKED:
      return together(
        say`${size(length)} of ${what} are emptied: ${plural(freed, 'page')} ${freed === 1 ? 'goes' : 'go'} at once, the area stays, and the next touch finds zeroes or the file.`,
        backToPool(tale),
      );
    case MADV_FREE:
      return say`The pages of ${what} may be taken when memory is short; until then they stay, and a write keeps them.`;
    case MADV_REMOVE:
      return together(
        say`A hole is punched into the file behind ${what}: its pages go for everyone who maps it.`,
        backToPool(tale),
      );
    case MADV_POPULATE_READ:
    case MADV_POPULATE_WRITE:
      return together(say`The pages of ${what} are brought in at once, as if each had been touched.`, backToPool(tale));
    case MADV_GUARD_INSTALL:
      return say`${size(length)} of ${what} become a guard: ${freed === 0 ? 'nothing was there' : `${plural(freed, 'page')} ${freed === 1 ? 'goes' : 'go'}`}, and every touch raises ${code('SIGSEGV')} from now on. The area stays one area.`;
    case MADV_GUARD_REMOVE:
      return say`The guards among ${size(length)} of ${what} are taken away: a touch finds zeroes or the file again.`;
    case MADV_COLD:
      return freed === 0
        ? say`The pages of ${what} are marked as old; all of them stay.`
        : say`The pages of ${what} are marked as old. A huge page of which only a part was named is split, and ${plural(freed, 'page')} of it that held nothing but zeroes ${freed === 1 ? 'gives' : 'give'} way to the zero page.`;
    case MADV_PAGEOUT:
      return say`What can be had again goes from ${what}: ${plural(freed, 'page')}. There is no swap, so private pages that hold something stay.`;
    case MADV_COLLAPSE:
      return say`The pages of ${what} are gathered into huge pages where they can be.`;
  }
  const known = ADVICE[advice];
  const vma = tale.areaAt(start);
  // Memory that is shared anyway takes the advice and is not merged.
  const merged = advice !== MADV_MERGEABLE || vma === null || (vma.vm_flags & VM_MERGEABLE) !== 0;
  if (known === undefined || !merged)
    return say`The advice about ${what} is taken; nothing that is drawn here changes.`;
  const cut = scene.recording.count(Ev.VmaSplit) > 0 ? ' The area is split, because the rest was not spoken of.' : '';
  return say`${what} gets ${code(known[0])}: ${known[1]}.${cut}`;
}

/** Base pages of the process that are present, before or after. */
function resident(tale: Tale, before: boolean): number {
  const mm = (before ? tale.scene.was : tale.scene.now).tasks.get(tale.operation.who)?.mm;
  return mm === undefined ? 0 : mm.rss_anon + mm.rss_file + mm.rss_shmem;
}

const poolBack = (tale: Tale): number =>
  Math.max(0, tale.scene.now.hstate.free_huge_pages - tale.scene.was.hstate.free_huge_pages);

export function lockSentence(tale: Tale): Sentence {
  const { outcome, operation, scene } = tale;
  const { op } = operation;
  if (outcome.err !== 0) {
    const why =
      outcome.err === ENOMEM
        ? 'part of the range is not mapped, or more would be locked than RLIMIT_MEMLOCK allows'
        : outcome.err === EAGAIN
          ? 'some pages could not be brought in'
          : outcome.err === EPERM
            ? 'the process may not lock memory'
            : 'the arguments do not fit';
    return say`${op} is refused with ${code(tale.errno)}: ${why}.`;
  }
  const was = scene.was.tasks.get(operation.who)?.mm.locked_vm ?? 0;
  const now = scene.now.tasks.get(operation.who)?.mm.locked_vm ?? 0;
  const taken = scene.recording.count(Ev.FrameAlloc);
  const locked = say`${code('VmLck')} is now ${number(now * 4)} kB.`;
  if (now > was) {
    return together(
      say`Locked memory stays in memory: ${taken === 0 ? 'nothing had to be brought in' : `${plural(taken, 'page')} ${taken === 1 ? 'is' : 'are'} brought in at once`}.`,
      locked,
    );
  }
  if (now < was) return together(say`The lock is taken off; the pages stay where they are.`, locked);
  return say`${op} changes no area that exists.`;
}

export function forkSentence(tale: Tale): Sentence {
  const { outcome, scene, operation } = tale;
  if (outcome.err !== 0)
    return say`fork is refused with ${code(tale.errno)}: ${outcome.err === ENOMEM ? 'there is no room for the copy' : 'there is such a process already'}.`;
  const child = scene.now.tasks.get(tale.arg(0));
  if (child === undefined) return say`fork makes a new process.`;
  const name = tale.process(child.who);
  const shared = scene.recording.count(Ev.EntrySet);
  const parent = tale.process(operation.who);
  const promised = scene.was.hstate.resv_huge_pages > 0;
  return together(
    say`${name} starts as a copy of ${parent}: ${plural(child.mm.map_count, 'area')} and ${plural(shared, 'entry', 'entries')}, but no page is copied.`,
    say`Private pages that can be written are now shared and write-protected in both, so whoever writes first gets a copy.`,
    promised ? say`Promises of huge pages stay with ${parent}.` : NOTHING,
  );
}

export function exitSentence(tale: Tale): Sentence {
  const { scene, operation } = tale;
  const freed = scene.recording.count(Ev.FrameFree);
  const tables = scene.recording.count(Ev.TableFree);
  const areas = scene.was.tasks.get(operation.who)?.mm.map_count ?? 0;
  return together(
    say`${tale.process(operation.who)} ends: ${plural(areas, 'area')}, ${plural(tables, 'page table')} and ${freed === 0 ? 'no page but what others share' : `${plural(freed, 'page')} that nobody else has`} go with it.`,
    backToPool(tale),
  );
}

export function execSentence(tale: Tale): Sentence {
  const { outcome, operation, scene } = tale;
  if (outcome.err !== 0) return say`exec is refused with ${code(tale.errno)}.`;
  const now = scene.now.tasks.get(operation.who)?.mm;
  const program = (operation.path ?? '').split('\n')[0]!;
  return say`${tale.process(operation.who)} becomes ${code(program)}: everything that was mapped goes, and ${plural(now?.map_count ?? 0, 'area')} of the new program stand${now?.map_count === 1 ? 's' : ''}.`;
}

export function poolSentence(tale: Tale): Sentence {
  const { was, now } = tale.scene;
  const [want] = [tale.arg(0)];
  const before = was.hstate.nr_huge_pages - was.hstate.surplus_huge_pages;
  const after = now.hstate.nr_huge_pages - now.hstate.surplus_huge_pages;
  const over = now.hstate.nr_overcommit_huge_pages;
  const borrow =
    over === was.hstate.nr_overcommit_huge_pages
      ? NOTHING
      : say`It may borrow up to ${number(over)} more when a fault needs them.`;
  if (after === before)
    return together(
      say`The pool keeps ${plural(after, 'huge page')}${want === after ? '' : `, although ${want} were asked for`}.`,
      borrow,
    );
  const stay = now.hstate.surplus_huge_pages - was.hstate.surplus_huge_pages;
  if (after < before && stay === before - after)
    return together(
      say`${plural(stay, 'page')} that ${stay === 1 ? 'is' : 'are'} in use or promised ${stay === 1 ? 'becomes' : 'become'} surplus: ${stay === 1 ? 'it leaves' : 'they leave'} the pool when ${stay === 1 ? 'it is' : 'they are'} given back.`,
      borrow,
    );
  const left = was.hstate.nr_huge_pages - now.hstate.nr_huge_pages;
  const which =
    after > before
      ? say`${plural(after - before, 'page')} of 2 MiB ${after - before === 1 ? 'is' : 'are'} taken out of ordinary memory and set aside: ${tale.pool()}.`
      : say`${plural(left, 'page')} that nobody uses ${left === 1 ? 'goes' : 'go'} back to ordinary memory: ${tale.pool()}.`;
  const short =
    after === want
      ? NOTHING
      : say`${String(want)} were asked for; ${after > before ? 'there is no room for more' : 'the others are in use or promised, and become surplus'}.`;
  return together(which, short, borrow);
}

export function fileSentence(tale: Tale): Sentence {
  const { outcome, operation, scene } = tale;
  const { op } = operation;
  if (outcome.err !== 0) return say`${op} is refused with ${code(tale.errno)}.`;
  const written = /"([^"]+)"/.exec(scene.run.source.statement(scene.k - 1).text)?.[1];
  const name = code(written ?? operation.path ?? `file ${tale.arg(0)}`);
  const dropped = scene.recording.count(Ev.CacheDel);
  switch (op) {
    case 'open':
      return say`${name} is open as file descriptor ${number(outcome.ret)}.`;
    case 'memfd':
      return say`A file that lives in memory only, ${name}, is open as file descriptor ${number(outcome.ret)}.`;
    case 'unlink':
      return together(
        say`The name ${name} is gone; the file stays as long as somebody has it open or mapped.`,
        backToPool(tale),
      );
    case 'fcntl':
      return tale.arg(1) === F_GET_SEALS
        ? say`The file's seals are ${number(outcome.ret)}. Nothing changes.`
        : say`The file is sealed: what its seals forbid is refused from now on.`;
    case 'close':
      return together(
        say`File descriptor ${number(tale.arg(0))} is closed; mappings of the file stay.`,
        backToPool(tale),
      );
    case 'pread': {
      const added = scene.recording.count(Ev.CacheAdd);
      return say`${number(outcome.ret)} bytes of the file are read, without a mapping${added === 0 ? '' : `; ${plural(added, 'page')} of it ${added === 1 ? 'comes' : 'come'} into memory`}.`;
    }
    case 'ftruncate':
      return together(
        say`The file is now ${sizeText(tale.arg(1))} long${dropped === 0 ? '' : `: ${plural(dropped, 'page')} beyond its end ${dropped === 1 ? 'goes' : 'go'}, wherever ${dropped === 1 ? 'it was' : 'they were'} mapped`}.`,
        backToPool(tale),
      );
    default: {
      const added = scene.recording.count(Ev.CacheAdd);
      if (dropped > 0)
        return together(
          say`A hole is punched into the file: ${plural(dropped, 'page')} ${dropped === 1 ? 'goes' : 'go'}.`,
          backToPool(tale),
        );
      return together(
        say`The file gets ${plural(added, 'page')} of its own before anybody touches them.`,
        backToPool(tale),
      );
    }
  }
}

export function lookSentence(tale: Tale): Sentence {
  const { outcome, operation } = tale;
  if (outcome.err !== 0) return say`${operation.op} is refused with ${code(tale.errno)}.`;
  if (operation.op === 'mincore')
    return say`mincore tells which pages are in memory: ${number(outcome.code)} of ${number(Math.ceil(tale.arg(1) / 4096))}. Nothing changes.`;
  return say`msync returns: everything that was written is in the file's pages already, because a shared mapping is the page cache itself.`;
}
