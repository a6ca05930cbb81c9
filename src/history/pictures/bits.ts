/** The flags of an entry as letters. */
import {
  _PAGE_ACCESSED,
  _PAGE_DIRTY,
  _PAGE_PRESENT,
  _PAGE_PROTNONE,
  _PAGE_PSE,
  _PAGE_RW,
  _PAGE_SPECIAL,
} from '../../engine/mm/pgtable';

const LETTERS: readonly (readonly [number, string])[] = [
  [_PAGE_PRESENT, 'P'],
  [_PAGE_RW, 'W'],
  [_PAGE_ACCESSED, 'A'],
  [_PAGE_DIRTY, 'D'],
  [_PAGE_PSE, 'S'],
  [_PAGE_PROTNONE, 'N'],
  [_PAGE_SPECIAL, 'Z'],
];

export function bitsText(entry: number): string {
  let text = '';
  for (const [bit, letter] of LETTERS) if ((entry & bit) !== 0) text += letter;
  return text;
}
