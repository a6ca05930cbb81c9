/** Cuts the events of one operation into phases: stretches of one kind, eight at most. */
import { Ev } from '../../engine/events';
import { REASONS, ROUTINES, type Reason, type Routine } from '../../engine/routines';
import type { PhaseKind } from '../picture';
import type { Recording } from '../recording';

/** Events `from` to `to`, half-open, of one kind. */
export interface Piece {
  readonly kind: PhaseKind;
  readonly from: number;
  readonly to: number;
}

/** Phases of an operation at most. */
const MOST_PHASES = 8;

const OF_EVENT: Partial<Record<Ev, PhaseKind>> = {
  [Ev.TableLoad]: 'ask',
  [Ev.NullTest]: 'ask',
  [Ev.MemberLoad]: 'ask',
  [Ev.FlagTest]: 'ask',
  [Ev.FileTest]: 'ask',
  [Ev.IndexLoad]: 'ask',
  [Ev.IndirectCall]: 'ask',
  [Ev.DirectCall]: 'ask',
  [Ev.GenericWay]: 'ask',
  [Ev.VmaLink]: 'area',
  [Ev.VmaUnlink]: 'area',
  [Ev.VmaSplit]: 'area',
  [Ev.VmaMerge]: 'area',
  [Ev.VmaResize]: 'area',
  [Ev.VmaFlags]: 'area',
  [Ev.TableAlloc]: 'walk',
  [Ev.TableShare]: 'walk',
  [Ev.TableFree]: 'fold',
  [Ev.TableUnshare]: 'unmap',
  [Ev.TableMove]: 'map',
  [Ev.EntrySet]: 'map',
  [Ev.EntryClear]: 'unmap',
  [Ev.FrameAlloc]: 'allocate',
  [Ev.FrameZero]: 'allocate',
  [Ev.FrameCopy]: 'copy',
  [Ev.FrameFree]: 'free',
  [Ev.CacheAdd]: 'allocate',
  [Ev.CacheDel]: 'free',
  [Ev.ReserveLost]: 'promise',
  [Ev.TlbFlush]: 'flush',
  [Ev.Fault]: 'lookup',
  [Ev.Signal]: 'signal',
  [Ev.Return]: 'end',
  [Ev.Fork]: 'process',
  [Ev.Exit]: 'process',
};

/** Routines that say by their name what begins; and what a movement of the pool within them is. */
const OF_ROUTINE: Partial<Record<Routine, PhaseKind>> = {
  do_user_addr_fault: 'lookup',
  get_unmapped_area: 'lookup',
  hugetlb_acct_memory: 'promise',
  hugetlb_reserve_pages: 'promise',
  alloc_hugetlb_folio: 'allocate',
  set_max_huge_pages: 'allocate',
  free_huge_folio: 'free',
  free_pgtables: 'fold',
  hugetlb_unreserve_pages: 'free',
};

/** Reasons for which a request ends. */
export const REFUSING = new Set<Reason>([
  'gap_not_found',
  'pool_exhausted',
  'beyond_file',
  'unmapped_by_owner',
  'stack_guard_gap',
  'over_limit',
  'access_denied',
  'no_mapping',
  'split_refused',
]);

/** Events that close or count what another one tells: they stay with it. */
const FOLLOWS = new Set([Ev.Leave, Ev.FrameGet, Ev.FramePut]);

/** The phases of a recording, ascending and adjoining, from its first event to its last. */
export function cut(recording: Recording): Piece[] {
  return few(stretches(recording), recording);
}

/** Stretches of one kind. An event without a kind of its own goes with what comes after it. */
function stretches(recording: Recording): Piece[] {
  const pieces: { kind: PhaseKind; from: number; to: number }[] = [];
  const open: (PhaseKind | null)[] = [];
  let waiting = -1;
  for (let i = 0; i < recording.kept; i++) {
    const event = recording.kind(i);
    let kind: PhaseKind | null = OF_EVENT[event] ?? null;
    if (event === Ev.Enter) {
      kind = OF_ROUTINE[ROUTINES[recording.operand(i, 0)]?.name as Routine] ?? null;
      open.push(kind);
    } else if (event === Ev.Leave) open.pop();
    else if (event === Ev.Pool) kind = open.findLast((one) => one !== null) ?? 'allocate';
    else if (event === Ev.Decide) {
      const reason = REASONS[recording.operand(i, 0)];
      if (reason !== undefined && REFUSING.has(reason)) kind = 'refuse';
      // A reason is part of what its routine is about; otherwise it tells of what comes next.
      else if (waiting < 0 && open.at(-1) === pieces.at(-1)?.kind) kind = open.at(-1)!;
    }
    const last = pieces.at(-1);
    if (kind === null) {
      if (FOLLOWS.has(event) && waiting < 0 && last !== undefined) last.to = i + 1;
      else if (waiting < 0) waiting = i;
      continue;
    }
    const from = waiting < 0 ? i : waiting;
    waiting = -1;
    if (last !== undefined && last.kind === kind) last.to = i + 1;
    else pieces.push({ kind, from, to: i + 1 });
  }
  const last = pieces.at(-1);
  if (last !== undefined) last.to = recording.kept;
  // What was not kept went on in the same way; the last event of all is the end of the call.
  if (recording.total > recording.kept) {
    pieces.push({ kind: 'again', from: recording.kept, to: recording.total - 1 });
    pieces.push({ kind: 'end', from: recording.total - 1, to: recording.total });
  }
  return pieces;
}

