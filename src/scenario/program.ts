/** A scenario made ready to run: which operation is step k, given what the machine answered so far. */
import { hex, sizeText } from '../base/units';
import { errnoName } from '../engine/errno';
import type { Machine } from '../engine/machine';
import type { Operation, Outcome } from '../engine/operation';
import { SIGBUS, SIGKILL, SIGSEGV } from '../engine/uapi';
import type { OperationSource, Refused } from '../history/source';
import { callShape, type CallShape } from './calls';
import { readField } from './fields';
import { formatExpected, formatStatement } from './format';
import { readHead, type Head } from './head';
import { execOperation } from './layout';
import { TOUCHES } from './limits';
import { enginePath } from './paths';
import type { Argument, Call, Expect, Expected, Parsed, Predict, Reference, Scenario, Setting } from './scenario';

/**
 * What the names stand for at a moment of a run: a plain object of plain values, cheap to copy (`structuredClone`).
 * `learn` changes it, nothing else does.
 */
export interface Env {
  /** Addresses, file numbers, process numbers by name. A call that failed leaves −1, as in C. */
  values: Record<string, number>;
  /** Number that the next fork's process gets. */
  nextProcess: number;
  /** The pool's setting that `pool(n)` leaves as it is. */
  overcommit: number;
  /** The name that the last step has set, and what it stood for before; null for nothing. */
  set: { name: string; before: number | null } | null;
}

/** One operation of the program. */
export interface Step {
  /** Index into `scenario.statements`. */
  readonly statement: number;
  readonly call: Call;
  /** What the comment directly above says about it; '' for nothing. */
  readonly explanation: string;
  /** Heading (`## …`) that starts here; '' for none. */
  readonly heading: string;
  /** Asked before the step. */
  readonly predict: Predict | null;
  /** Checked after the step. */
  readonly expects: readonly { readonly statement: number; readonly expect: Expect }[];
}

/** An expectation, looked at after its step. */
export interface Finding {
  readonly step: number;
  /** Index of the statement that holds the expectation. */
  readonly statement: number;
  readonly holds: boolean;
  /** What was expected and what came, as text: `→ ENOMEM`, `VmPTE 12`. */
  readonly expected: string;
  readonly found: string;
}

/** Never throws, whatever the scenario. */
export interface Program {
  readonly scenario: Scenario;
  readonly head: Head;
  /** The operations, in order: what the scrubber counts. */
  readonly steps: readonly Step[];
  /** The names before the first step. */
  readonly start: () => Env;
  /** Step k as an operation with numbers only. */
  readonly resolve: (k: number, env: Env) => Operation | Refused;
  /** Takes in what step k came to. Call it once after each step that ran, in order. */
  readonly learn: (k: number, env: Env, operation: Operation, outcome: Outcome) => void;
  /** The expectations that belong to step k, held against the machine as it stands after it. */
  readonly check: (k: number, env: Env, machine: Machine, outcome: Outcome | Refused) => Finding[];
}

/** Makes a scenario ready to run, or its first `sound` statements. */
export function compile(scenario: Scenario, sound = scenario.statements.length): Program {
  const settings: Setting[] = [];
  const steps: (Omit<Step, 'expects'> & { expects: { statement: number; expect: Expect }[] })[] = [];
  let predict: Predict | null = null;
  for (let i = 0; i < sound; i++) {
    const statement = scenario.statements[i];
    if (statement.kind === 'setting') settings.push(statement);
    else if (statement.kind === 'predict') predict = statement;
    else if (statement.kind === 'expect') steps.at(-1)?.expects.push({ statement: i, expect: statement });
    else {
      // What is written above the question belongs to the step that it asks about.
      const above = predict === null ? statement.above : [...predict.above, ...statement.above];
      steps.push({ statement: i, call: statement, ...explain(above), predict, expects: [] });
      predict = null;
    }
  }
  const head = readHead(settings);
  return {
    scenario,
    head,
    steps,
    start: () => ({ values: {}, nextProcess: 1, overcommit: 0, set: null }),
    resolve: (k, env) => resolve(steps[k].call, env, head),
    learn: (k, env, operation, outcome) => learn(steps[k].call, env, operation, outcome),
    check: (k, env, machine, outcome) => check(steps[k], k, env, machine, outcome),
  };
}

