/** Bytes and small numbers in the characters that every chat and mail leaves alone: `A–Z a–z 0–9 - _`. */

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const VALUE = new Map(ALPHABET.split('').map((c, i) => [c, i]));

export function toBase64(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i;
    const group = (bytes[i] << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    text += ALPHABET[group >> 18] + ALPHABET[(group >> 12) & 63];
    if (left > 1) text += ALPHABET[(group >> 6) & 63];
    if (left > 2) text += ALPHABET[group & 63];
  }
  return text;
}

/** The bytes, or undefined where a character is none of the alphabet. Bits that make no whole byte are dropped. */
export function fromBase64(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(Math.floor((text.length * 6) / 8));
  let bits = 0;
  let held = 0;
  let at = 0;
  for (const c of text) {
    const value = VALUE.get(c);
    if (value === undefined) return undefined;
    held = ((held << 6) | value) & 0xffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = (held >> bits) & 255;
    }
  }
  return bytes;
}

/** A number below 64^digits in just that many characters. */
export function toDigits(value: number, digits: number): string {
  let text = '';
  for (let i = 0; i < digits; i++) {
    text = ALPHABET[value % 64] + text;
    value = Math.floor(value / 64);
  }
  return text;
}

/** The number, or undefined where a character is none of the alphabet. */
export function fromDigits(text: string): number | undefined {
  let value = 0;
  for (const c of text) {
    const digit = VALUE.get(c);
    if (digit === undefined) return undefined;
    value = value * 64 + digit;
  }
  return value;
}
