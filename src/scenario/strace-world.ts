/**
 * The processes of a trace as far as memory is concerned: who shares an address space with whom, which numbers stand for which
 * files, what must have stood before the first call. Writes the calls down as a scenario.
 */
import { PAGE_SIZE, PMD_SIZE, roundUp } from '../base/units';
import { ERRNOS } from './arguments';
import { CALL_NAMES } from './calls';
import { Intervals } from './intervals';
import { DIAGNOSTICS } from './limits';
import type { Argument, Call, Expected } from './scenario';
import type { TracedCall } from './strace-lines';

/** Where a program's areas are, as far as its calls tell. Shared by all that came from it by fork. */
export interface Program {
  /** What `exec` calls it. */
  readonly name: string;
  readonly path: string;
  /** What its calls took for granted: areas that no call made. */
  readonly before: Intervals;
  mmapBase: number;
  /** The mapping that `mmapBase` was taken from may have been moved down to a multiple of 2 MiB. */
  rough: boolean;
  brk: number;
}

export interface Space {
  /** Name of its process in the scenario; '' is the first. */
  readonly who: string;
  readonly program: Program;
  /** What is mapped by calls that were seen. */
  readonly mapped: Intervals;
  /** End of the heap, 0 before the first brk. */
  brk: number;
  /** Where it maps pages of the pool that were promised to it. */
  readonly huge: Intervals;
  users: number;
}

/** What a file's number stands for. */
export interface OpenFile {
  readonly path: string;
  readonly writable: boolean;
  /** Closed when another program starts. */
  readonly cloexec: boolean;
  /** Name in the scenario once it was needed; '' before. */
  name: string;
  /** How many numbers of the process stand for it. */
  numbers: number;
}

/** The files of a process that goes its own way from here on: numbers that stood for one file still do. */
function copyFiles(
  files: ReadonlyMap<number, OpenFile>,
  kept: (file: OpenFile) => boolean = () => true,
): Map<number, OpenFile> {
  const copies = new Map<OpenFile, OpenFile>();
  const result = new Map<number, OpenFile>();
  for (const [fd, file] of files) {
    if (!kept(file)) continue;
    let copy = copies.get(file);
    if (copy === undefined) copies.set(file, (copy = { ...file, numbers: 0 }));
    copy.numbers++;
    result.set(fd, copy);
  }
  return result;
}

/** Gives a file a number, which stood for another one before. */
export function setFile(files: Map<number, OpenFile>, fd: number, file: OpenFile): void {
  const before = files.get(fd);
  if (before === file) return;
  if (before !== undefined) before.numbers--;
  else if (files.size >= FILES) return;
  file.numbers++;
  files.set(fd, file);
}

/** Open files of one process that are followed. */
const FILES = 4096;

export interface Proc {
  readonly pid: number;
  readonly group: number;
  space: Space;
  files: Map<number, OpenFile>;
}

const value = (n: number): Expected => ({ kind: 'value', value: n });

/** Names of which none is given twice. */
class Names {
  private readonly taken: Set<string>;
  /** By stem, the number that is tried next. */
  private readonly next = new Map<string, number>();

  constructor(taken: Iterable<string> = []) {
    this.taken = new Set(taken);
  }

  /** The stem itself, or with the first number behind it that makes it another than all before. */
  unlike(stem: string, gap: string): string {
    let name = stem;
    let n = this.next.get(stem) ?? 2;
    while (this.taken.has(name)) name = `${stem}${gap}${n++}`;
    this.next.set(stem, n);
    this.taken.add(name);
    return name;
  }
}

/** Collects the calls of the scenario. */
class Script {
  readonly calls: Call[] = [];
  /** Bytes that are mapped of each file. */
  readonly files = new Map<string, number>();
  /** Results that no expectation can state, by name. */
  readonly unsaid = new Map<string, number>();
  /** Most pages of the pool that were mapped at once. */
  hugePages = 0;
  /** Largest mapping that needed memory behind it. */
  largest = 0;
  private readonly taken = new Names([...CALL_NAMES, 'expect', 'predict', 'NULL', '__proto__']);

