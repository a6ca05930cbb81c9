/**
 * Every driver that can be put together on the bench, in the place of a program's private memory, through the whole library: does
 * each run end, does the lamp come on where something went wrong, and stay dark where nothing did? What went wrong is judged
 * apart from the validator, by what a run with the right driver comes to.
 */
import { PAGE_SIZE } from '../../../src/base/units';
import { HANDLER_SITES, type HandlerSite } from '../../../src/engine/designs/sites';
import { DESIGNS, type DesignName } from '../../../src/engine/designs/designs';
import { driverOf } from '../../../src/engine/drivers/drivers';
import { BENCH_MEMBERS, choicesFor } from '../../../src/engine/drivers/texts';
import type { Machine } from '../../../src/engine/machine';
import type { Operation } from '../../../src/engine/operation';
import type { RulesName } from '../../../src/engine/rules';
import { MAP_ANONYMOUS, MAP_HUGETLB, MAP_PRIVATE, MAP_TYPE, O_RDWR, SIGBUS } from '../../../src/engine/uapi';
import { validate } from '../../../src/engine/validate';
import { compileParsed, type Program } from '../../../src/scenario/program';
import { LIBRARY } from '../../../src/scenario/library';
import { parse } from '../../../src/scenario/parse';
import { machineOf } from '../../../src/scenario/run';
import { lifeOf } from '../../../src/app/argument/bench-scenario';

/** Events that one operation may take. */
const EVENTS = 3_000_000;
const RUN = 16 * PAGE_SIZE;

/** Lives that reach what the library leaves out: leaves of 1 GiB, pins, populating. */
const LIVES: readonly (readonly [string, string])[] = [
  ['a life on the bench', lifeOf('/dev/bench-rrrrrr', 'sweep')],
  [
    'a life of 1 GiB',
    `memory: 8G
fd = open("/dev/bench-rrrrrr", O_RDWR)
a = mmap(0x40000000000, 1G, rw, PRIVATE|FIXED, fd)
write(a)
mlock(a, 4K)
madvise(a + 2M, 2M, DONTNEED)
madvise(a, 4M, POPULATE_WRITE)
c = fork()
c: write(a + 512M)
write(a + 4K)
mprotect(a + 512M, 64K, r)
c: read(a)
munmap(a + 4M, 2M)
c: exit()
munmap(a, 1G)`,
  ],
  [
    'pins and populating',
    `fd = open("/dev/bench-rrrrrr", O_RDWR)
a = mmap(0x40000000000, 4160K, rw, PRIVATE|FIXED|POPULATE, fd)
madvise(a, 4M, POPULATE_READ)
write(a + 4M)
mlockall(CURRENT)
c = fork()
c: madvise(a, 4M, POPULATE_WRITE)
write(a)
munlockall()
c: madvise(a, 2M, DONTNEED)
c: read(a)
munmap(a, 4160K)
c: exit()`,
  ],
];

export interface Scenario {
  readonly name: string;
  readonly text: string;
}

export const SCENARIOS: readonly Scenario[] = [
  ...LIVES.map(([name, text]) => ({ name, text })),
  ...LIBRARY.flatMap(({ examples }) => examples).map(({ name, text }) => ({ name, text })),
];

/** The letters of every driver. */
export function combinations(): string[] {
  let all = [''];
  for (const member of BENCH_MEMBERS)
    all = all.flatMap((before) => choicesFor(member).map((choice) => before + choice[0]!));
  return all;
}

/** What a run came to, as far as a person would notice. */
interface Came {
  /** Of each operation: its result, errno, signal. */
  readonly outcomes: readonly string[];
  /** Frames and promises that are not free when every process has ended. */
  readonly left: string;
  /** The operation after which the lamp was on first, and what it said; −1 for never. */
  readonly lit: number;
  readonly said: string;
  /** Members that the design looked at. */
  readonly asked: ReadonlySet<HandlerSite>;
  /** The driver stands behind something. */
  readonly mapped: boolean;
  /** It did not end. */
  readonly hung: string;
}

/** Counts events and ends an operation that makes too many. */
class Bound {
  n = 0;
  emit(): void {
    if (++this.n > EVENTS) throw new Error('no end');
  }
}

const SITES = Object.keys(HANDLER_SITES) as HandlerSite[];

/** Has the table say which of its members are looked at. Returns where they are noted. */
const watching = new Map<string, { asked: Set<HandlerSite> }>();
function watched(path: string): { asked: Set<HandlerSite> } {
  let note = watching.get(path);
  if (note !== undefined) return note;
  const table = driverOf(path)!.table();
  const noted = (note = { asked: new Set<HandlerSite>() });
  for (const site of SITES) {
    const member = table[site];
    Object.defineProperty(table, site, { get: () => (noted.asked.add(site), member), enumerable: true });
  }
  watching.set(path, note);
  return note;
}

/** The operation with the driver behind it: private memory of ours becomes the driver's, where its size allows. */
function onDriver(o: Operation, path: string, fd: number): Operation {
  if (o.op === 'open' && o.path!.startsWith('/dev/bench-')) return { ...o, path };
  const [addr, len, prot, flags] = o.args;
  if (o.op !== 'mmap' || (flags! & MAP_TYPE) !== MAP_PRIVATE || (flags! & MAP_ANONYMOUS) === 0) return o;
  if (len! % RUN !== 0 || addr! % RUN !== 0) return o;
  return { ...o, args: [addr!, len!, prot!, flags! & ~(MAP_ANONYMOUS | MAP_HUGETLB), fd, 0] };
}

