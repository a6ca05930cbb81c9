/** The one parser of the language. A line is a statement; what is wrong with one line does not keep the next from being read. */
import { sizeText } from '../base/units';
import { CALL_NAMES, callShape, leastArguments, type CallShape, type Parameter, type ResultKind } from './calls';
import { Cursor, Trouble } from './cursor';
import { parseArgument, parseExpected, readExpression, type Names } from './arguments';
import { FIELD_NAMES, fieldShape } from './fields';
import { fileBytes, layoutProgram, SETTING_NAMES, settingShape } from './head';
import { CHOICES, DIAGNOSTICS, FILES_BYTES, NAME_LENGTH, utf8Length, WRITTEN, type Limits } from './limits';
import type {
  Argument,
  Call,
  Diagnostic,
  Expect,
  Parsed,
  Predict,
  Remarks,
  Setting,
  Span,
  Statement,
} from './scenario';
import { nearest } from './suggest';

const LINE_END = /\r\n|\r|\n/;

/** Words that no name can be. */
const RESERVED = new Set(['expect', 'predict', 'NULL', '__proto__', ...CALL_NAMES]);

/** Reads a text. Never throws, and takes time in proportion to the text; what is over `limits` is refused unread. */
export function parse(text: string, limits: Limits = WRITTEN): Parsed {
  if (text.length > limits.bytes || utf8Length(text) > limits.bytes)
    return refuse(`The text is larger than ${limits.bytes / 1024} KiB, the most that is read.`);
  return new Parser(limits).read(text);
}

function refuse(message: string): Parsed {
  const at = { line: 1, column: 1, end: 2 };
  const diagnostic: Diagnostic = { at, code: 'too-large', message, expected: '', suggestion: '' };
  return { scenario: { statements: [], below: [] }, places: [], diagnostics: [diagnostic], sound: 0 };
}

class Parser {
  private readonly statements: Statement[] = [];
  private readonly places: Span[] = [];
  private readonly diagnostics: Diagnostic[] = [];
  private sound = -1;
  private above: string[] = [];
  /** What each name stands for; null where its own line could not be read. */
  private readonly names: Names = new Map();
  private readonly programs = new Set<string>();
  private readonly settings = new Set<string>();
  private calls = 0;
  /** Bytes of the head's files. */
  private files = 0;
  private question: Span | null = null;

  constructor(private readonly limits: Limits) {}

  read(text: string): Parsed {
    const lines = text.split(LINE_END);
    for (let i = 0; i < lines.length && this.calls <= this.limits.operations; i++) this.readLine(lines[i], i + 1);
    if (this.question !== null)
      this.report(new Trouble(this.question, 'syntax', 'No call follows for which to predict anything.', 'a call'));
    const below = this.above;
    if (below[below.length - 1] === '') below.pop();
    const sound = this.sound < 0 ? this.statements.length : this.sound;
    return {
      scenario: { statements: this.statements, below },
      places: this.places,
      diagnostics: this.diagnostics,
      sound,
    };
  }

  private readLine(text: string, line: number): void {
    const cursor = new Cursor(text, line);
    if (cursor.atEnd()) {
      const comment = cursor.comment();
      const last = this.above.length - 1;
      // One blank line stands for several, and none for those at the very top.
      const blankAgain = last < 0 ? this.statements.length === 0 : this.above[last] === '';
      if (comment !== '' || !blankAgain) this.above.push(comment);
      return;
    }
    const from = cursor.at;
    try {
      const statement = this.statement(cursor);
      this.places.push(cursor.span(from, text.trimEnd().length));
      this.statements.push(statement);
    } catch (e) {
      if (!(e instanceof Trouble)) throw e;
      this.report(e);
    }
    this.above = [];
  }