  /** A name that nothing else has, like a text. */
  nameLike(text: string): string {
    let stem = text
      .replace(/\W+/g, '_')
      .replace(/^_+(?=.)/, '')
      .slice(0, 40);
    if (!/^[A-Za-z_]/.test(stem)) stem = `f${stem}`;
    return this.taken.unlike(stem, '_');
  }

  add(process: string, call: string, args: readonly Argument[], expected: Expected | null, result = ''): void {
    this.calls.push({ kind: 'call', process, result, call, args, expected, above: [], behind: '' });
  }

  /** What a traced result says as an expectation; null where it says nothing that can be checked. */
  expected(result: string, error: string): Expected | null {
    if (error !== '') {
      if (ERRNOS.includes(error)) return { kind: 'errno', name: error };
      this.unsaid.set(error, (this.unsaid.get(error) ?? 0) + 1);
      return null;
    }
    const n = result === '?' ? Number.NaN : Number(result);
    return Math.abs(n) <= 2 ** 64 ? value(n) : null;
  }
}

/** Processes by their number. */
export class World {
  readonly script = new Script();
  readonly procs = new Map<number, Proc>();
  readonly programs: Program[] = [];
  private readonly programNames = new Names();
  /** Processes by the group that ends together. */
  private readonly groups = new Map<number, Set<Proc>>();
  private first = true;
  private unknownFiles = 0;
  /** Calls that make no sense, the first ten in words. */
  readonly findings: string[] = [];
  /** Processes taken for threads without having been seen to be made. */
  guessed = 0;

  /**
   * The process of a number. One that nobody was seen to make (the trace has no such calls) has started a program of its own
   * where it asks for the heap first, as programs do; else it is a thread of the first.
   */
  proc(pid: number, asksForHeap: boolean): Proc {
    const known = this.procs.get(pid);
    if (known !== undefined) return known;
    const [main] = this.procs.values();
    if (main !== undefined && !asksForHeap) {
      const thread = { ...main, pid };
      main.space.users++;
      this.join(thread);
      this.guessed++;
      return thread;
    }
    const space = this.newSpace(pid, 'program', '');
    const proc: Proc = { pid, group: pid, space, files: new Map() };
    return this.join(proc);
  }

  /** Notes what is wrong with a call, and how to mend it. */
  report({ ends, column }: TracedCall, message: string): void {
    if (this.findings.length < DIAGNOSTICS) this.findings.push(`Line ${ends + 1}, column ${column}: ${message}`);
  }

  private join(proc: Proc): Proc {
    this.procs.set(proc.pid, proc);
    const group = this.groups.get(proc.group);
    if (group === undefined) this.groups.set(proc.group, new Set([proc]));
    else group.add(proc);
    return proc;
  }

  private newProgram(name: string, path: string): Program {
    const program: Program = {
      name: this.programNames.unlike(name, '-'),
      path,
      before: new Intervals(),
      mmapBase: 0,
      rough: true,
      brk: 0,
    };
    this.programs.push(program);
    return program;
  }

  /** A fresh address space in a process of its own. */
  private newSpace(pid: number, name: string, path: string): Space {
    let who = '';
    if (!this.first) {
      who = this.script.nameLike(`p${pid}`);
      this.script.add('', 'fork', [], null, who);
    }
    this.first = false;
    return this.start(who, name, path);
  }

  private start(who: string, name: string, path: string): Space {
    const program = this.newProgram(name, path);
    this.script.add(who, 'exec', [program.name], value(0));
    return { who, program, mapped: new Intervals(), huge: new Intervals(), brk: 0, users: 1 };
  }

