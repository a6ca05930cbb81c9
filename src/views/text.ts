/**
 * How wide text will be, without a browser: layouts are pure, and must know what fits.
 *
 * Advance widths of the page's two faces in thousandths of an em, for the characters from space to `~`; a character that
 * is not listed counts as one em. IBM Plex Mono is 600 throughout.
 */
import { sizeText, ulongText } from '../base/units';

export type Face = 'sans' | 'bold' | 'mono';

const SANS = [
  236, 284, 419, 713, 598, 927, 694, 242, 335, 335, 450, 600, 272, 399, 272, 383, 600, 600, 600, 600, 600, 600, 600,
  600, 600, 600, 292, 292, 600, 600, 600, 477, 891, 641, 653, 621, 671, 583, 559, 695, 707, 400, 510, 634, 501, 812,
  707, 708, 606, 708, 640, 581, 572, 678, 609, 891, 613, 593, 580, 317, 383, 317, 600, 565, 600, 534, 580, 503, 580,
  549, 324, 528, 568, 250, 250, 527, 272, 873, 568, 560, 580, 580, 367, 487, 351, 568, 492, 768, 507, 499, 464, 343,
  314, 343, 600,
];
const BOLD = [
  236, 309, 471, 656, 600, 960, 713, 260, 337, 337, 556, 600, 299, 402, 299, 437, 600, 600, 600, 600, 600, 600, 600,
  600, 600, 600, 319, 319, 600, 600, 600, 493, 899, 672, 663, 642, 689, 600, 577, 712, 719, 423, 545, 678, 521, 817,
  719, 712, 641, 712, 664, 611, 580, 689, 638, 949, 655, 632, 599, 329, 437, 329, 600, 559, 600, 559, 600, 513, 600,
  558, 350, 545, 588, 275, 275, 562, 294, 888, 588, 563, 600, 600, 393, 499, 374, 588, 524, 819, 544, 524, 502, 363,
  376, 363, 600,
];
const OTHER: Readonly<Record<string, number>> = {
  '·': 349,
  '–': 588,
  '…': 869,
  '×': 600,
  '→': 1000,
  '−': 600,
  '≥': 600,
};

/** Width in pixels of `text` set in `face` at `size` pixels. Exact for Latin text, but for kerning. */
export function textWidth(text: string, size: number, face: Face = 'sans'): number {
  if (face === 'mono') return Array.from(text).length * size * 0.6;
  const widths = face === 'bold' ? BOLD : SANS;
  let sum = 0;
  for (const character of text) sum += widths[character.charCodeAt(0) - 32] ?? OTHER[character] ?? 1000;
  return (sum * size) / 1000;
}

/** The longest of `candidates` (given longest first) that fits into `room` pixels; `''` where none does. */
export function firstThatFits(candidates: readonly string[], room: number, size: number, face: Face = 'sans'): string {
  return candidates.find((text) => textWidth(text, size, face) <= room) ?? '';
}

/** `text`, cut at its end with `…` so that it fits into `room` pixels; `''` where not even two characters would. */
export function cutEnd(text: string, room: number, size: number, face: Face = 'sans'): string {
  if (textWidth(text, size, face) <= room) return text;
  let kept = Array.from(text);
  while (kept.length > 1) {
    kept = kept.slice(0, -1);
    const cut = kept.join('').trimEnd() + '…';
    if (kept.length > 1 && textWidth(cut, size, face) <= room) return cut;
  }
  return '';
}

/** `text` with its middle replaced by `…` so that it fits: what a path or an address is known by stands at both ends. */
export function cutMiddle(text: string, room: number, size: number, face: Face = 'sans'): string {
  if (textWidth(text, size, face) <= room) return text;
  const characters = Array.from(text);
  for (let kept = characters.length - 1; kept >= 4; kept--) {
    const head = Math.ceil(kept / 2);
    const cut = characters.slice(0, head).join('') + '…' + characters.slice(characters.length - (kept - head)).join('');
    if (textWidth(cut, size, face) <= room) return cut;
  }
  return '';
}

/** `a+2M`: a place within what is called `name` and begins at `base`. */
export const offsetText = (name: string, address: number, base: number): string =>
  address < base ? name : `${name}+${sizeText(address - base)}`;

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** A size for people: at most three figures, rounded: `132 KiB`, `1.9 MiB`, `127 TiB`. */
export function roundSize(bytes: number): string {
  let unit = 0;
  while (bytes >= 1024 && unit < UNITS.length - 1) {
    bytes /= 1024;
    unit++;
  }
  const figures = bytes >= 10 || Number.isInteger(bytes) ? Math.round(bytes) : Math.round(bytes * 10) / 10;
  return `${figures} ${UNITS[unit]}`;
}

/** A count with thin groups of three: `262 144`. */
export function grouped(count: number): string {
  const digits = ulongText(count);
  let text = digits.slice(0, digits.length % 3 || 3);
  for (let i = text.length; i < digits.length; i += 3) text += `\u202f${digits.slice(i, i + 3)}`;
  return text;
}
