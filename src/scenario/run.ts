/** Machines for scenarios, and a scenario run from one end to the other. */
import { PAGE_SIZE } from '../base/units';
import type { Design } from '../engine/designs/design';
import { DEFAULT_DESIGN, DESIGNS, isDesignName } from '../engine/designs/designs';
import type { Machine } from '../engine/machine';
import type { Operation, Outcome } from '../engine/operation';
import { createMachine } from '../engine/process';
import { ordinaryFile } from '../engine/program';
import { isRulesName, RULES_NAMES } from '../engine/rules';
import type { Refused } from '../history/source';
import type { Head } from './head';
import { enginePath } from './paths';
import type { Env, Finding, Program } from './program';

/** Frames that files of the head leave for everything else. */
const SPARE_FRAMES = 4096;

/** The design that a head names; the usual one where it names none. */
export const designOf = (head: Head): Design => DESIGNS[isDesignName(head.design) ? head.design : DEFAULT_DESIGN];

/** A machine as a scenario's head sets it up, before the first step. Files for which there is no memory are not there. */
export function machineOf(head: Head, design = designOf(head)): Machine {
  const rules = isRulesName(head.rules) ? head.rules : RULES_NAMES[0];
  const m = createMachine({ ...head.config, design, rules });
  for (const { path, bytes } of head.files)
    if (bytes / PAGE_SIZE + SPARE_FRAMES < m.frames.total - m.frames.used) ordinaryFile(m, enginePath(path), bytes);
  return m;
}

/** One step that was carried out. `outcome` is the step's own copy. */
export interface Done {
  readonly k: number;
  readonly operation: Operation | Refused;
  readonly outcome: Outcome | Refused;
  readonly findings: readonly Finding[];
}

/** Carries out a program step by step on a machine made by `machineOf`. `env` follows, and can be looked at. */
export function* steps(program: Program, machine: Machine, env: Env = program.start()): Generator<Done, void> {
  for (let k = 0; k < program.steps.length; k++) {
    const operation = program.resolve(k, env);
    let outcome: Outcome | Refused;
    if ('refused' in operation) outcome = operation;
    else {
      outcome = { ...machine.execute(operation) };
      program.learn(k, env, operation, outcome);
    }
    yield { k, operation, outcome, findings: program.check(k, env, machine, outcome) };
  }
}

/** Runs to the end and keeps what was expected and found. */
export function run(program: Program, machine: Machine): { findings: Finding[]; steps: number } {
  const findings: Finding[] = [];
  let count = 0;
  for (const done of steps(program, machine)) {
    findings.push(...done.findings);
    count++;
  }
  return { findings, steps: count };
}
