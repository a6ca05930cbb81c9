/**
 * The phases of an operation: what the kernel did in three to eight steps, between the one line of the scenario and its
 * hundreds of events. They are cut from the recorded events alone, so every design and every path has its own.
 */
import { hex, sizeText } from '../../base/units';
import { errnoName } from '../../engine/errno';
import { SITES } from '../../engine/designs/sites';
import { Ev } from '../../engine/events';
import { R, WHY } from '../../engine/routines';
import { signalName, textOfEvent } from '../event-text';
import type { Asked, Phase, Refusal, Sentence, SentencePart } from '../picture';
import { titleOf } from '../pictures/look';
import { namingOf } from '../pictures/path';
import type { PoolFigures, Recording } from '../recording';
import type { Scene } from '../run';
import { code, say } from '../sentences/say';
import { isRefused } from '../source';
import { cut, type Piece } from './cut';
import { tallyOf, type Tally } from './tally';
import { tellPhase, type Telling } from './tell';

/** Phases that an operation has at least: where nothing was recorded, the call and its end are told all the same. */
const FEWEST = 3;

export function phasesOf(scene: Scene): Phase[] {
  const { k, recording, run } = scene;
  if (k === 0 || isRefused(run.log.operation(k - 1))) return [];
  const telling = tellingOf(scene);
  let pool = recording.pool;
  const earlier: Tally[] = [];
  const phases = cut(recording).map((piece) => {
    let tally = tallyOf(scene, piece.from, piece.to, pool);
    if (piece.to > recording.kept && piece.kind !== 'end') tally = beyondKept(tally, [...earlier], recording);
    earlier.push(tally);
    pool = poolAfter(tally);
    return phaseOf(scene, piece, tally, telling);
  });
  return phases.length >= FEWEST ? phases : [...opening(scene, FEWEST - phases.length), ...phases];
}

/** A stretch of which not every event was kept: what was counted of all, less what came before it. */
const beyondKept = (tally: Tally, earlier: readonly Tally[], recording: Recording): Tally => ({
  ...tally,
  count: (kind) => recording.count(kind) - earlier.reduce((sum, one) => sum + one.count(kind), 0),
});

/** The phase in which a moment after `event` events stands. */
export function phaseAt(phases: readonly Phase[], event: number): number {
  const at = phases.findIndex(({ from, to }) => from < event && event <= to);
  return at < 0 ? phases.length - 1 : at;
}

function poolAfter(tally: Tally): PoolFigures {
  const last = tally.last(Ev.Pool);
  return last === null ? tally.poolBefore : { total: last.a, free: last.b, rsvd: last.c, surp: last.d };
}

function phaseOf(scene: Scene, { kind, from, to }: Piece, tally: Tally, telling: Telling): Phase {
  const asked = kind === 'ask' ? askedIn(scene, from, to, telling) : null;
  const refused = kind === 'refuse' ? refusalOf(scene, tally) : null;
  const sentence = kind === 'end' ? ended(scene) : tellPhase(kind, tally, telling, asked, refused);
  return { kind, sentence, from, to, refs: tally.refs, range: tally.range, asked, refused };
}

/** Areas by name, those too that come or went within the operation. */
function tellingOf(scene: Scene): Telling {
  const naming = namingOf(scene);
  const { recording, names, k } = scene;
  const linked = (id: number): SentencePart => {
    for (let i = 0; i < recording.kept; i++) {
      if (recording.kind(i) !== Ev.VmaLink || recording.operand(i, 1) !== id) continue;
      const binding = names.lookup(recording.operand(i, 2), recording.operand(i, 0), k);
      if (binding !== null && binding.name !== '')
        return { kind: 'area', text: binding.name, slot: binding.slot, ref: `area:${id}` };
      break;
    }
    return { kind: 'plain', text: 'the new area' };
  };
  return {
    naming,
    area(id) {
      const vma = naming.vma(id);
      if (vma === null) return linked(id);
      const title = titleOf(scene, vma, k);
      const text = title.name === 'anon' || title.name === '' ? 'anonymous memory' : title.name;
      return { kind: 'area', text, slot: title.slot, ref: `area:${id}` };
    },
  };
}

/** What the design looked at in a stretch of questions, the last of them: it decided. */
function askedIn(scene: Scene, from: number, to: number, { naming }: Telling): Asked | null {
  const { recording } = scene;
  const { holder } = naming;
  const design = scene.now.design.name;
  let asked: Asked | null = null;
  let looked = '';
  for (let i = from; i < Math.min(to, recording.kept); i++) {
    const event = recording.event(i);
    const site = SITES[event.a] ?? '';
    switch (event.kind) {
      case Ev.TableLoad:
        looked = holder;
        break;
      case Ev.MemberLoad:
        looked = `${holder}->${site}`;
        break;
      case Ev.IndexLoad:
        looked = 'vma->pt_index';
        break;
      case Ev.FlagTest:
        looked = 'vma->vm_flags & VM_HUGETLB';
        asked = {
          design,
          site,
          looked,
          answer: event.c === 1 ? 'yes, it is set' : 'no, it is not set',
          special: false,
        };
        break;
      case Ev.FileTest:
        looked = 'the file behind it';
        asked = {
          design,
          site,
          looked,
          answer: event.c === 1 ? 'yes, the device' : 'no, not the device',
          special: false,
        };
        break;
      case Ev.GenericWay:
        asked = {
          design,
          site,
          looked: looked || 'nothing',
          answer: 'nothing special, so the generic way',
          special: false,
        };
        break;
      case Ev.IndirectCall:
      case Ev.DirectCall:
        return { design, site, looked: looked || 'nothing', answer: textOfEvent(event, naming).code, special: true };
      default:
    }
  }
  return asked;
}

