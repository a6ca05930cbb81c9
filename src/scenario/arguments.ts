/** Arguments and results of calls: reading them, each by what its parameter is. */
import type { CallShape, Parameter, ParameterKind, ResultKind } from './calls';
import { Trouble, type Cursor } from './cursor';
import { flagNames, flagValue, MADV, MAP, MFD, type FlagWord } from './flags';
import { parseNumber } from './numbers';
import type { Argument, Expected, Reference, Span } from './scenario';

/** What each name given so far stands for; null where that is not known. */
export type Names = Map<string, ResultKind | null>;

/** Signals that a touch can raise. */
export const SIGNALS: readonly string[] = ['SIGSEGV', 'SIGBUS', 'SIGKILL'];

/** Error names that an expectation can have: those of Linux that a call about memory or files can answer with. */
export const ERRNOS: readonly string[] = [
  'EPERM',
  'ENOENT',
  'ESRCH',
  'EINTR',
  'EIO',
  'EBADF',
  'ECHILD',
  'EAGAIN',
  'ENOMEM',
  'EACCES',
  'EFAULT',
  'EBUSY',
  'EEXIST',
  'ENODEV',
  'ENOTDIR',
  'EISDIR',
  'EINVAL',
  'ENFILE',
  'EMFILE',
  'ETXTBSY',
  'EFBIG',
  'ENOSPC',
  'ESPIPE',
  'EROFS',
  'ENAMETOOLONG',
  'ENOSYS',
  'EOVERFLOW',
  'EOPNOTSUPP',
];

export function parseArgument(cursor: Cursor, parameter: Parameter, names: Names): Argument {
  const { kind } = parameter;
  if (typeof kind === 'object') return readFlags(cursor, kind);
  if (kind !== 'text') return readExpression(cursor, kind, names);
  cursor.skipSpace();
  const from = cursor.at;
  const text = cursor.quoted();
  if (text === '') throw new Trouble(cursor.span(from), 'wrong-value', `The ${parameter.name} is empty.`, 'some text');
  if (/[\n\r\0]/.test(text))
    throw new Trouble(
      cursor.span(from),
      'wrong-value',
      `A ${parameter.name} cannot hold a line end.`,
      'one line of text',
    );
  return text;
}

const WANTED: Readonly<Record<Exclude<ParameterKind, FlagWord | 'text'>, string>> = {
  address: 'an address',
  size: 'a size',
  file: 'a file',
  count: 'a number',
  mode: 'an octal mode',
};

/** One of an expression's parts: a number, or a name with its sign. */
interface Sum {
  name: string;
  minus: string;
  offset: number;
}

/** A number, or a name with others added or taken away. */
export function readExpression(
  cursor: Cursor,
  kind: Exclude<ParameterKind, FlagWord | 'text'>,
  names: Names,
): number | Reference {
  cursor.skipSpace();
  const from = cursor.at;
  const sum: Sum = { name: '', minus: '', offset: 0 };
  for (let sign = cursor.take('-') ? -1 : 1; sign !== 0; sign = nextSign(cursor))
    readTerm(cursor, kind, names, sign < 0, sum);
  const span = cursor.span(from);
  if (!(Math.abs(sum.offset) <= 2 ** 64)) throw new Trouble(span, 'wrong-value', 'The number needs more than 64 bits.');
  if (sum.name === '') {
    if (sum.minus !== '') throw new Trouble(span, 'syntax', 'A name is taken away from nothing.', WANTED[kind]);
    return sum.offset;
  }
  if (kind === 'file' && (sum.minus !== '' || sum.offset !== 0))
    throw new Trouble(span, 'wrong-value', 'A file is a name alone.', 'a name that open was given');
  return sum;
}

/** 1 for `+`, −1 for `-`, 0 where no other term follows; `->` is an arrow. */
function nextSign(cursor: Cursor): number {
  cursor.skipSpace();
  if (cursor.text.startsWith('->', cursor.at)) return 0;
  return cursor.take('+') ? 1 : cursor.take('-') ? -1 : 0;
}

function readTerm(
  cursor: Cursor,
  kind: Exclude<ParameterKind, FlagWord | 'text'>,
  names: Names,
  negative: boolean,
  sum: Sum,
): void {
  cursor.skipSpace();
  const from = cursor.at;
  const word = cursor.word();
  if (word === '') {
    let product = readNumber(cursor, kind);
    while (cursor.take('*')) product *= readNumber(cursor, kind);
    sum.offset += negative ? -product : product;
    return;
  }
  if (word === 'NULL') {
    if (kind !== 'address') throw new Trouble(cursor.span(from), 'wrong-value', `NULL is an address.`, WANTED[kind]);
    return;
  }
  checkName(word, cursor.span(from), kind, names);
  const place = negative ? 'minus' : 'name';
  if (sum[place] !== '')
    throw new Trouble(cursor.span(from), 'syntax', 'Only one name can be added and one taken away.', 'a number');
  sum[place] = word;
}

