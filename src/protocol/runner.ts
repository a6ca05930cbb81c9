/**
 * The other end of the messages: holds the machines and answers. A worker, a test or the command line runs it; it needs
 * nothing but a way to post, a clock, and turns of an event loop. Long work goes in slices, so that a newer question can
 * stop it.
 */
import { assert } from '../base/assert';
import type { Machine } from '../engine/machine';
import { Overspent } from '../engine/meter';
import { validate } from '../engine/validate';
import { Comparer } from '../history/compare';
import { LedgerRun, type Ledger } from '../history/ledger';
import { picturesOf } from '../history/pictures/all';
import { fellowsOf } from '../history/pictures/fellows';
import { procText } from '../history/pictures/proc';
import { Run, type Scene } from '../history/run';
import { isRefused } from '../history/source';
import { tlbOf } from '../history/tlb';
import { fingerprint } from '../scenario/fingerprint';
import type { Env } from '../scenario/program';
import type { Progress } from '../scenario/strace';
import { Branches } from './branches';
import type { Answer, Ask, Finish, FromWorker, Loaded, Place, Problem, Question, Side, ToWorker } from './messages';
import { moveFrom } from './move';
import { exportRun } from './export';
import { importTexts } from './import';
import { commonSteps, designFor, machineFor, readWorkload, type Workload } from './workload';

export interface Surroundings {
  /** Milliseconds of any clock. */
  now(): number;
  /** Runs a task in a later turn of the event loop. */
  later(task: () => void): void;
}

export interface Runner {
  receive(message: ToWorker): void;
}

/** Milliseconds of one slice of long work. */
const SLICE = 16;
/** Milliseconds between two words about progress. */
const TELL = 100;
/** Expectations that did not hold, told one by one. */
const DIFFERENCES = 200;

class Stopped extends Error {
  constructor(readonly problem: Problem) {
    super(problem.message);
  }
}

const CANCELLED: Problem = { kind: 'cancelled', message: 'Another question came first.' };

/** One question under way. */
class Token {
  cancelled = false;
  constructor(
    readonly id: number,
    readonly question: Question,
    readonly side: Side,
  ) {}
}

/** What is loaded, until the next text. */
interface Stage {
  workload: Workload;
  branches: Branches;
  left: Run<Env>;
  right: Run<Env> | null;
  design: string;
  other: string;
  /** Where each side was shown last. */
  shown: Record<Side, Place>;
}

