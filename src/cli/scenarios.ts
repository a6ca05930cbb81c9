/** Scenarios on the command line: run, check, link, open, import. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { gunzipSync } from 'fflate';
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
import { designOf, machineOf, run, steps } from '../scenario/run';
import type { Parsed } from '../scenario/scenario';
import { importStraceNow } from '../scenario/strace';
import { decodeLink, encodeLink, linkFingerprint, PLAIN_VIEW, recoverText } from '../share/link';

/** A file's text; `-` is what comes in, `.gz` is expanded. */
function textOf(file: string): string {
  const bytes = readFileSync(file === '-' ? 0 : file);
  return new TextDecoder().decode(file.endsWith('.gz') ? gunzipSync(bytes) : bytes);
}

const say = (text: string): void => void process.stdout.write(`${text}\n`);

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
  for (const { at, message } of parsed.diagnostics) console.error(`${file}:${at.line}:${at.column}: ${message}`);
  return { file, text, parsed, program: compileParsed(parsed) };
}

const machineFor = (program: Program, design: DesignName | undefined) =>
  machineOf(program.head, design === undefined ? designOf(program.head) : DESIGNS[design]);

/** What `/proc` says at the end. */
function endText(machine: Machine): string {
  const tasks = [...machine.tasks].sort(([a], [b]) => a - b);
  const texts = tasks.map(([who, task]) => `# process ${who}\n${procMaps(task)}${procStatus(task)}`);
  return `${texts.join('')}# meminfo\n${procMeminfo(machine)}`;
}

/** Carries a scenario out and prints what happened and the end state; or writes it in one of the forms for other programs. */
export function runFile(file: string, design: DesignName | undefined, as: ExportKind | 'text'): number {
  const { text, parsed, program } = read(file);
  const code = parsed.diagnostics.length === 0 ? 0 : 1;
  const machine = machineFor(program, design);
  if (as !== 'text') {
    const work = exportRun(readWorkload(text), machine.design.name, as);
    let step = work.next();
    while (step.done !== true) step = work.next();
    process.stdout.write(step.value);
    return code;
  }
  for (const { k, outcome, findings } of steps(program, machine)) {
    const { call } = program.steps[k];
    const faults = 'refused' in outcome || outcome.minflt === 0 ? '' : `  (${outcome.minflt} faults)`;
    const written = formatStatement({ ...call, expected: null, behind: '' });
    say(`${String(k + 1).padStart(4)}  ${written} → ${outcomeText(outcome, callShape(call.call)!.result)}${faults}`);
    for (const { holds, expected, found } of findings) if (!holds) say(`      expected ${expected}, found ${found}`);
  }
  say(`\n${endText(machine)}`);
  return code;
}

/** Holds scenarios against what they expect: a line for each that fails, and one for each file. 1 where one fails. */
export function checkFiles(files: readonly string[], design: DesignName | undefined): number {
  let failed = 0;
  for (const file of files) {
    const { parsed, program } = read(file);
    const { findings, steps: n } = run(program, machineFor(program, design));
    const wrong = findings.filter((finding) => !finding.holds);
    for (const { statement, expected, found } of wrong)
      say(`${file}:${parsed.places[statement].line}: expected ${expected}, found ${found}`);
    const errors = parsed.diagnostics.length;
    if (wrong.length + errors > 0) failed++;
    const read10 = errors === 0 ? '' : `, ${errors} lines could not be read`;
    say(`${file}: ${findings.length - wrong.length} of ${findings.length} expectations hold, ${n} operations${read10}`);
  }
  return failed === 0 ? 0 : 1;
}

/** Prints a scenario's link, without the page's address. */
export function linkFile(file: string, step: number | undefined, design: DesignName | undefined): number {
  const { text, program } = read(file);
  const machine = machineFor(program, design);
  run(program, machine);
  const k = Math.min(step ?? 0, program.steps.length);
  const link = encodeLink(text, fingerprint(machine), { ...PLAIN_VIEW, k, design: design ?? '' });
  if (!link.ok) {
    console.error(link.error.message);
    return 1;
  }
  say(`#${link.value}`);
  return 0;
}

/** Prints the scenario of a link, or why it cannot be opened and what could be saved. */
export function openLink(hash: string): number {
  const named = /#?ex=([\w-]+)/.exec(hash);
  if (named) return openExample(named[1]!);
  const link = decodeLink(hash);
  if (!link.ok) {
    console.error(link.error.message);
    const saved = recoverText(hash);
    if (saved !== '') {
      console.error('This much could be saved:');
      process.stdout.write(saved);
    }
    return 1;
  }
  const { text, notice, fingerprint: then, view } = link.value;
  if (notice !== '') console.error(notice);
  if (then !== null) {
    const program = compileParsed(parse(text));
    const design = Object.hasOwn(DESIGNS, view.design) ? (view.design as DesignName) : undefined;
    const machine = machineFor(program, design);
    run(program, machine);
    if (linkFingerprint(fingerprint(machine)) !== then)
      console.error('The scenario now ends otherwise than when the link was made.');
  }
  process.stdout.write(text);
  return 0;
}

function openExample(name: string): number {
  const example = exampleNamed(name);
  if (example !== undefined) {
    process.stdout.write(example.text);
    return 0;
  }
  const names = LIBRARY.flatMap(({ examples }) => examples.map((one) => one.name));
  console.error(`The library has no scenario called ${name}. It has: ${names.join(', ')}`);
  return 1;
}

/** Prints the scenario that strace's output, or a `/proc/PID/maps` or `smaps`, becomes. */
export function importFiles(files: readonly string[], kind: 'strace' | 'maps'): number {
  const texts = files.map((file) => ({ name: basename(file), text: textOf(file) }));
  const found = kind === 'strace' ? importStraceNow(texts) : importMaps(texts[0].text);
  for (const note of found.notes) console.error(note);
  process.stdout.write(format(found.scenario));
  return 0;
}
