/** Reads and writes: what a touch met, and why it ended as it did. */
import { hex, PAGE_SIZE } from '../../base/units';
import { Ev } from '../../engine/events';
import { PG_anon } from '../../engine/mm/page_alloc';
import { VM_EXEC, VM_READ, VM_WRITE } from '../../engine/mm/vm_flags';
import { R } from '../../engine/routines';
import { SEGV_MAPERR, SIGBUS, SIGSEGV } from '../../engine/uapi';
import { signalName } from '../event-text';
import type { Sentence, SentencePart } from '../picture';
import { isHugetlb } from '../pictures/look';
import { isRefused } from '../source';
import { enteredRoutine } from './entered';
import { code, NOTHING, number, plural, say, together, type Piece, type Tale } from './say';

const ORDINALS = ['', 'first', 'second', 'third', 'fourth', 'fifth', 'sixth', 'seventh', 'eighth', 'ninth', 'tenth'];
/** Operations looked back at for the ordinal. */
const LOOK_BACK = 2_000;

export function touchSentence(tale: Tale): Sentence {
  const { outcome, operation } = tale;
  const verb = operation.op === 'write' ? 'write' : 'read';
  const address = tale.arg(0);
  const count = Math.max(1, tale.arg(1));
  const what = tale.at(address);
  const to = verb === 'write' ? 'to' : 'of';
  if (outcome.sig !== 0) return killed(tale, verb, what);
  const by = operation.who === 0 ? '' : ` by ${tale.process(operation.who)}`;
  const subject: Sentence =
    count === 1
      ? say`The ${ordinal(tale, verb)}${verb} ${to} ${what}${by}`
      : say`${capital(plural(count, verb))} ${to} ${what}${by}`;
  if (outcome.minflt === 0 && tale.scene.recording.count(Ev.Fault) === 0) {
    return say`${subject} ${count === 1 ? 'finds its page' : 'find their pages'} mapped and allowed: no fault, and nothing changes.`;
  }
  const vma = tale.areaAt(address);
  if (vma !== null && isHugetlb(vma)) return hugeSentence(tale, subject, verb, count);
  return ordinarySentence(tale, subject, verb, count);
}

const capital = (text: string): string => text[0]!.toUpperCase() + text.slice(1);

/** `second ` when it is the second touch of this kind in the mapping; empty when nobody would count. */
function ordinal(tale: Tale, verb: string): string {
  const { scene, operation } = tale;
  const { log } = scene.run;
  const here = scene.names.lookup(tale.arg(0), operation.who, scene.k);
  if (here === null) return '';
  let n = 1;
  const from = scene.k - 2;
  for (let k = from; k >= 0 && k > from - LOOK_BACK && k >= here.k; k--) {
    if (log.op(k) !== verb || log.who(k) !== operation.who) continue;
    const other = log.operation(k);
    if (isRefused(other)) continue;
    const address = other.args[0]!;
    if (address >= here.start && address < here.end) n++;
  }
  const word = ORDINALS[n];
  return word === undefined ? '' : `${word} `;
}

