/** Everything that can be done, once: keys, the command box and the menu are made from this list. */
import type { Session } from '../store/session';
import { OPERATION_HEADS } from './operation-heads';
import type { Command } from './keyboard';
import { SPEEDS } from './panes/Player';
import { ARGUMENT_TABS, DRAWERS, THEMES, useUi } from './ui';

/** What the page does that is neither the session's nor the arrangement's. */
export interface PageActions {
  openFile(): void;
  /** The browser's own choice of files. */
  chooseFiles(): void;
  saveFile(): void;
  compare(on: boolean): void;
  present(on: boolean): void;
  addForm(name: string): void;
  /** Opens or closes the wall of two processes. */
  wall(): void;
  /** Goes on by one beat of the step that is shown, or back. */
  beat(by: 1 | -1): void;
}

export function commandsOf(session: Session, page: PageActions): Command[] {
  const { store } = session;
  const ui = useUi.getState;
  const set = (change: Parameters<ReturnType<typeof ui>['set']>[0]) => ui().set(change);
  const step = (on: boolean) =>
    session.move(store.getState().time.fine ? (on ? 'next' : 'back') : on ? 'nextOperation' : 'backOperation');
  const speed = (by: number) => {
    const at = SPEEDS.findIndex((one) => one === store.getState().time.speed);
    session.setSpeed(SPEEDS[Math.max(0, Math.min(SPEEDS.length - 1, at + by))]);
  };
  const playing = () => store.getState().time.playing;
  return [
    { id: 'next', name: 'Next step', keys: ['ArrowRight', 'PageDown'], run: () => step(true) },
    { id: 'back', name: 'Back one step', keys: ['ArrowLeft', 'PageUp'], run: () => step(false) },
    {
      id: 'next-operation',
      name: 'Next operation',
      keys: ['Shift+ArrowRight', 'Shift+PageDown'],
      run: () => session.move('nextOperation'),
    },
    {
      id: 'back-operation',
      name: 'Back one operation',
      keys: ['Shift+ArrowLeft', 'Shift+PageUp'],
      run: () => session.move('backOperation'),
    },
    { id: 'nextBeat', name: 'Next beat of this step', keys: [']'], run: () => page.beat(1) },
    { id: 'backBeat', name: 'Back one beat of this step', keys: ['['], run: () => page.beat(-1) },
    { id: 'play', name: 'Play or pause', keys: ['Space'], run: () => (playing() ? session.pause() : session.play()) },
    { id: 'first', name: 'First step', keys: ['Home'], run: () => session.move('first') },
    { id: 'last', name: 'Last step', keys: ['End'], run: () => session.move('last') },
    {
      id: 'grain',
      name: 'Steps by operation or by event',
      keys: ['e'],
      run: () => session.setFine(!store.getState().time.fine),
    },
    { id: 'more', name: 'More about this moment', keys: ['m'], run: () => set({ more: !ui().more }) },
    { id: 'faster', name: 'Faster', keys: ['>'], run: () => speed(1) },
    { id: 'slower', name: 'Slower', keys: ['<'], run: () => speed(-1) },
    { id: 'command', name: 'Command box', keys: ['Ctrl+k', '/'], run: () => set({ dialog: 'command' }) },
    { id: 'keys', name: 'Sheet of keys', keys: ['?'], run: () => set({ dialog: 'keys' }) },
    { id: 'undo', name: 'Undo the last change of the scenario', keys: ['Ctrl+z'], run: () => session.undo() },
    { id: 'redo', name: 'Redo', keys: ['Ctrl+Shift+z', 'Ctrl+y'], run: () => session.redo() },
    {
      id: 'compare',
      name: 'Side by side: compare the designs',
      keys: ['c'],
      run: () => page.compare(!store.getState().scenario.loaded?.other),
    },
    { id: 'wall', name: 'Wall: two processes at once', keys: ['w'], run: () => page.wall() },
    {
      id: 'difference',
      name: 'Go to the first difference between the designs',
      keys: [],
      run: () => void session.find('difference'),
    },
    { id: 'broken', name: 'Go to the first broken invariant', keys: [], run: () => void session.find('broken') },
    { id: 'twins', name: 'Pictures as text', keys: ['t'], run: () => set({ twins: !ui().twins }) },
    { id: 'fit', name: 'Fit: show everything again', keys: ['f'], run: () => showAll(session) },
    { id: 'blank', name: 'Blank the screen', keys: ['.', 'b'], run: () => set({ blank: !ui().blank }) },
    { id: 'present', name: 'Present: large type', keys: ['p'], run: () => page.present(!ui().presenting) },
    { id: 'run', name: 'Run to the end without looking', keys: [], run: () => void session.runAll() },
    { id: 'library', name: 'Scenarios: open one of the library', keys: [], run: () => set({ dialog: 'library' }) },
    ...ARGUMENT_TABS.map((argument) => ({
      id: argument === 'designs' ? 'argument' : `argument-${argument}`,
      name: `The argument: ${ARGUMENT_NAMES[argument]}`,
      keys: argument === 'designs' ? ['a'] : [],
      run: () => set({ dialog: 'argument', argument }),
    })),
    { id: 'tour', name: 'The argument, told stop by stop', keys: [], run: () => set({ tour: ui().tour ?? 0 }) },
    { id: 'share', name: 'Share: a link, a file, a QR code', keys: [], run: () => set({ dialog: 'share' }) },
    {
      id: 'open',
      name: 'Open a file, or import a trace of a real program',
      keys: ['Ctrl+o'],
      run: () => page.openFile(),
    },
    { id: 'kept', name: 'Kept work: what this browser has kept', keys: [], run: () => set({ dialog: 'kept' }) },
    {
      id: 'export',
      name: 'Export pictures, the run, counters or /proc',
      keys: [],
      run: () => set({ dialog: 'export' }),
    },
    {
      id: 'handout',
      name: 'Handout: the steps on paper, with or without answers',
      keys: [],
      run: () => set({ dialog: 'handout' }),
    },
    { id: 'licences', name: 'Licences of all that is shipped', keys: [], run: () => set({ dialog: 'licences' }) },
    { id: 'save', name: 'Save the scenario as a file', keys: ['Ctrl+s'], run: () => page.saveFile() },
    ...OPERATION_HEADS.map(({ name }) => ({
      id: `add-${name}`,
      name: `Add ${name}`,
      keys: [],
      run: () => page.addForm(name),
    })),
    ...DRAWERS.map((drawer) => ({
      id: `drawer-${drawer}`,
      name: `Show ${DRAWER_NAMES[drawer]}`,
      keys: [],
      run: () => set({ drawer, place: 'drawer', behind: true }),
    })),
    ...THEMES.map((theme) => ({ id: `theme-${theme}`, name: `Theme: ${theme}`, keys: [], run: () => set({ theme }) })),
    {
      id: 'single',
      name: 'Single-key shortcuts on or off',
      keys: [],
      run: () => set({ singleKeys: !ui().singleKeys }),
    },
  ];
}

const ARGUMENT_NAMES = {
  designs: 'the designs',
  differences: 'where two runs differ',
  ledger: 'what each design costs',
  bench: 'the drivers’ bench',
  tlb: 'the translation cache',
} as const;

const DRAWER_NAMES = {
  path: 'the path',
  source: "the design's source",
  proc: '/proc',
  inspector: 'the selection',
} as const;

/** Every window, fold and opened table back to what is shown without being asked. */
function showAll(session: Session): void {
  const { areas, tree } = session.store.getState().want;
  const { fits, set } = useUi.getState();
  set({ fits: fits + 1 });
  void session.want({
    areas: { ...areas, window: undefined, foldUntouched: true },
    tree: { ...tree, open: [], folded: [] },
  });
}
