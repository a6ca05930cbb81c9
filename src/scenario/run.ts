/** Machines for scenarios, and a scenario run from one end to the other. */
import { PAGE_SIZE } from '../base/units';
import type { Design } from '../engine/designs/design';
import { DEFAULT_DESIGN, DESIGNS, isDesignName } from '../engine/designs/designs';
import { Overspent } from '../engine/meter';
import type { Machine } from '../engine/machine';
import type { Operation, Outcome } from '../engine/operation';
import { createMachine } from '../engine/process';
import { ordinaryFile } from '../engine/program';
import { restore, snapshot } from '../engine/snapshot';
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

/** Why a program was not carried out to its end: step `k` cost more than it may. */
export interface Ended {
  readonly k: number;
  readonly why: Overspent;
}

/**
 * Carries out a program step by step on a machine made by `machineOf`. `env` follows, and can be looked at. Returns null at the
 * end; where a step costs more than it may, the machine stands before that step, and it is told.
 */
export function* steps(program: Program, machine: Machine, env: Env = program.start()): Generator<Done, Ended | null> {
  const start = snapshot(machine);
  const done: Operation[] = [];
  for (let k = 0; k < program.steps.length; k++) {
    const operation = program.resolve(k, env);
    let outcome: Outcome | Refused;
    if ('refused' in operation) outcome = operation;
    else {
      try {
        outcome = { ...machine.execute(operation) };
      } catch (e) {
        if (!(e instanceof Overspent)) throw e;
        // It stands inside the operation.
        restore(machine, start);
        machine.meter.tell = null;
        for (const one of done) machine.execute(one);
        return { k, why: e };
      }
      done.push(operation);
      program.learn(k, env, operation, outcome);
    }
    yield { k, operation, outcome, findings: program.check(k, env, machine, outcome) };
  }
  return null;
}

/** Runs to the end and keeps what was expected and found. */
export function run(program: Program, machine: Machine): { findings: Finding[]; steps: number; ended: Ended | null } {
  const findings: Finding[] = [];
  const work = steps(program, machine);
  let count = 0;
  let step = work.next();
  for (; step.done !== true; step = work.next()) {
    for (const finding of step.value.findings) findings.push(finding);
    count++;
  }
  return { findings, steps: count, ended: step.value };
}