  private report(trouble: Trouble): void {
    if (this.sound < 0) this.sound = this.statements.length;
    if (this.diagnostics.length >= DIAGNOSTICS) return;
    const suggestion = nearest(trouble.written, trouble.among());
    const message = suggestion === '' ? trouble.message : `${trouble.message} Did you mean “${suggestion}”?`;
    const { at, code, expected } = trouble;
    this.diagnostics.push({ at, code, message, expected, suggestion });
  }

  private statement(cursor: Cursor): Statement {
    const from = cursor.at;
    const first = cursor.word();
    if (first === '')
      throw cursor.trouble(`Expected a call, an expectation or a setting here, found ${cursor.found()}.`, 'a call');
    const span = cursor.span(from);
    if (cursor.take(':')) {
      if (settingShape(first) !== undefined) return this.setting(cursor, first, span);
      return this.ofProcess(cursor, first, span);
    }
    if (first === 'expect') return this.expect(cursor, '');
    if (first === 'predict') return this.predict(cursor, span);
    cursor.at = from;
    return this.call(cursor, '');
  }

  private remarks(cursor: Cursor): Remarks {
    return { above: this.above, behind: cursor.comment() };
  }

  private setting(cursor: Cursor, name: string, span: Span): Setting {
    const shape = settingShape(name)!;
    cursor.skipSpace();
    const from = cursor.at;
    let text = cursor.text.slice(from);
    if (!shape.whole) text = text.slice(0, commentStart(text));
    cursor.at += text.length;
    text = text.trim();
    if (this.calls > 0)
      throw new Trouble(span, 'syntax', `“${name}” belongs to the head, above the first call.`, 'a call');
    if (this.settings.has(name) && !shape.many) throw new Trouble(span, 'syntax', `“${name}” was set before.`);
    const value = shape.read(text);
    if (value === undefined)
      throw new Trouble(
        cursor.span(from, from + text.length),
        'wrong-value',
        `“${name}” is ${shape.expected}.`,
        shape.expected,
        () => shape.choices,
        text,
      );
    if (name === 'file') {
      this.files += fileBytes(value);
      if (this.files > FILES_BYTES)
        throw new Trouble(
          cursor.span(from, from + text.length),
          'too-large',
          `The files of a head hold at most ${sizeText(FILES_BYTES)} together, for every page of them is in memory from the start.`,
          'a smaller size',
        );
    }
    this.settings.add(name);
    if (name === 'layout') this.programs.add(layoutProgram(value));
    return { kind: 'setting', name, value, ...this.remarks(cursor) };
  }

