/** What the command line reads and prints. Both come from outside: files are read up to a limit, and terminals hear no commands. */
import { readFileSync } from 'node:fs';
import { constants, gunzipSync } from 'node:zlib';
import { IMPORTED } from '../scenario/limits';

/** A file that cannot be taken: told in one line. */
export class FileTrouble extends Error {}

const CODES: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder: name the files in it',
  EACCES: 'it may not be read: check its permissions',
  EIO: 'the disk could not read it',
  Z_DATA_ERROR: 'it is no gzip file, or was damaged: unpack it by hand (gunzip -t says more)',
  Z_BUF_ERROR: 'it was cut short: its end is missing',
};

function troubleWith(file: string, error: unknown): FileTrouble {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const why = Object.hasOwn(CODES, code) ? CODES[code] : `it could not be read (${code || String(error)})`;
  return new FileTrouble(`${file}: ${why}.`);
}

/** A file's text; `-` is what comes in, and what gzip packed is unpacked. Throws `FileTrouble`. */
export function textOf(file: string, most = IMPORTED.bytes): string {
  const tooLarge = (): FileTrouble =>
    new FileTrouble(`${file}: it is larger than ${most / 2 ** 20} MiB (unpacked), the most that is read.`);
  try {
    const bytes = readFileSync(file === '-' ? 0 : file);
    const packed = file.endsWith('.gz') || (bytes[0] === 0x1f && bytes[1] === 0x8b);
    const plain = packed ? gunzipSync(bytes, { maxOutputLength: most, finishFlush: constants.Z_FINISH }) : bytes;
    if (plain.length > most) throw tooLarge();
    return new TextDecoder().decode(plain);
  } catch (error) {
    if (error instanceof FileTrouble) throw error;
    const code = error instanceof Error && 'code' in error ? error.code : '';
    throw code === 'ERR_BUFFER_TOO_LARGE' ? tooLarge() : troubleWith(file, error);
  }
}

/** Characters by which a terminal is commanded, or the order of the others is turned round. */
const COMMANDS = /[\p{Cc}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** A text in which every such character but line ends and tabs is shown as `\x1b` or `\u202e`. */
const plain = (text: string): string =>
  text.replace(COMMANDS, (c) => {
    if (c === '\n' || c === '\t') return c;
    const code = c.charCodeAt(0).toString(16);
    return code.length <= 2 ? `\\x${code.padStart(2, '0')}` : `\\u${code.padStart(4, '0')}`;
  });

/** Prints a line. */
export const say = (text: string): void => void process.stdout.write(`${plain(text)}\n`);
/** Tells what is wrong. */
export const warn = (text: string): void => void process.stderr.write(`${plain(text)}\n`);
/** Prints a scenario: as it is, but not to a terminal. */
export const put = (text: string): void => void process.stdout.write(process.stdout.isTTY ? plain(text) : text);
