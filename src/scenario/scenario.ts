/**
 * A scenario as data: what the text says, without positions and without layout. `parse` makes it from text, `format` writes
 * its one canonical text, and `parse(format(s))` is `s`.
 */

/** A stretch of one line of the text: line and columns count from 1, `end` is the column after the last character. */
export interface Span {
  readonly line: number;
  readonly column: number;
  readonly end: number;
}

/** A name's value, less another's where `minus` is not empty, plus bytes: `a + 2M`, `b - a`. */
export interface Reference {
  readonly name: string;
  readonly minus: string;
  readonly offset: number;
}

/** An argument: a number (flags too, as the word that they make), a path or name in quotes, or something named earlier. */
export type Argument = number | string | Reference;

/** What a statement of any kind carries. */
export interface Remarks {
  /** The comment lines directly above, without `#`; '' is a blank line. The part after the last blank explains the statement. */
  readonly above: readonly string[];
  /** The comment behind it on its own line; '' for none. */
  readonly behind: string;
}

/** `title: …`, `design: ops`, `memory: 24G` …: a line of the head. Sizes are numbers. */
export interface Setting extends Remarks {
  readonly kind: 'setting';
  readonly name: string;
  readonly value: string | number;
}

/** What a call is said to come to: an errno or signal by name, or a value. */
export type Expected =
  | { readonly kind: 'errno'; readonly name: string }
  | { readonly kind: 'signal'; readonly name: string }
  | { readonly kind: 'value'; readonly value: number | Reference };

/** `child: b = mmap(…) → ENOMEM`. */
export interface Call extends Remarks {
  readonly kind: 'call';
  /** Name of the process; '' is the first. */
  readonly process: string;
  /** Name that the result gets; '' for none. */
  readonly result: string;
  /** A name of `CALLS`. */
  readonly call: string;
  /** As many as were written: trailing ones may be missing. */
  readonly args: readonly Argument[];
  readonly expected: Expected | null;
}

/** `expect VmPTE 12`, `child: expect Rss(a) 2048`: a field of `/proc`, checked after the call above it. */
export interface Expect extends Remarks {
  readonly kind: 'expect';
  readonly process: string;
  readonly field: string;
  /** For a field of one area: an address in it, and for some the length looked at. */
  readonly args: readonly Argument[];
  readonly value: number | string;
}

/** `predict "question" | choice | choice*`: asked before the next call is carried out. */
export interface Predict extends Remarks {
  readonly kind: 'predict';
  readonly question: string;
  readonly choices: readonly string[];
  /** Index of the right choice. */
  readonly answer: number;
}

export type Statement = Setting | Call | Expect | Predict;

export interface Scenario {
  readonly statements: readonly Statement[];
  /** Comment lines below the last statement. */
  readonly below: readonly string[];
}

export type DiagnosticCode =
  | 'syntax'
  | 'unknown-call'
  | 'unknown-flag'
  | 'unknown-name'
  | 'unknown-setting'
  | 'unknown-field'
  | 'wrong-value'
  | 'wrong-count'
  | 'too-large';

/** One thing wrong with the text. */
export interface Diagnostic {
  readonly at: Span;
  readonly code: DiagnosticCode;
  /** A sentence for a person. */
  readonly message: string;
  /** What would have been right there: `a number`, `")"` …; '' where the message says it all. */
  readonly expected: string;
  /** The nearest correct spelling, to stand in the place of `at`; '' where there is none. */
  readonly suggestion: string;
}

/** What parsing a text gives: always a scenario, of the statements that could be read. */
export interface Parsed {
  readonly scenario: Scenario;
  /** Where each statement stands, in the order of `scenario.statements`. */
  readonly places: readonly Span[];
  /** At most ten. */
  readonly diagnostics: readonly Diagnostic[];
  /** How many of `scenario.statements` stand before the first error: these run. */
  readonly sound: number;
}