/** Whether the design answered with a driver's routine. */
function calls(recording: Recording, piece: Piece): boolean {
  if (piece.kind !== 'ask') return false;
  for (let i = piece.from; i < Math.min(piece.to, recording.kept); i++) {
    const kind = recording.kind(i);
    if (kind === Ev.IndirectCall || kind === Ev.DirectCall) return true;
  }
  return false;
}

const joined = (kind: PhaseKind, pieces: readonly Piece[]): Piece => ({
  kind,
  from: pieces[0]!.from,
  to: pieces.at(-1)!.to,
});

/** Joins pieces that are not worth a phase to the one after them, or before. */
function without(pieces: readonly Piece[], worthless: (piece: Piece, i: number) => boolean): Piece[] {
  const kept: Piece[] = [];
  let from = -1;
  const put = (piece: Piece): void => {
    const last = kept.at(-1);
    if (last?.kind === piece.kind) kept[kept.length - 1] = joined(piece.kind, [last, piece]);
    else kept.push(piece);
  };
  pieces.forEach((piece, i) => {
    const before = kept.at(-1);
    if (!worthless(piece, i)) {
      put(from < 0 ? piece : { ...piece, from });
      from = -1;
    } else if (piece.kind === 'flush' && before !== undefined && from < 0)
      kept[kept.length - 1] = { ...before, to: piece.to };
    else if (from < 0) from = piece.from;
  });
  return kept;
}

/** At most `MOST_PHASES`: questions that were told go first, then all rounds but the first are one. */
function few(pieces: readonly Piece[], recording: Recording): Piece[] {
  let quiet = [...pieces];
  const questions = (one: Piece): boolean => one.kind === 'ask';
  const worthless: ((piece: Piece, i: number) => boolean)[] = [
    // Where a driver's routine is called, the yes-or-no questions before and after tell little.
    (piece) => questions(piece) && !calls(recording, piece) && quiet.some((one) => calls(recording, one)),
    (piece, i) => questions(piece) && i > quiet.findIndex(questions),
    (piece) => piece.kind === 'flush',
  ];
  for (const one of worthless) {
    if (quiet.length <= MOST_PHASES) return quiet;
    quiet = without(quiet, one);
  }
  if (quiet.length <= MOST_PHASES) return quiet;
  quiet = [...pieces];
  // One round, with all its kinds.
  const seen = new Set<PhaseKind>();
  let round = 0;
  while (round < quiet.length && !seen.has(quiet[round]!.kind)) seen.add(quiet[round++]!.kind);
  // A driver's routine that is called in a later round only is worth its own phase.
  const early = quiet.slice(0, round).some((one) => calls(recording, one));
  const special = early
    ? -1
    : quiet.findIndex((piece, i) => i >= round && i < quiet.length - 3 && calls(recording, piece));
  const head = quiet.slice(0, Math.min(round, special < 0 ? 5 : 3));
  const tail = quiet.slice(-1);
  const rest = quiet.slice(head.length, -1);
  const at = special - head.length;
  const middle =
    special < 0
      ? [rest]
      : [rest.slice(0, at), [rest[at]!], [rest[at + 1]!], rest.slice(at + 2)].filter((one) => one.length > 0);
  return [
    ...head,
    ...middle.map((one) => (one.length === 1 ? one[0]! : joined(sameKind(one) ?? 'again', one))),
    ...tail,
  ];
}

const MOVING = new Set<PhaseKind>(['walk', 'unmap', 'map', 'flush']);

/** The kind that all pieces have beside questions, `map` where entries go from one place to another; null where they differ. */
function sameKind(pieces: readonly Piece[]): PhaseKind | null {
  const kinds = new Set(pieces.map((one) => one.kind).filter((kind) => kind !== 'ask'));
  if (kinds.size === 1) return [...kinds][0]!;
  return kinds.has('map') && kinds.has('unmap') && [...kinds].every((kind) => MOVING.has(kind)) ? 'map' : null;
}
