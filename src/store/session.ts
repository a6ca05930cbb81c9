/** One session: the store and the actions that change it. All actions may be called at any time; the latest wish wins. */
import { createStore, type StoreApi } from 'zustand/vanilla';
import type { DesignName } from '../engine/designs/designs';
import type { Ledger } from '../history/ledger';
import type { TlbPicture } from '../history/tlb';
import type { Moment, PicturesRequest, ProcFile, Ref } from '../history/picture';
import type { ExportKind } from '../protocol/export';
import type { Imported } from '../protocol/import';
import type { Finish, Loaded, Move, Place } from '../protocol/messages';
import { NoAnswer, type Client } from '../worker/client';
import { insertStatement } from './insert';
import { createPlayer } from './player';
import { initialState } from './initial';
import type { State, WantPart } from './state';

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
const NOTICES = 5;

/** What is to be shown next: a place, or moves from where it stands. */
interface Wish {
  at: Place | null;
  moves: Move[];
  motion: State['time']['motion'];
}

export function createSession(client: Client): Session {
  const store = createStore<State>(initialState);
  const get = store.getState;
  const part = <K extends keyof State>(key: K, change: Partial<State[K]>): void =>
    store.setState((state) => ({ [key]: { ...state[key], ...change } }) as Partial<State>);
  let wish: Wish | null = null;
  let showing: Promise<void> | null = null;
  let typing = false;
  let nextNotice = 1;
  let losses = 0;
  let long = new AbortController();

  // ---- telling ------------------------------------------------------------------------------

  function tell(kind: 'told' | 'trouble', text: string): void {
    const notices = [...get().status.notices.filter((n) => n.text !== text), { id: nextNotice++, kind, text }];
    part('status', { notices: notices.slice(-NOTICES) });
  }

  /** Runs one exchange; what a person should know of its failure becomes a notice. True if it went well. */
  async function attempt(what: () => Promise<void>): Promise<boolean> {
    try {
      await what();
      return true;
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      const { kind, message } = error.problem;
      if (kind === 'mistake') tell('trouble', `mmscope made a mistake: ${message}`);
      else if (kind === 'invalid') tell('trouble', message);
      return false;
    } finally {
      part('status', {
        progress: null,
        state: client.busy ? 'busy' : get().status.state === 'ended' ? 'ended' : 'ready',
      });
    }
  }

  const progress = (done: number, of: number): void => part('status', { progress: { done, of }, state: 'busy' });

  // ---- showing ------------------------------------------------------------------------------

  function request(): PicturesRequest {
    const { want, selection } = get();
    const { who } = want;
    const keep = [...selection.selected, ...selection.hovered]
      .filter((ref) => ref.startsWith('area:'))
      .map((ref) => Number(ref.slice(5)));
    return {
      areas: { ...want.areas, who, keep },
      tree: { who, auto: true, ...want.tree },
      ...(want.heat === null ? {} : { heat: { ...want.heat, who } }),
      pool: { maxCells: want.maxPoolCells },
      frames: want.frames,
      ...(want.maxSteps === 0 ? {} : { path: { maxSteps: want.maxSteps } }),
      ...(want.proc === null ? {} : { proc: { ...want.proc, who } }),
      ...(selection.selected.length === 0 ? {} : { inspect: selection.selected[0]! }),
      timeline: { maxMarks: want.maxTimeMarks },
    };
  }

  /** Shows until no wish is left. */
  function show(next: Wish): Promise<void> {
    if (wish !== null && next.at === null && wish.moves.length < 8)
      wish = { ...wish, moves: [...wish.moves, ...next.moves] };
    else wish = next;
    showing ??= showAll().finally(() => (showing = null));
    return showing;
  }

  async function showAll(): Promise<void> {
    while (wish !== null) {
      const { at, moves, motion } = wish;
      wish = null;
      let place = at ?? get().time.place;
      const steps: (Move | undefined)[] = moves.length === 0 ? [undefined] : moves;
      for (const move of steps) {
        const from: Place = place;
        const ok = await attempt(async () => {
          place = await showOnce(from, move, motion);
        });
        if (!ok || wish !== null) break;
      }
    }
  }

  async function showOnce(at: Place, move: Move | undefined, motion: State['time']['motion']): Promise<Place> {
    const pictures = request();
    const left = await client.ask('show', { at, ...(move === undefined ? {} : { move }), pictures }, { progress });
    const place = { k: left.moment.k, event: left.moment.event };
    if (follow(left.moment, place.k)) return showOnce(place, undefined, 'jump');
    const loaded = get().scenario.loaded;
    const beside = loaded !== null && loaded.other !== '';
    // The other design's way inside an operation has steps of its own: it is shown where the operation stands complete.
    const right = beside
      ? await client.ask('show', { at: { k: place.k, event: null }, side: 'right', pictures }, { progress })
      : null;
    losses = 0;
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
      return showOnce(place, undefined, motion);
    }
    return place;
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

  const refresh = (): Promise<void> => show({ at: null, moves: [], motion: 'jump' });

  // ---- the scenario --------------------------------------------------------------------------

  function loadedAs(loaded: Loaded): void {
    part('scenario', { loaded });
    part('pictures', { comparison: null });
  }

  async function open(text: string, options: OpenOptions = {}): Promise<void> {
    player.pause();
    typing = false;
    part('scenario', { text, undo: [], redo: [] });
    part('selection', { selected: [], hovered: [], selectedFellows: null, hoveredFellows: null, inspection: null });
    part('want', { who: 0, tree: { ...get().want.tree, open: [], folded: [] } });
    await attempt(async () => {
      const ask = { text, design: options.design ?? '', other: options.other ?? '' };
      loadedAs(await client.ask('load', ask, { progress }));
      await show({ at: options.at ?? { k: 0, event: null }, moves: [], motion: 'jump' });
    });
  }

  /** Puts a text in the place of the present one and shows `k` in it, or as near as it goes. */
  async function replace(text: string, k: number, amend: boolean, motion: State['time']['motion']): Promise<void> {
    part('scenario', { text });
    await attempt(async () => {
      const loaded = await client.ask('edit', { text, amend }, { progress });
      loadedAs(loaded);
      if (get().scenario.text !== text) return;
      await show({ at: { k: Math.min(k, loaded.n), event: null }, moves: [], motion });
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
    await replace(text, get().time.place.k, amend, 'jump');
  }

  async function addStatement(statement: string): Promise<void> {
    const { text } = get().scenario;
    const above = get().pictures.left?.moment.linesAbove ?? text.split('\n').length;
    typing = false;
    remember(text);
    await replace(insertStatement(text, above, statement), get().time.place.k + 1, false, 'on');
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
    await replace(target, get().time.place.k, true, 'jump');
  }

  async function switchBranch(id: number): Promise<void> {
    typing = false;
    await attempt(async () => {
      const loaded = await client.ask('branch', { id }, { progress });
      remember(get().scenario.text);
      part('scenario', { text: loaded.text });
      loadedAs(loaded);
      await show({ at: { k: Math.min(get().time.place.k, loaded.n), event: null }, moves: [], motion: 'jump' });
    });
  }

  async function setDesigns(design: string, other: string): Promise<void> {
    await attempt(async () => {
      const loaded = await client.ask('designs', { design, other }, { progress });
      loadedAs(loaded);
      if (other === '') part('pictures', { right: null });
      const { k } = get().time.place;
      await show({ at: { k, event: null }, moves: [], motion: 'jump' });
    });
  }

  // ---- time ----------------------------------------------------------------------------------

  const move = (one: Move): Promise<void> => {
    typing = false;
    const near = one === 'first' || one === 'last' ? 'jump' : one === 'back' || one === 'backOperation' ? 'back' : 'on';
    return show({ at: null, moves: [one], motion: near });
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
    losses++;
    const what = problem.kind === 'hang' ? 'no longer answered' : 'stopped';
    if (losses > 3) {
      part('status', { state: 'ended', progress: null });
      tell('trouble', `The machine ${what} again. The scenario is kept; change it, and it starts anew.`);
      losses = 0;
      return;
    }
    tell('trouble', `The machine ${what} and was started again from the scenario. Nothing is lost.`);
    const { scenario, time } = get();
    if (scenario.loaded === null && scenario.text === '') return;
    const at = losses === 1 ? time.place : { k: 0, event: null };
    const { design = '', other = '' } = scenario.loaded ?? {};
    void attempt(async () => {
      loadedAs(await client.ask('load', { text: scenario.text, design, other }, { progress }));
      await show({ at, moves: [], motion: 'jump' });
    });
  });

  return {
    store,
    open,
    edit,
    addStatement,
    undo: () => travel(true),
    redo: () => travel(false),
    switchBranch,
    setDesigns,
    go: (place) => {
      typing = false;
      const from = get().time.place;
      const near = Math.abs(place.k - from.k) <= 1 && place.event === null && from.event === null;
      return show({ at: place, moves: [], motion: near ? (place.k < from.k ? 'back' : 'on') : 'jump' });
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
      const other = get().scenario.loaded?.other ?? '';
      await attempt(async () => {
        const comparison = await client.ask('compare', { other }, { progress, signal: long.signal });
        part('pictures', { comparison });
      });
    },
    async find(what) {
      await attempt(async () => {
        const { k } = await client.ask('find', { what }, { progress, signal: long.signal });
        if (k !== null) await show({ at: { k, event: null }, moves: [], motion: 'jump' });
        else
          tell('told', what === 'broken' ? 'No invariant is broken in the whole run.' : 'The two runs do not differ.');
      });
    },
    async ledger(designs) {
      let ledger: Ledger | null = null;
      await attempt(async () => {
        ledger = await client.ask('ledger', { designs }, { progress, signal: long.signal });
      });
      return ledger;
    },
    async finish() {
      let finish: Finish | null = null;
      await attempt(async () => {
        const { text } = get().scenario;
        const found = await client.ask('finish', {}, { progress, signal: long.signal });
        if (get().scenario.text === text) finish = found;
      });
      return finish;
    },
    async exportRun(as) {
      let text: string | null = null;
      await attempt(async () => {
        ({ text } = await client.ask('export', { as }, { progress, signal: long.signal }));
      });
      return text;
    },
    async importTexts(files) {
      let imported: Imported | null = null;
      await attempt(async () => {
        imported = await client.ask('import', { files }, { progress, signal: long.signal });
      });
      return imported;
    },
    async tlb(who) {
      let picture: TlbPicture | null = null;
      await attempt(async () => {
        picture = (await client.ask('tlb', { who })).tlb;
      });
      return picture;
    },
    async runAll() {
      await attempt(async () => {
        await client.ask('run', { to: Infinity }, { progress, signal: long.signal });
        await refresh();
      });
    },
    stop() {
      player.pause();
      long.abort();
      long = new AbortController();
      wish = null;
      part('status', { progress: null });
    },
    async procText(who, file) {
      let text = '';
      await attempt(async () => {
        text = (await client.ask('proc', { who, file })).text;
      });
      return text;
    },
    dismiss: (id) => part('status', { notices: get().status.notices.filter((n) => n.id !== id) }),
    end() {
      player.pause();
      client.end();
      part('status', { state: 'ended', progress: null });
    },
  };
}
