/** Sizes and addresses, as numbers and as the kernel's text. Addresses are byte addresses in a double: exact for every
 * page-aligned 64-bit address and for every byte of user space. */

export const PAGE_SIZE = 4096;
export const PMD_SIZE = 0x200000;
export const PUD_SIZE = 0x40000000;
export const PGDIR_SIZE = 0x8000000000;
/** Base pages in a 2 MiB page. */
export const HPAGE_PMD_NR = 512;
/** First address that user space cannot use (x86-64, four levels). Linux: `TASK_SIZE_MAX`. */
export const TASK_SIZE = 0x7ffffffff000;

/** Rounds down to a multiple of `unit`, a power of two. (A division by one is exact; `%` of large numbers is slow.) */
export const roundDown = (x: number, unit: number): number => Math.floor(x / unit) * unit;
/** Rounds up to a multiple of `unit`, a power of two. */
export const roundUp = (x: number, unit: number): number => Math.ceil(x / unit) * unit;
/** Whether `x` is a multiple of `unit`, a power of two. */
export const isAligned = (x: number, unit: number): boolean => Math.floor(x / unit) * unit === x;
/** Bytes to base pages, rounding down. */
export const pages = (bytes: number): number => Math.floor(bytes / PAGE_SIZE);

/** Lower-case hexadecimal without a prefix, as in `/proc/PID/maps`. Exact for page-aligned addresses up to 2^64. */
export const hex = (address: number): string =>
  Number.isSafeInteger(address) ? address.toString(16) : BigInt(address).toString(16);

/** A count as the kernel prints an unsigned long: below 0 it has wrapped, −1 is 18446744073709551615. */
export const ulongText = (count: number): string =>
  count < 0 ? BigInt.asUintN(64, BigInt(count)).toString() : String(count);

const UNITS = ['', 'K', 'M', 'G', 'T', 'P'] as const;
/** The shortest exact text of a size in bytes: `4K`, `2M`, `1G`, `4097`. */
export function sizeText(bytes: number): string {
  if (bytes === 0) return '0';
  let unit = 0;
  while (unit < UNITS.length - 1 && bytes % 1024 === 0) {
    bytes /= 1024;
    unit++;
  }
  return `${bytes}${UNITS[unit]}`;
}
