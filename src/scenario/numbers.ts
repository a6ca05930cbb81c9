/** Numbers as they are written: decimal, `0x` hexadecimal, octal with a leading 0 as in C, and sizes `4K`, `2M`, `1GiB`. */

const UNIT: Readonly<Record<string, number>> = {
  K: 2 ** 10,
  M: 2 ** 20,
  G: 2 ** 30,
  T: 2 ** 40,
  P: 2 ** 50,
};
const NUMBER = /^(?:(0x[0-9a-fA-F]+)|(0[0-7]+)|(\d+)(?:([KMGTP])(?:i?B)?)?)$/;
/** What a 64-bit word cannot hold. Doubles round the last values below it up to it. */
const TOO_LARGE = 2 ** 64;

/** The value of an unsigned number, or undefined where the text is none or needs more than 64 bits. */
export function parseNumber(text: string): number | undefined {
  if (text.length > 40) return undefined;
  const found = NUMBER.exec(text);
  if (!found) return undefined;
  const [, hexadecimal, octal, decimal, unit] = found;
  let value: number;
  if (hexadecimal !== undefined) value = Number(hexadecimal);
  else if (octal !== undefined) value = Number.parseInt(octal, 8);
  else value = Number(decimal) * (unit === undefined ? 1 : UNIT[unit]);
  return value <= TOO_LARGE ? value : undefined;
}
