/** One sentence for each moment: what just happened, and why. */
import { tableName } from '../engine/designs/probe';
import { SITES } from '../engine/designs/sites';
import { Ev } from '../engine/events';
import { LEVEL_NAME } from '../engine/mm/pgtable';
import type { OperationName } from '../engine/operation';
import { REASONS } from '../engine/routines';
import { textOfEvent } from './event-text';
import type { Sentence, SentencePart } from './picture';
import { titleOf } from './pictures/look';
import { namingOf } from './pictures/path';
import { REASON_TEXT } from './reasons';
import { routineFile, routineName } from './routine-text';
import type { Scene } from './run';
import { brkSentence, mmapSentence, mprotectSentence, mremapSentence, munmapSentence } from './sentences/mapping';
import {
  execSentence,
  exitSentence,
  fileSentence,
  forkSentence,
  lockSentence,
  lookSentence,
  madviseSentence,
  poolSentence,
} from './sentences/others';
import { code, say, Tale, together } from './sentences/say';
import { shmatSentence, shmctlSentence, shmdtSentence, shmgetSentence } from './sentences/shm';
import { touchSentence } from './sentences/touch';
import { isRefused } from './source';

const TELLERS: Readonly<Record<OperationName, (tale: Tale) => Sentence>> = {
  mmap: mmapSentence,
  munmap: munmapSentence,
  mprotect: mprotectSentence,
  mremap: mremapSentence,
  madvise: madviseSentence,
  read: touchSentence,
  write: touchSentence,
  mlock: lockSentence,
  mlock2: lockSentence,
  munlock: lockSentence,
  mlockall: lockSentence,
  munlockall: lockSentence,
  mincore: lookSentence,
  msync: lookSentence,
  brk: brkSentence,
  fork: forkSentence,
  exec: execSentence,
  exit: exitSentence,
  open: fileSentence,
  close: fileSentence,
  ftruncate: fileSentence,
  fallocate: fileSentence,
  memfd: fileSentence,
  unlink: fileSentence,
  fcntl: fileSentence,
  pread: fileSentence,
  pool: poolSentence,
  shmget: shmgetSentence,
  shmat: shmatSentence,
  shmdt: shmdtSentence,
  shmctl: shmctlSentence,
};

/** The sentence of a moment: of the operation, of the event inside it, or of the start. */
export function sentenceOf(scene: Scene): Sentence {
  if (scene.k === 0) return startSentence(scene);
  if (scene.event !== null) return eventSentence(scene, scene.event - 1);
  const operation = scene.run.log.operation(scene.k - 1);
  if (isRefused(operation)) return say`This step is not carried out: ${operation.refused}`;
  const who = operation.who;
  if (!scene.was.tasks.has(who) && operation.op !== 'pool')
    return say`There is no such process any more, so nothing happens (${code('ESRCH')}).`;
  return together(TELLERS[operation.op](new Tale(scene, operation)));
}

function startSentence(scene: Scene): Sentence {
  const n = scene.run.length;
  const mm = scene.now.tasks.get(0)?.mm;
  if (n === 0) return say`A process has just started. Issue an operation, and it is carried out here.`;
  return say`A process has just started, with ${String(mm?.map_count ?? 0)} areas. Nothing of the scenario has run yet: ${n === 1 ? 'one operation is' : `${n} operations are`} to come.`;
}