function carryOut(program: Program, m: Machine, path: string): Came {
  const note = watched(path);
  note.asked.clear();
  m.execute({ who: 0, op: 'open', args: [O_RDWR, 0], path });
  const fd = m.outcome.ret;
  const env = program.start();
  const outcomes: string[] = [];
  let lit = -1;
  let said = '';
  let mapped = false;
  let hung = '';
  for (let k = 0; k < program.steps.length && hung === ''; k++) {
    const asked = program.resolve(k, env);
    if ('refused' in asked) {
      outcomes.push('refused');
      continue;
    }
    const operation = onDriver(asked, path, fd);
    try {
      m.rec = new Bound() as unknown as Machine['rec'];
      m.execute(operation);
    } catch (e) {
      hung = `${operation.op}: ${(e as Error).message}`;
    } finally {
      m.rec = null;
    }
    const { ret, err, sig } = m.outcome;
    if (operation !== asked && operation.op === 'mmap' && err === 0) mapped = true;
    if (operation !== asked && operation.op === 'open') mapped = true;
    outcomes.push(`${operation.op} ${ret} ${err} ${sig}`);
    program.learn(k, env, operation, { ...m.outcome });
    if (lit < 0) {
      const [first] = validate(m);
      if (first !== undefined) {
        lit = k;
        said = `${first.invariant}: ${first.text}`;
      }
    }
  }
  for (const who of hung === '' ? [...m.tasks.keys()] : []) {
    try {
      m.execute({ who, op: 'exit', args: [] });
    } catch (e) {
      hung = `exit: ${(e as Error).message}`;
    }
  }
  const h = m.hstate;
  const left = `${m.frames.used} ${h.nr_huge_pages} ${h.free_huge_pages} ${h.resv_huge_pages}`;
  if (lit < 0 && hung === '') {
    const [first] = validate(m);
    if (first !== undefined) {
      lit = outcomes.length;
      said = `${first.invariant}: ${first.text}`;
    }
  }
  return { outcomes, left, lit, said, asked: new Set(note.asked), mapped, hung };
}

export interface Verdicts {
  /** Runs that were carried out, and drivers that they stand for. */
  runs: number;
  drivers: number;
  lit: number;
  /** Under this design no driver is let in. */
  refused: number;
  /** In words: what hung, was missed, was accused wrongly. */
  readonly wrong: string[];
}

/** What differs where it must not: an honest refusal does not count. `null` for nothing. */
function differs(right: Came, came: Came, letters: string): string | null {
  const noFault = letters[0] === 'n';
  for (let k = 0; k < right.outcomes.length; k++) {
    if (right.outcomes[k] === came.outcomes[k]) continue;
    // Without a handler for faults every touch is refused with SIGBUS, and what comes after is another story.
    if (noFault && came.outcomes[k]?.endsWith(` ${SIGBUS}`)) return null;
    if (noFault && / -1 (12|14) 0$/.test(came.outcomes[k] ?? '')) return null;
    return `operation ${k + 1}: ${right.outcomes[k]} with the right driver, ${came.outcomes[k]} with this`;
  }
  return noFault || right.left === came.left
    ? null
    : `at the end ${came.left} is left, and ${right.left} with the right driver`;
}

/** Runs the drivers of `letters` through a scenario under one design and one kernel's rules. */
export function sweep(
  scenario: Scenario,
  design: DesignName,
  rules: RulesName,
  letters: readonly string[],
  into: Verdicts,
): void {
  const text = scenario.text.replace(/^(rules|design|faulty_device|tlb):.*\n/gm, '');
  const program = compileParsed(parse(`rules: ${rules}\n${text}`));
  const runOf = (combination: string): Came =>
    carryOut(program, machineOf(program.head, DESIGNS[design]), `/dev/bench-${combination}`);
  const where = (combination: string): string => `${scenario.name}, ${design}, ${rules}, ${combination}`;
  const right = runOf('rrrrrr');
  into.runs++;
  if (right.lit >= 0)
    into.wrong.push(`${where('rrrrrr')}: accused wrongly at operation ${right.lit + 1}: ${right.said}`);
  if (right.hung !== '') into.wrong.push(`${where('rrrrrr')}: hung: ${right.hung}`);
  if (right.asked.size === 0) {
    into.refused += letters.length;
    into.drivers += letters.length;
    return;
  }
  /** Runs so far by what of the driver was looked at: another that is alike there does the same. */
  const known: { asked: ReadonlySet<HandlerSite>; letters: string }[] = [];
  const alike = (a: string, b: string, asked: ReadonlySet<HandlerSite>): boolean =>
    BENCH_MEMBERS.every(({ site }, i) => a[i] === b[i] || !asked.has(site));
  for (const combination of letters) {
    into.drivers++;
    if (known.some((one) => alike(one.letters, combination, one.asked))) continue;
    const came = runOf(combination);
    into.runs++;
    known.push({ asked: came.asked, letters: combination });
    if (came.lit >= 0) into.lit++;
    const other = differs(right, came, combination);
    if (came.hung !== '') into.wrong.push(`${where(combination)}: hung: ${came.hung}`);
    else if (came.lit < 0 && other !== null) into.wrong.push(`${where(combination)}: missed: ${other}`);
    else if (
      came.lit >= 0 &&
      !/[wu]/.test(combination) &&
      other === null &&
      !/^contents|^pgtables|^table-/.test(came.said)
    )
      into.wrong.push(`${where(combination)}: accused wrongly at operation ${came.lit + 1}: ${came.said}`);
  }
}

export const nothingYet = (): Verdicts => ({ runs: 0, drivers: 0, lit: 0, refused: 0, wrong: [] });
