/** One session: the store and the actions that change it. All actions may be called at any time; each has its effect. */
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { DesignName } from '../engine/designs/designs';
import type { Ledger } from '../history/ledger';
import type { TlbPicture } from '../history/tlb';
import type { Moment, ProcFile, Ref } from '../history/picture';
import type { ExportKind } from '../protocol/export';
import type { Imported } from '../protocol/import';
import type { Finish, Loaded, Move, Place } from '../protocol/messages';
import { STOP, type Client } from '../worker/client';
import { createExchange } from './exchange';
import { createFutures } from './futures';
import { insertStatement } from './insert';
import { createPlayer } from './player';
import { initialState } from './initial';
import { requestOf } from './request';
import type { State, WantPart } from './state';
import { createWishes, type Came, type Motion, type Wish } from './wishes';

export interface OpenOptions {
  /** Where to stand; the start by default. */
  readonly at?: Place;
  /** Design and the one beside it; by default what the scenario names, and none. */
  readonly design?: string;
  readonly other?: string;
}

export interface Session {
  readonly store: StoreApi<State>;
  open(text: string, options?: OpenOptions): Promise<void>;
  edit(text: string): Promise<void>;
  addStatement(statement: string): Promise<void>;
  undo(): Promise<void>;
  redo(): Promise<void>;
  switchBranch(id: number): Promise<void>;
  setDesigns(design: string, other: string): Promise<void>;
  go(place: Place): Promise<void>;
  move(move: Move): Promise<void>;
  play(): void;
  pause(): void;
  setSpeed(speed: number): void;
  setFine(fine: boolean): void;
  select(refs: readonly Ref[]): Promise<void>;
  hover(refs: readonly Ref[]): void;
  want(change: Partial<WantPart>): Promise<void>;
  toggleTable(id: number, open: boolean): Promise<void>;
  compare(): Promise<void>;
  find(what: 'broken' | 'difference'): Promise<void>;
  /** What each of these designs costs on the whole scenario; null where it was cancelled. */
  ledger(designs: readonly DesignName[]): Promise<Ledger | null>;
  /** What the translation cache holds for a process at the moment shown; null where none is modelled. */
  tlb(who: number): Promise<TlbPicture | null>;
  runAll(): Promise<void>;
  /** What the whole run comes to; null where it was stopped, or where the text has changed meanwhile. */
  finish(): Promise<Finish | null>;
  /** The whole run as a file for other programs. Null where it was stopped. */
  exportRun(as: ExportKind): Promise<string | null>;
  /** Makes a scenario of texts from outside, and changes nothing. Null where it was stopped. */
  importTexts(files: readonly { name: string; text: string }[]): Promise<Imported | null>;
  stop(): void;
  procText(who: number, file: ProcFile): Promise<string>;
  dismiss(id: number): void;
  end(): void;
}

const UNDO_LIMIT = 200;

export interface SessionOptions {
  /** Whether a move from this moment is not to be made; asked when its turn has come. */
  readonly refuses?: (moment: Moment, move: Move) => boolean;
}

