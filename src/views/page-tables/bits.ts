/** Entry bits and addresses in words. */
import { hex, PAGE_SIZE, PGDIR_SIZE, PMD_SIZE, PUD_SIZE } from '../../base/units';
import type { EntryRun, Level } from '../../history/picture';

export const LEVEL_NAME = ['', 'PTE', 'PMD', 'PUD', 'PGD'] as const;

/** Bytes that one entry of a table of this level covers. */
export const ENTRY_BYTES = [0, PAGE_SIZE, PMD_SIZE, PUD_SIZE, PGDIR_SIZE] as const;

const WORDS: Readonly<Record<string, string>> = {
  P: 'present',
  W: 'writable',
  A: 'accessed',
  D: 'dirty',
  S: 'huge',
  N: 'no access',
  Z: 'not counted',
};

/** `PWAD` as words; an entry that may not be written says so. */
export function bitWords(bits: string): string[] {
  const words = Array.from(bits, (letter) => WORDS[letter] ?? letter);
  if (bits.includes('P') && !bits.includes('W')) words.splice(1, 0, 'read-only');
  return words;
}

/** The parts of an address as the walk uses them, from the top down to a leaf of `level`. */
export function takenApart(address: number, level: Level): { name: string; value: string }[] {
  const parts: { name: string; value: string }[] = [];
  for (let at = 4; at >= level; at--)
    parts.push({ name: LEVEL_NAME[at]!, value: String(Math.floor(address / ENTRY_BYTES[at]!) % 512) });
  const offset = address % ENTRY_BYTES[level]!;
  parts.push({ name: 'offset', value: offset === 0 ? '0' : `0x${hex(offset)}` });
  return parts;
}

/** Size of the page that a leaf of this level maps. */
export const leafText = (level: Level): string =>
  level === 1 ? '4K' : level === 2 ? '2M' : level === 3 ? '1G' : '512G';

/** `[444]`, or `[440–447]` for several. */
export const indexText = (run: Pick<EntryRun, 'from' | 'to'>): string =>
  run.to - run.from === 1 ? `[${run.from}]` : `[${run.from}–${run.to - 1}]`;
