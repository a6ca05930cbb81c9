/** Scenarios on the command line: run, check, link, open, import. */
import { basename } from 'node:path';
import { DESIGNS, type DesignName } from '../engine/designs/designs';
import { procMaps, procMeminfo, procStatus } from '../engine/fs/proc';
import type { Machine } from '../engine/machine';
import { exportRun, type ExportKind } from '../protocol/export';
import { readWorkload } from '../protocol/workload';
import { callShape } from '../scenario/calls';
import { fingerprint } from '../scenario/fingerprint';
import { format, formatStatement } from '../scenario/format';
import { exampleNamed, LIBRARY } from '../scenario/library';
import { IMPORTED } from '../scenario/limits';
import { parse } from '../scenario/parse';
import { compileParsed, outcomeText, type Program } from '../scenario/program';
import { importMaps } from '../scenario/proc-maps';
import { designOf, machineOf, run, steps, type Ended } from '../scenario/run';
import type { Parsed } from '../scenario/scenario';
import { importStraceNow } from '../scenario/strace';
import { decodeLink, encodeLink, linkFingerprint, PLAIN_VIEW, recoverText } from '../share/link';
import { Deadline, FAILED, OVERSPENT, UNREAD, worst } from './bounds';
import { FileTrouble, put, say, textOf, warn } from './files';

interface Read {
  readonly file: string;
  readonly text: string;
  readonly parsed: Parsed;
  readonly program: Program;
}

/** Reads a scenario and tells what is wrong with it. */
function read(file: string): Read {
  const text = textOf(file);
  const parsed = parse(text, IMPORTED);
  for (const { at, message } of parsed.diagnostics) warn(`${file}:${at.line}:${at.column}: ${message}`);
  return { file, text, parsed, program: compileParsed(parsed) };
}

const machineFor = (program: Program, design: DesignName | undefined, deadline: Deadline) =>
  deadline.watch(machineOf(program.head, design === undefined ? designOf(program.head) : DESIGNS[design]));

/** Tells that a run was ended before its end. */
const tellEnded = (file: string, { k, why }: Ended): void =>
  warn(`${file}: the run ends before operation ${k + 1}. ${why.message}`);

/** What `/proc` says at the end. */
function endText(machine: Machine): string {
  const tasks = [...machine.tasks].sort(([a], [b]) => a - b);
  const texts = tasks.map(([who, task]) => `# process ${who}\n${procMaps(task)}${procStatus(task)}`);
  return `${texts.join('')}# meminfo\n${procMeminfo(machine)}`;
}

/** Carries a scenario out and prints what happened and the end state; or writes it in one of the forms for other programs. */
export function runFile(file: string, design: DesignName | undefined, as: ExportKind | 'text', limit: number): number {
  const { text, parsed, program } = read(file);
  const code = parsed.diagnostics.length === 0 ? 0 : FAILED;
  const deadline = new Deadline(limit);
  const machine = machineFor(program, design, deadline);
  if (as !== 'text') {
    const work_ = exportRun(readWorkload(text), machine.design.name, as, (m) => deadline.watch(m));
    let one = work_.next();
    for (; one.done !== true; one = work_.next()) deadline.check();
    put(one.value);
    return code;
  }
  const work = steps(program, machine);
  let step = work.next();
  for (; step.done !== true; step = work.next()) {
    const { k, outcome, findings } = step.value;
    const { call } = program.steps[k];
    const faults = 'refused' in outcome || outcome.minflt === 0 ? '' : `  (${outcome.minflt} faults)`;
    const written = formatStatement({ ...call, expected: null, behind: '' });
    say(`${String(k + 1).padStart(4)}  ${written} → ${outcomeText(outcome, callShape(call.call)!.result)}${faults}`);
    for (const { holds, expected, found } of findings) if (!holds) say(`      expected ${expected}, found ${found}`);
  }
  if (step.value !== null) tellEnded(file, step.value);
  say(`\n${endText(machine)}`);
  return step.value === null ? code : OVERSPENT;
}

/**
 * Holds scenarios against what they expect: a line for each that fails, and one for each file. A file in which nothing is
 * expected was not checked: that is no success, unless `allowEmpty`.
 */