export function createSession(client: Client, { refuses = () => false }: SessionOptions = {}): Session {
  const store = createStore<State>(initialState);
  const get = store.getState;
  const part = <K extends keyof State>(key: K, change: Partial<State[K]>): void =>
    store.setState((state) => ({ [key]: { ...state[key], ...change } }) as Partial<State>);
  const { tell, attempt, answer, progress } = createExchange(store, client, () => long.signal);
  const futures = createFutures();
  let typing = false;
  let losses = 0;
  let long = new AbortController();
  /** What is loaded, or asked for, beside the text: to load it again as it was. */
  let asked = { design: '', other: '' };
  /** Where the moves carried out so far have led, while that is not shown yet. */
  let ahead: Place | null = null;
  let changing: Promise<unknown> | null = null;
  /** Ends the showing that is under way. */
  let showing = new AbortController();

  /** As `attempt`, for what changes what is loaded: nothing is shown before it is done. Ask for what it leads to inside. */
  async function change(what: () => Promise<void>): Promise<void> {
    const mine = attempt(what);
    const all = Promise.allSettled([changing, mine]);
    changing = all;
    await mine;
    if (changing === all) changing = null;
  }

  // ---- showing ------------------------------------------------------------------------------

  const standing = (): Place => ahead ?? get().time.place;

  const wishes = createWishes({
    changing: () => changing,
    carryOut,
    overtaken() {
      // Pictures that come soon may as well come: a slider that is dragged shows something on its way.
      if (get().status.progress !== null) showing.abort();
    },
  });

  /** How often the worker was lost over each wish. */
  const lost = new WeakMap<Wish, number>();

  async function carryOut(wish: Wish): Promise<Came> {
    if (wish.kind === 'insert') {
      insert(wish.statement);
      return 'done';
    }
    const moment = lastMoment;
    if (wish.kind === 'move' && moment !== null && refuses(moment, wish.move)) {
      // What was left out on the way here is shown after all.
      if (ahead === null) return 'done';
      wish = { kind: 'again' };
    }
    showing = new AbortController();
    const signal = AbortSignal.any([showing.signal, long.signal]);
    const problem = await attempt(() => carryOutOnce(wish, signal));
    if (problem === null) return 'done';
    if (problem.kind === 'crash' || problem.kind === 'hang') {
      const times = (lost.get(wish) ?? 0) + 1;
      lost.set(wish, times);
      return times > 1 ? 'given up' : 'later';
    }
    return problem.kind === 'cancelled' && !signal.aborted ? 'later' : 'given up';
  }

  async function carryOutOnce(wish: Wish, signal: AbortSignal): Promise<void> {
    const at = wish.kind === 'go' ? wish.at : standing();
    const move = wish.kind === 'move' ? wish.move : undefined;
    if (move !== undefined && wishes.more) {
      const { moment } = await client.ask('show', { at, move, pictures: {} }, { progress, signal });
      lastMoment = moment;
      ahead = { k: moment.k, event: moment.event };
      return;
    }
    const near: Motion = move === 'back' || move === 'backOperation' ? 'back' : 'on';
    const far = ahead !== null || move === undefined || move === 'first' || move === 'last';
    await showOnce(at, move, wish.kind === 'go' ? wish.motion : far ? 'jump' : near, signal);
  }

  /** Where the machine stood when it was asked last; null before, and after a change of the scenario. */
  let lastMoment: Moment | null = null;

  async function showOnce(at: Place, move: Move | undefined, motion: Motion, signal: AbortSignal): Promise<void> {
    const pictures = requestOf(get());
    const left = await client.ask(
      'show',
      { at, ...(move === undefined ? {} : { move }), pictures },
      { progress, signal },
    );
    const place = { k: left.moment.k, event: left.moment.event };
    if (follow(left.moment, place.k)) return showOnce(place, undefined, motion, signal);
    const loaded = get().scenario.loaded;
    const beside = loaded !== null && loaded.other !== '';
    // The other design's way inside an operation has steps of its own: it is shown where the operation stands complete.
    const right = beside
      ? await client.ask('show', { at: { k: place.k, event: null }, side: 'right', pictures }, { progress, signal })
      : null;
    losses = 0;
    ahead = null;
    lastMoment = left.moment;
    const still = place.k === get().time.place.k && place.event === get().time.place.event;
    store.setState((state) => ({
      time: { ...state.time, place, motion: still ? 'jump' : motion },
      pictures: { ...state.pictures, left, right },
      selection: {
        ...state.selection,
        inspection: left.inspection ?? null,
        selectedFellows: left.inspection?.fellows ?? null,
      },
    }));
    const alive = left.moment.processes.filter((p) => p.mark !== 'gone');
    if (alive.length > 0 && !left.moment.processes.some((p) => p.who === get().want.who)) {
      part('want', { who: alive[0]!.who });
      return showOnce(place, undefined, motion, signal);
    }
  }

  /** Looks at the process that did the operation just reached. False where it is looked at already, or has gone. */
  function follow(moment: Moment, k: number): boolean {
    const { want, time } = get();
    const acting = moment.statement?.who;
    if (acting === undefined || acting === want.who || k === time.place.k) return false;
    if (!moment.processes.some((p) => p.who === acting && p.mark !== 'gone')) return false;
    const { frames } = want;
    part('want', { who: acting, frames: frames.who === null ? frames : { ...frames, who: acting, from: 0 } });
    return true;
  }

  const refresh = (): Promise<void> => wishes.add({ kind: 'again' });

  /** Shows a place, or the end where the run is shorter, before whatever waits to be shown. */
  function showFirst(at: Place, motion: Motion = 'jump'): void {
    const n = get().scenario.loaded?.n ?? 0;
    void wishes.addFirst({ kind: 'go', at: at.k <= n ? at : { k: n, event: null }, motion });
  }

  /** Shows the same operation as before, complete. */
  const showSame = (): void => showFirst({ k: standing().k, event: null });

  // ---- the scenario --------------------------------------------------------------------------

  function loadedAs(loaded: Loaded): void {
    futures.note(loaded);
    asked = { design: loaded.design, other: loaded.other };
    part('scenario', { loaded });
    part('pictures', { comparison: null });
  }

  async function load(): Promise<void> {
    const { text } = get().scenario;
    loadedAs(await client.ask('load', { text, ...asked, futures: futures.all() }, { progress }));
  }

  async function open(text: string, options: OpenOptions = {}): Promise<void> {
    player.pause();
    typing = false;
    wishes.clear();
    futures.clear();
    const at = options.at ?? { k: 0, event: null };
    ahead = at;
    asked = { design: options.design ?? '', other: options.other ?? '' };
    part('scenario', { text, undo: [], redo: [] });
    part('selection', { selected: [], hovered: [], selectedFellows: null, hoveredFellows: null, inspection: null });
    const { areas, tree } = get().want;
    part('want', {
      who: 0,
      areas: { ...areas, window: undefined, foldUntouched: true },
      tree: { ...tree, open: [], folded: [] },
      wall: null,
    });
    await change(async () => {
      await load();
      showFirst(at);
    });
    await wishes.idle();
  }

  /** Puts a text in the place of the present one. `lead` asks for what is to be shown of it. */
  async function replace(text: string, amend: boolean, lead: () => void): Promise<void> {
    part('scenario', { text });
    await change(async () => {
      loadedAs(await client.ask('edit', { text, amend }, { progress }));
      if (get().scenario.text === text) lead();
    });
  }

  function remember(before: string): void {
    part('scenario', { undo: [...get().scenario.undo, before].slice(-UNDO_LIMIT), redo: [] });
  }

  async function edit(text: string): Promise<void> {
    const before = get().scenario.text;
    if (text === before) return;
    const amend = typing;
    if (!amend) remember(before);
    typing = true;
    await replace(text, amend, showSame);
    await wishes.idle();
  }

  function insert(statement: string): void {
    const { text } = get().scenario;
    const at = { k: standing().k + 1, event: null };
    typing = false;
    remember(text);
    void replace(insertStatement(text, lastMoment?.linesAbove ?? Infinity, statement), false, () =>
      showFirst(at, 'on'),
    );
  }

  async function travel(back: boolean): Promise<void> {
    const { undo, redo, text } = get().scenario;
    const target = back ? undo.at(-1) : redo.at(-1);
    if (target === undefined) return;
    typing = false;
    part(
      'scenario',
      back ? { undo: undo.slice(0, -1), redo: [...redo, text] } : { undo: [...undo, text], redo: redo.slice(0, -1) },
    );
    await replace(target, true, showSame);
    await wishes.idle();
  }

  async function switchBranch(id: number): Promise<void> {
    typing = false;
    await change(async () => {
      const loaded = await client.ask('branch', { id }, { progress });
      remember(get().scenario.text);
      part('scenario', { text: loaded.text });
      loadedAs(loaded);
      showSame();
    });
    await wishes.idle();
  }

  async function setDesigns(design: string, other: string): Promise<void> {
    asked = { design, other };
    await change(async () => {
      loadedAs(await client.ask('designs', asked, { progress }));
      if (asked.other === '') part('pictures', { right: null });
      showSame();
    });
    await wishes.idle();
  }

  // ---- time ----------------------------------------------------------------------------------

  const move = (one: Move): Promise<void> => {
    typing = false;
    return wishes.add({ kind: 'move', move: one });
  };

  const player = createPlayer(store, async () => {
    await move(get().time.fine ? 'next' : 'nextOperation');
  });

  // ---- pointing ------------------------------------------------------------------------------

  let pointing = 0;
  async function hover(refs: readonly Ref[]): Promise<void> {
    if (refs.join() === get().selection.hovered.join()) return;
    const mine = ++pointing;
    part('selection', { hovered: refs, ...(refs.length === 0 ? { hoveredFellows: null } : {}) });
    if (refs.length === 0) return;
    await attempt(async () => {
      const fellows = await client.ask('fellows', { refs });
      if (mine === pointing) part('selection', { hoveredFellows: fellows });
    });
  }

  async function select(refs: readonly Ref[]): Promise<void> {
    part('selection', { selected: refs });
    if (refs.length === 0) part('selection', { inspection: null, selectedFellows: null });
    else await refresh();
  }

  // ---- recovery ------------------------------------------------------------------------------

  client.onRestart((problem) => {
    const stopped = problem.kind === 'stopped';
    if (!stopped) losses++;
    const what = problem.kind === 'hang' ? 'no longer answered' : 'stopped';
    if (losses > 3) {
      part('status', { state: 'ended', progress: null });
      tell('trouble', `The machine ${what} again. The scenario is kept; change it, and it starts anew.`);
      losses = 0;
      wishes.clear();
      return;
    }
    if (stopped) tell('told', problem.message);
    else tell('trouble', `The machine ${what} and was started again from the scenario. Nothing is lost.`);
    const { scenario } = get();
    if (scenario.loaded === null && scenario.text === '') return;
    const at = stopped || losses === 1 ? standing() : { k: 0, event: null };
    void change(async () => {
      await load();
      showFirst(at);
    });
  });

  return {
    store,
    open,
    edit,
    addStatement: (statement) => wishes.add({ kind: 'insert', statement }),
    undo: () => travel(true),
    redo: () => travel(false),
    switchBranch,
    setDesigns,
    go: (place) => {
      typing = false;
      const from = get().time.place;
      const near = Math.abs(place.k - from.k) <= 1 && place.event === null && from.event === null;
      return wishes.add({ kind: 'go', at: place, motion: near ? (place.k < from.k ? 'back' : 'on') : 'jump' });
    },
    move,
    play: () => player.play(),
    pause: () => player.pause(),
    setSpeed: (speed) => part('time', { speed }),
    setFine: (fine) => part('time', { fine }),
    select,
    hover: (refs) => void hover(refs),
    want: (change) => {
      part('want', change);
      return refresh();
    },
    toggleTable(id, open) {
      const { tree } = get().want;
      const without = (list: readonly number[]) => list.filter((x) => x !== id);
      part('want', {
        tree: open
          ? { ...tree, open: [...without(tree.open), id].slice(-200), folded: without(tree.folded) }
          : { ...tree, open: without(tree.open), folded: [...without(tree.folded), id].slice(-200) },
      });
      return refresh();
    },
    async compare() {
      const comparison = await answer('compare', { other: get().scenario.loaded?.other ?? '' });
      if (comparison !== null) part('pictures', { comparison });
    },
    async find(what) {
      const found = await answer('find', { what });
      if (found === null) return;
      if (found.k !== null) await wishes.add({ kind: 'go', at: { k: found.k, event: null }, motion: 'jump' });
      else tell('told', what === 'broken' ? 'No invariant is broken in the whole run.' : 'The two runs do not differ.');
    },
    ledger: (designs) => answer('ledger', { designs }),
    async finish() {
      const { text } = get().scenario;
      const finish = await answer('finish', {});
      return get().scenario.text === text ? finish : null;
    },
    exportRun: async (as) => (await answer('export', { as }))?.text ?? null,
    importTexts: (files) => answer('import', { files }),
    tlb: async (who) => (await answer('tlb', { who }))?.tlb ?? null,
    procText: async (who, file) => (await answer('proc', { who, file }))?.text ?? '',
    async runAll() {
      if ((await answer('run', { to: Infinity })) !== null) await refresh();
    },
    stop() {
      player.pause();
      wishes.clear();
      long.abort(STOP);
      long = new AbortController();
      showing.abort(STOP);
      part('status', { progress: null });
      if (ahead !== null) void refresh();
    },
    dismiss: (id) => part('status', { notices: get().status.notices.filter((n) => n.id !== id) }),
    end() {
      player.pause();
      wishes.clear();
      client.end();
      part('status', { state: 'ended', progress: null });
    },
  };
}
