/** How much is taken in, so that nothing from outside can stop the page. What is larger is refused with the reason. */

export interface Limits {
  /** Bytes of text, UTF-8. */
  readonly bytes: number;
  /** Calls in one scenario. */
  readonly operations: number;
}

/** Scenarios that somebody writes, or that come in a link. */
export const WRITTEN: Limits = { bytes: 256 * 1024, operations: 200_000 };
/** Scenarios that were made from a trace. */
export const IMPORTED: Limits = { bytes: 64 * 1024 * 1024, operations: 200_000 };

/** Characters of a name. */
export const NAME_LENGTH = 64;
/** Characters of a path or of a file's name in quotes. */
export const TEXT_LENGTH = 4096;
/** Choices of one question. */
export const CHOICES = 12;
/** Touches by one `read`, `write` or `touch`: 64 GiB by 4 KiB pages. */
export const TOUCHES = 16 * 1024 * 1024;
/** Bytes of all files of a head together: every page of them is in memory from the start. */
export const FILES_BYTES = 4 * 2 ** 30;
/** Errors told at once. */
export const DIAGNOSTICS = 10;

/** Bytes of a text in UTF-8; a lone half of a pair counts as its replacement. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    bytes++;
    if (unit < 0x800) continue;
    bytes++;
    const next = text.charCodeAt(i + 1);
    if (unit >= 0xd800 && unit < 0xdc00 && next >= 0xdc00 && next < 0xe000) {
      // Two units make four bytes: one each is counted, two more now.
      i++;
    }
  }
  return bytes;
}
