/** The canonical text of a scenario: one way to write everything. `parse(format(s)).scenario` equals `s`. */
import { hex, sizeText } from '../base/units';
import { callShape, type ParameterKind } from './calls';
import { quote } from './cursor';
import { flagText } from './flags';
import { settingShape } from './head';
import type { Argument, Call, Expected, Predict, Reference, Scenario, Statement } from './scenario';

/** The text, each line ended. Empty for an empty scenario. */
export function format(scenario: Scenario): string {
  const lines: string[] = [];
  for (const statement of scenario.statements) {
    for (const comment of statement.above) lines.push(commentText(comment));
    lines.push(formatStatement(statement));
  }
  for (const comment of scenario.below) lines.push(commentText(comment));
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}

const commentText = (comment: string): string =>
  comment === '' ? '' : comment.startsWith('#') ? `#${comment}` : `# ${comment}`;

/** One line, its own comment behind it, without those above. */
export function formatStatement(statement: Statement): string {
  const text = bare(statement);
  return statement.behind === '' ? text : `${text} ${commentText(statement.behind)}`;
}

function bare(statement: Statement): string {
  switch (statement.kind) {
    case 'setting':
      return `${statement.name}: ${settingShape(statement.name)!.write(statement.value)}`;
    case 'call':
      return formatCall(statement);
    case 'expect': {
      const process = statement.process === '' ? '' : `${statement.process}: `;
      const args = statement.args.map((arg, i) => formatArgument(arg, i === 0 ? 'address' : 'size'));
      const list = args.length === 0 ? '' : `(${args.join(', ')})`;
      return `${process}expect ${statement.field}${list} ${statement.value}`;
    }
    case 'predict':
      return formatPredict(statement);
  }
}

function formatCall(call: Call): string {
  const shape = callShape(call.call)!;
  const args = call.args.map((arg, i) => formatArgument(arg, shape.parameters[i].kind));
  const process = call.process === '' ? '' : `${call.process}: `;
  const result = call.result === '' ? '' : `${call.result} = `;
  const behind = call.expected === null ? '' : ` → ${formatExpected(call.expected, shape.result)}`;
  return `${process}${result}${call.call}(${args.join(', ')})${behind}`;
}

/** As it stands behind the arrow; `result` is what the call answers with. */
export function formatExpected(expected: Expected, result: string): string {
  if (expected.kind !== 'value') return expected.name;
  return formatArgument(expected.value, result === 'address' ? 'address' : 'count');
}

/** One argument, by the kind of its parameter. */
export function formatArgument(arg: Argument, kind: ParameterKind): string {
  if (typeof arg === 'string') return quote(arg);
  if (typeof arg === 'number') return formatNumber(arg, kind);
  return formatReference(arg);
}

function formatNumber(value: number, kind: ParameterKind): string {
  if (typeof kind === 'object') return flagText(kind, value);
  if (value < 0) return `-${formatNumber(-value, kind === 'address' ? 'count' : kind)}`;
  if (kind === 'address') return value === 0 ? 'NULL' : `0x${hex(value)}`;
  if (kind === 'size') return sizeText(value);
  if (kind === 'mode') return value === 0 ? '0' : `0${value.toString(8)}`;
  return String(value);
}

function formatReference({ name, minus, offset }: Reference): string {
  let text = name;
  if (minus !== '') text += ` - ${minus}`;
  if (offset !== 0) text += ` ${offset < 0 ? '-' : '+'} ${sizeText(Math.abs(offset))}`;
  return text;
}

const PLAIN_CHOICE = /^[^\s|#*"](?:[^|#*"]*[^\s|#*"])?$/;

function formatPredict({ question, choices, answer }: Predict): string {
  const list = choices.map(
    (choice, i) => `${PLAIN_CHOICE.test(choice) ? choice : quote(choice)}${i === answer ? '*' : ''}`,
  );
  return `predict ${[quote(question), ...list].join(' | ')}`;
}