export function createRunner(
  post: (message: FromWorker, transfer: readonly ArrayBuffer[]) => void,
  surroundings: Surroundings,
): Runner {
  const now = (): number => surroundings.now();
  const open = new Map<number, Token>();
  let stage: Stage | null = null;

  const invalid = (message: string): Stopped => new Stopped({ kind: 'invalid', message });

  function loaded(): Stage {
    if (stage === null) throw invalid('No scenario is loaded.');
    return stage;
  }

  /** The question that the machines work for, and how far that is. */
  let current: { readonly id: number; readonly at: () => [number, number] } | null = null;
  let toldInside = now();

  /** Tells how far it is from inside an operation, where no message is heard and none is answered. */
  function inside(steps: number): void {
    if (current === null || now() - toldInside < TELL) return;
    toldInside = now();
    const [done, of] = current.at();
    post({ type: 'progress', id: current.id, done, of, steps }, []);
  }

  function watched(workload: Workload, design: string): Machine {
    const machine = machineFor(workload, design);
    machine.meter.tell = inside;
    return machine;
  }

  // ---- long work -----------------------------------------------------------------------------

  /** Works in slices until `work` says that it is done. `work` gets its deadline; `at` tells how far it is. */
  async function inSlices(
    token: Token,
    work: (deadline: number) => boolean,
    at: () => [number, number],
  ): Promise<void> {
    let told = now();
    for (;;) {
      if (token.cancelled) throw new Stopped(CANCELLED);
      current = { id: token.id, at };
      if (work(now() + SLICE)) return;
      if (now() - told > TELL) {
        told = now();
        const [done, of] = at();
        post({ type: 'progress', id: token.id, done, of, steps: 0 }, []);
      }
      await new Promise<void>((resolve) => surroundings.later(resolve));
    }
  }

  async function reach(token: Token, run: Run<Env>, to: number): Promise<void> {
    const begun = run.reached;
    await inSlices(
      token,
      (deadline) => run.advance(to, deadline) >= Math.min(to, run.length),
      () => [run.reached - begun, Math.min(to, run.length) - begun],
    );
  }

  // ---- loading -------------------------------------------------------------------------------

  function newRun(workload: Workload, design: string): Run<Env> {
    return new Run(workload.source, { create: () => watched(workload, design), now });
  }

  function tell(common: number): Loaded {
    const { workload, design, other, branches } = loaded();
    return {
      text: workload.text,
      title: workload.program.head.title,
      n: workload.source.length,
      diagnostics: workload.diagnostics,
      design,
      other,
      rules: workload.program.head.rules,
      branch: branches.current.id,
      futures: branches.listed(),
      common,
    };
  }

  function load({ text, design, other, futures = [] }: Ask<'load'>): Loaded {
    const workload = readWorkload(text);
    const mine = designFor(workload, design);
    const beside = other === '' ? '' : designFor(workload, other);
    const branches = new Branches(text, workload.source.length);
    branches.restore(futures);
    stage = {
      workload,
      branches,
      left: newRun(workload, mine),
      right: beside === '' ? null : newRun(workload, beside),
      design: mine,
      other: beside,
      shown: { left: { k: 0, event: null }, right: { k: 0, event: null } },
    };
    return tell(0);
  }

  /** Goes on with another text, keeping what the two have in common. */
  function changeTo(workload: Workload): number {
    const s = loaded();
    const common = commonSteps(s.workload, workload);
    const sameStart = s.workload.head === workload.head;
    s.workload = workload;
    if (sameStart) {
      s.left.change(workload.source, common);
      s.right?.change(workload.source, common);
    } else {
      s.left = newRun(workload, s.design);
      s.right = s.right === null ? null : newRun(workload, s.other);
    }
    return common;
  }

  function edit({ text, amend }: Ask<'edit'>): Loaded {
    const s = loaded();
    const had = s.workload.source.length;
    const workload = readWorkload(text);
    const common = commonSteps(s.workload, workload);
    const n = workload.source.length;
    const known = s.branches.withText(text);
    if (known !== undefined) s.branches.enter(known);
    else if (common < had && !amend) s.branches.leave(text, n, common, labelOf(workload, common));
    else s.branches.amend(text, n);
    changeTo(workload);
    return tell(common);
  }

  function labelOf(workload: Workload, common: number): string {
    if (common >= workload.source.length) return `ends after ${common}`;
    return `${common + 1}: ${workload.source.statement(common).text}`;
  }

  function branch({ id }: Ask<'branch'>): Loaded {
    const s = loaded();
    const to = s.branches.find(id);
    if (to === undefined) throw invalid('There is no such branch any more.');
    s.branches.enter(to);
    return tell(changeTo(readWorkload(to.text)));
  }

  function designs({ design, other }: Ask<'designs'>): Loaded {
    const s = loaded();
    const mine = designFor(s.workload, design);
    const beside = other === '' ? '' : designFor(s.workload, other);
    if (mine !== s.design) s.left = newRun(s.workload, mine);
    if (beside === '') s.right = null;
    else if (beside !== s.other || s.right === null) s.right = newRun(s.workload, beside);
    s.design = mine;
    s.other = beside;
    return tell(0);
  }

  // ---- looking -------------------------------------------------------------------------------

  function sideRun(side: Side): Run<Env> {
    const s = loaded();
    if (side === 'left') return s.left;
    if (s.right === null) throw invalid('Nothing is compared.');
    return s.right;
  }

  function sceneOf(side: Side): Scene {
    const run = sideRun(side);
    const { k, event } = loaded().shown[side];
    return run.stand(Math.min(k, run.reached), event);
  }

  async function show(token: Token, { at, move, side = 'left', pictures }: Ask<'show'>): Promise<Answer<'show'>> {
    const run = sideRun(side);
    const place = await moveFrom(run, at, move, (k) => reach(token, run, k));
    const s = loaded();
    s.shown[side] = place;
    return picturesOf(run.stand(place.k, place.event), pictures, {
      branch: s.branches.current.id,
      branches: s.branches.listed(),
    });
  }

  async function finish(token: Token): Promise<Finish> {
    const run = sideRun('left');
    await reach(token, run, Infinity);
    const n = run.reached;
    const found = [...run.unexpected];
    const differences = found
      .slice(0, DIFFERENCES)
      .map(([k, text]) => ({ k, line: run.source.statement(k - 1).line, text }));
    return { n, fingerprint: fingerprint(run.stand(n, null).now), unexpected: found.length, differences };
  }

  async function compare(token: Token, { other }: Ask<'compare'>): Promise<Answer<'compare'>> {
    const comparer = comparerOf(other);
    await inSlices(
      token,
      (deadline) => comparer.advance(now, deadline),
      () => [comparer.k, loaded().workload.source.length],
    );
    return comparer.result();
  }

  function comparerOf(other: string): Comparer<Env> {
    const { workload, design } = loaded();
    if (other === '') throw invalid('Choose a second design to compare with.');
    return new Comparer(workload.source, watched(workload, design), watched(workload, designFor(workload, other)));
  }

  async function find(token: Token, { what }: Ask<'find'>): Promise<Answer<'find'>> {
    const s = loaded();
    if (what === 'difference') {
      const result = await compare(token, { other: s.other });
      return { k: (result.firstState ?? result.firstPath)?.k ?? null };
    }
    const { source } = s.workload;
    const machine = watched(s.workload, s.design);
    const env = source.start();
    let k = 0;
    let broken = false;
    await inSlices(
      token,
      (deadline) => {
        while (k < source.length && !broken && now() < deadline) {
          const operation = source.resolve(k, env);
          if (!isRefused(operation)) source.learn(k, env, operation, machine.execute(operation));
          k++;
          broken = validate(machine).length > 0;
        }
        return broken || k >= source.length;
      },
      () => [k, source.length],
    );
    if (broken) s.left.firstBroken = k;
    return { k: broken ? k : null };
  }

  async function ledger(token: Token, { designs: names }: Ask<'ledger'>): Promise<Ledger> {
    const { workload } = loaded();
    const run = new LedgerRun(workload.source, names, (name) => watched(workload, name));
    await inSlices(
      token,
      (deadline) => run.advance(now, deadline),
      () => [run.k, workload.source.length],
    );
    return run.ledger;
  }

  /** Carries work that yields how far it is through to its end. */
  async function through<T>(token: Token, work: Generator<Progress, T>): Promise<T> {
    let step = work.next();
    await inSlices(
      token,
      (deadline) => {
        while (step.done !== true && now() < deadline) step = work.next();
        return step.done === true;
      },
      () => (step.done === true ? [1, 1] : [step.value.done, step.value.of]),
    );
    assert(step.done === true, 'the work has come to its end');
    return step.value;
  }

  // ---- messages ------------------------------------------------------------------------------

  const answers: { [Q in Question]: (token: Token, ask: Ask<Q>) => Answer<Q> | Promise<Answer<Q>> } = {
    load: (_token, ask) => load(ask),
    edit: (_token, ask) => edit(ask),
    branch: (_token, ask) => branch(ask),
    designs: (_token, ask) => designs(ask),
    show,
    fellows: (_token, { refs, side = 'left' }) => fellowsOf(sceneOf(side), refs),
    async run(token, { to }) {
      const run = sideRun('left');
      await reach(token, run, to);
      return { reached: run.reached };
    },
    finish,
    compare,
    ledger,
    find,
    tlb: (_token, { who, side = 'left' }) => ({ tlb: tlbOf(sceneOf(side).now, who) }),
    proc: (_token, { who, file }) => ({ text: procText(sceneOf('left').now, who, file) }),
    import: (token, { files }) => through(token, importTexts(files)),
    async export(token, { as }) {
      const { workload, design } = loaded();
      return { text: await through(token, exportRun(workload, design, as)) };
    },
    ping: () => ({}),
  };

  /** Questions that change what is loaded end everything that looks at it. */
  const CHANGES = new Set<Question>(['load', 'edit', 'branch', 'designs']);

  async function answer<Q extends Question>(token: Token, question: Q, ask: Ask<Q>): Promise<void> {
    try {
      const said = await answers[question](token, ask);
      post({ type: 'answer', id: token.id, answer: said }, buffersIn(said));
    } catch (error) {
      const problem: Problem =
        error instanceof Stopped
          ? error.problem
          : error instanceof Overspent
            ? { kind: 'invalid', message: error.message }
            : { kind: 'mistake', message: error instanceof Error ? error.message : String(error) };
      post({ type: 'problem', id: token.id, problem }, []);
    } finally {
      open.delete(token.id);
    }
  }

  return {
    receive(message) {
      if (message.type === 'cancel') {
        const token = open.get(message.id);
        if (token !== undefined) token.cancelled = true;
        return;
      }
      const { id, question, ask } = message;
      const side: Side = question === 'show' ? (ask.side ?? 'left') : 'left';
      for (const other of open.values()) {
        if (CHANGES.has(question) || (question === 'show' && other.question === 'show' && other.side === side))
          other.cancelled = true;
      }
      const token = new Token(id, question, side);
      open.set(id, token);
      void answer(token, question, ask as Ask<Question>);
    },
  };
}

/** Buffers that are handed over, not copied. */
function buffersIn(answer: Answer<Question>): ArrayBuffer[] {
  if (!('heat' in answer) || answer.heat === undefined) return [];
  return [answer.heat.pixels.buffer, answer.heat.fill.buffer];
}