  /** Another program in the place of the present one. */
  exec(pid: number, path: string): void {
    const name =
      (path.split('/').pop() ?? '')
        .replace(/[^\w.+-]/g, '_')
        .replace(/^[^A-Za-z_]/, '_')
        .slice(0, 40) || 'program';
    const proc = this.procs.get(pid);
    if (proc === undefined) {
      this.join({ pid, group: pid, space: this.newSpace(pid, name, path), files: new Map() });
      return;
    }
    // The other threads end with the old program; who shared its memory otherwise (vfork) keeps it.
    for (const other of this.groups.get(proc.group) ?? []) if (other !== proc) this.leave(other.pid, false);
    const { space } = proc;
    if (space.users > 1) {
      space.users--;
      const who = this.script.nameLike(`p${pid}`);
      this.script.add(space.who, 'fork', [], null, who);
      proc.space = this.start(who, name, path);
    } else proc.space = this.start(space.who, name, path);
    proc.files = copyFiles(proc.files, ({ cloexec }) => !cloexec);
  }

  /** A new thread or process. */
  clone(parent: number, child: number, flags: string): void {
    if (this.procs.has(child)) return;
    const from = this.proc(parent, false);
    const files = flags.includes('CLONE_FILES') ? from.files : copyFiles(from.files);
    const group = flags.includes('CLONE_THREAD') ? from.group : child;
    if (flags.includes('CLONE_VM')) {
      from.space.users++;
      this.join({ pid: child, group, space: from.space, files });
      return;
    }
    const { program, mapped, huge, brk } = from.space;
    const who = this.script.nameLike(`p${child}`);
    this.script.add(from.space.who, 'fork', [], null, who);
    const space: Space = { who, program, mapped: mapped.copy(), huge: huge.copy(), brk, users: 1 };
    this.join({ pid: child, group, space, files });
  }

  /** The end of a thread or process. The first process of all is left standing, to be looked at. */
  leave(pid: number, told = true): void {
    const proc = this.procs.get(pid);
    if (proc === undefined) return;
    this.procs.delete(pid);
    const group = this.groups.get(proc.group);
    group?.delete(proc);
    if (group?.size === 0) this.groups.delete(proc.group);
    if (--proc.space.users === 0 && told && proc.space.who !== '') this.script.add(proc.space.who, 'exit', [], null);
  }

  /** The name of a mapped file in the scenario, opened there when it is needed first. */
  fileName(proc: Proc, fd: number, annotation: string, fresh: boolean): string {
    let file = proc.files.get(fd);
    if (file === undefined || (file.path.startsWith(UNKNOWN) && fresh)) {
      const path = annotation !== '' ? annotation : `${UNKNOWN}${++this.unknownFiles}`;
      file = { path, writable: true, cloexec: true, name: '', numbers: 0 };
      setFile(proc.files, fd, file);
    }
    if (file.name === '') {
      file.name = this.script.nameLike(file.path.split('/').pop() ?? '');
      const { who } = proc.space;
      if (file.path.startsWith('/dev/shm/'))
        this.script.add(who, 'memfd_create', [file.path.slice(9)], null, file.name);
      else if (file.path.startsWith('/dev/hugepages/'))
        this.script.add(who, 'open', [file.path, O_RDWR | O_CREAT], null, file.name);
      else {
        this.script.add(who, 'open', [scenarioPath(file.path), file.writable ? O_RDWR : 0], null, file.name);
        if (!this.script.files.has(file.path)) this.script.files.set(file.path, PAGE_SIZE);
      }
    }
    return file.name;
  }

  /** A file's number is free again. */
  close(proc: Proc, fd: number): void {
    const file = proc.files.get(fd);
    if (file === undefined) return;
    proc.files.delete(fd);
    file.numbers--;
    const shared = file.numbers > 0;
    if (file.name !== '' && !shared) this.script.add(proc.space.who, 'close', [nameOf(file.name)], value(0));
  }
}

const O_RDWR = 2;
const O_CREAT = 0x40;
const UNKNOWN = '/unknown/';

/** An ordinary file's path as the scenario's `open` takes it: one without a folder would be a file of huge pages. */
export const scenarioPath = (path: string): string => (path.startsWith('/') ? path : `file:${path}`);

export const nameOf = (name: string): Argument => ({ name, minus: '', offset: 0 });

/** Whether the kernel may move a mapping that says no place down to a multiple of 2 MiB. */
export const mayAlign = (length: number, file: boolean): boolean =>
  file ? length >= PMD_SIZE : roundUp(length, PAGE_SIZE) % PMD_SIZE === 0;