/** What event `index` of the operation says. */
function eventSentence(scene: Scene, index: number): Sentence {
  const { recording } = scene;
  if (index >= recording.kept)
    return say`The operation goes on: step ${String(index + 1)} of ${String(recording.total)}.`;
  const event = recording.event(index);
  const naming = namingOf(scene);
  const area = (id: number): SentencePart => {
    const vma = naming.vma(id);
    if (vma === null) return { kind: 'plain', text: 'an area' };
    const title = titleOf(scene, vma, scene.k);
    return { kind: 'area', text: title.name, slot: title.slot, ref: `area:${id}` };
  };
  const text = textOfEvent(event, naming);
  switch (event.kind) {
    case Ev.Enter:
      return say`The kernel enters ${code(text.code)}, ${code(routineFile(event.a))}.`;
    case Ev.Leave:
      return say`The kernel leaves ${code(routineName(event.a))}.`;
    case Ev.TableLoad:
      return event.c === 0
        ? say`At ${site(event.a)} the core loads ${code(text.code)} of ${area(event.b)}: it is NULL.`
        : say`At ${site(event.a)} the core loads ${code(text.code)} of ${area(event.b)}: it points to ${code(tableName(event.c))}.`;
    case Ev.NullTest:
      return say`The core tests the pointer against NULL: ${event.c === 1 ? 'it is' : 'it is not'}.`;
    case Ev.MemberLoad:
      return event.c === 0
        ? say`The table leaves out ${site(event.a)}, so there is nothing to call.`
        : say`The table has its own ${site(event.a)}.`;
    case Ev.FlagTest:
      return say`At ${site(event.a)} the core tests ${code('VM_HUGETLB')} of ${area(event.b)}: it is ${event.c === 1 ? 'set' : 'not set'}.`;
    case Ev.FileTest:
      return say`The bit cannot tell the two kinds apart: the core asks whether ${area(event.b)} is the device’s. It ${event.c === 1 ? 'is' : 'is not'}.`;
    case Ev.LevelLook:
      return say`The generic walk looks at the level of a leaf of ${area(event.b)}: ${code(text.note)}.`;
    case Ev.IndexLoad:
      return say`The core looks up number ${String(event.c)} of ${area(event.b)} in its fixed table.`;
    case Ev.IndirectCall:
      return say`The routine is called through the pointer: ${code(text.code)}.`;
    case Ev.DirectCall:
      return say`The core calls ${code(text.code)} by its name.`;
    case Ev.GenericWay:
      return say`At ${site(event.a)} ${area(event.b)} goes the generic way.`;
    case Ev.Decide:
      return say`Why: ${REASON_TEXT[REASONS[event.a]!] ?? ''}.`;
    case Ev.Fault:
      return say`The processor finds no entry that allows this ${event.c !== 0 ? 'write' : 'read'} at ${code(`0x${event.b.toString(16)}`)} and faults.`;
    case Ev.TlbFlush:
      return say`Old translations of ${code(text.note)} are flushed from the translation cache.`;
    case Ev.Pool:
      return say`The pool's counters are now: ${code(text.note)}.`;
    case Ev.VmaLink:
      return say`A new area stands at ${code(text.code.slice(9))}: ${area(event.b)}.`;
    case Ev.VmaUnlink:
      return say`The area ${area(event.b)} is taken out of the list.`;
    case Ev.VmaSplit:
      return say`The area ${area(event.b)} is split at ${code(`0x${event.d.toString(16)}`)}.`;
    case Ev.VmaMerge:
      return say`${area(event.b)} takes its neighbour in and is one area now: ${code(text.note)}.`;
    case Ev.VmaResize:
      return say`${area(event.b)} now reaches over ${code(text.note)}.`;
    case Ev.VmaFlags:
      return say`The flags of ${area(event.b)} change: ${code(text.note)}.`;
    case Ev.TableAlloc:
      return say`A ${LEVEL_NAME[event.b as 1]} table was missing and is made, ${text.note}.`;
    case Ev.TableFree:
      return say`The ${LEVEL_NAME[event.b as 1]} table has nothing left in it and is freed.`;
    case Ev.EntrySet:
      return say`The ${text.code} is set: ${code(text.note)}.`;
    case Ev.EntryClear:
      return say`The ${text.code} is cleared.`;
    case Ev.FrameAlloc:
      return say`A page is taken from physical memory: ${code(text.note)}.`;
    case Ev.FrameFree:
      return say`Nobody holds the page any more: ${code(text.note)} is free again.`;
    case Ev.FrameZero:
      return say`The page is cleared, so that nobody sees what was in it: ${code(text.note)}.`;
    case Ev.FrameCopy:
      return say`The page is copied: ${code(text.note)}.`;
    case Ev.Fork:
      return say`${naming.process(event.b)} is born from ${naming.process(event.a)}.`;
    default:
      return text.note === '' ? say`${capital(text.code)}.` : say`${capital(text.code)}: ${text.note}.`;
  }
}

const capital = (s: string): string => (s === '' ? s : s[0]!.toUpperCase() + s.slice(1));
const site = (n: number): SentencePart => code(SITES[n] ?? '');
