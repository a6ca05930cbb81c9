/** One line of text, read from left to right. */
import { TEXT_LENGTH } from './limits';
import type { DiagnosticCode, Span } from './scenario';

/** What is wrong with a line. Caught by `parse`, which goes on with the next line; no Error, whose
 * stack would cost more than the line. */
export class Trouble {
  constructor(
    readonly at: Span,
    readonly code: DiagnosticCode,
    readonly message: string,
    readonly expected = '',
    /** Correct spellings among which the nearest is looked up. */
    readonly among: () => Iterable<string> = () => [],
    /** The word as it was written, where `among` is given. */
    readonly written = '',
  ) {}
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '"': '"', '\\': '\\' };

const isSpace = (unit: number): boolean => unit === 0x20 || unit === 0x09 || unit === 0xa0 || unit === 0xfeff;
const isDigit = (unit: number): boolean => unit >= 0x30 && unit <= 0x39;
const isLetter = (unit: number): boolean =>
  (unit >= 0x61 && unit <= 0x7a) || (unit >= 0x41 && unit <= 0x5a) || unit === 0x5f;

export class Cursor {
  /** Index of the next character. */
  at = 0;

  constructor(
    readonly text: string,
    /** Number of the line, from 1. */
    readonly line: number,
  ) {}

  /** The stretch from an index to where the cursor stands; at least one character. */
  span(from: number, to = this.at): Span {
    return { line: this.line, column: from + 1, end: Math.max(to, from + 1) + 1 };
  }

  skipSpace(): void {
    while (this.at < this.text.length && isSpace(this.text.charCodeAt(this.at))) this.at++;
  }

  /** Whether nothing but a comment is left. */
  atEnd(): boolean {
    this.skipSpace();
    return this.at >= this.text.length || this.text[this.at] === '#';
  }

  /** Takes the characters if they are next. */
  take(text: string): boolean {
    this.skipSpace();
    if (!this.text.startsWith(text, this.at)) return false;
    this.at += text.length;
    return true;
  }

  /** Takes the characters, which must be next. */
  need(text: string): void {
    if (!this.take(text)) throw this.trouble(`Expected “${text}” here, found ${this.found()}.`, `“${text}”`);
  }

  /** What stands next, for a message. */
  found(): string {
    if (this.atEnd()) return 'the end of the line';
    const from = this.at;
    const word = this.word() || this.digits();
    this.at = from;
    return `“${word || String.fromCodePoint(this.text.codePointAt(from) ?? 0)}”`;
  }

  /** Stretch of what stands next. */
  nextSpan(): Span {
    this.skipSpace();
    const from = this.at;
    if (!this.word()) this.digits();
    const span = this.span(from);
    this.at = from;
    return span;
  }

  trouble(message: string, expected: string): Trouble {
    return new Trouble(this.nextSpan(), 'syntax', message, expected);
  }

  /** Takes letters, digits and `_` that begin with a letter; '' where none stand. */
  word(): string {
    this.skipSpace();
    const from = this.at;
    if (from < this.text.length && isLetter(this.text.charCodeAt(from))) {
      this.at++;
      while (this.at < this.text.length) {
        const unit = this.text.charCodeAt(this.at);
        if (!isLetter(unit) && !isDigit(unit)) break;
        this.at++;
      }
    }
    return this.text.slice(from, this.at);
  }

  /** Takes what begins with a digit: a number with its unit; '' where none stands. */
  digits(): string {
    this.skipSpace();
    const from = this.at;
    if (from < this.text.length && isDigit(this.text.charCodeAt(from)))
      while (this.at < this.text.length) {
        const unit = this.text.charCodeAt(this.at);
        if (!isLetter(unit) && !isDigit(unit)) break;
        this.at++;
      }
    return this.text.slice(from, this.at);
  }

  /** Takes text in quotes. */
  quoted(): string {
    this.skipSpace();
    const from = this.at;
    if (this.text[from] !== '"')
      throw this.trouble(`Expected text in quotes here, found ${this.found()}.`, 'text in quotes');
    let value = '';
    for (this.at++; this.at < this.text.length; this.at++) {
      const c = this.text[this.at];
      if (c === '"') {
        this.at++;
        if (value.length > TEXT_LENGTH)
          throw new Trouble(this.span(from), 'too-large', `Text in quotes can have at most ${TEXT_LENGTH} characters.`);
        return value;
      }
      if (c !== '\\') value += c;
      else {
        const escape = ESCAPES[this.text[++this.at] ?? ''];
        if (escape === undefined)
          throw new Trouble(
            this.span(this.at - 1, this.at + 1),
            'syntax',
            'Unknown escape.',
            '\\n, \\t, \\r, \\" or \\\\',
          );
        value += escape;
      }
    }
    throw new Trouble(this.span(from), 'syntax', 'The text in quotes does not end.', 'a closing quote');
  }

  /** The comment behind, without `#`; '' for none. Takes the rest of the line. */
  comment(): string {
    this.skipSpace();
    const text = this.text[this.at] === '#' ? this.text.slice(this.at + 1).trim() : '';
    this.at = this.text.length;
    return text;
  }
}

/** Text in quotes, as `quoted` reads it. */
export const quote = (text: string): string =>
  `"${text.replace(/[\\"]/g, '\\$&').replace(/\n/g, '\\n').replace(/\r/g, '\\r').replace(/\t/g, '\\t')}"`;