function hugeSentence(tale: Tale, subject: Sentence, verb: string, count: number): Sentence {
  const { scene } = tale;
  const takes = count === 1 ? 'takes a page' : 'take pages';
  if (tale.gave('steal_from_children')) {
    return together(
      say`${subject} ${count === 1 ? 'needs' : 'need'} a copy, and the pool is empty: as the owner of the reservation it takes the page away from its children.`,
      say`A child that touches it again dies.`,
      counters(tale),
    );
  }
  if (tale.gave('copy_shared') || tale.gave('cow_from_owner')) {
    return together(
      say`${subject} ${takes} of the pool for a private copy: somebody else still maps the old one.`,
      counters(tale),
    );
  }
  const took = scene.was.hstate.free_huge_pages !== scene.now.hstate.free_huge_pages || tale.gave('surplus_page');
  if (!took && tale.gave('reuse_exclusive')) {
    return say`${subject} finds that nobody else maps the huge page any more, so it is made writable where it is.`;
  }
  if (tale.gave('uses_reservation') && !tale.gave('needs_available') && !tale.gave('surplus_page')) {
    return together(
      say`${subject} ${takes} that ${count === 1 ? 'was' : 'were'} promised at mmap: ${code('HugePages_Rsvd')} falls with ${code('HugePages_Free')}, so no one else can lose it.`,
    );
  }
  if (tale.gave('surplus_page')) {
    return together(
      say`${subject} ${count === 1 ? 'finds' : 'find'} no free page, so the pool borrows one beyond its fixed size:`,
      say`${tale.pool()}.`,
    );
  }
  if (tale.gave('needs_available')) {
    return together(
      say`${subject} ${takes} that nobody was promised: ${code('HugePages_Free')} falls, ${code('HugePages_Rsvd')} stays.`,
    );
  }
  if (scene.was.hstate.free_huge_pages === scene.now.hstate.free_huge_pages) {
    return together(
      say`${subject} ${count === 1 ? 'faults' : 'fault'}, and the huge page is in the file already: it only has to be mapped.`,
    );
  }
  return together(say`${subject} ${takes} from the pool${verb === 'read' ? ', even for a read' : ''}.`, counters(tale));
}

const counters = (tale: Tale): Sentence => {
  const pool = tale.pool();
  return pool.length === 0 ? NOTHING : say`${pool}.`;
};

function ordinarySentence(tale: Tale, subject: Sentence, verb: string, count: number): Sentence {
  const { scene, outcome } = tale;
  const { recording } = scene;
  const faults = Math.max(1, outcome.minflt);
  const many = count > 1;
  const fault: Piece = faults === 1 ? (many ? 'fault once' : 'faults') : `${many ? 'fault' : 'faults'} ${faults} times`;
  const tables = recording.count(Ev.TableAlloc);
  const built: Sentence =
    tables === 0 ? NOTHING : say`${capital(plural(tables, 'page table'))} had to be made on the way there.`;
  const entered = (routine: number): boolean => enteredRoutine(tale, routine);

  if (tale.areaAt(tale.arg(0), true) === null && tale.areaAt(tale.arg(0)) !== null) {
    return together(
      say`${subject} ${fault} below it: the area may grow downwards, so it does, and the page is mapped.`,
      built,
    );
  }
  if (entered(R.do_huge_pmd_anonymous_page)) {
    // The first of all reads takes the huge page of zeroes itself, which counts for no process.
    if (verb === 'read' && grown(tale) === 0)
      return together(
        say`${subject} ${fault}: the shared huge page of zeroes is mapped, because nothing was written yet.`,
        built,
      );
    return together(
      say`${subject} ${fault}: one fault brings in a whole huge page of 2 MiB, mapped by one PMD entry without a PTE table in use below it.`,
      built,
    );
  }
  const copied = recording.first(Ev.FrameCopy);
  if (copied !== null && (scene.was.frames.flags(scene.was.frames.compound_head(copied.a)) & PG_anon) === 0) {
    return together(
      say`${subject} ${fault}: the mapping is private, so the writer gets a copy of the file's page, and the file stays as it is.`,
      built,
    );
  }
  if (tale.gave('copy_shared')) {
    return together(
      say`${subject} ${fault}: the page is write-protected because somebody else maps it too, so the writer gets a copy of its own.`,
    );
  }
  if (tale.gave('reuse_exclusive') && recording.count(Ev.FrameAlloc) === 0) {
    return say`${subject} ${fault}: the entry was read-only, but nobody else maps the page any more, so it is made writable where it is. Nothing is copied.`;
  }
  if (tale.gave('zero_page') && verb === 'read') {
    return together(
      say`${subject} ${fault}: there is no page, so the one shared page of zeroes is mapped read-only. No memory is taken.`,
      built,
    );
  }
  if (entered(R.wp_page_copy)) {
    return together(
      say`${subject} ${fault}: the shared page of zeroes was mapped there, so the writer gets a page of its own. ${code('VmRSS')} grows by ${number(grown(tale))} kB.`,
    );
  }
  if (entered(R.do_anonymous_page)) {
    const pages =
      faults === 1 ? 'a page of zeroes is taken' : `${faults} pages of zeroes are taken, one for each fault,`;
    return together(
      say`${subject} ${fault}: ${pages} and mapped. ${code('VmRSS')} grows by ${number(grown(tale))} kB.`,
      built,
    );
  }
  if (entered(R.do_cow_fault)) {
    return together(
      say`${subject} ${fault}: the mapping is private, so the writer gets a copy of the file's page.`,
      built,
    );
  }
  if (entered(R.do_read_fault) || entered(R.do_shared_fault)) {
    const along = tale.gave('around_fault')
      ? ' Pages of the file next to it that are in memory anyway are mapped along.'
      : '';
    return together(
      say`${subject} ${fault}: the file's page is in the page cache, and is mapped from there.${along}`,
      built,
    );
  }
  return together(say`${subject} ${fault}, and the page is mapped.`, built);
}