/** What was compared where a request was refused. */
function refusalOf(scene: Scene, tally: Tally): Refusal {
  const place = placeAsked(scene);
  const { free, rsvd } = tally.poolBefore;
  const pool = tally.first(Ev.Decide);
  if (pool?.a === WHY.pool_exhausted) {
    const promise = lastAccount(scene);
    const wanted = promise ?? 1;
    const has = Math.max(0, free - rsvd);
    return { of: 'pool', wanted, has, says: `${wanted} wanted, ${has} free and promised to nobody`, place };
  }
  return { of: 'rule', wanted: 0, has: 0, says: '', place };
}

/** Pages that a promise was asked for, where one was. */
function lastAccount(scene: Scene): number | null {
  const { recording } = scene;
  for (let i = recording.kept - 1; i >= 0; i--)
    if (
      recording.kind(i) === Ev.Enter &&
      recording.operand(i, 0) === R.hugetlb_acct_memory &&
      recording.operand(i, 1) > 0
    )
      return recording.operand(i, 1);
  return null;
}

/** Where the thing asked for would have been: the gap that was found for it. */
function placeAsked(scene: Scene): Refusal['place'] {
  const { recording } = scene;
  for (let i = 0; i < recording.kept; i++) {
    if (recording.kind(i) === Ev.Enter && recording.operand(i, 0) === R.mmap_region) {
      const start = recording.operand(i, 1);
      return { start, end: start + recording.operand(i, 2) };
    }
  }
  return null;
}

/** What the call came to. */
function ended(scene: Scene): Sentence {
  const { run, k } = scene;
  const { ret, err, sig } = run.log.outcome(k - 1);
  const { op } = run.log.operation(k - 1) as { op: string };
  if (sig !== 0) return say`The process stops here with ${code(signalName(sig))}.`;
  if (err !== 0) return say`The call returns −1 with ${code(errnoName(err))}.`;
  if (op === 'read' || op === 'write') return say`The process goes on, as if nothing had happened.`;
  if (op === 'mmap' || op === 'mremap' || op === 'brk') return say`The call returns ${code(`0x${hex(ret)}`)}.`;
  return say`The call returns ${code(String(ret))}.`;
}

/** How an operation begins of which too few events are recorded: what was looked at, and what that came to. */
function opening(scene: Scene, n: number): Phase[] {
  const { run, k, was } = scene;
  const operation = run.log.operation(k - 1);
  if (isRefused(operation)) return [];
  const { op, who, args } = operation;
  const { err } = run.log.outcome(k - 1);
  const telling = tellingOf(scene);
  const address = args[0] ?? 0;
  const vma = was.tasks.get(who)?.mm.mm_mt.lookup(address) ?? null;
  const touch = op === 'read' || op === 'write';
  const named = vma === null ? say`${code(`0x${hex(address)}`)}` : say`${telling.area(vma.id)}`;
  const told: [Phase['kind'], Sentence][] = touch
    ? [
        [
          'lookup',
          say`The processor looks for ${code(`0x${hex(address)}`)} in the page tables itself: every level points on.`,
        ],
        ['map', say`The entry is there and allows the ${op}, so there is no fault.`],
      ]
    : [
        [
          'lookup',
          op === 'pool'
            ? say`A number is written to ${code('nr_hugepages')}.`
            : say`The call ${code(op)} is checked, argument by argument.`,
        ],
        ['end', err === 0 ? work(op, args, named) : say`Something in it does not hold, so nothing is changed.`],
      ];
  const range = touch ? { who, start: address, end: address + 1 } : null;
  const refs = vma === null ? [] : [`area:${vma.id}` as const];
  return told
    .slice(0, n)
    .map(([kind, sentence]) => ({ kind, sentence, from: 0, to: 0, refs, range, asked: null, refused: null }));
}

/** What an operation does that changes no page and no entry. */
function work(op: string, args: readonly number[], named: Sentence): Sentence {
  switch (op) {
    case 'open':
    case 'memfd':
      return say`The file is found or made, and a free descriptor points to it.`;
    case 'close':
      return say`The descriptor is free again; mappings of the file stay.`;
    case 'ftruncate':
      return say`The file is ${sizeText(args[1] ?? 0)} long now, and no page of it had to go.`;
    case 'mincore':
      return say`For every page of ${named} one byte says whether it is in memory.`;
    case 'pool':
      return say`The pool's fixed size is set.`;
    default:
      return say`Nothing of ${named} has to change.`;
  }
}