function checkName(name: string, span: Span, wanted: keyof typeof WANTED, names: Names): void {
  const kind = names.get(name);
  const fits = (k: ResultKind | null): boolean =>
    k === null || (wanted === 'file' ? k === 'file' : k === 'address' || k === 'count');
  if (kind === undefined) {
    const known = (): string[] => [
      ...[...names].filter(([, k]) => fits(k)).map(([n]) => n),
      ...(wanted === 'address' ? ['NULL'] : []),
    ];
    throw new Trouble(span, 'unknown-name', `Nothing above is called “${name}”.`, WANTED[wanted], known, name);
  }
  if (!fits(kind)) {
    const what = kind === 'process' ? 'a process' : kind === 'file' ? 'a file' : 'an address or a number';
    throw new Trouble(span, 'wrong-value', `“${name}” is ${what}, not ${WANTED[wanted]}.`, WANTED[wanted]);
  }
}

function readNumber(cursor: Cursor, kind: keyof typeof WANTED): number {
  cursor.skipSpace();
  const from = cursor.at;
  const text = cursor.digits();
  if (text === '') throw cursor.trouble(`Expected ${WANTED[kind]} here, found ${cursor.found()}.`, WANTED[kind]);
  const value = parseNumber(text);
  if (value === undefined)
    throw new Trouble(
      cursor.span(from),
      'wrong-value',
      `“${text}” is no number of at most 64 bits.`,
      'as in 4096, 4K or 0x1000',
    );
  return value;
}

/** Names and numbers joined by `|`, as one 32-bit word. */
function readFlags(cursor: Cursor, word: FlagWord): number {
  if (cursor.take('-')) return 0 - readNumber(cursor, 'count');
  let value = 0;
  let parts = 0;
  do {
    const part = readFlag(cursor, word);
    parts++;
    if (part > 0xffffffff) {
      // No flag is that large: it stands alone and is refused by the kernel.
      if (parts === 1) return part;
      throw cursor.trouble('Flags have at most 32 bits.', 'a flag');
    }
    value = (value | part) >>> 0;
    if (word === MADV) break;
  } while (cursor.take('|'));
  return value;
}

function readFlag(cursor: Cursor, word: FlagWord): number {
  cursor.skipSpace();
  const from = cursor.at;
  const name = cursor.word();
  if (name === '') {
    const wanted = `a flag such as ${word.flags[word.flags.length > 1 ? 1 : 0].name}`;
    if (!/\d/.test(cursor.text[from] ?? ''))
      throw cursor.trouble(`Expected ${wanted} here, found ${cursor.found()}.`, wanted);
    const value = readNumber(cursor, 'count');
    if ((word !== MAP && word !== MFD) || !cursor.take('<<')) return value;
    const shift = cursor.word();
    if (shift !== `${word.prefix}HUGE_SHIFT` || value > 63)
      throw new Trouble(
        cursor.span(from),
        'unknown-flag',
        'A shifted number is the size of a huge page.',
        `21<<${word.prefix}HUGE_SHIFT`,
      );
    return value * 2 ** 26;
  }
  const value = flagValue(word, name);
  if (value !== null) return value;
  const long = name.startsWith(word.prefix) ? name : word.prefix + name;
  throw new Trouble(
    cursor.span(from),
    'unknown-flag',
    `There is no flag “${name}”.`,
    'a flag',
    () => flagNames(word),
    long,
  );
}

/** What stands behind a call: `→ ENOMEM`, or as strace writes it, `= -1 ENOMEM (Cannot allocate memory)`. Null for nothing. */
export function parseExpected(cursor: Cursor, shape: CallShape, names: Names): Expected | null {
  const asTraced = cursor.take('=');
  if (!asTraced && !cursor.take('→') && !cursor.take('->')) return null;
  if (asTraced && cursor.take('?')) return null;
  cursor.skipSpace();
  const from = cursor.at;
  const word = cursor.word();
  if (SIGNALS.includes(word)) return { kind: 'signal', name: word };
  if (ERRNOS.includes(word)) return { kind: 'errno', name: word };
  if (/^(E[A-Z]|SIG)/.test(word) && !names.has(word))
    throw new Trouble(
      cursor.span(from),
      'wrong-value',
      `“${word}” is no error or signal that can come of this.`,
      'an error such as ENOMEM, or SIGSEGV',
      () => [...ERRNOS, ...SIGNALS],
      word,
    );
  cursor.at = from;
  const value = readExpression(cursor, shape.result === 'address' ? 'address' : 'count', names);
  if (!asTraced || value !== -1) return { kind: 'value', value };
  const at = cursor.at;
  const name = cursor.word();
  if (!ERRNOS.includes(name)) {
    cursor.at = at;
    return { kind: 'value', value };
  }
  cursor.skipSpace();
  const remark = /^\([^()]*\)/.exec(cursor.text.slice(cursor.at, cursor.at + 200));
  if (remark) cursor.at += remark[0].length;
  return { kind: 'errno', name };
}