function grown(tale: Tale): number {
  const { who } = tale.operation;
  const rss = (before: boolean): number => {
    const mm = (before ? tale.scene.was : tale.scene.now).tasks.get(who)?.mm;
    return mm === undefined ? 0 : mm.rss_anon + mm.rss_file + mm.rss_shmem;
  };
  return ((rss(false) - rss(true)) * PAGE_SIZE) / 1024;
}

function killed(tale: Tale, verb: string, what: SentencePart): Sentence {
  const to = verb === 'write' ? 'to' : 'of';
  const { outcome, scene } = tale;
  const signal = code(signalName(outcome.sig));
  const fault = scene.recording.first(Ev.Signal);
  const address = fault?.d ?? tale.arg(0);
  const where = what.kind === 'area' ? what : code(`0x${hex(address)}`);
  if (outcome.sig === SIGSEGV) {
    if (outcome.code === SEGV_MAPERR)
      return say`The ${verb} ends in ${signal}: nothing is mapped at ${code(`0x${hex(address)}`)}.`;
    const vma = tale.areaAt(address);
    return say`The ${verb} ${to} ${where} ends in ${signal}: the area allows ${code(permsText(vma?.vm_flags ?? 0))} only, whatever the page tables hold.`;
  }
  if (outcome.sig !== SIGBUS) return say`The ${verb} ${to} ${where} ends in ${signal}.`;
  if (tale.gave('beyond_file'))
    return say`The ${verb} ${to} ${where} ends in ${signal}: the page lies beyond the end of the file behind it.`;
  if (tale.gave('mount_full'))
    return say`The ${verb} ${to} ${where} ends in ${signal}: the mount of its file has all the pages that its size allows.`;
  if (tale.gave('unmapped_by_owner'))
    return say`The ${verb} ${to} ${where} ends in ${signal}: the owner of the reservation took this page away when the pool was empty, and its child must not get another.`;
  const { free_huge_pages: free } = scene.was.hstate;
  const state =
    free === 0
      ? 'the pool is empty'
      : free === 1
        ? 'the one free page is promised to others'
        : `all ${free} free pages are promised to others`;
  return together(
    say`The ${verb} ${to} ${where} ends in ${signal}: nothing was promised to it, and ${state}.`,
    say`Without a reservation at mmap, this is where it shows that there are too few pages.`,
  );
}

const permsText = (flags: number): string =>
  `${(flags & VM_READ) !== 0 ? 'r' : '-'}${(flags & VM_WRITE) !== 0 ? 'w' : '-'}${(flags & VM_EXEC) !== 0 ? 'x' : '-'}`;
