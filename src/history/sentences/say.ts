/** Making sentences in parts, and what the sentences about an operation are told from. */
import { sizeText, ulongText } from '../../base/units';
import { errnoName } from '../../engine/errno';
import type { Operation, Outcome } from '../../engine/operation';
import { WHY, type Reason } from '../../engine/routines';
import type { vm_area_struct } from '../../engine/mm/mm_types';
import type { Sentence, SentencePart } from '../picture';
import { mmOf, titleOf } from '../pictures/look';
import type { Scene } from '../run';

export type Piece = string | SentencePart | Sentence;

const isSentence = (piece: Piece): piece is Sentence => Array.isArray(piece);

/** A sentence from text and parts: say`The write to ${area} fails.` Empty pieces vanish. */
export function say(texts: TemplateStringsArray, ...pieces: readonly Piece[]): Sentence {
  const parts: SentencePart[] = [];
  texts.forEach((text, i) => {
    put(parts, text);
    const piece = pieces[i];
    if (piece === undefined) return;
    if (typeof piece === 'string') put(parts, piece);
    else if (isSentence(piece)) parts.push(...piece);
    else parts.push(piece);
  });
  return parts;
}

function put(parts: SentencePart[], text: string): void {
  if (text !== '') parts.push({ kind: 'plain', text });
}

/** Sentences one after the other, the empty ones left out; neighbouring plain parts become one. */
export function together(...sentences: readonly Sentence[]): Sentence {
  const parts: SentencePart[] = [];
  for (const sentence of sentences) {
    if (sentence.length === 0) continue;
    if (parts.length > 0) parts.push({ kind: 'plain', text: ' ' });
    parts.push(...sentence);
  }
  return joinPlain(parts);
}

function joinPlain(parts: readonly SentencePart[]): Sentence {
  const out: SentencePart[] = [];
  for (const part of parts) {
    const last = out[out.length - 1];
    if (part.kind === 'plain' && last?.kind === 'plain')
      out[out.length - 1] = { kind: 'plain', text: last.text + part.text };
    else out.push(part);
  }
  return out;
}

export const NOTHING: Sentence = [];
export const code = (text: string): SentencePart => ({ kind: 'code', text });
export const number = (n: number): SentencePart => ({ kind: 'number', text: ulongText(n) });

/** `1 page`, `4 pages`. */
export const plural = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`;
export const size = (bytes: number): string => sizeText(bytes);

/** `HugePages_Free 7 → 6`, empty where it did not move. */
export function moved(name: string, was: number, now: number): Sentence {
  return was === now
    ? NOTHING
    : say`${code(name)} ${was < now ? 'rises' : 'falls'} from ${number(was)} to ${number(now)}`;
}

/** Several clauses as a list: `a, b and c`. */
export function list(clauses: readonly Sentence[]): Sentence {
  const said = clauses.filter((c) => c.length > 0);
  const parts: SentencePart[] = [];
  said.forEach((clause, i) => {
    if (i > 0) parts.push({ kind: 'plain', text: i === said.length - 1 ? ' and ' : ', ' });
    parts.push(...clause);
  });
  return parts;
}

/** What a sentence about operation k is told from. */
export class Tale {
  readonly operation: Operation;
  readonly outcome: Outcome;

  constructor(
    readonly scene: Scene,
    operation: Operation,
  ) {
    this.operation = operation;
    this.outcome = scene.run.log.outcome(scene.k - 1);
  }

  get errno(): string {
    return errnoName(this.outcome.err);
  }

  /** Argument n, 0 where it is missing. */
  arg(n: number): number {
    return this.operation.args[n] ?? 0;
  }

  gave(reason: Reason): boolean {
    return this.scene.recording.gave(WHY[reason]);
  }

  /** The area at an address after the operation, or before it. */
  areaAt(address: number, before = false): vm_area_struct | null {
    const m = before ? this.scene.was : this.scene.now;
    return mmOf(m, this.operation.who)?.mm_mt.lookup(address) ?? null;
  }

  /** The area's name with its colour; before the operation where it is gone after it. */
  named(vma: vm_area_struct | null, before = false): SentencePart {
    if (vma === null) return { kind: 'plain', text: 'unmapped memory' };
    const title = titleOf(this.scene, vma, before ? this.scene.k - 1 : this.scene.k);
    const text = title.name === 'anon' || title.name === '' ? 'anonymous memory' : title.name;
    return { kind: 'area', text, slot: title.slot, ref: `area:${vma.id}` };
  }

  /** Whoever holds the address, now or before. */
  at(address: number): SentencePart {
    const vma = this.areaAt(address);
    return vma === null ? this.named(this.areaAt(address, true), true) : this.named(vma);
  }

  process(who: number): string {
    return this.scene.names.processName(who);
  }

  /** The pool's counters that moved. */
  pool(): Sentence {
    const { was, now } = this.scene;
    const a = was.hstate;
    const b = now.hstate;
    return list([
      moved('HugePages_Total', a.nr_huge_pages, b.nr_huge_pages),
      moved('HugePages_Free', a.free_huge_pages, b.free_huge_pages),
      moved('HugePages_Rsvd', a.resv_huge_pages, b.resv_huge_pages),
      moved('HugePages_Surp', a.surplus_huge_pages, b.surplus_huge_pages),
    ]);
  }
}
