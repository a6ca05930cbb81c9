/** The canonical text of a scenario: one way to write everything. `parse(format(s)).scenario` equals `s`. */
import { hex, sizeText } from '../base/units';
import { callShape, type ParameterKind } from './calls';
import { quote } from './cursor';
import { flagText, shortFlagText, type FlagWord } from './flags';
import { settingShape } from './head';
import type { Argument, Call, Expected, Predict, Reference, Scenario, Statement } from './scenario';

/** How much room a text takes. */
export interface Style {
  /** Between the parts of a line. */
  readonly gap: ' ' | '';
  readonly arrow: '→' | '->';
  readonly flags: (word: FlagWord, value: number) => string;
}

const CANONICAL: Style = { gap: ' ', arrow: '→', flags: flagText };
/** As short as the parser still understands: what a link carries. */
export const BRIEF: Style = { gap: '', arrow: '->', flags: shortFlagText };

/** The text, each line ended. Empty for an empty scenario. */
export function format(scenario: Scenario, style = CANONICAL): string {
  const lines: string[] = [];
  for (const statement of scenario.statements) {
    for (const comment of statement.above) lines.push(commentText(comment, style));
    lines.push(formatStatement(statement, style));
  }
  for (const comment of scenario.below) lines.push(commentText(comment, style));
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

const commentText = (comment: string, { gap }: Style): string =>
  comment === '' ? '' : comment.startsWith('#') ? `#${comment}` : `#${gap}${comment}`;

/** One line, its own comment behind it, without those above. */
export function formatStatement(statement: Statement, style = CANONICAL): string {
  const text = bare(statement, style);
  if (statement.behind === '') return text;
  // In a setting a comment needs a space before it.
  const gap = statement.kind === 'setting' ? ' ' : style.gap;
  return `${text}${gap}${commentText(statement.behind, style)}`;
}

function bare(statement: Statement, style: Style): string {
  const { gap } = style;
  switch (statement.kind) {
    case 'setting':
      return `${statement.name}:${gap}${settingShape(statement.name)!.write(statement.value)}`;
    case 'call':
      return formatCall(statement, style);
    case 'expect': {
      const process = statement.process === '' ? '' : `${statement.process}:${gap}`;
      const args = statement.args.map((arg, i) => formatArgument(arg, i === 0 ? 'address' : 'size', style));
      const list = args.length === 0 ? '' : `(${args.join(`,${gap}`)})`;
      return `${process}expect ${statement.field}${list} ${statement.value}`;
    }
    default:
      return formatPredict(statement, style);
  }
}

function formatCall(call: Call, style: Style): string {
  const { gap, arrow } = style;
  const shape = callShape(call.call)!;
  const args = call.args.map((arg, i) => formatArgument(arg, shape.parameters[i].kind, style));
  const process = call.process === '' ? '' : `${call.process}:${gap}`;
  const result = call.result === '' ? '' : `${call.result}${gap}=${gap}`;
  const behind =
    call.expected === null ? '' : `${gap}${arrow}${gap}${formatExpected(call.expected, shape.result, style)}`;
  return `${process}${result}${call.call}(${args.join(`,${gap}`)})${behind}`;
}

/** As it stands behind the arrow; `result` is what the call answers with. */
export function formatExpected(expected: Expected, result: string, style = CANONICAL): string {
  if (expected.kind !== 'value') return expected.name;
  return formatArgument(expected.value, result === 'address' ? 'address' : 'count', style);
}

/** One argument, by the kind of its parameter. */
function formatArgument(arg: Argument, kind: ParameterKind, style = CANONICAL): string {
  if (typeof arg === 'string') return quote(arg);
  if (typeof arg === 'number') return formatNumber(arg, kind, style);
  return formatReference(arg, style);
}

function formatNumber(value: number, kind: ParameterKind, style: Style): string {
  if (typeof kind === 'object') return style.flags(kind, value);
  if (value < 0) return `-${formatNumber(-value, kind === 'address' ? 'count' : kind, style)}`;
  if (kind === 'address') return value === 0 ? 'NULL' : `0x${hex(value)}`;
  if (kind === 'size') return sizeText(value);
  if (kind === 'mode') return value === 0 ? '0' : `0${value.toString(8)}`;
  return String(value);
}

function formatReference({ name, minus, offset }: Reference, { gap }: Style): string {
  let text = name;
  if (minus !== '') text += `${gap}-${gap}${minus}`;
  if (offset !== 0) text += `${gap}${offset < 0 ? '-' : '+'}${gap}${sizeText(Math.abs(offset))}`;
  return text;
}

const PLAIN_CHOICE = /^[^\s|#*"](?:[^|#*"]*[^\s|#*"])?$/;

function formatPredict({ question, choices, answer }: Predict, { gap }: Style): string {
  const list = choices.map(
    (choice, i) => `${PLAIN_CHOICE.test(choice) ? choice : quote(choice)}${i === answer ? '*' : ''}`,
  );
  return `predict ${[quote(question), ...list].join(`${gap}|${gap}`)}`;
}
