/** A scenario's text made ready to run, and how much of it two texts have in common. */
import { type DesignName, DESIGNS, isDesignName } from '../engine/designs/designs';
import type { Machine } from '../engine/machine';
import { isRulesName } from '../engine/rules';
import type { OperationSource } from '../history/source';
import { parse } from '../scenario/parse';
import { compileParsed, operationSource, type Env, type Program } from '../scenario/program';
import { designOf, machineOf } from '../scenario/run';
import type { Diagnostic } from '../scenario/scenario';
import { IMPORTED, WRITTEN } from '../scenario/limits';

export interface Workload {
  readonly text: string;
  readonly program: Program;
  readonly source: OperationSource<Env>;
  readonly diagnostics: readonly Diagnostic[];
  /** Everything that the machine's beginning depends on. */
  readonly head: string;
  /** First and last line of each step. */
  readonly lastLine: readonly number[];
}

export function readWorkload(text: string): Workload {
  // What comes from a program's trace may be longer than what a person writes.
  const parsed = parse(text, text.length > WRITTEN.bytes ? IMPORTED : WRITTEN);
  const program = compileParsed(parsed);
  const line = (statement: number): number => parsed.places[statement]?.line ?? 0;
  const plain = operationSource(program, line);
  const lastLine = program.steps.map((step) => line(step.expects.at(-1)?.statement ?? step.statement));
  const headings: string[] = [];
  for (const step of program.steps) headings.push(step.heading === '' ? (headings.at(-1) ?? '') : step.heading);
  const source: OperationSource<Env> = {
    ...plain,
    name: (k) => program.steps[k]!.call.result,
    statement(k) {
      const step = program.steps[k]!;
      const asked = step.predict === null ? step.statement : step.statement - 1;
      const above = step.predict === null ? step.call.above.length : step.predict.above.length;
      return { ...plain.statement(k), heading: headings[k]!, firstLine: line(asked) - above, lastLine: lastLine[k]! };
    },
  };
  const { config, files, layouts, design, rules } = program.head;
  const head = JSON.stringify([config, files, [...layouts], design, rules]);
  return { text, program, source, diagnostics: parsed.diagnostics, head, lastLine };
}

/** `ops`, or `ops@2.6.20` for a design by the rules of another time than the head's. */
function readName(name: string): { readonly design: DesignName; readonly rules: string } | null {
  const [design = '', rules = ''] = name.split('@');
  return isDesignName(design) && (rules === '' || isRulesName(rules)) ? { design, rules } : null;
}

/** The design by that name, with rules or without; the one that the head names for an empty or unknown name. */
export const designFor = (workload: Workload, name: string): string =>
  readName(name) === null ? designOf(workload.program.head).name : name;

export function machineFor(workload: Workload, name: string): Machine {
  const { head } = workload.program;
  const said = readName(name);
  if (said === null) return machineOf(head);
  return machineOf(said.rules === '' ? head : { ...head, rules: said.rules }, DESIGNS[said.design]);
}

/** Operations at the beginning that are the same in both: they end above the first line that differs. */
export function commonSteps(a: Workload, b: Workload): number {
  if (a.head !== b.head) return 0;
  const line = firstDifferentLine(a.text, b.text);
  const above = (lines: readonly number[]): number => {
    let lo = 0;
    let hi = lines.length;
    while (lo < hi) {
      const mid = (lo + hi) >>> 1;
      if (lines[mid]! < line) lo = mid + 1;
      else hi = mid;
    }
    return lo;
  };
  return Math.min(above(a.lastLine), above(b.lastLine));
}

/** From 1; Infinity for equal texts. */
function firstDifferentLine(a: string, b: string): number {
  if (a === b) return Infinity;
  let i = 0;
  let line = 1;
  const n = Math.min(a.length, b.length);
  for (; i < n && a[i] === b[i]; i++) if (a[i] === '\n') line++;
  return line;
}
