/**
 * A sentence is taken apart into claims, each of which is held against the state. Whatever is not a known claim, or does not
 * hold, is returned in words: so a word that is swapped is either a claim that nobody knows or one that is false.
 */
import type { Sentence } from '../../../../src/history/picture';

/** One thing that sentences say. `T` is what it is held against. */
export interface Claim<T> {
  readonly says: string;
  readonly pattern: RegExp;
  /** Whether it is so; what the pattern captures follows. */
  readonly holds: (facts: T, ...captured: string[]) => boolean;
  /** How often it was said and held. */
  used: number;
}

const AREA = '‹(\\d+):([^›]*)›';
const HEX = '0x([0-9a-f]+)';
const SIZE = '(\\d+[KMGTP]?)';
const WORDS: Readonly<Record<string, string>> = { AREA, HEX, SIZE, N: '(\\d+)', ERRNO: '([A-Z]+)' };

/**
 * A claim as the sentence has it, with AREA, HEX, SIZE, N and ERRNO for what varies, `(a|b)` for alternatives, `{…}` for
 * what may be missing, and ⟨ ⟩ for parentheses.
 */
export function claim<T>(says: string, holds: Claim<T>['holds']): Claim<T> {
  const escaped = says.replace(/[.*+?^$[\]\\]/g, '\\$&');
  const filled = escaped
    .replace(/\{([^}]*)\}/g, '(?:$1)?')
    .replaceAll('⟨', '\\(')
    .replaceAll('⟩', '\\)')
    .replace(/\b(AREA|HEX|SIZE|N|ERRNO)\b/g, (word) => WORDS[word]!);
  return { says, pattern: new RegExp(filled, 'y'), holds, used: 0 };
}

/** The sentence as text, areas as `‹id:name›`. */
export const spelled = (sentence: Sentence): string =>
  sentence.map((part) => (part.kind === 'area' ? `‹${part.ref?.slice(5) ?? ''}:${part.text}›` : part.text)).join('');

/** What is wrong with a sentence made of these claims, one after the other with a space between; empty where nothing is. */
export function judge<T>(sentence: Sentence, claims: readonly Claim<T>[], facts: T): string[] {
  const text = spelled(sentence);
  const wrong: string[] = [];
  let at = 0;
  while (at < text.length) {
    let best: { claim: Claim<T>; found: RegExpExecArray } | null = null;
    for (const claim of claims) {
      claim.pattern.lastIndex = at;
      const found = claim.pattern.exec(text);
      if (found !== null && (best === null || found[0].length > best.found[0].length)) best = { claim, found };
    }
    if (best === null) return [...wrong, `nobody can tell whether this is so: “${text.slice(at)}”`];
    const [whole, ...captured] = best.found;
    if (best.claim.holds(facts, ...captured)) best.claim.used++;
    else wrong.push(`this is not so: “${whole}”`);
    at += whole.length;
    if (at < text.length && text[at] !== ' ') return [...wrong, `something is missing before “${text.slice(at)}”`];
    if (at < text.length) at++;
  }
  return wrong;
}