/** Reads and compiles what stands before the first error. */
export const compileParsed = (parsed: Parsed): Program => compile(parsed.scenario, parsed.sound);

/** The comment lines directly above a statement as its explanation, and the last heading among all of them. */
function explain(above: readonly string[]): { explanation: string; heading: string } {
  const own = above.slice(above.lastIndexOf('') + 1).filter((line) => !line.startsWith('#'));
  const heading = above.findLast((line) => line.startsWith('#')) ?? '';
  return { explanation: own.join(' '), heading: heading.replace(/^#+\s*/, '') };
}

/** The program as the operations that a run of the history goes through. `line` gives the line of a statement. */
export function operationSource(program: Program, line: (statement: number) => number): OperationSource<Env> {
  return {
    length: program.steps.length,
    start: program.start,
    resolve: program.resolve,
    learn: program.learn,
    check: (k, env, machine, outcome) =>
      program
        .check(k, env, machine, outcome)
        .filter((finding) => !finding.holds)
        .map((finding) => `expected ${finding.expected}, found ${finding.found}`)
        .join('; '),
    statement(k) {
      const { call, statement, explanation, heading, predict } = program.steps[k];
      const text = formatStatement({ ...call, behind: '', expected: null });
      return { text, call: call.call, line: line(statement), name: call.result, explanation, heading, predict };
    },
  };
}

const MAX_WORD = 2 ** 64;

/** An argument as a number; quoted text as 0. */
function valueOf(arg: Argument, env: Env): number {
  if (typeof arg === 'number') return arg;
  if (typeof arg === 'string') return 0;
  const one = (name: string): number => (name === '' ? 0 : Object.hasOwn(env.values, name) ? env.values[name] : -1);
  return Math.max(-MAX_WORD, Math.min(MAX_WORD, one(arg.name) - one(arg.minus) + arg.offset));
}

/** The process of a call; −1, which is none, where fork failed. */
const processOf = (name: string, env: Env): number =>
  name === '' ? 0 : Object.hasOwn(env.values, name) ? env.values[name] : -1;

function resolve(call: Call, env: Env, head: Head): Operation | Refused {
  const shape = callShape(call.call)!;
  const who = processOf(call.process, env);
  if (shape.op === 'fork') return { who, op: 'fork', args: [env.nextProcess] };
  if (shape.op === 'pool') {
    const overcommit = call.args.length > 1 ? valueOf(call.args[1], env) : env.overcommit;
    return { who: 0, op: 'pool', args: [valueOf(call.args[0], env), overcommit] };
  }
  const [first] = call.args;
  const path = typeof first === 'string' ? first : undefined;
  if (shape.op === 'exec') return execOperation(who, path ?? '', head);
  const args: number[] = [];
  for (let i = path === undefined ? 0 : 1; i < shape.parameters.length; i++)
    args.push(i < call.args.length ? valueOf(call.args[i], env) : (shape.parameters[i].default ?? 0));
  if (shape.op === 'read' || shape.op === 'write') return resolveTouch(call, shape, who, args);
  if (path === undefined) return { who, op: shape.op, args };
  return { who, op: shape.op, args, path: shape.op === 'memfd' ? path : enginePath(path) };
}

function resolveTouch(call: Call, shape: CallShape, who: number, args: number[]): Operation | Refused {
  const [address, amount, stride] = args;
  if (!(stride > 0)) return { refused: 'The stride is not above 0.' };
  const count = call.call === 'touch' ? Math.ceil(amount / stride) : amount;
  if (!(count >= 0)) return { refused: 'The range is shorter than nothing.' };
  if (count > TOUCHES) return { refused: `One call touches at most ${TOUCHES} times, not ${count}.` };
  return { who, op: shape.op, args: [address, count, stride] };
}

function learn(call: Call, env: Env, operation: Operation, outcome: Outcome): void {
  if (operation.op === 'fork' && outcome.err === 0) env.nextProcess++;
  if (operation.op === 'pool') env.overcommit = operation.args[1];
  env.set = null;
  if (call.result === '') return;
  const name = call.result;
  env.set = { name, before: Object.hasOwn(env.values, name) ? env.values[name]! : null };
  env.values[name] = operation.op === 'fork' && outcome.err !== 0 ? -1 : outcome.ret;
}

const SIGNAL_NAMES: Readonly<Record<number, string>> = {
  [SIGSEGV]: 'SIGSEGV',
  [SIGBUS]: 'SIGBUS',
  [SIGKILL]: 'SIGKILL',
};

/** What a call came to as text: `ENOMEM`, `SIGBUS`, `0x7ffff7600000`, `0`. `result` is what the call answers with. */
export function outcomeText(outcome: Outcome | Refused, result: string): string {
  if ('refused' in outcome) return `not run: ${outcome.refused}`;
  if (outcome.sig !== 0) return SIGNAL_NAMES[outcome.sig] ?? `signal ${outcome.sig}`;
  if (outcome.err !== 0) return errnoName(outcome.err);
  return result === 'address' && outcome.ret >= 0 ? `0x${hex(outcome.ret)}` : String(outcome.ret);
}

function meets(expected: Expected, env: Env, outcome: Outcome | Refused): boolean {
  if ('refused' in outcome) return false;
  switch (expected.kind) {
    case 'errno':
      return outcome.sig === 0 && outcome.err !== 0 && errnoName(outcome.err) === expected.name;
    case 'signal':
      return SIGNAL_NAMES[outcome.sig] === expected.name;
    default:
      return outcome.sig === 0 && outcome.ret === expectedValue(expected.value, env);
  }
}

/**
 * What a result is held against: names stand for what they stood for before the step, or a line could expect just what it
 * gets. NaN, which equals nothing, where one stood for nothing.
 */
function expectedValue(value: number | Reference, env: Env): number {
  if (typeof value === 'number' || env.set === null) return valueOf(value, env);
  const { name, before } = env.set;
  if (value.name !== name && value.minus !== name) return valueOf(value, env);
  return before === null ? Number.NaN : valueOf(value, { ...env, values: { ...env.values, [name]: before } });
}

/** A name's value behind its expression, so that a finding can be read on its own. */
function expectedText(expected: Expected, env: Env, result: string): string {
  const text = formatExpected(expected, result);
  if (expected.kind !== 'value' || typeof expected.value === 'number') return `→ ${text}`;
  const value = expectedValue(expected.value, env);
  if (Number.isNaN(value)) return `→ ${text} (which stood for nothing before this line)`;
  return `→ ${text} (${result === 'address' && value >= 0 ? `0x${hex(value)}` : String(value)})`;
}

function check(step: Step, k: number, env: Env, machine: Machine, outcome: Outcome | Refused): Finding[] {
  const findings: Finding[] = [];
  const { call } = step;
  if (call.expected !== null) {
    const { result } = callShape(call.call)!;
    findings.push({
      step: k,
      statement: step.statement,
      holds: meets(call.expected, env, outcome),
      expected: expectedText(call.expected, env, result),
      found: `→ ${outcomeText(outcome, result)}`,
    });
  }
  for (const { statement, expect } of step.expects) {
    const args = expect.args.map((arg) => valueOf(arg, env));
    const who = processOf(expect.process, env);
    const value = readField(machine, who, expect.field, args, 'refused' in outcome ? null : outcome);
    const list = args.length === 0 ? '' : `(${args.map((x, i) => (i === 0 ? `0x${hex(x)}` : sizeText(x))).join(', ')})`;
    findings.push({
      step: k,
      statement,
      holds: value === expect.value,
      expected: `${expect.field}${list} ${expect.value}`,
      found: `${expect.field}${list} ${value}`,
    });
  }
  return findings;
}