  private ofProcess(cursor: Cursor, name: string, span: Span): Statement {
    if (!/^\s*(expect\b|\w+\s*[=(])/.test(cursor.text.slice(cursor.at, cursor.at + 200)))
      throw new Trouble(
        span,
        'unknown-setting',
        `There is no setting “${name}”, and no call of a process follows.`,
        'a setting or a call',
        () => SETTING_NAMES,
        name,
      );
    const kind = this.names.get(name);
    if (kind === undefined) throw this.unknownName(name, span, 'process');
    if (kind !== null && kind !== 'process')
      throw new Trouble(span, 'wrong-value', `“${name}” is not a process.`, 'a name that fork was given');
    const from = cursor.at;
    if (cursor.word() === 'expect' && !cursor.take('=') && !cursor.take('(')) return this.expect(cursor, name);
    cursor.at = from;
    return this.call(cursor, name);
  }

  private unknownName(name: string, span: Span, kind: ResultKind): Trouble {
    const known = (): string[] => [...this.names].filter(([, k]) => k === null || k === kind).map(([n]) => n);
    return new Trouble(span, 'unknown-name', `Nothing above is called “${name}”.`, 'a name given above', known, name);
  }

  private call(cursor: Cursor, process: string): Call {
    cursor.skipSpace();
    let from = cursor.at;
    let word = cursor.word();
    if (word === '') throw cursor.trouble(`Expected a call here, found ${cursor.found()}.`, 'a call');
    let result = '';
    if (cursor.take('=')) {
      result = word;
      this.checkName(result, cursor.span(from, from + word.length));
      // Known from here on, so that a mistake further on does not make every later use of the name another.
      if (!this.names.has(result)) this.names.set(result, null);
      cursor.skipSpace();
      from = cursor.at;
      word = cursor.word();
      if (word === '') throw cursor.trouble(`Expected a call here, found ${cursor.found()}.`, 'a call');
    }
    const shape = callShape(word);
    const span = cursor.span(from);
    if (shape === undefined)
      throw new Trouble(
        span,
        'unknown-call',
        `There is no call “${word}”.`,
        'a call',
        () => [...CALL_NAMES, 'expect'],
        word,
      );
    if (shape.global === true && process !== '')
      throw new Trouble(span, 'syntax', `“${word}” is not made by a process.`, `${word}(…) alone`);
    const args = this.arguments(cursor, word, shape);
    const expected = parseExpected(cursor, shape, this.names);
    cursor.take(';');
    if (!cursor.atEnd())
      throw cursor.trouble(`Expected the end of the line here, found ${cursor.found()}.`, 'nothing more');
    if (++this.calls > this.limits.operations)
      throw new Trouble(span, 'too-large', `At most ${this.limits.operations} calls are read.`);
    if (shape.result === 'process' && settingShape(result) !== undefined)
      throw new Trouble(span, 'syntax', `A process cannot be called “${result}”, as a setting is.`, 'another name');
    if (result !== '') this.names.set(result, shape.result);
    this.question = null;
    return { kind: 'call', process, result, call: word, args, expected, ...this.remarks(cursor) };
  }

  private checkName(name: string, span: Span): void {
    if (RESERVED.has(name)) throw new Trouble(span, 'syntax', `“${name}” means something else.`, 'another name');
    if (name.length > NAME_LENGTH)
      throw new Trouble(span, 'too-large', `A name can have at most ${NAME_LENGTH} characters.`);
  }

  private arguments(cursor: Cursor, name: string, shape: CallShape): Argument[] {
    cursor.need('(');
    const args: Argument[] = [];
    for (let more = !cursor.take(')'); more; more = moreArguments(cursor)) {
      const parameter: Parameter | undefined = shape.parameters[args.length];
      if (parameter === undefined)
        throw new Trouble(cursor.nextSpan(), 'wrong-count', `${name} takes ${signature(shape)}.`, '“)”');
      args.push(parseArgument(cursor, parameter, this.names));
    }
    if (args.length < leastArguments(shape))
      throw new Trouble(
        cursor.span(cursor.at - 1),
        'wrong-count',
        `${name} takes ${signature(shape)}.`,
        shape.parameters[args.length].name,
      );
    const [program] = args;
    if (shape.op === 'exec' && typeof program === 'string' && !this.programs.has(program))
      throw new Trouble(
        cursor.span(cursor.text.indexOf('"')),
        'unknown-name',
        `The head has no layout of “${program}”.`,
        'a program that the head lays out',
        () => this.programs,
        program,
      );
    return args;
  }

  private expect(cursor: Cursor, process: string): Expect {
    cursor.skipSpace();
    const from = cursor.at;
    const name = cursor.word();
    const shape = fieldShape(name);
    if (shape === undefined) {
      const span = cursor.span(from);
      throw new Trouble(
        span,
        'unknown-field',
        `There is no field “${name}”.`,
        'a field of /proc',
        () => FIELD_NAMES,
        name,
      );
    }
    if (this.calls === 0)
      throw new Trouble(
        cursor.span(from),
        'syntax',
        'An expectation stands below the call after which it is checked.',
        'a call',
      );
    const args: Argument[] = [];
    if (cursor.take('(')) {
      const most = shape.of === 'areas' ? 2 : shape.of === 'smaps' ? 1 : 0;
      do {
        if (args.length === most)
          throw cursor.trouble(
            `${name} takes ${['no argument', 'an address', 'an address and a length'][most]}.`,
            '“)”',
          );
        const kind = args.length === 0 ? 'address' : 'size';
        args.push(readExpression(cursor, kind, this.names));
      } while (cursor.take(','));
      cursor.need(')');
    }
    if (shape.of === 'smaps' && args.length === 0)
      throw cursor.trouble(`${name} is a field of an area: say which, as in ${name}(a).`, '“(”');
    const value = name === 'perms' ? this.permissions(cursor) : this.quantity(cursor);
    if (!cursor.atEnd())
      throw cursor.trouble(`Expected the end of the line here, found ${cursor.found()}.`, 'nothing more');
    return { kind: 'expect', process, field: name, args, value, ...this.remarks(cursor) };
  }

  private permissions(cursor: Cursor): string {
    cursor.skipSpace();
    const found = /^[r-][w-][x-][ps](?![\w-])/.exec(cursor.text.slice(cursor.at, cursor.at + 5));
    if (!found) throw cursor.trouble(`Expected permissions such as rw-p here, found ${cursor.found()}.`, 'rw-p');
    cursor.at += 4;
    return found[0];
  }

  private quantity(cursor: Cursor): number {
    const value = readExpression(cursor, 'count', new Map());
    cursor.take('kB');
    return typeof value === 'number' ? value : 0;
  }

  private predict(cursor: Cursor, span: Span): Predict {
    if (this.question !== null)
      throw new Trouble(span, 'syntax', 'One question at a time: the next call comes first.', 'a call');
    const question = cursor.quoted();
    const choices: string[] = [];
    let answer = -1;
    while (cursor.take('|')) {
      cursor.skipSpace();
      const from = cursor.at;
      let choice: string;
      if (cursor.text[from] === '"') choice = cursor.quoted();
      else {
        while (cursor.at < cursor.text.length && !'|#*"'.includes(cursor.text[cursor.at])) cursor.at++;
        choice = cursor.text.slice(from, cursor.at).trim();
      }
      if (choice === '') throw new Trouble(cursor.span(from), 'syntax', 'A choice is empty.', 'a choice');
      if (cursor.take('*')) {
        if (answer >= 0)
          throw new Trouble(cursor.span(from), 'syntax', 'Two choices are marked as right.', 'one * only');
        answer = choices.length;
      }
      choices.push(choice);
    }
    if (!cursor.atEnd()) throw cursor.trouble(`Expected “|” here, found ${cursor.found()}.`, '“|” and a choice');
    if (choices.length < 2 || choices.length > CHOICES)
      throw new Trouble(span, 'syntax', `A question has from 2 to ${CHOICES} choices.`, '“|” and a choice');
    if (answer < 0) throw new Trouble(span, 'syntax', 'No choice is marked as right.', 'a * behind the right choice');
    this.question = span;
    return { kind: 'predict', question, choices, answer, ...this.remarks(cursor) };
  }
}

/** Where the comment behind a setting begins: a `#` at its start or after a space. */
function commentStart(text: string): number {
  for (let i = text.indexOf('#'); i >= 0; i = text.indexOf('#', i + 1)) if (i === 0 || /\s/.test(text[i - 1])) return i;
  return text.length;
}

/** Takes what stands behind an argument: whether another follows. */
function moreArguments(cursor: Cursor): boolean {
  if (cursor.take(')')) return false;
  if (cursor.take(',')) return true;
  throw cursor.trouble(`Expected “,” or “)” here, found ${cursor.found()}.`, '“,” or “)”');
}

/** The parameters of a call for a message: `addr, length, prot, flags [, fd, offset]`. */
function signature(shape: CallShape): string {
  if (shape.parameters.length === 0) return 'no arguments';
  const least = leastArguments(shape);
  const names = shape.parameters.map((parameter) => parameter.name);
  const optional = names.slice(least).map((name, i) => (least + i === 0 ? name : `, ${name}`));
  return names.slice(0, least).join(', ') + (optional.length > 0 ? ` [${optional.join('')}]` : '');
}