export function checkFiles(
  files: readonly string[],
  design: DesignName | undefined,
  limit: number,
  allowEmpty: boolean,
): number {
  const deadline = new Deadline(limit);
  return worst(files.map((file) => checkFile(file, design, deadline, allowEmpty)));
}

function checkFile(file: string, design: DesignName | undefined, deadline: Deadline, allowEmpty: boolean): number {
  try {
    const { parsed, program } = read(file);
    const { findings, steps: n, ended } = run(program, machineFor(program, design, deadline));
    if (ended !== null) tellEnded(file, ended);
    const wrong = findings.filter((finding) => !finding.holds);
    for (const { statement, expected, found } of wrong)
      say(`${file}:${parsed.places[statement].line}: expected ${expected}, found ${found}`);
    const errors = parsed.diagnostics.length;
    const unread = errors === 0 ? '' : `, ${errors} ${errors === 1 ? 'line' : 'lines'} could not be read`;
    say(`${file}: ${findings.length - wrong.length} of ${findings.length} expectations hold, ${n} operations${unread}`);
    if (errors > 0) return UNREAD;
    if (wrong.length > 0) return FAILED;
    if (ended !== null) return OVERSPENT;
    if (findings.length > 0 || allowEmpty) return 0;
    warn(`${file}: nothing is expected in it, so nothing was checked. Write → or expect; --allow-empty lets it pass.`);
    return OVERSPENT;
  } catch (e) {
    if (!(e instanceof FileTrouble)) throw e;
    warn(e.message);
    return UNREAD;
  }
}

/** Prints a scenario's link, without the page's address. */
export function linkFile(
  file: string,
  step: number | undefined,
  design: DesignName | undefined,
  limit: number,
): number {
  const { text, program } = read(file);
  const machine = machineFor(program, design, new Deadline(limit));
  const { ended } = run(program, machine);
  if (ended !== null) tellEnded(file, ended);
  const k = Math.min(step ?? 0, program.steps.length);
  const link = encodeLink(text, fingerprint(machine), { ...PLAIN_VIEW, k, design: design ?? '' });
  if (!link.ok) {
    warn(link.error.message);
    return FAILED;
  }
  say(`#${link.value}`);
  return ended === null ? 0 : OVERSPENT;
}

/** Prints the scenario of a link, or why it cannot be opened and what could be saved. */
export function openLink(hash: string, limit: number): number {
  const named = /#?ex=([\w-]+)/.exec(hash);
  if (named) return openExample(named[1]!);
  const link = decodeLink(hash);
  if (!link.ok) {
    warn(link.error.message);
    const saved = recoverText(hash);
    if (saved !== '') {
      warn('This much could be saved:');
      put(saved);
    }
    return FAILED;
  }
  const { text, notice, fingerprint: then, view } = link.value;
  if (notice !== '') warn(notice);
  if (then !== null) {
    const program = compileParsed(parse(text));
    const design = Object.hasOwn(DESIGNS, view.design) ? (view.design as DesignName) : undefined;
    const machine = machineFor(program, design, new Deadline(limit));
    const { ended } = run(program, machine);
    if (ended !== null) {
      tellEnded('the link', ended);
      put(text);
      return OVERSPENT;
    }
    if (linkFingerprint(fingerprint(machine)) !== then)
      warn('The scenario now ends otherwise than when the link was made.');
  }
  put(text);
  return 0;
}

function openExample(name: string): number {
  const example = exampleNamed(name);
  if (example !== undefined) {
    put(example.text);
    return 0;
  }
  const names = LIBRARY.flatMap(({ examples }) => examples.map((one) => one.name));
  warn(`The library has no scenario called ${name}. It has: ${names.join(', ')}`);
  return FAILED;
}

/** Prints the scenario that strace's output, or a `/proc/PID/maps` or `smaps`, becomes. */
export function importFiles(files: readonly string[], kind: 'strace' | 'maps'): number {
  const texts = files.map((file) => ({ name: basename(file), text: textOf(file) }));
  const found = kind === 'strace' ? importStraceNow(texts) : importMaps(texts[0].text);
  for (const note of found.notes) warn(note);
  put(format(found.scenario));
  return 0;
}
